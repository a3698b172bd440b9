package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// output is a column that an aggregation or a window makes: what the SELECT
// says, and what is made of that around it.
type output struct {
	col       *googlesql.Col
	sql, post string
	// defers is set for an aggregate that fails where its value is used.
	defers *deferred
}

// finish makes the relation of a SELECT of outputs, with what is to be done to
// some of them around it.
func (t *translator) finish(r *rel, outs []output, tail string) *rel {
	items := make([]string, len(outs))
	cols := make([]*googlesql.Col, len(outs))
	later := false
	for i, o := range outs {
		items[i] = o.sql + " AS " + outputName(o.col)
		cols[i] = o.col
		later = later || o.post != ""
	}
	if len(items) == 0 {
		items = []string{"count(*) AS k0"}
	}
	d := t.derived(r.selectSQL(strings.Join(items, ", "), tail), cols)
	if !later {
		for _, o := range outs {
			if o.defers != nil {
				t.refs[o.col.ID] = o.defers.value(t.ref(o.col), o.col.Type)
				t.deferred[o.col.ID] = true
			}
		}
		return d
	}
	for i, o := range outs {
		items[i] = t.ref(o.col) + " AS " + outputName(o.col)
		if o.post != "" {
			items[i] = strings.ReplaceAll(o.post, "$r", t.ref(o.col)) + " AS " + outputName(o.col)
		}
		if o.defers != nil {
			items[i] = o.defers.value(t.ref(o.col), o.col.Type) + " AS " + outputName(o.col)
		}
	}
	return t.derived(d.selectSQL(strings.Join(items, ", ")), cols)
}

// aggregateScan translates GROUP BY.
func (t *translator) aggregateScan(s *googlesql.AggregateScan) *rel {
	if multilevel(s) {
		return t.multilevelScan(s)
	}
	s = t.localized(s)
	r := t.scan(s.Input)
	if r.limit != "" || r.with != "" {
		r = t.wrap(r, googlesql.ColumnsOf(s.Input))
	}
	r.order = ""
	r, restore := t.localize(s, r)
	defer restore()
	in := t.groupInput(s, r)
	r, keys := in.rel, in.keys
	var outs []output
	for i, g := range s.GroupBy {
		outs = append(outs, output{col: g.Col, sql: keys[i]})
	}
	if s.Sets != nil && len(outs) > 0 {
		// Only the empty grouping set makes a group of no rows.
		outs[0].sql = "(CASE WHEN count(*) = 0 THEN " + refusal("the grand total of no rows among grouping sets") + " ELSE " + outs[0].sql + " END)"
	}
	for i, x := range s.Aggs {
		call, ok := x.Expr.(*googlesql.AggCall)
		if !ok {
			refuse("an aggregate that is no function call")
		}
		t.aggregated[x.Col.ID] = true
		if column, ok := in.guards[i]; ok {
			if d, ok := t.deferredCall(call, column); ok {
				outs = append(outs, output{col: x.Col, sql: d.sql, defers: d})
				continue
			}
		}
		a := t.aggCall(call, in.having[i])
		sql := t.aggregate(a)
		outs = append(outs, output{col: x.Col, sql: sql, post: a.post})
	}
	for _, g := range s.Grouping {
		outs = append(outs, output{col: g.Col, sql: "CAST(grouping(" + keys[g.Of] + ") AS BIGINT)"})
	}
	return t.finish(r, outs, groupTail(s, keys))
}

// groupTail writes the GROUP BY clause.
func groupTail(s *googlesql.AggregateScan, keys []string) string {
	if s.Sets == nil {
		if len(keys) == 0 {
			return ""
		}
		return " GROUP BY " + strings.Join(keys, ", ")
	}
	sets := make([]string, len(s.Sets))
	for i, set := range s.Sets {
		names := make([]string, len(set))
		for k, of := range set {
			names[k] = keys[of]
		}
		sets[i] = "(" + strings.Join(names, ", ") + ")"
	}
	return " GROUP BY GROUPING SETS (" + strings.Join(sets, ", ") + ")"
}

// groupInput is what groups are formed of.
type groupInput struct {
	rel *rel
	// keys are columns when they are expressions, so that they can be named more
	// than once.
	keys []string
	// having are the conditions that HAVING MAX and HAVING MIN within the
	// aggregates' calls stand for, and guards the arguments that must not fail at
	// once, both by the aggregates' places.
	having, guards map[int]string
}

