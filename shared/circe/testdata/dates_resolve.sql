WITH named AS (
SELECT c.concept_id, t.kind
FROM (
SELECT code >> 15 AS concept_id, code & 32767 AS kind, FALSE AS below
FROM UNNEST(@items) AS code
UNION ALL
SELECT a.descendant_concept_id AS concept_id, code & 32767 AS kind, TRUE AS below
FROM UNNEST(@parents) AS code
JOIN `demo-test.cdr.concept_ancestor` AS a ON a.ancestor_concept_id = code >> 15
) AS t
JOIN `demo-test.cdr.concept` AS c ON c.concept_id = t.concept_id
WHERE NOT t.below OR c.invalid_reason IS NULL
)
SELECT kind >> 3 AS set_id, concept_id
FROM named
GROUP BY set_id, concept_id
ORDER BY set_id, concept_id
-- {"name":"items","type":"ARRAY\u003cINT64\u003e","ints":[6613237762,286916616]}
-- {"name":"parents","type":"ARRAY\u003cINT64\u003e","ints":[6613237762]}
