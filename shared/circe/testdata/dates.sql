WITH events0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (
  SELECT t.condition_end_date, t.condition_occurrence_id, t.condition_start_date, t.person_id, t.visit_occurrence_id,
    DATE_ADD(COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)), INTERVAL @p3 DAY) AS adjusted_start,
    DATE_ADD(t.condition_start_date, INTERVAL @p4 DAY) AS adjusted_end,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.condition_start_date, t.condition_occurrence_id) AS place
  FROM `demo-test.cdr.condition_occurrence` AS t
WHERE t.condition_concept_id IN UNNEST(@p0)
) AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.place = 1
  AND t.adjusted_end >= t.adjusted_start
  AND (EXTRACT(YEAR FROM t.adjusted_start) - p.year_of_birth) >= @p1
  AND (t.adjusted_start) > @p2
),
events1 AS (
SELECT t.person_id, t.specimen_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.person_id, t.specimen_date, t.specimen_id,
    t.specimen_date AS adjusted_start,
    DATE_ADD(DATE_ADD(t.specimen_date, INTERVAL 1 DAY), INTERVAL @p5 DAY) AS adjusted_end
  FROM `demo-test.cdr.specimen` AS t
WHERE t.specimen_concept_id IN UNNEST(@p0)
) AS t
WHERE t.adjusted_end >= t.adjusted_start
),
events2 AS (
SELECT t.person_id, t.observation_period_id AS event_id, @p6 AS start_date, @p7 AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.observation_period` AS t
WHERE @p6 BETWEEN t.observation_period_start_date AND t.observation_period_end_date
  AND @p7 BETWEEN t.observation_period_start_date AND t.observation_period_end_date
  AND (DATE_DIFF(t.observation_period_end_date, t.observation_period_start_date, DAY)) > @p8
),
events3 AS (
SELECT t.person_id, t.payer_plan_period_id AS event_id, t.payer_plan_period_start_date AS start_date, @p7 AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.payer_concept_id, t.payer_plan_period_end_date, t.payer_plan_period_id, t.payer_plan_period_start_date, t.person_id, t.plan_source_concept_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.payer_plan_period_start_date, t.payer_plan_period_id) AS place
  FROM `demo-test.cdr.payer_plan_period` AS t
) AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.place = 1
  AND @p7 BETWEEN t.payer_plan_period_start_date AND t.payer_plan_period_end_date
  AND p.gender_concept_id IN UNNEST(@p0)
  AND t.payer_concept_id IN UNNEST(@p0)
  AND t.plan_source_concept_id IN UNNEST(@p9)
),
events4 AS (
SELECT t.person_id, t.visit_occurrence_id AS event_id, t.visit_start_date AS start_date, t.visit_end_date AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.visit_occurrence` AS t
JOIN `demo-test.cdr.care_site` AS cs ON cs.care_site_id = t.care_site_id
WHERE t.visit_concept_id IN UNNEST(@p9)
  AND cs.place_of_service_concept_id IN UNNEST(@p10)
  AND cs.place_of_service_concept_id NOT IN UNNEST(@p9)
),
primary5 AS (
SELECT e.person_id, e.start_date, e.end_date, e.visit_occurrence_id, o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end, ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 0 AS source FROM events0
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 1 AS source FROM events1
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 2 AS source FROM events2
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 3 AS source FROM events3
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 4 AS source FROM events4
) AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
events6 AS (
SELECT t.person_id, t.drug_exposure_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, t.visit_occurrence_id AS visit_occurrence_id, t.adjusted_start AS value
FROM (
  SELECT t.days_supply, t.drug_exposure_end_date, t.drug_exposure_id, t.drug_exposure_start_date, t.person_id, t.visit_occurrence_id,
    t.drug_exposure_start_date AS adjusted_start,
    DATE_ADD(COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY)), INTERVAL @p8 DAY) AS adjusted_end
  FROM `demo-test.cdr.drug_exposure` AS t
WHERE t.drug_concept_id IN UNNEST(@p9)
) AS t
WHERE t.adjusted_end >= t.adjusted_start
),
match7 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary5 AS e
JOIN events6 AS a ON a.person_id = e.person_id
  AND a.start_date <= e.start_date
  AND a.start_date >= DATE_ADD(e.start_date, INTERVAL @p11 DAY)
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
HAVING COUNT(DISTINCT a.value) >= 2
),
chosen8 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id) AS place
FROM match7 AS e
)
WHERE place = 1
),
periods9 AS (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM chosen8 AS e
)
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM periods9
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":18}
-- {"name":"p2","type":"DATE","text":"2010-01-01"}
-- {"name":"p3","type":"INT64","int":3}
-- {"name":"p4","type":"INT64","int":-5}
-- {"name":"p5","type":"INT64","int":7}
-- {"name":"p6","type":"DATE","text":"2013-01-01"}
-- {"name":"p7","type":"DATE","text":"2014-12-31"}
-- {"name":"p8","type":"INT64","int":30}
-- {"name":"p9","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"p10","type":"ARRAY\u003cINT64\u003e","ints":[8756]}
-- {"name":"p11","type":"INT64","int":-30}
