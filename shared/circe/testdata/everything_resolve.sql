SELECT m.concept_id AS named, m.member_id AS concept_id, m.below AS way, m.occurs
FROM `demo-test.cdr.hub_concept_member` AS m
WHERE m.concept_id IN UNNEST(@families)
UNION ALL
SELECT m.concept_id AS named, m.member_id AS concept_id, m.below AS way, m.occurs
FROM `demo-test.cdr.hub_concept_member` AS m
WHERE m.concept_id IN UNNEST(@alone) AND m.below = 0
-- {"name":"families","type":"ARRAY\u003cINT64\u003e","ints":[201820]}
-- {"name":"alone","type":"ARRAY\u003cINT64\u003e","ints":[8507,1503297]}
