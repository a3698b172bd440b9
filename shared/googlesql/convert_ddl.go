package googlesql

import (
	"slices"

	gsql "github.com/goccy/go-googlesql"
)

func createMode(m gsql.ResolvedCreateStatementEnums_CreateMode) CreateMode {
	switch m {
	case gsql.ResolvedCreateStatementEnums_CreateModeCreateOrReplace:
		return CreateOrReplace
	case gsql.ResolvedCreateStatementEnums_CreateModeCreateIfNotExists:
		return CreateIfNotExists
	}
	return CreateNew
}

func (c *converter) options(list []*gsql.ResolvedOption) []Option {
	var out []Option
	for _, o := range list {
		if must(o.Qualifier()) != "" || must(o.AssignmentOp()) != gsql.ResolvedOptionEnums_AssignmentOpDefaultAssign {
			c.other("this form of OPTIONS")
		}
		out = append(out, Option{must(o.Name()), c.expr(must(o.Value()))})
	}
	return out
}

// createBase converts what CREATE TABLE has with and without AS SELECT.
func (c *converter) createBase(n *gsql.ResolvedCreateTableStmtBase) *CreateTable {
	t := &CreateTable{Path: SplitPath(must(n.NamePath())), Mode: createMode(must(n.CreateMode()))}
	switch must(n.CreateScope()) {
	case gsql.ResolvedCreateStatementEnums_CreateScopeCreateDefaultScope:
	case gsql.ResolvedCreateStatementEnums_CreateScopeCreateTemp:
		t.Temp = true
	default:
		c.other("CREATE PUBLIC or PRIVATE TABLE")
	}
	for _, d := range must(n.ColumnDefinitionList()) {
		t.Columns = append(t.Columns, c.columnDef(d))
	}
	for what, set := range map[string]bool{
		"PRIMARY KEY": must(n.PrimaryKey()) != nil, "FOREIGN KEY": must(n.ForeignKeyListSize()) > 0,
		"CHECK": must(n.CheckConstraintListSize()) > 0, "DEFAULT COLLATE": must(n.CollationName()) != nil,
		"WITH CONNECTION": must(n.Connection()) != nil,
	} {
		if set {
			c.other(what)
		}
	}
	if must(n.IsValueTable()) {
		c.other("a value table")
	}
	if like := must(n.LikeTable()); like != nil {
		t.Like = c.tables[must(like.FullName())]
		if t.Like == nil {
			c.other("CREATE TABLE LIKE")
		}
	}
	t.Options = c.options(must(n.OptionList()))
	return t
}

// columnDef converts a column's definition. Parameters of its type, default
// values and collations are not described.
func (c *converter) columnDef(d *gsql.ResolvedColumnDefinition) ColumnDef {
	out := ColumnDef{Name: must(d.Name()), Type: c.typeOf(must(d.Type()))}
	if must(d.DefaultValue()) != nil {
		c.other("a column with a DEFAULT value")
	}
	if must(d.GeneratedColumnInfo()) != nil {
		c.other("a generated column")
	}
	if a := must(d.Annotations()); a != nil {
		out.NotNull = must(a.NotNull())
		out.Options = c.options(must(a.OptionList()))
		c.checkAnnotations(a)
	}
	return out
}

// checkAnnotations refuses what a column may be annotated with below its top.
func (c *converter) checkAnnotations(a *gsql.ResolvedColumnAnnotations) {
	if must(a.CollationName()) != nil {
		c.other("COLLATE")
	}
	if p := must(a.TypeParameters()); p != nil && !must(p.IsEmpty()) {
		c.other("a column whose type has parameters")
	}
	for _, child := range must(a.ChildList()) {
		if child == nil {
			continue
		}
		if must(child.NotNull()) {
			c.other("NOT NULL within a STRUCT or ARRAY")
		}
		if must(child.OptionListSize()) > 0 {
			c.other("OPTIONS within a STRUCT or ARRAY")
		}
		c.checkAnnotations(child)
	}
}

func (c *converter) exprList(list []gsql.ResolvedExprNode) []Expr {
	var out []Expr
	for _, x := range list {
		out = append(out, c.expr(x))
	}
	return out
}

func (c *converter) createTable(n *gsql.ResolvedCreateTableStmt) *CreateTable {
	t := c.createBase(n.ResolvedCreateTableStmtBase)
	for _, from := range []gsql.ResolvedScanNode{must(n.CloneFrom()), must(n.CopyFrom())} {
		if from == nil {
			continue
		}
		if s, ok := c.scan(from).(*TableScan); ok && s.ForSystemTime == nil {
			t.Copy = s.Table
		} else {
			c.other("this form of CREATE TABLE CLONE or COPY")
		}
	}
	t.PartitionBy, t.ClusterBy = c.exprList(must(n.PartitionByList())), c.exprList(must(n.ClusterByList()))
	return t
}

