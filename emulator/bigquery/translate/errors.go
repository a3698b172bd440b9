package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// errorFunctions catch the errors of their first argument, whatever is in it.
// A caught value is a list of one element, which tells NULL from an error.
var errorFunctions = []entry[scalarFunc]{
	{"error", "s", raise},
	{"iserror", "*", func(t *translator, c *googlesql.Call) string {
		t.safeCall = c
		return "(" + t.attempt(c.Args[0]) + " IS NULL)"
	}},
	{"nulliferror", "*", func(t *translator, c *googlesql.Call) string {
		t.safeCall = c
		return "(" + t.attempt(c.Args[0]) + ")[1]"
	}},
	{"iferror", "**", func(t *translator, c *googlesql.Call) string {
		if c.Safe && !t.steady(c.Args[1]) {
			refuse("SAFE.IFERROR whose second argument may fail")
		}
		t.safeCall = c
		return "coalesce(" + t.attempt(c.Args[0]) + ", [" + t.expr(c.Args[1]) + "])[1]"
	}},
}

// attempt writes [e], or NULL where e fails. DuckDB evaluates TRY row by row
// once a row fails.
func (t *translator) attempt(e googlesql.Expr) string {
	refuseLateErrors(e)
	if t.beforehand != nil {
		// Within another attempt, whose subqueries and columns these become too.
		return t.try("[" + t.expr(e) + "]")
	}
	before := &beforehand{name: t.alias("q"), outer: map[int]string{}}
	t.bindColumns(before, e)
	t.beforehand = before
	sql := t.try("[" + t.expr(e) + "]")
	t.beforehand = nil
	for id, ref := range before.outer {
		t.refs[id] = ref
	}
	if len(before.fields) == 0 {
		return sql
	}
	return "list_transform([struct_pack(" + strings.Join(before.fields, ", ") + ")], lambda " + before.name + ": " + sql + ")[1]"
}

// beforehand is what is computed before an expression is attempted, as fields of
// a list's only element that a lambda names: columns, as DuckDB may put what has
// computed a column in its place, whose errors are not to be caught; and the
// outcomes of subqueries, of which DuckDB's TRY takes none.
type beforehand struct {
	name   string
	fields []string
	// outer is how the columns are referred to outside.
	outer map[int]string
}

func (b *beforehand) add(sql string) (ref string) {
	field := fmt.Sprintf("q%d", len(b.fields))
	b.fields = append(b.fields, field+" := "+sql)
	return b.name + "." + field
}

// bindColumns makes fields of the columns of an expression. There is no need as
// long as they are all a table's own and there is no lambda anyway. What fails
// where it is used, a deferred aggregate, stays.
func (t *translator) bindColumns(before *beforehand, e googlesql.Expr) {
	var cols []*googlesql.Col
	declared := map[int]bool{}
	need := false
	walkPlain(e, func(e googlesql.Expr) {
		switch e := e.(type) {
		case *googlesql.ColRef:
			cols = append(cols, e.Col)
		case *googlesql.Lambda:
			for _, c := range e.Args {
				declared[c.ID] = true
			}
		case *googlesql.WithExpr:
			for _, a := range e.Assign {
				declared[a.Col.ID] = true
			}
		case *googlesql.Subquery:
			o, ok := overArray(e)
			if ok {
				declared[o.scan.Elems[0].ID], declared[o.scan.Offset.ID] = true, true
			}
			if _, plain := plainParts(e); !plain {
				need = true
			}
		}
	})
	for _, c := range cols {
		need = need || !t.stored[c.ID] && !declared[c.ID] && !t.deferred[c.ID]
	}
	if !need {
		return
	}
	for _, c := range cols {
		if _, done := before.outer[c.ID]; done || declared[c.ID] || t.deferred[c.ID] {
			continue
		}
		before.outer[c.ID] = t.ref(c)
		t.refs[c.ID] = before.add(t.ref(c))
	}
}

// outcome is a scalar subquery within an attempt: at most two rows of it, each
// [value] or NULL where the value fails, from which the value is made, or the
// error. What fails elsewhere in the subquery is not caught, so that an error of
// the statement is then in doubt.
func (t *translator) outcome(s *googlesql.Subquery, col *googlesql.Col) string {
	before := t.beforehand
	t.beforehand = nil
	t.uncertain = true
	within := map[int]string{}
	for id, ref := range before.outer {
		within[id], t.refs[id] = t.refs[id], ref
	}
	scan, value := s.Scan, googlesql.Expr(&googlesql.ColRef{Col: col})
	if p, ok := scan.(*googlesql.ProjectScan); ok {
		scan = p.Input
		for _, x := range p.Exprs {
			if x.Col.ID == col.ID {
				value = x.Expr
			}
		}
	}
	if a, ok := scan.(*googlesql.AggregateScan); ok {
		if t.guard == nil {
			t.guard = map[int]bool{}
		}
		for _, x := range a.Aggs {
			t.guard[x.Col.ID] = true
		}
	}
	r := t.scan(scan)
	rows := t.wrapLimited(r, scan).selectSQL(t.attempt(value)+" AS v") + " LIMIT 2"
	for id, ref := range within {
		t.refs[id] = ref
	}
	t.beforehand = before
	ref, ty := before.add("(SELECT list(v) FROM ("+rows+") AS "+t.alias("x")+")"), typeName(col.Type)
	return "(CASE WHEN " + ref + " IS NULL THEN NULL WHEN len(" + ref + ") > 1 THEN CAST(hub_error('Scalar subquery produced more than one element') AS " + ty +
		") WHEN " + ref + "[1] IS NULL THEN CAST(hub_error('a subquery failed') AS " + ty + ") ELSE " + ref + "[1][1] END)"
}

