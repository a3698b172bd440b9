WITH events0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.condition_start_date AS start_date, COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.condition_occurrence` AS t
WHERE t.condition_concept_id IN UNNEST(@p0)
),
primary1 AS (
SELECT e.person_id, e.start_date, e.end_date, e.visit_occurrence_id, o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end, ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM events0 AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
WHERE DATE_ADD(o.observation_period_start_date, INTERVAL @p1 DAY) <= e.start_date
),
events2 AS (
SELECT t.person_id, t.drug_exposure_id AS event_id, t.drug_exposure_start_date AS start_date, COALESCE(t.drug_exposure_end_date, DATE_ADD(t.drug_exposure_start_date, INTERVAL t.days_supply DAY), DATE_ADD(t.drug_exposure_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.drug_exposure` AS t
WHERE t.drug_concept_id IN UNNEST(@p3)
),
match3 AS (
SELECT DISTINCT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary1 AS e
JOIN events2 AS a ON a.person_id = e.person_id
  AND a.start_date <= DATE_ADD(e.start_date, INTERVAL @p2 DAY)
  AND a.start_date >= e.start_date
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
best4 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.event_id) AS place
FROM match3 AS e
)
WHERE place = 1
),
periods5 AS (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM best4 AS e
)
SELECT step, stage, rule, events, persons, met_events, met_persons, gain_events, gain_persons
FROM (
SELECT 0 AS step, 'primary' AS stage, -1 AS rule, COUNT(*) AS events, COUNT(DISTINCT person_id) AS persons, 0 AS met_events, 0 AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM primary1
UNION ALL
SELECT 1 AS step, 'qualified' AS stage, -1 AS rule, COUNT(*) AS events, COUNT(DISTINCT person_id) AS persons, 0 AS met_events, 0 AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM best4
UNION ALL
SELECT 2 AS step, 'limit' AS stage, -1 AS rule, COUNT(*) AS events, COUNT(DISTINCT person_id) AS persons, 0 AS met_events, 0 AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM best4
UNION ALL
SELECT 3 AS step, 'cohort' AS stage, -1 AS rule, COUNT(*) AS events, COUNT(DISTINCT subject_id) AS persons, 0 AS met_events, 0 AS met_persons, 0 AS gain_events, 0 AS gain_persons FROM (
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM periods5
)
)
ORDER BY step
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":365}
-- {"name":"p2","type":"INT64","int":30}
-- {"name":"p3","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
