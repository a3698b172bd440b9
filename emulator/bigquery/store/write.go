package store

import (
	"context"
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Write says how rows are to be written to a table.
type Write struct {
	Key Key
	// Schema is that of the rows; nil: the table's own.
	Schema *bq.TableSchema
	// Disposition is WRITE_APPEND, WRITE_TRUNCATE or WRITE_EMPTY; Create is
	// CREATE_IF_NEEDED or CREATE_NEVER.
	Disposition, Create string
	// Describe gives a new table's description beside the schema; may be nil.
	Describe *bq.Table
}

// Fill writes the rows into a physical table (schema main) inside the
// transaction.
type Fill func(c *duck.Conn, physical string, cols []googlesql.Column, schema *bq.TableSchema) error

// WriteTable writes rows, all or none, and returns the table after it.
func (s *Store) WriteTable(ctx context.Context, w Write, fill Fill) (*Table, error) {
	unlock := s.lockWriting(w.Key)
	defer unlock()
	if _, err := s.Dataset(DatasetKey{w.Key.Project, w.Key.Dataset}); err != nil {
		return nil, err
	}
	old, err := s.Table(w.Key)
	exists := err == nil
	if !exists {
		if w.Create == "CREATE_NEVER" {
			return nil, err
		}
		if len(w.Key.Table) > maxName || !tableName.MatchString(w.Key.Table) {
			return nil, apierr.Invalid("Invalid table ID %q.", w.Key.Table)
		}
	}
	if exists {
		if err := CheckTable(old); err != nil {
			return nil, err
		}
	}
	if exists && w.Disposition == "WRITE_EMPTY" && old.Rows > 0 {
		return nil, apierr.Duplicate("Already Exists: Table %s", w.Key)
	}
	schema := w.Schema
	if schema == nil && exists {
		schema = old.Meta.Schema
	}
	if schema == nil || len(schema.Fields) == 0 {
		return nil, apierr.Invalid("No schema specified on job or table.")
	}
	cols, err := Columns(schema)
	if err != nil {
		return nil, err
	}
	appends := exists && w.Disposition == "WRITE_APPEND" && len(old.Columns) > 0
	if appends {
		if err := checkAppend(cols, old.Columns); err != nil {
			return nil, err
		}
		schema, cols = old.Meta.Schema, old.Columns
	}
	t := &Table{Key: w.Key, Columns: cols}
	var describe *bq.Table
	switch {
	case appends:
		t.Physical, describe = old.Physical, old.Meta
	case exists:
		t.Physical, describe = s.newPhysical(false), old.Meta
	default:
		t.Physical, describe = s.newPhysical(false), w.Describe
	}
	err = s.tx(ctx, func(c *duck.Conn) error {
		if !appends {
			sql, err := createSQL(t.Physical, schema, cols)
			if err != nil {
				return err
			}
			if err := c.Exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := fill(c, t.Physical, cols, schema); err != nil {
			return err
		}
		n, err := c.Int(ctx, "SELECT count(*) FROM "+t.Physical)
		if err != nil {
			return err
		}
		t.Rows = n
		t.Meta = s.describe(w.Key, describe, schema, n)
		return s.logTable(ctx, c, w.Key, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, err
	}
	s.put(t)
	if exists && !appends {
		s.retire(old.Physical)
	}
	return t, nil
}

func checkAppend(have, want []googlesql.Column) error {
	if len(have) != len(want) {
		return apierr.Invalid("Provided Schema does not match Table: %d fields instead of %d", len(have), len(want))
	}
	for i := range want {
		if !strings.EqualFold(have[i].Name, want[i].Name) {
			return apierr.Invalid("Provided Schema does not match Table: cannot add field %s in place of %s", have[i].Name, want[i].Name)
		}
		if have[i].Type.String() != want[i].Type.String() {
			return apierr.Invalid("Provided Schema does not match Table: field %s has changed type from %s to %s", want[i].Name, want[i].Type, have[i].Type)
		}
	}
	return nil
}

// SaveResult runs a query into an anonymous table that lives in memory.
func (s *Store) SaveResult(ctx context.Context, k Key, cols []googlesql.Column, sql string) (*Table, error) {
	t := &Table{Key: k, Columns: cols, Physical: s.newPhysical(true), Result: true}
	c, err := s.db.Conn()
	if err != nil {
		return nil, err
	}
	defer c.Release()
	if err := c.Exec(ctx, "CREATE TABLE "+t.Physical+" AS "+sql); err != nil {
		return nil, err
	}
	if t.Rows, err = c.Int(context.WithoutCancel(ctx), "SELECT count(*) FROM "+t.Physical); err != nil {
		return nil, err
	}
	t.Meta = s.describe(k, nil, Schema(cols), t.Rows)
	s.put(t)
	return t, nil
}

// Read calls each for the rows [from, from+count) of a table, in the order in
// which they were written, until each returns an error.
func (s *Store) Read(ctx context.Context, t *Table, from, count int64, each func(*duck.Chunk) error) error {
	release := s.Acquire([]*Table{t})
	defer release()
	c, err := s.db.Conn()
	if err != nil {
		return err
	}
	defer c.Release()
	if len(t.Columns) == 0 {
		return nil
	}
	names := make([]string, len(t.Columns))
	for i := range names {
		names[i] = translate.ColumnName(i)
	}
	return c.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE rowid >= %d AND rowid < %d ORDER BY rowid",
		strings.Join(names, ", "), t.Physical, from, from+count), each)
}
