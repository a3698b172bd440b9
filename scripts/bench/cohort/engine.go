package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/scripts/circecheck/suite"
	"researchhub.example/hub/shared/googlesql"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// engine is one DuckDB, set up as the local BigQuery does, and one connection to
// it. The same rows are there twice: in schema cdm as OHDSI's statements name and
// type them, in memory and in the order of the files, and in catalog hub as a
// release has them in the local BigQuery: clustered, in a file, with the index
// tables that ours read.
type engine struct {
	db      *duck.DB
	conn    *duck.Conn
	catalog googlesql.Tables
	// now is the clock that runs are measured by.
	now func() time.Duration
}

// kept is the catalog of a release as the local BigQuery keeps it.
const kept = "hub"

// data is what ours are compiled for.
var data = omop.Dataset{Project: "demo-bench", ID: "cdr"}

// source gives the SQL that reads a table's rows from files, "" where there are
// none, and the columns that it has.
type source func(ctx context.Context, c *duck.Conn, t omop.Table) (sql string, there map[string]bool, err error)

func open(ctx context.Context, scratch string, threads int, memory string, keepCDM bool, from source) (*engine, error) {
	e := &engine{catalog: googlesql.Tables{Project: data.Project, Dataset: data.ID}, now: wall}
	before := func(ctx context.Context, c *duck.Conn) error {
		if err := c.Exec(ctx, "CREATE SCHEMA cdm"); err != nil {
			return err
		}
		for _, t := range suite.Tables() {
			if err := e.load(ctx, c, t, keepCDM, from); err != nil {
				return fmt.Errorf("load %s: %w", t.Name, err)
			}
		}
		if err := e.index(ctx, c); err != nil {
			return err
		}
		return c.Exec(ctx, "CHECKPOINT "+kept)
	}
	var err error
	e.db, err = duck.Open(ctx, duck.Config{Dir: scratch, InMemory: true, Scratch: kept, MemoryLimit: memory, Threads: threads, Scalars: functions.All(), Before: before})
	if err != nil {
		return nil, err
	}
	if e.conn, err = e.db.Conn(); err != nil {
		_ = e.db.Close()
		return nil, err
	}
	// OHDSI's statements write to results.cohort, which is this catalog's.
	err = e.conn.Exec(ctx, "CREATE TABLE "+duck.Results+".main.cohort (cohort_definition_id BIGINT, subject_id BIGINT, cohort_start_date DATE, cohort_end_date DATE)")
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) load(ctx context.Context, c *duck.Conn, t omop.Table, keepCDM bool, from source) error {
	sql, there, err := from(ctx, c, t)
	if err != nil {
		return err
	}
	table := &googlesql.Table{Project: data.Project, Dataset: data.ID, Name: t.Name, Data: kept + "." + t.Name}
	ours, theirs := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, col := range t.Columns {
		ty, ok := googlesql.Simple(col.Type)
		if !ok {
			return fmt.Errorf("column %s has the type %s", col.Name, col.Type)
		}
		table.Columns = append(table.Columns, googlesql.Column{Name: col.Name, Type: ty})
		value := "NULL"
		if there[col.Name] {
			value = duck.Ident(col.Name)
		}
		value = "CAST(" + value + " AS " + suite.DuckTypes[col.Type] + ")"
		ours[i], theirs[i] = value+" AS "+translate.ColumnName(i), value+" AS "+duck.Ident(col.Name)
	}
	e.catalog.List = append(e.catalog.List, table)
	if sql == "" {
		empty := " FROM (SELECT 1) WHERE FALSE"
		if err := c.Exec(ctx, "CREATE TABLE cdm."+duck.Ident(t.Name)+" AS SELECT "+strings.Join(theirs, ", ")+empty); err != nil {
			return err
		}
		return c.Exec(ctx, "CREATE TABLE "+kept+"."+duck.Ident(t.Name)+" AS SELECT "+strings.Join(ours, ", ")+empty)
	}
	if !keepCDM {
		return c.Exec(ctx, "CREATE TABLE "+kept+"."+duck.Ident(t.Name)+" AS SELECT "+strings.Join(ours, ", ")+" FROM "+sql+orderBy(t.Cluster()))
	}
	if err := c.Exec(ctx, "CREATE TABLE cdm."+duck.Ident(t.Name)+" AS SELECT * FROM "+sql); err != nil {
		return err
	}
	return c.Exec(ctx, "CREATE TABLE "+kept+"."+duck.Ident(t.Name)+" AS SELECT "+strings.Join(ours, ", ")+" FROM cdm."+duck.Ident(t.Name)+orderBy(t.Cluster()))
}

