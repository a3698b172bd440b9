package googlesql

import (
	"fmt"
	"slices"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// converter turns the analyzer's resolved tree into this package's.
type converter struct {
	sql        string
	tables     map[string]*Table
	named      map[string]*Type
	positional []*Type
	cols       map[int]*Col
	uses       []*TableUse
	others     []string
	depth      int
	// views are the statement's, which grafts puts into the tree.
	views  map[string]*resolvedView
	grafts *grafts
	// offset is added to the analyzer's column ids, and prefix stands before the
	// names of WITH, so that those of a view differ from its surroundings'.
	offset int
	prefix string
	// collated and compares tell that a column has a collation and that something
	// compares columns without saying how; see settleCollation.
	collated, compares bool
}

// conversionFailure is a fault of the analyzer's accessors; it is thrown by
// must and caught in engine.analyze.
type conversionFailure struct{ err error }

// Error implements error.
func (f conversionFailure) Error() string {
	return fmt.Sprintf("read the resolved statement: %v", f.err)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(conversionFailure{err})
	}
	return v
}

// other notes a part of the tree that is not described.
func (c *converter) other(what string) {
	if !slices.Contains(c.others, what) {
		c.others = append(c.others, what)
	}
}

// analysis converts the whole output.
func (c *converter) analysis(out *gsql.AnalyzerOutput) *Analysis {
	c.cols = map[int]*Col{}
	stmt := must(out.ResolvedStatement())
	a := &Analysis{Kind: must(stmt.NodeKindString())}
	q, ok := stmt.(*gsql.ResolvedQueryStmt)
	if !ok {
		if a.Statement = c.statement(stmt, a); a.Statement == nil {
			c.collect(stmt)
			c.others = []string{"the statement " + statementName(a.Kind)}
		}
		c.compares = true // what is written keeps no collation
		c.settleCollation()
		a.Others = c.others
		c.reads(a)
		a.Tables = c.tableUses()
		return a
	}
	a.ValueTable = must(q.IsValueTable())
	a.Root = c.scan(must(q.Query()))
	a.Columns = c.outputColumns(must(q.OutputColumnList()))
	for _, o := range must(q.OutputColumnList()) {
		c.comparesColumn(must(o.Column()))
	}
	c.settleCollation()
	if a.ValueTable {
		a.Columns = structColumns(a.Columns)
	}
	a.Others = c.others
	c.reads(a)
	a.Tables = c.tableUses()
	return a
}

// structColumns gives the columns of a value table: a STRUCT's fields.
func structColumns(cols []OutputColumn) []OutputColumn {
	if len(cols) != 1 || !cols[0].Type.Is(KindStruct) {
		return cols
	}
	var out []OutputColumn
	anonymous := 0
	for i, f := range cols[0].Type.Fields {
		col := OutputColumn{Name: f.Name, Type: f.Type, Col: cols[0].Col, OfStruct: true, Field: i}
		if isAnonymous(f.Name) {
			col.Name = anonymousName(anonymous)
			anonymous++
		}
		out = append(out, col)
	}
	return out
}

// reads narrows the columns of the tables to those that are really read.
func (c *converter) reads(a *Analysis) {
	if len(c.others) > 0 {
		return
	}
	reads := pruneAnalysis(a)
	for _, u := range c.uses {
		u.Columns = nil
		c.use(u.Table, reads[u.Table])
	}
	for t, index := range reads { // the target, when the statement reads it
		c.use(t, index)
	}
}

// isAnonymous tells a column of a result that has no name of its own.
func isAnonymous(name string) bool { return name == "" || strings.HasPrefix(name, "$") }

func anonymousName(n int) string { return fmt.Sprintf("f%d_", n) }

// tableUses gives the tables with the columns read, in the tables' order.
func (c *converter) tableUses() []TableUse {
	out := make([]TableUse, 0, len(c.uses))
	for _, u := range c.uses {
		var ordered []string
		for _, col := range u.Table.Columns {
			if slices.Contains(u.Columns, col.Name) {
				ordered = append(ordered, col.Name)
			}
		}
		out = append(out, TableUse{Table: u.Table, Columns: ordered})
	}
	return out
}

// use notes that columns of a table are read.
func (c *converter) use(t *Table, index []int) {
	var u *TableUse
	for _, x := range c.uses {
		if x.Table == t {
			u = x
		}
	}
	if u == nil {
		u = &TableUse{Table: t}
		c.uses = append(c.uses, u)
	}
	for _, i := range index {
		if name := t.Columns[i].Name; !slices.Contains(u.Columns, name) {
			u.Columns = append(u.Columns, name)
		}
	}
}

// collect notes the tables below a node that is not described. It looks at
// every child, as the analyzer's own search stops at the first match.
func (c *converter) collect(n gsql.ResolvedNode) {
	if n == nil {
		return
	}
	c.descend()
	defer c.ascend()
	if t, ok := n.(*gsql.ResolvedTableScan); ok {
		c.tableScan(t)
	}
	for _, child := range must(n.GetChildNodes()) {
		c.collect(child)
	}
}

// descend and ascend bound the recursion over the tree.
func (c *converter) descend() {
	if c.depth++; c.depth > 50*MaxNesting {
		panic(conversionFailure{fmt.Errorf("the statement is nested too deeply")})
	}
}

func (c *converter) ascend() { c.depth-- }

// col converts a column; the same id gives the same Col.
func (c *converter) col(rc *gsql.ResolvedColumn) *Col {
	id := int(must(rc.ColumnId()))
	if col, ok := c.cols[id]; ok {
		return col
	}
	c.checkCollation(rc)
	return c.anyCol(rc)
}

// anyCol is col for a column that may be collated.
func (c *converter) anyCol(rc *gsql.ResolvedColumn) *Col {
	id := int(must(rc.ColumnId()))
	if col, ok := c.cols[id]; ok {
		return col
	}
	col := &Col{ID: id + c.offset, Name: must(rc.Name()), Type: c.typeOf(must(rc.Type()))}
	c.cols[id] = col
	return col
}

func (c *converter) colList(list []*gsql.ResolvedColumn) []*Col {
	out := make([]*Col, len(list))
	for i, rc := range list {
		out[i] = c.col(rc)
	}
	return out
}

type hasColumnList interface {
	ColumnList() ([]*gsql.ResolvedColumn, error)
}

func (c *converter) base(n gsql.ResolvedScanNode) ScanBase {
	l, ok := n.(hasColumnList)
	if !ok {
		panic(conversionFailure{fmt.Errorf("%T has no column list", n)})
	}
	return ScanBase{Cols: c.colList(must(l.ColumnList()))}
}
