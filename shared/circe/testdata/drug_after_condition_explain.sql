WITH events0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.condition_start_date AS start_date, COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.condition_occurrence` WHERE person_id = @person) AS t
WHERE t.condition_concept_id IN UNNEST(@p0)
),
found1 AS (
SELECT e.person_id, e.record, e.source, e.start_date, e.end_date, e.visit_occurrence_id,
  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end,
  COALESCE(DATE_ADD(o.observation_period_start_date, INTERVAL @p1 DAY) <= e.start_date, FALSE) AS prior, COALESCE(e.start_date <= o.observation_period_end_date, FALSE) AS post,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.record, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM (
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 0 AS source FROM events0
) AS e
LEFT JOIN (SELECT * FROM `demo-test.cdr.observation_period` WHERE person_id = @person) AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
candidates2 AS (
SELECT person_id, event_id, source, start_date, end_date, visit_occurrence_id, op_start, op_end, prior, post,
  op_start IS NOT NULL AND prior AND post AS fits,
  ROW_NUMBER() OVER (PARTITION BY person_id, op_start IS NOT NULL AND prior AND post ORDER BY start_date, event_id) AS place
FROM found1
),
primary3 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM candidates2
WHERE fits AND TRUE
),
events4 AS (
SELECT t.person_id, t.drug_exposure_id AS event_id, t.drug_exposure_start_date AS start_date, COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.drug_exposure` WHERE person_id = @person) AS t
WHERE t.drug_concept_id IN UNNEST(@p3)
),
match5 AS (
SELECT DISTINCT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary3 AS e
JOIN events4 AS a ON a.person_id = e.person_id
  AND a.start_date <= DATE_ADD(e.start_date, INTERVAL @p2 DAY)
  AND a.start_date >= e.start_date
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
qualified6 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary3 AS e
JOIN match5 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
),
best7 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id) AS place
FROM qualified6 AS e
)
WHERE place = 1
),
ended8 AS (
SELECT item, event_id, start_date, end_date,
  ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY IF(end_date >= start_date, 0, 1), end_date, item) AS place
FROM (
SELECT 0 AS item, x.event_id, x.start_date, x.end_date FROM (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM best7 AS e
) AS x
)
),
periods9 AS (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM best7 AS e
)
SELECT event, says, item, part, passed, start_date, end_date
FROM (
SELECT event_id AS event, 'event' AS says, 0 AS item, -1 AS part, fits AND TRUE AS passed, start_date AS start_date, end_date AS end_date FROM candidates2 WHERE source = 0
UNION ALL
SELECT event_id AS event, 'observationPeriod' AS says, 0 AS item, -1 AS part, op_start IS NOT NULL AS passed, op_start AS start_date, op_end AS end_date FROM candidates2
UNION ALL
SELECT event_id AS event, 'priorDays' AS says, 0 AS item, -1 AS part, prior AS passed, op_start AS start_date, start_date AS end_date FROM candidates2 WHERE op_start IS NOT NULL
UNION ALL
SELECT e.event_id AS event, 'additional' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM primary3 AS e LEFT JOIN match5 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'additional' AS says, 0 AS item, 0 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM primary3 AS e LEFT JOIN match5 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'qualifiedLimit' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM qualified6 AS e LEFT JOIN best7 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT event_id AS event, 'end' AS says, item, -1 AS part, place = 1 AND COALESCE(end_date >= start_date, FALSE) AS passed, start_date, end_date FROM ended8
UNION ALL
SELECT CAST(NULL AS INT64) AS event, 'cohort' AS says, 0 AS item, -1 AS part, TRUE AS passed, cohort_start_date AS start_date, cohort_end_date AS end_date FROM (
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM periods9
)
)
ORDER BY event, says, item, part, start_date, end_date
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":365}
-- {"name":"p2","type":"INT64","int":30}
-- {"name":"p3","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"person","type":"INT64","int":7}
