package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// withScan translates WITH. Each named query's columns are named by place, as
// every reference has columns of its own.
func (t *translator) withScan(s *googlesql.WithScan, cols []*googlesql.Col) *rel {
	saved := make(map[string]string, len(t.ctes))
	for k, v := range t.ctes {
		saved[k] = v
	}
	var defs []string
	recursive := false
	for _, e := range s.Entries {
		name := t.alias("w")
		if rec, ok := e.Scan.(*googlesql.RecursiveScan); ok {
			recursive = true
			defs = append(defs, name+" AS ("+t.recursiveSQL(rec, name)+")")
		} else {
			r := t.scan(e.Scan)
			defs = append(defs, name+" AS ("+r.selectSQL(t.placeList(googlesql.ColumnsOf(e.Scan)))+")")
		}
		t.ctes[e.Name] = name
	}
	r := t.scan(s.Query)
	t.ctes = saved
	word := "WITH "
	if recursive {
		word = "WITH RECURSIVE "
	}
	if r.with != "" {
		r = t.wrap(r, cols)
	}
	r.with = word + strings.Join(defs, ", ") + " "
	return r
}

func placeName(i int) string { return fmt.Sprintf("p%d", i) }

func (t *translator) placeList(cols []*googlesql.Col) string {
	if len(cols) == 0 {
		return "1 AS p0"
	}
	items := make([]string, len(cols))
	for i, c := range cols {
		items[i] = t.ref(c) + " AS " + placeName(i)
	}
	return strings.Join(items, ", ")
}

func (t *translator) cteRef(name string, cols []*googlesql.Col) *rel {
	a := t.alias("r")
	for i, c := range cols {
		t.refs[c.ID] = a + "." + placeName(i)
	}
	return &rel{from: name + " AS " + a, cols: cols}
}

// recursiveSQL translates a recursive named query.
func (t *translator) recursiveSQL(s *googlesql.RecursiveScan, name string) string {
	if t.recursive != "" {
		refuse("WITH RECURSIVE within WITH RECURSIVE")
	}
	seed := t.scan(s.Seed.Scan).selectSQL(t.placeList(s.Seed.Out))
	t.recursive = name
	step := t.scan(s.Recursive.Scan).selectSQL(t.placeList(s.Recursive.Out))
	t.recursive = ""
	word := " UNION ALL "
	if s.Distinct {
		word = " UNION "
	}
	return "(" + seed + ")" + word + "(" + step + ")"
}
