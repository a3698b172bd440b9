package googlesql

import (
	"fmt"
	"slices"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// statement converts a statement other than a query, or returns nil for one
// that this package does not describe.
func (c *converter) statement(n gsql.ResolvedStatementNode, a *Analysis) Statement {
	switch n := n.(type) {
	case *gsql.ResolvedInsertStmt:
		return c.insert(n)
	case *gsql.ResolvedUpdateStmt:
		return c.update(n)
	case *gsql.ResolvedDeleteStmt:
		return c.deleteStmt(n)
	case *gsql.ResolvedMergeStmt:
		return c.merge(n)
	case *gsql.ResolvedTruncateStmt:
		return &Truncate{c.target(must(n.TableScan())), c.expr(must(n.WhereExpr()))}
	case *gsql.ResolvedCreateTableStmt:
		return c.createTable(n)
	case *gsql.ResolvedCreateTableAsSelectStmt:
		return c.createTableAsSelect(n, a)
	case *gsql.ResolvedCreateViewStmt:
		return c.createView(n, a)
	case *gsql.ResolvedCreateSchemaStmt:
		if must(n.CollationName()) != nil {
			c.other("DEFAULT COLLATE")
		}
		return &CreateSchema{SplitPath(must(n.NamePath())), createMode(must(n.CreateMode())), c.options(must(n.OptionList()))}
	case *gsql.ResolvedDropStmt:
		return &Drop{Object: strings.ToUpper(must(n.ObjectType())), Path: SplitPath(must(n.NamePath())), IfExists: must(n.IsIfExists()),
			Cascade: must(n.DropMode()) == gsql.ResolvedDropStmtEnums_DropModeCascade}
	case *gsql.ResolvedAlterTableStmt:
		return c.alter("TABLE", n.ResolvedAlterObjectStmt)
	case *gsql.ResolvedAlterTableSetOptionsStmt:
		return &AlterTable{Object: "TABLE", Path: SplitPath(must(n.NamePath())), IfExists: must(n.IsIfExists()),
			Actions: []AlterAction{{Kind: SetOptions, Options: c.options(must(n.OptionList()))}}}
	case *gsql.ResolvedAlterViewStmt:
		return c.alter("VIEW", n.ResolvedAlterObjectStmt)
	case *gsql.ResolvedAlterSchemaStmt:
		return c.alter("SCHEMA", n.ResolvedAlterObjectStmt)
	case *gsql.ResolvedAssertStmt:
		return &Assert{c.expr(must(n.Expression())), must(n.Description())}
	}
	return nil
}

// target converts the table that a statement changes; what is written is not
// read.
func (c *converter) target(n *gsql.ResolvedTableScan) *TableScan {
	if n == nil {
		return nil
	}
	uses := c.uses
	s, ok := c.tableScan(n).(*TableScan)
	if !ok {
		panic(conversionFailure{fmt.Errorf("the target of the statement is no table")})
	}
	c.uses = uses
	return s
}

// places gives the places of columns in the target's table.
func places(s *TableScan, cols []*Col) []int {
	out := make([]int, len(cols))
	for i, col := range cols {
		k := slices.IndexFunc(s.Cols, func(x *Col) bool { return x.ID == col.ID })
		if k < 0 {
			panic(conversionFailure{fmt.Errorf("column %s is none of the target's", col.Name)})
		}
		out[i] = s.Index[k]
	}
	return out
}

var insertModes = map[gsql.ResolvedInsertStmtEnums_InsertMode]string{
	gsql.ResolvedInsertStmtEnums_InsertModeOrError: "", gsql.ResolvedInsertStmtEnums_InsertModeOrIgnore: "OR IGNORE",
	gsql.ResolvedInsertStmtEnums_InsertModeOrReplace: "OR REPLACE", gsql.ResolvedInsertStmtEnums_InsertModeOrUpdate: "OR UPDATE",
}

func (c *converter) insert(n *gsql.ResolvedInsertStmt) *Insert {
	s := &Insert{Table: c.target(must(n.TableScan()))}
	mode, ok := insertModes[must(n.InsertMode())]
	if !ok {
		c.other("this mode of INSERT")
	}
	s.Mode = mode
	if s.Table != nil {
		s.Columns = places(s.Table, c.colList(must(n.InsertColumnList())))
	}
	for _, row := range must(n.RowList()) {
		s.Rows = append(s.Rows, c.dmlRow(row))
	}
	if q := must(n.Query()); q != nil {
		s.Query, s.Out = c.scan(q), c.colList(must(n.QueryOutputColumnList()))
		for _, p := range must(n.QueryParameterList()) {
			s.Outer = append(s.Outer, c.col(must(p.Column())))
		}
	}
	if must(n.GeneratedColumnExprListSize()) > 0 {
		c.other("generated columns")
	}
	if must(n.OnConflictClause()) != nil {
		c.other("ON CONFLICT")
	}
	s.AssertRows, s.Returning = c.assertRows(must(n.AssertRowsModified())), c.returning(must(n.Returning()))
	return s
}

func (c *converter) dmlRow(row *gsql.ResolvedInsertRow) []Expr {
	var out []Expr
	for _, v := range must(row.ValueList()) {
		out = append(out, c.dmlValue(v))
	}
	return out
}

// dmlValue converts a value of DML; DEFAULT is nil.
func (c *converter) dmlValue(v *gsql.ResolvedDMLValue) Expr {
	x := must(v.Value())
	if _, isDefault := x.(*gsql.ResolvedDMLDefault); isDefault {
		return nil
	}
	return c.expr(x)
}

func (c *converter) assertRows(n *gsql.ResolvedAssertRowsModified) Expr {
	if n == nil {
		return nil
	}
	return c.expr(must(n.Rows()))
}

func (c *converter) returning(n *gsql.ResolvedReturningClause) *Returning {
	if n == nil {
		return nil
	}
	r := &Returning{}
	for _, x := range must(n.ExprList()) {
		r.Exprs = append(r.Exprs, Computed{c.col(must(x.Column())), c.expr(must(x.Expr()))})
	}
	if h := must(n.ActionColumn()); h != nil {
		r.Action = c.col(must(h.Column()))
	}
	r.Columns = c.outputColumns(must(n.OutputColumnList()))
	return r
}

func (c *converter) deleteStmt(n *gsql.ResolvedDeleteStmt) *Delete {
	return &Delete{Table: c.target(must(n.TableScan())), Where: c.expr(must(n.WhereExpr())), Offset: c.holder(must(n.ArrayOffsetColumn())),
		AssertRows: c.assertRows(must(n.AssertRowsModified())), Returning: c.returning(must(n.Returning()))}
}

func (c *converter) holder(n *gsql.ResolvedColumnHolder) *Col {
	if n == nil {
		return nil
	}
	return c.col(must(n.Column()))
}

func (c *converter) update(n *gsql.ResolvedUpdateStmt) *Update {
	u := &Update{Table: c.target(must(n.TableScan())), Offset: c.holder(must(n.ArrayOffsetColumn()))}
	if from := must(n.FromScan()); from != nil {
		u.From = c.scan(from)
	}
	u.Where = c.expr(must(n.WhereExpr()))
	u.Items = c.updateItems(must(n.UpdateItemList()))
	if must(n.GeneratedColumnExprListSize()) > 0 {
		c.other("generated columns")
	}
	u.AssertRows, u.Returning = c.assertRows(must(n.AssertRowsModified())), c.returning(must(n.Returning()))
	return u
}

func (c *converter) updateItems(list []*gsql.ResolvedUpdateItem) []*UpdateItem {
	var out []*UpdateItem
	for _, x := range list {
		out = append(out, c.updateItem(x))
	}
	return out
}

func (c *converter) updateItem(n *gsql.ResolvedUpdateItem) *UpdateItem {
	c.descend()
	defer c.ascend()
	u := &UpdateItem{Target: c.expr(must(n.Target())), Element: c.holder(must(n.ElementColumn()))}
	if v := must(n.SetValue()); v != nil {
		u.Value, u.IsSet = c.dmlValue(v), true
	}
	for _, e := range must(n.UpdateItemElementList()) {
		u.Elements = append(u.Elements, UpdateElement{Subscript: c.expr(must(e.Subscript())), Item: c.updateItem(must(e.UpdateItem())),
			Required: must(e.UpdateItemMode()) == gsql.ResolvedUpdateItemElementEnums_UpdateItemModeElementPresenceRequired})
	}
	for _, x := range must(n.DeleteList()) {
		u.Deletes = append(u.Deletes, c.deleteStmt(x))
	}
	for _, x := range must(n.UpdateList()) {
		u.Updates = append(u.Updates, c.update(x))
	}
	for _, x := range must(n.InsertList()) {
		u.Inserts = append(u.Inserts, c.insert(x))
	}
	return u
}

var mergeMatches = map[gsql.ResolvedMergeWhenEnums_MatchType]MergeMatch{
	gsql.ResolvedMergeWhenEnums_MatchTypeMatched:            Matched,
	gsql.ResolvedMergeWhenEnums_MatchTypeNotMatchedBySource: NotMatchedBySource,
	gsql.ResolvedMergeWhenEnums_MatchTypeNotMatchedByTarget: NotMatchedByTarget,
}

func (c *converter) merge(n *gsql.ResolvedMergeStmt) *Merge {
	m := &Merge{Table: c.target(must(n.TableScan())), From: c.scan(must(n.FromScan())), On: c.expr(must(n.MergeExpr()))}
	for _, w := range must(n.WhenClauseList()) {
		match, ok := mergeMatches[must(w.MatchType())]
		if !ok {
			c.other("this form of WHEN in MERGE")
		}
		when := MergeWhen{Match: match, Cond: c.expr(must(w.MatchExpr()))}
		switch must(w.ActionType()) {
		case gsql.ResolvedMergeWhenEnums_ActionTypeInsert:
			when.Columns = places(m.Table, c.colList(must(w.InsertColumnList())))
			when.Row = c.dmlRow(must(w.InsertRow()))
		case gsql.ResolvedMergeWhenEnums_ActionTypeUpdate:
			when.Items = c.updateItems(must(w.UpdateItemList()))
		case gsql.ResolvedMergeWhenEnums_ActionTypeDelete:
			when.Delete = true
		default:
			c.other("this action of MERGE")
		}
		m.Whens = append(m.Whens, when)
	}
	return m
}
