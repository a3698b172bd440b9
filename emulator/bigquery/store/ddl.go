package store

import (
	"context"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Existing says what Define does about a table that is there.
type Existing int

// What may be done about a table that is there.
const (
	// RefuseExisting makes it an error.
	RefuseExisting Existing = iota
	// ReplaceExisting puts the new table in its place.
	ReplaceExisting
	// KeepExisting leaves it as it is.
	KeepExisting
)

// Define stores a table or view with its rows, which fill puts into it (nil:
// none). It returns the table that is there afterwards and whether there was one
// before.
func (s *Store) Define(ctx context.Context, k Key, meta *bq.Table, existing Existing, fill Fill) (t *Table, existed bool, err error) {
	unlock := s.lockWriting(k)
	defer unlock()
	if _, err := s.Dataset(DatasetKey{k.Project, k.Dataset}); err != nil {
		return nil, false, err
	}
	if len(k.Table) > maxName || !tableName.MatchString(k.Table) {
		return nil, false, apierr.Invalid("Invalid table ID %q.", k.Table)
	}
	old, err := s.Table(k)
	if err == nil {
		switch {
		case existing == KeepExisting:
			return old, true, nil
		case existing == RefuseExisting:
			return nil, true, apierr.Duplicate("Already Exists: Table %s", k)
		case (old.Meta.View != nil) != (meta.View != nil):
			return nil, true, wrongKind(old)
		}
		existed = true
	}
	cols, err := Columns(meta.Schema)
	if err != nil {
		return nil, existed, err
	}
	if meta.ExpirationTime != 0 && meta.ExpirationTime <= s.clock().UnixMilli() {
		return nil, existed, apierr.Invalid("Invalid value for expirationTime: it is in the past.")
	}
	if err := CheckLayout(meta, cols); err != nil {
		return nil, existed, err
	}
	if fill != nil {
		var drop func()
		if fill, drop, err = s.arranged(ctx, meta, meta.Schema, cols, fill); err != nil {
			return nil, existed, requiredColumn(cols, err)
		}
		defer drop()
	}
	t = &Table{Key: k, Columns: cols, Physical: s.newPhysical(false)}
	err = s.tx(ctx, func(c *duck.Conn) error {
		sql, err := createSQL(t.Physical, meta.Schema, cols)
		if err != nil {
			return err
		}
		if err := c.Exec(ctx, sql); err != nil {
			return err
		}
		if fill != nil {
			if err := fill(c, t.Physical, cols, meta.Schema); err != nil {
				return requiredColumn(cols, err)
			}
			if t.Rows, err = c.Int(ctx, "SELECT count(*) FROM "+t.Physical); err != nil {
				return err
			}
		}
		t.Meta = s.describe(k, meta, meta.Schema, t.Rows)
		return s.logTable(ctx, c, k, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, existed, err
	}
	s.put(t)
	if existed {
		s.retire(old.Physical)
	}
	return t, existed, nil
}

// wrongKind is the error of a statement about tables that meets a view, or the
// other way round.
func wrongKind(t *Table) error {
	return apierr.Invalid("%s is not allowed for this operation because it is currently a %s.", t.Key, t.Meta.Type)
}

// CheckTable refuses a view, or a query's anonymous result, where a table must
// be.
func CheckTable(t *Table) error {
	if t.Result {
		return apierr.Invalid("%s is the result of a query and cannot be changed", t.Key)
	}
	if t.Meta.View != nil {
		return wrongKind(t)
	}
	return nil
}

// Shape is what Alter makes of a table: its description, and for every column
// the one of the old table that it takes its values from; -1: NULL.
type Shape struct {
	Meta *bq.Table
	From []int
}

// Alter changes a table's columns, description or name (rename; empty: the old
// one). Its rows are copied where their form changes.
func (s *Store) Alter(ctx context.Context, k Key, rename string, change func(*Table) (*Shape, error)) (*Table, error) {
	names := []string{k.Table}
	if rename != "" && rename != k.Table {
		names = append(names, rename)
		slices.Sort(names) // one order for all, so that two renamings cannot wait for each other
	}
	var unlock []func()
	defer func() {
		for _, f := range unlock {
			f()
		}
	}()
	for _, name := range names {
		unlock = append(unlock, s.lockWriting(Key{k.Project, k.Dataset, name}))
	}
	old, err := s.Table(k)
	if err != nil {
		return nil, err
	}
	if old.Result {
		return nil, CheckTable(old)
	}
	shape, err := change(old)
	if err != nil {
		return nil, err
	}
	cols, err := Columns(shape.Meta.Schema)
	if err != nil {
		return nil, err
	}
	if at := shape.Meta.ExpirationTime; at != old.Meta.ExpirationTime && at != 0 && at <= s.clock().UnixMilli() {
		return nil, apierr.Invalid("Invalid value for expirationTime: it is in the past.")
	}
	t := &Table{Key: k, Columns: cols, Rows: old.Rows, Physical: old.Physical}
	if len(names) > 1 {
		t.Key.Table = rename
		if len(rename) > maxName || !tableName.MatchString(rename) {
			return nil, apierr.Invalid("Invalid table ID %q.", rename)
		}
		if _, err := s.Table(t.Key); err == nil {
			return nil, apierr.Duplicate("Already Exists: Table %s", t.Key)
		}
	}
	t.Meta = s.describe(t.Key, shape.Meta, shape.Meta.Schema, t.Rows)
	rewrite := !sameForm(old, shape)
	err = s.tx(ctx, func(c *duck.Conn) error {
		if rewrite {
			t.Physical = s.newPhysical(false)
			if err := s.copyColumns(ctx, c, old, t, shape.From); err != nil {
				return err
			}
		}
		if t.Key != k {
			if err := s.logTable(ctx, c, k, old.Physical, nil); err != nil {
				return err
			}
		}
		return s.logTable(ctx, c, t.Key, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	delete(s.tables, k)
	s.tables[t.Key] = t
	s.mu.Unlock()
	if rewrite {
		s.retire(old.Physical)
	}
	return t, nil
}

// sameForm tells that the stored rows serve the new shape as they are.
func sameForm(old *Table, shape *Shape) bool {
	if len(shape.From) != len(old.Columns) || old.Meta.Schema == nil || len(shape.Meta.Schema.Fields) != len(old.Meta.Schema.Fields) {
		return false
	}
	for i, f := range shape.From {
		was, is := old.Meta.Schema.Fields[i].Mode, shape.Meta.Schema.Fields[i].Mode
		if f != i || strings.EqualFold(was, "REQUIRED") != strings.EqualFold(is, "REQUIRED") {
			return false
		}
	}
	return true
}

func (s *Store) copyColumns(ctx context.Context, c *duck.Conn, old, t *Table, from []int) error {
	sql, err := createSQL(t.Physical, t.Meta.Schema, t.Columns)
	if err != nil {
		return err
	}
	if err := c.Exec(ctx, sql); err != nil {
		return err
	}
	items := make([]string, len(from))
	for i, f := range from {
		if items[i] = "NULL"; f >= 0 {
			items[i] = translate.ColumnName(f)
		} else if t.Columns[i].Type.Is(googlesql.KindArray) {
			items[i] = "[]" // no array of a table is NULL
		}
	}
	if !slices.ContainsFunc(from, func(f int) bool { return f >= 0 }) && old.Rows > 0 {
		return apierr.Invalid("a table must keep at least one column")
	}
	return c.Exec(ctx, "INSERT INTO "+t.Physical+" SELECT "+strings.Join(items, ", ")+" FROM "+old.Physical+" ORDER BY rowid")
}
