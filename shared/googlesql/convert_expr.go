package googlesql

import (
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

func (c *converter) exprs(list []gsql.ResolvedExprNode, size int32) []Expr {
	if int32(len(list)) != size {
		panic(conversionFailure{fmt.Errorf("an expression is missing from the resolved tree")})
	}
	out := make([]Expr, len(list))
	for i, x := range list {
		out[i] = c.expr(x)
	}
	return out
}

// isNilNode tells an accessor's absent result, which may be a nil pointer in a
// non-nil interface.
func isNilNode(n gsql.ResolvedExprNode) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *gsql.ResolvedColumnRef:
		return n == nil
	}
	return false
}

// expr converts an expression; a nil one stays nil.
func (c *converter) expr(n gsql.ResolvedExprNode) Expr {
	if isNilNode(n) {
		return nil
	}
	c.descend()
	defer c.ascend()
	switch n := n.(type) {
	case *gsql.ResolvedLiteral:
		return &Literal{c.valueOf(must(n.Value()), c.typeOf(must(n.Type())))}
	case *gsql.ResolvedParameter:
		p := &Param{Name: strings.ToLower(must(n.Name())), T: c.typeOf(must(n.Type()))}
		if p.Name == "" {
			p.Position = int(must(n.Position()))
		}
		return p
	case *gsql.ResolvedConstant:
		path := must(must(n.Constant()).NamePath())
		return &Param{Name: VariableName(path[len(path)-1]), T: c.typeOf(must(n.Type()))}
	case *gsql.ResolvedColumnRef:
		return &ColRef{c.col(must(n.Column())), must(n.IsCorrelated())}
	case *gsql.ResolvedFunctionCall:
		return c.call(n)
	case *gsql.ResolvedAggregateFunctionCall:
		return c.aggCall(n)
	case *gsql.ResolvedAnalyticFunctionCall:
		return c.windowCall(n)
	case *gsql.ResolvedCast:
		return c.cast(n)
	case *gsql.ResolvedMakeStruct:
		fields := must(n.FieldList())
		return &MakeStruct{c.exprs(fields, must(n.FieldListSize())), c.typeOf(must(n.Type()))}
	case *gsql.ResolvedGetStructField:
		return &GetField{c.expr(must(n.Expr())), int(must(n.FieldIdx())), c.typeOf(must(n.Type()))}
	case *gsql.ResolvedGetJsonField:
		// j.name is described as a call, as j['name'] is.
		name := &Literal{Value{Type: String, V: must(n.FieldName())}}
		return &Call{Name: "$json_field", Args: []Expr{c.expr(must(n.Expr())), name}, T: c.typeOf(must(n.Type()))}
	case *gsql.ResolvedSubqueryExpr:
		return c.subquery(n)
	case *gsql.ResolvedWithExpr:
		w := &WithExpr{}
		for _, x := range must(n.AssignmentList()) {
			w.Assign = append(w.Assign, Computed{c.col(must(x.Column())), c.expr(must(x.Expr()))})
		}
		w.Expr = c.expr(must(n.Expr()))
		return w
	}
	what := statementName(must(n.NodeKindString()))
	c.other(what)
	c.collect(n)
	return &OtherExpr{what, c.typeOf(must(n.Type()))}
}

// functionName is GoogleSQL's name of the function, lower case.
func functionName(f *gsql.Function) string {
	return strings.ToLower(strings.Join(must(f.FunctionNamePath()), "."))
}

func (c *converter) call(n *gsql.ResolvedFunctionCall) Expr {
	f := &Call{Name: functionName(must(n.Function())), T: c.typeOf(must(n.Type()))}
	f.Safe = must(n.ErrorMode()) == gsql.ResolvedFunctionCallBaseEnums_ErrorModeSafeErrorMode
	if must(n.CollationListSize()) > 0 {
		f.Collation = c.collation(must(n.CollationList()))
	} else {
		c.checkOperands(f.Name, must(n.ArgumentList()))
	}
	if must(n.GenericArgumentListSize()) > 0 {
		for _, g := range must(n.GenericArgumentList()) {
			f.Args = append(f.Args, c.genericArg(g))
		}
		return f
	}
	f.Args = c.exprs(must(n.ArgumentList()), must(n.ArgumentListSize()))
	return f
}

