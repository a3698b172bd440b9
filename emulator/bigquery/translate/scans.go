package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// rel is a relation under construction: a FROM clause with what still has to be
// said around it. The columns of the scan it stands for are in translator.refs.
type rel struct {
	from  string
	where []string
	order string
	limit string
	// with is a WITH clause that must stand before SELECT.
	with string
	// joined tells that from is a join, which needs brackets on the right of
	// another.
	joined bool
	// cols are the columns of a derived relation.
	cols []*googlesql.Col
}

// plain reports whether the relation is a FROM clause and nothing else.
func (r *rel) plain() bool {
	return len(r.where) == 0 && r.order == "" && r.limit == "" && r.with == ""
}

// selectSQL completes the statement with a select list and what follows WHERE.
func (r *rel) selectSQL(list string, tail ...string) string {
	var b strings.Builder
	b.WriteString(r.with)
	b.WriteString("SELECT ")
	b.WriteString(list)
	if r.from != "" {
		b.WriteString(" FROM ")
		b.WriteString(r.from)
	}
	if len(r.where) > 0 {
		b.WriteString(" WHERE ")
		b.WriteString(strings.Join(r.where, " AND "))
	}
	for _, s := range tail {
		b.WriteString(s)
	}
	b.WriteString(r.order)
	b.WriteString(r.limit)
	return b.String()
}

// outputName is what a column is called by a wrapped relation.
func outputName(c *googlesql.Col) string { return fmt.Sprintf("k%d", c.ID) }

// selectList lists columns under their output names; never empty.
func (t *translator) selectList(cols []*googlesql.Col) string {
	seen := map[int]bool{}
	var items []string
	for _, c := range cols {
		if seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		items = append(items, t.ref(c)+" AS "+outputName(c))
	}
	if len(items) == 0 {
		return "1 AS k0"
	}
	return strings.Join(items, ", ")
}

// derived makes a relation of a whole SELECT whose columns have output names.
func (t *translator) derived(sql string, cols []*googlesql.Col) *rel {
	if t.size += len(sql); t.size > 16*maxSQL {
		refuse("a statement of this size")
	}
	a := t.alias("s")
	for _, c := range cols {
		t.refs[c.ID] = a + "." + outputName(c)
		delete(t.deferred, c.ID) // it has been computed now
	}
	return &rel{from: "(" + sql + ") AS " + a, cols: cols}
}

// name is how the last part of a FROM clause is called.
func (r *rel) name() string { return r.from[strings.LastIndex(r.from, " AS ")+len(" AS "):] }

// wrap makes a relation plain.
func (t *translator) wrap(r *rel, cols []*googlesql.Col) *rel {
	if r.plain() && r.from != "" {
		return r
	}
	return t.derived(r.selectSQL(t.selectList(cols)), cols)
}

