package bigquery_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// floatKeys has every kind of FLOAT64 and NULL, with r naming the row.
const floatKeys = "(SELECT 1 r, CAST(NULL AS FLOAT64) x UNION ALL SELECT 2, CAST('nan' AS FLOAT64) UNION ALL SELECT 3, CAST('-inf' AS FLOAT64)" +
	" UNION ALL SELECT 4, 1.0 UNION ALL SELECT 5, 2.5 UNION ALL SELECT 6, CAST('inf' AS FLOAT64))"

// wideKeys has the ends of INT64.
const wideKeys = "(SELECT 1 r, -9223372036854775808 x UNION ALL SELECT 2, -9223372036854775807 UNION ALL SELECT 3, 5 UNION ALL SELECT 4, 9223372036854775807 UNION ALL SELECT 5, NULL)"

// numericKeys has the ends of NUMERIC.
const numericKeys = "(SELECT 1 r, NUMERIC '-99999999999999999999999999999.999999999' x UNION ALL SELECT 2, NUMERIC '-99999999999999999999999999998.5'" +
	" UNION ALL SELECT 3, NUMERIC '0.25' UNION ALL SELECT 4, NUMERIC '99999999999999999999999999999.999999999')"

// TestRangeFrames shows each row's frame as the rows in it.
func TestRangeFrames(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct{ keys, frame, want string }{
		// The bounds of NULL, NaN and the infinities are themselves.
		{floatKeys, "ORDER BY x RANGE BETWEEN 2 PRECEDING AND 1 PRECEDING", "1|2|3||4|6"},
		{floatKeys, "ORDER BY x RANGE BETWEEN 2 FOLLOWING AND 1 FOLLOWING", "1|2|3|||6"},
		{floatKeys, "ORDER BY x RANGE BETWEEN UNBOUNDED PRECEDING AND 1.5 PRECEDING", "1|12|123|123|1234|123456"},
		{floatKeys, "ORDER BY x RANGE BETWEEN 1.5 PRECEDING AND UNBOUNDED FOLLOWING", "123456|23456|3456|456|456|6"},
		{floatKeys, "ORDER BY x DESC RANGE BETWEEN 1.5 PRECEDING AND CURRENT ROW", "1|2|3|45|5|6"},
		{floatKeys, "ORDER BY x DESC RANGE BETWEEN 1.5 FOLLOWING AND UNBOUNDED FOLLOWING", "1|12|123|123|1234|123456"},
		{floatKeys, "ORDER BY x NULLS LAST RANGE BETWEEN 0 PRECEDING AND 2 FOLLOWING", "1|2|3|45|5|6"},
		{floatKeys, "ORDER BY x RANGE BETWEEN 1e308 PRECEDING AND 1e308 FOLLOWING", "1|2|3|45|45|6"},
		{wideKeys, "ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING", "12|12|3|4|5"},
		{wideKeys, "ORDER BY x RANGE BETWEEN UNBOUNDED PRECEDING AND 9223372036854775807 PRECEDING", "5|5|125|125|5"},
		{wideKeys, "ORDER BY x RANGE BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING", "12|12|34|34|5"},
		{wideKeys, "ORDER BY x DESC RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING", "5|15|125|1235|5"},
		{numericKeys, "ORDER BY x RANGE BETWEEN 2 PRECEDING AND 1 PRECEDING", "|1||"},
		{numericKeys, "ORDER BY x RANGE BETWEEN UNBOUNDED PRECEDING AND NUMERIC '0.000000001' PRECEDING", "|1|12|123"},
		{numericKeys, "ORDER BY x RANGE BETWEEN NUMERIC '99999999999999999999999999999.999999999' FOLLOWING AND UNBOUNDED FOLLOWING", "34|4||"},
		{numericKeys, "ORDER BY x RANGE BETWEEN 1 FOLLOWING AND NUMERIC '99999999999999999999999999999.999999999' FOLLOWING", "2|3|4|"},
	} {
		sql := "SELECT (SELECT STRING_AGG(CAST(e AS STRING), '' ORDER BY e) FROM UNNEST(f) e) FROM (SELECT r, ARRAY_AGG(r) OVER (" + tc.frame + ") f FROM " + tc.keys + ") ORDER BY r"
		got := strings.ReplaceAll(strings.Join(rowsOf(t, c.Query(sql)), "|"), "<nil>", "")
		if got != tc.want {
			t.Errorf("%s over %.30s: got %s, want %s", tc.frame, tc.keys, got, tc.want)
		}
	}
}

