package bigquery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

func TestScripts(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{{sql: "CREATE SCHEMA d"}, {sql: "CREATE TABLE d.log (n INT64, s STRING)"}})
	for _, tc := range []struct{ name, sql, want string }{
		{"last result", "SELECT 1; SELECT 2 AS x;", "2"},
		{"declare", "DECLARE a, b INT64 DEFAULT 20 + 1; DECLARE c DEFAULT 'x'; DECLARE d STRING; SELECT a + b, c, d;", "42|x|<nil>"},
		{"set", "DECLARE a INT64; SET a = 5; SET a = a * 2; SELECT a;", "10"},
		{"coercion", "DECLARE d DATE DEFAULT '2020-02-29'; DECLARE f FLOAT64 DEFAULT 1; DECLARE n NUMERIC DEFAULT 2.5; SELECT DATE_ADD(d, INTERVAL 1 DAY), f / 2, n;", "2020-03-01|0.5|5/2"},
		{"tuple", "DECLARE a INT64; DECLARE b STRING; DECLARE f FLOAT64; SET (a, b, f) = (1 + 1, 'q', 3); SELECT a, b, f;", "2|q|3"},
		{"tuple of a query", "DECLARE a INT64; DECLARE b STRING; SET (a, b) = (SELECT AS STRUCT 7, 'z'); SELECT a, b;", "7|z"},
		{"array", "DECLARE xs ARRAY<INT64>; SET xs = ARRAY_CONCAT(xs, [1, 2], [3]); SELECT ARRAY_LENGTH(xs), (SELECT SUM(x) FROM UNNEST(xs) AS x);", "3|6"},
		{"types", "DECLARE t TIMESTAMP DEFAULT '2020-01-02 03:04:05.000006+00'; DECLARE c DATETIME DEFAULT DATETIME '2020-01-02 03:04:05.5'; DECLARE b BYTES DEFAULT b'\\x00\\xff'; DECLARE s STRUCT<a INT64, b ARRAY<STRING>> DEFAULT (1, ['q']); SELECT UNIX_MICROS(t), CAST(c AS STRING), TO_HEX(b), s.a, s.b[OFFSET(0)];",
			"1577934245000006|2020-01-02 03:04:05.500|00ff|1|q"},
		{"extremes", "DECLARE a INT64 DEFAULT -9223372036854775808; DECLARE n NUMERIC DEFAULT NUMERIC '-99999999999999999999999999999.999999999'; DECLARE f FLOAT64 DEFAULT CAST('-inf' AS FLOAT64); SELECT a, n < 0, f < 0, CAST(n AS STRING);",
			"-9223372036854775808|true|true|-99999999999999999999999999999.999999999"},
		{"a column hides a variable", "DECLARE x INT64 DEFAULT 1; SELECT x, (SELECT MAX(x) FROM (SELECT 5 AS x));", "1|5"},
		{"if", "DECLARE a INT64 DEFAULT 2; IF a = 1 THEN SELECT 'one'; ELSEIF a = 2 THEN SELECT 'two'; ELSE SELECT 'more'; END IF;", "two"},
		{"if NULL", "IF NULL THEN SELECT 1; ELSE SELECT 2; END IF;", "2"},
		{"case", "DECLARE a INT64 DEFAULT 9; CASE WHEN a < 5 THEN SELECT 'low'; WHEN a < 10 THEN SELECT 'middle'; ELSE SELECT 'high'; END CASE;", "middle"},
		{"while", "DECLARE i, s INT64 DEFAULT 0; WHILE i < 5 DO SET i = i + 1; IF MOD(i, 2) = 0 THEN CONTINUE; END IF; SET s = s + i; END WHILE; SELECT i, s;", "5|9"},
		{"loop", "DECLARE i INT64 DEFAULT 0; LOOP SET i = i + 1; IF i > 3 THEN BREAK; END IF; END LOOP; SELECT i;", "4"},
		{"repeat", "DECLARE i INT64 DEFAULT 10; REPEAT SET i = i + 1; UNTIL TRUE END REPEAT; SELECT i;", "11"},
		{"for", "DECLARE s STRING DEFAULT ''; FOR r IN (SELECT * FROM UNNEST(['a', 'b', 'c']) AS w WITH OFFSET AS o ORDER BY o DESC) DO SET s = CONCAT(s, r.w, CAST(r.o AS STRING)); END FOR; SELECT s;", "c2b1a0"},
		{"block", "DECLARE a INT64 DEFAULT 1; BEGIN DECLARE b INT64 DEFAULT 2; SET a = a + b; END; BEGIN DECLARE b STRING DEFAULT 'again'; SELECT a, b; END;", "3|again"},
		{"return", "SELECT 1; BEGIN RETURN; END; SELECT 2;", "1"},
		{"dml with variables", "DECLARE k INT64 DEFAULT 7; DELETE FROM d.log WHERE TRUE; INSERT INTO d.log VALUES (k, 'a'), (k + 1, 'b'); UPDATE d.log SET s = CONCAT(s, '!') WHERE n = k; SELECT STRING_AGG(s ORDER BY n) FROM d.log WHERE n >= k;", "a!,b"},
		{"temporary table", "CREATE TEMP TABLE t AS SELECT x FROM UNNEST([1, 2]) AS x; INSERT INTO t VALUES (3); CREATE TEMP TABLE u (a INT64); INSERT u SELECT SUM(x) FROM t; SELECT a FROM u;", "6"},
		{"a default that reads a table", "DECLARE n INT64 DEFAULT (SELECT COUNT(*) FROM UNNEST([1, 2, 3])); SELECT n;", "3"},
		{"comments", "-- begin\nDECLARE a INT64 DEFAULT 1 -- one\n; /* ; */ SELECT a # ;\n;", "1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff([]string{tc.want}, rowsOf(t, c.Query(tc.sql))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := rowsOf(t, c.Query("SELECT COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA")); got[0] != "2" {
		t.Errorf("%s data sets are left", got)
	}
}

