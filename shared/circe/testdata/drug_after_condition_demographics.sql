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
),
members AS (
SELECT subject_id AS person_id, MIN(cohort_start_date) AS start_date
FROM (
SELECT person_id AS subject_id, start_date AS cohort_start_date, end_date AS cohort_end_date
FROM periods5
)
GROUP BY subject_id
),
people AS (
SELECT m.person_id, COALESCE(p.gender_concept_id, 0) AS gender, COALESCE(p.race_concept_id, 0) AS race,
  COALESCE(p.ethnicity_concept_id, 0) AS ethnicity,
  CASE
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth IS NULL OR EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 0 OR EXTRACT(YEAR FROM m.start_date) - p.year_of_birth > 125 THEN 'unknown'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 18 THEN 'under 18'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 30 THEN '18–29'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 40 THEN '30–39'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 50 THEN '40–49'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 60 THEN '50–59'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 70 THEN '60–69'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 80 THEN '70–79'
    WHEN EXTRACT(YEAR FROM m.start_date) - p.year_of_birth < 90 THEN '80–89'
    ELSE '90 and over' END AS band
FROM members AS m
LEFT JOIN `demo-test.cdr.person` AS p ON p.person_id = m.person_id
),
charted AS (
SELECT c.chart, c.band, c.concept_id, COUNT(*) AS persons
FROM people AS p
CROSS JOIN UNNEST([
  STRUCT('persons' AS chart, '' AS band, 0 AS concept_id),
  STRUCT('ageSex', p.band, p.gender),
  STRUCT('race', '', p.race),
  STRUCT('ethnicity', '', p.ethnicity)]) AS c
GROUP BY c.chart, c.band, c.concept_id
),
had AS (
SELECT e.domain, e.concept_id, COUNT(DISTINCT e.person_id) AS persons
FROM `demo-test.cdr.hub_event` AS e
JOIN members AS m ON m.person_id = e.person_id
WHERE e.concept_id <> 0
GROUP BY e.domain, e.concept_id
),
top AS (
SELECT domain, concept_id, persons, ROW_NUMBER() OVER (PARTITION BY domain ORDER BY persons DESC, concept_id) AS place
FROM had
)
SELECT r.chart, r.band, r.concept_id, n.concept_name AS name, r.persons
FROM (
SELECT chart, band, concept_id, persons FROM charted
UNION ALL
SELECT 'concepts', domain, concept_id, persons FROM top WHERE place <= @top_concepts
) AS r
LEFT JOIN `demo-test.cdr.hub_concept` AS n ON n.concept_id = r.concept_id
ORDER BY r.chart, r.band, r.persons DESC, r.concept_id
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":365}
-- {"name":"p2","type":"INT64","int":30}
-- {"name":"p3","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"top_concepts","type":"INT64","int":10}