func (c *converter) createTableAsSelect(n *gsql.ResolvedCreateTableAsSelectStmt, a *Analysis) *CreateTable {
	t := c.createBase(n.ResolvedCreateTableStmtBase)
	t.AsSelect = true
	a.Root = c.scan(must(n.Query()))
	a.Columns = c.outputColumns(must(n.OutputColumnList()))
	if a.ValueTable = must(n.IsValueTable()); a.ValueTable {
		a.Columns = structColumns(a.Columns)
	}
	t.PartitionBy, t.ClusterBy = c.exprList(must(n.PartitionByList())), c.exprList(must(n.ClusterByList()))
	return t
}

func (c *converter) createView(n *gsql.ResolvedCreateViewStmt, a *Analysis) *CreateView {
	v := &CreateView{Path: SplitPath(must(n.NamePath())), Mode: createMode(must(n.CreateMode())), Query: must(n.Sql()), Named: must(n.HasExplicitColumns())}
	if must(n.CreateScope()) != gsql.ResolvedCreateStatementEnums_CreateScopeCreateDefaultScope {
		c.other("CREATE TEMP VIEW")
	}
	if must(n.Recursive()) || must(n.IsValueTable()) {
		c.other("CREATE RECURSIVE VIEW, or a view of values")
	}
	for _, d := range must(n.ColumnDefinitionList()) {
		v.Columns = append(v.Columns, c.columnDef(d))
	}
	v.Options = c.options(must(n.OptionList()))
	a.Root = c.scan(must(n.Query()))
	a.Columns = c.outputColumns(must(n.OutputColumnList()))
	return v
}

// alter converts ALTER TABLE, VIEW or SCHEMA.
func (c *converter) alter(object string, n *gsql.ResolvedAlterObjectStmt) *AlterTable {
	t := &AlterTable{Object: object, Path: SplitPath(must(n.NamePath())), IfExists: must(n.IsIfExists())}
	for _, action := range must(n.AlterActionList()) {
		switch x := action.(type) {
		case *gsql.ResolvedAddColumnAction:
			t.Actions = append(t.Actions, AlterAction{Kind: AddColumn, Column: c.columnDef(must(x.ColumnDefinition())), IfExists: must(x.IsIfNotExists())})
		case *gsql.ResolvedDropColumnAction:
			t.Actions = append(t.Actions, AlterAction{Kind: DropColumn, Name: must(x.Name()), IfExists: must(x.IsIfExists())})
		case *gsql.ResolvedRenameColumnAction:
			t.Actions = append(t.Actions, AlterAction{Kind: RenameColumn, Name: must(x.Name()), NewName: must(x.NewName()), IfExists: must(x.IsIfExists())})
		case *gsql.ResolvedRenameToAction:
			path := SplitPath(must(x.NewPath()))
			if len(path) != 1 {
				c.other("RENAME TO a qualified name")
			}
			t.Actions = append(t.Actions, AlterAction{Kind: RenameTable, NewName: path[len(path)-1]})
		case *gsql.ResolvedSetOptionsAction:
			t.Actions = append(t.Actions, AlterAction{Kind: SetOptions, Options: c.options(must(x.OptionList()))})
		case *gsql.ResolvedAlterColumnOptionsAction:
			t.Actions = append(t.Actions, AlterAction{Kind: SetColumnOptions, Name: must(x.Column()), IfExists: must(x.IsIfExists()), Options: c.options(must(x.OptionList()))})
		case *gsql.ResolvedAlterColumnDropNotNullAction:
			t.Actions = append(t.Actions, AlterAction{Kind: DropNotNull, Name: must(x.Column()), IfExists: must(x.IsIfExists())})
		default:
			c.other("ALTER " + object + " ... " + statementName(must(action.NodeKindString())))
		}
	}
	return t
}

// outputColumns converts the columns of a result. Those without a name are
// called f0_, f1_ ... by their place among those.
func (c *converter) outputColumns(list []*gsql.ResolvedOutputColumn) []OutputColumn {
	var out []OutputColumn
	anonymous := 0
	for _, oc := range list {
		col := c.col(must(oc.Column()))
		name := must(oc.Name())
		if isAnonymous(name) {
			name = anonymousName(anonymous)
			anonymous++
		}
		out = append(out, OutputColumn{Name: name, Type: col.Type, Col: col})
	}
	return slices.Clip(out)
}
