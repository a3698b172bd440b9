package translate

import (
	"researchhub.example/hub/shared/googlesql"
)

// runningMax writes the greatest date so far of each partition, which DuckDB's
// window operator takes a tree of aggregates for, as one pass over sorted rows:
// ordered by the partition's key first, the rows' greatest number so far, the key
// above and the days below, is of the row's own partition, or below all numbers of
// that. DuckDB streams windows without order over the rows as they come, and they
// come as a subquery's ORDER BY has them. ok is false where the scan is another.
func (t *translator) runningMax(s *googlesql.AnalyticScan, r *rel, input []*googlesql.Col) (out *rel, ok bool) {
	if len(s.Groups) != 1 || len(s.Groups[0].Funcs) != 1 || len(s.Groups[0].PartitionBy) != 1 || len(s.Groups[0].OrderBy) == 0 {
		return nil, false
	}
	g := s.Groups[0]
	c, isCall := g.Funcs[0].Expr.(*googlesql.WindowCall)
	if !isCall || c.Name != "max" || !c.T.Is(googlesql.KindDate) || c.Distinct || c.Where != nil || c.Nulls != 0 ||
		!g.PartitionBy[0].Type().Is(googlesql.KindInt64) {
		return nil, false
	}
	f := c.Frame
	if f == nil || f.Range || f.Start != googlesql.UnboundedPreceding {
		return nil, false
	}
	before := int64(0)
	switch f.End {
	case googlesql.CurrentRow:
	case googlesql.OffsetPreceding:
		t.checkOffset(f.EndOffset)
		if before = t.count(f.EndOffset, "a window frame's offset"); before != 1 {
			return nil, false
		}
	default:
		return nil, false
	}
	key := t.expr(g.PartitionBy[0])
	own := "coalesce(CAST(" + key + " AS HUGEINT), -18446744073709551616) * 4294967296"
	r.order = " ORDER BY " + key + " ASC NULLS FIRST, " + t.orderBy(g.OrderBy)
	r, refs := t.extended(r, input, []string{own})
	number := refs[0] + " + (" + t.expr(c.Args[0]) + " - DATE '1970-01-01') + 2147483648"
	r, refs = t.extended(r, input, []string{refs[0], "max(" + number + ") OVER (ROWS UNBOUNDED PRECEDING)"})
	if before == 1 {
		r, refs = t.extended(r, input, []string{refs[0], "lag(" + refs[1] + ") OVER ()"})
	}
	var outs []output
	seen := map[int]bool{}
	for _, col := range input {
		if !seen[col.ID] {
			seen[col.ID] = true
			outs = append(outs, output{col: col, sql: t.ref(col)})
		}
	}
	day := "CAST(" + refs[1] + " - " + refs[0] + " - 2147483648 AS INTEGER)"
	outs = append(outs, output{col: g.Funcs[0].Col, sql: "(CASE WHEN " + refs[1] + " >= " + refs[0] + " THEN DATE '1970-01-01' + " + day + " END)"})
	t.aggregated[g.Funcs[0].Col.ID] = true
	return t.finish(r, outs, ""), true
}
