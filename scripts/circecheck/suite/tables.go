package suite

import (
	"slices"

	"researchhub.example/hub/shared/omop"
)

// Tables are the CDM's, with what Circe's definitions may read of its earlier
// versions.
func Tables() []omop.Table {
	list := append(omop.Tables(), omop.Table{Name: "location_history", Columns: []omop.Column{
		{Name: "location_history_id", Type: omop.Int64}, {Name: "location_id", Type: omop.Int64}, {Name: "entity_id", Type: omop.Int64},
		{Name: "domain_id", Type: omop.String}, {Name: "start_date", Type: omop.Date}, {Name: "end_date", Type: omop.Date}}})
	for i, t := range list {
		list[i].Columns = slices.Concat(t.Columns, legacy[t.Name])
	}
	return list
}

// legacy are columns of earlier versions, by table.
var legacy = map[string][]omop.Column{
	"location":      {{Name: "region_concept_id", Type: omop.Int64}},
	"drug_exposure": {{Name: "effective_drug_dose", Type: omop.Float64}, {Name: "dose_unit_concept_id", Type: omop.Int64}},
	"specimen":      {{Name: "specimen_source_concept_id", Type: omop.Int64}},
}

// DuckTypes are DuckDB's names of the columns' types.
var DuckTypes = map[string]string{omop.Int64: "BIGINT", omop.Float64: "DOUBLE", omop.String: "VARCHAR", omop.Date: "DATE", omop.Datetime: "TIMESTAMP"}
