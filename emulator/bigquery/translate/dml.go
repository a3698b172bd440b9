package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// Temporary tables of a DML statement, in DuckDB's temp schema. They live within
// its transaction.
const (
	changesTable = "temp.main.hub_changes"
	sourceTable  = "temp.main.hub_source"
	pairsTable   = "temp.main.hub_pairs"
	pickedTable  = "temp.main.hub_picked"
)

// What a change does to the table; the codes of hub_changes.a.
const (
	changeDelete = 1
	changeUpdate = 2
	changeInsert = 3
)

// Check is a query for one number and what it means when that is not Want.
type Check struct {
	SQL  string
	Want int64
	// Message is the error; %d in it is the number found.
	Message string
}

// DML is a translated INSERT, UPDATE, DELETE, MERGE or TRUNCATE TABLE.
//
// Its Prepare statements, run in order within one transaction, work out the
// changes to the table from the table as it is and put them into a temporary
// table: no row is changed while it may still be read. The Checks follow, then
// Counts, and at last the changes are applied, either by Append to the table
// itself or by Rewrite to an empty table of the same columns. Drop removes what
// Prepare has made.
type DML struct {
	// Table is the target.
	Table   *googlesql.Table
	Prepare []string
	Checks  []Check
	// Counts gives three numbers: the rows inserted, updated and deleted.
	Counts string
	// AppendOnly tells that rows are only inserted.
	AppendOnly bool
	Drop       []string
	// Returning is the query of THEN RETURN, whose columns are Columns; empty:
	// none. It must be run before the changes are applied.
	Returning string
	Columns   []googlesql.Column
	// Uncertain and Tries are those of Statement.
	Uncertain, Tries bool

	// carried are the table's columns whose values the changes carry, as n0, n1
	// ... by their place in the table.
	carried []int
	old     string
}

// Append gives the statement that adds the inserted rows to a table.
func (d *DML) Append(physical string) string {
	return "INSERT INTO " + physical + " SELECT " + d.list(func(i int) string { return "c." + newName(i) }) +
		" FROM " + changesTable + " AS c WHERE c.a = " + fmt.Sprint(changeInsert)
}

// Rewrite gives the statements that fill an empty table with the target's rows
// as they are after the changes.
func (d *DML) Rewrite(physical string) []string {
	if len(d.Table.Columns) == 0 {
		return nil
	}
	kept := "INSERT INTO " + physical + " SELECT " + d.list(func(i int) string {
		if !slices.Contains(d.carried, i) {
			return "o." + ColumnName(i)
		}
		return "CASE WHEN c.r IS NULL THEN o." + ColumnName(i) + " ELSE c." + newName(i) + " END"
	}) + " FROM " + d.old + " AS o LEFT JOIN " + changesTable + " AS c ON c.r = o.rowid" +
		fmt.Sprintf(" WHERE c.a IS NULL OR c.a <> %d ORDER BY o.rowid", changeDelete)
	return []string{kept, d.Append(physical)}
}

func (d *DML) list(column func(int) string) string {
	items := make([]string, len(d.Table.Columns))
	for i := range items {
		items[i] = column(i)
		if !slices.Contains(d.carried, i) && strings.HasPrefix(items[i], "c.") {
			items[i] = "NULL" // nothing is inserted
		}
	}
	return strings.Join(items, ", ")
}

// newName is the column of hub_changes with the new value of column i.
func newName(i int) string { return fmt.Sprintf("n%d", i) }

// dml is the state of one DML statement's translation.
type dml struct {
	*translator
	out *DML
	// scan is the target, row its alias in the statement being written.
	scan *googlesql.TableScan
	row  string
}

// Change translates INSERT, UPDATE, DELETE, MERGE and TRUNCATE TABLE.
func Change(a *googlesql.Analysis, p Params) (out *DML, err error) {
	if len(a.Others) > 0 {
		return nil, &Unsupported{a.Others[0]}
	}
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, translationError(r)
		}
	}()
	d := &dml{translator: newTranslator(p), out: &DML{}}
	switch s := a.Statement.(type) {
	case *googlesql.Insert:
		d.begin(s.Table)
		d.insert(s)
	case *googlesql.Delete:
		d.begin(s.Table)
		d.remove(s.Where)
		d.finish(s.AssertRows, s.Returning, "DELETE")
	case *googlesql.Truncate:
		d.begin(s.Table)
		if s.Where != nil {
			refuse("TRUNCATE TABLE with WHERE")
		}
		d.remove(nil)
		d.finish(nil, nil, "")
	case *googlesql.Update:
		d.begin(s.Table)
		d.update(s)
	case *googlesql.Merge:
		d.begin(s.Table)
		d.merge(s)
	default:
		refuse("%s", statementOf(a))
	}
	d.out.Uncertain, d.out.Tries = d.uncertain, d.tries
	return d.out, nil
}

