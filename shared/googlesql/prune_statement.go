package googlesql

// pruneAnalysis prunes the trees of a statement and returns which columns of
// each table are read. The target of DML keeps all its columns, and is not
// among the tables unless a condition or a value reads it.
func pruneAnalysis(a *Analysis) map[*Table][]int {
	p := &pruner{needed: map[int]bool{}, refs: map[string][]*WithRefScan{}, reads: map[*Table][]int{}}
	if a.Root != nil {
		for _, c := range a.Columns {
			p.needed[c.Col.ID] = true
		}
		p.scan(a.Root)
	}
	switch s := a.Statement.(type) {
	case *Insert:
		p.insert(s)
	case *Update:
		p.update(s)
	case *Delete:
		p.deleteStmt(s)
	case *Merge:
		p.exprs(s.On)
		for _, w := range s.Whens {
			p.exprs(w.Cond)
			p.exprs(w.Row...)
			p.items(w.Items)
		}
		p.scan(s.From)
		p.target(s.Table)
	case *Truncate:
		p.exprs(s.Where)
		p.target(s.Table)
	case *Assert:
		p.exprs(s.Cond)
	}
	return p.reads
}

func (p *pruner) insert(s *Insert) {
	for _, row := range s.Rows {
		p.exprs(row...)
	}
	p.exprs(s.AssertRows)
	p.returning(s.Returning)
	if s.Query != nil {
		p.need(s.Out)
		p.scan(s.Query)
	}
	p.target(s.Table)
}

func (p *pruner) update(s *Update) {
	p.exprs(s.Where, s.AssertRows)
	p.items(s.Items)
	p.returning(s.Returning)
	p.scan(s.From)
	p.target(s.Table)
}

func (p *pruner) deleteStmt(s *Delete) {
	p.exprs(s.Where, s.AssertRows)
	p.returning(s.Returning)
	p.target(s.Table)
}

func (p *pruner) returning(r *Returning) {
	if r == nil {
		return
	}
	for _, c := range r.Columns {
		p.needed[c.Col.ID] = true
	}
	p.computed(r.Exprs)
}

// items notes what SET reads: the values, and of a nested target the column.
func (p *pruner) items(list []*UpdateItem) {
	for _, it := range list {
		_, whole := it.Target.(*ColRef)
		if !whole || !it.IsSet {
			p.exprs(it.Target)
		}
		p.exprs(it.Value)
		for _, e := range it.Elements {
			p.exprs(e.Subscript)
			p.items([]*UpdateItem{e.Item})
		}
		for _, d := range it.Deletes {
			p.deleteStmt(d)
		}
		for _, u := range it.Updates {
			p.update(u)
		}
		for _, i := range it.Inserts {
			p.insert(i)
		}
	}
}

// target notes which columns of a statement's target are read.
func (p *pruner) target(s *TableScan) {
	if s == nil {
		return
	}
	var index []int
	for i, c := range s.Cols {
		if p.needed[c.ID] {
			index = append(index, s.Index[i])
		}
	}
	if len(index) > 0 {
		p.reads[s.Table] = append(p.reads[s.Table], index...)
	}
}
