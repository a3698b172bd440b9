package loader

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/omop"
)

// cdmDataset is a BigQuery dataset of CDM tables, or views, as the origin of a
// release. Its tables are copied by queries that put the columns into the CDM's
// order and types; the data never leaves BigQuery.
type cdmDataset struct {
	client *bigquery.Client
	from   omop.Dataset
	place  string
	found  []source
	lacks  []string
	others []string
	// headers are the columns' own names per table, views the tables whose rows
	// BigQuery does not count, states what told each table's data apart when it was
	// opened.
	headers map[string][]string
	views   map[string]bool
	rows    map[string]int64
	states  map[string]string
}

// maxTables bounds the tables of a dataset that are looked at.
const maxTables = 5000

// openDataset looks at every table of a dataset. It fails as openFolder does when
// they are no CDM, and when a column has a type that the CDM's cannot be made from.
func openDataset(ctx context.Context, client *bigquery.Client, from omop.Dataset) (*cdmDataset, error) {
	if err := from.Check(); err != nil {
		return nil, err
	}
	d := &cdmDataset{client: client, from: from, headers: map[string][]string{}, views: map[string]bool{}, rows: map[string]int64{}, states: map[string]string{}}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta, err := client.DatasetInProject(from.Project, from.ID).Metadata(call)
	if err != nil {
		return nil, fmt.Errorf("look at dataset %s: %w", d.name(), err)
	}
	d.place = meta.Location
	ids, err := d.list(ctx)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, t := range omop.Tables() {
		id, ok := ids[t.Name]
		if !ok {
			d.lacks = append(d.lacks, t.Name)
			if t.Needed {
				problems = append(problems, fmt.Errorf("table %s is missing", t.Name))
			}
			continue
		}
		s, err := d.open(ctx, t, id)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		d.found = append(d.found, s)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s is not an OMOP CDM dataset that can be loaded:\n%w", d.name(), errors.Join(problems...))
	}
	return d, nil
}

// list gives the ids of the CDM's tables by their lower-case names.
func (d *cdmDataset) list(ctx context.Context) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ids := map[string]string{}
	it := d.client.DatasetInProject(d.from.Project, d.from.ID).Tables(ctx)
	for range maxTables {
		t, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return ids, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the tables of %s: %w", d.name(), err)
		}
		name := strings.ToLower(t.TableID)
		if _, known := omop.TableNamed(name); !known {
			d.others = append(d.others, t.TableID)
			continue
		}
		if other, twice := ids[name]; twice {
			return nil, fmt.Errorf("table %s is there twice, as %s and as %s: keep one of them", name, other, t.TableID)
		}
		ids[name] = t.TableID
	}
	return nil, fmt.Errorf("%s has more than %d tables: give one that holds the CDM only", d.name(), maxTables)
}

func (d *cdmDataset) open(ctx context.Context, t omop.Table, id string) (source, error) {
	s := source{table: t, path: id}
	meta, err := d.metadata(ctx, id)
	if err != nil {
		return source{}, err
	}
	var header []string
	for _, f := range meta.Schema {
		header = append(header, f.Name)
	}
	if err := s.match(header); err != nil {
		return source{}, err
	}
	var problems []error
	for i, c := range t.Columns {
		if s.columns[i] < 0 {
			continue
		}
		if f := meta.Schema[s.columns[i]]; f.Repeated || !castable(f.Type, c.Type) {
			problems = append(problems, &DataError{File: id, Column: f.Name,
				Problem: fmt.Sprintf("its type is %s, of which the CDM's %s cannot be made", typeName(f), c.Type)})
		}
	}
	d.headers[t.Name], d.states[t.Name] = header, state(meta)
	d.views[t.Name], d.rows[t.Name] = meta.Type != bigquery.RegularTable, int64(meta.NumRows)
	return s, errors.Join(problems...)
}

