package googlesql

import (
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// scan converts a scan.
func (c *converter) scan(n gsql.ResolvedScanNode) Scan {
	if n == nil {
		return nil
	}
	c.descend()
	defer c.ascend()
	if must(n.HintListSize()) > 0 {
		c.other("a hint")
	}
	switch n := n.(type) {
	case *gsql.ResolvedTableScan:
		return c.tableScan(n)
	case *gsql.ResolvedSingleRowScan:
		return &SingleRowScan{}
	case *gsql.ResolvedFilterScan:
		return &FilterScan{c.base(n), c.scan(must(n.InputScan())), c.expr(must(n.FilterExpr()))}
	case *gsql.ResolvedProjectScan:
		in := c.scan(must(n.InputScan()))
		p := &ProjectScan{ScanBase: c.base(n), Input: in}
		for _, x := range must(n.ExprList()) {
			p.Exprs = append(p.Exprs, Computed{c.col(must(x.Column())), c.expr(must(x.Expr()))})
		}
		return p
	case *gsql.ResolvedJoinScan:
		return c.joinScan(n)
	case *gsql.ResolvedArrayScan:
		return c.arrayScan(n)
	case *gsql.ResolvedAggregateScan:
		return c.aggregateScan(n)
	case *gsql.ResolvedAnalyticScan:
		return c.analyticScan(n)
	case *gsql.ResolvedSetOperationScan:
		return c.setOpScan(n)
	case *gsql.ResolvedOrderByScan:
		in := c.scan(must(n.InputScan()))
		return &OrderByScan{c.base(n), in, c.orderItems(must(n.OrderByItemList()))}
	case *gsql.ResolvedLimitOffsetScan:
		l := &LimitScan{ScanBase: c.base(n), Input: c.scan(must(n.InputScan()))}
		l.Limit, l.Offset = c.expr(must(n.Limit())), c.expr(must(n.Offset()))
		return l
	case *gsql.ResolvedWithScan:
		w := &WithScan{ScanBase: c.base(n), Recursive: must(n.Recursive())}
		for _, x := range must(n.WithEntryList()) {
			w.Entries = append(w.Entries, WithEntry{c.prefix + must(x.WithQueryName()), c.scan(must(x.WithSubquery()))})
		}
		w.Query = c.scan(must(n.Query()))
		return w
	case *gsql.ResolvedWithRefScan:
		return &WithRefScan{c.base(n), c.prefix + must(n.WithQueryName())}
	case *gsql.ResolvedRecursiveScan:
		return c.recursiveScan(n)
	case *gsql.ResolvedRecursiveRefScan:
		return &RecursiveRefScan{c.base(n)}
	case *gsql.ResolvedAssertScan:
		in := c.scan(must(n.InputScan()))
		return &AssertScan{c.base(n), in, c.expr(must(n.Condition())), c.expr(must(n.Message()))}
	case *gsql.ResolvedSampleScan:
		return c.sampleScan(n)
	case *gsql.ResolvedBarrierScan:
		// It only forbids an order of evaluation, which its input keeps anyway.
		return &ProjectScan{ScanBase: c.base(n), Input: c.scan(must(n.InputScan()))}
	}
	what := statementName(must(n.NodeKindString()))
	c.other(what)
	c.collect(n)
	return &OtherScan{c.base(n), what}
}

func (c *converter) tableScan(n *gsql.ResolvedTableScan) Scan {
	t := must(n.Table())
	key := must(t.FullName())
	table, ok := c.tables[key]
	if !ok {
		panic(conversionFailure{fmt.Errorf("the statement reads a table that the catalog did not give")})
	}
	s := &TableScan{ScanBase: c.base(n), Table: table}
	for _, i := range must(n.ColumnIndexList()) {
		s.Index = append(s.Index, int(i))
	}
	if len(s.Index) != len(s.Cols) {
		panic(conversionFailure{fmt.Errorf("table scan of %s lists %d columns and %d places", table.ID(), len(s.Cols), len(s.Index))})
	}
	if x := must(n.ForSystemTimeExpr()); x != nil {
		s.ForSystemTime = c.expr(x)
		c.other("FOR SYSTEM_TIME AS OF")
	}
	if must(n.ReadAsRowType()) {
		c.other("a table read as rows")
	}
	if table.View != nil {
		c.graft(s, key)
		return s
	}
	c.use(table, s.Index)
	return s
}

func (c *converter) joinScan(n *gsql.ResolvedJoinScan) Scan {
	j := &JoinScan{ScanBase: c.base(n), Lateral: must(n.IsLateral())}
	switch t := must(n.JoinType()); t {
	case gsql.ResolvedJoinScanEnums_JoinTypeInner:
		j.Type = JoinInner
	case gsql.ResolvedJoinScanEnums_JoinTypeLeft:
		j.Type = JoinLeft
	case gsql.ResolvedJoinScanEnums_JoinTypeRight:
		j.Type = JoinRight
	case gsql.ResolvedJoinScanEnums_JoinTypeFull:
		j.Type = JoinFull
	default:
		c.other(fmt.Sprintf("join type %d", t))
	}
	j.Left, j.Right = c.scan(must(n.LeftScan())), c.scan(must(n.RightScan()))
	j.On = c.expr(must(n.JoinExpr()))
	return j
}

func (c *converter) arrayScan(n *gsql.ResolvedArrayScan) Scan {
	a := &ArrayScan{ScanBase: c.base(n), Outer: must(n.IsOuter())}
	a.Input = c.scan(must(n.InputScan()))
	a.Arrays = c.exprs(must(n.ArrayExprList()), must(n.ArrayExprListSize()))
	a.Elems = c.colList(must(n.ElementColumnList()))
	if off := must(n.ArrayOffsetColumn()); off != nil {
		a.Offset = c.col(must(off.Column()))
	}
	a.On = c.expr(must(n.JoinExpr()))
	a.Mode = c.expr(must(n.ArrayZipMode()))
	return a
}

func (c *converter) sampleScan(n *gsql.ResolvedSampleScan) Scan {
	s := &SampleScan{ScanBase: c.base(n), Input: c.scan(must(n.InputScan())), Method: strings.ToLower(must(n.Method()))}
	s.Size, s.Repeatable = c.expr(must(n.Size())), c.expr(must(n.RepeatableArgument()))
	s.Percent = must(n.Unit()) == gsql.ResolvedSampleScanEnums_SampleUnitPercent
	if w := must(n.WeightColumn()); w != nil {
		s.Weight = c.col(must(w.Column()))
	}
	s.PartitionBy = c.exprs(must(n.PartitionByList()), must(n.PartitionByListSize()))
	return s
}

func (c *converter) aggregateScan(n *gsql.ResolvedAggregateScan) Scan {
	a := &AggregateScan{ScanBase: c.base(n), Input: c.scan(must(n.InputScan()))}
	place := map[int]int{}
	for i, x := range must(n.GroupByList()) {
		col := c.col(must(x.Column()))
		place[col.ID] = i
		a.GroupBy = append(a.GroupBy, Computed{col, c.expr(must(x.Expr()))})
		c.compares = true
	}
	list := must(n.AggregateList())
	if int32(len(list)) != must(n.AggregateListSize()) {
		panic(conversionFailure{fmt.Errorf("an aggregate is missing from the resolved tree")})
	}
	a.Aggs = c.computedList(list)
	sets := must(n.GroupingSetList())
	if int32(len(sets)) != must(n.GroupingSetListSize()) {
		panic(conversionFailure{fmt.Errorf("a grouping set is missing from the resolved tree")})
	}
	for _, g := range sets {
		set, ok := g.(*gsql.ResolvedGroupingSet)
		if !ok {
			c.other("grouping sets of several columns, ROLLUP or CUBE within GROUPING SETS")
			continue
		}
		ids := []int{}
		for _, ref := range must(set.GroupByColumnList()) {
			ids = append(ids, place[c.col(must(ref.Column())).ID])
		}
		a.Sets = append(a.Sets, ids)
	}
	for _, g := range must(n.GroupingCallList()) {
		ref := c.col(must(must(g.GroupByColumn()).Column()))
		a.Grouping = append(a.Grouping, GroupingCall{c.col(must(g.OutputColumn())), place[ref.ID]})
	}
	if must(n.CollationListSize()) > 0 {
		c.other("collation")
	}
	return a
}

func (c *converter) computedList(list []gsql.ResolvedComputedColumnBaseNode) []Computed {
	var out []Computed
	for _, x := range list {
		cc, ok := x.(*gsql.ResolvedComputedColumn)
		if !ok {
			c.other("a deferred computed column")
			continue
		}
		out = append(out, Computed{c.col(must(cc.Column())), c.expr(must(cc.Expr()))})
	}
	return out
}

func (c *converter) analyticScan(n *gsql.ResolvedAnalyticScan) Scan {
	c.compares = true
	a := &AnalyticScan{ScanBase: c.base(n), Input: c.scan(must(n.InputScan()))}
	for _, g := range must(n.FunctionGroupList()) {
		var group AnalyticGroup
		if p := must(g.PartitionBy()); p != nil {
			for _, ref := range must(p.PartitionByList()) {
				group.PartitionBy = append(group.PartitionBy, c.expr(ref))
			}
			if len(must(p.CollationList())) > 0 {
				c.other("collation")
			}
		}
		if o := must(g.OrderBy()); o != nil {
			group.OrderBy = c.orderItems(must(o.OrderByItemList()))
		}
		group.Funcs = c.computedList(must(g.AnalyticFunctionList()))
		a.Groups = append(a.Groups, group)
	}
	return a
}

func (c *converter) orderItems(list []*gsql.ResolvedOrderByItem) []OrderItem {
	var out []OrderItem
	for _, x := range list {
		item := OrderItem{Expr: c.expr(must(x.ColumnRef())), Desc: must(x.IsDescending())}
		c.comparesColumn(must(must(x.ColumnRef()).Column()))
		switch must(x.NullOrder()) {
		case gsql.ResolvedOrderByItemEnums_NullOrderModeNullsFirst:
			item.NullsFirst = true
		case gsql.ResolvedOrderByItemEnums_NullOrderModeNullsLast:
			item.NullsFirst = false
		default:
			item.NullsFirst = !item.Desc
		}
		if name := must(x.CollationName()); !isNilNode(name) {
			item.Collation = c.collationName(name)
		}
		out = append(out, item)
	}
	return out
}

var setOps = map[gsql.ResolvedSetOperationScanEnums_SetOperationType]SetOp{
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeUnionAll:          UnionAll,
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeUnionDistinct:     UnionDistinct,
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeIntersectAll:      IntersectAll,
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeIntersectDistinct: IntersectDistinct,
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeExceptAll:         ExceptAll,
	gsql.ResolvedSetOperationScanEnums_SetOperationTypeExceptDistinct:    ExceptDistinct,
}

func (c *converter) setOpScan(n *gsql.ResolvedSetOperationScan) Scan {
	s := &SetOpScan{ScanBase: c.base(n)}
	op, ok := setOps[must(n.OpType())]
	if !ok {
		c.other("a set operation")
	}
	s.Op = op
	c.compares = c.compares || op != UnionAll
	for _, it := range must(n.InputItemList()) {
		s.Items = append(s.Items, c.setItem(it))
	}
	for _, it := range s.Items {
		if len(it.Out) != len(s.Cols) {
			// CORRESPONDING with padding: the tree does not line up by place.
			c.other("a set operation whose inputs differ in columns")
		}
	}
	return s
}

func (c *converter) setItem(it *gsql.ResolvedSetOperationItem) SetItem {
	return SetItem{c.scan(must(it.Scan())), c.colList(must(it.OutputColumnList()))}
}

func (c *converter) recursiveScan(n *gsql.ResolvedRecursiveScan) Scan {
	c.compares = true
	r := &RecursiveScan{ScanBase: c.base(n)}
	r.Distinct = must(n.OpType()) == gsql.ResolvedRecursiveScanEnums_RecursiveSetOperationTypeUnionDistinct
	r.Seed = c.setItem(must(n.NonRecursiveTerm()))
	r.Recursive = c.setItem(must(n.RecursiveTerm()))
	if d := must(n.RecursionDepthModifier()); d != nil {
		r.Depth = &Depth{Col: c.col(must(must(d.RecursionDepthColumn()).Column()))}
		r.Depth.Lower, r.Depth.Upper = c.expr(must(d.LowerBound())), c.expr(must(d.UpperBound()))
	}
	return r
}
