package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// everyRow is a LIMIT that keeps all rows. DuckDB moves no filter across it, so
// that what it stands on is computed first.
const everyRow = " LIMIT 9223372036854775807"

// fenced makes a subquery of a relation that no filter is moved into or out of;
// an order is kept.
func (t *translator) fenced(r *rel, cols []*googlesql.Col) *rel {
	if r.limit == "" {
		r.limit = everyRow
	}
	if r.order != "" {
		return t.derivedOrdered(r, []string{t.selectList(cols)}, t.alias("ord"), cols)
	}
	return t.isolate(r, cols)
}

// assertScan fails at a row that does not hold what is claimed of it. The rows
// are those that were there before any later filter.
func (t *translator) assertScan(s *googlesql.AssertScan) *rel {
	in := t.fenced(t.scan(s.Input), googlesql.ColumnsOf(s.Input))
	message := "'Assert failed'"
	if s.Message != nil {
		message = "coalesce('Assert failed: ' || " + t.expr(s.Message) + ", 'Assert failed')"
	}
	in.where = append(in.where, "(CASE WHEN "+t.expr(s.Cond)+" THEN TRUE ELSE error("+message+") END)")
	return t.fenced(in, googlesql.ColumnsOf(s))
}

// sampleScan is TABLESAMPLE. Which rows it keeps is chance in GoogleSQL too; how
// many, and their weight, is not. SYSTEM samples blocks of a size that GoogleSQL
// leaves open; here they are rows.
func (t *translator) sampleScan(s *googlesql.SampleScan) *rel {
	input := googlesql.ColumnsOf(s.Input)
	in := t.fenced(t.scan(s.Input), input)
	cols := append([]*googlesql.Col{}, input...)
	list := t.selectList(input)
	size, isConstant := t.constant(s.Size)
	if !isConstant {
		refuse("TABLESAMPLE of a size that is no constant")
	}
	if size.IsNull() {
		panic(&Invalid{"TABLESAMPLE requires a size that is not NULL"})
	}
	chance := "random()"
	if s.Repeatable != nil {
		seed, ok := t.constant(s.Repeatable)
		if n, isInt := seed.V.(int64); !ok || !seed.IsNull() && !isInt {
			refuse("REPEATABLE with a seed that is no constant INT64")
		} else if seed.IsNull() || n < 0 {
			panic(&Invalid{"REPEATABLE requires a seed that is neither NULL nor negative"})
		} else {
			chance = fmt.Sprintf("(CAST(hash(row_number() OVER (), CAST(%d AS BIGINT)) >> 11 AS DOUBLE) / 9007199254740992.0)", n)
		}
	}
	a := t.alias("p")
	var keep, weight string
	if s.Percent {
		percent, ok := percentOf(size)
		if !ok {
			refuse("TABLESAMPLE of %s PERCENT", size.Type)
		}
		if !(percent >= 0 && percent <= 100) {
			panic(&Invalid{"PERCENT value must be in the range [0, 100]"})
		}
		if s.Method == "reservoir" || len(s.PartitionBy) > 0 {
			refuse("TABLESAMPLE %s of a percentage", strings.ToUpper(s.Method))
		}
		keep = fmt.Sprintf("%s.chance < %s", a, floatLiteral(percent/100))
		weight = "(100.0 / " + floatLiteral(percent) + ")"
		list += ", " + chance + " AS chance"
	} else {
		n, ok := size.V.(int64)
		if !ok || n < 0 {
			panic(&Invalid{"TABLESAMPLE requires a size that is not negative"})
		}
		if s.Method != "reservoir" {
			refuse("TABLESAMPLE %s of a number of rows", strings.ToUpper(s.Method))
		}
		over := ""
		if len(s.PartitionBy) > 0 {
			for _, p := range s.PartitionBy {
				if !isDeepComparable(p.Type()) {
					refuse("PARTITION BY %s", p.Type())
				}
			}
			over = "PARTITION BY " + strings.Join(t.exprs(s.PartitionBy), ", ")
		}
		list += ", row_number() OVER (" + over + " ORDER BY " + strings.Replace(chance, "row_number() OVER ()", "k_place", 1) + ") AS chance" +
			", count(*) OVER (" + over + ") AS total"
		if s.Repeatable != nil {
			in = t.numbered(in, input)
		}
		keep = fmt.Sprintf("%s.chance <= %d", a, n)
		weight = fmt.Sprintf("(CASE WHEN %s.total > %d THEN CAST(%s.total AS DOUBLE) / %d ELSE CAST(1 AS DOUBLE) END)", a, n, a, max(n, 1))
	}
	out := &rel{from: "(" + in.selectSQL(list) + everyRow + ") AS " + a, where: []string{keep}}
	for _, c := range input {
		t.refs[c.ID] = a + "." + outputName(c)
	}
	if s.Weight != nil {
		t.refs[s.Weight.ID] = weight
		cols = append(cols, s.Weight)
	}
	return t.fenced(out, cols)
}

// numbered adds the rows' numbers, as k_place, to a relation.
func (t *translator) numbered(r *rel, cols []*googlesql.Col) *rel {
	return t.derived(r.selectSQL(t.selectList(cols)+", row_number() OVER () AS k_place"), cols)
}

func percentOf(v googlesql.Value) (float64, bool) {
	switch x := v.V.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}
