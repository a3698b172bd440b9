package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
)

// native is DuckDB itself on a copy of the emulator's file.
type native struct {
	db   *duck.DB
	conn *duck.Conn
}

// openNative copies the file and gives its tables and columns their own names.
func openNative(ctx context.Context, from, to string) (*native, error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for the copy: %w", err)
	}
	if err := copyFile(filepath.Join(from, "bigquery.duckdb"), filepath.Join(to, "bigquery.duckdb")); err != nil {
		return nil, fmt.Errorf("copy the data: %w", err)
	}
	db, err := duck.Open(ctx, duck.Config{Dir: to, MemoryLimit: "2GB"})
	if err != nil {
		return nil, err
	}
	n := &native{db: db}
	if n.conn, err = db.Conn(); err != nil {
		_ = db.Close()
		return nil, err
	}
	names := map[string]string{}
	err = n.conn.Query(ctx, "SELECT name, physical FROM hub_log WHERE kind = 'table' ORDER BY seq", func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			names[string(ch.Cols[0].Bytes(i))] = string(ch.Cols[1].Bytes(i))
		}
		return nil
	})
	if err != nil {
		n.close()
		return nil, err
	}
	for table, cols := range map[string]string{
		"persons": "person_id gender_concept_id year_of_birth", "events": "person_id event_id concept_id start_date value",
	} {
		for i, c := range strings.Fields(cols) {
			if err := n.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s RENAME c%d TO %s", names[table], i, c)); err != nil {
				n.close()
				return nil, err
			}
		}
		if err := n.conn.Exec(ctx, "ALTER TABLE "+names[table]+" RENAME TO "+table); err != nil {
			n.close()
			return nil, err
		}
	}
	return n, nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func (n *native) close() {
	n.conn.Release()
	_ = n.db.Close()
}

// ask runs a question and reads all rows.
func (n *native) ask(ctx context.Context, q question) (answer, error) {
	var a answer
	err := n.conn.Query(ctx, q.duck, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			a.add(len(ch.Cols), func(k int) int64 {
				if q.ints&(1<<k) == 0 {
					return 0
				}
				return ch.Cols[k].Int64(i)
			})
		}
		return nil
	})
	return a, err
}
