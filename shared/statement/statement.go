// Package statement is one GoogleSQL statement with its named parameters, as
// compilers make it, Firestore keeps it and BigQuery runs it. It is pure: no
// cloud client comes with it. Nothing a caller wrote is ever part of the SQL
// text of a compiled statement: it travels as a parameter.
package statement

// Statement is SQL text and the values of its named parameters.
type Statement struct {
	SQL    string  `firestore:"sql" json:"sql"`
	Params []Param `firestore:"params" json:"parameters"`
	// Project and Dataset are where a table's name without them lies; "" for
	// compiled statements, which name their tables in full.
	Project string `firestore:"project,omitempty" json:"-"`
	Dataset string `firestore:"dataset,omitempty" json:"-"`
}

// Kind is the GoogleSQL type of a parameter.
type Kind string

// The parameter kinds in use. Dates travel as text in the form 2026-01-31.
const (
	Int64      Kind = "INT64"
	Float64    Kind = "FLOAT64"
	String     Kind = "STRING"
	Date       Kind = "DATE"
	Bool       Kind = "BOOL"
	Int64Array Kind = "ARRAY<INT64>"
	Texts      Kind = "ARRAY<STRING>"
)

// Param is one named parameter. Exactly the field of its Kind counts.
type Param struct {
	Name   string   `firestore:"name" json:"name"`
	Kind   Kind     `firestore:"kind" json:"type"`
	Int    int64    `firestore:"int,omitempty" json:"int,omitempty"`
	Float  float64  `firestore:"float,omitempty" json:"float,omitempty"`
	Text   string   `firestore:"text,omitempty" json:"text,omitempty"`
	Bool   bool     `firestore:"bool,omitempty" json:"bool,omitempty"`
	Ints   []int64  `firestore:"ints,omitempty" json:"ints,omitempty"`
	Strs   []string `firestore:"strs,omitempty" json:"strs,omitempty"`
	IsNull bool     `firestore:"null,omitempty" json:"null,omitempty"`
}

// IntsParam is an ARRAY<INT64> parameter: concept ids.
func IntsParam(name string, v []int64) Param { return Param{Name: name, Kind: Int64Array, Ints: v} }

// IntParam is an INT64 parameter.
func IntParam(name string, v int64) Param { return Param{Name: name, Kind: Int64, Int: v} }

// TextParam is a STRING parameter.
func TextParam(name, v string) Param { return Param{Name: name, Kind: String, Text: v} }

// DateParam is a DATE parameter; v has the form 2026-01-31.
func DateParam(name, v string) Param { return Param{Name: name, Kind: Date, Text: v} }
