WITH events0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.condition_start_date AS start_date, COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (
  SELECT t.condition_end_date, t.condition_occurrence_id, t.condition_start_date, t.condition_type_concept_id, t.person_id, t.provider_id, t.stop_reason, t.visit_occurrence_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.condition_start_date, t.condition_occurrence_id) AS place
  FROM `demo-test.cdr.condition_occurrence` AS t
WHERE t.condition_concept_id IN UNNEST(@p0)
) AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
LEFT JOIN `demo-test.cdr.provider` AS pr ON pr.provider_id = t.provider_id
JOIN `demo-test.cdr.visit_occurrence` AS v ON v.visit_occurrence_id = t.visit_occurrence_id AND v.person_id = t.person_id
WHERE t.place = 1
  AND (EXTRACT(YEAR FROM t.condition_start_date) - p.year_of_birth) >= @p1
  AND t.condition_type_concept_id NOT IN UNNEST(@p2)
  AND p.gender_concept_id IN UNNEST(@p3)
  AND (t.condition_start_date) BETWEEN @p4 AND @p5
  AND pr.specialty_concept_id IS NULL
  AND t.stop_reason LIKE CONCAT('%', @p6, '%')
  AND v.visit_concept_id IN UNNEST(@p7)
),
events1 AS (
SELECT t.person_id, t.measurement_id AS event_id, t.measurement_date AS start_date, DATE_ADD(t.measurement_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.measurement` AS t
WHERE t.measurement_concept_id IN UNNEST(@p8)
  AND t.measurement_source_concept_id IN UNNEST(@p9)
  AND (t.value_as_number < t.range_low OR t.value_as_number > t.range_high OR t.value_as_concept_id IN (4155142, 4155143))
  AND (t.value_as_number / NULLIF(t.range_low, 0)) < @p10
  AND (t.value_as_number) > @p11
),
events2 AS (
SELECT t.person_id, t.drug_era_id AS event_id, t.drug_era_start_date AS start_date, t.drug_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.drug_era` AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.drug_concept_id IN UNNEST(@p8)
  AND (EXTRACT(YEAR FROM t.drug_era_end_date) - p.year_of_birth) < @p12
  AND (DATE_DIFF(t.drug_era_end_date, t.drug_era_start_date, DAY)) NOT BETWEEN @p13 AND @p14
  AND (t.gap_days) NOT BETWEEN @p13 AND @p14
),
events3 AS (
SELECT t.person_id, t.person_id AS event_id, t.death_date AS start_date, DATE_ADD(t.death_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.death` AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE t.cause_concept_id IN UNNEST(@p0)
  AND p.gender_concept_id NOT IN UNNEST(@p9)
),
events4 AS (
SELECT t.person_id, t.observation_period_id AS event_id, t.observation_period_start_date AS start_date, t.observation_period_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.observation_period_end_date, t.observation_period_id, t.observation_period_start_date, t.person_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.observation_period_start_date, t.observation_period_id) AS place
  FROM `demo-test.cdr.observation_period` AS t
) AS t
WHERE t.place = 1
  AND (DATE_DIFF(t.observation_period_end_date, t.observation_period_start_date, DAY)) > @p15
),
events5 AS (
SELECT t.person_id, t.visit_occurrence_id AS event_id, t.visit_start_date AS start_date, t.visit_end_date AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.visit_occurrence` AS t
WHERE t.visit_concept_id IN UNNEST(@p9)
),
nested6 AS (
SELECT e.*,
  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end
FROM events5 AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
events7 AS (
SELECT t.person_id, t.procedure_occurrence_id AS event_id, t.procedure_date AS start_date, DATE_ADD(t.procedure_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id, t.procedure_date AS value
FROM `demo-test.cdr.procedure_occurrence` AS t
WHERE t.procedure_concept_id IN UNNEST(@p8)
  AND (t.quantity) = @p18
),
match8 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
FROM nested6 AS e
JOIN events7 AS a ON a.person_id = e.person_id
  AND a.start_date <= DATE_ADD(e.end_date, INTERVAL @p16 DAY)
  AND a.start_date >= DATE_ADD(e.start_date, INTERVAL @p17 DAY)
  AND a.start_date BETWEEN e.op_start AND e.op_end
  AND a.visit_occurrence_id = e.visit_occurrence_id
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
HAVING COUNT(DISTINCT a.value) >= 2
),
events9 AS (
SELECT t.person_id, t.observation_id AS event_id, t.observation_date AS start_date, DATE_ADD(t.observation_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.observation` AS t
WHERE t.observation_concept_id IN UNNEST(@p9)
  AND NOT (t.value_as_string LIKE CONCAT(@p19, '%'))
),
match10 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
FROM nested6 AS e
LEFT JOIN events9 AS a ON a.person_id = e.person_id
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
HAVING COUNT(a.event_id) = 0
),
group11 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id
FROM (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 1 AS met FROM match8
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 1 AS met FROM match10
UNION ALL
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, 0 AS met FROM nested6 AS e
)
GROUP BY person_id, event_id, start_date, end_date, visit_occurrence_id
HAVING SUM(met) <= 0
),
primary12 AS (
SELECT person_id, start_date, end_date, op_start, op_end
FROM (
SELECT e.person_id, e.start_date, e.end_date, o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end, ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date DESC, e.event_id, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id
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
UNION ALL
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, 5 AS source FROM group11
) AS e
JOIN `demo-test.cdr.observation_period` AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
WHERE DATE_ADD(o.observation_period_start_date, INTERVAL @p13 DAY) <= e.start_date AND DATE_ADD(e.start_date, INTERVAL @p20 DAY) <= o.observation_period_end_date
)
WHERE event_id = 1
),
match13 AS (
SELECT DISTINCT t.person_id, t.start_date, t.end_date, t.op_start, t.op_end
FROM primary12 AS t
JOIN `demo-test.cdr.person` AS p ON p.person_id = t.person_id
WHERE (EXTRACT(YEAR FROM t.start_date) - p.year_of_birth) <= @p21
  AND (t.end_date) < @p22
  AND p.gender_concept_id IN UNNEST(@p9)
),
events14 AS (
SELECT t.person_id, t.specimen_id AS event_id, t.specimen_date AS start_date, DATE_ADD(t.specimen_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.specimen` AS t
WHERE t.unit_concept_id IN UNNEST(@p23)
),
match15 AS (
SELECT e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
FROM primary12 AS e
LEFT JOIN events14 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
HAVING COUNT(a.event_id) <= 3
),
group16 AS (
SELECT person_id, start_date, end_date, op_start, op_end FROM match13
UNION DISTINCT
SELECT person_id, start_date, end_date, op_start, op_end FROM match15
),
events17 AS (
SELECT t.person_id, t.device_exposure_id AS event_id, t.device_exposure_start_date AS start_date, COALESCE(t.device_exposure_end_date, DATE_ADD(t.device_exposure_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM `demo-test.cdr.device_exposure` AS t
WHERE t.device_concept_id IN UNNEST(@p8)
),
match18 AS (
SELECT DISTINCT e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
FROM group16 AS e
JOIN events17 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
events19 AS (
SELECT t.person_id, t.condition_era_id AS event_id, t.condition_era_start_date AS start_date, t.condition_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.condition_era` AS t
),
match20 AS (
SELECT DISTINCT e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
FROM match18 AS e
JOIN events19 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
events21 AS (
SELECT t.person_id, t.dose_era_id AS event_id, t.dose_era_start_date AS start_date, t.dose_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.dose_era` AS t
WHERE (t.dose_value) > @p24
),
match22 AS (
SELECT e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
FROM match20 AS e
LEFT JOIN events21 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.start_date, e.end_date, e.op_start, e.op_end
HAVING COUNT(a.event_id) <= 0
),
exposures23 AS (
SELECT t.person_id, t.drug_exposure_start_date AS start_date, DATE_ADD(DATE_ADD(t.drug_exposure_start_date, INTERVAL @p25 DAY), INTERVAL @p16 DAY) AS end_date
FROM `demo-test.cdr.drug_exposure` AS t
WHERE t.drug_concept_id IN UNNEST(@p8) OR t.drug_source_concept_id IN UNNEST(@p8)
),
reached24 AS (
SELECT person_id, start_date, end_date,
  MAX(end_date) OVER (PARTITION BY person_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
FROM exposures23
),
opened25 AS (
SELECT person_id, end_date,
  MAX(IF(DATE_ADD(reach, INTERVAL @p13 DAY) >= start_date, NULL, start_date)) OVER (PARTITION BY person_id ORDER BY start_date, reach ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS opening
FROM reached24
),
eras26 AS (
SELECT person_id, opening AS start_date, MAX(end_date) AS end_date
FROM opened25
GROUP BY person_id, opening
),
events27 AS (
SELECT t.person_id, t.person_id AS event_id, t.death_date AS start_date, DATE_ADD(t.death_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM `demo-test.cdr.death` AS t
),
periods28 AS (
SELECT person_id, start_date, MIN(end_date) AS end_date
FROM (
SELECT e.person_id, e.start_date, e.op_end, e.end_date AS event_end, e.op_end AS end_date FROM match22 AS e
UNION ALL
SELECT e.person_id, e.start_date, e.op_end, e.end_date AS event_end, r.end_date FROM match22 AS e JOIN eras26 AS r ON r.person_id = e.person_id AND e.start_date BETWEEN r.start_date AND r.end_date
UNION ALL
SELECT e.person_id, e.start_date, e.op_end, e.end_date AS event_end, a.start_date AS end_date
FROM match22 AS e
JOIN events27 AS a ON a.person_id = e.person_id AND a.start_date BETWEEN e.start_date AND e.op_end
)
WHERE end_date >= start_date
GROUP BY person_id, start_date, op_end, event_end
)
SELECT person_id AS subject_id, GREATEST(start_date, @p26) AS cohort_start_date, LEAST(end_date, @p27) AS cohort_end_date
FROM periods28
WHERE GREATEST(start_date, @p26) <= LEAST(end_date, @p27)
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":18}
-- {"name":"p2","type":"ARRAY\u003cINT64\u003e","ints":[32817]}
-- {"name":"p3","type":"ARRAY\u003cINT64\u003e","ints":[8532]}
-- {"name":"p4","type":"DATE","text":"2010-01-01"}
-- {"name":"p5","type":"DATE","text":"2020-12-31"}
-- {"name":"p6","type":"STRING","text":"50%_done\\\\"}
-- {"name":"p7","type":"ARRAY\u003cINT64\u003e","ints":[9201]}
-- {"name":"p8","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"p9","type":"ARRAY\u003cINT64\u003e","ints":[8507]}
-- {"name":"p10","type":"FLOAT64","float":2}
-- {"name":"p11","type":"FLOAT64","float":7.1235}
-- {"name":"p12","type":"INT64","int":90}
-- {"name":"p13","type":"INT64","int":30}
-- {"name":"p14","type":"INT64","int":60}
-- {"name":"p15","type":"INT64","int":365}
-- {"name":"p16","type":"INT64","int":7}
-- {"name":"p17","type":"INT64","int":-1}
-- {"name":"p18","type":"INT64","int":1}
-- {"name":"p19","type":"STRING","text":"x"}
-- {"name":"p20","type":"INT64","int":10}
-- {"name":"p21","type":"INT64","int":65}
-- {"name":"p22","type":"DATE","text":"2019-01-01"}
-- {"name":"p23","type":"ARRAY\u003cINT64\u003e","ints":[1]}
-- {"name":"p24","type":"FLOAT64","float":1}
-- {"name":"p25","type":"INT64","int":28}
-- {"name":"p26","type":"DATE","text":"2011-01-01"}
-- {"name":"p27","type":"DATE","text":"2021-12-31"}
