package translate

import "researchhub.example/hub/shared/googlesql"

// localized is an aggregation in which no function looks at columns of an
// enclosing query only: DuckDB, as the standard has it, would compute such a
// function over the enclosing query's rows. What these functions look at becomes
// columns of the input.
func (t *translator) localized(s *googlesql.AggregateScan) *googlesql.AggregateScan {
	l := t.newLocalizer(s.Input)
	aggs := make([]googlesql.Computed, len(s.Aggs))
	for i, x := range s.Aggs {
		aggs[i] = x
		c, ok := x.Expr.(*googlesql.AggCall)
		if !ok || regroups(c) {
			continue
		}
		exprs := append([]googlesql.Expr{c.Where, c.HavingMax, c.HavingMin}, c.Args...)
		for _, o := range c.OrderBy {
			exprs = append(exprs, o.Expr)
		}
		if outer, local := looksAt(exprs); !outer || local {
			continue
		}
		call := *c
		call.Args = l.columns(c.Args)
		call.Where, call.HavingMax, call.HavingMin = l.column(c.Where), l.column(c.HavingMax), l.column(c.HavingMin)
		call.OrderBy = l.order(c.OrderBy)
		aggs[i].Expr = &call
	}
	if len(l.made) == 0 {
		return s
	}
	out := *s
	out.Input, out.Aggs = l.scan(), aggs
	return &out
}

// localizedWindows does the same for window functions, in which DuckDB has no
// columns of an enclosing query at all.
func (t *translator) localizedWindows(s *googlesql.AnalyticScan) *googlesql.AnalyticScan {
	l := t.newLocalizer(s.Input)
	out := *s
	out.Groups = make([]googlesql.AnalyticGroup, len(s.Groups))
	for i, g := range s.Groups {
		g.PartitionBy, g.OrderBy = l.outerColumns(g.PartitionBy), l.order(g.OrderBy)
		funcs := make([]googlesql.Computed, len(g.Funcs))
		for k, f := range g.Funcs {
			funcs[k] = f
			if c, ok := f.Expr.(*googlesql.WindowCall); ok {
				call := *c
				call.Args, call.Where = l.outerColumns(c.Args), l.outerColumn(c.Where)
				funcs[k].Expr = &call
			}
		}
		g.Funcs = funcs
		out.Groups[i] = g
	}
	if len(l.made) == 0 {
		return s
	}
	out.Input = l.scan()
	return &out
}

// looksAt reports whether expressions refer to columns of an enclosing query,
// and whether they refer to columns of their own.
func looksAt(list []googlesql.Expr) (outer, local bool) {
	for _, e := range list {
		walk(e, func(e googlesql.Expr) {
			switch e := e.(type) {
			case *googlesql.ColRef:
				outer = outer || e.Correlated
				local = local || !e.Correlated
			case *googlesql.Subquery:
				outer = true
			}
		})
	}
	return outer, local
}

// localizer makes columns of expressions over an input.
type localizer struct {
	t     *translator
	input googlesql.Scan
	made  []googlesql.Computed
}

func (t *translator) newLocalizer(input googlesql.Scan) *localizer {
	return &localizer{t: t, input: input}
}

func (l *localizer) scan() googlesql.Scan {
	cols := append([]*googlesql.Col{}, googlesql.ColumnsOf(l.input)...)
	return &googlesql.ProjectScan{ScanBase: googlesql.ScanBase{Cols: append(cols, columnsOf(l.made)...)}, Input: l.input, Exprs: l.made}
}

// column makes a column of an expression, unless it is constant.
func (l *localizer) column(e googlesql.Expr) googlesql.Expr {
	if e == nil {
		return nil
	}
	if outer, local := looksAt([]googlesql.Expr{e}); !outer && !local {
		return e
	}
	c := googlesql.Computed{Col: l.t.fresh(e.Type()), Expr: e}
	l.made = append(l.made, c)
	return &googlesql.ColRef{Col: c.Col}
}

func (l *localizer) columns(list []googlesql.Expr) []googlesql.Expr {
	out := make([]googlesql.Expr, len(list))
	for i, e := range list {
		out[i] = l.column(e)
	}
	return out
}

// outerColumn makes a column of what looks at an enclosing query.
func (l *localizer) outerColumn(e googlesql.Expr) googlesql.Expr {
	if e == nil {
		return nil
	}
	if outer, _ := looksAt([]googlesql.Expr{e}); !outer {
		return e
	}
	return l.column(e)
}

func (l *localizer) outerColumns(list []googlesql.Expr) []googlesql.Expr {
	out := make([]googlesql.Expr, len(list))
	for i, e := range list {
		out[i] = l.outerColumn(e)
	}
	return out
}

func (l *localizer) order(items []googlesql.OrderItem) []googlesql.OrderItem {
	out := make([]googlesql.OrderItem, len(items))
	for i, it := range items {
		out[i] = it
		out[i].Expr = l.outerColumn(it.Expr)
	}
	return out
}
