package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// running writes a partitioned window function as one pass over sorted rows, where
// its value within the partition follows from that over all rows. DuckDB's window
// operator builds a tree of aggregates for each partition; windows without order it
// streams over the rows as they come, and they come as a subquery's ORDER BY has
// them: by the partition's keys, then in its order. In a correlated subquery they do
// not: DuckDB joins and splits them by the columns of the enclosing query. ok is false
// there, and where the scan is another than ROW_NUMBER or the greatest date so far.
func (t *translator) running(s *googlesql.AnalyticScan, r *rel, input []*googlesql.Col) (out *rel, ok bool) {
	if t.correlated > 0 || len(s.Groups) != 1 || len(s.Groups[0].Funcs) != 1 {
		return nil, false
	}
	g := s.Groups[0]
	c, isCall := g.Funcs[0].Expr.(*googlesql.WindowCall)
	if !isCall || len(g.PartitionBy) == 0 || len(g.OrderBy) == 0 {
		return nil, false
	}
	keys, byKeys := make([]string, len(g.PartitionBy)), make([]string, len(g.PartitionBy))
	for i, e := range g.PartitionBy {
		if !e.Type().Is(googlesql.KindInt64, googlesql.KindDate) {
			return nil, false
		}
		keys[i] = t.expr(e)
		byKeys[i] = keys[i] + " ASC NULLS FIRST"
	}
	order := " ORDER BY " + strings.Join(byKeys, ", ") + ", " + t.orderBy(g.OrderBy)
	var value string
	switch c.Name {
	case "row_number":
		r.order = order
		r, value = t.runningNumber(r, input, keys)
	case "max":
		lag, isRunning := t.untilHere(c.Frame)
		if !isRunning || len(keys) > 1 || !g.PartitionBy[0].Type().Is(googlesql.KindInt64) || !c.T.Is(googlesql.KindDate) || c.Distinct || c.Where != nil || c.Nulls != 0 {
			return nil, false
		}
		r.order = order
		r, value = t.runningMax(r, input, keys[0], c.Args[0], lag)
	default:
		return nil, false
	}
	outs := append(t.passedOn(input), output{col: g.Funcs[0].Col, sql: value})
	t.aggregated[g.Funcs[0].Col.ID] = true
	return t.finish(r, outs, ""), true
}

// runningNumber numbers the rows of each partition: by the row's number among all,
// less that of the partition's first row, the greatest one so far of such a row.
func (t *translator) runningNumber(r *rel, input []*googlesql.Col, keys []string) (*rel, string) {
	const number = "row_number() OVER ()"
	r, keys = t.extended(r, input, keys)
	begins := number + " = 1"
	for _, k := range keys {
		begins += " OR lag(" + k + ") OVER () IS DISTINCT FROM " + k
	}
	r, refs := t.extended(r, input, []string{number, "CASE WHEN " + begins + " THEN " + number + " END"})
	r, refs = t.extended(r, input, []string{refs[0], "max(" + refs[1] + ") OVER (ROWS UNBOUNDED PRECEDING)"})
	return r, "(" + refs[0] + " - " + refs[1] + " + 1)"
}

// runningMax gives the greatest date so far: the greatest number of all rows so far,
// the key above and the days below, is of the row's own partition, or below all
// numbers of that. With lag the row itself does not count.
func (t *translator) runningMax(r *rel, input []*googlesql.Col, key string, date googlesql.Expr, lag bool) (*rel, string) {
	own := "coalesce(CAST(" + key + " AS HUGEINT), -18446744073709551616) * 4294967296"
	r, refs := t.extended(r, input, []string{own})
	number := refs[0] + " + (" + t.expr(date) + " - DATE '1970-01-01') + 2147483648"
	r, refs = t.extended(r, input, []string{refs[0], "max(" + number + ") OVER (ROWS UNBOUNDED PRECEDING)"})
	if lag {
		r, refs = t.extended(r, input, []string{refs[0], "lag(" + refs[1] + ") OVER ()"})
	}
	day := "CAST(" + refs[1] + " - " + refs[0] + " - 2147483648 AS INTEGER)"
	return r, "(CASE WHEN " + refs[1] + " >= " + refs[0] + " THEN DATE '1970-01-01' + " + day + " END)"
}

// untilHere reports whether a frame is all rows up to the present one, or up to the
// one before it (lag).
func (t *translator) untilHere(f *googlesql.Frame) (lag, ok bool) {
	if f == nil || f.Range || f.Start != googlesql.UnboundedPreceding {
		return false, false
	}
	switch f.End {
	case googlesql.CurrentRow:
		return false, true
	case googlesql.OffsetPreceding:
		t.checkOffset(f.EndOffset)
		return true, t.count(f.EndOffset, "a window frame's offset") == 1
	default:
		return false, false
	}
}
