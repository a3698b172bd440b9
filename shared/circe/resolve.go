package circe

import (
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// Flags of a concept set's item in the statement of Resolve.
const (
	flagExcluded    = 1
	flagDescendants = 2
	flagMapped      = 4
)

// Resolve gives the statement that resolves concept sets on a dataset's
// vocabulary: rows of set_id INT64, concept_id INT64, in order. A named concept
// counts where CONCEPT has it, a descendant where it is not invalid, and what
// maps to either where the item says so; the excluded ones are then taken away.
func Resolve(sets []ConceptSet, data omop.Dataset) (statement.Statement, error) {
	if err := data.Check(); err != nil {
		return statement.Statement{}, fault.Because(fault.Internal, err, "")
	}
	var ids, concepts, marks []int64
	for _, s := range sets {
		for _, it := range s.Items {
			ids, concepts, marks = append(ids, s.ID), append(concepts, it.ConceptID), append(marks, flags(it))
		}
	}
	sql := `WITH items AS (
SELECT set_id, concept_id, MOD(flag, 2) = 1 AS excluded, MOD(DIV(flag, 2), 2) = 1 AS descendants, DIV(flag, 4) = 1 AS mapped
FROM UNNEST(@sets) AS set_id WITH OFFSET AS i
JOIN UNNEST(@concepts) AS concept_id WITH OFFSET AS j ON j = i
JOIN UNNEST(@flags) AS flag WITH OFFSET AS k ON k = i
),
named AS (
SELECT t.set_id, c.concept_id, t.excluded, t.mapped
FROM items AS t JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = t.concept_id
UNION ALL
SELECT t.set_id, c.concept_id, t.excluded, t.mapped
FROM items AS t
JOIN ` + data.Table("concept_ancestor") + ` AS a ON a.ancestor_concept_id = t.concept_id
JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = a.descendant_concept_id
WHERE t.descendants AND c.invalid_reason IS NULL
),
meant AS (
SELECT set_id, concept_id, excluded FROM named
UNION ALL
SELECT n.set_id, r.concept_id_1 AS concept_id, n.excluded
FROM named AS n
JOIN ` + data.Table("concept_relationship") + ` AS r ON r.concept_id_2 = n.concept_id
WHERE n.mapped AND r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL
)
SELECT set_id, concept_id
FROM meant
GROUP BY set_id, concept_id
HAVING NOT LOGICAL_OR(excluded)
ORDER BY set_id, concept_id`
	return statement.Statement{SQL: sql, Params: []statement.Param{
		statement.IntsParam("sets", ids), statement.IntsParam("concepts", concepts), statement.IntsParam("flags", marks)}}, nil
}
