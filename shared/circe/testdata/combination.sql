WITH xl0xevents0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.condition_start_date AS start_date, COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.condition_occurrence` AS t
WHERE t.condition_concept_id IN UNNEST(@xl0xp0)
),
xl0xprimary1 AS (
SELECT e.person_id, e.start_date, e.end_date, e.visit_occurrence_id, o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end, ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM xl0xevents0 AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
WHERE DATE_ADD(o.observation_period_start_date, INTERVAL @xl0xp1 DAY) <= e.start_date
),
xl0xevents2 AS (
SELECT t.person_id, t.drug_exposure_id AS event_id, t.drug_exposure_start_date AS start_date, COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.drug_exposure` AS t
WHERE t.drug_concept_id IN UNNEST(@xl0xp3)
),
xl0xmatch3 AS (
SELECT DISTINCT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM xl0xprimary1 AS e
JOIN xl0xevents2 AS a ON a.person_id = e.person_id
  AND a.start_date <= DATE_ADD(e.start_date, INTERVAL @xl0xp2 DAY)
  AND a.start_date >= e.start_date
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
xl0xbest4 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id) AS place
FROM xl0xmatch3 AS e
)
WHERE place = 1
),
xl0xperiods5 AS (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM xl0xbest4 AS e
),
xleaf0 AS (
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM xl0xperiods5
),
xl1xevents0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (
  SELECT t.condition_end_date, t.condition_occurrence_id, t.condition_start_date, t.person_id, t.visit_occurrence_id,
    DATE_ADD(COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)), INTERVAL @xl1xp3 DAY) AS adjusted_start,
    DATE_ADD(t.condition_start_date, INTERVAL @xl1xp4 DAY) AS adjusted_end,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.condition_start_date, t.condition_occurrence_id) AS place
  FROM `demo-test.cdr.condition_occurrence` AS t
WHERE t.condition_concept_id IN UNNEST(@xl1xp0)
) AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.place = 1
  AND t.adjusted_end >= t.adjusted_start
  AND (EXTRACT(YEAR FROM t.adjusted_start) - p.year_of_birth) >= @xl1xp1
  AND (t.adjusted_start) > @xl1xp2
),
xl1xevents1 AS (
SELECT t.person_id, t.specimen_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.person_id, t.specimen_date, t.specimen_id,
    t.specimen_date AS adjusted_start,
    DATE_ADD(DATE_ADD(t.specimen_date, INTERVAL 1 DAY), INTERVAL @xl1xp5 DAY) AS adjusted_end
  FROM `demo-test.cdr.specimen` AS t
WHERE t.specimen_concept_id IN UNNEST(@xl1xp0)
) AS t
WHERE t.adjusted_end >= t.adjusted_start
),
xl1xevents2 AS (
SELECT t.person_id, t.observation_period_id AS event_id, @xl1xp6 AS start_date, @xl1xp7 AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.observation_period` AS t
WHERE @xl1xp6 BETWEEN t.observation_period_start_date AND t.observation_period_end_date
  AND @xl1xp7 BETWEEN t.observation_period_start_date AND t.observation_period_end_date
  AND (DATE_DIFF(t.observation_period_end_date, t.observation_period_start_date, DAY)) > @xl1xp8
),
xl1xevents3 AS (
SELECT t.person_id, t.payer_plan_period_id AS event_id, t.payer_plan_period_start_date AS start_date, @xl1xp7 AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.payer_concept_id, t.payer_plan_period_end_date, t.payer_plan_period_id, t.payer_plan_period_start_date, t.person_id, t.plan_source_concept_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.payer_plan_period_start_date, t.payer_plan_period_id) AS place
  FROM `demo-test.cdr.payer_plan_period` AS t
) AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.place = 1
  AND @xl1xp7 BETWEEN t.payer_plan_period_start_date AND t.payer_plan_period_end_date
  AND p.gender_concept_id IN UNNEST(@xl1xp0)
  AND t.payer_concept_id IN UNNEST(@xl1xp0)
  AND t.plan_source_concept_id IN UNNEST(@xl1xp9)
),
xl1xevents4 AS (
SELECT t.person_id, t.visit_occurrence_id AS event_id, t.visit_start_date AS start_date, t.visit_end_date AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.visit_occurrence` AS t
JOIN `demo-test.cdr.care_site` AS cs ON cs.care_site_id = t.care_site_id
WHERE t.visit_concept_id IN UNNEST(@xl1xp9)
  AND cs.place_of_service_concept_id IN UNNEST(@xl1xp10)
  AND cs.place_of_service_concept_id NOT IN UNNEST(@xl1xp9)
),
xl1xprimary5 AS (
SELECT e.person_id, e.start_date, e.end_date, e.visit_occurrence_id, o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end, ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 0 AS source FROM xl1xevents0
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 1 AS source FROM xl1xevents1
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 2 AS source FROM xl1xevents2
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 3 AS source FROM xl1xevents3
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 4 AS source FROM xl1xevents4
) AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
xl1xevents6 AS (
SELECT t.person_id, t.drug_exposure_id AS event_id, t.adjusted_start AS start_date, t.adjusted_end AS end_date, t.visit_occurrence_id AS visit_occurrence_id, t.adjusted_start AS value
FROM (
  SELECT t.days_supply, t.drug_exposure_end_date, t.drug_exposure_id, t.drug_exposure_start_date, t.person_id, t.visit_occurrence_id,
    t.drug_exposure_start_date AS adjusted_start,
    DATE_ADD(COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY)), INTERVAL @xl1xp8 DAY) AS adjusted_end
  FROM `demo-test.cdr.drug_exposure` AS t
