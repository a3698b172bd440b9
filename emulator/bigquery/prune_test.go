package bigquery_test

import (
	"fmt"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	bqapi "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// dryBytes is the estimate of a query, and whether it is an upper bound only.
func dryBytes(t *testing.T, c *bq.Client, sql string, params ...bq.QueryParameter) (int64, string) {
	t.Helper()
	q := c.Query(sql)
	q.DryRun, q.Parameters = true, params
	job, err := q.Run(ctxOf(t))
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	st := job.LastStatus().Statistics
	return st.TotalBytesProcessed, st.Details.(*bq.QueryStatistics).TotalBytesProcessedAccuracy
}

func run(t *testing.T, c *bq.Client, sql string) {
	t.Helper()
	job, err := c.Query(sql).Run(ctxOf(t))
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if st, err := job.Wait(ctxOf(t)); err != nil || st.Err() != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestPartitionPruning holds that constants on the partitioning column leave over
// whole partitions, never less.
func TestPartitionPruning(t *testing.T) {
	c := start(t)
	ctx := ctxOf(t)
	make := func(name string, p *bq.TimePartitioning, r *bq.RangePartitioning) {
		t.Helper()
		if err := c.Dataset("cdm").Table(name).Create(ctx, &bq.TableMetadata{TimePartitioning: p, RangePartitioning: r, Schema: bq.Schema{
			{Name: "id", Type: bq.IntegerFieldType}, {Name: "day", Type: bq.DateFieldType}, {Name: "ts", Type: bq.TimestampFieldType}, {Name: "v", Type: bq.FloatFieldType}}}); err != nil {
			t.Fatal(err)
		}
		// 366 days of 2020, and one row without any.
		run(t, c, "INSERT INTO cdm."+name+" SELECT n, DATE_ADD(DATE '2020-01-01', INTERVAL n DAY), TIMESTAMP_ADD(TIMESTAMP '2020-01-01 12:00:00+00', INTERVAL n DAY), n FROM UNNEST(GENERATE_ARRAY(0, 365)) n")
		run(t, c, "INSERT INTO cdm."+name+" (v) VALUES (1)")
	}
	make("days", &bq.TimePartitioning{Type: bq.DayPartitioningType, Field: "day"}, nil)
	make("months", &bq.TimePartitioning{Type: bq.MonthPartitioningType, Field: "day"}, nil)
	make("stamps", &bq.TimePartitioning{Type: bq.DayPartitioningType, Field: "ts"}, nil)
	make("ranges", nil, &bq.RangePartitioning{Field: "id", Range: &bq.RangePartitioningRange{Start: 0, End: 300, Interval: 100}})
	day := civil.Date{Year: 2020, Month: 3, Day: 5}
	const all = 367
	for _, tc := range []struct {
		table, where string
		rows         int64 // rows of v (8 bytes each)
		params       []bq.QueryParameter
	}{
		{"days", "TRUE", all, nil},
		{"days", "day = '2020-03-05'", 1, nil},
		{"days", "'2020-03-05' = day", 1, nil},
		{"days", "day = @d", 1, []bq.QueryParameter{{Name: "d", Value: day}}},
		{"days", "day BETWEEN '2020-02-01' AND @d", 34, []bq.QueryParameter{{Name: "d", Value: day}}},
		{"days", "day >= DATE_SUB(DATE '2020-12-31', INTERVAL 9 DAY)", 10, nil},
		{"days", "day >= '2020-12-31' OR day < '2020-01-03'", 4, nil}, // an open end is taken for a closed one
		{"days", "day IN ('2020-01-01', '2020-06-01', '2031-01-01')", 2, nil},
		{"days", "day IN UNNEST(@l)", 2, []bq.QueryParameter{{Name: "l", Value: []civil.Date{day, {Year: 2020, Month: 3, Day: 6}}}}},
		{"days", "day > '2020-12-30' AND v > 3", 2, nil},
		{"days", "day IS NULL", 1, nil},
		{"days", "day IS NOT NULL", 366, nil},
		{"days", "day = '2025-01-01'", 0, nil},
		{"days", "day = CAST(NULL AS DATE)", 0, nil},
		{"days", "day = '2020-03-05' OR v = 1", all, nil},
		{"days", "EXTRACT(MONTH FROM day) = 3", all, nil},
		{"days", "day = (SELECT MAX(day) FROM cdm.months)", -1, nil},
		{"days", "day = DATE_ADD(DATE '2020-01-01', INTERVAL CAST(v AS INT64) DAY)", all, nil},
		{"months", "day = '2020-03-05'", 31, nil},
		{"months", "day BETWEEN '2020-01-31' AND '2020-02-01'", 60, nil},
		{"stamps", "ts >= '2020-12-31 18:00:00+00'", 1, nil}, // the whole day
		{"stamps", "ts < '2020-01-02 00:00:00+00'", 2, nil},
		{"ranges", "id = 150", 166, nil}, // with those beyond the ranges
		{"ranges", "id IN (50, 250)", 266, nil},
		{"ranges", "id >= 299", 166, nil},
	} {
		// Rows of the columns read: v, and that of the condition.
		sql := fmt.Sprintf("SELECT v FROM cdm.%s WHERE %s", tc.table, tc.where)
		got, accuracy := dryBytes(t, c, sql, tc.params...)
		if tc.rows < 0 {
			continue
		}
		most := tc.rows * 16
		if got < tc.rows*8 || got > most || accuracy != "PRECISE" {
			t.Errorf("%s: %d bytes, %s, want %d to %d", sql, got, accuracy, tc.rows*8, most)
		}
	}
	// What stands between a condition and its table.
	one, _ := dryBytes(t, c, "SELECT v FROM cdm.days WHERE day = '2020-03-05'")
	full, _ := dryBytes(t, c, "SELECT v, day FROM cdm.days")
	for sql, want := range map[string]int64{
		"SELECT v FROM (SELECT * FROM cdm.days) WHERE day = '2020-03-05'":                                           one,
		"WITH d AS (SELECT v, day AS other FROM cdm.days) SELECT v FROM d WHERE other = '2020-03-05'":               full,
		"WITH d AS (SELECT v FROM cdm.days WHERE day = '2020-03-05') SELECT a.v FROM d a JOIN d b USING (v)":        one,
		"SELECT a.v FROM cdm.days a JOIN UNNEST([1.0]) x ON a.v = x AND a.day = '2020-03-05'":                       one,
		"SELECT a.v FROM cdm.days a LEFT JOIN UNNEST([1.0]) x ON a.v = x AND a.day = '2020-03-05'":                  full,
		"SELECT SUM(v) FROM cdm.days WHERE day = '2020-03-05'":                                                      one,
		"SELECT day, SUM(v) FROM cdm.days GROUP BY day HAVING day = '2020-03-05'":                                   one,
		"SELECT v FROM (SELECT v, day FROM cdm.days LIMIT 10) WHERE day = '2020-03-05'":                             full,
		"SELECT v FROM cdm.days WHERE day = '2020-03-05' UNION ALL SELECT v FROM cdm.days WHERE day IS NOT NULL":    full - 8,
		"SELECT v, (SELECT COUNT(day) FROM cdm.days) FROM cdm.days WHERE day = '2020-03-05'":                        full,
		"SELECT 1 FROM UNNEST([1]) WHERE EXISTS (SELECT v FROM cdm.days WHERE day = '2020-03-05' AND v > 1)":        one,
		"SELECT v FROM cdm.days WHERE day = '2020-03-05' QUALIFY ROW_NUMBER() OVER (ORDER BY v) = 1":                one,
		"SELECT v FROM (SELECT v, day, RANK() OVER (ORDER BY v) r FROM cdm.days) WHERE day = '2020-03-05' OR r = 1": full,
	} {
		if got, _ := dryBytes(t, c, sql); got != want {
			t.Errorf("%s: %d bytes, want %d", sql, got, want)
		}
	}
	// The bytes of a run are those of its estimate, and the cap is held against them.
	q := c.Query("SELECT v FROM cdm.days WHERE day = '2020-03-05'")
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st, err := job.Wait(ctx)
	if err != nil || st.Statistics.TotalBytesProcessed != one {
		t.Errorf("run: %+v, %v, want %d bytes", st, err, one)
	}
}

func TestRequirePartitionFilter(t *testing.T) {
	c := start(t)
	if err := c.Dataset("cdm").Table("p").Create(ctxOf(t), &bq.TableMetadata{RequirePartitionFilter: true, TimePartitioning: &bq.TimePartitioning{Type: bq.DayPartitioningType, Field: "day"},
		Schema: bq.Schema{{Name: "day", Type: bq.DateFieldType}, {Name: "v", Type: bq.IntegerFieldType}}}); err != nil {
		t.Fatal(err)
	}
	for sql, ok := range map[string]bool{"SELECT v FROM cdm.p WHERE day = '2020-01-01'": true, "SELECT v FROM cdm.p WHERE day > '2020-01-01' AND v = 1": true,
		"SELECT v FROM cdm.p": false, "SELECT v FROM cdm.p WHERE v = 1": false, "SELECT v FROM cdm.p WHERE day = '2020-01-01' OR v = 1": false,
		"SELECT a.v FROM cdm.p a JOIN cdm.p b USING (v) WHERE a.day = '2020-01-01'": false} {
		_, err := c.Query(sql).Read(ctxOf(t))
		if (err == nil) != ok || !ok && (reasonOf(err) != "invalidQuery" || !strings.Contains(err.Error(), "without a filter over column(s) 'day'")) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestClusterPruning holds that constants on the leading clustering column leave
// over a small part of a large table, and never less than the rows asked for.
func TestClusterPruning(t *testing.T) {
	c := start(t)
	if err := c.Dataset("cdm").Table("events").Create(ctxOf(t), &bq.TableMetadata{Clustering: &bq.Clustering{Fields: []string{"concept", "person"}},
		Schema: bq.Schema{{Name: "person", Type: bq.IntegerFieldType}, {Name: "concept", Type: bq.IntegerFieldType}, {Name: "word", Type: bq.StringFieldType}}}); err != nil {
		t.Fatal(err)
	}
	const rows, concepts = 500_000, 1000
	run(t, c, fmt.Sprintf("INSERT INTO cdm.events SELECT MOD(n, 9973), IF(n < 100000, 7, MOD(n, %d)), 'w' FROM UNNEST(GENERATE_ARRAY(1, %d)) n", concepts, rows))
	run(t, c, "INSERT INTO cdm.events (person) SELECT n FROM UNNEST(GENERATE_ARRAY(1, 20)) n")
	full, accuracy := dryBytes(t, c, "SELECT person, concept FROM cdm.events")
	if accuracy != "PRECISE" || full != (rows+20)*8+rows*8 {
		t.Fatalf("the whole: %d, %s", full, accuracy)
	}
	const block = 8192 * 16 * 2 // the block, and what its last value adds
	for where, rowsOf := range map[string]int64{
		"concept = 500": 400, "concept IN (500, 501, 999)": 1200, "concept = 7": 100_400, "concept BETWEEN 100 AND 199": 40_000,
		"concept = -1": 0, "concept = 500 AND person = 3": 400, "concept IS NULL": 20,
	} {
		sql := "SELECT person, concept FROM cdm.events WHERE " + where
		got, accuracy := dryBytes(t, c, sql)
		if got < rowsOf*8 || got > rowsOf*16+3*block || accuracy != "UPPER_BOUND" {
			t.Errorf("%s: %d bytes of %d, %s, want %d to %d", sql, got, full, accuracy, rowsOf*8, rowsOf*16+3*block)
		}
	}
	for _, sql := range []string{"SELECT person, concept FROM cdm.events WHERE person = 3", "SELECT person, concept FROM cdm.events WHERE concept + 1 = 500"} {
		if got, _ := dryBytes(t, c, sql); got != full {
			t.Errorf("%s: %d bytes, want all %d", sql, got, full)
		}
	}
	// A cap below the whole table lets a query of one concept through.
	q := c.Query("SELECT COUNT(DISTINCT person) FROM cdm.events WHERE concept = 500")
	q.MaxBytesBilled = 10 << 20
	if diff := cmp.Diff([]string{"400"}, rowsOf(t, q)); diff != "" {
		t.Error(diff)
	}
}

func TestQueryCache(t *testing.T) {
	c, raw := startRaw(t)
	if err := loadCSV(t, c, "cdm", "person", personCSV, personSchema, nil); err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	hit := func(sql string, set func(*bqapi.JobConfigurationQuery)) bool {
		t.Helper()
		q := &bqapi.JobConfigurationQuery{Query: sql, UseLegacySql: &no, UseQueryCache: &yes}
		if set != nil {
			set(q)
		}
		made, err := raw.Jobs.Insert(bqtest.Project, &bqapi.Job{Configuration: &bqapi.JobConfiguration{Query: q}}).Do()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		res, err := raw.Jobs.GetQueryResults(bqtest.Project, made.JobReference.JobId).Do()
		if err != nil || !res.JobComplete {
			t.Fatalf("%s: %+v, %v", sql, res, err)
		}
		got, err := raw.Jobs.Get(bqtest.Project, made.JobReference.JobId).Do()
		if err != nil {
			t.Fatal(err)
		}
		st := got.Statistics.Query
		if st.CacheHit != res.CacheHit || st.CacheHit && (st.TotalBytesBilled != 0 || st.TotalBytesProcessed != 0) {
			t.Errorf("%s: hit %v and %v of %d bytes", sql, st.CacheHit, res.CacheHit, st.TotalBytesProcessed)
		}
		return st.CacheHit
	}
	const sql = "SELECT person_id, gender FROM cdm.person ORDER BY 1"
	never := func(q *bqapi.JobConfigurationQuery) { q.UseQueryCache = nil }
	param := func(v string) func(*bqapi.JobConfigurationQuery) {
		return func(q *bqapi.JobConfigurationQuery) {
			q.ParameterMode = "NAMED"
			q.QueryParameters = []*bqapi.QueryParameter{{Name: "p", ParameterType: &bqapi.QueryParameterType{Type: "INT64"}, ParameterValue: &bqapi.QueryParameterValue{Value: v}}}
		}
	}
	list := func(q *bqapi.JobConfigurationQuery) {
		q.ParameterMode = "NAMED"
		q.QueryParameters = []*bqapi.QueryParameter{{Name: "l", ParameterType: &bqapi.QueryParameterType{Type: "ARRAY", ArrayType: &bqapi.QueryParameterType{Type: "INT64"}},
			ParameterValue: &bqapi.QueryParameterValue{ArrayValues: []*bqapi.QueryParameterValue{{Value: "1"}, {Value: "2"}}}}}
	}
	const named, listed, today = "SELECT @p + person_id FROM cdm.person", "SELECT COUNT(*) FROM cdm.person WHERE person_id IN UNNEST(@l)", "SELECT CURRENT_DATE(), person_id FROM cdm.person"
	for i, step := range []struct {
		sql  string
		set  func(*bqapi.JobConfigurationQuery)
		want bool
	}{
		{sql, never, false}, {sql, nil, true}, {sql, never, false}, {sql + " ", nil, false},
		{named, param("1"), false}, {named, param("2"), false}, {named, param("1"), true},
		{listed, list, false}, {listed, list, true}, {today, nil, false}, {today, nil, false},
		{sql, func(q *bqapi.JobConfigurationQuery) {
			q.DestinationTable = &bqapi.TableReference{ProjectId: bqtest.Project, DatasetId: "cdm", TableId: "out"}
		}, false},
		{sql, nil, true},
	} {
		if got := hit(step.sql, step.set); got != step.want {
			t.Errorf("step %d, %s: hit %v, want %v", i, step.sql, got, step.want)
		}
	}
	before := rowsOf(t, c.Query(sql))
	run(t, c, "DELETE FROM cdm.person WHERE person_id = 1")
	if hit(sql, nil) {
		t.Error("a result of before the table was changed")
	}
	if after := rowsOf(t, c.Query(sql)); len(after) != len(before)-1 {
		t.Errorf("%d rows, then %d", len(before), len(after))
	}
}