func (d *dml) begin(s *googlesql.TableScan) {
	name, ok := s.Table.Data.(string)
	if !ok {
		refuse("changing %s", s.Table.ID())
	}
	for _, c := range s.Table.Columns {
		checkType(c.Type)
	}
	d.scan, d.out.Table, d.out.old = s, s.Table, name
}

// target puts the table's columns into scope under a new alias.
func (d *dml) target() string {
	d.row = d.alias("t")
	for i, c := range d.scan.Cols {
		d.refs[c.ID] = d.row + "." + ColumnName(d.scan.Index[i])
	}
	return d.out.old + " AS " + d.row
}

// prepare adds a statement that makes a temporary table.
func (d *dml) prepare(table, sql string) {
	if d.size += len(sql); d.size > 16*maxSQL {
		refuse("a statement of this size")
	}
	d.out.Prepare = append(d.out.Prepare, "CREATE TEMP TABLE "+strings.TrimPrefix(table, "temp.main.")+" AS "+sql)
	d.out.Drop = append(d.out.Drop, "DROP TABLE "+table)
}

// changes makes the table of changes from SELECTs of r, a and the carried
// columns.
func (d *dml) changes(selects ...string) {
	d.prepare(changesTable, strings.Join(selects, " UNION ALL "))
}

// change writes the head of a SELECT of hub_changes: the row, the action and the
// new values of the carried columns.
func (d *dml) change(row string, action int, value func(i int) string) string {
	items := []string{"CAST(" + row + " AS BIGINT) AS r", fmt.Sprintf("CAST(%d AS INTEGER) AS a", action)}
	for _, i := range d.out.carried {
		items = append(items, d.stored(i, value(i))+" AS "+newName(i))
	}
	return "SELECT " + strings.Join(items, ", ")
}

// stored makes of a value what a table keeps of it.
func (d *dml) stored(i int, x string) string {
	if !d.params.Stored {
		return x
	}
	return Stored(d.out.Table.Columns[i].Name, d.out.Table.Columns[i].Type, x)
}

func (d *dml) null(i int) string {
	return literal(googlesql.Value{Type: d.out.Table.Columns[i].Type})
}

func (d *dml) allColumns() []int {
	out := make([]int, len(d.out.Table.Columns))
	for i := range out {
		out[i] = i
	}
	return out
}

func (d *dml) insert(s *googlesql.Insert) {
	if s.Mode != "" {
		panic(&Invalid{"INSERT " + s.Mode + " is not allowed because the table does not have a primary key"})
	}
	d.out.AppendOnly = true
	d.out.carried = d.allColumns()
	if s.Query != nil {
		r := d.translator.scan(s.Query)
		d.changes(r.selectSQL(strings.TrimPrefix(d.change("NULL", changeInsert, func(i int) string {
			if k := slices.Index(s.Columns, i); k >= 0 {
				return d.ref(s.Out[k])
			}
			return d.null(i)
		}), "SELECT ")))
	} else {
		d.changes(d.values(s))
	}
	d.finish(s.AssertRows, s.Returning, "INSERT")
}

// values makes the changes of VALUES: one VALUES list, whose columns are in the
// order of the statement.
func (d *dml) values(s *googlesql.Insert) string {
	rows := make([]string, len(s.Rows))
	for k, row := range s.Rows {
		items := make([]string, len(row))
		for j, x := range row {
			items[j] = d.valueOrDefault(s.Columns[j], x)
		}
		rows[k] = "(" + strings.Join(items, ", ") + ")"
	}
	names := make([]string, len(s.Columns))
	for j := range names {
		names[j] = fmt.Sprintf("v%d", j)
	}
	head := d.change("NULL", changeInsert, func(i int) string {
		if j := slices.Index(s.Columns, i); j >= 0 {
			return "v." + names[j]
		}
		return d.null(i)
	})
	return head + " FROM (VALUES " + strings.Join(rows, ", ") + ") AS v(" + strings.Join(names, ", ") + ")"
}

