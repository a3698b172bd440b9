package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// fewRows bounds the tables of a statement whose windows are written without
// partitions. DuckDB spreads the rows of a partitioned window over sixteen parts
// and sorts each, which costs a millisecond or two however few they are; sorted as
// one, some hundred rows cost a tenth of that, some millions half as much again.
const fewRows = 1_000_000

// unpartitioned writes a window function that is partitioned as one over all rows,
// ordered by the partition's keys first. ok is false where it is not one of those
// for which the value within the partition follows from that over all rows.
func (t *translator) unpartitioned(c *googlesql.WindowCall, w *window) (sql string, ok bool) {
	if t.params.Rows == 0 || t.params.Rows > fewRows || len(w.keys) == 0 || len(w.order) == 0 {
		return "", false
	}
	byKeys := make([]string, len(w.keys))
	for i, k := range w.keys {
		if !w.types[i].Is(googlesql.KindInt64, googlesql.KindDate) {
			return "", false
		}
		byKeys[i] = k + " ASC NULLS FIRST"
	}
	keys := strings.Join(byKeys, ", ")
	order := "ORDER BY " + keys + ", " + t.orderBy(w.order)
	switch c.Name {
	case "row_number":
		// What comes before the partition is counted by the rank of its keys.
		return "(row_number() OVER (" + order + ") - rank() OVER (ORDER BY " + keys + ") + 1)", true
	case "max":
		f := c.Frame
		if len(w.keys) > 1 || !w.types[0].Is(googlesql.KindInt64) || !c.T.Is(googlesql.KindDate) || c.Distinct || c.Where != nil ||
			c.Nulls != 0 || f == nil || f.Range || f.Start != googlesql.UnboundedPreceding ||
			f.End != googlesql.CurrentRow && f.End != googlesql.OffsetPreceding {
			return "", false
		}
		// The key above and the days below make one number. The greatest one up to a
		// row is of the row's own partition, or below all numbers of that.
		own := "coalesce(CAST(" + w.keys[0] + " AS HUGEINT), -18446744073709551616) * 4294967296"
		greatest := "max(" + own + " + (" + t.expr(c.Args[0]) + " - DATE '1970-01-01') + 2147483648) OVER (" + order + " " + t.frame(f, false) + ")"
		return "(DATE '1970-01-01' + CAST(nullif(greatest(" + greatest + " - " + own + ", -1), -1) - 2147483648 AS INTEGER))", true
	}
	return "", false
}
