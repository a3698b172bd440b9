package translate

import "researchhub.example/hub/shared/googlesql"

// conditionals are the calls of which some arguments may not be needed.
var conditionals = map[string]bool{
	"if": true, "ifnull": true, "coalesce": true, "nullif": true, "$case_no_value": true, "$case_with_value": true,
	"$and": true, "$or": true, "iferror": true, "iserror": true, "nulliferror": true,
}

// catching are the conditionals whose first argument is not needed to succeed.
var catching = map[string]bool{"iferror": true, "iserror": true, "nulliferror": true}

// noteConditional notes an aggregate or a subquery that stands in a conditional:
// GoogleSQL does not let it fail where its value is not needed, DuckDB computes
// it first. As long as nothing fails both agree; see Statement.Uncertain. An
// aggregate that is deferred fails where its value is used, in both.
func (t *translator) noteConditional(c *googlesql.Call) {
	if !conditionals[c.Name] {
		return
	}
	args := c.Args
	if !catching[c.Name] {
		args = args[min(1, len(args)):]
		for _, a := range args {
			t.uncertain = t.uncertain || failsEarly(a)
		}
	}
	for _, a := range args {
		walk(a, func(e googlesql.Expr) {
			switch e := e.(type) {
			case *googlesql.ColRef:
				if !t.aggregated[e.Col.ID] {
					return
				}
				t.guarded[e.Col.ID] = true
				if !t.deferred[e.Col.ID] {
					t.uncertain = true
				}
			case *googlesql.Subquery:
				t.uncertain = true
			}
		})
	}
}

// walk visits an expression and those in it, but not into subqueries.
func walk(e googlesql.Expr, visit func(googlesql.Expr)) {
	if e == nil {
		return
	}
	visit(e)
	switch e := e.(type) {
	case *googlesql.Cast:
		walk(e.Expr, visit)
	case *googlesql.GetField:
		walk(e.Expr, visit)
	case *googlesql.Call:
		for _, a := range e.Args {
			walk(a, visit)
		}
	case *googlesql.MakeStruct:
		for _, a := range e.Fields {
			walk(a, visit)
		}
	case *googlesql.WithExpr:
		for _, a := range e.Assign {
			walk(a.Expr, visit)
		}
		walk(e.Expr, visit)
	case *googlesql.Lambda:
		walk(e.Body, visit)
	}
}

// holdsSubquery reports whether an expression has a subquery in it.
func holdsSubquery(e googlesql.Expr) bool {
	found := false
	walk(e, func(e googlesql.Expr) {
		if _, ok := e.(*googlesql.Subquery); ok {
			found = true
		}
	})
	return found
}

// withExpr is WITH(x AS a, ..., expr): each x is computed once, in a list's only
// element. Whether one that is not needed may fail is not documented.
func (t *translator) withExpr(e *googlesql.WithExpr, rest []googlesql.Computed) string {
	if len(rest) == 0 {
		return t.expr(e.Expr)
	}
	t.uncertain = true
	checkType(rest[0].Col.Type)
	x, name := t.expr(rest[0].Expr), t.alias("w")
	t.refs[rest[0].Col.ID] = name
	return "list_transform([" + x + "], lambda " + name + ": " + t.withExpr(e, rest[1:]) + ")[1]"
}