const manyRows = "UNNEST([STRUCT('a' AS g, 1 AS k, CAST(1.5 AS FLOAT64) AS f, NUMERIC '1.5' AS n, [1, 2] AS l, b'x' AS y), ('a', 2, NULL, NULL, NULL, NULL)," +
	" ('b', 3, CAST('nan' AS FLOAT64), NUMERIC '2', CAST([] AS ARRAY<INT64>), b'z'), ('b', 4, -2, NUMERIC '-0.5', [4, 3], b'y')])"

func TestMoreAggregates(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct{ sql, from, want string }{
		{"CAST(RANGE_START(MAX(r)) AS STRING)", "UNNEST([RANGE<DATE> '[2020-01-01, 2020-02-01)', RANGE<DATE> '[2020-01-01, UNBOUNDED)', RANGE<DATE> '[UNBOUNDED, 2021-01-01)']) r", "2020-01-01"},
		{"RANGE_START(MIN(r)) IS NULL", "UNNEST([RANGE<DATE> '[2020-01-01, 2020-02-01)', RANGE<DATE> '[2020-01-01, UNBOUNDED)', RANGE<DATE> '[UNBOUNDED, 2021-01-01)']) r", "true"},
		{"COUNTIF(DISTINCT k > 2)", "", "1"}, {"COUNT(DISTINCT f)", "", "3"}, {"COUNT(DISTINCT STRUCT(g, f))", "", "4"},
		{"SUM(k HAVING MAX g)", "", "7"}, {"SUM(k HAVING MIN g)", "", "3"}, {"COUNT(* HAVING MAX n)", "", "1"}, {"COUNT(* HAVING MAX f)", "", "0"},
		{"ANY_VALUE(g HAVING MIN n)", "", "b"}, {"COUNT(k HAVING MAX IF(k < 0, k, NULL))", "", "0"}, {"MAX_BY(k, n)", "", "3"}, {"MAX_BY(k, f)", "", "?"},
		{"MIN_BY(k, f)", "UNNEST([STRUCT(1 AS k, 2.0 AS f), (2, CAST('-inf' AS FLOAT64)), (3, NULL)])", "2"},
		{"ARRAY_CONCAT_AGG(l ORDER BY k)", "", "[1 2 4 3]"}, {"ARRAY_CONCAT_AGG(l ORDER BY k DESC LIMIT 2)", "", "[4 3]"}, {"ARRAY_CONCAT_AGG(l LIMIT 0)", "", "[]"},
		{"STRING_AGG(y, b'-' ORDER BY k DESC)", "", "[121 45 122 45 120]"}, {"STRING_AGG(g, '' ORDER BY k LIMIT 0)", "", "<nil>"}, {"BIT_AND(x)", "UNNEST([b'\\x07\\x02', NULL, b'\\x03\\x0f']) x", "[3 2]"}, {"BIT_XOR(DISTINCT x)", "UNNEST([b'\\x07', b'\\x07', b'\\x01']) x", "[6]"}, {"BIT_OR(x)", "UNNEST([b'\\x07', b'\\x07\\x01']) x", "!length"},
		{"STRING_AGG(y) IS NULL", manyRows + " WHERE y IS NULL", "true"},
		{"SUM(n)", "", "3/1"}, {"AVG(n)", "", "1/1"}, {"AVG(NUMERIC '0.000000001' * x)", "UNNEST([0, 0, 2]) x", "1/1000000000"},
		{"SUM(x)", "UNNEST([NUMERIC '99999999999999999999999999999', NUMERIC '99999999999999999999999999999', NUMERIC '-99999999999999999999999999999']) x", "99999999999999999999999999999/1"},
		{"SUM(x)", "UNNEST([NUMERIC '99999999999999999999999999999.999999999', NUMERIC '0.000000001']) x", "!overflow"},
		{"SUM(x)", "UNNEST([NUMERIC '-99999999999999999999999999999.999999999', NUMERIC '-0.5', NUMERIC '0.5']) x", "-99999999999999999999999999999999999999/1000000000"},
		{"SUM(DISTINCT x)", "UNNEST([NUMERIC '1.5', 1.5, 2]) x", "7/2"}, {"AVG(x)", "UNNEST([NUMERIC '0.000000001', 0, 0]) x", "0/1"}, {"AVG(x)", "UNNEST([NUMERIC '0.000000001', 0]) x", "1/1000000000"},
		{"SUM(x)", "UNNEST([1e308, 1e308, -1e308]) x", "1e+308"}, {"SUM(x)", "UNNEST([1e308, 1e308]) x", "!overflow"}, {"AVG(x)", "UNNEST([1e308, 1e308]) x", "1e+308"},
		{"SUM(x)", "UNNEST([1e308, 1e308, CAST('-inf' AS FLOAT64)]) x", "-Inf"}, {"SUM(x)", "UNNEST([CAST('inf' AS FLOAT64), CAST('-inf' AS FLOAT64)]) x", "NaN"}, {"SUM(DISTINCT x)", "UNNEST([0.5, 0.5, 1]) x", "1.5"},
		{"VAR_POP(x)", "UNNEST([1, 3]) x", "1"}, {"STDDEV(x)", "UNNEST([1]) x", "<nil>"}, {"STDDEV_POP(x)", "UNNEST([1]) x", "0"}, {"VARIANCE(x)", "UNNEST([NUMERIC '10', 14, 18]) x", "16"},
		{"VAR_SAMP(f)", "", "NaN"}, {"CORR(k, n)", "", "-0.6185895741317419"}, {"COVAR_POP(k, n)", "", "-0.8333333333333334"}, {"COVAR_SAMP(k, NULL)", "", "<nil>"},
		{"APPROX_QUANTILES(x, 2)", "UNNEST([NULL, NULL, 1, 1, 1, 4, 5, 6, 7, 8, 9, 10]) x", "[1 5 10]"}, {"APPROX_QUANTILES(x, 4)", "UNNEST(GENERATE_ARRAY(1, 100)) x", "[1 25 50 75 100]"},
		{"APPROX_QUANTILES(DISTINCT x, 2 RESPECT NULLS)[OFFSET(1)]", "UNNEST([NULL, NULL, 1, 1, 1, 4, 5, 6, 7, 8, 9, 10]) x", "6"}, {"APPROX_QUANTILES(x, 4)", "UNNEST(GENERATE_ARRAY(1, 10)) x", "?"},
		{"APPROX_QUANTILES(x, 4)[OFFSET(3)]", "UNNEST(GENERATE_ARRAY(1, 3001)) x", "2251"}, {"APPROX_QUANTILES(DISTINCT x, 2)", "UNNEST([1.5, 1.5, 2.5, CAST('nan' AS FLOAT64), NULL]) x", "[NaN 1.5 2.5]"}, {"ARRAY_LENGTH(APPROX_QUANTILES(x, 2))", "UNNEST(CAST([] AS ARRAY<INT64>)) x", "<nil>"},
		{"APPROX_TOP_COUNT(x, 2)[OFFSET(0)].count", "UNNEST(['a', 'b', 'b', NULL, NULL, NULL]) x", "3"}, {"APPROX_TOP_COUNT(x, 2)[OFFSET(0)].value IS NULL", "UNNEST(['a', 'b', 'b', NULL, NULL, NULL]) x", "true"},
		{"APPROX_TOP_COUNT(x, 1)[OFFSET(0)].count", "UNNEST(['a', 'b']) x", "?"}, {"APPROX_TOP_SUM(x, w, 1)[OFFSET(0)].sum", "UNNEST([STRUCT('a' AS x, 3 AS w), ('b', 2), ('b', 4), ('c', NULL)])", "6"},
	} {
		from := tc.from
		if from == "" {
			from = manyRows
		}
		got := evaluate(t, c, "SELECT "+tc.sql+" FROM "+from)
		ok := got == tc.want
		switch {
		case tc.want == "?":
			ok = strings.HasPrefix(got, "!notImplemented")
		case tc.want[0] == '!':
			ok = strings.HasPrefix(got, "!invalidQuery") && strings.Contains(got, tc.want[1:])
		}
		if !ok {
			t.Errorf("%s over %.60s: got %s, want %s", tc.sql, from, got, tc.want)
		}
	}
}

