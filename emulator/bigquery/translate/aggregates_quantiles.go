package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

var quantileTable = []entry[aggregateFunc]{
	{"percentile_cont", "ff|nn|gg", percentileCont},
	{"percentile_disc", "*f|*n|*g", percentileDisc},
	{"approx_quantiles", "*i", approxQuantiles},
}

// sortKeys orders a list by its elements' own order, NaN below every number as
// GoogleSQL has it.
func sortKeys(x string, ty *googlesql.Type, nulls string) string {
	if !isMeasurable(ty) && !ty.Is(googlesql.KindInterval) {
		refuse("an ordering by %s", ty)
	}
	x = grouped(ty, x)
	if ty.Is(googlesql.KindFloat64) {
		return "isnan(" + x + ") DESC NULLS " + nulls + ", " + x + " ASC NULLS " + nulls
	}
	return x + " ASC NULLS " + nulls
}

func isTrue(b bool) string { return strings.ToUpper(fmt.Sprint(b)) }

// percentileCont is PERCENTILE_CONT(x, p), which leaves out NULLs unless told
// otherwise, and interpolates.
func percentileCont(t *translator, a *aggregate) string {
	suffix := listSuffix[a.types[0].Kind]
	p := t.fraction(a)
	respect := a.nulls == googlesql.NullsRespect
	if a.over == "" {
		if a.distinct {
			refuse("PERCENTILE_CONT(DISTINCT)")
		}
		return "hub_percentile_cont" + suffix + "(" + a.apply("list", a.args[0]) + ", " + p + ", " + isTrue(respect) + ")"
	}
	n := t.windowSize(a, respect)
	place := "hub_percentile_place" + suffix + "(" + p + ", " + n + ")"
	return "hub_percentile_mix" + suffix + "(" + t.nth(a, place, respect) + ", " + t.nth(a, place+" + 1", respect) + ", " + p + ", " + n + ")"
}

// percentileDisc is PERCENTILE_DISC(x, p): the first value whose cumulative
// distribution is at least p.
func percentileDisc(t *translator, a *aggregate) string {
	suffix := listSuffix[a.types[1].Kind]
	p := t.fraction(a)
	respect := a.nulls == googlesql.NullsRespect
	if a.over != "" {
		return t.nth(a, "hub_percentile_rank"+suffix+"("+p+", "+t.windowSize(a, respect)+")", respect)
	}
	a.order = " ORDER BY " + sortKeys(a.args[0], a.types[0], "FIRST")
	also := ""
	if !respect {
		also = notNull(a.args[0])
	}
	a.post = "list_extract($r, hub_percentile_rank" + suffix + "(" + p + ", len($r)))"
	return a.applyWhere(also, "list", a.args[0])
}

// fraction writes the constant second argument of a percentile.
func (t *translator) fraction(a *aggregate) string {
	e := a.exprs[1]
	if c, ok := e.(*googlesql.Cast); ok {
		e = c.Expr
	}
	if v, ok := t.constant(e); !ok || v.IsNull() {
		refuse("%s with a fraction that is NULL or no constant", strings.ToUpper(a.name))
	}
	return a.args[1]
}

// windowSize is how many values a percentile over a window is taken of. It is a
// column of its own, made beforehand, as window functions do not nest.
func (t *translator) windowSize(a *aggregate, respect bool) string {
	if a.distinct || a.filter != "" {
		refuse("DISTINCT or WHERE in %s over a window", strings.ToUpper(a.name))
	}
	x := a.args[0]
	if respect {
		x = "*"
	}
	return t.before("count(" + x + ") OVER (" + a.partition + ")")
}

// nth is the value at a place (from 1, itself an expression) of the partition in
// the values' order.
func (t *translator) nth(a *aggregate, place string, respect bool) string {
	nulls := "LAST"
	if respect {
		nulls = "FIRST"
	}
	return "nth_value(" + a.args[0] + ", " + place + ") OVER (" + strings.TrimSpace(a.partition+" ORDER BY "+sortKeys(a.args[0], a.types[0], nulls)) +
		" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
}

// maxQuantiles bounds APPROX_QUANTILES.
const maxQuantiles = 100_000

// exactQuantiles is up to how many values BigQuery itself can be expected to be
// exact; how it then chooses between two neighbours is not documented.
const exactQuantiles = 1000

// maxWindow bounds the windows of APPROX_QUANTILES, which are sorted row by row.
const maxWindow = 5000