// wrapLimited makes a relation one to which a LIMIT can be put.
func (t *translator) wrapLimited(r *rel, s googlesql.Scan) *rel {
	if r.limit != "" || r.with != "" {
		return t.wrap(r, googlesql.ColumnsOf(s))
	}
	r.order = ""
	return r
}

// refuseLateErrors refuses an expression with a function that refuses some values only
// when it sees them, and not through Go: TRY would take that for an error.
func refuseLateErrors(e googlesql.Expr) {
	switch e := e.(type) {
	case *googlesql.Call:
		if refusesLate[e.Name] {
			refuse("%s within SAFE or a function that catches errors", strings.ToUpper(e.Name))
		}
		for _, a := range e.Args {
			refuseLateErrors(a)
		}
	case *googlesql.Cast:
		refuseLateErrors(e.Expr)
	case *googlesql.MakeStruct:
		for _, f := range e.Fields {
			refuseLateErrors(f)
		}
	case *googlesql.GetField:
		refuseLateErrors(e.Expr)
	case *googlesql.Lambda:
		refuseLateErrors(e.Body)
	case *googlesql.WithExpr:
		for _, a := range e.Assign {
			refuseLateErrors(a.Expr)
		}
		refuseLateErrors(e.Expr)
	case *googlesql.Subquery:
		parts, ok := plainParts(e)
		for _, x := range parts {
			refuseLateErrors(x)
		}
		if !ok && e.Kind != googlesql.SubqueryScalar {
			refuse("a subquery that is no scalar within a function that catches errors")
		}
	}
}

// plainParts are the expressions of a subquery that is written without a query
// within what is attempted.
func plainParts(s *googlesql.Subquery) ([]googlesql.Expr, bool) {
	if w, ok := let(s); ok {
		return []googlesql.Expr{w}, true
	}
	if o, ok := overArray(s); ok {
		return o.parts(), true
	}
	return nil, false
}

// walkPlain is walk that also goes into plain subqueries.
func walkPlain(e googlesql.Expr, visit func(googlesql.Expr)) {
	walk(e, func(e googlesql.Expr) {
		visit(e)
		if s, ok := e.(*googlesql.Subquery); ok {
			if parts, ok := plainParts(s); ok {
				for _, x := range parts {
					walkPlain(x, visit)
				}
			}
		}
	})
}

// sole gives the expression of a scalar subquery without FROM, (SELECT x).
func sole(s *googlesql.Subquery) (googlesql.Expr, bool) {
	p, ok := s.Scan.(*googlesql.ProjectScan)
	if !ok || s.Kind != googlesql.SubqueryScalar || len(p.Cols) != 1 {
		return nil, false
	}
	if _, ok := p.Input.(*googlesql.SingleRowScan); !ok {
		return nil, false
	}
	for _, x := range p.Exprs {
		if x.Col.ID == p.Cols[0].ID {
			return x.Expr, true
		}
	}
	return nil, false
}

// raise is ERROR. Its type is the context's.
func raise(t *translator, c *googlesql.Call) string {
	checkType(c.T)
	return "CAST(" + t.goCall(c, "hub_error", t.expr(c.Args[0])) + " AS " + typeName(c.T) + ")"
}

// safeForm writes SAFE.f(...): NULL where f fails, while an argument that fails
// by itself still does. Unless f sees to it, the arguments are computed outside
// of TRY: they are the fields of a list's only element, and TRY is in a lambda
// over the list.
func (t *translator) safeForm(f scalarFunc, c *googlesql.Call) string {
	if catching[c.Name] {
		return f(t, c)
	}
	inner := *c
	b := t.bind(&inner)
	out := f(t, &inner)
	if t.safeCall == &inner {
		return out
	}
	if refusesLate[c.Name] {
		refuse("SAFE.%s", strings.ToUpper(c.Name))
	}
	failing := false
	for _, a := range c.Args {
		if _, ok := a.(*googlesql.Lambda); ok {
			refuse("SAFE.%s of a lambda", strings.ToUpper(c.Name))
		}
		failing = failing || !t.steady(a)
	}
	if !failing {
		return t.try(out)
	}
	return b.around(t, func() string { return t.try(f(t, &inner)) })
}

// binding holds arguments that have been given the form of columns.
type binding struct {
	cols []*googlesql.Col
	sql  []string
}

// bind replaces the arguments of a call by columns that stand for them, and
// that refer to their text as long as around does not say otherwise. Constants
// and what is no value stay.
func (t *translator) bind(c *googlesql.Call) *binding {
	b := &binding{}
	args := make([]googlesql.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = a
		if _, isLambda := a.(*googlesql.Lambda); isLambda || a.Type().Is(googlesql.KindEnum) {
			continue
		}
		if _, isConstant := t.constant(a); isConstant {
			continue
		}
		t.boundArgs++
		col := &googlesql.Col{ID: boundIDs - t.boundArgs, Type: a.Type()}
		t.refs[col.ID] = t.expr(a)
		b.cols, b.sql = append(b.cols, col), append(b.sql, t.refs[col.ID])
		args[i] = &googlesql.ColRef{Col: col}
	}
	c.Args = args
	return b
}

// around writes an expression in which the bound arguments are values that have
// been computed outside of it.
func (b *binding) around(t *translator, expr func() string) string {
	if len(b.cols) == 0 {
		return expr()
	}
	name := t.alias("v")
	fields := make([]string, len(b.cols))
	for i, c := range b.cols {
		fields[i] = fieldName(i) + " := " + b.sql[i]
		t.refs[c.ID] = name + "." + fieldName(i)
	}
	return "list_transform([struct_pack(" + strings.Join(fields, ", ") + ")], lambda " + name + ": " + expr() + ")[1]"
}

// boundIDs is below every column id that the analyzer or a grouping key has.
const boundIDs = -1 << 40
