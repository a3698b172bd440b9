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
	as := " AS ("
	if len(s.Entries) > maxInlined {
		as = " AS MATERIALIZED ("
	}
	for _, e := range s.Entries {
		name := t.alias("w")
		if rec, ok := e.Scan.(*googlesql.RecursiveScan); ok {
			recursive = true
			defs = append(defs, t.recursiveDefs(rec, name)...)
		} else {
			r := t.scan(e.Scan)
			defs = append(defs, name+as+r.selectSQL(t.placeList(googlesql.ColumnsOf(e.Scan)))+")")
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

// maxInlined is the most named queries that DuckDB may put in the places where they
// are read. Where one reads the next over many levels, its push-down of conditions
// takes longer with each: 40 levels took a second before the first row was read.
const maxInlined = 8

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

// maxIterations is how often BigQuery iterates a recursive query.
const maxIterations = 500

// depthName is the column of a recursive query that counts its iterations.
const depthName = "depth"

// recursiveScan is a recursive query that has no name in WITH.
func (t *translator) recursiveScan(s *googlesql.RecursiveScan) *rel {
	name := t.alias("w")
	defs := t.recursiveDefs(s, name)
	r := t.cteRef(name, s.Cols)
	r.with = "WITH RECURSIVE " + strings.Join(defs, ", ") + " "
	return r
}

// recursiveDefs gives the definitions, in WITH RECURSIVE, that make name a
// recursive query.
func (t *translator) recursiveDefs(s *googlesql.RecursiveScan, name string) []string {
	seed := t.scan(s.Seed.Scan)
	seedList := t.placeList(s.Seed.Out)
	base := name
	if s.Depth != nil {
		base = t.alias("w")
	}
	outer := t.recursive
	t.recursive = base
	step := t.scan(s.Recursive.Scan)
	stepList := t.placeList(s.Recursive.Out)
	t.recursive = outer
	if s.Distinct {
		for _, c := range s.Seed.Out {
			if !isDeepComparable(c.Type) {
				refuse("a set operation DISTINCT, INTERSECT or EXCEPT over %s", c.Type)
			}
		}
		if s.Depth != nil {
			refuse("WITH DEPTH of a recursive UNION DISTINCT")
		}
		return []string{name + " AS ((" + seed.selectSQL(seedList) + ") UNION (" + step.selectSQL(stepList) + "))"}
	}
	// Every row of the table that the step reads is of the last iteration.
	last := "(SELECT max(" + depthName + ") FROM " + base + ")"
	seedList += ", CAST(0 AS BIGINT) AS " + depthName
	next := "(CASE WHEN " + last + " >= " + fmt.Sprint(maxIterations) + " THEN " +
		refuseLater(fmt.Sprintf("WITH RECURSIVE of more than %d iterations", maxIterations)) + " ELSE " + last + " + 1 END)"
	if s.Depth == nil {
		return []string{name + " AS ((" + seed.selectSQL(seedList) + ") UNION ALL (" + step.selectSQL(stepList+", "+next+" AS "+depthName) + "))"}
	}
	lower, upper := t.depthBounds(s.Depth)
	if upper >= 0 {
		step = t.wrapOut(step, s.Recursive.Out)
		stepList = t.placeList(s.Recursive.Out)
		step.where = append(step.where, last+" < "+fmt.Sprint(upper))
	}
	return []string{
		base + " AS ((" + seed.selectSQL(seedList) + ") UNION ALL (" + step.selectSQL(stepList+", "+next+" AS "+depthName) + "))",
		name + " AS (SELECT " + depthList(s) + " FROM " + base + fmt.Sprintf(" WHERE %s >= %d)", depthName, lower),
	}
}

// wrapOut makes a relation to which a condition can be added.
func (t *translator) wrapOut(r *rel, out []*googlesql.Col) *rel {
	if r.limit == "" && r.with == "" {
		return r
	}
	return t.derived(r.selectSQL(t.selectList(out)), out)
}

// depthList selects a recursive query's columns by place; the depth is the last.
func depthList(s *googlesql.RecursiveScan) string {
	var items []string
	for i := range s.Seed.Out {
		items = append(items, placeName(i))
	}
	return strings.Join(append(items, depthName+" AS "+placeName(len(s.Seed.Out))), ", ")
}

// depthBounds reads the bounds of WITH DEPTH; an upper one of -1 is none.
func (t *translator) depthBounds(d *googlesql.Depth) (lower, upper int64) {
	upper = -1
	if d.Lower != nil {
		lower = t.count(d.Lower, "WITH DEPTH BETWEEN")
	}
	if d.Upper != nil {
		if upper = t.count(d.Upper, "WITH DEPTH BETWEEN"); upper < lower {
			panic(&Invalid{"WITH DEPTH requires a lower bound that is not above the upper bound"})
		}
	}
	return lower, upper
}