// valueOrDefault writes a value; no column has a default but NULL.
func (d *dml) valueOrDefault(i int, x googlesql.Expr) string {
	if x == nil {
		return d.null(i)
	}
	return d.expr(x)
}

func (d *dml) remove(where googlesql.Expr) {
	from := d.target()
	sql := d.change(d.row+".rowid", changeDelete, nil) + " FROM " + from
	if where != nil {
		sql += " WHERE (" + d.expr(where) + ")"
	}
	d.changes(sql)
}

func (d *dml) update(s *googlesql.Update) {
	d.out.carried = d.setColumns(s.Items)
	var from string
	if s.From != nil {
		from = d.wrap(d.translator.scan(s.From), googlesql.ColumnsOf(s.From)).from + " CROSS JOIN "
	}
	from += d.target()
	where := d.expr(s.Where)
	values := d.setValues(s.Items)
	d.changes(d.change(d.row+".rowid", changeUpdate, func(i int) string { return values[i] }) + " FROM " + from + " WHERE (" + where + ")")
	if s.From != nil {
		d.onceEach()
	}
	d.finish(s.AssertRows, s.Returning, "UPDATE")
}

// onceEach checks that no row of the target is changed twice.
func (d *dml) onceEach() {
	d.out.Checks = append(d.out.Checks, Check{
		SQL:     "SELECT count(r) - count(DISTINCT r) FROM " + changesTable,
		Message: "UPDATE/MERGE must match at most one source row for each target row",
	})
}

// finish adds the counting, ASSERT_ROWS_MODIFIED and THEN RETURN.
func (d *dml) finish(assert googlesql.Expr, r *googlesql.Returning, action string) {
	d.out.Counts = fmt.Sprintf("SELECT count(*) FILTER (a = %d), count(*) FILTER (a = %d), count(*) FILTER (a = %d) FROM %s",
		changeInsert, changeUpdate, changeDelete, changesTable)
	if assert != nil {
		d.out.Checks = append(d.out.Checks, d.assertRows(assert))
	}
	if r != nil {
		d.returning(r, action)
	}
}

func (d *dml) assertRows(e googlesql.Expr) Check {
	n := d.assertedRows(e)
	return Check{SQL: "SELECT count(*) FROM " + changesTable, Want: n,
		Message: fmt.Sprintf("ASSERT_ROWS_MODIFIED expected %d rows modified, but found %%d", n)}
}

// assertedRows reads the constant of ASSERT_ROWS_MODIFIED.
func (d *dml) assertedRows(e googlesql.Expr) int64 {
	if c, ok := e.(*googlesql.Cast); ok && c.Expr.Type().Is(googlesql.KindInt64) {
		e = c.Expr
	}
	v, ok := d.constant(e)
	if !ok {
		refuse("ASSERT_ROWS_MODIFIED of what is no constant")
	}
	if v.IsNull() {
		panic(&Invalid{"ASSERT_ROWS_MODIFIED must have a non-NULL argument"})
	}
	n, ok := v.V.(int64)
	if !ok {
		refuse("ASSERT_ROWS_MODIFIED of a %s", v.Type)
	}
	return n
}

// returning translates THEN RETURN over the changed rows: as they are after the
// statement, or were before it when it deletes them.
func (d *dml) returning(r *googlesql.Returning, action string) {
	for k, c := range d.scan.Cols {
		i := d.scan.Index[k]
		d.refs[c.ID] = "o." + ColumnName(i)
		if action != "DELETE" && slices.Contains(d.out.carried, i) {
			d.refs[c.ID] = "c." + newName(i)
		}
	}
	for _, x := range r.Exprs {
		d.refs[x.Col.ID] = "(" + d.expr(x.Expr) + ")"
	}
	if r.Action != nil {
		d.refs[r.Action.ID] = literal(googlesql.Value{Type: googlesql.String, V: action})
	}
	items := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		checkType(c.Type)
		items[i] = d.ref(c.Col) + " AS " + ColumnName(i)
		d.out.Columns = append(d.out.Columns, googlesql.Column{Name: c.Name, Type: c.Type})
	}
	d.out.Returning = "SELECT " + strings.Join(items, ", ") + " FROM " + changesTable + " AS c LEFT JOIN " + d.out.old + " AS o ON o.rowid = c.r"
}