// scan translates a scan.
func (t *translator) scan(s googlesql.Scan) *rel {
	cols := googlesql.ColumnsOf(s)
	switch s := s.(type) {
	case *googlesql.SingleRowScan:
		return &rel{from: "(SELECT 1) AS " + t.alias("one")}
	case *googlesql.TableScan:
		return t.tableScan(s)
	case *googlesql.FilterScan:
		r := t.scan(s.Input)
		if r.limit != "" || r.with != "" {
			r = t.wrap(r, googlesql.ColumnsOf(s.Input))
		}
		r.where = append(r.where, "("+t.condition(s.Cond)+")")
		// DuckDB may filter before it joins, and so meet rows that the join drops.
		t.uncertain = t.uncertain || r.joined && mayFail(s.Cond)
		return r
	case *googlesql.ProjectScan:
		return t.projectScan(s)
	case *googlesql.JoinScan:
		return t.joinScan(s)
	case *googlesql.ArrayScan:
		return t.arrayScan(s)
	case *googlesql.AggregateScan:
		return t.aggregateScan(s)
	case *googlesql.AnalyticScan:
		return t.analyticScan(s)
	case *googlesql.SetOpScan:
		return t.setOpScan(s)
	case *googlesql.OrderByScan:
		r := t.scan(s.Input)
		if r.limit != "" || r.with != "" {
			r = t.wrap(r, googlesql.ColumnsOf(s.Input))
		}
		r.order = " ORDER BY " + t.orderBy(s.Items)
		return r
	case *googlesql.LimitScan:
		r := t.scan(s.Input)
		if r.limit != "" || r.with != "" {
			r = t.wrap(r, googlesql.ColumnsOf(s.Input))
		}
		r.limit = t.limitClause(s)
		return r
	case *googlesql.WithScan:
		return t.withScan(s, cols)
	case *googlesql.WithRefScan:
		name, ok := t.ctes[s.Name]
		if !ok {
			refuse("a reference to the named query %s from where it stands", s.Name)
		}
		return t.cteRef(name, s.Cols)
	case *googlesql.RecursiveRefScan:
		if t.recursive == "" {
			refuse("a recursive reference from where it stands")
		}
		return t.cteRef(t.recursive, s.Cols)
	case *googlesql.RecursiveScan:
		return t.recursiveScan(s)
	case *googlesql.AssertScan:
		return t.assertScan(s)
	case *googlesql.SampleScan:
		return t.sampleScan(s)
	case *googlesql.OtherScan:
		refuse("%s", s.What)
	}
	refuse("%T", s)
	return nil
}

func (t *translator) tableScan(s *googlesql.TableScan) *rel {
	if s.View != nil {
		return t.view(s)
	}
	name, ok := s.Table.Data.(string)
	if !ok {
		refuse("the table %s", s.Table.ID())
	}
	a := t.alias("t")
	for i, c := range s.Cols {
		checkType(c.Type)
		t.refs[c.ID] = a + "." + ColumnName(s.Index[i])
		t.stored[c.ID] = true
	}
	return &rel{from: name + " AS " + a, cols: s.Cols}
}

func (t *translator) projectScan(s *googlesql.ProjectScan) *rel {
	r := t.scan(s.Input)
	if len(s.Exprs) == 0 && !t.anyDeferred(s.Cols) {
		return r
	}
	items := make([]string, 0, len(s.Cols))
	made := map[int]bool{}
	for _, x := range s.Exprs {
		items = append(items, t.expr(x.Expr)+" AS "+outputName(x.Col))
		made[x.Col.ID] = true
	}
	all := make([]*googlesql.Col, 0, len(s.Cols))
	for _, x := range s.Exprs {
		all = append(all, x.Col)
	}
	// The keys of an ordering stay reachable for what is put around it.
	kept := map[int]bool{}
	for _, c := range s.Cols {
		if !made[c.ID] && !kept[c.ID] {
			kept[c.ID] = true
			items = append(items, t.ref(c)+" AS "+outputName(c))
			all = append(all, c)
		}
	}
	if r.order != "" {
		// The order must hold outside too: DuckDB keeps the order of an ordered
		// subquery only when nothing reorders it, so the row number goes along.
		n := t.alias("ord")
		inner := t.derivedOrdered(r, items, n, all)
		return inner
	}
	return t.derived(r.selectSQL(strings.Join(items, ", ")), all)
}

// anyDeferred reports whether a column is an aggregate that has not yet been
// made to fail if it must. What hands it on as a query's result computes it.
func (t *translator) anyDeferred(cols []*googlesql.Col) bool {
	for _, c := range cols {
		if t.deferred[c.ID] {
			return true
		}
	}
	return false
}

// derivedOrdered wraps an ordered relation and orders the outside by the row
// number of the inside.
func (t *translator) derivedOrdered(r *rel, items []string, n string, cols []*googlesql.Col) *rel {
	keys := strings.TrimPrefix(r.order, " ORDER BY ")
	items = append(items, "row_number() OVER (ORDER BY "+keys+") AS "+n)
	limited := r.limit
	inner := *r
	if limited == "" {
		inner.order = ""
	}
	d := t.derived(inner.selectSQL(strings.Join(items, ", ")), cols)
	alias := d.name()
	d.order = " ORDER BY " + alias + "." + n
	return d
}

