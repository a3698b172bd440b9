package omop

import (
	"slices"
	"strings"
)

// Drop is one thing that a tier lacks against the controlled tier.
type Drop struct {
	// Table is a CDM table, or empty: every table that has the column.
	Table string
	// Column becomes NULL in every row; empty: the table has no rows at all.
	Column string
	// Reason is why, in words that may be shown to researchers.
	Reason string
}

// registeredDrops is all that the registered tier lacks. The dates of events stay:
// the hub shifts none, so that windows between events keep their meaning.
var registeredDrops = []Drop{
	{"person", "month_of_birth", "exact birth dates single people out; the year stays"},
	{"person", "day_of_birth", "exact birth dates single people out; the year stays"},
	{"person", "person_source_value", "an identifier of the source system"},
	{"person", "gender_source_value", "as given by the source, finer than the concept"},
	{"person", "gender_source_concept_id", "as given by the source, finer than the concept"},
	{"person", "race_source_value", "as given by the source, finer than the concept"},
	{"person", "race_source_concept_id", "as given by the source, finer than the concept"},
	{"person", "ethnicity_source_value", "as given by the source, finer than the concept"},
	{"person", "ethnicity_source_concept_id", "as given by the source, finer than the concept"},
	{"person", "location_id", "where a person lives"},
	{"", "provider_id", "who treated a person"},
	{"", "care_site_id", "where a person was treated"},
	{"location", "", "where people live and are treated"},
	{"care_site", "", "where people are treated"},
	{"provider", "", "who treats people"},
	{"death", "cause_concept_id", "causes of death single people out"},
	{"death", "cause_source_value", "causes of death single people out"},
	{"death", "cause_source_concept_id", "causes of death single people out"},
	{"measurement", "measurement_time", "times of day; the dates stay"},
	{"visit_occurrence", "visit_source_value", "an identifier of the source system"},
	{"visit_detail", "visit_detail_source_value", "an identifier of the source system"},
	{"specimen", "specimen_source_id", "an identifier of the source system"},
	{"specimen", "specimen_source_value", "an identifier of the source system"},
	{"device_exposure", "unique_device_id", "an identifier of one device"},
	{"device_exposure", "production_id", "an identifier of one device"},
	{"payer_plan_period", "family_source_value", "an identifier of a family"},
	{"drug_exposure", "sig", "free text"},
	{"drug_exposure", "lot_number", "free text"},
	{"", "stop_reason", "free text"},
	{"observation", "value_as_string", "free text"},
	{"", "value_source_value", "free text"},
	{"note", "", "free text"},
	{"note_nlp", "", "free text"},
}

// timeOfDay is the reason for dropping every DATETIME column.
const timeOfDay = "times of day; the dates stay"

// Drops returns what a tier lacks against the controlled tier, each rule with the
// table it stands for, DATETIME columns included; nothing for the controlled tier.
func Drops(tier string) []Drop {
	if tier != TierRegistered {
		return nil
	}
	var all []Drop
	for _, t := range tables {
		if reason, ok := rowsDropped(t.Name); ok {
			all = append(all, Drop{Table: t.Name, Reason: reason})
			continue
		}
		for _, c := range t.Columns {
			if reason, ok := columnDropped(t.Name, c); ok {
				all = append(all, Drop{Table: t.Name, Column: c.Name, Reason: reason})
			}
		}
	}
	return all
}

func rowsDropped(table string) (string, bool) {
	i := slices.IndexFunc(registeredDrops, func(d Drop) bool { return d.Table == table && d.Column == "" })
	if i < 0 {
		return "", false
	}
	return registeredDrops[i].Reason, true
}

func columnDropped(table string, c Column) (string, bool) {
	i := slices.IndexFunc(registeredDrops, func(d Drop) bool {
		return d.Column == c.Name && (d.Table == "" || d.Table == table)
	})
	switch {
	case table == "provider" || table == "care_site" || table == "location":
		return "", false
	case i >= 0:
		return registeredDrops[i].Reason, true
	case c.Type == Datetime:
		return timeOfDay, true
	}
	return "", false
}

// TierQuery returns the query that makes a tier's table from the controlled one.
// Its result has the table's columns in their order, whatever the tier drops, so
// that one statement runs on every tier.
func TierQuery(t Table, tier string, controlled Dataset) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if _, ok := columnDropped(t.Name, c); ok && tier == TierRegistered {
			b.WriteString("CAST(NULL AS " + c.Type + ") AS ")
		}
		b.WriteString("`" + c.Name + "`")
	}
	b.WriteString(" FROM " + controlled.Table(t.Name))
	if _, ok := rowsDropped(t.Name); ok && tier == TierRegistered {
		b.WriteString(" WHERE FALSE")
	}
	return b.String()
}