func (c *converter) genericArg(g *gsql.ResolvedFunctionArgument) Expr {
	if x := must(g.Expr()); x != nil {
		return c.expr(x)
	}
	if l := must(g.InlineLambda()); l != nil {
		// A collated argument is compared by calls alone, which say how.
		args := make([]*Col, 0, len(must(l.ArgumentList())))
		for _, rc := range must(l.ArgumentList()) {
			args = append(args, c.anyCol(rc))
		}
		return &Lambda{args, c.expr(must(l.Body()))}
	}
	c.other("a function argument that is no expression")
	c.collect(g)
	return &OtherExpr{"a function argument that is no expression", &Type{}}
}

func (c *converter) aggCall(n *gsql.ResolvedAggregateFunctionCall) Expr {
	f := &AggCall{Name: functionName(must(n.Function())), T: c.typeOf(must(n.Type()))}
	f.Args = c.exprs(must(n.ArgumentList()), must(n.ArgumentListSize()))
	f.Distinct = must(n.Distinct())
	if f.Distinct || !merging[f.Name] || must(n.HavingModifier()) != nil || must(n.GroupByListSize()) > 0 {
		c.compares = true
	}
	f.Nulls = nullsOf(must(n.NullHandlingModifier()))
	f.OrderBy = c.orderItems(must(n.OrderByItemList()))
	f.Limit = c.expr(must(n.Limit()))
	f.Where = c.expr(must(n.WhereExpr()))
	if h := must(n.HavingModifier()); h != nil {
		x := c.expr(must(h.HavingExpr()))
		if must(h.Kind()) == gsql.ResolvedAggregateHavingModifierEnums_HavingModifierKindMax {
			f.HavingMax = x
		} else {
			f.HavingMin = x
		}
	}
	for _, x := range must(n.GroupByList()) {
		f.GroupBy = append(f.GroupBy, Computed{c.col(must(x.Column())), c.expr(must(x.Expr()))})
	}
	f.GroupAggs = c.computedList(must(n.GroupByAggregateList()))
	f.GroupHaving = c.expr(must(n.HavingExpr()))
	if int32(len(f.GroupBy)) != must(n.GroupByListSize()) || int32(len(f.GroupAggs)) != must(n.GroupByAggregateListSize()) {
		f.Other = "GROUP BY within an aggregate function"
	}
	if must(n.CollationListSize()) > 0 {
		f.Other = "collation"
	}
	if must(n.ErrorMode()) == gsql.ResolvedFunctionCallBaseEnums_ErrorModeSafeErrorMode {
		f.Other = "SAFE. with an aggregate function"
	}
	if must(n.GenericArgumentListSize()) > 0 {
		f.Other = "an aggregate function's argument that is no expression"
		c.collect(n)
	}
	if f.Other != "" {
		c.other(f.Other)
	}
	return f
}

func nullsOf(m gsql.ResolvedNonScalarFunctionCallBaseEnums_NullHandlingModifier) Nulls {
	switch m {
	case gsql.ResolvedNonScalarFunctionCallBaseEnums_NullHandlingModifierIgnoreNulls:
		return NullsIgnore
	case gsql.ResolvedNonScalarFunctionCallBaseEnums_NullHandlingModifierRespectNulls:
		return NullsRespect
	}
	return NullsDefault
}

var bounds = map[gsql.ResolvedWindowFrameExprEnums_BoundaryType]Bound{
	gsql.ResolvedWindowFrameExprEnums_BoundaryTypeUnboundedPreceding: UnboundedPreceding,
	gsql.ResolvedWindowFrameExprEnums_BoundaryTypeOffsetPreceding:    OffsetPreceding,
	gsql.ResolvedWindowFrameExprEnums_BoundaryTypeCurrentRow:         CurrentRow,
	gsql.ResolvedWindowFrameExprEnums_BoundaryTypeOffsetFollowing:    OffsetFollowing,
	gsql.ResolvedWindowFrameExprEnums_BoundaryTypeUnboundedFollowing: UnboundedFollowing,
}