func TestScriptErrors(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{
		{sql: "CREATE SCHEMA d"},
		{sql: "CREATE TABLE d.log (n INT64)"},
		{sql: "DECLARE a INT64 DEFAULT 'x'; SELECT a;", err: "Cannot coerce expression of type STRING to type INT64"},
		{sql: "DECLARE a INT64;\nSET a = 'x';", err: "Cannot coerce expression of type STRING to type INT64 at [2:9]"},
		{sql: "SET a = 1;", err: "Undeclared variable: a"},
		{sql: "DECLARE a INT64; DECLARE a INT64; SELECT 1;", err: "a"},
		{sql: "SELECT 1;\n\n SELECT nope;", err: "Unrecognized name: nope at [3:9]"},
		{sql: "SELECT 1; SELECT 1 +;", err: "Syntax error"},
		{sql: "INSERT INTO d.log VALUES (1); EXECUTE IMMEDIATE 'SELECT 1';", err: "EXECUTE IMMEDIATE in a script is not supported", look: "SELECT COUNT(*) FROM d.log", rows: []string{"0"}},
		{sql: "INSERT INTO d.log VALUES (1); SELECT 1/0; INSERT INTO d.log VALUES (2);", err: "division by zero", look: "SELECT SUM(n) FROM d.log", rows: []string{"1"}},
		{sql: "BEGIN TRANSACTION; SELECT 1; COMMIT TRANSACTION;", err: "is not supported"},
		{sql: "IF 1 THEN SELECT 1; END IF;", err: "Cannot coerce expression of type INT64 to type BOOL"},
		{sql: "DECLARE a INT64; SET (a) = (1, 2);", err: "a"},
		{sql: "LOOP CONTINUE; END LOOP;", err: "runs more than 10000 statements"},
		{sql: "BREAK;", err: "only allowed inside of a loop body"},
		{sql: "CREATE TEMP TABLE t (a INT64); SELECT * FROM cdm.t;", err: "was not found"},
		{sql: "SELECT a FROM t; CREATE TEMP TABLE t (a INT64);", err: "must be qualified with a dataset"},
	})
	q := c.Query("SELECT 1; SELECT 2")
	q.DryRun = true
	if _, err := q.Run(ctxOf(t)); err == nil || !strings.Contains(err.Error(), "dry run of a script is not supported") {
		t.Errorf("dry run: %v", err)
	}
}

// TestScriptJobs holds that every statement of a script is a job under it.
func TestScriptJobs(t *testing.T) {
	c := start(t)
	ctx := ctxOf(t)
	runSteps(t, c, []step{{sql: "CREATE SCHEMA d"}, {sql: "CREATE TABLE d.log AS SELECT 1 AS n"}})
	q := c.Query("DECLARE a INT64 DEFAULT @p;\nINSERT INTO d.log SELECT a;\nSELECT n FROM d.log ORDER BY n;")
	q.Parameters = []bq.QueryParameter{{Name: "p", Value: int64(41)}}
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	status, err := job.Wait(ctx)
	if err != nil || status.Err() != nil {
		t.Fatal(err, status)
	}
	it, err := job.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "41"}, textRows(t, it)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stats := status.Statistics
	details := stats.Details.(*bq.QueryStatistics)
	got := []string{fmt.Sprint(details.StatementType, " ", stats.NumChildJobs, " ", stats.TotalBytesProcessed)}
	children := job.Children(ctx)
	for {
		child, err := children.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		s := child.LastStatus().Statistics
		got = append(got, fmt.Sprint(s.Details.(*bq.QueryStatistics).StatementType, " ", s.ParentJobID == job.ID(), " ", s.ScriptStatistics.StackFrames[0].StartLine))
	}
	if diff := cmp.Diff([]string{"SCRIPT 2 16", "SELECT true 3", "INSERT true 2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
