package translate

import (
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
		if c.Safe && !steady(c.Args[1]) {
			refuse("SAFE.IFERROR whose second argument may fail")
		}
		t.safeCall = c
		return "coalesce(" + t.attempt(c.Args[0]) + ", [" + t.expr(c.Args[1]) + "])[1]"
	}},
}

// attempt writes [e], or NULL where e fails. DuckDB evaluates TRY row by row
// once a row fails.
func (t *translator) attempt(e googlesql.Expr) string {
	refuseLate(e)
	return t.try("[" + t.expr(e) + "]")
}

// refuseLate refuses an expression with a function that refuses some values only
// when it sees them, and not through Go: TRY would take that for an error.
func refuseLate(e googlesql.Expr) {
	switch e := e.(type) {
	case *googlesql.Call:
		if refusesLate[e.Name] {
			refuse("%s within SAFE or a function that catches errors", strings.ToUpper(e.Name))
		}
		for _, a := range e.Args {
			refuseLate(a)
		}
	case *googlesql.Cast:
		refuseLate(e.Expr)
	case *googlesql.MakeStruct:
		for _, f := range e.Fields {
			refuseLate(f)
		}
	case *googlesql.GetField:
		refuseLate(e.Expr)
	case *googlesql.Lambda:
		refuseLate(e.Body)
	case *googlesql.WithExpr:
		for _, a := range e.Assign {
			refuseLate(a.Expr)
		}
		refuseLate(e.Expr)
	case *googlesql.Subquery:
		if x, ok := sole(e); ok {
			refuseLate(x)
			return
		}
		refuse("a subquery within a function that catches errors")
	}
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
		failing = failing || !steady(a)
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
