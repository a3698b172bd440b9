package omop

import "slices"

// EventTable says which columns of a clinical table hold an event's parts.
type EventTable struct {
	Table string
	// Domain is the table's domain, in the vocabulary's spelling; it can differ
	// from the domain of a concept found in the table.
	Domain                     string
	ID, Concept, SourceConcept string
	Start, End                 string // End is empty where the CDM has no end
	Visit                      string // Visit is empty where there is no link to a visit
}

var events = []EventTable{
	{"visit_occurrence", "Visit", "visit_occurrence_id", "visit_concept_id", "visit_source_concept_id", "visit_start_date", "visit_end_date", "visit_occurrence_id"},
	{"visit_detail", "Visit Detail", "visit_detail_id", "visit_detail_concept_id", "visit_detail_source_concept_id", "visit_detail_start_date", "visit_detail_end_date", "visit_occurrence_id"},
	{"condition_occurrence", "Condition", "condition_occurrence_id", "condition_concept_id", "condition_source_concept_id", "condition_start_date", "condition_end_date", "visit_occurrence_id"},
	{"drug_exposure", "Drug", "drug_exposure_id", "drug_concept_id", "drug_source_concept_id", "drug_exposure_start_date", "drug_exposure_end_date", "visit_occurrence_id"},
	{"procedure_occurrence", "Procedure", "procedure_occurrence_id", "procedure_concept_id", "procedure_source_concept_id", "procedure_date", "procedure_end_date", "visit_occurrence_id"},
	{"device_exposure", "Device", "device_exposure_id", "device_concept_id", "device_source_concept_id", "device_exposure_start_date", "device_exposure_end_date", "visit_occurrence_id"},
	{"measurement", "Measurement", "measurement_id", "measurement_concept_id", "measurement_source_concept_id", "measurement_date", "", "visit_occurrence_id"},
	{"observation", "Observation", "observation_id", "observation_concept_id", "observation_source_concept_id", "observation_date", "", "visit_occurrence_id"},
	{"specimen", "Specimen", "specimen_id", "specimen_concept_id", "", "specimen_date", "", ""},
}

// EventTables returns the tables whose rows are events of a person. Eras are left
// out, being derived from them, and death, which is not named by a concept.
func EventTables() []EventTable { return slices.Clone(events) }

func eventOf(table string) (EventTable, bool) {
	i := slices.IndexFunc(events, func(e EventTable) bool { return e.Table == table })
	if i < 0 {
		return EventTable{}, false
	}
	return events[i], true
}
