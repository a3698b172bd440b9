package translate

import (
	"fmt"
	"math"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// ranges are the functions of RANGE, a struct of two bounds f0 and f1, infinite
// where there is none: so DuckDB orders, groups and compares it as GoogleSQL
// does.
var ranges = slices.Concat(
	rangeComparison("$equal", "="), rangeComparison("$not_equal", "<>"),
	rangeComparison("$less", "<"), rangeComparison("$less_or_equal", "<="),
	rangeComparison("$greater", ">"), rangeComparison("$greater_or_equal", ">="),
	[]entry[scalarFunc]{
		{"range", "dd|cc|tt", func(t *translator, c *googlesql.Call) string {
			args := t.exprs(c.Args)
			return t.rangeOf(c.T, args[0], args[1], t.wrongRange(c))
		}},
		{"range_start", "r", func(t *translator, c *googlesql.Call) string { return t.rangeBound(c, "f0", "-infinity") }},
		{"range_end", "r", func(t *translator, c *googlesql.Call) string { return t.rangeBound(c, "f1", "infinity") }},
		{"range_is_start_unbounded", "r", unboundedSide("f0", "-infinity")},
		{"range_is_end_unbounded", "r", unboundedSide("f1", "infinity")},
		{"range_contains", "rd|rc|rt", bothNamed("(p.a.f0 <= p.b AND p.b < p.a.f1)")},
		{"range_contains", "rr", bothNamed("(p.a.f0 <= p.b.f0 AND p.b.f1 <= p.a.f1)")},
		{"range_overlaps", "rr", bothNamed("(p.a.f0 < p.b.f1 AND p.b.f0 < p.a.f1)")},
		{"range_intersect", "rr", func(t *translator, c *googlesql.Call) string {
			return bothNamed("(CASE WHEN p.a IS NULL OR p.b IS NULL THEN NULL WHEN p.a.f0 < p.b.f1 AND p.b.f0 < p.a.f1 THEN struct_pack(f0 := greatest(p.a.f0, p.b.f0), f1 := least(p.a.f1, p.b.f1)) ELSE "+
				t.wrongOr(c, "Provided RANGE inputs do not overlap")+" END)")(t, c)
		}},
		{"generate_range_array", "rvb", generateRanges}, {"generate_range_array", "rv", generateRanges},
	},
)

func rangeComparison(name, op string) []entry[scalarFunc] {
	return []entry[scalarFunc]{{name, "rr", infallible("($1 " + op + " $2)")}}
}

// wrongOr is the value of a failing call: NULL under SAFE.
func (t *translator) wrongOr(c *googlesql.Call, message string) string {
	if c.Safe {
		t.safeCall = c
		return "NULL"
	}
	return "error(" + textLiteral(message) + ")"
}

func (t *translator) wrongRange(c *googlesql.Call) string {
	return t.wrongOr(c, "Range start element must be smaller than range end element")
}

// rangeOf makes a RANGE of bounds that may be NULL.
func (t *translator) rangeOf(ty *googlesql.Type, start, end, wrong string) string {
	elem := typeName(ty.Elem)
	return fmt.Sprintf("list_transform([struct_pack(f0 := coalesce(%s, CAST('-infinity' AS %s)), f1 := coalesce(%s, CAST('infinity' AS %s)))], lambda p: CASE WHEN p.f0 < p.f1 THEN p ELSE %s END)[1]",
		start, elem, end, elem, wrong)
}

// rangeBound reads a bound; one that is not there is NULL.
func (t *translator) rangeBound(c *googlesql.Call, field, infinite string) string {
	out := fmt.Sprintf("nullif(struct_extract(%s, '%s'), CAST('%s' AS %s))", t.expr(c.Args[0]), field, infinite, typeName(c.T))
	t.sure(c)
	return out
}

func unboundedSide(field, infinite string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		out := fmt.Sprintf("(struct_extract(%s, '%s') = CAST('%s' AS %s))", t.expr(c.Args[0]), field, infinite, typeName(c.Args[0].Type().Elem))
		t.sure(c)
		return out
	}
}

