package translate

import (
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// multilevel reports whether an aggregate function groups the rows once more
// within itself, as SUM(AVG(x) GROUP BY k) does.
func multilevel(s *googlesql.AggregateScan) bool {
	return slices.ContainsFunc(s.Aggs, func(c googlesql.Computed) bool { return regroups(c.Expr) })
}

func regroups(e googlesql.Expr) bool {
	c, ok := e.(*googlesql.AggCall)
	return ok && (len(c.GroupBy) > 0 || len(c.GroupAggs) > 0 || c.GroupHaving != nil)
}

// multilevelScan aggregates in steps: the plain aggregates give every group a
// row; then, for each function that regroups, the inner groups are made of the
// same input and joined to their outer group, over which the function is
// applied. A group that has lost all its inner groups keeps its row.
func (t *translator) multilevelScan(s *googlesql.AggregateScan) *rel {
	if s.Sets != nil {
		refuse("GROUP BY within an aggregate function over grouping sets")
	}
	input := googlesql.ColumnsOf(s.Input)
	name := t.alias("m")
	body := t.scan(s.Input)
	if body.limit != "" || body.with != "" {
		body = t.wrap(body, input)
	}
	body.order = ""
	with := "WITH " + name + " AS MATERIALIZED (" + body.selectSQL(t.placeList(input)) + ") "
	t.ctes["$"+name] = name
	defer delete(t.ctes, "$"+name)

	plain := &googlesql.AggregateScan{Input: t.again(name, input), GroupBy: s.GroupBy}
	var inner []googlesql.Computed
	for _, x := range s.Aggs {
		if regroups(x.Expr) {
			inner = append(inner, x)
			continue
		}
		plain.Aggs = append(plain.Aggs, x)
	}
	cols := append(columnsOf(plain.GroupBy), columnsOf(plain.Aggs)...)
	if len(cols) == 0 {
		// A row must be there even where nothing else is asked for.
		count := googlesql.Computed{Col: t.fresh(googlesql.Int64), Expr: &googlesql.AggCall{Name: "$count_star", T: googlesql.Int64}}
		plain.Aggs = append(plain.Aggs, count)
		cols = append(cols, count.Col)
	}
	r := t.aggregateScan(plain)
	for _, x := range inner {
		r = t.regroup(r, cols, s.GroupBy, x, name, input)
		cols = append(cols, x.Col)
		t.aggregated[x.Col.ID] = true
	}
	r = t.derived(r.selectSQL(t.selectList(cols)), cols)
	r.with = with
	return t.wrap(r, cols)
}

// again reads the shared input once more.
func (t *translator) again(name string, cols []*googlesql.Col) googlesql.Scan {
	return &googlesql.WithRefScan{ScanBase: googlesql.ScanBase{Cols: cols}, Name: "$" + name}
}

// fresh is a column that the statement does not have.
func (t *translator) fresh(ty *googlesql.Type) *googlesql.Col {
	const first = 1 << 30
	t.aliases++
	return &googlesql.Col{ID: first + t.aliases, Type: ty}
}

func columnsOf(list []googlesql.Computed) []*googlesql.Col {
	out := make([]*googlesql.Col, len(list))
	for i, c := range list {
		out[i] = c.Col
	}
	return out
}

// regroup adds to the groups (cols, of which the first are the keys) an
// aggregate function with GROUP BY in it.
func (t *translator) regroup(groups *rel, cols []*googlesql.Col, keys []googlesql.Computed, x googlesql.Computed, name string, input []*googlesql.Col) *rel {
	call := x.Expr.(*googlesql.AggCall)
	if call.HavingMax != nil || call.HavingMin != nil {
		refuse("HAVING MAX or MIN together with GROUP BY within an aggregate function")
	}
	source := t.again(name, input)
	if call.Where != nil {
		source = &googlesql.FilterScan{ScanBase: googlesql.ScanBase{Cols: input}, Input: source, Cond: call.Where}
	}
	scan := &googlesql.AggregateScan{Input: source, Aggs: call.GroupAggs}
	for _, k := range keys {
		scan.GroupBy = append(scan.GroupBy, googlesql.Computed{Col: t.fresh(k.Col.Type), Expr: k.Expr})
	}
	own := columnsOf(scan.GroupBy)
	scan.GroupBy = append(scan.GroupBy, call.GroupBy...)
	made := append(columnsOf(scan.GroupBy), columnsOf(scan.Aggs)...)
	scan.Cols = made
	var top googlesql.Scan = scan
	if call.GroupHaving != nil {
		top = &googlesql.FilterScan{ScanBase: googlesql.ScanBase{Cols: made}, Input: scan, Cond: call.GroupHaving}
	}
	refs := make([]string, len(cols))
	for i, c := range cols {
		refs[i] = t.ref(c)
	}
	right, present := t.extended(t.scan(top), made, []string{"TRUE"})
	on := []string{"TRUE"}
	for i := range keys {
		on = append(on, refs[i]+" IS NOT DISTINCT FROM "+t.ref(own[i]))
	}
	joined := &rel{from: groups.from + " LEFT JOIN " + right.from + " ON " + strings.Join(on, " AND "), joined: true}
	outs := make([]output, len(cols), len(cols)+1)
	for i, c := range cols {
		outs[i] = output{col: c, sql: refs[i]}
		if i >= len(keys) {
			outs[i].sql = "first(" + refs[i] + ")"
		}
	}
	outer := *call
	outer.GroupBy, outer.GroupAggs, outer.GroupHaving, outer.Where = nil, nil, nil, nil
	a := t.aggCall(&outer, present[0])
	sql := t.aggregate(a)
	tail := ""
	if len(keys) > 0 {
		tail = " GROUP BY " + strings.Join(refs[:len(keys)], ", ")
	}
	return t.finish(joined, append(outs, output{col: x.Col, sql: sql, post: a.post}), tail)
}
