package bigquery_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	bq "cloud.google.com/go/bigquery"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// expressions are GoogleSQL expressions with the values that GoogleSQL's
// function reference gives them. An expected value that begins with ! is an
// error with that text; ? is a refusal. Each is run alone and over a table.
var expressions = []struct{ sql, want string }{
	// Arithmetic: / is FLOAT64, errors instead of infinities and wrap-around.
	{"7 / 2", "3.5"}, {"1 / 0", "!division by zero"}, {"0.0 / 0", "!division by zero"}, {"DIV(7, 2)", "3"}, {"DIV(-7, 2)", "-3"},
	{"DIV(1, 0)", "!division by zero"}, {"MOD(-7, 3)", "-1"}, {"MOD(7, -3)", "1"}, {"MOD(5, 0)", "!division by zero"},
	{"9223372036854775807 + 1", "!verflow"}, {"-9223372036854775808 - 1", "!verflow"}, {"4611686018427387904 * 2", "!verflow"},
	{"-(-9223372036854775808)", "!verflow"}, {"ABS(-9223372036854775808)", "!overflow"}, {"2147483647 + 1", "2147483648"},
	{"1e308 * 10", "!overflow"}, {"1e308 + 1e308", "!overflow"}, {"CAST('inf' AS FLOAT64) - 1", "+Inf"}, {"0.1 + 0.2", "0.30000000000000004"},
	{"SAFE_DIVIDE(1, 0)", "<nil>"}, {"SAFE_DIVIDE(7, 2)", "3.5"}, {"IEEE_DIVIDE(1, 0)", "+Inf"}, {"IEEE_DIVIDE(0, 0)", "NaN"},
	{"SAFE_ADD(9223372036854775807, 1)", "<nil>"}, {"SAFE_MULTIPLY(3, 4)", "12"},
	{"ABS(-5)", "5"}, {"SIGN(-3)", "-1"}, {"ROUND(2.5)", "3"}, {"ROUND(-2.5)", "-3"}, {"TRUNC(-2.7)", "-2"}, {"FLOOR(-2.1)", "-3"}, {"CEIL(2.1)", "3"},
	{"SQRT(16)", "4"}, {"SQRT(-1)", "!negative"}, {"LN(0)", "!not positive"}, {"POW(2, 10)", "1024"}, {"POW(-8, 0.5)", "!not a real number"},
	{"NUMERIC '0.1' + NUMERIC '0.2'", "3/10"}, {"1 + CAST(NULL AS INT64)", "<nil>"}, {"5 & 3", "1"}, {"5 | 3", "7"}, {"5 ^ 3", "6"}, {"~ 5", "-6"}, {"1 << 3", "8"}, {"-1 >> 60", "15"},

	// Three-valued logic.
	{"NULL AND FALSE", "false"}, {"NULL AND TRUE", "<nil>"}, {"NULL OR TRUE", "true"}, {"NOT CAST(NULL AS BOOL)", "<nil>"},
	{"1 IN (2, NULL)", "<nil>"}, {"1 IN (1, NULL)", "true"}, {"1 NOT IN (2, NULL)", "<nil>"}, {"NULL IN (1)", "<nil>"},
	{"1 IN UNNEST([1, 2])", "true"}, {"3 IN UNNEST([1, NULL])", "<nil>"}, {"3 IN UNNEST(CAST([] AS ARRAY<INT64>))", "false"},
	{"CAST(NULL AS INT64) IN UNNEST(CAST([] AS ARRAY<INT64>))", "false"}, {"3 IN UNNEST(CAST(NULL AS ARRAY<INT64>))", "false"},
	{"CAST(NULL AS INT64) = 1", "<nil>"}, {"1 IS DISTINCT FROM NULL", "true"}, {"NULL IS NOT DISTINCT FROM NULL", "true"},
	{"CAST(NULL AS BOOL) IS NOT TRUE", "true"}, {"3 BETWEEN 1 AND 5", "true"}, {"NULL BETWEEN 1 AND 5", "<nil>"}, {"9 BETWEEN NULL AND 5", "false"},

	// NaN equals nothing and is ordered against nothing.
	{"CAST('nan' AS FLOAT64) = CAST('nan' AS FLOAT64)", "false"}, {"CAST('nan' AS FLOAT64) != 1", "true"},
	{"CAST('nan' AS FLOAT64) > 1", "false"}, {"CAST('nan' AS FLOAT64) <= 1", "false"}, {"1.0 IN (CAST('nan' AS FLOAT64), 1)", "true"},
	{"CAST('nan' AS FLOAT64) BETWEEN 0 AND 9", "false"}, {"-0.0 = 0.0", "true"},

	// Conditionals.
	{"IF(NULL, 1, 2)", "2"}, {"IF(1 = 1, 1, 1 / 0)", "1"}, {"CASE WHEN FALSE THEN 1 END", "<nil>"}, {"CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END", "b"},
	{"CASE CAST(NULL AS INT64) WHEN NULL THEN 1 ELSE 2 END", "2"}, {"COALESCE(NULL, NULL, 3, 1)", "3"}, {"IFNULL(NULL, 7)", "7"}, {"NULLIF(3, 3)", "<nil>"}, {"NULLIF(3, NULL)", "3"},
	{"GREATEST(1, 3, 2)", "3"}, {"GREATEST(1, NULL)", "<nil>"}, {"LEAST(4, 2)", "2"}, {"GREATEST(1.0, CAST('nan' AS FLOAT64))", "NaN"}, {"LEAST(DATE '2020-01-02', DATE '2020-01-01')", "2020-01-01"},

	// Strings by code point.
	{"LENGTH('héllo')", "5"}, {"BYTE_LENGTH('héllo')", "6"}, {"LENGTH(b'a\\xff')", "2"}, {"CONCAT('a', NULL)", "<nil>"}, {"'a' || 'b'", "ab"},
	{"SUBSTR('apple', 2)", "pple"}, {"SUBSTR('apple', 2, 2)", "pp"}, {"SUBSTR('apple', -2)", "le"}, {"SUBSTR('apple', 0)", "apple"}, {"SUBSTR('apple', 0, 2)", "ap"},
	{"SUBSTR('apple', -9, 3)", "app"}, {"SUBSTR('apple', 9)", ""}, {"SUBSTR('apple', 1, -1)", "!negative"}, {"SUBSTR('héllo', 2, 1)", "é"}, {"SAFE.SUBSTR('a', 1, -1)", "<nil>"}, {"SAFE.LOWER('À')", "à"}, {"SAFE.LOWER('Σ')", "?"},
	{"LOWER('ÀB')", "àb"}, {"UPPER('ß')", "?"}, {"LOWER('AbC')", "abc"}, {"UPPER('aBc1')", "ABC1"}, {"TRIM('  a b\\t\\n')", "a b"}, {"LTRIM('\\u00a0x ')", "x "}, {"RTRIM('x\\u3000')", "x"},
	{"REPLACE('aXbX', 'X', 'yy')", "ayybyy"}, {"REPLACE('abc', '', 'x')", "abc"}, {"STARTS_WITH('abc', 'ab')", "true"}, {"ENDS_WITH('abc', 'bc')", "true"}, {"STARTS_WITH('abc', '')", "true"},
	{"STRPOS('héllo', 'l')", "3"}, {"STRPOS('a', 'z')", "0"}, {"REVERSE('añb')", "bña"}, {"SPLIT('a,b,,c')", "[a b  c]"}, {"SPLIT('a-b', '-')", "[a b]"}, {"SPLIT('')", "[]"},
	{"'abc' LIKE 'a%'", "true"}, {"'abc' LIKE 'a_c'", "true"}, {"'a%c' LIKE 'a\\\\%c'", "true"}, {"'abc' LIKE 'a\\\\%c'", "false"}, {"'ABC' LIKE 'abc'", "false"}, {"'é' LIKE '_'", "true"}, {"'abc' NOT LIKE '%d%'", "true"},
	{"'a' < 'B'", "false"}, {"'Z' < 'a'", "true"}, {"'é' > 'z'", "true"}, {"REGEXP_CONTAINS('abc', r'^a.c$')", "true"}, {"REGEXP_CONTAINS('a\\nc', r'a.c')", "false"}, {"REGEXP_CONTAINS('abc', '(')", "!regular expression"},
	{"TO_HEX(b'\\x00\\xab')", "00ab"}, {"TO_HEX(MD5('hello'))", "5d41402abc4b2a76b9719d911017c592"},
	{"TO_HEX(SHA256('hello'))", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}, {"TO_HEX(SHA1('hello'))", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"},

	// Casts: strict text, half away from zero.
	{"CAST(2.5 AS INT64)", "3"}, {"CAST(-2.5 AS INT64)", "-3"}, {"CAST(1.4 AS INT64)", "1"}, {"CAST(CAST('nan' AS FLOAT64) AS INT64)", "!non-finite"}, {"CAST(1e19 AS INT64)", "!out of range"},
	{"CAST('12' AS INT64)", "12"}, {"CAST(' -12 ' AS INT64)", "-12"}, {"CAST('0x1F' AS INT64)", "31"}, {"CAST('1.5' AS INT64)", "!int64"}, {"CAST('' AS INT64)", "!int64"}, {"SAFE_CAST('x' AS INT64)", "<nil>"}, {"SAFE_CAST('7' AS INT64)", "7"},
	{"CAST('1e3' AS FLOAT64)", "1000"}, {"CAST('x' AS FLOAT64)", "!double"}, {"CAST('TRUE' AS BOOL)", "true"}, {"CAST('1' AS BOOL)", "!bool"}, {"CAST(0 AS BOOL)", "false"}, {"CAST(TRUE AS INT64)", "1"},
	{"CAST(1.0 AS STRING)", "1"}, {"CAST(0.1 AS STRING)", "0.1"}, {"CAST(1e20 AS STRING)", "1e+20"}, {"CAST(TRUE AS STRING)", "true"}, {"CAST(12 AS STRING)", "12"}, {"CAST(DATE '2020-01-02' AS STRING)", "2020-01-02"},
	{"CAST(TIMESTAMP '2020-01-02 03:04:05.120' AS STRING)", "2020-01-02 03:04:05.120+00"}, {"CAST('2020-1-2' AS DATE)", "2020-01-02"}, {"CAST('2020-02-30' AS DATE)", "!date"}, {"SAFE_CAST('2020-02-30' AS DATE)", "<nil>"},
	{"CAST(DATETIME '2020-01-02 23:00:00' AS DATE)", "2020-01-02"}, {"CAST(TIMESTAMP '1969-12-31 23:59:59' AS DATE)", "1969-12-31"}, {"CAST('ab' AS BYTES)", "[97 98]"}, {"CAST(b'ab' AS STRING)", "ab"},
	{"CAST(NUMERIC '1.50' AS STRING)", "1.5"}, {"CAST(NUMERIC '2.5' AS INT64)", "3"}, {"CAST(3 AS NUMERIC)", "3/1"},

	// Dates: differences count boundaries; adding months stays in the month.
	{"DATE_ADD(DATE '2020-01-31', INTERVAL 1 MONTH)", "2020-02-29"}, {"DATE_ADD(DATE '2020-02-29', INTERVAL 1 YEAR)", "2021-02-28"}, {"DATE_SUB(DATE '2020-03-31', INTERVAL 1 QUARTER)", "2019-12-31"},
	{"DATE_ADD(DATE '2020-01-01', INTERVAL -1 WEEK)", "2019-12-25"}, {"DATE_ADD(DATE '9999-12-31', INTERVAL 1 DAY)", "!overflow"}, {"DATE_ADD(CAST(NULL AS DATE), INTERVAL 1 DAY)", "<nil>"}, {"DATE '2020-01-01' + 31", "2020-02-01"}, {"DATE '2020-01-01' - 1", "2019-12-31"},
	{"DATE_DIFF(DATE '2020-01-01', DATE '2019-12-31', YEAR)", "1"}, {"DATE_DIFF(DATE '2020-12-31', DATE '2020-01-01', YEAR)", "0"}, {"DATE_DIFF(DATE '2020-03-01', DATE '2020-02-28', DAY)", "2"}, {"DATE_DIFF(DATE '2020-01-31', DATE '2020-02-01', MONTH)", "-1"},
	{"DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', WEEK)", "1"}, {"DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', WEEK(MONDAY))", "0"}, {"DATE_DIFF(DATE '2017-12-18', DATE '2017-12-17', ISOWEEK)", "1"}, {"DATE_DIFF(DATE '2017-12-30', DATE '2014-12-30', ISOYEAR)", "2"}, {"DATE_DIFF(DATE '2020-04-01', DATE '2020-03-31', QUARTER)", "1"},
	{"DATE_TRUNC(DATE '2008-12-25', MONTH)", "2008-12-01"}, {"DATE_TRUNC(DATE '2017-11-05', WEEK(MONDAY))", "2017-10-30"}, {"DATE_TRUNC(DATE '2015-06-15', ISOYEAR)", "2014-12-29"}, {"DATE_TRUNC(DATE '2020-08-20', QUARTER)", "2020-07-01"}, {"DATE_TRUNC(DATE '2020-08-20', WEEK)", "2020-08-16"},
	{"EXTRACT(DAYOFWEEK FROM DATE '2020-08-16')", "1"}, {"EXTRACT(DAYOFYEAR FROM DATE '2020-12-31')", "366"}, {"EXTRACT(ISOWEEK FROM DATE '2021-01-03')", "53"}, {"EXTRACT(ISOYEAR FROM DATE '2021-01-03')", "2020"}, {"EXTRACT(WEEK FROM DATE '2017-01-01')", "1"}, {"EXTRACT(WEEK FROM DATE '2016-01-01')", "0"}, {"EXTRACT(QUARTER FROM DATE '2020-05-01')", "2"}, {"EXTRACT(YEAR FROM DATE '2020-05-01')", "2020"},
	{"DATE(2020, 2, 29)", "2020-02-29"}, {"DATE(2021, 2, 29)", "!invalid date"}, {"DATE(TIMESTAMP '2020-01-01 23:59:59')", "2020-01-01"}, {"PARSE_DATE('%Y-%m-%d', '2020-01-02')", "2020-01-02"}, {"PARSE_DATE('%Y%m%d', '20200102')", "2020-01-02"}, {"FORMAT_DATE('%Y/%m/%d %b', DATE '2020-01-02')", "2020/01/02 Jan"}, {"UNIX_DATE(DATE '1970-01-02')", "1"},
	{"GENERATE_DATE_ARRAY('2020-01-30', '2020-02-02')", "[2020-01-30 2020-01-31 2020-02-01 2020-02-02]"}, {"GENERATE_DATE_ARRAY('2020-01-30', '2020-02-20', INTERVAL 1 WEEK)", "[2020-01-30 2020-02-06 2020-02-13 2020-02-20]"}, {"GENERATE_DATE_ARRAY('2020-01-02', '2020-01-01')", "[]"},
	{"TIMESTAMP_DIFF(TIMESTAMP '2020-01-02 00:00:00', TIMESTAMP '2020-01-01 12:00:00', DAY)", "0"}, {"TIMESTAMP_DIFF(TIMESTAMP '2020-01-01 10:00:00', TIMESTAMP '2020-01-01 10:59:59', HOUR)", "0"}, {"DATETIME_DIFF(DATETIME '2020-01-02 00:00:00', DATETIME '2020-01-01 23:00:00', DAY)", "1"}, {"DATETIME_DIFF(DATETIME '2020-01-01 11:00:00', DATETIME '2020-01-01 10:59:59', HOUR)", "1"},
	{"TIMESTAMP_ADD(TIMESTAMP '2020-01-01 00:00:00', INTERVAL 90 MINUTE)", "2020-01-01 01:30:00 +0000 UTC"}, {"DATETIME_ADD(DATETIME '2020-01-31 10:00:00', INTERVAL 1 MONTH)", "2020-02-29T10:00:00"}, {"TIMESTAMP_TRUNC(TIMESTAMP '2020-01-02 03:04:05', HOUR)", "2020-01-02 03:00:00 +0000 UTC"}, {"EXTRACT(MINUTE FROM TIMESTAMP '1960-01-01 10:59:01')", "59"},

	// Arrays.
	{"ARRAY_LENGTH([1, 2])", "2"}, {"ARRAY_LENGTH(CAST([] AS ARRAY<INT64>))", "0"}, {"[10, 20][OFFSET(1)]", "20"}, {"[10, 20][ORDINAL(1)]", "10"}, {"[10][OFFSET(1)]", "!out of bounds"}, {"[10][SAFE_OFFSET(1)]", "<nil>"}, {"[10][SAFE_OFFSET(-1)]", "<nil>"},
	{"ARRAY_CONCAT([1], [2, 3])", "[1 2 3]"}, {"ARRAY_REVERSE([1, 2])", "[2 1]"}, {"GENERATE_ARRAY(1, 7, 3)", "[1 4 7]"}, {"GENERATE_ARRAY(3, 1)", "[]"}, {"GENERATE_ARRAY(3, 1, -1)", "[3 2 1]"}, {"ARRAY_TO_STRING(['a', NULL, 'c'], '-')", "a-c"}, {"ARRAY_TO_STRING(CAST([] AS ARRAY<STRING>), '-')", ""},

	// Refused by name.
	{"NORMALIZE('a')", "a"}, {"FORMAT('%d', 1)", "1"}, {"NUMERIC '1' * NUMERIC '2'", "2/1"},
	// ROUND to decimals, as far as it is beyond doubt.
	{"ROUND(2.346, 2)", "2.35"}, {"ROUND(-0.125, 2)", "-0.13"}, {"ROUND(1234.5678, 1)", "1234.6"}, {"ROUND(5, 2)", "5"}, {"ROUND(1.115, 2)", "?"}, {"ROUND(123.4, -1)", "120"},
}

func TestExpressions(t *testing.T) {
	checkExpressions(t, expressions)
}

// checkExpressions evaluates each expression, alone and over a table.
func checkExpressions(t *testing.T, list []struct{ sql, want string }) {
	t.Helper()
	c, _ := bqtest.Start(t)
	for _, tc := range list {
		for _, form := range []string{"SELECT " + tc.sql, "SELECT " + tc.sql + " FROM UNNEST([1, 2]) AS row_number WHERE row_number = 2"} {
			got := evaluate(t, c, form)
			ok := got == tc.want
			switch {
			case strings.HasPrefix(tc.want, "!"):
				ok = strings.HasPrefix(got, "!invalidQuery") && strings.Contains(got, tc.want[1:])
			case tc.want == "?":
				ok = strings.HasPrefix(got, "!notImplemented")
			}
			if !ok {
				t.Errorf("%s: got %s, want %s", form, got, tc.want)
			}
		}
	}
}

// evaluate gives the single value of a query, or its error as !reason: text.
func evaluate(t *testing.T, c *bq.Client, sql string) string {
	t.Helper()
	it, err := c.Query(sql).Read(ctxOf(t))
	if err == nil {
		var row []bq.Value
		err = it.Next(&row)
		if err == nil {
			return textValue(row[0])
		}
		if errors.Is(err, iterator.Done) {
			return "no row"
		}
	}
	var e *googleapi.Error
	if errors.As(err, &e) && len(e.Errors) > 0 {
		return "!" + e.Errors[0].Reason + ": " + e.Message
	}
	return "!" + err.Error()
}
