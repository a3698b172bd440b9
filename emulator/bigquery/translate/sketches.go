package translate

import (
	"researchhub.example/hub/shared/googlesql"
)

// HLL_COUNT's sketches have bytes of BigQuery's own, which only BigQuery makes.
// Here a sketch holds what was counted, exactly, and may only go from one
// HLL_COUNT function to another of the same statement: a statement that would
// show, store or compare one is refused.

var sketchTable = []entry[aggregateFunc]{
	{"hll_count.init", "i|n|g|s|x|ii|ni|gi|si|xi", sketchInit},
	{"hll_count.merge", "x", func(t *translator, a *aggregate) string {
		t.sketchesStay()
		return "coalesce(hub_sketch_merge(" + a.applyWhere(notNull(a.args[0]), "list", a.args[0]) + "), 0)"
	}},
	{"hll_count.merge_partial", "x", func(t *translator, a *aggregate) string {
		t.sketchesStay()
		return "hub_sketch_merge_partial(" + a.applyWhere(notNull(a.args[0]), "list", a.args[0]) + ")"
	}},
}

var sketches = []entry[scalarFunc]{
	{"hll_count.extract", "x", func(t *translator, c *googlesql.Call) string {
		t.sketchesStay()
		x := t.expr(c.Args[0])
		return "(CASE WHEN " + x + " IS NULL THEN 0 ELSE " + t.goCall(c, "hub_sketch_extract", x) + " END)"
	}},
}

// sketchInit makes a sketch of a column's values.
func sketchInit(t *translator, a *aggregate) string {
	t.sketchesStay()
	if len(a.exprs) == 2 {
		if p := t.count(a.exprs[1], "HLL_COUNT.INIT's precision"); p < 10 || p > 24 {
			panic(&Invalid{"HLL_COUNT.INIT's precision must be between 10 and 24"})
		}
	}
	if a.distinct {
		refuse("HLL_COUNT.INIT(DISTINCT)")
	}
	x := a.args[0]
	ty := a.types[0]
	switch ty.Kind {
	case googlesql.KindBytes, googlesql.KindBigNumeric:
	case googlesql.KindString:
		x = "encode(" + x + ")"
	default:
		x = "encode(CAST(" + x + " AS VARCHAR))"
	}
	a.distinct = true
	list := a.applyWhere(notNull(a.args[0]), "list", x)
	a.distinct = false
	return "hub_sketch_init(" + list + ", " + textLiteral(ty.String()) + ")"
}

// sketchesStay refuses a statement in which a sketch might get out.
func (t *translator) sketchesStay() {
	switch {
	case t.sketchesChecked:
	case t.whole == nil:
		refuse("HLL_COUNT in this statement")
	default:
		w := &sketchWalk{sketch: map[int]bool{}, named: map[string][]*googlesql.Col{}}
		w.scan(t.whole.Root)
		t.sketches, t.sketchesChecked = w.sketch, true
	}
}

// shown is an output column: of a sketch only that it is NULL can be shown.
func (t *translator) shown(c *googlesql.Col, sql string) string {
	if !t.sketches[c.ID] {
		return sql
	}
	return "(CASE WHEN " + sql + " IS NULL THEN CAST(NULL AS BLOB) ELSE CAST(" + refusal("showing a sketch of HLL_COUNT") + " AS BLOB) END)"
}

func refuseSketch() { refuse("a sketch of HLL_COUNT outside of its functions") }

// sketchWalk follows the columns that hold sketches.
type sketchWalk struct {
	sketch map[int]bool
	named  map[string][]*googlesql.Col
}