// orderBy is the order of rows that clustering gives.
func orderBy(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(columns, ", ")
}

// index makes the index tables that ours read.
func (e *engine) index(ctx context.Context, c *duck.Conn) error {
	for _, t := range omop.IndexTables() {
		if t.Name != "hub_concept_member" {
			continue
		}
		sql, err := e.translated(ctx, statement.Statement{SQL: t.Query(data)})
		if err != nil {
			return err
		}
		table := &googlesql.Table{Project: data.Project, Dataset: data.ID, Name: t.Name, Data: kept + "." + t.Name}
		for _, col := range t.Columns {
			ty, _ := googlesql.Simple(col.Type)
			table.Columns = append(table.Columns, googlesql.Column{Name: col.Name, Type: ty})
		}
		e.catalog.List = append(e.catalog.List, table)
		if err := c.Exec(ctx, "CREATE TABLE "+kept+"."+duck.Ident(t.Name)+" AS SELECT * FROM ("+sql+") ORDER BY c0, c1"); err != nil {
			return fmt.Errorf("make %s: %w", t.Name, err)
		}
	}
	return nil
}

func (e *engine) close() {
	e.conn.Release()
	_ = e.db.Close()
}

// parquet reads a folder of Parquet files, one a table.
func parquet(folder string) source {
	return func(ctx context.Context, c *duck.Conn, t omop.Table) (string, map[string]bool, error) {
		path := filepath.Join(folder, t.Name+".parquet")
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "", nil, nil
		} else if err != nil {
			return "", nil, err
		}
		sql := "read_parquet(" + duck.Text(path) + ")"
		there, err := columns(ctx, c, sql)
		return sql, there, err
	}
}

// columns are the lower-case names of a relation's columns.
func columns(ctx context.Context, c *duck.Conn, relation string) (map[string]bool, error) {
	there := map[string]bool{}
	err := c.Query(ctx, "SELECT column_name FROM (DESCRIBE SELECT * FROM "+relation+")", func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			there[strings.ToLower(string(ch.Cols[0].Bytes(i)))] = true
		}
		return nil
	})
	return there, err
}

// translated is one of our statements as the local BigQuery runs it.
func (e *engine) translated(ctx context.Context, st statement.Statement) (string, error) {
	named, types := map[string]googlesql.Value{}, map[string]*googlesql.Type{}
	for _, p := range st.Params {
		v, err := value(p)
		if err != nil {
			return "", err
		}
		named[strings.ToLower(p.Name)], types[p.Name] = v, v.Type
	}
	a, err := googlesql.Analyze(ctx, st.SQL, googlesql.Options{Catalog: e.catalog, NamedParams: types})
	if err != nil {
		return "", err
	}
	params := translate.Params{Named: named, Now: time.Unix(0, 0).UTC(), Stored: true}
	out, err := translate.Query(a, params)
	return out.SQL, err
}

// value is a parameter as the local BigQuery takes it.
func value(p statement.Param) (googlesql.Value, error) {
	switch p.Kind {
	case statement.Int64:
		return googlesql.Value{Type: googlesql.Int64, V: p.Int}, nil
	case statement.Float64:
		return googlesql.Value{Type: googlesql.Float64, V: p.Float}, nil
	case statement.String:
		return googlesql.Value{Type: googlesql.String, V: p.Text}, nil
	case statement.Date:
		d, err := time.Parse(time.DateOnly, p.Text)
		if err != nil {
			return googlesql.Value{}, err
		}
		return googlesql.Value{Type: googlesql.Date, V: int32(d.Unix() / 86400)}, nil
	case statement.Int64Array:
		list := make([]googlesql.Value, len(p.Ints))
		for i, n := range p.Ints {
			list[i] = googlesql.Value{Type: googlesql.Int64, V: n}
		}
		return googlesql.Value{Type: googlesql.ArrayOf(googlesql.Int64), V: list}, nil
	}
	return googlesql.Value{}, fmt.Errorf("a parameter of type %s", p.Kind)
}
