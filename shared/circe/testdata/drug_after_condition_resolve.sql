SELECT m.concept_id AS named, m.member_id AS concept_id, m.below AS way, m.occurs
FROM `demo-test.cdr.hub_concept_member` AS m
WHERE m.concept_id IN UNNEST(@families)
-- {"name":"families","type":"ARRAY\u003cINT64\u003e","ints":[201820,1503297]}
