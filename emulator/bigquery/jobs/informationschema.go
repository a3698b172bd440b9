package jobs

import (
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// schemaColumn is a column of an INFORMATION_SCHEMA view of rows of type T. A
// nil value marks one whose content is not known here: a query that needs it is
// refused.
type schemaColumn[T any] struct {
	name  string
	typ   *googlesql.Type
	value func(T) any
}

// errUnknownHere ends a query that needs a column that is not known.
func errUnknownHere(name string) string {
	return "error(" + duck.Text(duck.RefusalMark+"the column "+name+" of INFORMATION_SCHEMA is not supported by the local BigQuery") + ")"
}

// tableColumn is a column of a table for INFORMATION_SCHEMA.COLUMNS.
type tableColumn struct {
	table *store.Table
	place int
}

func always(v any) func(*store.Table) any { return func(*store.Table) any { return v } }

// The views and their columns:
// cloud.google.com/bigquery/docs/information-schema-tables and its neighbours.
var schemaTables = []schemaColumn[*store.Table]{
	{"table_catalog", googlesql.String, func(t *store.Table) any { return t.Key.Project }},
	{"table_schema", googlesql.String, func(t *store.Table) any { return t.Key.Dataset }},
	{"table_name", googlesql.String, func(t *store.Table) any { return t.Key.Table }},
	{"table_type", googlesql.String, func(t *store.Table) any { return oneOf(t.Meta.View != nil, "VIEW", "BASE TABLE") }},
	{"managed_table_type", googlesql.String, nil},
	{"is_insertable_into", googlesql.String, func(t *store.Table) any { return oneOf(t.Meta.View != nil, "NO", "YES") }},
	{"is_fine_grained_mutations_enabled", googlesql.String, nil},
	{"is_typed", googlesql.String, always("NO")},
	{"is_change_history_enabled", googlesql.String, nil},
	{"creation_time", googlesql.Timestamp, func(t *store.Table) any { return t.Meta.CreationTime * 1000 }},
	{"base_table_catalog", googlesql.String, always(nil)},
	{"base_table_schema", googlesql.String, always(nil)},
	{"base_table_name", googlesql.String, always(nil)},
	{"snapshot_time_ms", googlesql.Timestamp, always(nil)},
	{"ddl", googlesql.String, nil},
	{"default_collation_name", googlesql.String, nil},
	{"upsert_stream_apply_watermark", googlesql.Timestamp, nil},
}

var schemaViews = []schemaColumn[*store.Table]{
	{"table_catalog", googlesql.String, func(t *store.Table) any { return t.Key.Project }},
	{"table_schema", googlesql.String, func(t *store.Table) any { return t.Key.Dataset }},
	{"table_name", googlesql.String, func(t *store.Table) any { return t.Key.Table }},
	{"view_definition", googlesql.String, func(t *store.Table) any { return t.Meta.View.Query }},
	{"check_option", googlesql.String, always(nil)},
	{"use_standard_sql", googlesql.String, always("YES")},
}

var schemaColumns = []schemaColumn[tableColumn]{
	{"table_catalog", googlesql.String, func(c tableColumn) any { return c.table.Key.Project }},
	{"table_schema", googlesql.String, func(c tableColumn) any { return c.table.Key.Dataset }},
	{"table_name", googlesql.String, func(c tableColumn) any { return c.table.Key.Table }},
	{"column_name", googlesql.String, func(c tableColumn) any { return c.field().Name }},
	{"ordinal_position", googlesql.Int64, func(c tableColumn) any { return int64(c.place + 1) }},
	{"is_nullable", googlesql.String, tableColumn.nullable},
	{"data_type", googlesql.String, func(c tableColumn) any { return c.table.Columns[c.place].Type.String() }},
	{"is_generated", googlesql.String, func(tableColumn) any { return "NEVER" }},
	{"generation_expression", googlesql.String, func(tableColumn) any { return nil }},
	{"is_stored", googlesql.String, func(tableColumn) any { return nil }},
	{"is_hidden", googlesql.String, func(tableColumn) any { return "NO" }},
	{"is_updatable", googlesql.String, func(tableColumn) any { return nil }},
	{"is_system_defined", googlesql.String, func(tableColumn) any { return "NO" }},
	{"is_partitioning_column", googlesql.String, func(c tableColumn) any { return oneOf(c.partitions(), "YES", "NO") }},
	{"clustering_ordinal_position", googlesql.Int64, func(c tableColumn) any { return c.clustering() }},
	{"collation_name", googlesql.String, nil},
	{"column_default", googlesql.String, nil},
	{"rounding_mode", googlesql.String, nil},
}

var schemaSchemata = []schemaColumn[*store.Dataset]{
	{"catalog_name", googlesql.String, func(d *store.Dataset) any { return d.Key.Project }},
	{"schema_name", googlesql.String, func(d *store.Dataset) any { return d.Key.Dataset }},
	{"schema_owner", googlesql.String, func(*store.Dataset) any { return nil }},
	{"creation_time", googlesql.Timestamp, func(d *store.Dataset) any { return d.Meta.CreationTime * 1000 }},
	{"last_modified_time", googlesql.Timestamp, func(d *store.Dataset) any { return d.Meta.LastModifiedTime * 1000 }},
	{"location", googlesql.String, func(d *store.Dataset) any { return d.Meta.Location }},
	{"ddl", googlesql.String, nil},
	{"default_collation_name", googlesql.String, nil},
}

func oneOf(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func (c tableColumn) field() *bq.TableFieldSchema { return c.table.Meta.Schema.Fields[c.place] }

// unknownHere is a value that is not known.
type unknownHere struct{}

// nullable says whether the column may be NULL; what BigQuery says of an ARRAY,
// which never is, is not documented.
func (c tableColumn) nullable() any {
	if c.field().Mode == "REPEATED" {
		return unknownHere{}
	}
	return oneOf(c.field().Mode == "REQUIRED", "NO", "YES")
}

func (c tableColumn) partitions() bool {
	m := c.table.Meta
	return m.TimePartitioning != nil && strings.EqualFold(m.TimePartitioning.Field, c.field().Name) ||
		m.RangePartitioning != nil && strings.EqualFold(m.RangePartitioning.Field, c.field().Name)
}

func (c tableColumn) clustering() any {
	if c.table.Meta.Clustering == nil {
		return nil
	}
	i := slices.IndexFunc(c.table.Meta.Clustering.Fields, func(f string) bool { return strings.EqualFold(f, c.field().Name) })
	if i < 0 {
		return nil
	}
	return int64(i + 1)
}

// made makes a table of rows as they are now.
func made[T any](t *googlesql.Table, cols []schemaColumn[T], rows []T) *googlesql.Table {
	t.Columns = nil
	lines := make([]string, 0, len(rows)+1)
	cells := make([]string, len(cols))
	write := func(where string, cell func(schemaColumn[T]) string) {
		for i, c := range cols {
			cells[i] = cell(c) + " AS " + translate.ColumnName(i)
		}
		lines = append(lines, "SELECT "+strings.Join(cells, ", ")+where)
	}
	for _, c := range cols {
		t.Columns = append(t.Columns, googlesql.Column{Name: c.name, Type: c.typ})
	}
	// The first line is no row: it gives the columns their types.
	write(" WHERE FALSE", func(c schemaColumn[T]) string { return translate.Literal(googlesql.Value{Type: c.typ}) })
	for _, r := range rows {
		write("", func(c schemaColumn[T]) string {
			if c.value == nil {
				return errUnknownHere(c.name)
			}
			v := c.value(r)
			if v == (unknownHere{}) {
				return errUnknownHere(c.name)
			}
			return translate.Literal(googlesql.Value{Type: c.typ, V: v})
		})
	}
	t.Data = "(" + strings.Join(lines, " UNION ALL ") + ")"
	return t
}

// informationSchema finds a view of INFORMATION_SCHEMA; the path holds that
// word.
func (c *catalog) informationSchema(path []string) (*googlesql.Table, error) {
	i := slices.IndexFunc(path, isInformationSchema)
	refused := apierr.NotImplemented("%s is not supported by the local BigQuery", strings.Join(path, ".")).At("query")
	if i != len(path)-2 || i > 2 {
		return nil, refused
	}
	project, in, view := c.project, "", strings.ToUpper(path[i+1])
	switch i {
	case 1:
		in = path[0]
	case 2:
		project, in = path[0], path[1]
	}
	t := &googlesql.Table{Project: project, Dataset: strings.TrimPrefix(in+".INFORMATION_SCHEMA", "."), Name: view}
	if view == "SCHEMATA" && (in == "" || strings.EqualFold(in, "region-us")) {
		return made(t, schemaSchemata, c.store.Datasets(project)), nil
	}
	if in == "" || strings.HasPrefix(strings.ToLower(in), "region-") {
		return nil, refused
	}
	key := store.DatasetKey{Project: project, Dataset: in}
	if _, err := c.store.Dataset(key); err != nil {
		return nil, err
	}
	tables := c.store.Tables(key)
	switch view {
	case "TABLES":
		return made(t, schemaTables, tables), nil
	case "VIEWS":
		return made(t, schemaViews, slices.DeleteFunc(tables, func(t *store.Table) bool { return t.Meta.View == nil })), nil
	case "COLUMNS":
		var rows []tableColumn
		for _, t := range tables {
			for i := range t.Columns {
				rows = append(rows, tableColumn{t, i})
			}
		}
		if len(rows) > maxSchemaRows {
			return nil, refused
		}
		return made(t, schemaColumns, rows), nil
	}
	return nil, refused
}

// maxSchemaRows bounds the columns that INFORMATION_SCHEMA.COLUMNS shows, as they
// are written into the statement.
const maxSchemaRows = 10000

func isInformationSchema(s string) bool { return strings.EqualFold(s, "INFORMATION_SCHEMA") }
