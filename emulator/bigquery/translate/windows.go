package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// analyticScan adds window functions to its input.
func (t *translator) analyticScan(s *googlesql.AnalyticScan) *rel {
	s = t.localizedWindows(s)
	r := t.scan(s.Input)
	if r.limit != "" || r.with != "" {
		r = t.wrap(r, googlesql.ColumnsOf(s.Input))
	}
	r.order = ""
	r, restore := t.localizeWindows(s, r)
	defer restore()
	input := googlesql.ColumnsOf(s.Input)
	if out, ok := t.running(s, r, input); ok {
		return out
	}
	outer := t.earlier
	t.earlier = &earlier{}
	outs := t.windowOutputs(s, input)
	if len(t.earlier.sql) > 0 {
		// Some functions need a window function of their input first: that becomes
		// columns of the input, and the functions are written again over these.
		r, t.earlier.refs = t.extended(r, input, t.earlier.sql)
		outs = t.windowOutputs(s, input)
	}
	t.earlier = outer
	if len(outs) == 0 {
		return t.derived(r.selectSQL("1 AS k0"), nil)
	}
	return t.finish(r, outs, "")
}

// earlier are the expressions that must be columns before a window function can
// be written, and how they are referred to once they are.
type earlier struct {
	sql, refs []string
}

// before gives a reference to an expression over the input of the windows.
func (t *translator) before(sql string) string {
	e := t.earlier
	if len(e.refs) > 0 {
		ref := e.refs[0]
		e.refs = e.refs[1:]
		return ref
	}
	e.sql = append(e.sql, sql)
	return "NULL"
}

func (t *translator) windowOutputs(s *googlesql.AnalyticScan, input []*googlesql.Col) []output {
	outs := t.passedOn(input)
	for _, g := range s.Groups {
		partition := ""
		if len(g.PartitionBy) > 0 {
			keys := make([]string, len(g.PartitionBy))
			for i, e := range g.PartitionBy {
				if !isGroupable(e.Type()) {
					refuse("PARTITION BY %s", e.Type())
				}
				checkType(e.Type())
				keys[i] = grouped(e.Type(), t.expr(e))
			}
			partition = "PARTITION BY " + strings.Join(keys, ", ")
		}
		for _, f := range g.Funcs {
			call, ok := f.Expr.(*googlesql.WindowCall)
			if !ok {
				refuse("a window function that is no function call")
			}
			sql, post := t.framed(call, &window{partition: partition, order: g.OrderBy})
			outs = append(outs, output{col: f.Col, sql: sql, post: post})
			t.aggregated[f.Col.ID] = true
		}
	}
	return outs
}

// passedOn are the columns of a window function's input, each once.
func (t *translator) passedOn(input []*googlesql.Col) []output {
	var outs []output
	seen := map[int]bool{}
	for _, c := range input {
		if !seen[c.ID] {
			seen[c.ID] = true
			outs = append(outs, output{col: c, sql: t.ref(c)})
		}
	}
	return outs
}

// window is what a window function is computed over.
type window struct {
	partition string
	order     []googlesql.OrderItem
	// peers has the offsets of a RANGE frame taken for CURRENT ROW.
	peers bool
}

// clause writes OVER with the frame, which may change how the rows are ordered.
func (t *translator) clause(w *window, f *googlesql.Frame) string {
	parts := []string{}
	if w.partition != "" {
		parts = append(parts, w.partition)
	}
	order, frame := "", t.frame(f, w.peers)
	if hasRangeOffset(f) && !w.peers {
		order, frame = t.rangeFrame(w, f)
	} else if len(w.order) > 0 {
		order = t.orderBy(w.order)
	}
	if order != "" {
		parts = append(parts, "ORDER BY "+order)
	}
	if frame != "" {
		parts = append(parts, frame)
	}
	return " OVER (" + strings.Join(parts, " ") + ")"
}

// numbering are the functions that look at no value.
var numbering = map[string]bool{"row_number": true, "rank": true, "dense_rank": true, "percent_rank": true, "cume_dist": true}

// windowCall translates a window function; the second result is what is to be
// done to it around the SELECT.
func (t *translator) windowCall(c *googlesql.WindowCall, w *window) (sql, post string) {
	checkType(c.T)
	if numbering[c.Name] {
		return c.Name + "()" + t.clause(w, nil), ""
	}
	if sql, ok := t.navigation(c, w); ok {
		return sql, ""
	}
	a := &aggregate{name: c.Name, args: t.aggregateArgs(c.Args), exprs: c.Args, distinct: c.Distinct, nulls: c.Nulls, limit: -1, t: c.T, partition: w.partition}
	checkNulls(c.Name, c.Nulls)
	if c.Where != nil {
		a.filter = "(" + t.expr(c.Where) + ")"
	}
	a.over = t.clause(w, c.Frame)
	sql = t.aggregate(a)
	return sql, a.post
}

// navigates are the functions that pick a row of the window.
var navigates = map[string]bool{"lag": true, "lead": true, "ntile": true, "first_value": true, "last_value": true, "nth_value": true}

// navigation translates the functions that pick a row of the window.
func (t *translator) navigation(c *googlesql.WindowCall, w *window) (string, bool) {
	if !navigates[c.Name] {
		return "", false
	}
	for _, a := range c.Args {
		checkType(a.Type())
	}
	nulls := ""
	if c.Nulls == googlesql.NullsIgnore {
		nulls = " IGNORE NULLS"
	}
	switch c.Name {
	case "lag", "lead":
		if nulls != "" {
			// Which rows the offset then counts is not documented.
			refuse("%s with IGNORE NULLS", strings.ToUpper(c.Name))
		}
		if len(c.Args) > 1 {
			t.count(c.Args[1], "the offset of "+strings.ToUpper(c.Name))
		}
		return c.Name + "(" + strings.Join(t.exprs(c.Args), ", ") + ")" + t.clause(w, nil), true
	case "ntile":
		if n := t.count(c.Args[0], "NTILE"); n == 0 {
			panic(&Invalid{"The N value (number of buckets) for the NTILE function must be positive"})
		}
		return "ntile(" + t.expr(c.Args[0]) + ")" + t.clause(w, nil), true
	case "first_value", "last_value":
		return c.Name + "(" + t.expr(c.Args[0]) + nulls + ")" + t.clause(w, c.Frame), true
	case "nth_value":
		if n := t.count(c.Args[1], "NTH_VALUE"); n == 0 {
			panic(&Invalid{"The N value for the NTH_VALUE function must be positive"})
		}
		return "nth_value(" + strings.Join(t.exprs(c.Args), ", ") + nulls + ")" + t.clause(w, c.Frame), true
	}
	return "", false
}
