package jobs

import (
	"slices"

	"researchhub.example/hub/shared/googlesql"
)

// walk goes down a relation with the conditions that its rows must meet for them
// to count: as far as those hold of the rows below.
func (p *pruning) walk(s googlesql.Scan, filters []googlesql.Expr) {
	switch s := s.(type) {
	case nil, *googlesql.SingleRowScan, *googlesql.WithRefScan, *googlesql.RecursiveRefScan:
	case *googlesql.TableScan:
		p.scans = append(p.scans, scanUse{s, filters})
		p.exprs(s.ForSystemTime)
	case *googlesql.FilterScan:
		p.exprs(s.Cond)
		p.walk(s.Input, append(slices.Clone(filters), s.Cond))
	case *googlesql.ProjectScan:
		p.computed(s.Exprs, true)
		p.walk(s.Input, filters)
	case *googlesql.JoinScan:
		p.join(s, filters)
	case *googlesql.ArrayScan:
		p.exprs(s.Arrays...)
		p.exprs(s.On)
		if s.On != nil && !s.Outer {
			filters = append(slices.Clone(filters), s.On)
		}
		p.walk(s.Input, filters)
	case *googlesql.AggregateScan:
		p.computed(s.GroupBy, s.Sets == nil)
		p.computed(s.Aggs, false)
		if s.Sets != nil {
			filters = nil
		}
		p.walk(s.Input, filters)
	case *googlesql.AnalyticScan:
		for _, g := range s.Groups {
			p.exprs(g.PartitionBy...)
			p.order(g.OrderBy)
			p.computed(g.Funcs, false)
		}
		p.walk(s.Input, nil)
	case *googlesql.SetOpScan:
		for _, it := range s.Items {
			p.walk(it.Scan, nil)
		}
	case *googlesql.OrderByScan:
		p.order(s.Items)
		p.walk(s.Input, filters)
	case *googlesql.LimitScan:
		p.exprs(s.Limit, s.Offset)
		p.walk(s.Input, nil)
	case *googlesql.WithScan:
		for _, e := range s.Entries {
			p.walk(e.Scan, nil)
		}
		p.walk(s.Query, filters)
	case *googlesql.RecursiveScan:
		p.walk(s.Seed.Scan, nil)
		p.walk(s.Recursive.Scan, nil)
	default:
		p.unknown = true
	}
}

// join hands the conditions on to the sides whose rows they hold of.
func (p *pruning) join(s *googlesql.JoinScan, filters []googlesql.Expr) {
	p.exprs(s.On)
	var on []googlesql.Expr
	if s.On != nil {
		on = []googlesql.Expr{s.On}
	}
	both := append(slices.Clone(filters), on...)
	switch s.Type {
	case googlesql.JoinInner:
		p.walk(s.Left, both)
		p.walk(s.Right, both)
	case googlesql.JoinLeft:
		p.walk(s.Left, filters)
		p.walk(s.Right, on)
	case googlesql.JoinRight:
		p.walk(s.Left, on)
		p.walk(s.Right, filters)
	default:
		p.walk(s.Left, nil)
		p.walk(s.Right, nil)
	}
}

// computed notes the columns that only show another one.
func (p *pruning) computed(list []googlesql.Computed, same bool) {
	for _, c := range list {
		if r, ok := c.Expr.(*googlesql.ColRef); ok && same && !r.Correlated {
			p.same[c.Col.ID] = r.Col.ID
		}
		p.exprs(c.Expr)
	}
}

func (p *pruning) order(items []googlesql.OrderItem) {
	for _, it := range items {
		p.exprs(it.Expr)
	}
}

// exprs walks the queries within expressions.
func (p *pruning) exprs(list ...googlesql.Expr) {
	for _, e := range list {
		switch e := e.(type) {
		case *googlesql.Call:
			p.exprs(e.Args...)
		case *googlesql.AggCall:
			p.exprs(e.Args...)
			p.exprs(e.Where, e.HavingMax, e.HavingMin, e.Limit)
			p.order(e.OrderBy)
		case *googlesql.WindowCall:
			p.exprs(e.Args...)
			p.exprs(e.Where)
		case *googlesql.Cast:
			p.exprs(e.Expr, e.Format, e.TimeZone)
		case *googlesql.MakeStruct:
			p.exprs(e.Fields...)
		case *googlesql.GetField:
			p.exprs(e.Expr)
		case *googlesql.Subquery:
			p.exprs(e.In)
			p.walk(e.Scan, nil)
		case *googlesql.WithExpr:
			p.computed(e.Assign, false)
			p.exprs(e.Expr)
		case *googlesql.Lambda:
			p.exprs(e.Body)
		}
	}
}
