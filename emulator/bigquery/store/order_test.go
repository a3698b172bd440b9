package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// TestClusteredScan holds that a query of one value of a clustered table reads a
// small part of it, however the rows came: those of one row group, or of two where
// the value lies across their border.
func TestClusteredScan(t *testing.T) {
	const rows, concepts, rowGroup = 400_000, 1000, 16_384
	ctx := context.Background()
	db, err := duck.Open(ctx, duck.Config{Dir: t.TempDir(), MemoryLimit: "1GB", Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := store.Open(ctx, db, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateDataset(ctx, store.DatasetKey{Project: "demo-p", Dataset: "d"}, &bq.Dataset{}); err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Release)
	fill := func(c *duck.Conn, physical string, _ []googlesql.Column, _ *bq.TableSchema) error {
		return c.Exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT hash(i + %d) %% 5000, hash(i) %% %d, i FROM range(%[2]d) AS r(i)", physical, rows, concepts))
	}
	meta := func() *bq.Table {
		return &bq.Table{Schema: &bq.TableSchema{Fields: []*bq.TableFieldSchema{
			{Name: "person", Type: "INTEGER", Mode: "REQUIRED"}, {Name: "concept", Type: "INTEGER"}, {Name: "came", Type: "INTEGER"}}}}
	}
	for _, tc := range []struct {
		name string
		// order is that of the stored rows; empty: they are in none.
		order string
		by    []string
		write func(k store.Key, m *bq.Table) (*store.Table, error)
	}{
		{"written", "(c1, c0)", []string{"Concept", "person"}, func(k store.Key, m *bq.Table) (*store.Table, error) {
			return s.WriteTable(ctx, store.Write{Key: k, Schema: m.Schema, Describe: m, Disposition: "WRITE_EMPTY", Create: "CREATE_IF_NEEDED"}, fill)
		}},
		{"ties stay as they came", "(c1, c2)", []string{"concept"}, func(k store.Key, m *bq.Table) (*store.Table, error) {
			t, _, err := s.Define(ctx, k, m, store.RefuseExisting, fill)
			return t, err
		}},
		{"plain", "", nil, func(k store.Key, m *bq.Table) (*store.Table, error) {
			return s.WriteTable(ctx, store.Write{Key: k, Schema: m.Schema, Describe: m, Disposition: "WRITE_EMPTY", Create: "CREATE_IF_NEEDED"}, fill)
		}},
		{"streamed", "", []string{"concept"}, func(k store.Key, m *bq.Table) (*store.Table, error) {
			if _, err := s.CreateTable(ctx, k, m); err != nil {
				return nil, err
			}
			return s.WriteTable(ctx, store.Write{Key: k, Disposition: "WRITE_APPEND", Create: "CREATE_NEVER", Streamed: true}, fill)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := meta()
			if tc.by != nil {
				m.Clustering = &bq.Clustering{Fields: tc.by}
			}
			table, err := tc.write(store.Key{Project: "demo-p", Dataset: "d", Table: tc.name}, m)
			if err != nil {
				t.Fatal(err)
			}
			for _, where := range []string{"c1 = 500", "c1 IN (SELECT unnest([500]::BIGINT[]))"} {
				got := scanned(t, c, "SELECT count(c0) FROM "+table.Physical+" WHERE "+where)
				if tc.order != "" && (got == 0 || got > 2*rowGroup) || tc.order == "" && got != rows {
					t.Errorf("%s: %d of %d rows are read", where, got, rows)
				}
			}
			if tc.order != "" {
				back, err := c.Int(ctx, "SELECT count(*) FROM (SELECT "+tc.order+" < lag("+tc.order+") OVER (ORDER BY rowid) AS back FROM "+table.Physical+") WHERE back")
				if err != nil || back != 0 {
					t.Errorf("%d rows come after a greater one, %v", back, err)
				}
			}
			var want int64
			for _, q := range []string{"SELECT sum(hash(i + %d) %% 5000 * 1000 + hash(i) %% %d)::BIGINT FROM range(%[1]d) AS r(i)", "SELECT sum(c0 * 1000 + c1)::BIGINT FROM " + table.Physical + " -- %d %d"} {
				n, err := c.Int(ctx, fmt.Sprintf(q, rows, concepts))
				if err != nil || want != 0 && n != want {
					t.Errorf("the values' sum is %d, %v, want %d", n, err, want)
				}
				want = n
			}
		})
	}
}

// scanned is how many rows the scans of a statement read.
func scanned(t *testing.T, c *duck.Conn, sql string) (rows int64) {
	t.Helper()
	err := c.Query(context.Background(), "EXPLAIN (ANALYZE, FORMAT JSON) "+sql, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			var plan struct {
				Rows int64 `json:"cumulative_rows_scanned"`
			}
			if err := json.Unmarshal(ch.Cols[1].Bytes(i), &plan); err != nil {
				return err
			}
			rows += plan.Rows
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
