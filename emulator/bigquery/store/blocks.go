package store

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// The model of a table's storage that tells what a query reads of it. BigQuery
// keeps a partition's rows sorted by the clustering columns in blocks and reads
// the blocks that may hold rows that are asked for. Here a block is made of whole
// values of the leading clustering column, in order, of blockRows rows or more: so
// what is counted is never less than the rows that are asked for, and a little
// more at both ends, as in BigQuery. A partition is as BigQuery defines it,
// whatever rows it holds.

const (
	// blockRows is how many rows a block has at least, if its partition has them.
	blockRows = 8192
	// maxGroups bounds the values that are counted one by one; a table of more is
	// cut into ranges of maxBuckets equal widths, or by its partitions only.
	maxGroups  = 100_000
	maxBuckets = 10_000
)

// Bound is the place of a value in its column's order: a number (INT64 itself,
// DATE in days, TIMESTAMP and DATETIME in microseconds since 1970) or text.
type Bound struct {
	Number int64
	Text   []byte
}

// Compare orders bounds of one column.
func (b Bound) Compare(o Bound) int {
	if b.Text != nil || o.Text != nil {
		return bytes.Compare(b.Text, o.Text)
	}
	switch {
	case b.Number < o.Number:
		return -1
	case b.Number > o.Number:
		return 1
	}
	return 0
}

// Range is the values of a column from Low to High, or only NULL.
type Range struct {
	Low, High Bound
	Null      bool
}

// Block is a part of a table that is read whole or not at all.
type Block struct {
	// Partition is the range of the partitioning column; nil: any value.
	Partition *Range
	// Cluster is the range of the leading clustering column; nil: any value.
	Cluster *Range
	// Bytes are the logical sizes of the columns.
	Bytes []int64
}

// Layout is a table cut into blocks.
type Layout struct {
	// PartitionColumn and ClusterColumn are the columns' places; -1: none.
	PartitionColumn, ClusterColumn int
	Blocks                         []Block
}

// orderable are the types that blocks are told apart by.
func orderable(t *googlesql.Type) bool {
	return t.Is(googlesql.KindInt64, googlesql.KindDate, googlesql.KindTimestamp, googlesql.KindDatetime, googlesql.KindString)
}

// LayoutColumns are the columns that a query of the table may be pruned by.
func LayoutColumns(t *Table) (partition, cluster int) {
	partition, cluster = -1, -1
	for i, c := range t.Columns {
		m := t.Meta
		if p := m.TimePartitioning; p != nil && strings.EqualFold(p.Field, c.Name) && p.Field != "" {
			partition = i
		}
		if p := m.RangePartitioning; p != nil && strings.EqualFold(p.Field, c.Name) {
			partition = i
		}
		if k := m.Clustering; k != nil && len(k.Fields) > 0 && strings.EqualFold(k.Fields[0], c.Name) && orderable(c.Type) {
			cluster = i
		}
	}
	return partition, cluster
}

// Blocks cuts a table into blocks. It is worked out once per version of a table.
func (s *Store) Blocks(ctx context.Context, t *Table) (*Layout, error) {
	t.sizes.Lock()
	defer t.sizes.Unlock()
	if t.layout != nil {
		return t.layout, nil
	}
	l := &Layout{}
	l.PartitionColumn, l.ClusterColumn = LayoutColumns(t)
	release := s.Acquire([]*Table{t})
	defer release()
	c, err := s.db.Conn()
	if err != nil {
		return nil, err
	}
	defer c.Release()
	key := "CAST(NULL AS BIGINT)"
	if l.ClusterColumn >= 0 {
		if key, err = clusterKey(ctx, c, t, l); err != nil {
			return nil, err
		}
	}
	if err := l.read(ctx, c, t, key); err != nil {
		return nil, err
	}
	t.layout = l
	return l, nil
}

// place is a column's value as a Bound is: a number or text.
func place(t *googlesql.Type, x string) string {
	switch t.Kind {
	case googlesql.KindDate:
		return "CAST(" + x + " - DATE '1970-01-01' AS BIGINT)"
	case googlesql.KindTimestamp, googlesql.KindDatetime:
		return "epoch_us(" + x + ")"
	}
	return x
}

// clusterKey is what rows are grouped by within a partition: the leading
// clustering column's value where there are few, else ranges of equal width.
func clusterKey(ctx context.Context, c *duck.Conn, t *Table, l *Layout) (string, error) {
	col := t.Columns[l.ClusterColumn]
	x := place(col.Type, translate.ColumnName(l.ClusterColumn))
	values, err := c.Int(ctx, "SELECT approx_count_distinct("+x+") FROM "+t.Physical)
	if err != nil {
		return "", err
	}
	if l.PartitionColumn >= 0 {
		parts, err := c.Int(ctx, "SELECT approx_count_distinct("+granule(t, l.PartitionColumn)+") FROM "+t.Physical)
		if err != nil {
			return "", err
		}
		values *= max(parts, 1)
	}
	if values <= maxGroups {
		return x, nil
	}
	if col.Type.Kind == googlesql.KindString || l.PartitionColumn >= 0 {
		l.ClusterColumn = -1 // by its partitions only
		return "CAST(NULL AS BIGINT)", nil
	}
	low := "(SELECT min(" + x + ")::HUGEINT FROM " + t.Physical + ")"
	high := "(SELECT max(" + x + ")::HUGEINT FROM " + t.Physical + ")"
	return fmt.Sprintf("(%s::HUGEINT - %s) // ((%s - %s) // %d + 1)", x, low, high, low, maxBuckets), nil
}

