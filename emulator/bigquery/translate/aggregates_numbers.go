package translate

import (
	"math"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var sumTable = []entry[aggregateFunc]{
	{"sum", "i", func(_ *translator, a *aggregate) string { return "CAST(" + a.apply("sum", a.args[0]) + " AS BIGINT)" }},
	{"sum", "f", floatSum}, {"avg", "f", floatMean},
	{"sum", "n", numericTotal("hub_numeric_sum")}, {"avg", "n", numericTotal("hub_numeric_avg")},
	{"sum", "g", overList("hub_bignumeric_sum")}, {"avg", "g", overList("hub_bignumeric_avg")},
	{"avg", "i", func(_ *translator, a *aggregate) string { return a.apply("avg", a.args[0]) }},
	{"min", "*", minMax("min")}, {"max", "*", minMax("max")},
}

// floatParts splits a FLOAT64's aggregation: what is not finite decides alone
// (odd, NULL: there is none), and the rest is summed once as it is and once so
// small that it cannot overflow on the way.
func floatParts(a *aggregate) (odd, sum, small string) {
	finite := "isfinite(" + a.args[0] + ")"
	odd = a.applyWhere("NOT "+finite, "sum", a.args[0])
	sum = a.applyWhere(finite, "fsum", a.args[0])
	small = a.applyWhere(finite, "fsum", "("+a.args[0]+") * "+floatLiteral(0x1p-64))
	return odd, sum, small
}

// floatSum is SUM of FLOAT64: an overflow is an error only when the total of
// finite values is not finite.
func floatSum(_ *translator, a *aggregate) string {
	odd, sum, small := floatParts(a)
	return "hub_float_sum(" + odd + ", " + sum + ", " + small + ")"
}

// floatMean is AVG of FLOAT64, which does not overflow.
func floatMean(_ *translator, a *aggregate) string {
	odd, sum, small := floatParts(a)
	n := a.applyWhere("isfinite("+a.args[0]+")", "count", a.args[0])
	return "hub_float_avg(" + odd + ", " + sum + ", " + small + ", " + n + ")"
}

// numericTotal sums NUMERICs by their whole and their broken parts, as DuckDB's
// own sum overflows on the way to a total that fits.
func numericTotal(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if a.distinct {
			return overList(fn+"_list")(nil, a)
		}
		whole, broken, n := numericParts(a)
		return fn + "(" + whole + ", " + broken + ", " + n + ")"
	}
}

func numericParts(a *aggregate) (whole, broken, n string) {
	x := a.args[0]
	whole = "CAST(" + a.apply("sum", "CAST(trunc("+x+") AS HUGEINT)") + " AS VARCHAR)"
	broken = "CAST(" + a.apply("sum", "CAST(("+x+") % 1 AS DECIMAL(18,9))") + " AS DECIMAL(38,9))"
	return whole, broken, a.apply("count", x)
}

// overList hands all values that are not NULL to a function of a list.
func overList(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		return fn + "(" + a.applyWhere(notNull(a.args[0]), "list", a.args[0]) + ")"
	}
}

// isMeasurable reports whether DuckDB's MIN and MAX of a type are GoogleSQL's,
// but for NaN.
func isMeasurable(ty *googlesql.Type) bool {
	return isGroupable(ty) && !ty.Is(googlesql.KindArray, googlesql.KindStruct, googlesql.KindInterval)
}

// minMax is MIN or MAX. A NaN among FLOAT64 makes the result NaN, which DuckDB
// gives for MAX only.
func minMax(fn string) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if !isMeasurable(a.types[0]) && !a.types[0].Is(googlesql.KindInterval) {
			refuse("%s(%s)", strings.ToUpper(fn), a.types[0])
		}
		// Duplicates change nothing, and DuckDB is faster without DISTINCT.
		a.distinct = false
		out := a.apply(fn, grouped(a.types[0], a.args[0]))
		if fn == "min" && a.types[0].Is(googlesql.KindFloat64) {
			return "(CASE WHEN " + a.apply("bool_or", "isnan("+a.args[0]+")") + " THEN CAST('nan' AS DOUBLE) ELSE " + out + " END)"
		}
		return out
	}
}

