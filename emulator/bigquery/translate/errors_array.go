package translate

import "researchhub.example/hub/shared/googlesql"

// The analyzer writes functions with lambdas, such as ARRAY_FILTER, as queries
// over an array. DuckDB's TRY takes no query, so within it they are written with
// DuckDB's own lambdas again.

// let gives a scalar subquery that only computes columns one from another,
// without FROM, as WITH(columns, value).
func let(s *googlesql.Subquery) (*googlesql.WithExpr, bool) {
	cols := googlesql.ColumnsOf(s.Scan)
	if s.Kind != googlesql.SubqueryScalar || len(cols) != 1 {
		return nil, false
	}
	var layers []*googlesql.ProjectScan
	scan := s.Scan
	for {
		p, ok := scan.(*googlesql.ProjectScan)
		if !ok {
			break
		}
		layers, scan = append(layers, p), p.Input
	}
	if _, ok := scan.(*googlesql.SingleRowScan); !ok {
		return nil, false
	}
	w := &googlesql.WithExpr{Expr: &googlesql.ColRef{Col: cols[0]}}
	for i := len(layers) - 1; i >= 0; i-- {
		for _, x := range layers[i].Exprs {
			if x.Col.ID == cols[0].ID && i == 0 {
				w.Expr = x.Expr
				continue
			}
			w.Assign = append(w.Assign, x)
		}
	}
	return w, true
}

// arrayOver is a query of the elements of one array, in their order.
type arrayOver struct {
	scan  *googlesql.ArrayScan
	conds []googlesql.Expr
	value googlesql.Expr
}

// overArray takes apart ARRAY(SELECT value FROM UNNEST(array) WITH OFFSET WHERE
// conds ORDER BY offset).
func overArray(s *googlesql.Subquery) (*arrayOver, bool) {
	o, ok := s.Scan.(*googlesql.OrderByScan)
	cols := googlesql.ColumnsOf(s.Scan)
	if s.Kind != googlesql.SubqueryArray || !ok || len(cols) != 1 || len(o.Items) != 1 || o.Items[0].Desc {
		return nil, false
	}
	by, ok := o.Items[0].Expr.(*googlesql.ColRef)
	if !ok {
		return nil, false
	}
	out := &arrayOver{value: &googlesql.ColRef{Col: cols[0]}}
	scan := o.Input
	if p, ok := scan.(*googlesql.ProjectScan); ok {
		for _, x := range p.Exprs {
			if x.Col.ID != cols[0].ID {
				return nil, false
			}
			out.value = x.Expr
		}
		scan = p.Input
	}
	for {
		f, ok := scan.(*googlesql.FilterScan)
		if !ok {
			break
		}
		out.conds, scan = append(out.conds, f.Cond), f.Input
	}
	out.scan, ok = scan.(*googlesql.ArrayScan)
	if !ok || out.scan.Input != nil || out.scan.On != nil || out.scan.Outer || len(out.scan.Arrays) != 1 || len(out.scan.Elems) != 1 ||
		out.scan.Offset == nil || out.scan.Offset.ID != by.Col.ID {
		return nil, false
	}
	return out, true
}

// parts are the expressions in a query over an array.
func (o *arrayOver) parts() []googlesql.Expr {
	return append([]googlesql.Expr{o.scan.Arrays[0], o.value}, o.conds...)
}

// overArraySQL writes a query over an array with lambdas.
func (t *translator) overArraySQL(o *arrayOver, ty *googlesql.Type) string {
	elem, offset := o.scan.Elems[0], o.scan.Offset
	checkType(elem.Type)
	checkType(ty)
	array := t.expr(o.scan.Arrays[0])
	e, i, p := t.alias("e"), t.alias("i"), t.alias("p")
	sql := "list_transform(" + array + ", lambda " + e + ", " + i + ": struct_pack(e := " + e + ", i := " + i + " - 1))"
	t.refs[elem.ID], t.refs[offset.ID] = p+".e", p+".i"
	for k := len(o.conds) - 1; k >= 0; k-- {
		sql = "list_filter(" + sql + ", lambda " + p + ": coalesce(" + t.expr(o.conds[k]) + ", FALSE))"
	}
	sql = "list_transform(" + sql + ", lambda " + p + ": " + t.expr(o.value) + ")"
	return "coalesce(" + sql + ", CAST([] AS " + typeName(ty) + "))"
}
