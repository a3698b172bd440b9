package store

import (
	"context"
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// fixedSizes are the bytes that BigQuery counts for a value of a type
// (cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes).
// A NULL counts nothing; STRING and BYTES count 2 and their bytes, JSON the bytes
// of its canonical text.
var fixedSizes = map[googlesql.Kind]int{
	googlesql.KindInt64: 8, googlesql.KindFloat64: 8, googlesql.KindBool: 1, googlesql.KindDate: 8,
	googlesql.KindDatetime: 8, googlesql.KindTime: 8, googlesql.KindTimestamp: 8, googlesql.KindNumeric: 16, googlesql.KindInterval: 16, googlesql.KindRange: 16,
	googlesql.KindBigNumeric: 32,
}

// sizeSQL is the size of one value x.
func sizeSQL(t *googlesql.Type, x string, depth int) string {
	if n, ok := fixedSizes[t.Kind]; ok {
		return fmt.Sprintf("(CASE WHEN %s IS NULL THEN 0 ELSE %d END)", x, n)
	}
	switch t.Kind {
	case googlesql.KindString:
		return "coalesce(2 + strlen(" + x + "), 0)"
	case googlesql.KindJSON:
		return "coalesce(strlen(" + x + "), 0)" // of the canonical text
	case googlesql.KindBytes:
		return "coalesce(2 + octet_length(" + x + "), 0)"
	case googlesql.KindArray:
		v := fmt.Sprintf("x%d", depth)
		return "coalesce(list_sum(list_transform(" + x + ", lambda " + v + ": CAST(" + sizeSQL(t.Elem, v, depth+1) + " AS BIGINT))), 0)"
	case googlesql.KindStruct:
		parts := []string{"0"}
		for i, f := range t.Fields {
			parts = append(parts, sizeSQL(f.Type, fmt.Sprintf("struct_extract(%s, 'f%d')", x, i), depth))
		}
		return "(" + strings.Join(parts, " + ") + ")"
	}
	return "0"
}

// Bytes gives the logical size of each column of a table, in bytes. It is
// worked out once per version of a table.
func (s *Store) Bytes(ctx context.Context, t *Table) ([]int64, error) {
	t.sizes.Lock()
	defer t.sizes.Unlock()
	if t.bytes != nil {
		return t.bytes, nil
	}
	out := make([]int64, len(t.Columns))
	if t.Rows > 0 && len(t.Columns) > 0 {
		release := s.Acquire([]*Table{t})
		defer release()
		c, err := s.db.Conn()
		if err != nil {
			return nil, err
		}
		defer c.Release()
		items := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			name := translate.ColumnName(i)
			if n, ok := fixedSizes[col.Type.Kind]; ok {
				items[i] = fmt.Sprintf("count(%s) * %d", name, n)
			} else {
				items[i] = "CAST(coalesce(sum(" + sizeSQL(col.Type, name, 0) + "), 0) AS BIGINT)"
			}
		}
		err = c.Query(ctx, "SELECT "+strings.Join(items, ", ")+" FROM "+t.Physical, func(ch *duck.Chunk) error {
			for i := range out {
				if ch.Rows > 0 {
					out[i] = ch.Cols[i].Int64(0)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	t.bytes = out
	return out, nil
}
