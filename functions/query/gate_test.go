package query

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

var (
	testData  = release.Data{Tier: access.Registered, Dataset: omop.Dataset{Project: "demo-test", ID: "cdr_r1_registered__a"}}
	testReach = reachOf(access.Workspace{ID: wsID}, testData)
)

func TestGateLetsReadingThrough(t *testing.T) {
	for _, sql := range []string{
		"SELECT person_id FROM person",
		"SELECT COUNT(*) FROM cdr_r1_registered__a.person",
		"SELECT COUNT(*) FROM `demo-test.cdr_r1_registered__a.person`",
		"WITH x AS (SELECT person_id FROM condition_occurrence) SELECT p.year_of_birth FROM x JOIN person p USING (person_id)",
		"SELECT domain, COUNT(*) AS n FROM hub_event GROUP BY domain ORDER BY n DESC LIMIT 5;",
		"(SELECT 1 AS one)",
		"WITH `x` AS (SELECT 1 AS one) SELECT one FROM `x`",
	} {
		st, err := gateSQL(context.Background(), sql, testReach)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		} else if st.SQL != sql || st.Dataset != testData.Dataset.ID || st.Project != testData.Dataset.Project {
			t.Errorf("%s became %+v", sql, st)
		}
	}
}

var atPosition = regexp.MustCompile(` at \[\d+:\d+\]`)

func TestGateRefuses(t *testing.T) {
	for _, tc := range []struct{ name, sql, says string }{
		{"DDL", "CREATE TABLE t AS SELECT 1 AS x", "CREATE"},
		{"DROP", "DROP TABLE person", "DROP"},
		{"DML", "DELETE FROM person WHERE TRUE", "DELETE"},
		{"UPDATE", "UPDATE person SET year_of_birth = 1 WHERE TRUE", "UPDATE"},
		{"MERGE", "MERGE person USING person p ON FALSE WHEN NOT MATCHED THEN INSERT ROW", "MERGE"},
		{"EXPORT", "EXPORT DATA OPTIONS(uri='gs://b/*', format='CSV') AS SELECT * FROM person", "EXPORT"},
		{"two statements", "SELECT 1 AS x; DROP TABLE person", "second statement"},
		{"script", "DECLARE x INT64 DEFAULT 1; SELECT x", "DECLARE"},
		{"EXECUTE IMMEDIATE", "EXECUTE IMMEDIATE 'SELECT 1'", "EXECUTE"},
		{"CALL", "CALL p()", "CALL"},
		{"another project", "SELECT * FROM `other-project.data.person`", "other-project"},
		{"another dataset", "SELECT * FROM other.person", "other"},
		{"another tier", "SELECT * FROM cdr_r1_controlled__a.person", "controlled"},
		{"another tier in a subquery", "SELECT * FROM person WHERE person_id IN (SELECT person_id FROM `demo-test.cdr_r1_controlled__a.person`)", "controlled"},
		{"another tier in a WITH that is not used", "WITH x AS (SELECT * FROM cdr_r1_controlled__a.person) SELECT 1 AS one", "controlled"},
		{"INFORMATION_SCHEMA", "SELECT * FROM INFORMATION_SCHEMA.TABLES", "INFORMATION_SCHEMA"},
		{"INFORMATION_SCHEMA of the dataset", "SELECT * FROM cdr_r1_registered__a.INFORMATION_SCHEMA.COLUMNS", "INFORMATION_SCHEMA"},
		{"region's INFORMATION_SCHEMA", "SELECT * FROM `region-us`.INFORMATION_SCHEMA.JOBS", "INFORMATION_SCHEMA"},
		{"__TABLES__", "SELECT * FROM cdr_r1_registered__a.__TABLES__", "__TABLES__"},
		{"wildcard table", "SELECT * FROM `demo-test.cdr_r1_registered__a.*`", ""},
		{"unknown table", "SELECT person_id FROM persons", "persons"},
		{"unknown column", "SELECT persons_id FROM person", "persons_id"},
		{"another release's function", "SELECT `other-project.data.f`(1) AS x", "Function not found"},
		{"EXTERNAL_QUERY", "SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')", "EXTERNAL_QUERY"},
		{"ML", "SELECT * FROM ML.PREDICT(MODEL m, TABLE person)", ""},
		{"nothing", "  -- nothing\n", "missing"},
		{"a broken string", "SELECT 'x FROM person", ""},
		{"a parameter", "SELECT @x AS x", "x"},
		{"a query named like a table", "WITH `other.person` AS (SELECT 1 AS x) SELECT x FROM `other.person`", "no dot"},
		{"a query named like a table, with comments", "WITH x AS (SELECT 1 AS x),\n`other.person` -- a\n/* b */ as\n( SELECT 1 AS x) SELECT x FROM x", "no dot and no backslash at [2:1]"},
		{"a query named with an escaped dot", "WITH `other\\x2eperson` AS (SELECT 1 AS x) SELECT x FROM `other.person`", "no backslash"},
		{"a query named behind a quoted bracket", "WITH `z` AS (SELECT 1 AS `x`), `AS (a.b` AS (SELECT 1 AS x) SELECT x FROM z", "no dot"},
		{"nested too deeply", "SELECT " + strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000), "nested"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := gateSQL(context.Background(), tc.sql, testReach)
			if err == nil {
				t.Fatal("it is let through")
			}
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Errorf("the kind is %s: %v", k, err)
			}
			msg := fault.Message(err)
			if !strings.Contains(msg, tc.says) || !atPosition.MatchString(msg) {
				t.Errorf("the message lacks %q or a position: %s", tc.says, msg)
			}
		})
	}
	if _, err := gateSQL(context.Background(), "SELECT 1 -- "+strings.Repeat("x", 70_000), testReach); !fault.Is(err, fault.TooLarge) {
		t.Errorf("70,000 characters: %v", err)
	}
}

