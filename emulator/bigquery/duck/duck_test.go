package duck

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *DB {
	t.Helper()
	d, err := Open(context.Background(), Config{Dir: dir, MemoryLimit: "1GB"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func conn(t *testing.T, d *DB) *Conn {
	t.Helper()
	c, err := d.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Release)
	return c
}

// TestLockedDown holds that SQL reaches neither files nor settings.
func TestLockedDown(t *testing.T) {
	dir := t.TempDir()
	c := conn(t, open(t, dir))
	for _, sql := range []string{
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM '/etc/passwd'",
		"COPY (SELECT 1) TO '" + dir + "/x.csv'",
		"ATTACH '" + dir + "/y.duckdb' AS y",
		"INSTALL httpfs",
		"LOAD httpfs",
		"SET enable_external_access = true",
		"SET memory_limit = '100GB'",
		"SELECT * FROM glob('/*')",
		"EXPORT DATABASE '" + dir + "/z'",
	} {
		if err := c.Exec(context.Background(), sql); err == nil {
			t.Errorf("%s was run", sql)
		}
	}
}

func TestInterrupt(t *testing.T) {
	c := conn(t, open(t, t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := c.Exec(ctx, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want the deadline", err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it took %v to stop", d)
	}
	if n, err := c.Int(context.Background(), "SELECT 42::BIGINT"); err != nil || n != 42 {
		t.Errorf("after it: %d, %v", n, err)
	}
}

func TestTransactionIsUndone(t *testing.T) {
	d := open(t, t.TempDir())
	c := conn(t, d)
	ctx := context.Background()
	fail := errors.New("no")
	err := c.InTx(ctx, func() error {
		if err := c.Exec(ctx, "CREATE TABLE x (a BIGINT)"); err != nil {
			return err
		}
		return fail
	})
	if !errors.Is(err, fail) {
		t.Fatal(err)
	}
	if err := c.Exec(ctx, "SELECT * FROM x"); err == nil {
		t.Error("the table is there")
	}
}

func TestAppenderAndReopen(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	d := open(t, dir)
	c, err := d.Conn()
	if err != nil {
		t.Fatal(err)
	}
	const rows = 5000
	err = c.InTx(ctx, func() error {
		if err := c.Exec(ctx, "CREATE TABLE x (a BIGINT, b VARCHAR, c DOUBLE)"); err != nil {
			return err
		}
		a, err := c.NewAppender("x", []Type{{Letter: 'i'}, {Letter: 's'}, {Letter: 'f'}})
		if err != nil {
			return err
		}
		for i := range int64(rows) {
			a.Int64(0, i)
			if i%2 == 0 {
				a.Null(1)
			} else {
				a.Bytes(1, []byte(strings.Repeat("é", int(i%20))))
			}
			a.Float64(2, float64(i)/2)
			if err := a.EndRow(); err != nil {
				return err
			}
		}
		return a.Close(true)
	})
	c.Release()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	c = conn(t, open(t, dir))
	for sql, want := range map[string]int64{
		"SELECT count(*) FROM x":               rows,
		"SELECT sum(a)::BIGINT FROM x":         rows * (rows - 1) / 2,
		"SELECT count(b) FROM x":               rows / 2,
		"SELECT max(length(b))::BIGINT FROM x": 19,
		"SELECT sum(c * 2)::BIGINT FROM x":     rows * (rows - 1) / 2,
	} {
		if n, err := c.Int(ctx, sql); err != nil || n != want {
			t.Errorf("%s: got %d, %v, want %d", sql, n, err, want)
		}
	}
}

// TestOlderFile holds that a database with DuckDB's own row groups, as they were
// written before there was a size of ours, can be read and changed.
func TestOlderFile(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	const rows = 300_000
	old, err := Open(ctx, Config{Dir: dir, InMemory: true, Before: func(ctx context.Context, c *Conn) error {
		for _, sql := range []string{
			"ATTACH " + Text(filepath.Join(dir, "bigquery.duckdb")) + " AS old",
			"CREATE TABLE old.x (a BIGINT, b VARCHAR)",
			fmt.Sprintf("INSERT INTO old.x SELECT i, 'w' || i %% 10 FROM range(%d) AS r(i)", rows),
			"DETACH old",
		} {
			if err := c.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	groups := "SELECT max(count)::BIGINT FROM pragma_storage_info('x') WHERE segment_type <> 'VALIDITY'"
	for round := range int64(2) {
		d := open(t, dir)
		c, err := d.Conn()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := c.Int(ctx, groups); err != nil || n < 2*rowGroup {
			t.Fatalf("the longest segment has %d rows, %v: the file is none of the older ones", n, err)
		}
		if n, err := c.Int(ctx, "SELECT sum(a)::BIGINT FROM main.x WHERE a >= 0"); err != nil || n != rows*(rows-1)/2 {
			t.Errorf("round %d: the sum is %d, %v", round, n, err)
		}
		err = c.InTx(ctx, func() error {
			a, err := c.NewAppender("main.x", []Type{{Letter: 'i'}, {Letter: 's'}})
			if err != nil {
				return err
			}
			for i := range int64(3 * rowGroup) {
				a.Int64(0, -i-1)
				a.Bytes(1, []byte("new"))
				if err := a.EndRow(); err != nil {
					return err
				}
			}
			return a.Close(true)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Exec(ctx, "UPDATE x SET b = 'changed' WHERE a % 1000 = 0 AND a >= 0"); err != nil {
			t.Fatal(err)
		}
		for sql, want := range map[string]int64{
			"SELECT count(*) FROM x":                                                   rows + (round+1)*3*rowGroup,
			"SELECT count(*) FROM x WHERE b = 'changed'":                               rows / 1000,
			"SELECT count(*) FROM x WHERE b = 'new'":                                   (round + 1) * 3 * rowGroup,
			"SELECT count(*) FROM x WHERE a = 200001":                                  1,
			"SELECT count(*) FROM x WHERE rowid >= 299000 AND rowid < 301000":          2000,
			"SELECT count(DISTINCT a) FROM x WHERE a < 0":                              3 * rowGroup,
			"SELECT count(*) FROM duckdb_databases() WHERE database_name = 'bigquery'": 1,
		} {
			if n, err := c.Int(ctx, sql); err != nil || n != want {
				t.Errorf("round %d: %s: %d, %v, want %d", round, sql, n, err, want)
			}
		}
		c.Release()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestScratch holds that a scratch catalog has our row groups while the database
// itself is in memory, and that nothing of it is left for the next one.
func TestScratch(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	for range 2 {
		d, err := Open(ctx, Config{Dir: dir, InMemory: true, Scratch: "kept", Before: func(ctx context.Context, c *Conn) error {
			for _, sql := range []string{
				"CREATE SCHEMA cdm", "CREATE TABLE cdm.x AS SELECT i AS a FROM range(100000) AS r(i)",
				"CREATE TABLE kept.x AS FROM cdm.x ORDER BY a",
			} {
				if err := c.Exec(ctx, sql); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Conn()
		if err != nil {
			t.Fatal(err)
		}
		for sql, want := range map[string]int64{
			"SELECT count(*) FROM kept.main.x k JOIN cdm.x USING (a)":                                    100_000,
			"SELECT max(count)::BIGINT FROM pragma_storage_info('kept.x') WHERE segment_type = 'BIGINT'": rowGroup,
		} {
			if n, err := c.Int(ctx, sql); err != nil || n != want {
				t.Errorf("%s: %d, %v, want %d", sql, n, err, want)
			}
		}
		if err := c.Exec(ctx, "CREATE TABLE kept.more AS SELECT 1 AS a"); err != nil {
			t.Error(err)
		}
		c.Release()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFunctionsOfNull holds that every C function gives NULL for a NULL argument
// in any row, with values around it.
func TestFunctionsOfNull(t *testing.T) {
	c := conn(t, open(t, t.TempDir()))
	ctx := context.Background()
	sample := map[byte]string{'f': "1.0::DOUBLE", 'i': "1::BIGINT", 'b': "TRUE", 's': "'2020-01-01'", 'd': "DATE '2020-01-01'",
		't': "TIMESTAMP '2020-01-01 00:00:00'", 'x': "'a'::BLOB"}
	special := map[string]string{"hub_log": "0.5::DOUBLE", "hub_atanh": "0.5::DOUBLE", "hub_s2i": "'1'", "hub_s2f": "'1'", "hub_s2b": "'true'"}
	for _, f := range functions() {
		for null := range len(f.signature) - 1 {
			var args []string
			for k := range len(f.signature) - 1 {
				v := sample[f.signature[k]]
				if s, ok := special[f.name]; ok {
					v = s
				}
				// The part argument of the date functions is DAY.
				if strings.Contains(f.name, "date") || strings.Contains(f.name, "ts_") || strings.Contains(f.name, "timestamp") {
					if f.signature[k] == 'i' && k == len(f.signature)-2 && f.name != "hub_make_date" {
						v = "6::BIGINT"
					}
				}
				if k == null {
					v = "CASE WHEN i % 2 = 0 THEN " + v + " END"
				}
				args = append(args, v)
			}
			sql := "SELECT count(CASE WHEN i % 2 = 1 THEN r END) * 1000 + count(r) FROM (SELECT i, " + f.name + "(" + strings.Join(args, ", ") + ") AS r FROM range(100) x(i))"
			if n, err := c.Int(ctx, sql); err != nil || n != 50 {
				t.Errorf("%s, argument %d NULL: got %d, %v, want 50 results, none of NULL", f.name, null+1, n, err)
			}
		}
	}
}

// TestNothingIsComputedEarly holds that what occurs twice is not computed before
// it is known to be needed, on any connection.
func TestNothingIsComputedEarly(t *testing.T) {
	d := open(t, t.TempDir())
	for range 2 {
		c := conn(t, d)
		for _, sql := range []string{
			"SELECT count(TRY(hub_idiv(10, i))) + count(TRY(hub_idiv(10, i) + 1)) FROM range(2) r(i)",
			"SELECT count(coalesce(i, hub_idiv(1, 0))) + count(coalesce(i + 1, hub_idiv(1, 0))) - 2 FROM range(2) r(i)",
		} {
			if n, err := c.Int(context.Background(), sql); err != nil || n != 2 {
				t.Errorf("%s: %d, %v", sql, n, err)
			}
		}
	}
}
