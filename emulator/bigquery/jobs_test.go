package bigquery_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

func TestParameters(t *testing.T) {
	c := startWithPersons(t)
	day := civil.Date{Year: 2020, Month: 2, Day: 29}
	ts := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
	many := make([]int64, 20000)
	for i := range many {
		many[i] = int64(i) * 2
	}
	for _, tc := range []struct {
		name, sql string
		params    []bq.QueryParameter
		want      string
	}{
		{"int64", "SELECT @p + 1", []bq.QueryParameter{{Name: "p", Value: int64(41)}}, "42"},
		{"float64", "SELECT @p", []bq.QueryParameter{{Name: "p", Value: 1.5}}, "1.5"},
		{"string", "SELECT @p", []bq.QueryParameter{{Name: "p", Value: "it's \"x\" \\ \n é"}}, "it's \"x\" \\ \n é"},
		{"empty string", "SELECT @p IS NULL, LENGTH(@p)", []bq.QueryParameter{{Name: "p", Value: ""}}, "false|0"},
		{"bool", "SELECT NOT @p", []bq.QueryParameter{{Name: "p", Value: false}}, "true"},
		{"bytes", "SELECT TO_HEX(@p)", []bq.QueryParameter{{Name: "p", Value: []byte{0, 255}}}, "00ff"},
		{"date", "SELECT DATE_ADD(@p, INTERVAL 1 YEAR)", []bq.QueryParameter{{Name: "p", Value: day}}, "2021-02-28"},
		{"datetime", "SELECT @p", []bq.QueryParameter{{Name: "p", Value: civil.DateTime{Date: day, Time: civil.Time{Hour: 1}}}}, "2020-02-29T01:00:00"},
		{"time", "SELECT @p", []bq.QueryParameter{{Name: "p", Value: civil.Time{Hour: 23, Minute: 59, Second: 1}}}, "23:59:01"},
		{"timestamp", "SELECT @p", []bq.QueryParameter{{Name: "p", Value: ts}}, "2020-01-02 03:04:05.000006 +0000 UTC"},
		{"numeric", "SELECT @p + 1", []bq.QueryParameter{{Name: "p", Value: big.NewRat(5, 2)}}, "7/2"},
		{"NULL", "SELECT @p IS NULL, @p = 1", []bq.QueryParameter{{Name: "p", Value: bq.NullInt64{}}}, "true|<nil>"},
		{"names ignore case", "SELECT @Low", []bq.QueryParameter{{Name: "lOW", Value: int64(1)}}, "1"},
		{"array", "SELECT COUNT(*) FROM cdm.person WHERE person_id IN UNNEST(@ids)", []bq.QueryParameter{{Name: "ids", Value: []int64{1, 3, 7}}}, "2"},
		{"array of 20,000", "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 1000)) x WHERE x IN UNNEST(@ids)", []bq.QueryParameter{{Name: "ids", Value: many}}, "500"},
		{"empty array", "SELECT COUNT(*), ARRAY_LENGTH(@ids) FROM cdm.person WHERE person_id IN UNNEST(@ids)", []bq.QueryParameter{{Name: "ids", Value: []int64{}}}, "0|0"},
		{"NOT IN empty array", "SELECT COUNT(*) FROM cdm.person WHERE person_id NOT IN UNNEST(@ids)", []bq.QueryParameter{{Name: "ids", Value: []int64{}}}, "4"},
		{"array of strings", "SELECT COUNT(*) FROM cdm.person WHERE gender IN UNNEST(@s)", []bq.QueryParameter{{Name: "s", Value: []string{"F", "it's"}}}, "1"},
		{"unnest a parameter", "SELECT SUM(x) FROM UNNEST(@ids) x", []bq.QueryParameter{{Name: "ids", Value: []int64{1, 2, 3}}}, "6"},
		{"struct", "SELECT @p.a, @p.b", []bq.QueryParameter{{Name: "p", Value: struct {
			A int64
			B string
		}{7, "x"}}}, "7|x"},
		{"positional", "SELECT ? - ?", []bq.QueryParameter{{Value: int64(5)}, {Value: int64(3)}}, "2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := c.Query(tc.sql)
			q.Parameters = tc.params
			if diff := cmp.Diff([]string{tc.want}, rowsOf(t, q)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	c := startWithPersons(t)
	for _, tc := range []struct {
		name, sql string
		code      int
		reason    string
		want      string
	}{
		{"syntax", "SELECT 1 +", 400, "invalidQuery", "Syntax error: Unexpected end of statement at [1:11]"},
		{"column", "SELECT\n nope FROM cdm.person", 400, "invalidQuery", "Unrecognized name: nope at [2:2]"},
		{"table", "SELECT 1 FROM cdm.nope", 404, "notFound", "Not found: Table demo-test:cdm.nope was not found in location US"},
		{"data set", "SELECT 1 FROM nope.nope", 404, "notFound", "Not found: Dataset demo-test:nope was not found in location US"},
		{"no data set", "SELECT 1 FROM person", 400, "invalidQuery", "must be qualified with a dataset"},
		{"names keep case", "SELECT 1 FROM cdm.PERSON", 404, "notFound", "Table demo-test:cdm.PERSON"},
		{"division", "SELECT 1 / (person_id - 1) FROM cdm.person", 400, "invalidQuery", "division by zero"},
		{"overflow", "SELECT 9223372036854775807 + person_id FROM cdm.person", 400, "invalidQuery", "verflow"},
		{"cast", "SELECT CAST(gender AS INT64) FROM cdm.person", 400, "invalidQuery", "Bad int64 value: F"},
		{"scalar subquery", "SELECT (SELECT person_id FROM cdm.person)", 400, "invalidQuery", "Scalar subquery produced more than one element"},
		{"statement", "CREATE FUNCTION cdm.f(x INT64) AS (x)", 501, "notImplemented", "not supported"},
		{"DuckDB's own functions", "SELECT * FROM read_csv('/etc/passwd')", 400, "invalidQuery", "Table-valued function not found: read_csv"},
		{"DuckDB's catalog", "SELECT * FROM duckdb_tables()", 400, "invalidQuery", "Table-valued function not found"},
		{"pragma", "PRAGMA database_list", 400, "invalidQuery", "Syntax error"},
		{"copy", "COPY cdm.person TO '/tmp/x'", 400, "invalidQuery", "Syntax error"},
		{"attach", "ATTACH '/tmp/x'", 400, "invalidQuery", "Syntax error"},
		{"physical names", "SELECT * FROM main.t1", 404, "notFound", "Dataset demo-test:main"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := c.Query(tc.sql).Read(ctxOf(t))
			var e *googleapi.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an API error", err)
			}
			if e.Code != tc.code || len(e.Errors) == 0 || e.Errors[0].Reason != tc.reason || !strings.Contains(e.Message, tc.want) {
				t.Errorf("got %d %v %q, want %d %s %q", e.Code, e.Errors, e.Message, tc.code, tc.reason, tc.want)
			}
		})
	}
}

func TestPagingAcrossManyRows(t *testing.T) {
	c := start(t)
	const n = 1_000_000
	q := c.Query(fmt.Sprintf("SELECT x, CONCAT('row ', CAST(x AS STRING)) FROM UNNEST(GENERATE_ARRAY(1, %d)) x ORDER BY x DESC", n))
	it, err := q.Read(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	it.PageInfo().MaxSize = 70_000
	want := int64(n)
	for {
		var row []bq.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row[0] != want || row[1] != fmt.Sprintf("row %d", want) {
			t.Fatalf("got %v at place %d", row, n-want)
		}
		want--
	}
	if want != 0 {
		t.Errorf("%d rows are missing", want)
	}
	if it.TotalRows != n {
		t.Errorf("total rows: got %d, want %d", it.TotalRows, n)
	}
}

func TestDestinationTable(t *testing.T) {
	c := startWithPersons(t)
	ctx := ctxOf(t)
	write := func(sql string, d bq.TableWriteDisposition) error {
		q := c.Query(sql)
		q.Dst = c.Dataset("cdm").Table("index")
		q.WriteDisposition = d
		q.Clustering = &bq.Clustering{Fields: []string{"person_id"}}
		job, err := q.Run(ctx)
		if err != nil {
			return err
		}
		st, err := job.Wait(ctx)
		if err != nil {
			return err
		}
		return st.Err()
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(write("SELECT person_id, born FROM cdm.person", bq.WriteEmpty))
	if err := write("SELECT person_id, born FROM cdm.person", bq.WriteEmpty); err == nil || !strings.Contains(err.Error(), "Already Exists") {
		t.Errorf("WRITE_EMPTY: %v", err)
	}
	must(write("SELECT person_id, born FROM cdm.index WHERE person_id < 3", bq.WriteAppend))
	if diff := cmp.Diff([]string{"6"}, rowsOf(t, c.Query("SELECT COUNT(*) FROM cdm.index"))); diff != "" {
		t.Errorf("append from itself (-want +got):\n%s", diff)
	}
	must(write("SELECT person_id FROM cdm.index WHERE person_id = 4", bq.WriteTruncate))
	md, err := c.Dataset("cdm").Table("index").Metadata(ctx)
	must(err)
	if len(md.Schema) != 1 || md.NumRows != 1 || md.NumBytes != 8 || md.Clustering == nil {
		t.Errorf("after truncate: %d columns, %d rows, %d bytes, clustering %v", len(md.Schema), md.NumRows, md.NumBytes, md.Clustering)
	}
	if err := write("SELECT 1 AS a, 2 AS A", bq.WriteTruncate); err == nil || !strings.Contains(err.Error(), "Duplicate column names") {
		t.Errorf("duplicate names: %v", err)
	}
	if err := write("SELECT 1 / (person_id - 4) AS x FROM cdm.index", bq.WriteTruncate); err == nil {
		t.Error("a failing query replaced its destination")
	}
	if diff := cmp.Diff([]string{"4"}, rowsOf(t, c.Query("SELECT * FROM cdm.index"))); diff != "" {
		t.Errorf("after a failure (-want +got):\n%s", diff)
	}
}

func TestByteCap(t *testing.T) {
	c := startWithPersons(t)
	q := c.Query("SELECT person_id FROM cdm.person")
	q.MaxBytesBilled = 1000
	_, err := q.Read(ctxOf(t))
	if err == nil || !strings.Contains(err.Error(), "Query exceeded limit for bytes billed: 1000. 10485760 or higher required.") {
		t.Errorf("over the cap: %v", err)
	}
	q.MaxBytesBilled = 10 << 20
	if _, err := q.Read(ctxOf(t)); err != nil {
		t.Errorf("at the cap: %v", err)
	}
	q = c.Query("SELECT 1")
	q.MaxBytesBilled = 1
	if _, err := q.Read(ctxOf(t)); err != nil {
		t.Errorf("a query that reads nothing: %v", err)
	}
}

func TestJobIDRunsOnce(t *testing.T) {
	c := startWithPersons(t)
	ctx := ctxOf(t)
	run := func() (*bq.Job, error) {
		q := c.Query("SELECT COUNT(*) FROM cdm.person")
		q.JobID = "my-job"
		q.Labels = map[string]string{"purpose": "test"}
		return q.Run(ctx)
	}
	job, err := run()
	if err != nil {
		t.Fatal(err)
	}
	if st, err := job.Wait(ctx); err != nil || st.Err() != nil {
		t.Fatal(err, st)
	}
	_, err = run()
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Code != http.StatusConflict || e.Errors[0].Reason != "duplicate" {
		t.Errorf("a repeat: %v", err)
	}
	again, err := c.JobFromID(ctx, "my-job")
	if err != nil {
		t.Fatal(err)
	}
	it, err := again.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"4"}, textRows(t, it)); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	cfg, err := again.Config()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.(*bq.QueryConfig).Labels["purpose"] != "test" {
		t.Errorf("labels: %v", cfg.(*bq.QueryConfig).Labels)
	}
	jobs := c.Jobs(ctx)
	first, err := jobs.Next()
	if err != nil || first.ID() != "my-job" {
		t.Errorf("list: %v, %v", first, err)
	}
}

// slowQuery runs for minutes unless it is stopped.
const slowQuery = "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 1000000)) a, UNNEST(GENERATE_ARRAY(1, 1000000)) b WHERE MOD(a, 7) + MOD(b, 3) = 11"

func TestCancelAndParallel(t *testing.T) {
	c := start(t)
	ctx := ctxOf(t)
	job, err := c.Query(slowQuery).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// A quick query is not held up by the slow one.
	began := time.Now()
	if diff := cmp.Diff([]string{"1"}, rowsOf(t, c.Query("SELECT 1"))); diff != "" {
		t.Error(diff)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("SELECT 1 beside a slow query took %v", d)
	}
	if st, err := job.Status(ctx); err != nil || st.Done() {
		t.Fatalf("the slow query ended by itself: %v, %v", st, err)
	}
	if err := job.Cancel(ctx); err != nil {
		t.Fatal(err)
	}
	// The client's Wait gives a failed query's error as the API's.
	_, err = job.Wait(ctx)
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Errors[0].Reason != "stopped" {
		t.Errorf("got %v, want stopped", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	c := startWithPersons(t)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%4 == 0 {
				if err := loadCSV(t, c, "cdm", fmt.Sprintf("t%d", i), personCSV, personSchema, nil); err != nil {
					t.Errorf("load %d: %v", i, err)
				}
				return
			}
			it, err := c.Query(fmt.Sprintf("SELECT COUNT(*) + %d FROM cdm.person", i)).Read(ctxOf(t))
			if err != nil {
				t.Errorf("query %d: %v", i, err)
				return
			}
			var row []bq.Value
			if err := it.Next(&row); err != nil || row[0] != int64(4+i) {
				t.Errorf("query %d: %v, %v", i, row, err)
			}
		}()
	}
	wg.Wait()
}

func TestInserter(t *testing.T) {
	c := start(t)
	ctx := ctxOf(t)
	table := c.Dataset("cdm").Table("x")
	if err := table.Create(ctx, &bq.TableMetadata{Schema: bq.Schema{
		{Name: "i", Type: bq.IntegerFieldType, Required: true}, {Name: "tags", Type: bq.StringFieldType, Repeated: true},
		{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "d", Type: bq.DateFieldType}, {Name: "f", Type: bq.FloatFieldType}}},
	}}); err != nil {
		t.Fatal(err)
	}
	type rec struct {
		D civil.Date
		F float64
	}
	type row struct {
		I    int64
		Tags []string
		R    *rec `bigquery:"r,nullable"`
	}
	rows := []*row{{1, []string{"a", "b'"}, &rec{civil.Date{Year: 2020, Month: 1, Day: 2}, 1.5}}, {2, nil, nil}}
	if err := table.Inserter().Put(ctx, rows); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1|[a b']|[2020-01-02 1.5]", "2|[]|<nil>"}, rowsOf(t, c.Query("SELECT * FROM cdm.x ORDER BY i"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	err := table.Inserter().Put(ctx, []*bq.ValuesSaver{{Schema: bq.Schema{{Name: "i", Type: bq.StringFieldType}}, Row: []bq.Value{"x"}}})
	var multi bq.PutMultiError
	if !errors.As(err, &multi) || !strings.Contains(multi.Error(), "1 row insertion") {
		t.Errorf("a bad row: %v", err)
	}
	if diff := cmp.Diff([]string{"2"}, rowsOf(t, c.Query("SELECT COUNT(*) FROM cdm.x"))); diff != "" {
		t.Errorf("after a bad row (-want +got):\n%s", diff)
	}
}