func (t *translator) groupInput(s *googlesql.AggregateScan, r *rel) groupInput {
	keys := make([]string, len(s.GroupBy))
	computed := false
	for i, g := range s.GroupBy {
		if !isGroupable(g.Col.Type) {
			refuse("GROUP BY %s", g.Col.Type)
		}
		checkType(g.Col.Type)
		keys[i] = grouped(g.Col.Type, t.expr(g.Expr))
		if _, ok := g.Expr.(*googlesql.ColRef); !ok || g.Col.Type.Is(googlesql.KindInterval) {
			computed = true
		}
	}
	input := googlesql.ColumnsOf(s.Input)
	if computed {
		r, keys = t.extended(r, input, keys)
	}
	in := groupInput{rel: r, keys: keys, having: t.havingModifiers(s, keys), guards: map[int]string{}}
	for i, x := range s.Aggs {
		if c, ok := x.Expr.(*googlesql.AggCall); ok && t.guard[x.Col.ID] {
			if column, ok := t.guardColumn(c); ok {
				in.guards[i] = column
			}
		}
	}
	var slots []func(ref string)
	extra := append([]string{}, keys...)
	for i := range keys {
		slots = append(slots, func(ref string) { in.keys[i] = ref })
	}
	for _, m := range []map[int]string{in.having, in.guards} {
		for i := range s.Aggs {
			if x, ok := m[i]; ok {
				extra = append(extra, x)
				slots = append(slots, func(ref string) { m[i] = ref })
			}
		}
	}
	if len(extra) == len(keys) {
		return in
	}
	var refs []string
	in.rel, refs = t.extended(r, input, extra)
	for i, ref := range refs {
		slots[i](ref)
	}
	return in
}

// extended wraps a relation, with expressions over it as further columns; it
// returns how these are referred to.
func (t *translator) extended(r *rel, cols []*googlesql.Col, extra []string) (*rel, []string) {
	var items []string
	if len(cols) > 0 {
		items = append(items, t.selectList(cols))
	}
	names := make([]string, len(extra))
	for i, x := range extra {
		names[i] = t.alias("x")
		items = append(items, x+" AS "+names[i])
	}
	d := t.derived(r.selectSQL(strings.Join(items, ", ")), cols)
	alias := d.from[strings.LastIndex(d.from, " AS ")+len(" AS "):]
	for i := range names {
		names[i] = alias + "." + names[i]
	}
	return d, names
}

// havingModifiers turns HAVING MAX and HAVING MIN within the aggregates' calls
// into conditions: those rows count whose key is the group's extreme. A NaN
// equals nothing, so that a group with one has no such row. The result is by
// the aggregates' places.
func (t *translator) havingModifiers(s *googlesql.AggregateScan, keys []string) map[int]string {
	conds := map[int]string{}
	window := ""
	if len(keys) > 0 {
		window = "PARTITION BY " + strings.Join(keys, ", ")
	}
	for i, x := range s.Aggs {
		c, ok := x.Expr.(*googlesql.AggCall)
		if !ok || c.HavingMax == nil && c.HavingMin == nil {
			continue
		}
		if s.Sets != nil {
			refuse("HAVING MAX or MIN within an aggregate function over grouping sets")
		}
		key, fn := c.HavingMax, "max"
		if key == nil {
			key, fn = c.HavingMin, "min"
		}
		if !isMeasurable(key.Type()) {
			refuse("HAVING MAX or MIN by %s", key.Type())
		}
		checkType(key.Type())
		k := grouped(key.Type(), t.expr(key))
		filter, where := "", ""
		if c.Where != nil {
			where = "(" + t.expr(c.Where) + ")"
			filter = " FILTER (WHERE " + where + ")"
			where += " AND "
		}
		over := filter + " OVER (" + window + ")"
		cond := where + "(" + k + ") = " + fn + "(" + k + ")" + over
		if key.Type().Is(googlesql.KindFloat64) {
			cond += " AND NOT coalesce(bool_or(isnan(" + k + "))" + over + ", FALSE)"
		}
		conds[i] = "coalesce(" + cond + ", FALSE)"
	}
	return conds
}
