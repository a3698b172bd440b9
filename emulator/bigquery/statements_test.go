package bigquery_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

// step is a statement, and what is to be seen after it.
type step struct {
	sql string
	// err is part of the error that the statement must end with; empty: none.
	err string
	// did is "kind/rows changed" or "kind/operation"; empty: not looked at.
	did string
	// look is a query, and rows what it must give in this order.
	look string
	rows []string
}

// did describes what a finished statement says that it has done.
func did(s *bq.QueryStatistics) string {
	if s.DDLOperationPerformed != "" {
		return s.StatementType + "/" + s.DDLOperationPerformed
	}
	return fmt.Sprintf("%s/%d", s.StatementType, s.NumDMLAffectedRows)
}

func runSteps(t *testing.T, c *bq.Client, steps []step) {
	t.Helper()
	for _, s := range steps {
		ctx := ctxOf(t)
		var stats *bq.QueryStatistics
		job, err := c.Query(s.sql).Run(ctx)
		if err == nil {
			var status *bq.JobStatus
			if status, err = job.Wait(ctx); err == nil {
				stats, _ = status.Statistics.Details.(*bq.QueryStatistics)
				err = status.Err()
			}
		}
		switch {
		case s.err == "" && err != nil:
			t.Fatalf("%s: %v", s.sql, err)
		case s.err != "" && err == nil:
			t.Fatalf("%s: no error, want %q", s.sql, s.err)
		case s.err != "" && !strings.Contains(err.Error(), s.err):
			t.Fatalf("%s: %v, want %q", s.sql, err, s.err)
		case s.err == "" && s.did != "" && did(stats) != s.did:
			t.Fatalf("%s did %s, want %s", s.sql, did(stats), s.did)
		}
		if s.look == "" {
			continue
		}
		if diff := cmp.Diff(s.rows, rowsOf(t, c.Query(s.look))); diff != "" {
			t.Fatalf("after %s (-want +got):\n%s", s.sql, diff)
		}
	}
}