func (d *cdmDataset) metadata(ctx context.Context, id string) (*bigquery.TableMetadata, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta, err := d.client.DatasetInProject(d.from.Project, d.from.ID).Table(id).Metadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at table %s of %s: %w", id, d.name(), err)
	}
	return meta, nil
}

// state tells a table's data from its data at another time. A view's cannot be
// told; it is as old as its definition.
func state(m *bigquery.TableMetadata) string {
	return fmt.Sprintf("%s %d %d %d", m.FullID, m.NumRows, m.CreationTime.UnixMilli(), m.LastModifiedTime.UnixMilli())
}

// castable tells which types the CDM's are made from without a guess: TIMESTAMPs
// are read in UTC, dates with a time lose it where the CDM wants a date.
func castable(from bigquery.FieldType, to string) bool {
	switch to {
	case omop.Int64:
		return from == bigquery.IntegerFieldType
	case omop.Float64:
		return from == bigquery.FloatFieldType || from == bigquery.IntegerFieldType || from == bigquery.NumericFieldType || from == bigquery.BigNumericFieldType
	case omop.String:
		return from == bigquery.StringFieldType || from == bigquery.IntegerFieldType
	}
	return from == bigquery.DateFieldType || from == bigquery.DateTimeFieldType || from == bigquery.TimestampFieldType
}

func typeName(f *bigquery.FieldSchema) string {
	if f.Repeated {
		return "ARRAY of " + string(f.Type)
	}
	return string(f.Type)
}

func (d *cdmDataset) name() string      { return d.from.Project + "." + d.from.ID }
func (d *cdmDataset) has() []source     { return d.found }
func (d *cdmDataset) missing() []string { return d.lacks }
func (d *cdmDataset) skipped() []string { return d.others }
func (d *cdmDataset) location() string  { return d.place }

func (d *cdmDataset) fingerprint(context.Context) (string, error) {
	return fingerprintOf(d.found, d.states), nil
}

// brought looks at every table a second time.
func (d *cdmDataset) brought(ctx context.Context, _ map[string]string) (string, error) {
	for _, s := range d.found {
		meta, err := d.metadata(ctx, s.path)
		if err != nil {
			return "", err
		}
		if state(meta) != d.states[s.table.Name] {
			return "", fmt.Errorf("table %s of %s changed while it was read: run again when nobody writes to it", s.path, d.name())
		}
	}
	return d.fingerprint(ctx)
}

// bring copies one table.
func (d *cdmDataset) bring(ctx context.Context, a *attempt, s source, _ func(rows int64)) (tally, error) {
	sql, err := d.statement(s)
	if err != nil {
		return tally{}, err
	}
	if err := a.make(ctx, omop.TierControlled, s.table.Name, sql, clustering(s.table)); err != nil {
		return tally{}, err
	}
	rows, err := a.rows(ctx, omop.TierControlled, s.table.Name)
	if err == nil && !d.views[s.table.Name] && rows != d.rows[s.table.Name] {
		err = fmt.Errorf("table %s has %d rows and %d came: run again when nobody writes to it", s.path, d.rows[s.table.Name], rows)
	}
	return tally{rows: rows}, err
}

func (d *cdmDataset) statement(s source) (string, error) {
	if !plain(strings.ToLower(filepath.Base(s.path))) {
		return "", fmt.Errorf("table %q cannot be named in a statement", s.path)
	}
	var columns []string
	for i, c := range s.table.Columns {
		from := "NULL"
		if at := s.columns[i]; at >= 0 {
			own := d.headers[s.table.Name][at]
			if !plain(strings.ToLower(own)) {
				return "", &DataError{File: s.name(), Column: c.Name, Problem: "the column's own name cannot stand in a statement"}
			}
			from = "`" + own + "`"
		}
		columns = append(columns, "CAST("+from+" AS "+c.Type+") AS `"+c.Name+"`")
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + d.from.Table(s.path), nil
}