func TestGroupsOfEveryType(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct {
		sql  string
		want []string
	}{
		{"SELECT COUNT(*) FROM UNNEST([CAST('nan' AS FLOAT64), CAST('nan' AS FLOAT64), 0, -0.0, NULL, NULL]) x GROUP BY x ORDER BY 1", []string{"2", "2", "2"}},
		{"SELECT COUNT(*) FROM UNNEST([STRUCT([1, NULL] AS a), STRUCT([1, NULL]), STRUCT([1]), NULL]) x GROUP BY x.a ORDER BY 1", []string{"1", "1", "2"}},
		{"SELECT COUNT(*) OVER (PARTITION BY s) FROM UNNEST([STRUCT(STRUCT(1 AS a, [NUMERIC '1'] AS b) AS s), STRUCT((1, [NUMERIC '1'])), STRUCT((1, NULL))]) ORDER BY 1", []string{"1", "2", "2"}},
		{"SELECT GROUPING(g), g, GROUPING(k), SUM(k) FROM UNNEST([STRUCT('a' AS g, 1 AS k), ('a', 2), ('b', 3)]) GROUP BY ROLLUP(g, k) ORDER BY 1, 2, 3, 4",
			[]string{"0|a|0|1", "0|a|0|2", "0|a|1|3", "0|b|0|3", "0|b|1|3", "1|<nil>|1|6"}},
		{"SELECT GROUPING(g), k, COUNT(*) FROM UNNEST([STRUCT('a' AS g, 1 AS k), ('a', 2), ('b', 2)]) GROUP BY GROUPING SETS (g, k, ()) ORDER BY 1, 2, 3",
			[]string{"0|<nil>|1", "0|<nil>|2", "1|<nil>|3", "1|1|1", "1|2|2"}},
		{"SELECT COUNT(*) FROM UNNEST([STRUCT('a' AS g, 1 AS k), ('a', 2), ('b', 2)]) GROUP BY CUBE(g, k) ORDER BY 1", []string{"1", "1", "1", "1", "1", "2", "2", "3"}},
		{"SELECT g, SUM(SUM(k)) OVER (ORDER BY g) FROM UNNEST([STRUCT('a' AS g, 1 AS k), ('a', 2), ('b', 4)]) GROUP BY ALL QUALIFY ROW_NUMBER() OVER (ORDER BY g DESC) = 1", []string{"b|7"}},
		{"SELECT PERCENTILE_CONT(x, 0.5) OVER (PARTITION BY g), PERCENTILE_DISC(x, 0.5) OVER (PARTITION BY g), PERCENTILE_CONT(x, 0.5 RESPECT NULLS) OVER () FROM UNNEST([STRUCT(1 AS g, 10 AS x), (1, 20), (2, NULL)]) ORDER BY g, x",
			[]string{"15|10|10", "15|10|10", "<nil>|<nil>|10"}},
		{"SELECT PERCENTILE_DISC(s, 0.75) OVER () FROM UNNEST(['a', 'b', 'c', NULL]) s LIMIT 1", []string{"c"}},
		// An aggregate of aggregates of smaller groups.
		{"SELECT g, SUM(MAX(k) GROUP BY p), COUNT(* GROUP BY p HAVING SUM(k) > 2), ARRAY_LENGTH(ARRAY_AGG(MIN(k) WHERE k > 4 GROUP BY p)), COUNT(*)" +
			" FROM UNNEST([STRUCT('a' AS g, 1 AS p, 1 AS k), ('a', 1, 2), ('a', 2, 1), ('b', 1, 5), (NULL, 7, 0)]) GROUP BY g ORDER BY g",
			[]string{"<nil>|0|0|<nil>|1", "a|3|1|<nil>|3", "b|5|1|1|1"}},
		{"SELECT MAX(COUNT(*) GROUP BY x), SUM(SUM(COUNT(*) GROUP BY y) GROUP BY x) FROM UNNEST([STRUCT(1 AS x, 1 AS y), (1, 2), (2, NULL)])", []string{"2|3"}},
		{"SELECT STDDEV(x) OVER (PARTITION BY g), VAR_POP(x) OVER (PARTITION BY g), COVAR_POP(x, x) OVER (PARTITION BY g), CORR(x, y) OVER (PARTITION BY g) FROM UNNEST([STRUCT(1 AS g, 1.0 AS x, NUMERIC '1' AS y), (1, 3, 5), (2, 1, 1), (3, CAST('inf' AS FLOAT64), 1), (3, 1, 2), (4, NULL, 1)]) ORDER BY g",
			[]string{"1.4142135623730951|1|1|1", "1.4142135623730951|1|1|1", "<nil>|0|0|<nil>", "NaN|NaN|NaN|NaN", "NaN|NaN|NaN|NaN", "<nil>|<nil>|<nil>|<nil>"}},
		// An aggregate over columns of an enclosing query is the inner query's.
		{"SELECT (SELECT COUNT(x) FROM UNNEST([1]) y), (SELECT SUM(x) FROM UNNEST([1, 2]) y), (SELECT COUNTIF(x > 1) FROM UNNEST([1, 2]) y), (SELECT MAX(x WHERE x > 1) FROM UNNEST([1]) y) FROM UNNEST([0, 5]) x ORDER BY 2",
			[]string{"1|0|0|<nil>", "1|10|2|5"}},
		{"SELECT (SELECT MAX(z) FROM (SELECT SUM(x + y) OVER (ORDER BY y) z FROM UNNEST([1, 2]) y)) FROM UNNEST([0, 5]) x ORDER BY 1", []string{"3", "13"}},
		{"SELECT (SELECT ARRAY_AGG(x LIMIT 1)[OFFSET(0)] FROM UNNEST([1, 2]) y) FROM UNNEST([0, 5]) x ORDER BY 1", []string{"0", "5"}},
		{"SELECT COUNT(*) OVER (ORDER BY x ROWS BETWEEN 9223372036854775807 FOLLOWING AND 9223372036854775807 FOLLOWING) FROM UNNEST([1, 2]) x", []string{"0", "0"}},
		{"SELECT LAST_VALUE(k IGNORE NULLS) OVER (ORDER BY r ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) FROM UNNEST([STRUCT(1 AS r, 5 AS k), (2, NULL), (3, NULL)]) ORDER BY r", []string{"<nil>", "5", "5"}},
		{"SELECT NTH_VALUE(k, 2 IGNORE NULLS) OVER (ORDER BY r ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM UNNEST([STRUCT(1 AS r, 5 AS k), (2, NULL), (3, 7)]) ORDER BY r", []string{"7", "7", "7"}},
		{"SELECT COUNT(DISTINCT k) OVER (PARTITION BY g), STRING_AGG(DISTINCT CAST(k AS STRING)) OVER (PARTITION BY g) FROM UNNEST([STRUCT(1 AS g, 5 AS k), (1, 5), (2, NULL)]) ORDER BY g", []string{"1|5", "1|5", "0|<nil>"}},
	} {
		got := rowsOf(t, c.Query(tc.sql))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}

// TestAggregatesInConditionals holds that an aggregate fails where its value is
// used and not elsewhere.
func TestAggregatesInConditionals(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range []struct{ sql, want string }{
		{"SELECT IF(COUNT(*) > 1, 7, SUM(1 / x)) FROM UNNEST([0, 1]) x", "7"},
		{"SELECT IF(COUNT(*) < 1, 7, SUM(1 / x)) FROM UNNEST([0, 1]) x", "!invalidQuery"},
		{"SELECT IF(COUNT(*) < 1, 7, SUM(1 / x)) FROM UNNEST([4, 1]) x", "1.25"},
		{"SELECT IF(MAX(x) > 5, -1, SUM(x)) FROM UNNEST([9223372036854775807, 1]) x", "-1"},
		{"SELECT IF(MAX(x) < 5, -1, SUM(x)) FROM UNNEST([9223372036854775807, 1]) x", "!invalidQuery"},
		{"SELECT COALESCE(COUNT(*), SUM(x)) FROM UNNEST([1e308, 1e308]) x", "2"},
		{"SELECT CASE WHEN COUNT(*) > 5 THEN SUM(x) ELSE SUM(x WHERE x < 2) END FROM UNNEST([NUMERIC '99999999999999999999999999999', NUMERIC '1', NUMERIC '1']) x", "2/1"},
		{"SELECT IF(FALSE, COUNT(DISTINCT 1 / x), 3) FROM UNNEST([0, 1]) x", "3"},
		{"SELECT IF(x = 'b', 0, ARRAY_LENGTH(ARRAY_AGG(CAST(x AS INT64)))) FROM UNNEST(['b', 'b']) x GROUP BY x", "0"},
	} {
		got := evaluate(t, c, tc.sql)
		if got != tc.want && (tc.want[0] != '!' || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s: got %s, want %s", tc.sql, got, tc.want)
		}
	}
}

// TestSketches holds that HLL_COUNT counts within a statement and that no sketch
// gets out of it.
func TestSketches(t *testing.T) {
	c, _ := bqtest.Start(t)
	const two = "(SELECT HLL_COUNT.INIT(x) s FROM UNNEST([1, 2, 2, NULL]) x UNION ALL SELECT HLL_COUNT.INIT(x, 12) FROM UNNEST([2, 3]) x)"
	for _, tc := range []struct{ sql, want string }{
		{"SELECT HLL_COUNT.MERGE(s) FROM " + two, "3"}, {"SELECT SUM(HLL_COUNT.EXTRACT(s)) FROM " + two, "4"},
		{"SELECT HLL_COUNT.EXTRACT(HLL_COUNT.MERGE_PARTIAL(s)) FROM " + two, "3"}, {"SELECT HLL_COUNT.INIT(x) IS NULL FROM UNNEST([CAST(NULL AS STRING)]) x", "true"},
		{"SELECT HLL_COUNT.EXTRACT(CAST(NULL AS BYTES))", "0"}, {"SELECT HLL_COUNT.MERGE(x) FROM UNNEST([b'']) x", "!invalidQuery"}, {"SELECT HLL_COUNT.MERGE(x) FROM UNNEST([b'\\x08\\x70']) x", "!notImplemented"},
		{"SELECT HLL_COUNT.MERGE(s) FROM (SELECT HLL_COUNT.INIT(x) s FROM UNNEST([1]) x UNION ALL SELECT HLL_COUNT.INIT(x) FROM UNNEST(['1']) x)", "!invalidQuery"},
		{"WITH w AS " + two + " SELECT HLL_COUNT.MERGE(s) FROM w", "3"}, {"WITH w AS " + two + " SELECT LENGTH(s) FROM w", "!notImplemented"},
		{"SELECT HLL_COUNT.INIT(x) FROM UNNEST([1]) x", "!notImplemented"}, {"SELECT s FROM " + two, "!notImplemented"}, {"SELECT LENGTH(s) FROM " + two, "!notImplemented"}, {"SELECT COUNT(DISTINCT s) FROM " + two, "!notImplemented"},
		{"SELECT [s] FROM " + two, "!notImplemented"}, {"SELECT s = s FROM " + two, "!notImplemented"}, {"SELECT COUNT(*) FROM (SELECT DISTINCT s FROM " + two + ")", "!notImplemented"},
		{"SELECT LENGTH((SELECT HLL_COUNT.INIT(x) FROM UNNEST([1]) x))", "!notImplemented"}, {"SELECT ROW_NUMBER() OVER (ORDER BY s) FROM " + two, "!notImplemented"}, {"SELECT TO_HEX(ANY_VALUE(s)) FROM " + two, "!notImplemented"},
		{"SELECT HLL_COUNT.INIT(x) FROM UNNEST([CAST(NULL AS INT64)]) x", "<nil>"}, {"SELECT HLL_COUNT.MERGE_PARTIAL(x) FROM UNNEST([b'']) x", "!invalidQuery"},
		{"SELECT HLL_COUNT.INIT(x, 9) IS NULL FROM UNNEST([1]) x", "!invalidQuery"},
	} {
		got := evaluate(t, c, tc.sql)
		if got != tc.want && (tc.want[0] != '!' || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s: got %s, want %s", tc.sql, got, tc.want)
		}
	}
}