func TestDML(t *testing.T) {
	c := start(t)
	const all = "SELECT * FROM d.t ORDER BY id"
	setUp := []step{
		{sql: "CREATE SCHEMA d", did: "CREATE_SCHEMA/CREATE"},
		{sql: "CREATE OR REPLACE TABLE d.t (id INT64 NOT NULL, name STRING, tags ARRAY<STRING>, s STRUCT<a INT64, b STRUCT<c STRING>>)", did: "CREATE_TABLE/CREATE"},
		{sql: "CREATE OR REPLACE TABLE d.src AS SELECT 1 AS id, 'one' AS name UNION ALL SELECT 2, 'two' UNION ALL SELECT 9, 'nine'", did: "CREATE_TABLE_AS_SELECT/CREATE"},
	}
	runSteps(t, c, setUp)
	runSteps(t, c, []step{
		{sql: "INSERT INTO d.t (id, name, tags) VALUES (1, 'a', ['x', 'y']), (2, NULL, NULL), (3, DEFAULT, [])", did: "INSERT/3",
			look: "SELECT id, name, ARRAY_LENGTH(tags), tags IS NULL, s IS NULL FROM d.t ORDER BY id",
			rows: []string{"1|a|2|false|true", "2|<nil>|0|false|true", "3|<nil>|0|false|true"}},
		{sql: "INSERT d.t (id) SELECT id + 10 FROM d.src WHERE id < 5", did: "INSERT/2", look: "SELECT COUNT(*), MAX(id) FROM d.t", rows: []string{"5|12"}},
		{sql: "INSERT INTO d.t (id, tags) VALUES (4, ['x', NULL])", err: "Array cannot have a null element; error in writing field tags"},
		{sql: "INSERT INTO d.t (name) VALUES ('no id')", err: "Required field id cannot be null"},
		{sql: "INSERT INTO d.t (id) VALUES (4, 'x')", err: "Inserted row has wrong column count"},
		{sql: "INSERT INTO d.t (id) VALUES ('x')", err: "Value has type STRING which cannot be inserted into column id, which has type INT64"},
		{sql: "CREATE TABLE d.deep AS SELECT [STRUCT(1 AS a, CAST(NULL AS ARRAY<STRING>) AS b)] AS xs, STRUCT(CAST(NULL AS ARRAY<INT64>) AS c) AS s", did: "CREATE_TABLE_AS_SELECT/CREATE"},
		{sql: "INSERT INTO d.deep VALUES ([(2, ['x'])], NULL)", did: "INSERT/1",
			look: "SELECT x.a, x.b IS NULL, ARRAY_LENGTH(x.b), s.c IS NULL, ARRAY_LENGTH(s.c) FROM d.deep, UNNEST(xs) AS x ORDER BY 1", rows: []string{"1|false|0|false|0", "2|false|1|true|<nil>"}},
		{sql: "INSERT INTO d.deep (xs) VALUES ([(2, ['x', NULL])])", err: "Array cannot have a null element; error in writing field xs"},
		{sql: "CREATE TABLE d.nulls AS SELECT [1, NULL] AS xs", err: "Array cannot have a null element; error in writing field xs"},
		{sql: "UPDATE d.t SET name = 'x'", err: "UPDATE must have a WHERE clause"},
		{sql: "DELETE FROM d.t", err: "DELETE must have a WHERE clause"},
		{sql: "UPDATE d.t SET name = CONCAT('n', CAST(id AS STRING)), s = STRUCT(id, STRUCT('q')) WHERE id IN (1, 2)", did: "UPDATE/2",
			look: "SELECT id, name, s.a, s.b.c FROM d.t ORDER BY id", rows: []string{"1|n1|1|q", "2|n2|2|q", "3|<nil>|<nil>|<nil>", "11|<nil>|<nil>|<nil>", "12|<nil>|<nil>|<nil>"}},
		{sql: "UPDATE d.t SET s.b.c = 'deep', s.a = s.a + 1 WHERE id = 1", did: "UPDATE/1", look: "SELECT s.a, s.b.c FROM d.t WHERE id = 1", rows: []string{"2|deep"}},
		{sql: "UPDATE d.t SET s.b.c = 'deep' WHERE id = 3", err: "Cannot set field of NULL STRUCT<a INT64, b STRUCT<c STRING>>"},
		{sql: "UPDATE d.t SET id = NULL WHERE id = 3", err: "Required field id cannot be null"},
		{sql: "UPDATE d.t SET id = id + 9223372036854775807 WHERE id > 1", err: "verflow"},
		{sql: "UPDATE d.t t SET name = src.name FROM d.src src WHERE t.id = src.id", did: "UPDATE/2", look: "SELECT id, name FROM d.t WHERE id < 3 ORDER BY id", rows: []string{"1|one", "2|two"}},
		{sql: "UPDATE d.t t SET name = src.name FROM d.src src WHERE t.id = 1", err: "UPDATE/MERGE must match at most one source row for each target row"},
		{sql: "DELETE FROM d.t WHERE id > 10 OR NULL", did: "DELETE/2", look: "SELECT id FROM d.t ORDER BY id", rows: []string{"1", "2", "3"}},
		{sql: "DELETE d.t WHERE id IN (SELECT id FROM d.src)", did: "DELETE/2", look: "SELECT id FROM d.t", rows: []string{"3"}},
		{sql: `MERGE d.t t USING d.src s ON t.id = s.id
			WHEN MATCHED AND s.id = 1 THEN DELETE
			WHEN MATCHED THEN UPDATE SET name = s.name
			WHEN NOT MATCHED BY TARGET AND s.id < 5 THEN INSERT (id, name) VALUES (id, name)
			WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = 'lone'`, did: "MERGE/3",
			look: "SELECT id, name, ARRAY_LENGTH(tags) FROM d.t ORDER BY id", rows: []string{"1|one|0", "2|two|0", "3|lone|0"}},
		{sql: `MERGE d.t t USING d.src s ON t.id = s.id
			WHEN MATCHED AND s.id = 1 THEN DELETE
			WHEN MATCHED THEN UPDATE SET name = CONCAT(t.name, '!')
			WHEN NOT MATCHED THEN INSERT ROW`, err: "Inserted row has wrong column count"},
		{sql: `MERGE d.t t USING d.src s ON t.id = s.id
			WHEN MATCHED AND s.id = 1 THEN DELETE
			WHEN MATCHED THEN UPDATE SET name = CONCAT(t.name, '!')`, did: "MERGE/2", look: "SELECT id, name FROM d.t ORDER BY id", rows: []string{"2|two!", "3|lone"}},
		{sql: "MERGE d.t t USING (SELECT 2 AS id UNION ALL SELECT 2) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = 'x'", err: "must match at most one source row"},
		{sql: "MERGE d.t t USING (SELECT 2 AS id UNION ALL SELECT 2) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (id)", did: "MERGE/0"},
		{sql: "MERGE d.t USING d.src s ON FALSE WHEN NOT MATCHED AND s.id = 9 THEN INSERT (id, name) VALUES (s.id, s.name) WHEN NOT MATCHED BY SOURCE THEN DELETE", did: "MERGE/3",
			look: "SELECT id, name FROM d.t ORDER BY id", rows: []string{"9|nine"}},
		{sql: "DELETE FROM d.t WHERE TRUE THEN RETURN id", err: "THEN RETURN is not supported"},
		{sql: "DELETE FROM d.t WHERE TRUE ASSERT_ROWS_MODIFIED 1", err: "ASSERT_ROWS_MODIFIED is not supported"},
		{sql: "UPDATE d.t SET (DELETE tags WHERE TRUE) WHERE TRUE", err: "is not supported"},
		{sql: "INSERT INTO d.nope (id) VALUES (1)", err: "d.nope was not found"},
		{sql: "INSERT INTO d.t (id, name) WITH w AS (SELECT x FROM UNNEST([1, 2, 3, 4]) AS x) SELECT x, CAST(x AS STRING) FROM w ORDER BY x DESC", did: "INSERT/4"},
		{sql: "INSERT INTO d.t (id, name) VALUES ((SELECT MAX(id) FROM d.t) + 1, (SELECT name FROM d.src WHERE id = 2)), (20, NULL)", did: "INSERT/2",
			look: "SELECT name FROM d.t WHERE id = 10", rows: []string{"two"}},
		{sql: "UPDATE d.t AS t SET name = (SELECT s.name FROM d.src AS s WHERE s.id = t.id) WHERE EXISTS (SELECT 1 FROM d.src AS s WHERE s.id = t.id)", did: "UPDATE/3",
			look: "SELECT id, name FROM d.t ORDER BY id", rows: []string{"1|one", "2|two", "3|3", "4|4", "9|nine", "10|two", "20|<nil>"}},
		{sql: "UPDATE d.t SET id = id + (SELECT COUNT(*) FROM d.t) WHERE name IS NULL", did: "UPDATE/1", look: "SELECT MAX(id) FROM d.t", rows: []string{"27"}},
		{sql: "DELETE FROM d.t WHERE name NOT IN (SELECT IF(id = 1, NULL, name) FROM d.src)", did: "DELETE/0"},
		{sql: "DELETE FROM d.t WHERE name IN (SELECT name FROM d.src WHERE d.src.id = 9)", err: "Unrecognized name: d"},
		{sql: "DELETE FROM d.t AS x WHERE x.name = (SELECT ANY_VALUE(name) FROM d.src WHERE id = 9)", did: "DELETE/1"},
		{sql: `MERGE d.t AS t USING d.t AS s ON t.id = s.id + 1
			WHEN MATCHED AND s.id > (SELECT MIN(id) FROM d.src) THEN UPDATE SET name = CONCAT(s.name, t.name)
			WHEN NOT MATCHED BY TARGET AND s.id > 20 THEN INSERT (id, name) VALUES (s.id + (SELECT COUNT(*) FROM d.src), DEFAULT)`, did: "MERGE/3",
			look: "SELECT id, name FROM d.t ORDER BY id", rows: []string{"1|one", "2|two", "3|two3", "4|34", "10|two", "27|<nil>", "30|<nil>"}},
		{sql: "TRUNCATE TABLE d.t", did: "TRUNCATE_TABLE/7", look: all},
		{sql: "ASSERT (SELECT COUNT(*) FROM d.t) = 0 AS 'not empty'"},
		{sql: "ASSERT (SELECT COUNT(*) FROM d.src) = 0 AS 'not empty'", err: "not empty"},
		{sql: "ASSERT NULL", err: "Assertion failed"},
	})
}

