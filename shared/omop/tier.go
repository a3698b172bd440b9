package omop

import "strings"

// Drop is one thing that a tier lacks against the controlled tier.
type Drop struct {
	// Table is a CDM table.
	Table string
	// Column becomes NULL in every row; empty: the table has no rows at all.
	Column string
	// Reason is why, in words that may be shown to researchers.
	Reason string
}

// Drops returns what a tier lacks against the controlled tier; nothing for the
// controlled tier itself.
func Drops(tier string) []Drop {
	if tier != TierRegistered {
		return nil
	}
	var all []Drop
	for _, r := range rulings {
		if !r.Keeps {
			all = append(all, Drop{Table: r.Table, Column: r.Column, Reason: r.Reason})
		}
	}
	return all
}

// TierQuery returns the query that makes a tier's table from the controlled one.
// Its result has the table's columns in their order, whatever the tier drops, so
// that one statement runs on every tier.
func TierQuery(t Table, tier string, controlled Dataset) string {
	lacks := map[string]bool{}
	for _, d := range Drops(tier) {
		if d.Table == t.Name {
			lacks[d.Column] = true
		}
	}
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if lacks[c.Name] {
			b.WriteString("CAST(NULL AS " + c.Type + ") AS ")
		}
		b.WriteString("`" + c.Name + "`")
	}
	b.WriteString(" FROM " + controlled.Table(t.Name))
	if lacks[""] {
		b.WriteString(" WHERE FALSE")
	}
	return b.String()
}
