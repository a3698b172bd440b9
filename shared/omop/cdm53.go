package omop

// renamed53 maps, per table, the columns of CDM v5.3 that v5.4 calls otherwise.
// The rest of the difference needs no rule: v5.4 only added columns (they stay
// NULL) and tables (they stay empty), and COHORT_ATTRIBUTE and
// ATTRIBUTE_DEFINITION, which it dropped, are no part of a release.
// Source: OHDSI, "Changes by Table, CDM v5.3 to v5.4".
var renamed53 = map[string]map[string]string{
	"visit_occurrence": {
		"admitting_source_concept_id": "admitted_from_concept_id",
		"admitting_source_value":      "admitted_from_source_value",
		"discharge_to_concept_id":     "discharged_to_concept_id",
		"discharge_to_source_value":   "discharged_to_source_value",
	},
	"visit_detail": {
		"admitting_source_concept_id": "admitted_from_concept_id",
		"admitting_source_value":      "admitted_from_source_value",
		"discharge_to_concept_id":     "discharged_to_concept_id",
		"discharge_to_source_value":   "discharged_to_source_value",
		"visit_detail_parent_id":      "parent_visit_detail_id",
	},
	// v5.3's DDL misspells the field.
	"cost": {"reveue_code_source_value": "revenue_code_source_value"},
}

// CurrentName returns what CDM v5.4 calls the column that a folder of v5.3 or v5.4
// calls name, both lower case; a name that was never renamed is returned as it is.
func CurrentName(table, name string) string {
	if now, ok := renamed53[table][name]; ok {
		return now
	}
	return name
}
