package bigquery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// storedRows are a table's rows as they are stored.
func storedRows(t *testing.T, c *bq.Client, table string) []string {
	t.Helper()
	return textRows(t, c.Dataset("cdm").Table(table).Read(ctxOf(t)))
}

// TestStoredOrder holds that the rows which one job writes are stored by partition
// and then by the clustering columns, whichever way they are written, and that
// this lasts.
func TestStoredOrder(t *testing.T) {
	dir := t.TempDir()
	c, s := bqtest.StartIn(t, dir)
	if err := c.Dataset("cdm").Create(ctxOf(t), nil); err != nil {
		t.Fatal(err)
	}
	schema := bq.Schema{{Name: "id", Type: bq.IntegerFieldType, Required: true}, {Name: "day", Type: bq.DateFieldType}, {Name: "word", Type: bq.StringFieldType}}
	months := &bq.TimePartitioning{Type: bq.MonthPartitioningType, Field: "day"}
	byWord := &bq.Clustering{Fields: []string{"WORD", "id"}}
	csv := "id,day,word\n3,2020-02-20,a\n1,2020-01-02,b\n5,2020-02-01,b\n2,2020-01-31,a\n4,2020-02-02,a\n6,,z\n7,2020-01-15,\n8,2020-01-30,a\n"
	want := []string{"6|<nil>|z", "7|2020-01-15|<nil>", "2|2020-01-31|a", "8|2020-01-30|a", "1|2020-01-02|b", "3|2020-02-20|a", "4|2020-02-02|a", "5|2020-02-01|b"}
	same := func(table string, want []string) {
		t.Helper()
		if diff := cmp.Diff(want, storedRows(t, c, table)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
	set := func(l *bq.Loader) { l.TimePartitioning, l.Clustering = months, byWord }
	if err := loadCSV(t, c, "cdm", "loaded", csv, schema, set); err != nil {
		t.Fatal(err)
	}
	same("loaded", want)
	if err := loadCSV(t, c, "cdm", "plain", csv, schema, nil); err != nil {
		t.Fatal(err)
	}
	arrived := storedRows(t, c, "plain")
	if slices.Equal(arrived, want) || !strings.HasPrefix(arrived[0], "3|") {
		t.Errorf("a table without layout: %v", arrived)
	}

	// What a later load adds is in order for itself.
	if err := loadCSV(t, c, "cdm", "loaded", "id,day,word\n20,2020-02-01,c\n10,2020-01-01,c\n", schema, nil); err != nil {
		t.Fatal(err)
	}
	same("loaded", append(slices.Clone(want), "10|2020-01-01|c", "20|2020-02-01|c"))

	q := c.Query("SELECT id, day, word FROM cdm.plain")
	q.Dst, q.TimePartitioning, q.Clustering = c.Dataset("cdm").Table("queried"), months, byWord
	job, err := q.Run(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if st, err := job.Wait(ctxOf(t)); err != nil || st.Err() != nil {
		t.Fatal(err, st.Err())
	}
	same("queried", want)

	const layout = " PARTITION BY DATE_TRUNC(day, MONTH) CLUSTER BY word, id "
	run(t, c, "CREATE TABLE cdm.made"+layout+"AS SELECT * FROM cdm.plain")
	same("made", want)
	run(t, c, "CREATE TABLE cdm.inserted (id INT64 NOT NULL, day DATE, word STRING)"+layout)
	run(t, c, "INSERT INTO cdm.inserted SELECT * FROM cdm.plain")
	same("inserted", want)

	// A copy into a table of another layout.
	run(t, c, "CREATE TABLE cdm.copied (id INT64 NOT NULL, day DATE, word STRING) CLUSTER BY id")
	copier := c.Dataset("cdm").Table("copied").CopierFrom(c.Dataset("cdm").Table("plain"))
	copier.WriteDisposition = bq.WriteAppend
	if job, err = copier.Run(ctxOf(t)); err != nil {
		t.Fatal(err)
	}
	if st, err := job.Wait(ctxOf(t)); err != nil || st.Err() != nil {
		t.Fatal(err, st.Err())
	}
	byID := slices.Clone(want)
	slices.Sort(byID)
	same("copied", byID)

	// A change that writes the table anew puts everything in order.
	run(t, c, "INSERT INTO cdm.made VALUES (9, DATE '2020-01-09', 'a')")
	same("made", append(slices.Clone(want), "9|2020-01-09|a"))
	run(t, c, "MERGE cdm.made t USING (SELECT 4 AS id UNION ALL SELECT 0) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET word = 'z' WHEN NOT MATCHED THEN INSERT VALUES (0, DATE '2020-01-01', 'a')")
	changed := []string{"6|<nil>|z", "7|2020-01-15|<nil>", "0|2020-01-01|a", "2|2020-01-31|a", "8|2020-01-30|a", "9|2020-01-09|a", "1|2020-01-02|b", "3|2020-02-20|a", "5|2020-02-01|b", "4|2020-02-02|z"}
	same("made", changed)
	job, err = c.Query("INSERT INTO cdm.inserted (word) VALUES ('a')").Run(ctxOf(t))
	if err == nil {
		var st *bq.JobStatus
		if st, err = job.Wait(ctxOf(t)); err == nil {
			err = st.Err()
		}
	}
	if err == nil || !strings.Contains(err.Error(), "Required field id cannot be null") {
		t.Errorf("NULL in a REQUIRED column: %v", err)
	}

	// Streamed rows stay as they come.
	type row struct {
		ID   int64 `bigquery:"id"`
		Word string
	}
	if err := c.Dataset("cdm").Table("made").Inserter().Put(ctxOf(t), []row{{31, "y"}, {30, "x"}}); err != nil {
		t.Fatal(err)
	}
	changed = append(changed, "31|<nil>|y", "30|<nil>|x")
	same("made", changed)

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ = bqtest.StartIn(t, dir)
	same("made", changed)
	same("copied", byID)
	if diff := cmp.Diff([]string{fmt.Sprint(len(changed))}, rowsOf(t, c.Query("SELECT COUNT(*) FROM cdm.made"))); diff != "" {
		t.Error(diff)
	}
}

// TestStoredRanges holds the order of integer ranges, and that ties stay as they
// came.
func TestStoredRanges(t *testing.T) {
	c := start(t)
	run(t, c, "CREATE TABLE cdm.r (id INT64, word STRING) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10)) CLUSTER BY word")
	run(t, c, "INSERT INTO cdm.r SELECT x.* FROM UNNEST([STRUCT(15 AS id, 'b' AS word), (12, 'a'), (19, 'a'), (5, 'z'), (200, 'm'), (NULL, 'n'), (11, 'a')]) AS x WITH OFFSET o ORDER BY o")
	want := []string{"<nil>|n", "200|m", "5|z", "12|a", "19|a", "11|a", "15|b"}
	if diff := cmp.Diff(want, storedRows(t, c, "r")); diff != "" {
		t.Error(diff)
	}
}
