package googlesql

import "slices"

// pruner takes out of a resolved tree what the result does not need. The
// analyzer prunes tables' columns only as far as no SELECT * stands between;
// BigQuery charges for, and the hub's tiers look at, what is really read.
type pruner struct {
	needed map[int]bool
	// refs are the references to each named query.
	refs  map[string][]*WithRefScan
	reads map[*Table][]int
}

func (p *pruner) need(cols []*Col) {
	for _, c := range cols {
		p.needed[c.ID] = true
	}
}

func (p *pruner) keep(cols []*Col) []*Col {
	return slices.DeleteFunc(slices.Clone(cols), func(c *Col) bool { return !p.needed[c.ID] })
}

func (p *pruner) keepComputed(list []Computed) []Computed {
	return slices.DeleteFunc(slices.Clone(list), func(c Computed) bool { return !p.needed[c.Col.ID] })
}

// scan prunes a scan whose needed columns are known. Expressions come before the
// inputs that they refer to, the right side of a join, which may refer to the
// left, before the left.
func (p *pruner) scan(s Scan) {
	switch s := s.(type) {
	case nil:
		return
	case *TableScan:
		p.tableScan(s)
	case *FilterScan:
		p.exprs(s.Cond)
		p.scan(s.Input)
	case *ProjectScan:
		s.Exprs = p.keepComputed(s.Exprs)
		p.computed(s.Exprs)
		p.scan(s.Input)
	case *JoinScan:
		p.exprs(s.On)
		p.scan(s.Right)
		p.scan(s.Left)
	case *ArrayScan:
		p.exprs(s.On, s.Mode)
		p.exprs(s.Arrays...)
		p.scan(s.Input)
	case *AggregateScan:
		s.Aggs = p.keepComputed(s.Aggs)
		p.computed(s.GroupBy)
		p.computed(s.Aggs)
		p.scan(s.Input)
	case *AnalyticScan:
		p.analytic(s)
	case *SetOpScan:
		p.setOp(s)
		return
	case *OrderByScan:
		p.order(s.Items)
		p.scan(s.Input)
	case *LimitScan:
		p.exprs(s.Limit, s.Offset)
		p.scan(s.Input)
	case *WithScan:
		p.with(s)
	case *WithRefScan:
		p.refs[s.Name] = append(p.refs[s.Name], s)
		return // its columns go by place
	case *RecursiveScan:
		p.need(s.Seed.Out)
		p.need(s.Recursive.Out)
		p.scan(s.Seed.Scan)
		p.scan(s.Recursive.Scan)
		return
	case *RecursiveRefScan:
		return
	case *AssertScan:
		p.exprs(s.Cond, s.Message)
		p.scan(s.Input)
	case *SampleScan:
		p.exprs(s.PartitionBy...)
		p.scan(s.Input)
	}
	b := s.scan()
	b.Cols = p.keep(b.Cols)
}

func (p *pruner) tableScan(s *TableScan) {
	var cols []*Col
	var index []int
	for i, c := range s.Cols {
		if p.needed[c.ID] {
			cols, index = append(cols, c), append(index, s.Index[i])
		}
	}
	if s.View != nil {
		var out []*Col
		for i, c := range s.Cols {
			if p.needed[c.ID] {
				out = append(out, s.ViewOut[i])
			}
		}
		s.Cols, s.Index, s.ViewOut = cols, index, out
		p.need(out)
		p.scan(s.View)
		return
	}
	s.Cols, s.Index = cols, index
	p.reads[s.Table] = append(p.reads[s.Table], index...)
}

func (p *pruner) analytic(s *AnalyticScan) {
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Funcs = p.keepComputed(g.Funcs)
		if len(g.Funcs) == 0 {
			continue
		}
		p.exprs(g.PartitionBy...)
		p.order(g.OrderBy)
		p.computed(g.Funcs)
	}
	s.Groups = slices.DeleteFunc(s.Groups, func(g AnalyticGroup) bool { return len(g.Funcs) == 0 })
	p.scan(s.Input)
}

// setOp prunes by place: only UNION ALL may lose columns, as the others compare
// whole rows.
func (p *pruner) setOp(s *SetOpScan) {
	if s.Op != UnionAll {
		p.need(s.Cols)
	}
	var cols []*Col
	outs := make([][]*Col, len(s.Items))
	for i, c := range s.Cols {
		if !p.needed[c.ID] {
			continue
		}
		cols = append(cols, c)
		for k, it := range s.Items {
			outs[k] = append(outs[k], it.Out[i])
		}
	}
	s.Cols = cols
	for k := range s.Items {
		s.Items[k].Out = outs[k]
		p.need(outs[k])
		p.scan(s.Items[k].Scan)
	}
}

// with prunes the named queries after all that refer to them, the last first.
func (p *pruner) with(s *WithScan) {
	p.scan(s.Query)
	for i := len(s.Entries) - 1; i >= 0; i-- {
		e := s.Entries[i]
		cols := ColumnsOf(e.Scan)
		refs := p.refs[e.Name]
		if _, isRef := e.Scan.(*WithRefScan); isRef {
			p.need(cols) // its columns go by another query's places
		}
		for _, r := range refs {
			for k, c := range r.Cols {
				if p.needed[c.ID] {
					p.needed[cols[k].ID] = true
				}
			}
		}
		p.scan(e.Scan)
		if _, recursive := e.Scan.(*RecursiveScan); recursive {
			continue
		}
		for _, r := range refs {
			var kept []*Col
			for k, c := range r.Cols {
				if p.needed[cols[k].ID] {
					kept = append(kept, c)
				}
			}
			r.Cols = kept
		}
		if _, isRef := e.Scan.(*WithRefScan); isRef {
			continue
		}
		e.Scan.scan().Cols = p.keep(cols)
	}
}

func (p *pruner) computed(list []Computed) {
	for _, c := range list {
		p.exprs(c.Expr)
	}
}

func (p *pruner) order(items []OrderItem) {
	for _, it := range items {
		p.exprs(it.Expr)
	}
}

// exprs notes the columns that expressions need.
func (p *pruner) exprs(list ...Expr) {
	for _, e := range list {
		switch e := e.(type) {
		case *ColRef:
			p.needed[e.Col.ID] = true
		case *Call:
			p.exprs(e.Args...)
		case *AggCall:
			p.exprs(e.Args...)
			p.exprs(e.Where, e.HavingMax, e.HavingMin, e.Limit)
			p.order(e.OrderBy)
			p.computed(e.GroupBy)
			p.computed(e.GroupAggs)
			p.exprs(e.GroupHaving)
		case *WindowCall:
			p.exprs(e.Args...)
			p.exprs(e.Where)
			if e.Frame != nil {
				p.exprs(e.Frame.StartOffset, e.Frame.EndOffset)
			}
		case *Cast:
			p.exprs(e.Expr, e.Format, e.TimeZone)
		case *MakeStruct:
			p.exprs(e.Fields...)
		case *GetField:
			p.exprs(e.Expr)
		case *Subquery:
			p.exprs(e.In)
			if e.Kind != SubqueryExists {
				p.need(ColumnsOf(e.Scan))
			}
			p.scan(e.Scan)
		case *WithExpr:
			p.computed(e.Assign)
			p.exprs(e.Expr)
		case *Lambda:
			p.exprs(e.Body)
		}
	}
}