var statisticTable = []entry[aggregateFunc]{
	{"var_pop", "f|n|g", moment(0)}, {"var_samp", "f|n|g", moment(1)}, {"variance", "f|n|g", moment(1)},
	{"stddev_pop", "f|n|g", moment(2)}, {"stddev_samp", "f|n|g", moment(3)}, {"stddev", "f|n|g", moment(3)},
	{"covar_pop", "ff|nn|gg", comoment(0)}, {"covar_samp", "ff|nn|gg", comoment(1)}, {"corr", "ff|nn|gg", comoment(2)},
}

// listSuffix names the form of a Go function by its list's type.
var listSuffix = map[googlesql.Kind]string{
	googlesql.KindFloat64: "_f", googlesql.KindNumeric: "_n", googlesql.KindBigNumeric: "_g",
}

// moments and comoments are DuckDB's names by the codes of the Go functions.
var (
	moments   = []string{"var_pop", "var_samp", "stddev_pop", "stddev_samp"}
	comoments = []string{"covar_pop", "covar_samp", "corr"}
)

// moment is a variance or its root. DuckDB's own has no answer for NaN and
// infinities and is less exact; over windows, where the values would have to be
// gathered for every row, it computes what is finite.
func moment(code int) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if a.over != "" {
			x := double(a.args[0], a.types[0])
			return a.finite(moments[code], []string{x}, moments[code] == "var_samp" || moments[code] == "stddev_samp")
		}
		return "hub_moment" + listSuffix[a.types[0].Kind] + "(" + a.applyWhere(notNull(a.args[0]), "list", a.args[0]) + ", " + intLiteral(int64(code)) + ")"
	}
}

// comoment is a covariance or correlation, over the pairs in which nothing is
// NULL.
func comoment(code int) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
		if a.distinct {
			refuse("%s(DISTINCT)", strings.ToUpper(a.name))
		}
		if a.over != "" {
			x, y := double(a.args[0], a.types[0]), double(a.args[1], a.types[1])
			return a.finite(comoments[code], []string{x, y}, comoments[code] != "covar_pop")
		}
		pairs := "flatten(" + a.applyWhere(notNull(a.args[0])+" AND "+notNull(a.args[1]), "list", "["+a.args[0]+", "+a.args[1]+"]") + ")"
		return "hub_comoment" + listSuffix[a.types[0].Kind] + "(" + pairs + ", " + intLiteral(int64(code)) + ")"
	}
}

// finite applies a statistic of DuckDB's: NULL for too few rows (two are needed),
// NaN when any value is NaN or infinite.
func (a *aggregate) finite(fn string, args []string, two bool) string {
	present, finite := []string{}, []string{}
	for _, x := range args {
		present = append(present, notNull(x))
		finite = append(finite, "isfinite("+x+")")
	}
	all := strings.Join(present, " AND ")
	out := "WHEN " + a.applyWhere(all+" AND NOT ("+strings.Join(finite, " AND ")+")", "count", "*") + " > 0 THEN " + floatLiteral(math.NaN()) +
		" ELSE " + a.applyWhere(all+" AND "+strings.Join(finite, " AND "), fn, args...) + " END)"
	if two {
		out = "WHEN " + a.applyWhere(all, "count", "*") + " < 2 THEN NULL " + out
	}
	return "(CASE " + out
}

// double converts to FLOAT64.
func double(x string, ty *googlesql.Type) string {
	switch ty.Kind {
	case googlesql.KindFloat64:
		return x
	case googlesql.KindNumeric:
		return "CAST(CAST(" + x + " AS VARCHAR) AS DOUBLE)"
	}
	refuse("a statistic of %s over a window", ty)
	return ""
}

func intLiteral(n int64) string { return literal(googlesql.Value{Type: googlesql.Int64, V: n}) }
