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
	}
	return "", false
}
