package store

import (
	"context"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// BigQuery keeps the rows of a partition together, ordered by the clustering
// columns, and passes over the blocks that hold nothing that a query asks for. So
// that the gain is seen here as well, the rows that one job writes are stored in
// that order: DuckDB passes over a row group whose least and greatest values leave
// a query nothing. What an earlier job has written stays where it is, as in
// BigQuery until it orders a table anew.

// arranged is where rows wait to be put in order: in memory, and in the spill
// files beyond the memory limit. It lives within the transaction.
const arranged = "temp.main.hub_arranged"

// arrange has fill write rows to a table of the given columns and puts them into
// the physical table, in the order of the layout where it has one (nil: none).
// Rows that the order does not tell apart stay as they came, so that the same job
// stores the same table.
func arrange(ctx context.Context, c *duck.Conn, layout *bq.Table, schema *bq.TableSchema, cols []googlesql.Column, physical string, fill func(physical string) error) error {
	keys := orderKeys(layout, cols)
	if len(keys) == 0 {
		return fill(physical)
	}
	create, err := createSQL(arranged, schema, cols)
	if err != nil {
		return err
	}
	if err := c.Exec(ctx, "CREATE TEMP "+strings.TrimPrefix(create, "CREATE ")); err != nil {
		return err
	}
	if err := fill(arranged); err != nil {
		return err
	}
	return execAll(ctx, c, []string{
		"INSERT INTO " + physical + " SELECT * FROM " + arranged + " ORDER BY " + strings.Join(keys, ", ") + ", rowid",
		"DROP TABLE " + arranged,
	})
}

// orderKeys are what the rows of a table are ordered by: their partition and then
// the clustering columns.
func orderKeys(layout *bq.Table, cols []googlesql.Column) []string {
	if layout == nil {
		return nil
	}
	var keys []string
	t := &Table{Meta: layout, Columns: cols}
	if i, _ := LayoutColumns(t); i >= 0 {
		keys = append(keys, granule(t, i)+" NULLS FIRST")
	}
	if layout.Clustering == nil {
		return keys
	}
	for _, name := range layout.Clustering.Fields {
		i := slices.IndexFunc(cols, func(c googlesql.Column) bool { return strings.EqualFold(c.Name, name) })
		if i >= 0 {
			keys = append(keys, translate.ColumnName(i)+" NULLS FIRST")
		}
	}
	return keys
}
