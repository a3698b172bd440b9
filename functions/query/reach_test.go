package query

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// Two workspaces, each with the table of a cohort: mine is in wsID.
const (
	mine   = "ws_01jbbbbbbbbbbbbbbbbbbbbbbb.cohort_01jcccccccccccccccccccccc1"
	theirs = "ws_01jdddddddddddddddddddddd2.cohort_01jcccccccccccccccccccccc2"
)

// A workspace's cohorts are joined with its data by every way of naming them.
func TestReachHoldsTheWorkspacesCohorts(t *testing.T) {
	for _, sql := range []string{
		"SELECT subject_id, cohort_start_date, cohort_end_date, cohort_definition_id FROM " + mine,
		"SELECT COUNT(*) FROM `demo-test." + mine + "`",
		"SELECT COUNT(*) FROM `demo-test`.`ws_01jbbbbbbbbbbbbbbbbbbbbbbb`.cohort_01jcccccccccccccccccccccc1",
		"SELECT p.person_id, DATE_DIFF(c.cohort_end_date, c.cohort_start_date, DAY) AS days FROM person AS p JOIN " + mine + " AS c ON c.subject_id = p.person_id",
		"WITH x AS (SELECT subject_id FROM " + mine + ") SELECT COUNT(*) FROM measurement WHERE person_id IN (SELECT subject_id FROM x)",
	} {
		if _, err := gateSQL(context.Background(), sql, testReach); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Nothing of another workspace's is there, whatever the way to it, nor anything
// else of the workspace's own data set.
func TestReachHoldsNothingElse(t *testing.T) {
	table := func(name string) string { return strings.Replace(mine, "cohort_01jcccccccccccccccccccccc1", name, 1) }
	for name, sql := range map[string]string{
		"their table":                       "SELECT * FROM " + theirs,
		"with the project":                  "SELECT * FROM `demo-test." + theirs + "`",
		"in the same project, in parts":     "SELECT * FROM `demo-test`.`ws_01jdddddddddddddddddddddd2`.`cohort_01jcccccccccccccccccccccc2`",
		"in a sub-query":                    "SELECT * FROM person WHERE person_id IN (SELECT subject_id FROM " + theirs + ")",
		"in EXISTS":                         "SELECT * FROM " + mine + " AS m WHERE EXISTS (SELECT 1 FROM " + theirs + " AS t WHERE t.subject_id = m.subject_id)",
		"in a scalar sub-query":             "SELECT (SELECT COUNT(*) FROM " + theirs + ") AS n",
		"in an array":                       "SELECT ARRAY(SELECT subject_id FROM " + theirs + ") AS ids",
		"in WITH":                           "WITH x AS (SELECT * FROM " + theirs + ") SELECT COUNT(*) FROM x",
		"in a WITH that is not used":        "WITH x AS (SELECT * FROM " + theirs + ") SELECT 1 AS one",
		"in a recursive WITH":               "WITH RECURSIVE x AS (SELECT subject_id FROM " + theirs + " UNION ALL SELECT subject_id + 1 FROM x WHERE subject_id < 5) SELECT * FROM x",
		"behind a WITH of the same name":    "WITH `" + mine + "` AS (SELECT * FROM " + theirs + ") SELECT * FROM `" + mine + "`",
		"in a join":                         "SELECT * FROM " + mine + " JOIN " + theirs + " USING (subject_id)",
		"after a comma":                     "SELECT * FROM " + mine + ", " + theirs,
		"in UNION ALL":                      "SELECT subject_id FROM " + mine + " UNION ALL SELECT subject_id FROM " + theirs,
		"by an earlier time":                "SELECT * FROM " + theirs + " FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()",
		"as a view":                         "CREATE VIEW " + table("v") + " AS SELECT * FROM " + theirs,
		"as a temporary table":              "CREATE TEMP TABLE t AS SELECT * FROM " + theirs,
		"in another case":                   "SELECT * FROM " + strings.Replace(mine, "ws_01j", "WS_01J", 1),
		"a table that is no cohort":         "SELECT * FROM " + table("notes"),
		"a name that only begins like one":  "SELECT * FROM " + table("cohort_01jcccccccccccccccccccccc1_more"),
		"a name that only ends like one":    "SELECT * FROM " + table("v_cohort_01jcccccccccccccccccccccc1"),
		"a partition":                       "SELECT * FROM `" + mine + "$20200101`",
		"all cohorts at once":               "SELECT * FROM `" + table("cohort_*") + "`",
		"the data set's INFORMATION_SCHEMA": "SELECT * FROM " + table("INFORMATION_SCHEMA.TABLES"),
		"the data set's list of tables":     "SELECT * FROM " + table("__TABLES__"),
		"a cohort's name in another place":  "SELECT * FROM cohort_01jcccccccccccccccccccccc1",
		"in the release's dataset":          "SELECT * FROM cdr_r1_registered__a.cohort_01jcccccccccccccccccccccc1",
		"in another project":                "SELECT * FROM `other-project." + mine + "`",
		"a release's table in the data set": "SELECT * FROM " + table("person"),
		"a column that cohorts do not have": "SELECT person_id FROM " + mine,
		"written to":                        "INSERT INTO " + mine + " (subject_id) VALUES (1)",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := gateSQL(context.Background(), sql, testReach); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", sql, err)
			}
		})
	}
}

