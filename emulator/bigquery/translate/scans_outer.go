package translate

import (
	"fmt"

	"researchhub.example/hub/shared/googlesql"
)

// localize makes columns of the enclosing queries, to which the aggregates of a
// scan refer, columns of the aggregates' own input: DuckDB takes an aggregate of
// nothing but outer columns for one of the enclosing query. The function that it
// returns undoes it for what comes after the aggregates.
func (t *translator) localize(s *googlesql.AggregateScan, r *rel) (*rel, func()) {
	var exprs []googlesql.Expr
	for _, a := range s.Aggs {
		call, ok := a.Expr.(*googlesql.AggCall)
		if !ok {
			continue
		}
		exprs = append(exprs, call.Args...)
		exprs = append(exprs, call.Where, call.HavingMax, call.HavingMin)
		for _, it := range call.OrderBy {
			exprs = append(exprs, it.Expr)
		}
	}
	return t.localizeAll(exprs, r, googlesql.ColumnsOf(s.Input))
}

// localizeWindows does so for window functions, which in DuckDB may not refer to
// the enclosing queries at all.
func (t *translator) localizeWindows(s *googlesql.AnalyticScan, r *rel) (*rel, func()) {
	var exprs []googlesql.Expr
	for _, g := range s.Groups {
		exprs = append(exprs, g.PartitionBy...)
		for _, it := range g.OrderBy {
			exprs = append(exprs, it.Expr)
		}
		for _, f := range g.Funcs {
			if call, ok := f.Expr.(*googlesql.WindowCall); ok {
				exprs = append(append(exprs, call.Args...), call.Where)
			}
		}
	}
	return t.localizeAll(exprs, r, googlesql.ColumnsOf(s.Input))
}

func (t *translator) localizeAll(exprs []googlesql.Expr, r *rel, input []*googlesql.Col) (*rel, func()) {
	var outer []*googlesql.Col
	seen := map[int]bool{}
	for _, x := range exprs {
		walk(x, func(e googlesql.Expr) {
			if ref, ok := e.(*googlesql.ColRef); ok && ref.Correlated && !seen[ref.Col.ID] {
				seen[ref.Col.ID] = true
				outer = append(outer, ref.Col)
			}
		})
	}
	if len(outer) == 0 {
		return r, func() {}
	}
	list := ""
	if len(input) > 0 {
		list = t.selectList(input) + ", "
	}
	for i, c := range outer {
		if i > 0 {
			list += ", "
		}
		list += t.ref(c) + fmt.Sprintf(" AS o%d", c.ID)
	}
	saved := make([]string, len(outer))
	d := t.derived(r.selectSQL(list), input)
	for i, c := range outer {
		saved[i] = t.refs[c.ID]
		t.refs[c.ID] = fmt.Sprintf("%s.o%d", d.name(), c.ID)
	}
	return d, func() {
		for i, c := range outer {
			t.refs[c.ID] = saved[i]
		}
	}
}
