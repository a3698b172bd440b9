package omop

import (
	"fmt"
	"slices"
	"strings"
)

// Column types, by their BigQuery names. The CDM's datetime fields carry no zone
// and are DATETIME.
const (
	Int64    = "INT64"
	Float64  = "FLOAT64"
	String   = "STRING"
	Date     = "DATE"
	Datetime = "DATETIME"
)

// Column is one field of a CDM table.
type Column struct {
	Name string
	// Type is one of the type names above.
	Type string
	// Required is the CDM's own "required" mark. Real folders break it now and
	// then; Essential says where that cannot be borne.
	Required bool
}

// Table is one table of the CDM.
type Table struct {
	Name string
	// Key is the primary key's column, empty where the CDM names none.
	Key     string
	Columns []Column
	// Needed marks the tables without which a folder is no CDM.
	Needed bool
}

// Column returns the column of that (lower-case) name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Essential reports whether a row without a value in that column cannot be used at
// all: the key, the person, what happened, when it began. Other required columns
// that a folder leaves empty are counted, not refused.
func (t Table) Essential(name string) bool {
	if name == t.Key && name != "" {
		return true
	}
	c, ok := t.Column(name)
	if !ok || !c.Required {
		return false
	}
	if e, ok := eventOf(t.Name); ok && (name == e.Concept || name == e.Start) {
		return true
	}
	return name == "person_id" || slices.Contains(essential[t.Name], name)
}

// essential lists the columns that Essential adds to keys, persons and events.
var essential = map[string][]string{
	"person":               {"gender_concept_id", "year_of_birth", "race_concept_id", "ethnicity_concept_id"},
	"observation_period":   {"observation_period_start_date", "observation_period_end_date"},
	"death":                {"death_date"},
	"condition_era":        {"condition_concept_id", "condition_era_start_date", "condition_era_end_date"},
	"drug_era":             {"drug_concept_id", "drug_era_start_date", "drug_era_end_date"},
	"dose_era":             {"drug_concept_id", "dose_era_start_date", "dose_era_end_date"},
	"concept":              {"concept_name", "domain_id", "vocabulary_id"},
	"concept_ancestor":     {"ancestor_concept_id", "descendant_concept_id"},
	"concept_relationship": {"concept_id_1", "concept_id_2", "relationship_id"},
}

// Tables returns every table of a release in the order in which they are loaded.
func Tables() []Table { return slices.Clone(tables) }

// TableNamed returns the table of that (lower-case) name.
func TableNamed(name string) (Table, bool) {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return tables[i], true
}

var tables = slices.Concat(vocabularyTables, healthSystemTables, clinicalTables, derivedTables, metadataTables)

// define reads a table's columns from lines "name TYPE" or "name TYPE required".
// It runs at package initialisation on constants only, so a mistake stops every
// test; hence the panic.
func define(name, key, columns string) Table {
	t := Table{Name: name, Key: key, Needed: slices.Contains(needed, name)}
	for line := range strings.Lines(columns) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		known := []string{Int64, Float64, String, Date, Datetime}
		if len(f) > 3 || len(f) < 2 || !slices.Contains(known, f[1]) || (len(f) == 3 && f[2] != "required") {
			panic(fmt.Sprintf("omop: table %s: bad column line %q", name, line))
		}
		t.Columns = append(t.Columns, Column{Name: f[0], Type: f[1], Required: len(f) == 3})
	}
	if _, ok := t.Column(key); key != "" && !ok {
		panic(fmt.Sprintf("omop: table %s has no column %s for its key", name, key))
	}
	return t
}

// needed are the tables that every release must bring. The events' tables are
// not among them: a folder may well have no measurements.
var needed = []string{"person", "observation_period", "concept", "concept_ancestor", "vocabulary"}