func TestDatasetsAndTables(t *testing.T) {
	c := startWithPersons(t)
	ctx := ctxOf(t)
	md, err := c.Dataset("cdm").Metadata(ctx)
	if err != nil || md.Description != "d" || md.Labels["a"] != "b" {
		t.Fatalf("data set: %v, %v", md, err)
	}
	if err := c.Dataset("cdm").Create(ctx, nil); codeOf(err) != http.StatusConflict {
		t.Errorf("the data set again: %v", err)
	}
	up := bq.TableMetadataToUpdate{Description: "people"}
	up.SetLabel("tier", "controlled")
	tm, err := c.Dataset("cdm").Table("person").Update(ctx, up, "")
	if err != nil || tm.Description != "people" || tm.Labels["tier"] != "controlled" || tm.NumRows != 4 {
		t.Errorf("update: %+v, %v", tm, err)
	}
	if _, err := c.Dataset("cdm").Table("person").Update(ctx, up, "stale"); codeOf(err) != http.StatusPreconditionFailed {
		t.Errorf("a stale etag: %v", err)
	}
	var names []string
	it := c.Dataset("cdm").Tables(ctx)
	it.PageInfo().MaxSize = 1
	for {
		tb, err := it.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, tb.TableID)
	}
	if diff := cmp.Diff([]string{"person", "visit"}, names); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if err := c.Dataset("cdm").Delete(ctx); codeOf(err) != http.StatusBadRequest {
		t.Errorf("delete with contents: %v", err)
	}
	if err := c.Dataset("cdm").Table("visit").Delete(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Dataset("cdm").DeleteWithContents(ctx); err != nil {
		t.Error(err)
	}
	if _, err := c.Dataset("cdm").Metadata(ctx); codeOf(err) != http.StatusNotFound {
		t.Errorf("after it: %v", err)
	}
}

// TestPagesOfTheWeb holds that a web page cannot drive the server.
func TestPagesOfTheWeb(t *testing.T) {
	_, s := bqtest.StartIn(t, t.TempDir())
	for _, tc := range []struct {
		name, host, origin string
		want               int
	}{
		{"plain", "", "", 200}, {"local page", "", "http://localhost:3000", 200}, {"foreign page", "", "https://evil.example", 403},
		{"rebound name", "evil.example", "", 403}, {"opaque page", "", "null", 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL()+"/bigquery/v2/projects/p/datasets", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.host != "" {
				req.Host = tc.host
			}
			if tc.origin != "" {
				req.Header.Set("Origin", tc.origin)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != tc.want {
				t.Errorf("got %d, want %d", res.StatusCode, tc.want)
			}
		})
	}
}
