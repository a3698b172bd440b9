package main

import (
	"context"
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// isChange tells DML, whose cases expect the number of rows changed, the table's
// rows afterwards, and those of THEN RETURN.
func isChange(a *googlesql.Analysis) bool {
	switch a.Statement.(type) {
	case *googlesql.Insert, *googlesql.Update, *googlesql.Delete, *googlesql.Merge, *googlesql.Truncate:
		return true
	}
	return false
}

// changed is what a DML statement did.
type changed struct {
	count           int64
	all, returned   *value
	table           *googlesql.Table
	returnedColumns []googlesql.Column
}

// change runs a DML case; the table is put back afterwards.
func (r *runner) change(ctx context.Context, c *testCase, a *googlesql.Analysis, p translate.Params) (outcome, string) {
	wantError := strings.HasPrefix(c.expected, "ERROR:")
	d, err := translate.Change(a, p)
	if err != nil {
		return r.failed(c, wantError, err)
	}
	want := &value{}
	if !wantError {
		p := &parser{s: c.expected}
		if want, err = p.value(); err != nil {
			return outOfScope, ""
		}
	}
	refused := duck.WatchRefusals()
	got, err := r.apply(ctx, d)
	if d.Tries && refused() {
		return refusedCase, "a value that a function refuses, within SAFE or IFERROR"
	}
	if err != nil && d.Uncertain && jobs.QueryError(err).Reason == "invalidQuery" {
		return refusedCase, "an aggregate that fails within a conditional"
	}
	if err != nil {
		return r.failed(c, wantError, err)
	}
	if wantError {
		return isWrong, fmt.Sprintf("%s\n-- want %s\n-- got  %d %s\n-- as   %s", c.sql, c.expected, got.count, show(got.all), strings.Join(d.Prepare, ";\n"))
	}
	if got.is(want) {
		return right, ""
	}
	returned := ""
	if got.returned != nil {
		returned = show(got.returned)
	}
	return isWrong, fmt.Sprintf("%s\n-- want %s\n-- got  [%d, %s, %s]\n-- as   %s", c.sql, show(want), got.count, show(got.all), returned, strings.Join(d.Prepare, ";\n"))
}

func (g *changed) is(want *value) bool {
	parts := []*value{{text: fmt.Sprint(g.count)}, g.all}
	types := []*googlesql.Type{googlesql.Int64, googlesql.ArrayOf(rowType(g.table.Columns))}
	if g.table.Values {
		types[1] = googlesql.ArrayOf(g.table.Columns[0].Type)
	}
	if g.returned != nil {
		parts, types = append(parts, g.returned), append(types, googlesql.ArrayOf(rowType(g.returnedColumns)))
	}
	if len(want.list) != len(parts) {
		return false
	}
	for i := range parts {
		if !same(want.list[i], parts[i], types[i]) {
			return false
		}
	}
	return true
}

func rowType(cols []googlesql.Column) *googlesql.Type {
	t := &googlesql.Type{Kind: googlesql.KindStruct}
	for _, c := range cols {
		t.Fields = append(t.Fields, googlesql.Field(c))
	}
	return t
}

// apply runs the statement in a transaction that is undone.
func (r *runner) apply(ctx context.Context, d *translate.DML) (*changed, error) {
	if err := r.conn.Exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return nil, err
	}
	defer func() { _ = r.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK") }()
	old, _ := d.Table.Data.(string)
	got := &changed{table: d.Table, returnedColumns: d.Columns}
	fresh := func() (string, error) {
		return "main.changed", r.conn.Exec(ctx, "CREATE TABLE main.changed AS SELECT * FROM "+old+" LIMIT 0")
	}
	before := func() (err error) {
		if d.Returning != "" {
			got.returned, err = r.rows(ctx, d.Returning, d.Columns)
		}
		return err
	}
	physical, n, err := store.Apply(ctx, r.conn, d, store.Place{Target: old, Fresh: fresh}, before)
	if err != nil {
		return nil, err
	}
	got.count = n.Total()
	names := make([]string, len(d.Table.Columns))
	for i := range names {
		names[i] = translate.ColumnName(i)
	}
	got.all, err = r.rows(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+physical, d.Table.Columns)
	if d.Table.Values && err == nil {
		for i, row := range got.all.list {
			got.all.list[i] = row.list[0]
		}
	}
	return got, err
}

// valueTable makes t a value table of a query's rows, and gives the query of its
// one column.
func valueTable(t *googlesql.Table, a *googlesql.Analysis, sql string) string {
	t.Values = true
	if !a.Columns[0].OfStruct {
		t.Columns[0].Name = "value"
		return sql
	}
	row := &googlesql.Type{Kind: googlesql.KindStruct}
	fields := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		row.Fields = append(row.Fields, googlesql.Field{Name: c.Name, Type: c.Type})
		fields[i] = fmt.Sprintf("f%d := %s", i, translate.ColumnName(i))
	}
	t.Columns = []googlesql.Column{{Name: "value", Type: row}}
	return "SELECT struct_pack(" + strings.Join(fields, ", ") + ") AS " + translate.ColumnName(0) + " FROM (" + sql + ")"
}

// rows runs a query.
func (r *runner) rows(ctx context.Context, sql string, cols []googlesql.Column) (*value, error) {
	got := &value{isList: true}
	err := r.conn.Query(ctx, sql, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			line := &value{isList: true, ordered: true}
			for k, c := range cols {
				line.list = append(line.list, cell(c.Type, ch.Cols[k], i))
			}
			got.list = append(got.list, line)
		}
		return nil
	})
	return got, err
}