WHERE t.drug_concept_id IN UNNEST(@xl1xp9)
) AS t
WHERE t.adjusted_end >= t.adjusted_start
),
xl1xmatch7 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM xl1xprimary5 AS e
JOIN xl1xevents6 AS a ON a.person_id = e.person_id
  AND a.start_date <= e.start_date
  AND a.start_date >= DATE_ADD(e.start_date, INTERVAL @xl1xp11 DAY)
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
HAVING COUNT(DISTINCT a.value) >= 2
),
xl1xchosen8 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id) AS place
FROM xl1xmatch7 AS e
)
WHERE place = 1
),
xl1xperiods9 AS (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM xl1xchosen8 AS e
),
xleaf1 AS (
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM xl1xperiods9
),
xdays0 AS (
SELECT subject_id, day, SUM(opens) AS opens
FROM (
SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, 1 AS opens FROM xleaf1
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -1 AS opens FROM xleaf1
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, 1 AS opens FROM xleaf0
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -1 AS opens FROM xleaf0
)
GROUP BY subject_id, day
),
xheld1 AS (
SELECT subject_id, day, SUM(opens) OVER (PARTITION BY subject_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) = 2 AS kept
FROM xdays0
),
xturns2 AS (
SELECT subject_id, day, kept, COALESCE(LAG(kept) OVER (PARTITION BY subject_id ORDER BY day), FALSE) AS before
FROM xheld1
),
xspans3 AS (
SELECT subject_id, day, kept, LEAD(day) OVER (PARTITION BY subject_id ORDER BY day) AS ends
FROM xturns2
WHERE kept <> before
),
xjoined4 AS (
SELECT subject_id, DATE_FROM_UNIX_DATE(day) AS cohort_start_date, DATE_FROM_UNIX_DATE(ends - 1) AS cohort_end_date
FROM xspans3
WHERE kept
),
xdays5 AS (
SELECT subject_id, day, SUM(opens) AS opens
FROM (
SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, 2 AS opens FROM xleaf0
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -2 AS opens FROM xleaf0
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, 1 AS opens FROM xjoined4
UNION ALL
SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -1 AS opens FROM xjoined4
)
GROUP BY subject_id, day
),
xheld6 AS (
SELECT subject_id, day, SUM(opens) OVER (PARTITION BY subject_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) = 2 AS kept
FROM xdays5
),
xturns7 AS (
SELECT subject_id, day, kept, COALESCE(LAG(kept) OVER (PARTITION BY subject_id ORDER BY day), FALSE) AS before
FROM xheld6
),
xspans8 AS (
SELECT subject_id, day, kept, LEAD(day) OVER (PARTITION BY subject_id ORDER BY day) AS ends
FROM xturns7
WHERE kept <> before
),
xjoined9 AS (
SELECT subject_id, DATE_FROM_UNIX_DATE(day) AS cohort_start_date, DATE_FROM_UNIX_DATE(ends - 1) AS cohort_end_date
FROM xspans8
WHERE kept
)
SELECT subject_id, cohort_start_date, cohort_end_date
FROM xjoined9
-- {"name":"xl0xp0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"xl0xp1","type":"INT64","int":365}
-- {"name":"xl0xp2","type":"INT64","int":30}
-- {"name":"xl0xp3","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"xl1xp0","type":"ARRAY\u003cINT64\u003e","ints":[8507]}
-- {"name":"xl1xp1","type":"INT64","int":18}
-- {"name":"xl1xp2","type":"DATE","text":"2010-01-01"}
-- {"name":"xl1xp3","type":"INT64","int":3}
-- {"name":"xl1xp4","type":"INT64","int":-5}
-- {"name":"xl1xp5","type":"INT64","int":7}
-- {"name":"xl1xp6","type":"DATE","text":"2013-01-01"}
-- {"name":"xl1xp7","type":"DATE","text":"2014-12-31"}
-- {"name":"xl1xp8","type":"INT64","int":30}
-- {"name":"xl1xp9","type":"ARRAY\u003cINT64\u003e"}
-- {"name":"xl1xp10","type":"ARRAY\u003cINT64\u003e","ints":[8756]}
-- {"name":"xl1xp11","type":"INT64","int":-30}
