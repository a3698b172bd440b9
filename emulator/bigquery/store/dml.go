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

// Changes are the numbers of rows that a DML statement has changed.
type Changes struct{ Inserted, Updated, Deleted int64 }

// Total is the number of rows changed.
func (c Changes) Total() int64 { return c.Inserted + c.Updated + c.Deleted }

// Place says where Apply writes.
type Place struct {
	// Target is the changed table when rows are only added to it, and otherwise the
	// one that Fresh makes is: empty, with the same columns.
	Target string
	Fresh  func() (string, error)
	// Layout tells by what the rows are ordered; nil: as they come.
	Layout *bq.Table
}

// Apply runs a DML statement within a transaction on c. before, if set, is called
// between the changes' being known and their being applied.
func Apply(ctx context.Context, c *duck.Conn, d *translate.DML, at Place, before func() error) (physical string, n Changes, err error) {
	for _, sql := range d.Prepare {
		if err := c.Exec(ctx, sql); err != nil {
			return "", n, err
		}
	}
	for _, check := range d.Checks {
		got, err := c.Int(ctx, check.SQL)
		if err != nil {
			return "", n, err
		}
		if got != check.Want {
			msg := check.Message
			if strings.Contains(msg, "%d") {
				msg = fmt.Sprintf(msg, got)
			}
			return "", n, apierr.InvalidQuery("%s", msg).At("query")
		}
	}
	err = c.Query(ctx, d.Counts, func(ch *duck.Chunk) error {
		if ch.Rows > 0 {
			n = Changes{ch.Cols[0].Int64(0), ch.Cols[1].Int64(0), ch.Cols[2].Int64(0)}
		}
		return nil
	})
	if err != nil {
		return "", n, err
	}
	if before != nil {
		if err := before(); err != nil {
			return "", n, err
		}
	}
	physical = at.Target
	rows := func(to string) []string { return []string{d.Append(to)} }
	if n.Updated+n.Deleted > 0 {
		if physical, err = at.Fresh(); err != nil {
			return "", n, err
		}
		rows = d.Rewrite
	}
	if n.Total() > 0 {
		var schema *bq.TableSchema
		if at.Layout != nil {
			schema = at.Layout.Schema
		}
		err = arrangeWithin(ctx, c, at.Layout, schema, d.Table.Columns, physical, func(to string) error { return execAll(ctx, c, rows(to)) })
		if err != nil {
			return "", n, requiredColumn(d.Table.Columns, err)
		}
	}
	return physical, n, execAll(ctx, c, d.Drop)
}

func execAll(ctx context.Context, c *duck.Conn, statements []string) error {
	for _, sql := range statements {
		if err := c.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// requiredColumn names the column of a NOT NULL violation as BigQuery does.
func requiredColumn(cols []googlesql.Column, err error) error {
	if !strings.Contains(err.Error(), "NOT NULL constraint failed") {
		return err
	}
	for i, c := range cols {
		if strings.HasSuffix(strings.TrimSpace(err.Error()), "."+translate.ColumnName(i)) {
			return apierr.InvalidQuery("Required field %s cannot be null", c.Name).At("query")
		}
	}
	return err
}

// Change runs a DML statement on a table. The writers of one table take turns:
// resolve is called when it is this one's, with the table as it is then, and
// gives the translated statement. The table has a new version afterwards, which
// those who read the old one do not see.
func (s *Store) Change(ctx context.Context, k Key, resolve func(*Table) (*translate.DML, error)) (*Table, Changes, error) {
	var n Changes
	unlock := s.lockWriting(k)
	defer unlock()
	old, err := s.Table(k)
	if err != nil {
		return nil, n, err
	}
	if err := CheckTable(old); err != nil {
		return nil, n, err
	}
	d, err := resolve(old)
	if err != nil {
		return nil, n, err
	}
	refused := duck.WatchRefusals()
	t := &Table{Key: k, Columns: old.Columns}
	err = s.tx(ctx, func(c *duck.Conn) error {
		fresh := func() (string, error) {
			name := s.newPhysical(false)
			sql, err := createSQL(name, old.Meta.Schema, old.Columns)
			if err != nil {
				return "", err
			}
			return name, c.Exec(ctx, sql)
		}
		if t.Physical, n, err = Apply(ctx, c, d, Place{old.Physical, fresh, old.Meta}, nil); err != nil {
			return err
		}
		if d.Tries && refused() {
			return apierr.NotImplemented("a value that a function refuses, within SAFE or IFERROR, is not supported by the local BigQuery").At("query")
		}
		t.Rows = old.Rows + n.Inserted - n.Deleted
		t.Meta = s.describe(k, old.Meta, old.Meta.Schema, t.Rows)
		return s.logTable(ctx, c, k, t.Physical, t.Meta)
	})
	if err != nil {
		return nil, n, err
	}
	s.put(t)
	if t.Physical != old.Physical {
		s.retire(old.Physical)
	}
	return t, n, nil
}

// Query runs a translated statement that changes nothing.
func (s *Store) Query(ctx context.Context, sql string, each func(*duck.Chunk) error) error {
	c, err := s.db.Conn()
	if err != nil {
		return err
	}
	defer c.Release()
	return c.Query(ctx, sql, each)
}