func (t *translator) limitClause(s *googlesql.LimitScan) string {
	out := ""
	if s.Limit != nil {
		out += " LIMIT " + t.rowCount(s.Limit, "LIMIT")
	}
	if s.Offset != nil {
		out += " OFFSET " + t.rowCount(s.Offset, "OFFSET")
	}
	return out
}

// rowCount writes a LIMIT or OFFSET, which must be neither NULL nor negative.
func (t *translator) rowCount(e googlesql.Expr, what string) string {
	if l, ok := e.(*googlesql.Literal); ok && what == "LIMIT" && l.Value.IsNull() {
		refuse("LIMIT NULL") // in some of GoogleSQL's dialects it is LIMIT ALL
	}
	if _, ok := t.constant(uncast(e)); ok {
		return fmt.Sprint(t.count(e, what))
	}
	x := t.expr(e)
	// DuckDB's limits end at 2^62.
	return "(CASE WHEN coalesce(" + x + ", -1) < 0 THEN error('" + what + " requires a non-null and non-negative integer') ELSE least(" + x + ", 4611686018427387904) END)"
}

// uncast leaves out a cast of INT64 to itself, which the analyzer puts around
// parameters.
func uncast(e googlesql.Expr) googlesql.Expr {
	if c, ok := e.(*googlesql.Cast); ok && c.Expr.Type().Is(googlesql.KindInt64) {
		return c.Expr
	}
	return e
}

// count reads a constant INT64 that must not be negative or NULL.
func (t *translator) count(e googlesql.Expr, what string) int64 {
	v, ok := t.constant(uncast(e))
	if !ok {
		refuse("%s that is no constant", what)
	}
	if v.IsNull() {
		panic(&Invalid{what + " requires a value that is not NULL"})
	}
	n, ok := v.V.(int64)
	if !ok || n < 0 {
		panic(&Invalid{what + " requires a non-negative integer"})
	}
	return n
}

// constant gives the value of a literal or parameter.
func (t *translator) constant(e googlesql.Expr) (googlesql.Value, bool) {
	switch e := e.(type) {
	case *googlesql.Literal:
		return e.Value, true
	case *googlesql.Param:
		return t.param(e), true
	}
	return googlesql.Value{}, false
}

var setWords = map[googlesql.SetOp]string{
	googlesql.UnionAll: " UNION ALL ", googlesql.UnionDistinct: " UNION ",
	googlesql.IntersectAll: " INTERSECT ALL ", googlesql.IntersectDistinct: " INTERSECT ",
	googlesql.ExceptAll: " EXCEPT ALL ", googlesql.ExceptDistinct: " EXCEPT ",
}

func (t *translator) setOpScan(s *googlesql.SetOpScan) *rel {
	for _, c := range s.Cols {
		checkType(c.Type)
		if s.Op != googlesql.UnionAll && !isDeepComparable(c.Type) {
			refuse("a set operation DISTINCT, INTERSECT or EXCEPT over %s", c.Type)
		}
	}
	parts := make([]string, len(s.Items))
	for i, it := range s.Items {
		parts[i] = "(" + t.setItem(it, s.Cols) + ")"
	}
	sql := parts[0]
	for _, p := range parts[1:] {
		// Left to right, as INTERSECT would otherwise bind tighter.
		sql = "(" + sql + setWords[s.Op] + p + ")"
	}
	return t.derived("SELECT * FROM ("+sql+")", s.Cols)
}

// setItem selects an input's columns under the operation's output names.
func (t *translator) setItem(it googlesql.SetItem, cols []*googlesql.Col) string {
	r := t.scan(it.Scan)
	items := make([]string, len(cols))
	for k, c := range cols {
		items[k] = t.ref(it.Out[k]) + " AS " + outputName(c)
	}
	if len(items) == 0 {
		items = []string{"1 AS k0"}
	}
	return r.selectSQL(strings.Join(items, ", "))
}
