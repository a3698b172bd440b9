package circe

import (
	"slices"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// An item travels as one number: the concept, the set's number, and its flags.
// One list of numbers is read at once, where lists side by side would be joined.
const (
	flagExcluded    = 1
	flagDescendants = 2
	flagMapped      = 4
	flagBits        = 3
	setBits         = 12
	kindBits        = setBits + flagBits
	// maxSets is the most concept sets that one statement resolves.
	maxSets = 1 << setBits
	// maxConceptID bounds a concept's id; the CDM's are 32-bit integers.
	maxConceptID = 1 << 47
)

// Resolve gives the statement that resolves concept sets on a dataset's
// vocabulary: rows of set_id INT64, concept_id INT64, in order. A named concept
// counts where CONCEPT has it, a descendant where it is not invalid, and what
// maps to either where the item says so; the excluded ones are then taken away.
func Resolve(sets []ConceptSet, data omop.Dataset) (statement.Statement, error) {
	if err := data.Check(); err != nil {
		return statement.Statement{}, fault.Because(fault.Internal, err, "")
	}
	if len(sets) > maxSets {
		return statement.Statement{}, fault.New(fault.TooLarge, "There are %d concept sets; at most %d are resolved at once.", len(sets), maxSets)
	}
	// A set's number is its id where all are small, as they nearly always are, and
	// else its place, which is turned into the id at the end.
	placed := slices.ContainsFunc(sets, func(s ConceptSet) bool { return s.ID < 0 || s.ID >= maxSets })
	var ids []int64
	items, parents := []int64{}, []int64{}
	excluded, mapped := false, false
	for i, s := range sets {
		number := s.ID
		if placed {
			number = int64(i)
			ids = append(ids, s.ID)
		}
		for _, it := range s.Items {
			if it.ConceptID < 0 || it.ConceptID >= maxConceptID {
				continue // no vocabulary has it
			}
			code := it.ConceptID<<kindBits | number<<flagBits | flags(it)
			excluded, mapped = excluded || it.Excluded, mapped || it.Mapped
			if it.Descendants {
				parents = append(parents, code)
			}
			items = append(items, code)
		}
	}
	st := statement.Statement{Params: []statement.Param{statement.IntsParam("items", items)}}
	named := `SELECT c.concept_id, code & 32767 AS kind
FROM UNNEST(@items) AS code
JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = code >> 15`
	if len(parents) > 0 {
		st.Params = append(st.Params, statement.IntsParam("parents", parents))
		named = `SELECT c.concept_id, t.kind
FROM (
SELECT code >> 15 AS concept_id, code & 32767 AS kind, FALSE AS below
FROM UNNEST(@items) AS code
UNION ALL
SELECT a.descendant_concept_id AS concept_id, code & 32767 AS kind, TRUE AS below
FROM UNNEST(@parents) AS code
JOIN ` + data.Table("concept_ancestor") + ` AS a ON a.ancestor_concept_id = code >> 15
) AS t
JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = t.concept_id
WHERE NOT t.below OR c.invalid_reason IS NULL`
	}
	meant := "named"
	st.SQL = "WITH named AS (\n" + named + "\n)"
	if mapped {
		meant = "meant"
		st.SQL += `,
meant AS (
SELECT concept_id, kind FROM named
UNION ALL
SELECT r.concept_id_1 AS concept_id, n.kind
FROM named AS n
JOIN ` + data.Table("concept_relationship") + ` AS r ON r.concept_id_2 = n.concept_id
WHERE n.kind & 4 = 4 AND r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL
)`
	}
	all := "SELECT kind >> 3 AS set_id, concept_id\nFROM " + meant + "\nGROUP BY set_id, concept_id"
	if excluded {
		all += "\nHAVING MAX(kind & 1) = 0"
	}
	if placed {
		st.Params = append(st.Params, statement.IntsParam("sets", ids))
		all = "SELECT id AS set_id, m.concept_id\nFROM (\n" + all + "\n) AS m\nJOIN UNNEST(@sets) AS id WITH OFFSET AS place ON place = m.set_id"
	}
	st.SQL += "\n" + all + "\nORDER BY set_id, concept_id"
	return st, nil
}
