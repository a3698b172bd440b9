package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// analyticScan adds window functions to its input.
func (t *translator) analyticScan(s *googlesql.AnalyticScan) *rel {
	r := t.scan(s.Input)
	if r.limit != "" || r.with != "" {
		r = t.wrap(r, googlesql.ColumnsOf(s.Input))
	}
	r.order = ""
	input := googlesql.ColumnsOf(s.Input)
	var items []string
	if len(input) > 0 {
		items = append(items, t.selectList(input))
	}
	cols := append([]*googlesql.Col{}, input...)
	for _, g := range s.Groups {
		var parts []string
		if len(g.PartitionBy) > 0 {
			keys := make([]string, len(g.PartitionBy))
			for i, e := range g.PartitionBy {
				if !isComparable(e.Type()) {
					refuse("PARTITION BY %s", e.Type())
				}
				keys[i] = t.expr(e)
			}
			parts = append(parts, "PARTITION BY "+strings.Join(keys, ", "))
		}
		if len(g.OrderBy) > 0 {
			parts = append(parts, "ORDER BY "+t.orderBy(g.OrderBy))
		}
		window := strings.Join(parts, " ")
		for _, f := range g.Funcs {
			call, ok := f.Expr.(*googlesql.WindowCall)
			if !ok {
				refuse("a window function that is no function call")
			}
			items = append(items, t.windowCall(call, window)+" AS "+outputName(f.Col))
			t.aggregated[f.Col.ID] = true
			cols = append(cols, f.Col)
		}
	}
	if len(items) == 0 {
		items = []string{"1 AS k0"}
	}
	return t.derived(r.selectSQL(strings.Join(items, ", ")), cols)
}

// windowFuncs are the functions that exist over windows only, by a pattern in
// which $o is the window.
var windowFuncs = map[string]string{
	"row_number": "row_number() OVER ($o)", "rank": "rank() OVER ($o)", "dense_rank": "dense_rank() OVER ($o)",
	"percent_rank": "percent_rank() OVER ($o)", "cume_dist": "cume_dist() OVER ($o)",
}

func (t *translator) windowCall(c *googlesql.WindowCall, window string) string {
	checkType(c.T)
	for _, a := range c.Args {
		checkType(a.Type())
	}
	if p, ok := windowFuncs[c.Name]; ok {
		return stringsReplace(p, "$o", window)
	}
	nulls := ""
	if c.Nulls == googlesql.NullsIgnore {
		nulls = " IGNORE NULLS"
	}
	args := t.exprs(c.Args)
	switch c.Name {
	case "lag", "lead":
		if len(args) > 1 {
			t.count(c.Args[1], "the offset of "+strings.ToUpper(c.Name))
		}
		return c.Name + "(" + strings.Join(args, ", ") + nulls + ") OVER (" + window + ")"
	case "ntile":
		if n := t.count(c.Args[0], "NTILE"); n == 0 {
			panic(&Invalid{"The N value (number of buckets) for the NTILE function must be positive"})
		}
		return "ntile(" + args[0] + ") OVER (" + window + ")"
	case "first_value", "last_value":
		return c.Name + "(" + args[0] + nulls + ") OVER (" + window + t.frame(c.Frame) + ")"
	case "nth_value":
		if n := t.count(c.Args[1], "NTH_VALUE"); n == 0 {
			panic(&Invalid{"The N value for the NTH_VALUE function must be positive"})
		}
		return "nth_value(" + strings.Join(args, ", ") + nulls + ") OVER (" + window + t.frame(c.Frame) + ")"
	}
	a := &aggregate{name: c.Name, args: args, exprs: c.Args, distinct: c.Distinct, nulls: c.Nulls, limit: -1, t: c.T}
	if c.Nulls != googlesql.NullsDefault {
		refuse("IGNORE or RESPECT NULLS with %s over a window", strings.ToUpper(c.Name))
	}
	if c.Where != nil {
		a.filter = "(" + t.expr(c.Where) + ")"
	}
	a.over = " OVER (" + window + t.frame(c.Frame) + ")"
	return t.aggregate(a, c.Args)
}

var boundWords = map[googlesql.Bound]string{
	googlesql.UnboundedPreceding: "UNBOUNDED PRECEDING", googlesql.CurrentRow: "CURRENT ROW",
	googlesql.UnboundedFollowing: "UNBOUNDED FOLLOWING",
}

// frame writes a window frame.
func (t *translator) frame(f *googlesql.Frame) string {
	if f == nil {
		return ""
	}
	if f.Range && (f.StartOffset != nil || f.EndOffset != nil) {
		refuse("a RANGE frame with an offset")
	}
	unit := " ROWS"
	if f.Range {
		unit = " RANGE"
	}
	return unit + " BETWEEN " + t.bound(f.Start, f.StartOffset) + " AND " + t.bound(f.End, f.EndOffset)
}

func (t *translator) bound(b googlesql.Bound, offset googlesql.Expr) string {
	if w, ok := boundWords[b]; ok {
		return w
	}
	n := t.count(offset, "a window frame's offset")
	if b == googlesql.OffsetPreceding {
		return fmt.Sprintf("%d PRECEDING", n)
	}
	return fmt.Sprintf("%d FOLLOWING", n)
}
