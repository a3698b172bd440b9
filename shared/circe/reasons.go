package circe

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// ItemsHash is the SHA-256 of what a concept set asks for, in hexadecimal: two
// sets of one hash resolve to the same concepts on every vocabulary. The order of
// the items and what stands there twice make no difference.
func ItemsHash(items []Item) string {
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.ConceptID, b.ConceptID), cmp.Compare(flags(a), flags(b)))
	})
	h := sha256.New()
	for _, it := range slices.Compact(sorted) {
		fmt.Fprintf(h, "%d %d\n", it.ConceptID, flags(it))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func flags(it Item) int64 {
	f := int64(0)
	if it.Excluded {
		f |= flagExcluded
	}
	if it.Descendants {
		f |= flagDescendants
	}
	if it.Mapped {
		f |= flagMapped
	}
	return f
}

// Reasons gives the statement that says why concepts are in or out of a concept
// set on a dataset's vocabulary. Its rows are, for each of the concepts, one for
// each way by which an item of the set reaches it, and one with NULL in item_id
// where none does:
//
//	concept_id      INT64
//	known           BOOL    CONCEPT has it
//	invalid_reason  STRING  CONCEPT's word, NULL where it is valid or unknown
//	item_id         INT64   the item's concept
//	excluded        BOOL    the item takes away
//	descendant      BOOL    it is reached as a descendant of the item's concept
//	target_id       INT64   where it maps to what the item reaches, that concept; NULL else
func Reasons(items []Item, concepts []int64, data omop.Dataset) (statement.Statement, error) {
	if err := data.Check(); err != nil {
		return statement.Statement{}, fault.Because(fault.Internal, err, "")
	}
	var ids, marks []int64
	for _, it := range items {
		ids, marks = append(ids, it.ConceptID), append(marks, flags(it))
	}
	sql := `WITH ` + itemsTable("@items", "item_id") + `,
named AS (
SELECT t.item_id, c.concept_id, t.excluded, t.mapped, FALSE AS descendant
FROM items AS t JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = t.item_id
UNION ALL
SELECT t.item_id, c.concept_id, t.excluded, t.mapped, TRUE AS descendant
FROM items AS t
JOIN ` + data.Table("concept_ancestor") + ` AS a ON a.ancestor_concept_id = t.item_id
JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = a.descendant_concept_id
WHERE t.descendants AND c.invalid_reason IS NULL AND c.concept_id <> t.item_id
),
ways AS (
SELECT n.item_id, n.concept_id, n.excluded, n.descendant, CAST(NULL AS INT64) AS target_id
FROM named AS n
WHERE n.concept_id IN UNNEST(@wanted)
UNION ALL
SELECT n.item_id, r.concept_id_1 AS concept_id, n.excluded, n.descendant, n.concept_id AS target_id
FROM named AS n
JOIN ` + data.Table("concept_relationship") + ` AS r ON r.concept_id_2 = n.concept_id
WHERE n.mapped AND r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL AND r.concept_id_1 IN UNNEST(@wanted) AND r.concept_id_1 <> n.concept_id
)
SELECT wanted AS concept_id, c.concept_id IS NOT NULL AS known, c.invalid_reason, w.item_id, w.excluded, w.descendant, w.target_id
FROM UNNEST(@wanted) AS wanted
LEFT JOIN ` + data.Table("concept") + ` AS c ON c.concept_id = wanted
LEFT JOIN (SELECT DISTINCT item_id, concept_id, excluded, descendant, target_id FROM ways) AS w ON w.concept_id = wanted
ORDER BY concept_id, excluded, descendant, target_id, item_id`
	return statement.Statement{SQL: sql, Params: []statement.Param{
		statement.IntsParam("items", ids), statement.IntsParam("flags", marks), statement.IntsParam("wanted", concepts)}}, nil
}

// itemsTable is the table "items" of one concept set's items: their concepts under
// that name, and what they stand for.
func itemsTable(param, name string) string {
	return `items AS (
SELECT ` + name + `, MOD(flag, 2) = 1 AS excluded, MOD(DIV(flag, 2), 2) = 1 AS descendants, DIV(flag, 4) = 1 AS mapped
FROM UNNEST(` + param + `) AS ` + name + ` WITH OFFSET AS i
JOIN UNNEST(@flags) AS flag WITH OFFSET AS j ON j = i
)`
}