func (w *sketchWalk) scan(s googlesql.Scan) {
	switch s := s.(type) {
	case nil, *googlesql.SingleRowScan, *googlesql.TableScan:
	case *googlesql.FilterScan:
		w.scan(s.Input)
		w.none(s.Cond)
	case *googlesql.ProjectScan:
		w.scan(s.Input)
		for _, x := range s.Exprs {
			if ref, ok := x.Expr.(*googlesql.ColRef); ok && w.sketch[ref.Col.ID] {
				w.sketch[x.Col.ID] = true
				continue
			}
			w.none(x.Expr)
		}
	case *googlesql.JoinScan:
		w.scan(s.Left)
		w.scan(s.Right)
		w.none(s.On)
	case *googlesql.ArrayScan:
		w.scan(s.Input)
		w.none(s.Arrays...)
		w.none(s.On)
	case *googlesql.AggregateScan:
		w.scan(s.Input)
		for _, g := range s.GroupBy {
			w.none(g.Expr)
		}
		for _, a := range s.Aggs {
			c, ok := a.Expr.(*googlesql.AggCall)
			if !ok {
				refuseSketch()
			}
			w.aggregate(a.Col, c)
		}
	case *googlesql.SetOpScan:
		for _, it := range s.Items {
			w.scan(it.Scan)
			for k, c := range it.Out {
				if !w.sketch[c.ID] {
					continue
				}
				if s.Op != googlesql.UnionAll {
					refuseSketch()
				}
				w.sketch[s.Cols[k].ID] = true
			}
		}
	case *googlesql.OrderByScan:
		w.scan(s.Input)
		for _, o := range s.Items {
			w.none(o.Expr)
		}
	case *googlesql.LimitScan:
		w.scan(s.Input)
	case *googlesql.WithScan:
		for _, e := range s.Entries {
			w.scan(e.Scan)
			w.named[e.Name] = googlesql.ColumnsOf(e.Scan)
		}
		w.scan(s.Query)
	case *googlesql.WithRefScan:
		for k, c := range w.named[s.Name] {
			if w.sketch[c.ID] {
				if k >= len(s.Cols) {
					refuseSketch()
				}
				w.sketch[s.Cols[k].ID] = true
			}
		}
	default:
		refuseSketch()
	}
}

// aggregate allows a sketch as the argument of a function of sketches.
func (w *sketchWalk) aggregate(col *googlesql.Col, c *googlesql.AggCall) {
	takes := c.Name == "hll_count.merge" || c.Name == "hll_count.merge_partial"
	if !takes || !w.isSketch(c.Args[0]) {
		w.none(c.Args...)
	}
	w.none(c.Where, c.HavingMax, c.HavingMin, c.GroupHaving)
	for _, o := range c.OrderBy {
		w.none(o.Expr)
	}
	if regroups(c) {
		refuseSketch()
	}
	if c.Name == "hll_count.init" || c.Name == "hll_count.merge_partial" {
		w.sketch[col.ID] = true
	}
}

func (w *sketchWalk) isSketch(e googlesql.Expr) bool {
	ref, ok := e.(*googlesql.ColRef)
	return ok && w.sketch[ref.Col.ID]
}

// none refuses sketches in expressions, but for what takes them.
func (w *sketchWalk) none(list ...googlesql.Expr) {
	for _, e := range list {
		switch e := e.(type) {
		case nil, *googlesql.Literal, *googlesql.Param:
		case *googlesql.ColRef:
			if w.sketch[e.Col.ID] {
				refuseSketch()
			}
		case *googlesql.Call:
			if (e.Name == "hll_count.extract" || e.Name == "$is_null") && w.isSketch(e.Args[0]) {
				continue
			}
			w.none(e.Args...)
		case *googlesql.Cast:
			w.none(e.Expr, e.Format, e.TimeZone)
		case *googlesql.MakeStruct:
			w.none(e.Fields...)
		case *googlesql.GetField:
			w.none(e.Expr)
		case *googlesql.Subquery:
			w.none(e.In)
			w.scan(e.Scan)
			for _, c := range googlesql.ColumnsOf(e.Scan) {
				if w.sketch[c.ID] && e.Kind != googlesql.SubqueryExists {
					refuseSketch()
				}
			}
		default:
			refuseSketch()
		}
	}
}