func (c *converter) windowCall(n *gsql.ResolvedAnalyticFunctionCall) Expr {
	f := &WindowCall{Name: functionName(must(n.Function())), T: c.typeOf(must(n.Type()))}
	f.Args = c.exprs(must(n.ArgumentList()), must(n.ArgumentListSize()))
	f.Distinct = must(n.Distinct())
	f.Nulls = nullsOf(must(n.NullHandlingModifier()))
	f.Where = c.expr(must(n.WhereExpr()))
	if w := must(n.WindowFrame()); w != nil {
		start, end := must(w.StartExpr()), must(w.EndExpr())
		f.Frame = &Frame{
			Range: must(w.FrameUnit()) == gsql.ResolvedWindowFrameEnums_FrameUnitRange,
			Start: bounds[must(start.BoundaryType())], End: bounds[must(end.BoundaryType())],
			StartOffset: c.expr(must(start.Expression())), EndOffset: c.expr(must(end.Expression())),
		}
	}
	if must(n.CollationListSize()) > 0 {
		c.other("collation")
	}
	if must(n.GenericArgumentListSize()) > 0 || must(n.ErrorMode()) == gsql.ResolvedFunctionCallBaseEnums_ErrorModeSafeErrorMode {
		c.other("a window function's argument that is no expression, or SAFE. with one")
		c.collect(n)
	}
	return f
}

func (c *converter) cast(n *gsql.ResolvedCast) Expr {
	x := &Cast{Expr: c.expr(must(n.Expr())), Safe: must(n.ReturnNullOnError()), T: c.typeOf(must(n.Type()))}
	x.Format, x.TimeZone = c.expr(must(n.Format())), c.expr(must(n.TimeZone()))
	if m := must(n.TypeModifiers()); m != nil && !must(m.IsEmpty()) {
		if coll := must(m.Collation()); coll != nil && !must(coll.Empty()) {
			c.other("collation")
		}
		x.Params = c.typeParams(must(m.TypeParameters()))
	}
	if must(n.ExtendedCast()) != nil {
		c.other("a cast of an extended type")
	}
	return x
}

func (c *converter) subquery(n *gsql.ResolvedSubqueryExpr) Expr {
	s := &Subquery{T: c.typeOf(must(n.Type()))}
	switch t := must(n.SubqueryType()); t {
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeScalar:
		s.Kind = SubqueryScalar
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeArray:
		s.Kind = SubqueryArray
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeExists:
		s.Kind = SubqueryExists
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeIn:
		s.Kind = SubqueryIn
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeLikeAny:
		s.Kind = SubqueryLikeAny
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeLikeAll:
		s.Kind = SubqueryLikeAll
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeNotLikeAny:
		s.Kind = SubqueryNotLikeAny
	case gsql.ResolvedSubqueryExprEnums_SubqueryTypeNotLikeAll:
		s.Kind = SubqueryNotLikeAll
	default:
		s.Kind = SubqueryOther
		c.other(fmt.Sprintf("subquery type %d", t))
	}
	s.In = c.expr(must(n.InExpr()))
	for _, p := range must(n.ParameterList()) {
		s.Outer = append(s.Outer, c.col(must(p.Column())))
	}
	sub := must(n.Subquery())
	s.Scan = c.scan(sub)
	s.Ordered = must(sub.IsOrdered())
	if must(n.HintListSize()) > 0 {
		c.other("a hint")
	}
	if ic := must(n.InCollation()); ic != nil && !must(ic.Empty()) {
		s.Collation = c.collation([]*gsql.ResolvedCollation{ic})
	} else if in := must(n.InExpr()); s.Kind.like() {
		s.Collation = c.ownCollation(in)
		if other := c.columnCollation(sub); s.Collation == "" {
			s.Collation = other
		} else if other != "" && other != s.Collation {
			c.other("LIKE by two collations")
		}
	} else {
		c.checkOperands("a subquery", []gsql.ResolvedExprNode{in})
		if s.Kind == SubqueryIn && c.columnCollation(sub) != "" {
			c.compares = true
		}
	}
	return s
}
