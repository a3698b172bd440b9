package bigquery_test

import (
	"fmt"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

func TestViews(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{
		{sql: "CREATE SCHEMA d"},
		{sql: "CREATE TABLE d.base AS SELECT 1 AS id, 'a' AS name, [1, 2] AS xs UNION ALL SELECT 2, 'b', [3]"},
		{sql: "CREATE VIEW d.v OPTIONS (description = 'v') AS WITH w AS (SELECT id, name FROM d.base) SELECT id * 10 AS id, name FROM w", did: "CREATE_VIEW/CREATE",
			look: "SELECT * FROM d.v ORDER BY id", rows: []string{"10|a", "20|b"}},
		{sql: "CREATE VIEW d.v AS SELECT 1 AS x", err: "Already Exists"},
		{sql: "CREATE VIEW IF NOT EXISTS d.v AS SELECT 1 AS x", did: "CREATE_VIEW/SKIP"},
		{sql: "CREATE VIEW d.vv AS SELECT a.id, b.name FROM d.v AS a JOIN d.v AS b USING (id) ORDER BY id DESC LIMIT 1", did: "CREATE_VIEW/CREATE",
			look: "WITH w AS (SELECT 5 AS id) SELECT w.id, vv.id, vv.name, (SELECT MAX(v.id) FROM d.v WHERE v.id < vv.id) FROM w, d.vv", rows: []string{"5|20|b|10"}},
		{sql: "CREATE VIEW d.elems AS SELECT id, x FROM d.base, UNNEST(xs) AS x", look: "SELECT SUM(x), COUNT(DISTINCT id) FROM d.elems", rows: []string{"6|2"}},
		{sql: "INSERT INTO d.v (id) VALUES (1)", err: "is currently a VIEW"},
		{sql: "UPDATE d.v SET id = 1 WHERE TRUE", err: "is currently a VIEW"},
		{sql: "DROP TABLE d.v", err: "is currently a VIEW"},
		{sql: "CREATE OR REPLACE TABLE d.v AS SELECT 1 AS x", err: "is currently a VIEW"},
		{sql: "CREATE VIEW d.un AS SELECT * FROM base", err: "must be qualified with a dataset"},
		{sql: "CREATE VIEW d.bad AS SELECT nope FROM d.base", err: "Unrecognized name: nope"},
		{sql: "CREATE VIEW d.two AS SELECT 1 AS a, 2 AS A", err: "columns with duplicate name A"},
		{sql: "CREATE VIEW d.named (k, l) AS SELECT id, name FROM d.base", err: "is not supported"},
		{sql: "CREATE VIEW d.whole AS SELECT * FROM d.base", look: "SELECT COUNT(*) FROM d.whole", rows: []string{"2"}},
		{sql: "ALTER TABLE d.base ADD COLUMN more INT64", look: "SELECT more FROM d.whole", rows: []string{"<nil>", "<nil>"}},
		{sql: "ALTER TABLE d.base DROP COLUMN name", look: "SELECT id FROM d.elems GROUP BY id ORDER BY id", rows: []string{"1", "2"}},
		{sql: "SELECT * FROM d.v", err: "the view demo-test.d.v cannot be read: Unrecognized name: name"},
		{sql: "CREATE VIEW d.c1 AS SELECT 1 AS k"},
		{sql: "CREATE VIEW d.c2 AS SELECT k FROM d.c1"},
		{sql: "CREATE OR REPLACE VIEW d.c1 AS SELECT k FROM d.c2", did: "CREATE_VIEW/REPLACE"},
		{sql: "SELECT * FROM d.c1", err: "or the view reads itself"},
		{sql: "DROP VIEW d.v", did: "DROP_VIEW/DROP"},
	})
}

func TestViewAccounting(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{{sql: "CREATE SCHEMA d"}, {sql: "CREATE TABLE d.base AS SELECT 1 AS id, 'abc' AS name"}})
	if err := c.Dataset("d").Table("v").Create(ctxOf(t), &bq.TableMetadata{ViewQuery: "SELECT * FROM d.base"}); err != nil {
		t.Fatal(err)
	}
	m, err := c.Dataset("d").Table("v").Metadata(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.Type != bq.ViewTable || m.ViewQuery != "SELECT * FROM d.base" || len(m.Schema) != 2 {
		t.Errorf("type %s, query %q, %d columns", m.Type, m.ViewQuery, len(m.Schema))
	}
	q := c.Query("SELECT name FROM d.v")
	q.DryRun = true
	job, err := q.Run(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	s := job.LastStatus().Statistics.Details.(*bq.QueryStatistics)
	var refs []string
	for _, r := range s.ReferencedTables {
		refs = append(refs, r.TableID)
	}
	if diff := cmp.Diff("5 [base]", fmt.Sprint(s.TotalBytesProcessed, " ", refs)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInformationSchema(t *testing.T) {
	c := start(t)
	runSteps(t, c, []step{
		{sql: "CREATE SCHEMA d"},
		{sql: "CREATE TABLE d.t (id INT64 NOT NULL, day DATE, s STRUCT<a INT64, b ARRAY<STRING>>) PARTITION BY day CLUSTER BY id",
			look: "SELECT column_name, ordinal_position, is_nullable, data_type, is_partitioning_column, clustering_ordinal_position FROM d.INFORMATION_SCHEMA.COLUMNS ORDER BY ordinal_position",
			rows: []string{"id|1|NO|INT64|NO|1", "day|2|YES|DATE|YES|<nil>", "s|3|YES|STRUCT<a INT64, b ARRAY<STRING>>|NO|<nil>"}},
		{sql: "CREATE VIEW d.v AS SELECT 1 AS x", look: "SELECT table_schema, table_name, table_type, is_insertable_into, creation_time > '2020-01-01' FROM `demo-test.d.INFORMATION_SCHEMA.TABLES` ORDER BY 2",
			rows: []string{"d|t|BASE TABLE|YES|true", "d|v|VIEW|NO|true"}},
		{sql: "SELECT ddl FROM d.INFORMATION_SCHEMA.TABLES", err: "the column ddl of INFORMATION_SCHEMA is not supported"},
		{sql: "SELECT * FROM d.INFORMATION_SCHEMA.PARTITIONS", err: "INFORMATION_SCHEMA.PARTITIONS is not supported"},
		{sql: "SELECT * FROM nope.INFORMATION_SCHEMA.TABLES", err: "ot found"},
		{sql: "INSERT INTO d.INFORMATION_SCHEMA.TABLES (table_name) VALUES ('x')", err: "is not supported"},
		{sql: "CREATE TABLE d.INFORMATION_SCHEMA.X (a INT64)", err: "INFORMATION_SCHEMA"},
	})
	for _, tc := range []struct{ sql, want string }{
		{"SELECT view_definition, use_standard_sql FROM d.INFORMATION_SCHEMA.VIEWS", "SELECT 1 AS x|YES"},
		{"SELECT STRING_AGG(schema_name ORDER BY schema_name) FROM INFORMATION_SCHEMA.SCHEMATA", "cdm,d"},
		{"SELECT COUNT(*) FROM cdm.INFORMATION_SCHEMA.TABLES", "0"},
		{"SELECT COUNT(*) FROM d.information_schema.columns c JOIN d.INFORMATION_SCHEMA.TABLES t USING (table_name) WHERE t.table_type = 'VIEW'", "1"},
	} {
		if diff := cmp.Diff([]string{tc.want}, rowsOf(t, c.Query(tc.sql))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}
