package bigquery_test

import (
	"errors"
	"fmt"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestWindowsOverSmallTables: over a small table windows are computed without
// partitions, over rows that are in no table with them; both give the same.
func TestWindowsOverSmallTables(t *testing.T) {
	c, _ := bqtest.Start(t)
	if err := c.Dataset("w").Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	const rows = `SELECT p, q, d, id FROM UNNEST([
		STRUCT(1 AS p, DATE '2020-01-01' AS q, DATE '2020-02-01' AS d, 1 AS id), (1, DATE '2020-01-01', NULL, 2), (1, NULL, DATE '2019-01-01', 3),
		(-9223372036854775808, DATE '0001-01-01', DATE '0001-01-01', 4), (-9223372036854775808, DATE '0001-01-02', DATE '9999-12-31', 5),
		(9223372036854775807, DATE '9999-12-31', NULL, 6), (9223372036854775807, DATE '9999-12-31', DATE '9999-12-31', 7), (9223372036854775807, DATE '2000-01-01', DATE '0001-01-01', 8),
		(NULL, DATE '2020-01-01', DATE '2020-01-05', 9), (NULL, DATE '2020-01-01', DATE '2020-01-04', 10), (NULL, DATE '2020-03-01', NULL, 11),
		(2, NULL, NULL, 12), (-1, DATE '1969-12-31', DATE '1969-12-31', 13), (0, DATE '1970-01-01', NULL, 14), (0, DATE '1970-01-01', DATE '1970-01-01', 15)])`
	const questions = `SELECT id,
		ROW_NUMBER() OVER (PARTITION BY p ORDER BY q, id),
		ROW_NUMBER() OVER (PARTITION BY p ORDER BY q DESC, id DESC),
		ROW_NUMBER() OVER (PARTITION BY p, d ORDER BY id),
		MAX(d) OVER (PARTITION BY p ORDER BY q, id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW),
		MAX(d) OVER (PARTITION BY p ORDER BY id)
		FROM `
	q := c.Query(rows)
	q.Dst = c.Dataset("w").Table("t")
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status, err := job.Wait(t.Context()); err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	want := table(t, c, questions+"("+rows+") ORDER BY id")
	got := table(t, c, questions+"w.t ORDER BY id")
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 15 {
		t.Errorf("with (-) and without (+) partitions:\n%s", diff)
	}
}

func table(t *testing.T, c *bq.Client, sql string) []string {
	t.Helper()
	it, err := c.Query(sql).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		var row []bq.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(row))
	}
}
