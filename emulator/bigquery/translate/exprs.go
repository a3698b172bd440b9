package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// expr translates an expression.
func (t *translator) expr(e googlesql.Expr) string {
	s := t.exprSQL(e)
	if len(s) > maxSQL {
		refuse("an expression of this size")
	}
	return s
}

func (t *translator) exprs(list []googlesql.Expr) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = t.expr(e)
	}
	return out
}

func (t *translator) exprSQL(e googlesql.Expr) string {
	switch e := e.(type) {
	case *googlesql.Literal:
		return literal(e.Value)
	case *googlesql.Param:
		return literal(t.param(e))
	case *googlesql.ColRef:
		return t.ref(e.Col)
	case *googlesql.Call:
		return t.call(e)
	case *keyed:
		return t.keyed(e)
	case *written:
		return e.sql
	case *googlesql.Cast:
		return t.cast(e)
	case *googlesql.MakeStruct:
		checkType(e.T)
		parts := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			parts[i] = fieldName(i) + " := " + t.expr(f)
		}
		return "struct_pack(" + strings.Join(parts, ", ") + ")"
	case *googlesql.GetField:
		return "struct_extract(" + t.expr(e.Expr) + ", '" + fieldName(e.Index) + "')"
	case *googlesql.Subquery:
		return t.subquery(e)
	case *googlesql.OtherExpr:
		refuse("%s", e.What)
	case *googlesql.WithExpr:
		return t.withExpr(e, e.Assign)
	case *googlesql.Lambda:
		refuse("a lambda in this place")
	}
	refuse("%T", e)
	return ""
}

// param gives a parameter's value.
func (t *translator) param(p *googlesql.Param) googlesql.Value {
	if p.Position > 0 {
		if p.Position <= len(t.params.Positional) {
			return t.params.Positional[p.Position-1]
		}
		panic(&Invalid{fmt.Sprintf("Query parameter number %d is not defined", p.Position)})
	}
	v, ok := t.params.Named[p.Name]
	if !ok {
		panic(&Invalid{fmt.Sprintf("Query parameter '%s' not found", p.Name)})
	}
	return v
}

// refusesLate are the functions that refuse some values only when they see
// them; TRY would take that for an error and answer NULL.
var refusesLate = map[string]bool{"parse_date": true, "format_date": true}

// steady reports whether an expression cannot fail by itself, so that TRY
// around a function of it catches that function's errors only. A computed
// column is none: DuckDB may put what has computed it in its place.
func (t *translator) steady(e googlesql.Expr) bool {
	switch e := e.(type) {
	case *googlesql.Literal, *googlesql.Param:
		return true
	case *googlesql.ColRef:
		return t.stored[e.Col.ID] || e.Col.ID < boundIDs
	case *googlesql.GetField:
		return t.steady(e.Expr)
	}
	return false
}

// call translates a scalar function by the table of functions.
func (t *translator) call(c *googlesql.Call) string {
	t.noteConditional(c)
	kinds := make([]googlesql.Kind, len(c.Args))
	for i, a := range c.Args {
		kinds[i] = a.Type().Kind
		if a.Type().Kind != googlesql.KindEnum {
			if _, isLambda := a.(*googlesql.Lambda); !isLambda && c.Name != "$extract" {
				t.checkArg(a)
			}
		}
	}
	if c.Collation != "" {
		return t.collated(c)
	}
	f, ok := lookup(scalars, c.Name, kinds)
	if !ok {
		refuse("%s", describe(c.Name, c.Args))
	}
	if !c.Safe {
		return f(t, c)
	}
	return t.safeForm(f, c)
}

// try turns an error of an expression into NULL.
func (t *translator) try(sql string) string {
	t.tries = true
	return "TRY(" + sql + ")"
}

// checkArg refuses an argument whose type cannot be represented.
func (t *translator) checkArg(e googlesql.Expr) { checkType(e.Type()) }

// describe names a function with its argument types, as a refusal says it.
func describe(name string, args []googlesql.Expr) string {
	types := make([]string, len(args))
	for i, a := range args {
		types[i] = a.Type().String()
	}
	if strings.HasPrefix(name, "$") {
		return fmt.Sprintf("the operator %s(%s)", strings.ToUpper(strings.TrimPrefix(name, "$")), strings.Join(types, ", "))
	}
	return fmt.Sprintf("the function %s(%s)", strings.ToUpper(name), strings.Join(types, ", "))
}

