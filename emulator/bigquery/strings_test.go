package bigquery_test

import "testing"

// textExpressions are examples of the function reference, and their edges; see
// expressions.
var textExpressions = []struct{ sql, want string }{
	{"ASCII('abcd')", "97"}, {"UNICODE('âbcd')", "226"}, {"CHR(9988)", "✄"}, {"CHR(55296)", "!codepoint"}, {"SAFE.CHR(55296)", "<nil>"}, {"CHR(NULL)", "<nil>"},
	{"CODE_POINTS_TO_STRING([65, 255, 513])", "Aÿȁ"}, {"CODE_POINTS_TO_STRING([65, NULL])", "<nil>"}, {"CODE_POINTS_TO_BYTES([256])", "!code point"},
	{"TO_CODE_POINTS('foo')", "[102 111 111]"}, {"TO_CODE_POINTS('')", "[]"},
	{"CONCAT('a', 1, DATE '2020-01-01', true)", "a12020-01-01true"}, {"EDIT_DISTANCE('abcdefg', 'a', max_distance => 2)", "2"},
	{"FROM_HEX('0G')", "!hexadecimal"}, {"SAFE.FROM_HEX('0G')", "<nil>"}, {"SAFE.FROM_HEX(CONCAT('0', 'G'))", "<nil>"}, {"TO_HEX(FROM_HEX('0AF'))", "00af"},
	{"TO_BASE64(b'\\377\\340')", "/+A="}, {"TO_BASE32(FROM_BASE32('MFRGGZDF74======'))", "MFRGGZDF74======"}, {"FROM_BASE64('3q2+7w')", "?"},
	{"INITCAP('tHe dog BARKS loudly+friendly')", "The Dog Barks Loudly+Friendly"}, {"INITCAP('apples&oranges', '&')", "Apples&Oranges"},
	{"INSTR('banana', 'an', -1, 2)", "2"}, {"INSTR('banana', 'an', 0)", "!position"}, {"LEFT('例子', 1)", "例"}, {"RIGHT('apple', -1)", "!negative"},
	{"LPAD('例子', 5, '中文')", "中文中例子"}, {"RPAD('abc', 5, '')", "!empty"}, {"SAFE.RPAD('abc', 5, '')", "<nil>"}, {"LENGTH(LPAD(b'a', 3))", "3"},
	{"TRIM('***apple***', '*')", "apple"}, {"NORMALIZE('Raha\\u2004Mahan', NFKC)", "Raha Mahan"}, {"NORMALIZE_AND_CASEFOLD('The Red Barn')", "the red barn"},
	{"REPEAT('例子', 2)", "例子例子"}, {"REPEAT('abc', 1000000000)", "!1MB"}, {"SOUNDEX('Ashcraft')", "A261"}, {"TRANSLATE('This is a cookie', 'sco', 'zku')", "Thiz iz a kuukie"},
	{"SPLIT('例子', '')", "[例 子]"}, {"SPLIT(CAST(NULL AS STRING), ',')", "[]"}, {"SAFE.LENGTH(CONCAT('a', 'b'))", "2"},
	{"SAFE_CONVERT_BYTES_TO_STRING(b'\\xc2')", "\ufffd"}, {"UPPER(SAFE_CONVERT_BYTES_TO_STRING(b'a'))", "A"},

	{"REGEXP_EXTRACT('foo@example.org', r'@[a-z]+\\.([a-z]+$)')", "org"}, {"REGEXP_EXTRACT('Hello Helloo', 'H?ello+', 2, 2)", "Helloo"},
	{"REGEXP_EXTRACT('abc', '(a)(b)')", "!capturing"}, {"REGEXP_EXTRACT('abc', 'x')", "<nil>"}, {"REGEXP_EXTRACT_ALL('a1b22', r'\\d+')", "[1 22]"},
	{"REGEXP_INSTR('a@cd-ef', '@[^-]*', 1, 1, 1)", "5"}, {"REGEXP_REPLACE('abc', 'b(.)', r'X\\1')", "aXc"}, {"REGEXP_REPLACE('abc', 'b', r'\\1')", "!REGEXP_REPLACE"},
	{"SAFE.REGEXP_CONTAINS('a', '(')", "<nil>"}, {"REGEXP_CONTAINS('a', r'\\C')", "?"}, {"REGEXP_CONTAINS(b'\\xff', b'^.$')", "true"}, {"REGEXP_CONTAINS('a', CONCAT('^', 'a'))", "true"},

	{"b'ab' LIKE b'a_'", "true"}, {"'a' LIKE CONCAT('a', '%')", "true"}, {"'a' LIKE 'b\\\\'", "!backslash"}, {"'abc' LIKE ANY ('x', 'a%')", "true"}, {"'abc' LIKE ALL ('a%', NULL)", "<nil>"},
	{"'abc' NOT LIKE ANY ('abc', 'x')", "true"}, {"'abc' LIKE ANY UNNEST(['x', 'a%'])", "true"}, {"'abc' LIKE ANY (SELECT p FROM UNNEST(['x', 'a%']) p)", "true"}, {"'abc' LIKE ALL UNNEST(CAST([] AS ARRAY<STRING>))", "true"},

	{"FORMAT('|%10d|%-5d|%05d|', 11, 12, 13)", "|        11|12   |00013|"}, {"FORMAT(\"%'d\", 123456789)", "123,456,789"}, {"FORMAT('%.2f %e', 1.005, 12345.678)", "1.00 1.234568e+04"},
	{"FORMAT('%t %T', [1, NULL], STRUCT('a' AS x, DATE '2020-01-02' AS y))", `[1, NULL] ("a", DATE "2020-01-02")`}, {"FORMAT('%i', CAST(NULL AS INT64))", "<nil>"},
	{"FORMAT('%f %t', ROUND(-0.4), ROUND(-0.4))", "-0.000000 0.0"}, {"CBRT(27)", "3"}, {"CBRT(-1000)", "-10"},
	{"FORMAT('%f', -0.0)", "?"}, {"IEEE_DIVIDE(1, CAST('-0' AS FLOAT64))", "?"}, {"IEEE_DIVIDE(1, 0.0)", "+Inf"},
	{"FORMAT('%t', [STRUCT(1 AS a, ['x', 'y'] AS b)])", "[(1, [x, y])]"}, {"FORMAT('%T', b'a\\x01')", `b"a\x01"`}, {"FORMAT('%d')", "!arguments"}, {"FORMAT('%s', 1)", "!"},
	{"FORMAT('%t|%t', CAST(NULL AS ARRAY<INT64>), CAST(NULL AS STRING))", "NULL|NULL"}, {"FORMAT('%t', TIMESTAMP '2015-09-01 12:34:56+00')", "2015-09-01 12:34:56+00"},

	{"FARM_FINGERPRINT('1footrue')", "-1541654101129638711"}, {"FARM_FINGERPRINT(b'3true')", "-4880158226897771312"}, {"LENGTH(SHA512('abc'))", "64"}, {"LENGTH(GENERATE_UUID())", "36"},
	{"NET.IP_TO_STRING(NET.IP_TRUNC(NET.IP_FROM_STRING('48.49.50.51'), 8))", "48.0.0.0"}, {"NET.SAFE_IP_FROM_STRING('48.49.50')", "<nil>"}, {"NET.HOST('a')", "?"}, {"SESSION_USER()", "?"},

	{"COLLATE('a', 'und:ci') = 'A'", "true"}, {"COLLATE('a', 'und:ci') < 'B'", "true"}, {"COLLATE('a', 'binary') = 'A'", "false"}, {"COLLATE('Google', 'und:ci') LIKE 'goo%'", "true"},
	{"COLLATE('é', 'und:ci') = 'e'", "?"}, {"COLLATE('a', 'und:ci')", "?"}, {"(SELECT COUNT(DISTINCT COLLATE(x, 'und:ci')) FROM UNNEST(['a', 'A']) x)", "?"}, {"STRPOS(COLLATE('xa', 'und:ci'), 'A')", "2"},
	{"CASE COLLATE('a', 'und:ci') WHEN 'b' THEN 'B' WHEN 'A' THEN 'X' ELSE 'Y' END", "X"}, {"INSTR(COLLATE('aba', 'und:ci'), 'A', -1, 1)", "3"}, {"NULLIF(COLLATE('a', 'und:ci'), 'A')", "?"},
	{"REPLACE(COLLATE('a', 'und:ci'), 'A', 'x')", "?"},
	{"(SELECT x = 'A' FROM UNNEST([COLLATE('a', 'und:ci')]) x)", "true"}, {"'abc' LIKE ANY (SELECT COLLATE('ABC', 'und:ci'))", "true"}, {"(SELECT COUNTIF(x = 'A') FROM UNNEST([COLLATE('a', 'und:ci'), 'A']) x)", "2"},
	{"(SELECT COUNT(*) FROM (SELECT DISTINCT x FROM UNNEST([COLLATE('a', 'und:ci'), 'A']) x))", "?"}, {"(SELECT MIN(x) FROM UNNEST([COLLATE('a', 'und:ci'), 'B']) x)", "?"}, {"(SELECT x FROM UNNEST([COLLATE('b', 'und:ci'), 'A']) x ORDER BY x LIMIT 1)", "?"},
	{"CONTAINS_SUBSTR('the blue House', 'BLUE house')", "true"}, {"CONTAINS_SUBSTR('Ⅸ', 'ix')", "true"}, {"CONTAINS_SUBSTR(CAST(NULL AS STRING), 'a')", "<nil>"}, {"CONTAINS_SUBSTR(['a'], 'a')", "?"},
}

func TestTextExpressions(t *testing.T) { checkExpressions(t, textExpressions) }
