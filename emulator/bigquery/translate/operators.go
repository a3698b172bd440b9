package translate

import (
	"math"
	"strconv"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// comparison gives the entries of a comparison: DuckDB's operator, except that
// FLOAT64 goes to functions in which NaN compares as IEEE 754 says.
func comparison(name, op, float string) []entry[scalarFunc] {
	return []entry[scalarFunc]{
		{name, "ff", form(float)}, {name, "aa|uu", deep(strings.TrimPrefix(name, "$"))},
		{name, "ii|ss|bb|xx|dd|tt|cc|mm|nn|gg", form("($1 " + op + " $2)")},
	}
}

var operators = join(
	quantifiers(),
	comparison("$equal", "=", "hub_feq($1, $2)"),
	comparison("$not_equal", "<>", "(NOT hub_feq($1, $2))"),
	comparison("$less", "<", "hub_flt($1, $2)"),
	comparison("$less_or_equal", "<=", "hub_fle($1, $2)"),
	comparison("$greater", ">", "hub_flt($2, $1)"),
	comparison("$greater_or_equal", ">=", "hub_fle($2, $1)"),
	[]entry[scalarFunc]{
		{"$and", "b+", logical(true)}, {"$or", "b+", logical(false)}, {"$not", "b", form("(NOT $1)")},
		{"$is_null", "*", form("($1 IS NULL)")},
		{"$is_true", "b", form("($1 IS NOT DISTINCT FROM TRUE)")},
		{"$is_false", "b", form("($1 IS NOT DISTINCT FROM FALSE)")},
		{"$is_distinct_from", "**", typed(allDeepComparable, form("($1 IS DISTINCT FROM $2)"))},
		{"$is_not_distinct_from", "**", typed(allDeepComparable, form("($1 IS NOT DISTINCT FROM $2)"))},
		{"$between", "fff", form("(hub_fle($2, $1) AND hub_fle($1, $3))")},
		{"$between", "aaa", betweenDeep},
		{"$between", "***", typed(noFloat, form("($1 BETWEEN $2 AND $3)"))},
		{"$in", "f+|a+|u+", inDeep},
		{"$in", "*+", typed(noFloat, inList)},
		{"$in_array", "*a", inArray},

		// By their other names: of x + 1 > 2 DuckDB makes x > 1, and of SUM(x + 1) the
		// sum of x and the count, which lose the overflow.
		{"$add", "ii", form("add($1, $2)")}, {"$subtract", "ii", form("subtract($1, $2)")}, {"$multiply", "ii", form("multiply($1, $2)")},
		{"$add", "ff", form("hub_fadd($1, $2)")}, {"$subtract", "ff", form("hub_fsub($1, $2)")},
		{"$multiply", "ff", form("hub_fmul($1, $2)")}, {"$divide", "ff", form("hub_fdiv($1, $2)")},
		{"$add", "nn", numericSum("+")}, {"$subtract", "nn", numericSum("-")},
		{"$unary_minus", "i|f|n", form("(- $1)")},
		{"$bitwise_and", "ii", form("($1 & $2)")}, {"$bitwise_or", "ii", form("($1 | $2)")},
		{"$bitwise_xor", "ii", form("xor($1, $2)")}, {"$bitwise_not", "i", form("(~ $1)")},
		{"$bitwise_left_shift", "ii", form("hub_shl($1, $2)")}, {"$bitwise_right_shift", "ii", form("hub_shr($1, $2)")},
		{"$concat_op", "ss|xx", form("($1 || $2)")},

		{"if", "b**", form("(CASE WHEN $1 THEN $2 ELSE $3 END)")},
		{"ifnull", "**", form("coalesce($1, $2)")},
		{"coalesce", "*+", form("coalesce($*)")},
		{"nullif", "ff|aa|uu", nullIf},
		{"nullif", "**", typed(noFloat, form("nullif($1, $2)"))},
		{"$case_no_value", "*+", caseNoValue},
		{"$case_with_value", "*+", caseWithValue},
	},
)

func join(lists ...[]entry[scalarFunc]) []entry[scalarFunc] {
	var out []entry[scalarFunc]
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// numericSum adds NUMERICs. Their range is that of DECIMAL(38,9), where DuckDB
// reports an overflow as an error.
func numericSum(op string) scalarFunc {
	return form("CAST(($1 " + op + " $2) AS DECIMAL(38,9))")
}

func inList(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	return "(" + args[0] + " IN (" + strings.Join(args[1:], ", ") + "))"
}

// inArray is x IN UNNEST(array): IN over the elements has its three-valued
// logic, with FALSE for an empty and for a NULL array.
func inArray(t *translator, c *googlesql.Call) string {
	if list, ok := t.fewIntegers(c.Args[1]); ok && c.Args[0].Type().Is(googlesql.KindInt64) {
		return "(" + t.expr(c.Args[0]) + " IN (" + list + "))"
	}
	if t.noQueries || !plainEqual(c.Args[0].Type()) {
		return quantified("equal", false)(t, c)
	}
	args := t.exprs(c.Args)
	return "(" + args[0] + " IN (SELECT unnest(" + args[1] + ")))"
}

// maxListed is the most numbers that are listed one by one: DuckDB plans a query over
// one array sooner than many numbers, and a few numbers sooner than a query.
const maxListed = 16

// fewIntegers lists the numbers of a constant array, none of which is NULL.
func (t *translator) fewIntegers(e googlesql.Expr) (string, bool) {
	v, ok := t.constant(e)
	list, isList := v.V.([]googlesql.Value)
	if !ok || !isList || len(list) == 0 || len(list) > maxListed {
		return "", false
	}
	items := make([]string, len(list))
	for i, x := range list {
		n, isInt := x.V.(int64)
		if !isInt {
			return "", false
		}
		items[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(items, ", "), true
}

// nullIf is NULLIF over a type that DuckDB's does not compare as GoogleSQL does.
func nullIf(t *translator, c *googlesql.Call) string {
	ty := c.Args[0].Type()
	if !isDeepComparable(ty) || !sameShape(ty, c.Args[1].Type()) {
		refuse("%s", describe(c.Name, c.Args))
	}
	return t.once(t.exprs(c.Args), func(n []string) string {
		return "(CASE WHEN " + t.equal(ty, n[0], n[1]) + " THEN NULL ELSE " + n[0] + " END)"
	})
}

func caseNoValue(t *translator, c *googlesql.Call) string {
	args := t.exprs(c.Args)
	var b strings.Builder
	b.WriteString("(CASE")
	for len(args) >= 2 {
		b.WriteString(" WHEN " + args[0] + " THEN " + args[1])
		args = args[2:]
	}
	if len(args) == 1 {
		b.WriteString(" ELSE " + args[0])
	}
	b.WriteString(" END)")
	return b.String()
}

func caseWithValue(t *translator, c *googlesql.Call) string {
	ty := c.Args[0].Type()
	if !isDeepComparable(ty) {
		refuse("CASE over %s", ty)
	}
	if isVolatile(c.Args[0]) {
		refuse("CASE over a value that differs each time")
	}
	args := t.exprs(c.Args)
	var b strings.Builder
	b.WriteString("(CASE")
	x, rest := args[0], args[1:]
	for len(rest) >= 2 {
		eq := t.equal(ty, x, rest[0])
		b.WriteString(" WHEN " + eq + " THEN " + rest[1])
		rest = rest[2:]
	}
	if len(rest) == 1 {
		b.WriteString(" ELSE " + rest[0])
	}
	b.WriteString(" END)")
	return b.String()
}

// least and greatest: NULL when any argument is, NaN when any is.
func extreme(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		nulls := make([]string, len(args))
		for i, a := range args {
			nulls[i] = a + " IS NULL"
		}
		out := name + "(" + strings.Join(args, ", ") + ")"
		nan := ""
		if c.T.Is(googlesql.KindFloat64) {
			tests := make([]string, len(args))
			for i, a := range args {
				tests[i] = "isnan(" + a + ")"
			}
			nan = " WHEN " + strings.Join(tests, " OR ") + " THEN " + floatLiteral(math.NaN())
		}
		return "(CASE WHEN " + strings.Join(nulls, " OR ") + " THEN NULL" + nan + " ELSE " + out + " END)"
	}
}
