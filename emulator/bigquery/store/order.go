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
// BigQuery until it orders a table anew. Rows that the order does not tell apart
// stay as they came, so that the same job stores the same table.

// arranged gives the fill of a table of a layout (nil: none) that puts the rows of
// another one in order. Those are written at once, in a transaction of their own,
// to a table in memory, which spills beyond the memory limit: of committed rows
// DuckDB knows how large the values are, and sorts them twice as quickly. drop
// must be called when the table is filled.
func (s *Store) arranged(ctx context.Context, layout *bq.Table, schema *bq.TableSchema, cols []googlesql.Column, fill Fill) (ordered Fill, drop func(), err error) {
	keys := orderKeys(layout, cols)
	if len(keys) == 0 {
		return fill, func() {}, nil
	}
	staged := s.newPhysical(true)
	create, err := createSQL(staged, schema, cols)
	if err != nil {
		return nil, nil, err
	}
	err = s.tx(ctx, func(c *duck.Conn) error {
		if err := c.Exec(ctx, create); err != nil {
			return err
		}
		return fill(c, staged, cols, schema)
	})
	if err != nil {
		return nil, nil, err
	}
	ordered = func(c *duck.Conn, physical string, _ []googlesql.Column, _ *bq.TableSchema) error {
		return c.Exec(ctx, inOrder(physical, staged, keys))
	}
	return ordered, func() { s.retire(staged) }, nil
}

// arrangeWithin is arranged for rows that only the transaction of c has: fill
// writes them to a temporary table of it.
func arrangeWithin(ctx context.Context, c *duck.Conn, layout *bq.Table, schema *bq.TableSchema, cols []googlesql.Column, physical string, fill func(physical string) error) error {
	keys := orderKeys(layout, cols)
	if len(keys) == 0 {
		return fill(physical)
	}
	const staged = "temp.main.hub_staged"
	create, err := createSQL(staged, schema, cols)
	if err != nil {
		return err
	}
	if err := c.Exec(ctx, "CREATE TEMP "+strings.TrimPrefix(create, "CREATE ")); err != nil {
		return err
	}
	if err := fill(staged); err != nil {
		return err
	}
	return execAll(ctx, c, []string{inOrder(physical, staged, keys), "DROP TABLE " + staged})
}

func inOrder(physical, staged string, keys []string) string {
	return "INSERT INTO " + physical + " SELECT * FROM " + staged + " ORDER BY " + strings.Join(keys, ", ") + ", rowid"
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