// TestCohortsAreJoinedWithTheData runs what a researcher writes, on the local
// BigQuery: the workspace's cohort with the release's persons; never another
// workspace's, which is there as well, nor by a view in the workspace's own data
// set that somebody else may have left.
func TestCohortsAreJoinedWithTheData(t *testing.T) {
	h := newHouse(t)
	own := tinycdr.Dataset(t, h.client, h.project, "registered")
	bq := h.room.desk.BigQuery
	for name, query := range map[string]string{
		mine:   "SELECT 1 AS cohort_definition_id, person_id AS subject_id, DATE '2015-02-01' AS cohort_start_date, DATE '2015-02-03' AS cohort_end_date FROM " + own.ID + ".person WHERE person_id <= 30",
		theirs: "SELECT 1 AS cohort_definition_id, person_id AS subject_id, DATE '2015-02-01' AS cohort_start_date, DATE '2015-02-03' AS cohort_end_date FROM " + own.ID + ".person",
	} {
		datasetID, table, _ := strings.Cut(name, ".")
		if err := bq.Dataset(datasetID).Create(t.Context(), &bigquery.DatasetMetadata{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bq.Dataset(datasetID).DeleteWithContents(context.Background()) })
		q := bq.Query(query)
		q.Dst = bq.Dataset(datasetID).Table(table)
		job, err := q.Run(t.Context())
		if err == nil {
			var status *bigquery.JobStatus
			if status, err = job.Wait(t.Context()); err == nil {
				err = status.Err()
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	women := `SELECT COUNT(DISTINCT c.subject_id) AS n FROM ` + mine + ` AS c JOIN person AS p ON p.person_id = c.subject_id WHERE p.gender_concept_id = 8532`
	var run result
	h.want(202, "POST", base+"/runs", "writer", map[string]string{"sql": women}, &run)
	if run = h.done(run.ID); run.State != dataset.Done {
		t.Fatalf("%+v", run)
	}
	var rows struct {
		Rows [][]string `json:"rows"`
	}
	h.want(200, "GET", base+"/runs/"+run.ID+"/results", "reader", nil, &rows)
	if diff := cmp.Diff([][]string{{"15"}}, rows.Rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, sql := range map[string]string{
		"theirs":           "SELECT * FROM " + theirs,
		"not materialised": "SELECT * FROM " + strings.Replace(mine, "ccc1", "ccc9", 1),
	} {
		for _, path := range []string{"/runs", "/estimates"} {
			if rec := h.call("POST", base+path, "owner", map[string]string{"sql": sql}); rec.Code != 422 {
				t.Errorf("%s to %s: %d %s", name, path, rec.Code, rec.Body)
			}
		}
	}
	// A view that bears a cohort's name: what BigQuery reads for it is out of reach.
	datasetID, table, _ := strings.Cut(strings.Replace(mine, "ccc1", "ccc3", 1), ".")
	if err := bq.Dataset(datasetID).Table(table).Create(t.Context(), &bigquery.TableMetadata{ViewQuery: "SELECT * FROM " + theirs}); err != nil {
		t.Fatal(err)
	}
	rec := h.call("POST", base+"/runs", "owner", map[string]string{"sql": "SELECT subject_id FROM " + datasetID + "." + table})
	if rec.Code != 422 || !strings.Contains(rec.Body.String(), "outside this workspace's data") {
		t.Errorf("through a view: %d %s", rec.Code, rec.Body)
	}
}

// TestNamesOfCohortTables: what materialising names, the gate knows, and nothing
// that is not of that form.
func TestNamesOfCohortTables(t *testing.T) {
	if name := dataset.CohortTable("co_01JBBBBBBBBBBBBBBBBBBBBBBB"); !dataset.IsCohortTable(name) || !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(name) {
		t.Errorf("%q is no cohort's table", name)
	}
	w := reachOf(access.Workspace{ID: "ws_01JBBBBBBBBBBBBBBBBBBBBBBB"}, release.Data{Dataset: testData.Dataset})
	other := reachOf(access.Workspace{ID: "ws_01JDDDDDDDDDDDDDDDDDDDDDDD"}, release.Data{Dataset: testData.Dataset})
	if datasetID, table, _ := strings.Cut(mine, "."); !w.holds("demo-test", datasetID, table) || other.holds("demo-test", datasetID, table) {
		t.Error("a workspace's cohort is held by its own reach and no other")
	}
}