func TestDDL(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{
		{sql: "CREATE SCHEMA IF NOT EXISTS d OPTIONS (description = 'about', labels = [('a', 'b')])", did: "CREATE_SCHEMA/CREATE"},
		{sql: "CREATE SCHEMA IF NOT EXISTS d", did: "CREATE_SCHEMA/SKIP"},
		{sql: "CREATE SCHEMA d", err: "Already Exists: Dataset"},
		{sql: `CREATE TABLE d.p (day DATE OPTIONS (description = 'the day'), n INT64 NOT NULL, x NUMERIC)
			PARTITION BY DATE_TRUNC(day, MONTH) CLUSTER BY n OPTIONS (description = 'parts', labels = [('k', 'v')])`, did: "CREATE_TABLE/CREATE"},
		{sql: "CREATE TABLE d.p (a INT64)", err: "Already Exists: Table"},
		{sql: "CREATE TABLE IF NOT EXISTS d.p (a INT64)", did: "CREATE_TABLE/SKIP"},
		{sql: "INSERT INTO d.p VALUES ('2020-01-02', 1, 1.5), (NULL, 2, NULL)", did: "INSERT/2"},
		{sql: "CREATE TABLE d.q LIKE d.p", did: "CREATE_TABLE/CREATE", look: "SELECT COUNT(*) FROM d.q", rows: []string{"0"}},
		{sql: "INSERT INTO d.q (day) VALUES (NULL)", err: "Required field n cannot be null"},
		{sql: "CREATE TABLE d.r COPY d.p", did: "CREATE_TABLE/CREATE", look: "SELECT n, x FROM d.r ORDER BY n", rows: []string{"1|3/2", "2|<nil>"}},
		{sql: "ALTER TABLE d.r ADD COLUMN tags ARRAY<INT64>, ADD COLUMN IF NOT EXISTS n INT64, DROP COLUMN x", did: "ALTER_TABLE/ALTER",
			look: "SELECT n, ARRAY_LENGTH(tags) FROM d.r ORDER BY n", rows: []string{"1|0", "2|0"}},
		{sql: "ALTER TABLE d.r RENAME COLUMN tags TO labels", did: "ALTER_TABLE/ALTER", look: "SELECT COUNT(*) FROM d.r WHERE ARRAY_LENGTH(labels) = 0", rows: []string{"2"}},
		{sql: "ALTER TABLE d.r DROP COLUMN day", err: "cannot be dropped or renamed"},
		{sql: "ALTER TABLE d.r ALTER COLUMN n DROP NOT NULL", did: "ALTER_TABLE/ALTER"},
		{sql: "INSERT INTO d.r (day) VALUES (NULL)", did: "INSERT/1"},
		{sql: "ALTER TABLE d.r RENAME TO r2", did: "ALTER_TABLE/ALTER", look: "SELECT COUNT(*) FROM d.r2", rows: []string{"3"}},
		{sql: "SELECT * FROM d.r", err: "was not found"},
		{sql: "ALTER TABLE d.r2 SET OPTIONS (description = 'new')", did: "ALTER_TABLE/ALTER"},
		{sql: "ALTER TABLE d.r2 SET OPTIONS (require_partition_filter = true)", err: "the option require_partition_filter is not supported"},
		{sql: "ALTER TABLE d.r2 SET OPTIONS (expiration_timestamp = TIMESTAMP '2090-01-01')", did: "ALTER_TABLE/ALTER"},
		{sql: "ALTER TABLE d.r2 SET OPTIONS (expiration_timestamp = TIMESTAMP '2000-01-01')", err: "in the past"},
		{sql: "CREATE TABLE d.old (a INT64) OPTIONS (expiration_timestamp = TIMESTAMP '2000-01-01')", err: "in the past"},
		{sql: "CREATE TABLE d.bad (a FLOAT64) CLUSTER BY a", err: "CLUSTER BY"},
		{sql: "ALTER TABLE IF EXISTS d.nope ADD COLUMN a INT64", did: "ALTER_TABLE/SKIP"},
		{sql: "CREATE OR REPLACE TABLE d.r2 AS SELECT n * 2 AS n FROM d.r2", did: "CREATE_TABLE_AS_SELECT/REPLACE", look: "SELECT n FROM d.r2 ORDER BY n", rows: []string{"<nil>", "2", "4"}},
		{sql: "CREATE TABLE d.s (a STRING(10))", err: "is not supported"},
		{sql: "CREATE TABLE d.s (a INT64 DEFAULT 1)", err: "is not supported"},
		{sql: "CREATE TABLE d.s (a INT64, PRIMARY KEY (a) NOT ENFORCED)", err: "is not supported"},
		{sql: "CREATE TEMP TABLE s (a INT64)", err: "CREATE TEMPORARY TABLE requires a script or session"},
		{sql: "CREATE FUNCTION d.f(x INT64) AS (x)", err: "is not supported"},
		{sql: "EXPORT DATA OPTIONS (uri = 'gs://b/*', format = 'CSV') AS SELECT 1", err: "is not supported"},
		{sql: "GRANT `roles/bigquery.dataViewer` ON SCHEMA d TO 'user:a@b.c'", err: "is not supported"},
		{sql: "DROP VIEW d.p", err: "is currently a TABLE"},
		{sql: "DROP TABLE d.p", did: "DROP_TABLE/DROP"},
		{sql: "DROP TABLE d.p", err: "ot found"},
		{sql: "DROP TABLE IF EXISTS d.p", did: "DROP_TABLE/SKIP"},
		{sql: "DROP SCHEMA d", err: "still in use"},
		{sql: "DROP SCHEMA d CASCADE", did: "DROP_SCHEMA/DROP"},
		{sql: "DROP SCHEMA IF EXISTS d", did: "DROP_SCHEMA/SKIP"},
	})
}