// bothNamed writes an expression over the arguments as p.a and p.b, so that each
// is computed once.
func bothNamed(body string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		t.sure(c)
		return "list_transform([struct_pack(a := " + args[0] + ", b := " + args[1] + ")], lambda p: " + body + ")[1]"
	}
}

func generateRanges(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	if len(args) == 2 {
		args = append(args, "TRUE")
	}
	goName := "hub_range_series_micros"
	if c.Args[0].Type().Elem.Is(googlesql.KindDate) {
		goName = "hub_range_series_date"
	}
	list := t.goCall(c, goName, "p.r.f0", "p.r.f1", "p.v", "p.l")
	return fmt.Sprintf("list_transform([struct_pack(r := %s, v := %s, l := %s)], lambda p: list_transform([%s], lambda b: list_transform(range(1, len(b) + 1, 2), lambda i: struct_pack(f0 := b[i], f1 := b[i + 1])))[1])[1]",
		args[0], args[1], args[2], list)
}

// rangeCast is CAST between STRING and RANGE.
func (t *translator) rangeCast(c *googlesql.Cast, x string) (string, bool) {
	from, to := c.Expr.Type(), c.T
	switch {
	case sameShape(from, to) && sameShape(from.Elem, to.Elem):
		return x, true
	case from.Is(googlesql.KindString):
		call := map[googlesql.Kind]string{googlesql.KindDate: "hub_text_range_date(%s)", googlesql.KindDatetime: "hub_text_range_datetime(%s)", googlesql.KindTimestamp: "hub_text_range_timestamp(%s, " + t.zone() + ")"}[to.Elem.Kind]
		if call == "" {
			return "", false
		}
		if c.Safe {
			call = safeForm(call)
		}
		elem := typeName(to.Elem)
		return fmt.Sprintf("list_transform(["+call+"], lambda b: CASE WHEN b IS NULL THEN NULL ELSE struct_pack(f0 := coalesce(b[1], CAST('-infinity' AS %s)), f1 := coalesce(b[2], CAST('infinity' AS %s))) END)[1]", x, elem, elem), true
	case to.Is(googlesql.KindString):
		text := map[googlesql.Kind]string{googlesql.KindDate: "hub_date_text(%s)", googlesql.KindDatetime: "hub_datetime_text(%s)", googlesql.KindTimestamp: "hub_timestamp_text(%s, " + t.zone() + ")"}[from.Elem.Kind]
		if text == "" {
			return "", false
		}
		side := func(field, infinite string) string {
			at := "p." + field
			return fmt.Sprintf("(CASE WHEN %s = CAST('%s' AS %s) THEN 'UNBOUNDED' ELSE "+text+" END)", at, infinite, typeName(from.Elem), at)
		}
		return "list_transform([" + x + "], lambda p: '[' || " + side("f0", "-infinity") + " || ', ' || " + side("f1", "infinity") + " || ')')[1]", true
	}
	return "", false
}

// rangeLiteral writes a RANGE of its two bounds.
func rangeLiteral(ty *googlesql.Type, bounds []googlesql.Value) string {
	side := func(v googlesql.Value, infinite string) string {
		if v.IsNull() {
			return "CAST('" + infinite + "' AS " + typeName(ty.Elem) + ")"
		}
		return literal(v)
	}
	return "struct_pack(f0 := " + side(bounds[0], "-infinity") + ", f1 := " + side(bounds[1], "infinity") + ")"
}

// Unbounded tells whether a bound of a RANGE, as DuckDB keeps it, is none: an
// infinity of its type.
func Unbounded(elem *googlesql.Type, v *duck.Vector, row int) bool {
	if elem.Is(googlesql.KindDate) {
		return v.Int32(row) == math.MaxInt32 || v.Int32(row) == -math.MaxInt32
	}
	return v.Int64(row) == math.MaxInt64 || v.Int64(row) == -math.MaxInt64
}
