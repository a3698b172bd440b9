package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// GoogleSQL need not compute the right side of AND where the left is FALSE, nor
// that of OR where it is TRUE, and statements count on it (x <> 0 AND 1 / x > y).
// DuckDB computes all sides, in an order of its own; so a side that may fail is
// put into a CASE, which it does keep to.

// neverFail are the functions that have a value for all arguments.
var neverFail = map[string]bool{
	"$equal": true, "$not_equal": true, "$less": true, "$less_or_equal": true, "$greater": true, "$greater_or_equal": true,
	"$and": true, "$or": true, "$not": true, "$is_null": true, "$is_true": true, "$is_false": true, "$is_distinct_from": true,
	"$is_not_distinct_from": true, "$between": true, "$in": true, "$in_array": true, "if": true, "ifnull": true, "coalesce": true,
	"nullif": true, "$case_no_value": true, "$case_with_value": true, "$make_array": true, "array_length": true, "array_reverse": true,
	"array_concat": true, "$concat_op": true, "concat": true, "starts_with": true, "ends_with": true, "length": true, "char_length": true,
	"byte_length": true, "lower": true, "upper": true, "trim": true, "ltrim": true, "rtrim": true, "strpos": true, "is_nan": true,
	"is_inf": true, "$safe_array_at_offset": true, "$safe_array_at_ordinal": true, "$extract": true, "$extract_date": true,
}

// mayFail reports whether computing an expression, apart from its subqueries,
// which DuckDB computes wherever they stand, may be an error.
func mayFail(e googlesql.Expr) bool {
	found := false
	walk(e, func(e googlesql.Expr) {
		switch e := e.(type) {
		case *googlesql.Call:
			found = found || !e.Safe && !neverFail[e.Name]
		case *googlesql.Cast:
			found = found || !e.Safe && !sameShape(e.Expr.Type(), e.T) && !e.T.Is(googlesql.KindString) &&
				!(e.Expr.Type().Is(googlesql.KindInt64) && e.T.Is(googlesql.KindFloat64, googlesql.KindNumeric))
		case *googlesql.OtherExpr:
			found = true
		}
	})
	return found
}

// logical is AND or OR.
func logical(and bool) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return t.logical(and, c.Args)
	}
}

func (t *translator) logical(and bool, args []googlesql.Expr) string {
	op, decisive := " OR ", "TRUE"
	if and {
		op, decisive = " AND ", "FALSE"
	}
	out := ""
	for i := len(args) - 1; i >= 0; i-- {
		x := t.expr(args[i])
		switch {
		case out == "":
			out = x
		case anyMayFail(args[i+1:]):
			out = "(CASE WHEN (" + x + ") IS " + decisive + " THEN " + decisive + " ELSE (" + x + op + out + ") END)"
		default:
			out = "(" + x + op + out + ")"
		}
	}
	return out
}

func anyMayFail(list []googlesql.Expr) bool {
	for _, e := range list {
		if mayFail(e) {
			return true
		}
	}
	return false
}

// condition writes a condition of which only TRUE counts. What can be used to
// find rows fast stays a plain AND.
func (t *translator) condition(e googlesql.Expr) string {
	t.uncertain = t.uncertain || mayFail(e) && isConstant(e)
	call, ok := e.(*googlesql.Call)
	if !ok || call.Name != "$and" {
		return t.expr(e)
	}
	t.noteConditional(call)
	return t.conjunction(conjuncts(call))
}

// joinCondition writes the condition of a join. It must stay a plain AND, or
// DuckDB would compare all rows with all; so an error of a side that is perhaps
// not needed is taken for a refusal.
func (t *translator) joinCondition(e googlesql.Expr) string {
	list := conjuncts(e)
	if len(list) > 1 {
		t.noteConditional(e.(*googlesql.Call))
		t.uncertain = t.uncertain || anyMayFail(list[1:])
	}
	return "(" + strings.Join(t.exprs(list), " AND ") + ")"
}

// conjuncts lists the sides of nested ANDs.
func conjuncts(e googlesql.Expr) []googlesql.Expr {
	call, ok := e.(*googlesql.Call)
	if !ok || call.Name != "$and" {
		return []googlesql.Expr{e}
	}
	var out []googlesql.Expr
	for _, a := range call.Args {
		out = append(out, conjuncts(a)...)
	}
	return out
}

func (t *translator) conjunction(list []googlesql.Expr) string {
	first := 1
	for first < len(list) && !mayFail(list[first]) {
		first++
	}
	plain := "(" + strings.Join(t.exprs(list[:first]), " AND ") + ")"
	if first >= len(list) {
		return plain
	}
	return "(" + plain + " AND (CASE WHEN " + plain + " THEN " + t.conjunction(list[first:]) + " ELSE FALSE END))"
}

// failsEarly reports whether an argument of a conditional that may not be needed
// has a constant in it whose error DuckDB may report before it runs, as it does
// for constant conditions; a constant that is the argument itself waits.
func failsEarly(arg googlesql.Expr) bool {
	if isConstant(arg) && !arg.Type().Is(googlesql.KindBool) && flat(arg) {
		return false
	}
	found := false
	walk(arg, func(e googlesql.Expr) {
		switch e.(type) {
		case *googlesql.Call, *googlesql.Cast:
			found = found || isConstant(e) && mayFail(e)
		}
	})
	return found
}

// flat reports whether an expression has no conditional in it.
func flat(e googlesql.Expr) bool {
	found := false
	walk(e, func(e googlesql.Expr) {
		c, ok := e.(*googlesql.Call)
		found = found || ok && conditionals[c.Name]
	})
	return !found
}

// isConstant reports whether an expression is one of literals and parameters only.
func isConstant(e googlesql.Expr) bool {
	constant := true
	walk(e, func(e googlesql.Expr) {
		switch e.(type) {
		case *googlesql.Literal, *googlesql.Param, *googlesql.Call, *googlesql.Cast, *googlesql.MakeStruct, *googlesql.GetField:
		default:
			constant = false
		}
	})
	return constant
}
