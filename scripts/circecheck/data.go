package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cloud.google.com/go/bigquery"
	_ "github.com/duckdb/duckdb-go/v2" // reads Parquet

	"researchhub.example/hub/scripts/circecheck/suite"
	"researchhub.example/hub/shared/omop"
)

// load makes a dataset of the CDM's tables out of Parquet files. Columns that a
// file lacks are NULL, what it has beyond the CDM is left out.
func load(ctx context.Context, client *bigquery.Client, from, dataset, scratch string) error {
	if err := client.Dataset(dataset).Create(ctx, nil); err != nil {
		return err
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, t := range suite.Tables() {
		var schema bigquery.Schema
		for _, c := range t.Columns {
			schema = append(schema, &bigquery.FieldSchema{Name: c.Name, Type: fieldTypes[c.Type]})
		}
		table := client.Dataset(dataset).Table(t.Name)
		if err := table.Create(ctx, &bigquery.TableMetadata{Schema: schema}); err != nil {
			return err
		}
		parquet := filepath.Join(from, t.Name+".parquet")
		if _, err := os.Stat(parquet); os.IsNotExist(err) {
			continue // the table stays empty
		} else if err != nil {
			return err
		}
		file := filepath.Join(scratch, "table.csv")
		if err := toCSV(ctx, db, t, parquet, file); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		if err := loadCSV(ctx, table, schema, file); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return index(ctx, client, dataset)
}

// index makes the index table that concept sets are resolved by, as a release has
// it.
func index(ctx context.Context, client *bigquery.Client, dataset string) error {
	for _, t := range omop.IndexTables() {
		if t.Name != "hub_concept_member" {
			continue
		}
		q := client.Query(t.Query(omop.Dataset{Project: project, ID: dataset}))
		q.Dst = client.Dataset(dataset).Table(t.Name)
		job, err := q.Run(ctx)
		if err != nil {
			return err
		}
		status, err := job.Wait(ctx)
		if err == nil {
			err = status.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

var fieldTypes = map[string]bigquery.FieldType{omop.Int64: bigquery.IntegerFieldType, omop.Float64: bigquery.FloatFieldType,
	omop.String: bigquery.StringFieldType, omop.Date: bigquery.DateFieldType, omop.Datetime: bigquery.DateTimeFieldType}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func toCSV(ctx context.Context, db *sql.DB, t omop.Table, parquet, file string) error {
	there, err := columns(ctx, db, parquet)
	if err != nil {
		return err
	}
	var list []string
	for _, c := range t.Columns {
		value := "NULL"
		if there[c.Name] {
			value = `"` + c.Name + `"`
		}
		list = append(list, "CAST("+value+" AS "+suite.DuckTypes[c.Type]+`) AS "`+c.Name+`"`)
	}
	//nolint:gosec // names of files are quoted, those of columns are the CDM's
	_, err = db.ExecContext(ctx, "COPY (SELECT "+strings.Join(list, ", ")+" FROM read_parquet("+quote(parquet)+")) TO "+quote(file)+
		` (FORMAT csv, HEADER, NULLSTR '\N')`)
	return err
}

// columns are the lower-case names of a file's columns.
func columns(ctx context.Context, db *sql.DB, parquet string) (map[string]bool, error) {
	// Names of files cannot be parameters; quote makes them literals.
	rows, err := db.QueryContext(ctx, "SELECT * FROM read_parquet("+quote(parquet)+") LIMIT 0") //nolint:gosec // quoted
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, n := range names {
		there[strings.ToLower(n)] = true
	}
	return there, rows.Err()
}

func loadCSV(ctx context.Context, table *bigquery.Table, schema bigquery.Schema, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	source := bigquery.NewReaderSource(in)
	source.SourceFormat, source.Schema = bigquery.CSV, schema
	source.SkipLeadingRows, source.NullMarker, source.AllowQuotedNewlines = 1, `\N`, true
	job, err := table.LoaderFrom(source).Run(ctx)
	if err != nil {
		return err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return err
	}
	return status.Err()
}
