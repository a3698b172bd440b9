package store

import (
	"context"
	"fmt"
	"slices"
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
	// ByName tells that the rows may leave out columns of a table that they are
	// added to, and have them in another order; Exact that the schema was said by
	// the caller, not found in the data.
	ByName, Exact bool
	// Add and Relax are ALLOW_FIELD_ADDITION and ALLOW_FIELD_RELAXATION.
	Add, Relax bool
	// Streamed tells that the rows stay as they come, whatever the table is ordered
	// by.
	Streamed bool
}

// Fill writes the rows into a physical table inside the transaction. The columns
// and schema are those of the table.
type Fill func(c *duck.Conn, physical string, cols []googlesql.Column, schema *bq.TableSchema) error

// planned is a write that has been checked.
type planned struct {
	t        *Table
	schema   *bq.TableSchema
	describe *bq.Table
	// prepare are the statements that make the table ready for the rows.
	prepare []string
}

// WriteTable writes rows, all or none, and returns the table after it.
func (s *Store) WriteTable(ctx context.Context, w Write, fill Fill) (*Table, error) {
	unlock := s.lockWriting(w.Key)
	defer unlock()
	if _, err := s.Dataset(DatasetKey{w.Key.Project, w.Key.Dataset}); err != nil {
		return nil, err
	}
	old, err := s.Table(w.Key)
	if err != nil {
		if w.Create == "CREATE_NEVER" {
			return nil, err
		}
		if len(w.Key.Table) > maxName || !tableName.MatchString(w.Key.Table) {
			return nil, apierr.Invalid("Invalid table ID %q.", w.Key.Table)
		}
		old = nil
	}
	p, err := s.planWrite(w, old)
	if err != nil {
		return nil, err
	}
	t := p.t
	if !w.Streamed {
		var drop func()
		if fill, drop, err = s.arranged(ctx, p.describe, p.schema, t.Columns, fill); err != nil {
			return nil, err
		}
		defer drop()
	}
	err = s.tx(ctx, func(c *duck.Conn) error {
		for _, sql := range p.prepare {
			if err := c.Exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := fill(c, t.Physical, t.Columns, p.schema); err != nil {
			return err
		}
		n, err := c.Int(ctx, "SELECT count(*) FROM "+t.Physical)
		if err != nil {
			return err
		}
		t.Rows = n
		t.Meta = s.describe(w.Key, p.describe, p.schema, n)
		return s.logTable(ctx, c, w.Key, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, err
	}
	s.put(t)
	if old != nil && old.Physical != t.Physical {
		s.retire(old.Physical)
	}
	return t, nil
}

// planWrite checks a write against the table as it is; old is nil where there is
// none.
func (s *Store) planWrite(w Write, old *Table) (*planned, error) {
	if old != nil {
		if err := CheckTable(old); err != nil {
			return nil, err
		}
	}
	if old != nil && w.Disposition == "WRITE_EMPTY" && old.Rows > 0 {
		return nil, apierr.Duplicate("Already Exists: Table %s", w.Key)
	}
	switch w.Disposition {
	case "WRITE_EMPTY", "WRITE_APPEND", "WRITE_TRUNCATE":
	case "WRITE_TRUNCATE_DATA":
		return nil, apierr.NotImplemented("WRITE_TRUNCATE_DATA is not supported by the local BigQuery")
	default:
		return nil, apierr.Invalid("Invalid value for writeDisposition: %q", w.Disposition)
	}
	schema := w.Schema
	if schema == nil && old != nil {
		schema = old.Meta.Schema
	}
	if schema == nil || len(schema.Fields) == 0 {
		return nil, apierr.Invalid("No schema specified on job or table.")
	}
	cols, err := Columns(schema)
	if err != nil {
		return nil, err
	}
	p := &planned{t: &Table{Key: w.Key, Columns: cols}, schema: schema, describe: w.Describe}
	if old != nil && w.Disposition == "WRITE_APPEND" && len(old.Columns) > 0 {
		return p, s.planAppend(w, old, p)
	}
	if old != nil {
		d := *old.Meta
		if n := w.Describe; n != nil {
			if (n.TimePartitioning != nil || n.RangePartitioning != nil) && !sameLayout(n, &d) {
				if old.Rows > 0 || d.TimePartitioning != nil || d.RangePartitioning != nil {
					return nil, apierr.Invalid("Incompatible table partitioning specification for the table %s.", w.Key)
				}
				d.TimePartitioning, d.RangePartitioning = n.TimePartitioning, n.RangePartitioning
			}
			if n.Clustering != nil {
				d.Clustering = n.Clustering
			}
		}
		p.describe = &d
	}
	if p.describe != nil {
		if err := CheckLayout(p.describe, cols); err != nil {
			return nil, err
		}
	}
	p.t.Physical = s.newPhysical(false)
	create, err := createSQL(p.t.Physical, schema, cols)
	p.prepare = []string{create}
	return p, err
}

// planAppend plans rows that are added to a table that has columns.
func (s *Store) planAppend(w Write, old *Table, p *planned) error {
	if d := w.Describe; d != nil {
		if (d.TimePartitioning != nil || d.RangePartitioning != nil) && !sameLayout(d, old.Meta) {
			return apierr.Invalid("Incompatible table partitioning specification for the table %s.", w.Key)
		}
		if d.Clustering != nil && (old.Meta.Clustering == nil || !slices.EqualFunc(d.Clustering.Fields, old.Meta.Clustering.Fields, strings.EqualFold)) {
			return apierr.Invalid("Incompatible table clustering specification for the table %s.", w.Key)
		}
	}
	p.describe = old.Meta
	p.t.Physical = old.Physical
	if !w.ByName && !w.Add && !w.Relax {
		if err := checkAppend(p.t.Columns, old.Columns); err != nil {
			return err
		}
		p.schema, p.t.Columns = old.Meta.Schema, old.Columns
		return nil
	}
	fields, err := extendSchema(w.Key, old.Meta.Schema.Fields, p.schema.Fields, w.Add, w.Relax, w.Exact, "")
	if err != nil {
		return err
	}
	p.schema = &bq.TableSchema{Fields: fields}
	if p.t.Columns, err = Columns(p.schema); err != nil {
		return err
	}
	changes, err := evolveSQL(old, "", p.schema, p.t.Columns, false)
	if err != nil {
		return err
	}
	if len(changes) > 0 || recordsChanged(old.Columns, p.t.Columns) {
		// The rows go to a table of the new columns beside the old one, so that those
		// who read that one are not disturbed.
		p.t.Physical = s.newPhysical(false)
		p.prepare, err = evolveSQL(old, p.t.Physical, p.schema, p.t.Columns, true)
	}
	return err
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
// which they are stored, until each returns an error.
func (s *Store) Read(ctx context.Context, t *Table, from, count int64, each func(*duck.Chunk) error) error {
	if t.Meta.View != nil {
		return apierr.Invalid("Cannot list a table of type VIEW.")
	}
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
