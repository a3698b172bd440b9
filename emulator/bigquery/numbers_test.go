package bigquery_test

import (
	"strings"
	"testing"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// numberRows is a table of edge values, and numberExpressions are expressions
// over it with their three values. ! begins an error, ? is a refusal.
const numberRows = `(SELECT 1 AS k, 0 AS i, 0.5 AS f, NUMERIC '1.5' AS n, BIGNUMERIC '2.5' AS g, '12' AS s
	UNION ALL SELECT 2, -9223372036854775808, CAST('nan' AS FLOAT64), NUMERIC '99999999999999999999999999999.999999999',
		BIGNUMERIC '578960446186580977117854925043439539266.34992332820282019728792003956564819967', ' x '
	UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL)`

const (
	maxN = "99999999999999999999999999999.999999999"
	maxG = "578960446186580977117854925043439539266.34992332820282019728792003956564819967"
)

var numberExpressions = []struct{ sql, want string }{
	{"SAFE_ADD(i, -1)", "-1 <nil> <nil>"}, {"SAFE_SUBTRACT(i, 1)", "-1 <nil> <nil>"}, {"SAFE_MULTIPLY(i, -1)", "0 <nil> <nil>"}, {"SAFE_NEGATE(i)", "0 <nil> <nil>"},
	{"SAFE_ADD(DIV(1, i + 1), 1)", "2 1 <nil>"}, {"SAFE_ADD(DIV(1, i), 1)", "!division by zero"}, {"-i", "!verflow"},
	{"SAFE_ADD(n, n)", "3 <nil> <nil>"}, {"SAFE_MULTIPLY(n, 0.5)", "0.75 50000000000000000000000000000 <nil>"}, {"SAFE_DIVIDE(n, i)", "<nil> -10842021724.85504434 <nil>"}, {"n * 2", "!verflow"},
	{"SAFE_ADD(g, g)", "5 <nil> <nil>"}, {"SAFE_NEGATE(g)", "-2.5 -" + maxG + " <nil>"}, {"g / 3", "0.83333333333333333333333333333333333333 192986815395526992372618308347813179755.44997444273427339909597334652188273322 <nil>"},
	{"g > n", "true true <nil>"}, {"g = 2.5", "true false <nil>"}, {"g IN (2.5, 3)", "true false <nil>"}, {"GREATEST(n, g)", "2.5 " + maxG + " <nil>"},
	{"SAFE_CAST(s AS INT64)", "12 <nil> <nil>"}, {"SAFE_CAST(s AS FLOAT64)", "12 <nil> <nil>"}, {"SAFE_CAST(s AS NUMERIC)", "12 <nil> <nil>"},
	{"SAFE_CAST(s AS BIGNUMERIC)", "12 <nil> <nil>"}, {"SAFE_CAST(s || '3' AS INT64)", "123 <nil> <nil>"}, {"SAFE_CAST(CAST(s AS INT64) AS STRING)", "!Bad int64"},
	{"CAST(s AS NUMERIC)", "!Invalid NUMERIC"}, {"CAST(n AS STRING)", "1.5 " + maxN + " <nil>"}, {"CAST(g AS STRING)", "2.5 " + maxG + " <nil>"},
	{"SAFE_CAST(f AS NUMERIC)", "0.5 <nil> <nil>"}, {"SAFE_CAST(f AS INT64)", "1 <nil> <nil>"}, {"SAFE_CAST(g AS NUMERIC)", "2.5 <nil> <nil>"}, {"CAST(i AS BIGNUMERIC)", "0 -9223372036854775808 <nil>"},
	{"SAFE_CAST(s AS STRING(2))", "12 <nil> <nil>"}, {"CAST(s AS STRING(2))", "!STRING(2)"}, {"SAFE_CAST(n AS NUMERIC(3, 1))", "1.5 <nil> <nil>"}, {"SAFE_CAST(b'ab' AS BYTES(1)) IS NULL", "true true true"},
	{"CONCAT(CAST([i, 7] AS ARRAY<STRING>)[OFFSET(1)], '!')", "7! 7! 7!"}, {"CAST(STRUCT(s, k) AS STRUCT<a STRING, b NUMERIC>).b", "1 2 3"}, {"SAFE_CAST([s] AS ARRAY<INT64>)[OFFSET(0)]", "?"},
	{"ROUND(n)", "!verflow"}, {"TRUNC(n, -28)", "0 90000000000000000000000000000 <nil>"}, {"ROUND(n, 0, 'ROUND_HALF_EVEN')", "!verflow"}, {"ROUND(g - 2, -1)", "0 578960446186580977117854925043439539260 <nil>"},
	{"FLOOR(n)", "1 99999999999999999999999999999 <nil>"}, {"SAFE.CEIL(n)", "2 <nil> <nil>"}, {"MOD(n, 1)", "0.5 0.999999999 <nil>"}, {"DIV(n, 2)", "0 49999999999999999999999999999 <nil>"},
	{"ROUND(f + 2.175, 2)", "?"}, {"TRUNC(f, 0)", "0 NaN <nil>"}, {"SIGN(f)", "1 NaN <nil>"}, {"SAFE.LN(f - 1)", "<nil> NaN <nil>"}, {"IFERROR(ROUND(f + 2.175, 2), 1)", "?"},
	{"SAFE.ATANH(f * 2)", "<nil> NaN <nil>"}, {"LOG(f + 7.5, 2)", "3 NaN <nil>"}, {"SAFE.ACOS(1 / i)", "!division by zero"}, {"SAFE.ACOS(f + 1)", "<nil> NaN <nil>"},

	{"ISERROR(1 / i)", "true false false"}, {"NULLIFERROR(1 / i) IS NULL", "true false true"}, {"IFERROR(DIV(1, i), 7)", "7 0 <nil>"}, {"IFERROR(DIV(1, i), DIV(1, k - 1))", "!division by zero"},
	{"IFERROR(IFERROR(DIV(1, i), DIV(1, k - 1)), k)", "1 0 <nil>"}, {"ISERROR(1 / i) AND IFERROR(1 / i, 1) = 1", "true false false"}, {"IF(ISERROR(1 / i), 1, CAST(1 / i AS INT64))", "1 0 <nil>"},
	{"SAFE.ERROR('no')", "<nil> <nil> <nil>"}, {"IF(k < 9, k, ERROR('no'))", "1 2 3"}, {"IF(k < 3, k, ERROR('no'))", "!no"}, {"ISERROR((SELECT [k][OFFSET(i)]))", "false true false"},
	{"IFERROR((SELECT MAX(k / i) FROM UNNEST([1])), 1)", "?"}, {"IFERROR((SELECT x FROM UNNEST([k, 2]) AS x), 7)", "7 7 7"}, {"IFERROR((SELECT x FROM UNNEST([k, 2]) AS x WHERE x > 2), 7)", "<nil> <nil> 3"},
	{"IFERROR(ARRAY_FILTER([k, i], e -> 1 / e > 0.4)[OFFSET(0)], -5)", "-5 2 -5"}, {"ISERROR(ARRAY_TRANSFORM([1, i], e -> DIV(6, e))[OFFSET(0)])", "true false false"}, {"IFERROR((SELECT x / i FROM (SELECT 1 / i AS x)), 5)", "5 1.1754943508222875e-38 <nil>"},
	{"ISERROR(x) FROM (SELECT k, DIV(1, i) AS x FROM rows_of_numbers) WHERE NOT ISERROR(x", "!division by zero"}, {"SAFE.ISERROR(1 / i)", "true false false"}, {"WITH(x AS k + 1, x * x)", "4 9 16"}, {"COALESCE(k, DIV(1, i)) + COALESCE(k + 1, DIV(1, i))", "3 5 7"}, {"(k < 0 AND 1 / i > 0) OR (k < 1 AND 1 / i > 0)", "false false false"},
}

func TestNumbers(t *testing.T) {
	c, _ := bqtest.Start(t)
	for _, tc := range numberExpressions {
		sql := "SELECT STRING_AGG(IFNULL(CAST(v AS STRING), '<nil>'), ' ' ORDER BY k) FROM (SELECT k, " + tc.sql + " AS v FROM " + numberRows + ")"
		if strings.Contains(tc.sql, "rows_of_numbers") {
			sql = "SELECT " + strings.Replace(tc.sql, "rows_of_numbers", numberRows, 1) + ")"
		}
		got := evaluate(t, c, sql)
		ok := got == strings.ReplaceAll(tc.want, "NaN", "nan")
		switch {
		case strings.HasPrefix(tc.want, "!"):
			ok = strings.HasPrefix(got, "!invalidQuery") && strings.Contains(got, tc.want[1:])
		case tc.want == "?":
			ok = strings.HasPrefix(got, "!notImplemented")
		}
		if !ok {
			t.Errorf("%s: got %s, want %s", tc.sql, got, tc.want)
		}
	}
}
