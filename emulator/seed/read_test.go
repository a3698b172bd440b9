package seed

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// population is a written folder, read back.
type population struct {
	t   *testing.T
	dir string
}

func populate(t *testing.T, persons int, seed uint64) population {
	t.Helper()
	dir := t.TempDir()
	if err := Write(context.Background(), dir, Options{Persons: persons, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	return population{t, dir}
}

// row is a row by its columns' names.
type row map[string]string

func (r row) int(t *testing.T, column string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(r[column], 10, 64)
	if err != nil {
		t.Fatalf("%s: %v in %v", column, err, r)
	}
	return n
}

func (r row) date(t *testing.T, column string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, r[column])
	if err != nil {
		t.Fatalf("%s: %v in %v", column, err, r)
	}
	return d
}

// rows reads a table; csv.Reader checks that each row has the header's length.
func (p population) rows(table string) []row {
	p.t.Helper()
	f, err := os.Open(filepath.Join(p.dir, table+".csv.gz"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		p.t.Fatal(err)
	}
	all, err := csv.NewReader(gz).ReadAll()
	if err != nil {
		p.t.Fatalf("%s: %v", table, err)
	}
	out := make([]row, 0, len(all)-1)
	for _, values := range all[1:] {
		r := make(row, len(values))
		for i, name := range all[0] {
			r[name] = values[i]
		}
		out = append(out, r)
	}
	return out
}

// ids gathers the values of a column.
func (p population) ids(table, column string) map[string]bool {
	p.t.Helper()
	all := map[string]bool{}
	for _, r := range p.rows(table) {
		all[r[column]] = true
	}
	return all
}