// subquery translates a query in an expression.
func (t *translator) subquery(s *googlesql.Subquery) string {
	if len(s.Outer) > 0 {
		t.correlated++
		defer func() { t.correlated-- }()
	}
	cols := googlesql.ColumnsOf(s.Scan)
	if t.beforehand != nil {
		if w, ok := let(s); ok {
			return t.withExpr(w, w.Assign)
		}
		if o, ok := overArray(s); ok {
			return t.overArraySQL(o, s.T)
		}
	}
	if t.beforehand != nil && s.Kind != googlesql.SubqueryScalar {
		refuse("a subquery that is no scalar within a function that catches errors")
	}
	if s.Kind == googlesql.SubqueryExists {
		r := t.scan(s.Scan)
		return "EXISTS (" + r.selectSQL("1") + ")"
	}
	if len(cols) != 1 {
		refuse("a subquery of %d columns in an expression", len(cols))
	}
	checkType(cols[0].Type)
	switch s.Kind {
	case googlesql.SubqueryLikeAny, googlesql.SubqueryLikeAll, googlesql.SubqueryNotLikeAny, googlesql.SubqueryNotLikeAll:
		return t.likeSubquery(s, cols[0])
	}
	if s.Collation != "" {
		refuse("a subquery compared by the collation %s", s.Collation)
	}
	switch s.Kind {
	case googlesql.SubqueryScalar:
		if x, ok := sole(s); ok {
			return "(" + t.expr(x) + ")"
		}
		if t.beforehand != nil {
			return t.outcome(s, cols[0])
		}
		return "(" + t.scan(s.Scan).selectSQL(t.soleColumn(cols[0])) + ")"
	case googlesql.SubqueryIn:
		if !plainEqual(cols[0].Type) {
			return t.inSubquery(s, cols[0])
		}
		in := t.expr(s.In)
		return "(" + in + " IN (" + t.scan(s.Scan).selectSQL(t.soleColumn(cols[0])) + "))"
	case googlesql.SubqueryArray:
		if cols[0].Type.Is(googlesql.KindArray) {
			refuse("an array of arrays")
		}
		return "coalesce(ARRAY(" + t.scan(s.Scan).selectSQL(t.soleColumn(cols[0])) + "), CAST([] AS " + typeName(s.T) + "))"
	}
	refuse("this kind of subquery")
	return ""
}

// inSubquery is x IN (query) over a type that DuckDB's IN does not compare as
// GoogleSQL does.
func (t *translator) inSubquery(s *googlesql.Subquery, col *googlesql.Col) string {
	if !isEqualable(col.Type) || !sameShape(col.Type, s.In.Type()) {
		refuse("IN over %s", col.Type)
	}
	in := t.expr(s.In)
	if isVolatile(s.In) {
		refuse("IN of a value that differs each time")
	}
	q := t.alias("q")
	query := t.scan(s.Scan).selectSQL(t.soleColumn(col))
	return "(SELECT CASE WHEN count(*) FILTER (WHERE " + q + ".e) > 0 THEN TRUE WHEN count(*) > count(" + q + ".e) THEN NULL ELSE FALSE END FROM (SELECT " +
		t.equal(col.Type, in, q+".v") + " AS e FROM (" + query + ") AS " + q + ") AS " + q + ")"
}

// soleColumn defers the reference until the scan has been translated: Go
// evaluates a call's receiver before its arguments, so the scan comes first.
func (t *translator) soleColumn(c *googlesql.Col) string { return t.ref(c) + " AS v" }

// isComparable reports whether DuckDB's = and < mean GoogleSQL's on the type;
// FLOAT64 is apart because of NaN.
func isComparable(ty *googlesql.Type) bool {
	return ty.Is(googlesql.KindInt64, googlesql.KindFloat64, googlesql.KindString, googlesql.KindBool, googlesql.KindBytes,
		googlesql.KindDate, googlesql.KindDatetime, googlesql.KindTimestamp, googlesql.KindTime, googlesql.KindNumeric,
		googlesql.KindBigNumeric, googlesql.KindRange)
}

// orderBy writes an ordering's keys.
func (t *translator) orderBy(items []googlesql.OrderItem) string {
	parts := make([]string, 0, len(items))
	for _, it := range items {
		x := t.expr(it.Expr)
		if it.Collation != "" {
			x = fill(collationKeys(it.Collation).order, []string{x})
		}
		if !isComparable(it.Expr.Type()) && !it.Expr.Type().Is(googlesql.KindInterval) {
			x = t.orderKey(it.Expr.Type(), x)
		}
		dir, nulls := "ASC", "NULLS LAST"
		if it.Desc {
			dir = "DESC"
		}
		if it.NullsFirst {
			nulls = "NULLS FIRST"
		}
		if it.Expr.Type().Is(googlesql.KindFloat64) {
			// NaN sorts below every number in GoogleSQL, above in DuckDB.
			nan := "DESC"
			if it.Desc {
				nan = "ASC"
			}
			parts = append(parts, "isnan("+x+") "+nan+" "+nulls)
		}
		if it.Expr.Type().Is(googlesql.KindInterval) {
			x = intervalKey(x)
		}
		parts = append(parts, x+" "+dir+" "+nulls)
	}
	return strings.Join(parts, ", ")
}
