package omop

// vocabularyOrder names the columns by which the vocabulary is looked up.
var vocabularyOrder = map[string]string{
	"concept": "concept_id", "concept_ancestor": "ancestor_concept_id",
	"concept_relationship": "concept_id_1", "concept_synonym": "concept_id",
}

// Cluster names the columns by which a release's copy of the table is clustered:
// what most questions name first. A table of events or eras is asked for by concept.
func (t Table) Cluster() []string {
	concept := ""
	if e, ok := eventOf(t.Name); ok {
		concept = e.Concept
	} else {
		for _, c := range conceptColumns {
			if c.Table == t.Name && c.Table != "death" {
				concept = c.Column
			}
		}
	}
	if concept != "" {
		return []string{concept, "person_id"}
	}
	if column, ok := vocabularyOrder[t.Name]; ok {
		return []string{column}
	}
	if _, ok := t.Column("person_id"); ok {
		return []string{"person_id"}
	}
	return nil
}
