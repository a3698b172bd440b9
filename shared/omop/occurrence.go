package omop

// ConceptColumn is a column that says by a concept what an event is.
type ConceptColumn struct{ Table, Column string }

// eras and death are recorded by concept as well, though they are no event tables.
var conceptColumns = func() []ConceptColumn {
	var list []ConceptColumn
	for _, e := range events {
		list = append(list, ConceptColumn{e.Table, e.Concept})
		if e.SourceConcept != "" {
			list = append(list, ConceptColumn{e.Table, e.SourceConcept})
		}
	}
	return append(list,
		ConceptColumn{"death", "cause_concept_id"}, ConceptColumn{"death", "cause_source_concept_id"},
		ConceptColumn{"condition_era", "condition_concept_id"}, ConceptColumn{"drug_era", "drug_concept_id"}, ConceptColumn{"dose_era", "drug_concept_id"})
}()

// Occurrence gives the bit of hub_concept_member.occurs that tells whether a row
// of the table has a concept in that column; false where no bit does.
func Occurrence(table, column string) (int64, bool) {
	for i, c := range conceptColumns {
		if c.Table == table && c.Column == column {
			return 1 << i, true
		}
	}
	return 0, false
}