// TestDMLWithinRecords holds that what the stored form does not enforce is not
// changed by DML.
func TestDMLWithinRecords(t *testing.T) {
	c := start(t)
	schema := bq.Schema{{Name: "id", Type: bq.IntegerFieldType}, {Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "x", Type: bq.IntegerFieldType, Required: true}}}}
	if err := c.Dataset("cdm").Table("rec").Create(ctxOf(t), &bq.TableMetadata{Schema: schema}); err != nil {
		t.Fatal(err)
	}
	runSteps(t, c, []step{
		{sql: "INSERT INTO cdm.rec (id, r) VALUES (1, STRUCT(NULL))", err: "INSERT on a table with REQUIRED fields within records is not supported"},
		{sql: "DELETE FROM cdm.rec WHERE TRUE", did: "DELETE/0"},
	})
}

// TestDMLTakesTurns holds that statements that change one table at once do so
// one after the other.
func TestDMLTakesTurns(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{{sql: "CREATE SCHEMA d"}, {sql: "CREATE TABLE d.tab AS SELECT 0 AS n, 0 AS m"}})
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			sql := "UPDATE d.tab SET n = n + 1 WHERE TRUE"
			if i%2 == 1 {
				sql = "INSERT INTO d.tab SELECT 0, 1"
			}
			job, err := c.Query(sql).Run(ctxOf(t))
			if err == nil {
				_, err = job.Wait(ctxOf(t))
			}
			errs[i] = err
		}()
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := rowsOf(t, c.Query("SELECT MAX(n), SUM(m), COUNT(*) FROM d.tab"))
	if diff := cmp.Diff([]string{"10|10|11"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDMLDryRunAndCap(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{{sql: "CREATE SCHEMA d"}, {sql: "CREATE TABLE d.tab AS SELECT 1 AS n, 'abc' AS s"}})
	for _, tc := range []struct {
		sql, kind string
		bytes     int64
	}{
		{"INSERT INTO d.tab VALUES (2, 'x')", "INSERT", 0},
		{"INSERT INTO d.tab (n) SELECT n FROM d.tab", "INSERT", 8},
		{"UPDATE d.tab SET n = 5 WHERE TRUE", "UPDATE", 13},
		{"DELETE FROM d.tab WHERE s = 'abc'", "DELETE", 13},
		{"MERGE d.tab USING (SELECT 1 AS k) ON n = k WHEN NOT MATCHED THEN INSERT (n) VALUES (k)", "MERGE", 8},
		{"TRUNCATE TABLE d.tab", "TRUNCATE_TABLE", 0},
		{"CREATE TABLE d.copy AS SELECT s FROM d.tab", "CREATE_TABLE_AS_SELECT", 5},
		{"DROP TABLE d.tab", "DROP_TABLE", 0},
	} {
		q := c.Query(tc.sql)
		q.DryRun = true
		job, err := q.Run(ctxOf(t))
		if err != nil {
			t.Fatalf("%s: %v", tc.sql, err)
		}
		s := job.LastStatus().Statistics.Details.(*bq.QueryStatistics)
		if s.StatementType != tc.kind || s.TotalBytesProcessed != tc.bytes {
			t.Errorf("%s: %s of %d bytes, want %s of %d", tc.sql, s.StatementType, s.TotalBytesProcessed, tc.kind, tc.bytes)
		}
	}
	q := c.Query("UPDATE d.tab SET n = 5 WHERE TRUE")
	q.MaxBytesBilled = 1
	job, err := q.Run(ctxOf(t))
	if err == nil {
		var status *bq.JobStatus
		if status, err = job.Wait(ctxOf(t)); err == nil {
			err = status.Err()
		}
	}
	if err == nil || !strings.Contains(err.Error(), "bytes billed") {
		t.Errorf("a cap of 1 byte: %v", err)
	}
	if diff := cmp.Diff([]string{"1|abc"}, rowsOf(t, c.Query("SELECT * FROM d.tab"))); diff != "" {
		t.Errorf("something was executed (-want +got):\n%s", diff)
	}
}