// approxQuantiles gives exact quantiles, which are within the approximation that
// is promised: element i is the value at ceil(i/n of the count). Of few values
// it answers only where the other usual rule, floor of i/n of the count less
// one, has the same value.
func approxQuantiles(t *translator, a *aggregate) string {
	n := t.count(a.exprs[1], "APPROX_QUANTILES")
	if n < 1 || n > maxQuantiles {
		refuse("APPROX_QUANTILES by %d", n)
	}
	also := ""
	if a.nulls != googlesql.NullsRespect {
		also = notNull(a.args[0])
	}
	at := func(rule int) string {
		return fmt.Sprintf("list_extract($r, hub_quantile_place(len($r), %s, CAST(i AS BIGINT), %s))", intLiteral(n), intLiteral(int64(rule)))
	}
	a.post = fmt.Sprintf("(CASE WHEN len($r) > 0 THEN list_transform(range(%d), lambda i: CASE WHEN len($r) <= %d AND %s IS DISTINCT FROM %s THEN %s ELSE %s END) END)",
		n+1, exactQuantiles, at(0), at(1), refusal("APPROX_QUANTILES whose value lies between two"), at(0))
	if a.over != "" {
		a.post = fmt.Sprintf("(CASE WHEN len($r) > %d THEN %s ELSE %s END)", maxWindow, refusal("APPROX_QUANTILES over a window of this size"), a.post)
	}
	if a.distinct || a.over != "" {
		// The list is put into order afterwards: DuckDB does not order within DISTINCT
		// by more than the argument.
		sortKeys("", a.types[0], "")
		sorted := "list_sort($r, 'ASC', 'NULLS FIRST')"
		if a.types[0].Is(googlesql.KindInterval) {
			refuse("APPROX_QUANTILES of %s with DISTINCT or over a window", a.types[0])
		}
		if a.types[0].Is(googlesql.KindFloat64) {
			sorted = "hub_float_sorted($r)"
		}
		a.post = strings.ReplaceAll(a.post, "$r", sorted)
		return a.applyWhere(also, "list", a.args[0])
	}
	a.order = " ORDER BY " + sortKeys(a.args[0], a.types[0], "FIRST")
	return a.applyWhere(also, "list", a.args[0])
}

var topTable = []entry[aggregateFunc]{
	{"approx_top_count", "*i", approxTopCount},
	{"approx_top_sum", "*ii|*fi|*ni", approxTopSum},
}

// topPost makes the array of the first n groups by a measure. Where two groups
// tie for a place, the answer would depend on an order that is not documented.
func topPost(name string, n int64, groups string) string {
	return fmt.Sprintf("(SELECT CASE WHEN $r IS NULL THEN NULL WHEN count(*) FILTER (WHERE rn <= %d AND same > 1) > 0 THEN %s"+
		" ELSE list(struct_pack(f0 := v, f1 := m) ORDER BY rn) FILTER (WHERE rn <= %d) END"+
		" FROM (SELECT v, m, row_number() OVER (ORDER BY m DESC NULLS LAST) AS rn, count(*) OVER (PARTITION BY m) AS same FROM (%s) AS g) AS ranked)",
		n, refusal(name+" of values that tie"), n, groups)
}

func (t *translator) topSize(a *aggregate, e googlesql.Expr) int64 {
	n := t.count(e, strings.ToUpper(a.name))
	if n < 1 || n > maxQuantiles {
		refuse("%s by %d", strings.ToUpper(a.name), n)
	}
	if a.distinct || !isGroupable(a.types[0]) || a.types[0].Is(googlesql.KindInterval) {
		refuse("%s of %s", strings.ToUpper(a.name), a.types[0])
	}
	return n
}

// approxTopCount counts exactly, which is within the approximation that is
// promised. NULL counts as a value.
func approxTopCount(t *translator, a *aggregate) string {
	n := t.topSize(a, a.exprs[1])
	a.post = topPost("APPROX_TOP_COUNT", n, "SELECT v, count(*) AS m FROM (SELECT unnest($r) AS v) AS e GROUP BY v")
	return a.apply("list", a.args[0])
}

// approxTopSum sums exactly. A group whose weights are all NULL has no sum and
// comes last.
func approxTopSum(t *translator, a *aggregate) string {
	n := t.topSize(a, a.exprs[2])
	sum := "CAST(sum(w) AS " + typeName(a.types[1]) + ")"
	if a.types[1].Is(googlesql.KindFloat64) {
		sum = "(CASE WHEN bool_and(w IS NULL OR isfinite(w)) AND coalesce(isfinite(sum(w)), TRUE) THEN sum(w) ELSE " +
			refusal("APPROX_TOP_SUM of weights that are not finite") + " END)"
	}
	a.post = topPost("APPROX_TOP_SUM", n, "SELECT v, "+sum+" AS m FROM (SELECT p.v AS v, p.w AS w FROM (SELECT unnest($r) AS p) AS e) AS f GROUP BY v")
	return a.apply("list", "struct_pack(v := "+a.args[0]+", w := "+a.args[1]+")")
}