// TestInside: what BigQuery says that it would read is held against the dataset.
func TestInside(t *testing.T) {
	own := bigquery.Table{ProjectID: testData.Dataset.Project, DatasetID: testData.Dataset.ID, TableID: "person"}
	tier, project := own, own
	tier.DatasetID, project.ProjectID = "cdr_r1_controlled__a", "other-project"
	for _, tc := range []struct {
		tables []*bigquery.Table
		want   fault.Kind
	}{{nil, ""}, {[]*bigquery.Table{&own, &own}, ""}, {[]*bigquery.Table{&own, &tier}, fault.Invalid}, {[]*bigquery.Table{&project}, fault.Invalid}} {
		if err := inside(testReach, tc.tables); fault.KindOf(err) != tc.want {
			t.Errorf("%v: %v, want %q", tc.tables, err, tc.want)
		}
	}
}

// TestPricedHoldsBigQueryToTheDataset: the dry run refuses what a gate with a
// hole would have let through, before anything runs.
func TestPricedHoldsBigQueryToTheDataset(t *testing.T) {
	h := newHouse(t)
	own := tinycdr.Dataset(t, h.client, h.project, "registered")
	for dataset, want := range map[string]fault.Kind{own.ID: "", tinycdr.Dataset(t, h.client, h.project, "controlled").ID: fault.Invalid} {
		r := reachOf(access.Workspace{ID: wsID}, release.Data{Dataset: own})
		p := prepared{reach: &r, statement: statement.Statement{
			SQL: "SELECT person_id FROM " + dataset + ".person", Project: own.Project, Dataset: own.ID}}
		if _, _, err := h.room.priced(t.Context(), p); fault.KindOf(err) != want {
			t.Errorf("%s: %v, want %q", dataset, err, want)
		}
	}
}

func TestEveryRouteNeedsASecondFactor(t *testing.T) {
	h := newHouse(t)
	for _, r := range h.api.Routes() {
		if r.Access != session.SecondFactor {
			t.Errorf("%s %s does not need a second factor", r.Method, r.Path)
		}
		path := strings.NewReplacer("{workspace}", wsID, "{run}", "run_01JBBBBBBBBBBBBBBBBBBBBBBB", "{dataSet}", "ds_01JBBBBBBBBBBBBBBBBBBBBBBB").Replace(r.Path)
		for token, want := range map[string]int{"": 401, "bad": 401, "owner@1": 403} {
			if rec := h.call(r.Method, path, token, "{}"); rec.Code != want {
				t.Errorf("%s %s as %q: %d, want %d: %s", r.Method, r.Path, token, rec.Code, want, rec.Body)
			}
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	h := newHouse(t)
	var run result
	sql := `{"sql":"SELECT 1 AS one"}`
	h.want(202, "POST", base+"/runs", "owner", sql, &run)
	h.done(run.ID)
	for _, tc := range []struct {
		what, method, path, body                        string
		owner, writer, reader, lapsed, stranger, paused int
	}{
		{"estimate", "POST", "/estimates", sql, 200, 200, 403, 403, 404, 403},
		{"run", "POST", "/runs", sql, 202, 202, 403, 403, 404, 403},
		{"list", "GET", "/runs", "", 200, 200, 200, 403, 404, 200},
		{"get", "GET", "/runs/" + run.ID, "", 200, 200, 200, 403, 404, 404},
		{"rows", "GET", "/runs/" + run.ID + "/results", "", 200, 200, 200, 403, 404, 404},
		{"csv", "GET", "/runs/" + run.ID + "/results.csv", "", 200, 200, 200, 403, 404, 404},
		{"cancel", "POST", "/runs/" + run.ID + "/cancel", "", 202, 202, 403, 403, 404, 403},
	} {
		for token, want := range map[string]int{"owner": tc.owner, "writer": tc.writer, "reader": tc.reader, "lapsed": tc.lapsed, "stranger": tc.stranger} {
			if rec := h.call(tc.method, base+tc.path, token, tc.body); rec.Code != want {
				t.Errorf("%s as %s: %d, want %d: %s", tc.what, token, rec.Code, want, rec.Body)
			}
		}
		if rec := h.call(tc.method, "/query/v1/workspaces/"+pausedWS+tc.path, "owner", tc.body); rec.Code != tc.paused {
			t.Errorf("%s in a paused workspace: %d, want %d: %s", tc.what, rec.Code, tc.paused, rec.Body)
		}
	}
}
