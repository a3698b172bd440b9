WITH items AS (
SELECT set_id, concept_id, MOD(flag, 2) = 1 AS excluded, MOD(DIV(flag, 2), 2) = 1 AS descendants, DIV(flag, 4) = 1 AS mapped
FROM UNNEST(@sets) AS set_id WITH OFFSET AS i
JOIN UNNEST(@concepts) AS concept_id WITH OFFSET AS j ON j = i
JOIN UNNEST(@flags) AS flag WITH OFFSET AS k ON k = i
),
named AS (
SELECT t.set_id, c.concept_id, t.excluded, t.mapped
FROM items AS t JOIN `demo-test.cdr.concept` AS c ON c.concept_id = t.concept_id
UNION ALL
SELECT t.set_id, c.concept_id, t.excluded, t.mapped
FROM items AS t
JOIN `demo-test.cdr.concept_ancestor` AS a ON a.ancestor_concept_id = t.concept_id
JOIN `demo-test.cdr.concept` AS c ON c.concept_id = a.descendant_concept_id
WHERE t.descendants AND c.invalid_reason IS NULL
),
meant AS (
SELECT set_id, concept_id, excluded FROM named
UNION ALL
SELECT n.set_id, r.concept_id_1 AS concept_id, n.excluded
FROM named AS n
JOIN `demo-test.cdr.concept_relationship` AS r ON r.concept_id_2 = n.concept_id
WHERE n.mapped AND r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL
)
SELECT set_id, concept_id
FROM meant
GROUP BY set_id, concept_id
HAVING NOT LOGICAL_OR(excluded)
ORDER BY set_id, concept_id
-- {"name":"sets","type":"ARRAY\u003cINT64\u003e","ints":[0,1]}
-- {"name":"concepts","type":"ARRAY\u003cINT64\u003e","ints":[201820,8756]}
-- {"name":"flags","type":"ARRAY\u003cINT64\u003e","ints":[2,0]}