// granule is the number of a row's partition: its beginning, as a Bound.
func granule(t *Table, column int) string {
	x := translate.ColumnName(column)
	if p := t.Meta.RangePartitioning; p != nil {
		r := p.Range
		// Rows outside the ranges are in a partition of their own, which is always
		// read: the least number stands for it.
		return fmt.Sprintf("CASE WHEN %s < %d OR %s >= %d THEN %d ELSE CAST(%d + ((%s::HUGEINT - %d) // %d) * %d AS BIGINT) END",
			x, r.Start, x, r.End, outside, r.Start, x, r.Start, r.Interval, r.Interval)
	}
	typ := t.Columns[column].Type
	unit := strings.ToLower(t.Meta.TimePartitioning.Type)
	if typ.Kind == googlesql.KindDate {
		return place(typ, "CAST(date_trunc('"+unit+"', "+x+") AS DATE)")
	}
	return place(typ, "date_trunc('"+unit+"', "+x+")")
}

// outside is the number of the partition of rows that are in no range.
const outside = -1 << 63

// granuleEnd is the last value of the partition that begins at g.
func granuleEnd(t *Table, column int, g int64) Bound {
	if p := t.Meta.RangePartitioning; p != nil {
		return Bound{Number: min(g+p.Range.Interval-1, p.Range.End-1)}
	}
	return Bound{Number: nextPartition(t.Columns[column].Type.Kind == googlesql.KindDate, t.Meta.TimePartitioning.Type, g) - 1}
}

// read groups the rows and puts the groups together to blocks.
func (l *Layout) read(ctx context.Context, c *duck.Conn, t *Table, key string) error {
	part := "CAST(NULL AS BIGINT)"
	if l.PartitionColumn >= 0 {
		part = granule(t, l.PartitionColumn)
	}
	lead, text := "CAST(NULL AS BIGINT)", false
	if l.ClusterColumn >= 0 {
		typ := t.Columns[l.ClusterColumn].Type
		lead, text = place(typ, translate.ColumnName(l.ClusterColumn)), typ.Kind == googlesql.KindString
	}
	items := []string{"p", "min(x)", "max(x)", "count(*)"}
	for i, col := range t.Columns {
		items = append(items, "CAST(coalesce(sum("+sizeSQL(col.Type, translate.ColumnName(i), 0)+"), 0) AS BIGINT)")
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM (SELECT *, " + part + " AS p, " + key + " AS k, " + lead + " AS x FROM " + t.Physical +
		") GROUP BY p, k ORDER BY p NULLS FIRST, 2 NULLS FIRST"
	var open *Block
	var rows, openPart int64
	var openNull bool
	bound := func(v *duck.Vector, row int) Bound {
		if text {
			return Bound{Text: append([]byte{}, v.Bytes(row)...)}
		}
		return Bound{Number: v.Int64(row)}
	}
	return c.Query(ctx, sql, func(ch *duck.Chunk) error {
		for i := range ch.Rows {
			nullPart, nullLead := !ch.Cols[0].Valid(i), !ch.Cols[1].Valid(i)
			var g int64
			if !nullPart {
				g = ch.Cols[0].Int64(i)
			}
			if open == nil || openNull != nullPart || openPart != g || rows >= blockRows || l.ClusterColumn >= 0 && (nullLead || open.Cluster.Null) {
				l.Blocks = append(l.Blocks, Block{Bytes: make([]int64, len(t.Columns))})
				open, rows, openPart, openNull = &l.Blocks[len(l.Blocks)-1], 0, g, nullPart
				if l.PartitionColumn >= 0 {
					switch {
					case nullPart:
						open.Partition = &Range{Null: true}
					case t.Meta.RangePartitioning == nil || g != outside:
						open.Partition = &Range{Low: Bound{Number: g}, High: granuleEnd(t, l.PartitionColumn, g)}
					}
				}
				if l.ClusterColumn >= 0 {
					open.Cluster = &Range{Null: nullLead}
					if !nullLead {
						open.Cluster.Low = bound(ch.Cols[1], i)
					}
				}
			}
			if l.ClusterColumn >= 0 && !nullLead {
				open.Cluster.High = bound(ch.Cols[2], i)
			}
			rows += ch.Cols[3].Int64(i)
			for k := range t.Columns {
				open.Bytes[k] += ch.Cols[4+k].Int64(i)
			}
		}
		return nil
	})
}
