WITH events0 AS (
SELECT t.person_id, t.condition_occurrence_id AS event_id, t.condition_start_date AS start_date, COALESCE(t.condition_end_date, DATE_ADD(t.condition_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (
  SELECT t.condition_end_date, t.condition_occurrence_id, t.condition_start_date, t.condition_type_concept_id, t.person_id, t.provider_id, t.stop_reason, t.visit_occurrence_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.condition_start_date, t.condition_occurrence_id) AS place
  FROM (SELECT * FROM `demo-test.cdr.condition_occurrence` WHERE person_id = @person) AS t
WHERE t.condition_concept_id IN UNNEST(@p0)
) AS t
JOIN (SELECT * FROM `demo-test.cdr.person` WHERE person_id = @person) AS p ON p.person_id = t.person_id
LEFT JOIN `demo-test.cdr.provider` AS pr ON pr.provider_id = t.provider_id
JOIN (SELECT * FROM `demo-test.cdr.visit_occurrence` WHERE person_id = @person) AS v ON v.visit_occurrence_id = t.visit_occurrence_id AND v.person_id = t.person_id
WHERE t.place = 1
  AND (EXTRACT(YEAR FROM t.condition_start_date) - p.year_of_birth) >= @p1
  AND t.condition_type_concept_id NOT IN UNNEST(@p2)
  AND p.gender_concept_id IN UNNEST(@p3)
  AND (t.condition_start_date) BETWEEN @p4 AND @p5
  AND pr.specialty_concept_id IS NULL
  AND STRPOS(t.stop_reason, @p6) > 0
  AND v.visit_concept_id IN UNNEST(@p7)
),
events1 AS (
SELECT t.person_id, t.measurement_id AS event_id, t.measurement_date AS start_date, DATE_ADD(t.measurement_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.measurement` WHERE person_id = @person) AS t
WHERE t.measurement_concept_id IN UNNEST(@p8)
  AND t.measurement_source_concept_id IN UNNEST(@p9)
  AND (t.value_as_number < t.range_low OR t.value_as_number > t.range_high OR t.value_as_concept_id IN (4155142, 4155143))
  AND (t.value_as_number / NULLIF(t.range_low, 0)) < @p10
  AND (t.value_as_number) > @p11
),
events2 AS (
SELECT t.person_id, t.drug_era_id AS event_id, t.drug_era_start_date AS start_date, t.drug_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.drug_era` WHERE person_id = @person) AS t
JOIN (SELECT * FROM `demo-test.cdr.person` WHERE person_id = @person) AS p ON p.person_id = t.person_id
WHERE t.drug_concept_id IN UNNEST(@p8)
  AND (EXTRACT(YEAR FROM t.drug_era_end_date) - p.year_of_birth) < @p12
  AND (DATE_DIFF(t.drug_era_end_date, t.drug_era_start_date, DAY)) NOT BETWEEN @p13 AND @p14
  AND (t.gap_days) <= @p15
),
events3 AS (
SELECT t.person_id, t.person_id AS event_id, t.death_date AS start_date, DATE_ADD(t.death_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.death` WHERE person_id = @person) AS t
JOIN (SELECT * FROM `demo-test.cdr.person` WHERE person_id = @person) AS p ON p.person_id = t.person_id
WHERE t.cause_concept_id IN UNNEST(@p0)
  AND p.gender_concept_id NOT IN UNNEST(@p9)
),
events4 AS (
SELECT t.person_id, t.observation_period_id AS event_id, t.observation_period_start_date AS start_date, t.observation_period_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (
  SELECT t.observation_period_end_date, t.observation_period_id, t.observation_period_start_date, t.person_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.observation_period_start_date, t.observation_period_id) AS place
  FROM (SELECT * FROM `demo-test.cdr.observation_period` WHERE person_id = @person) AS t
) AS t
WHERE t.place = 1
  AND (DATE_DIFF(t.observation_period_end_date, t.observation_period_start_date, DAY)) > @p16
),
events5 AS (
SELECT t.person_id, t.visit_occurrence_id AS event_id, t.visit_start_date AS start_date, t.visit_end_date AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.visit_occurrence` WHERE person_id = @person) AS t
WHERE t.visit_concept_id IN UNNEST(@p9)
),
nested6 AS (
SELECT e.*,
  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end
FROM events5 AS e
JOIN (SELECT * FROM `demo-test.cdr.observation_period` WHERE person_id = @person) AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
events7 AS (
SELECT t.person_id, t.procedure_occurrence_id AS event_id, t.procedure_date AS start_date, DATE_ADD(t.procedure_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id, t.procedure_date AS value
FROM (SELECT * FROM `demo-test.cdr.procedure_occurrence` WHERE person_id = @person) AS t
WHERE t.procedure_concept_id IN UNNEST(@p8)
  AND (t.quantity) = @p19
),
match8 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
FROM nested6 AS e
JOIN events7 AS a ON a.person_id = e.person_id
  AND a.start_date <= DATE_ADD(e.end_date, INTERVAL @p17 DAY)
  AND a.start_date >= DATE_ADD(e.start_date, INTERVAL @p18 DAY)
  AND a.start_date BETWEEN e.op_start AND e.op_end
  AND a.visit_occurrence_id = e.visit_occurrence_id
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id
HAVING COUNT(DISTINCT a.value) >= 2
),
events9 AS (
SELECT t.person_id, t.observation_id AS event_id, t.observation_date AS start_date, DATE_ADD(t.observation_date, INTERVAL 1 DAY) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.observation` WHERE person_id = @person) AS t
WHERE t.observation_concept_id IN UNNEST(@p9)
  AND NOT (STARTS_WITH(t.value_as_string, @p20))
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
found12 AS (
SELECT e.person_id, e.record, e.source, e.start_date, e.end_date, e.visit_occurrence_id,
  o.observation_period_start_date AS op_start, o.observation_period_end_date AS op_end,
  COALESCE(DATE_ADD(o.observation_period_start_date, INTERVAL @p13 DAY) <= e.start_date, FALSE) AS prior, COALESCE(DATE_ADD(e.start_date, INTERVAL @p21 DAY) <= o.observation_period_end_date, FALSE) AS post,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date, e.record, e.source, o.observation_period_start_date, o.observation_period_id) AS event_id
FROM (
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 0 AS source FROM events0
UNION ALL
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 1 AS source FROM events1
UNION ALL
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 2 AS source FROM events2
UNION ALL
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 3 AS source FROM events3
UNION ALL
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 4 AS source FROM events4
UNION ALL
SELECT person_id, event_id AS record, start_date, end_date, visit_occurrence_id, 5 AS source FROM group11
) AS e
LEFT JOIN (SELECT * FROM `demo-test.cdr.observation_period` WHERE person_id = @person) AS o ON o.person_id = e.person_id
  AND e.start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
),
candidates13 AS (
SELECT person_id, event_id, source, start_date, end_date, visit_occurrence_id, op_start, op_end, prior, post,
  op_start IS NOT NULL AND prior AND post AS fits,
  ROW_NUMBER() OVER (PARTITION BY person_id, op_start IS NOT NULL AND prior AND post ORDER BY start_date DESC, event_id) AS place
FROM found12
),
primary14 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM candidates13
WHERE fits AND place = 1
),
match15 AS (
SELECT DISTINCT t.person_id, t.event_id, t.start_date, t.end_date, t.visit_occurrence_id, t.op_start, t.op_end
FROM primary14 AS t
JOIN (SELECT * FROM `demo-test.cdr.person` WHERE person_id = @person) AS p ON p.person_id = t.person_id
WHERE (EXTRACT(YEAR FROM t.start_date) - p.year_of_birth) <= @p22
  AND (t.end_date) < @p23
  AND p.race_concept_id IN UNNEST(@p9)
),
events16 AS (
SELECT t.person_id, t.specimen_id AS event_id, t.specimen_date AS start_date, DATE_ADD(t.specimen_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.specimen` WHERE person_id = @person) AS t
WHERE t.unit_concept_id IN UNNEST(@p24)
),
match17 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary14 AS e
LEFT JOIN events16 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
HAVING COUNT(a.event_id) <= 3
),
group18 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end FROM match15
UNION DISTINCT
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end FROM match17
),
qualified19 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM primary14 AS e
JOIN group18 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
),
best20 AS (
SELECT person_id, event_id, start_date, end_date, visit_occurrence_id, op_start, op_end
FROM (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end,
  ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.start_date DESC, e.event_id) AS place
FROM qualified19 AS e
)
WHERE place = 1
),
events21 AS (
SELECT t.person_id, t.device_exposure_id AS event_id, t.device_exposure_start_date AS start_date, COALESCE(t.device_exposure_end_date, DATE_ADD(t.device_exposure_start_date, INTERVAL 1 DAY)) AS end_date, t.visit_occurrence_id AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.device_exposure` WHERE person_id = @person) AS t
WHERE t.device_concept_id IN UNNEST(@p8)
),
match22 AS (
SELECT DISTINCT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM best20 AS e
JOIN events21 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
events23 AS (
SELECT t.person_id, t.condition_era_id AS event_id, t.condition_era_start_date AS start_date, t.condition_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.condition_era` WHERE person_id = @person) AS t
),
match24 AS (
SELECT DISTINCT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM best20 AS e
JOIN events23 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
),
events25 AS (
SELECT t.person_id, t.dose_era_id AS event_id, t.dose_era_start_date AS start_date, t.dose_era_end_date AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.dose_era` WHERE person_id = @person) AS t
WHERE (t.dose_value) > @p25
),
match26 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM best20 AS e
LEFT JOIN events25 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
HAVING COUNT(a.event_id) <= 0
),
match27 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM match24 AS e
LEFT JOIN events25 AS a ON a.person_id = e.person_id
  AND a.start_date BETWEEN e.op_start AND e.op_end
GROUP BY e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
HAVING COUNT(a.event_id) <= 0
),
included28 AS (
SELECT e.person_id, e.event_id, e.start_date, e.end_date, e.visit_occurrence_id, e.op_start, e.op_end
FROM best20 AS e
JOIN match22 AS r0 ON r0.person_id = e.person_id AND r0.event_id = e.event_id
JOIN match27 AS r1 ON r1.person_id = e.person_id AND r1.event_id = e.event_id
),
exposures29 AS (
SELECT t.person_id, t.drug_exposure_start_date AS start_date, DATE_ADD(DATE_ADD(t.drug_exposure_start_date, INTERVAL @p26 DAY), INTERVAL @p17 DAY) AS end_date
FROM (SELECT * FROM `demo-test.cdr.drug_exposure` WHERE person_id = @person) AS t
WHERE t.drug_concept_id IN UNNEST(@p8) OR t.drug_source_concept_id IN UNNEST(@p8)
),
reached30 AS (
SELECT person_id, start_date, end_date,
  MAX(end_date) OVER (PARTITION BY person_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
FROM exposures29
),
opened31 AS (
SELECT person_id, end_date,
  MAX(IF(DATE_ADD(reach, INTERVAL @p13 DAY) >= start_date, NULL, start_date)) OVER (PARTITION BY person_id ORDER BY start_date, reach ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS opening
FROM reached30
),
eras32 AS (
SELECT person_id, opening AS start_date, MAX(end_date) AS end_date
FROM opened31
GROUP BY person_id, opening
),
events33 AS (
SELECT t.person_id, t.person_id AS event_id, t.death_date AS start_date, DATE_ADD(t.death_date, INTERVAL 1 DAY) AS end_date, CAST(NULL AS INT64) AS visit_occurrence_id
FROM (SELECT * FROM `demo-test.cdr.death` WHERE person_id = @person) AS t
),
ended34 AS (
SELECT item, event_id, start_date, end_date,
  ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY IF(end_date >= start_date, 0, 1), end_date, item) AS place
FROM (
SELECT 0 AS item, x.event_id, x.start_date, x.end_date FROM (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM included28 AS e
) AS x
UNION ALL
SELECT 1 AS item, x.event_id, x.start_date, x.end_date FROM (
SELECT e.person_id, e.start_date, e.event_id, r.end_date FROM included28 AS e JOIN eras32 AS r ON r.person_id = e.person_id AND e.start_date BETWEEN r.start_date AND r.end_date
) AS x
UNION ALL
SELECT 2 AS item, x.event_id, x.start_date, x.end_date FROM (
SELECT e.person_id, e.start_date, e.event_id, MIN(a.start_date) AS end_date
FROM included28 AS e
JOIN events33 AS a ON a.person_id = e.person_id AND a.start_date BETWEEN e.start_date AND e.op_end
GROUP BY e.person_id, e.start_date, e.event_id
) AS x
)
),
periods35 AS (
SELECT person_id, start_date, MIN(end_date) AS end_date
FROM (
SELECT e.person_id, e.start_date, e.event_id, e.op_end AS end_date FROM included28 AS e
UNION ALL
SELECT e.person_id, e.start_date, e.event_id, r.end_date FROM included28 AS e JOIN eras32 AS r ON r.person_id = e.person_id AND e.start_date BETWEEN r.start_date AND r.end_date
UNION ALL
SELECT e.person_id, e.start_date, e.event_id, MIN(a.start_date) AS end_date
FROM included28 AS e
JOIN events33 AS a ON a.person_id = e.person_id AND a.start_date BETWEEN e.start_date AND e.op_end
GROUP BY e.person_id, e.start_date, e.event_id
)
WHERE end_date >= start_date
GROUP BY person_id, start_date, event_id
)
SELECT event, says, item, part, passed, start_date, end_date
FROM (
SELECT event_id AS event, 'event' AS says, 0 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 0
UNION ALL
SELECT event_id AS event, 'event' AS says, 1 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 1
UNION ALL
SELECT event_id AS event, 'event' AS says, 2 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 2
UNION ALL
SELECT event_id AS event, 'event' AS says, 3 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 3
UNION ALL
SELECT event_id AS event, 'event' AS says, 4 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 4
UNION ALL
SELECT event_id AS event, 'event' AS says, 5 AS item, -1 AS part, fits AND place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE source = 5
UNION ALL
SELECT event_id AS event, 'observationPeriod' AS says, 0 AS item, -1 AS part, op_start IS NOT NULL AS passed, op_start AS start_date, op_end AS end_date FROM candidates13
UNION ALL
SELECT event_id AS event, 'priorDays' AS says, 0 AS item, -1 AS part, prior AS passed, op_start AS start_date, start_date AS end_date FROM candidates13 WHERE op_start IS NOT NULL
UNION ALL
SELECT event_id AS event, 'postDays' AS says, 0 AS item, -1 AS part, post AS passed, start_date AS start_date, op_end AS end_date FROM candidates13 WHERE op_start IS NOT NULL
UNION ALL
SELECT event_id AS event, 'primaryLimit' AS says, 0 AS item, -1 AS part, place = 1 AS passed, start_date AS start_date, end_date AS end_date FROM candidates13 WHERE fits
UNION ALL
SELECT e.event_id AS event, 'additional' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM primary14 AS e LEFT JOIN group18 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'additional' AS says, 0 AS item, 0 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM primary14 AS e LEFT JOIN match15 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'additional' AS says, 0 AS item, 1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM primary14 AS e LEFT JOIN match17 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'qualifiedLimit' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM qualified19 AS e LEFT JOIN best20 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'rule' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM best20 AS e LEFT JOIN match22 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'rule' AS says, 0 AS item, 0 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM best20 AS e LEFT JOIN match22 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'rule' AS says, 1 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM best20 AS e LEFT JOIN match27 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'rule' AS says, 1 AS item, 0 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM best20 AS e LEFT JOIN match24 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'rule' AS says, 1 AS item, 1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM best20 AS e LEFT JOIN match26 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT e.event_id AS event, 'expressionLimit' AS says, 0 AS item, -1 AS part, g.event_id IS NOT NULL AS passed, e.start_date AS start_date, e.end_date AS end_date FROM included28 AS e LEFT JOIN included28 AS g ON g.person_id = e.person_id AND g.event_id = e.event_id
UNION ALL
SELECT event_id AS event, 'end' AS says, item, -1 AS part, place = 1 AND COALESCE(end_date >= start_date, FALSE) AS passed, start_date, end_date FROM ended34
UNION ALL
SELECT CAST(NULL AS INT64) AS event, 'cohort' AS says, 0 AS item, -1 AS part, TRUE AS passed, cohort_start_date AS start_date, cohort_end_date AS end_date FROM (
SELECT person_id AS subject_id, GREATEST(start_date, @p27) AS cohort_start_date, LEAST(end_date, @p28) AS cohort_end_date
FROM periods35
WHERE GREATEST(start_date, @p27) <= LEAST(end_date, @p28)
)
)
ORDER BY event, says, item, part, start_date, end_date
-- {"name":"p0","type":"ARRAY\u003cINT64\u003e","ints":[201820,201826]}
-- {"name":"p1","type":"INT64","int":18}
-- {"name":"p2","type":"ARRAY\u003cINT64\u003e","ints":[32817]}
-- {"name":"p3","type":"ARRAY\u003cINT64\u003e","ints":[8532]}
-- {"name":"p4","type":"DATE","text":"2010-01-01"}
-- {"name":"p5","type":"DATE","text":"2020-12-31"}
-- {"name":"p6","type":"STRING","text":"50%_done\\"}
-- {"name":"p7","type":"ARRAY\u003cINT64\u003e","ints":[9201]}
-- {"name":"p8","type":"ARRAY\u003cINT64\u003e","ints":[1503297]}
-- {"name":"p9","type":"ARRAY\u003cINT64\u003e","ints":[8507]}
-- {"name":"p10","type":"FLOAT64","float":2}
-- {"name":"p11","type":"FLOAT64","float":7.12345}
-- {"name":"p12","type":"INT64","int":90}
-- {"name":"p13","type":"INT64","int":30}
-- {"name":"p14","type":"INT64","int":60}
-- {"name":"p15","type":"INT64","int":3}
-- {"name":"p16","type":"INT64","int":365}
-- {"name":"p17","type":"INT64","int":7}
-- {"name":"p18","type":"INT64","int":-1}
-- {"name":"p19","type":"FLOAT64","float":1.9}
-- {"name":"p20","type":"STRING","text":"x"}
-- {"name":"p21","type":"INT64","int":10}
-- {"name":"p22","type":"INT64","int":65}
-- {"name":"p23","type":"DATE","text":"2019-01-01"}
-- {"name":"p24","type":"ARRAY\u003cINT64\u003e","ints":[1]}
-- {"name":"p25","type":"FLOAT64","float":1}
-- {"name":"p26","type":"INT64","int":28}
-- {"name":"p27","type":"DATE","text":"2011-01-01"}
-- {"name":"p28","type":"DATE","text":"2021-12-31"}
-- {"name":"person","type":"INT64","int":7}
