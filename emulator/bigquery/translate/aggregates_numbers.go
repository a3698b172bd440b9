package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var sumTable = []entry[aggregateFunc]{
	{"sum", "i", func(_ *translator, a *aggregate) string { return "CAST(" + a.apply("sum", a.args[0]) + " AS BIGINT)" }},
	{"sum", "f", floatSum}, {"avg", "f", floatMean},
	{"sum", "n", numericTotal("hub_numeric_sum")}, {"avg", "n", numericTotal("hub_numeric_avg")},
	{"sum", "g", overList("hub_bignumeric_sum")}, {"avg", "g", overList("hub_bignumeric_avg")},
	{"sum", "v", overList("hub_interval_sum")}, {"avg", "v", overList("hub_interval_avg")},
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

// moment is a variance or its root. DuckDB's own has no answer for NaN and
// infinities and loses digits where the mean is large.
func moment(code int) aggregateFunc {
	return func(_ *translator, a *aggregate) string {
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
		pairs := "flatten(" + a.applyWhere(notNull(a.args[0])+" AND "+notNull(a.args[1]), "list", "["+a.args[0]+", "+a.args[1]+"]") + ")"
		return "hub_comoment" + listSuffix[a.types[0].Kind] + "(" + pairs + ", " + intLiteral(int64(code)) + ")"
	}
}

func intLiteral(n int64) string { return literal(googlesql.Value{Type: googlesql.Int64, V: n}) }
