package googlesql

// Statement is what a statement other than a query asks for: *Insert, *Update,
// *Delete, *Merge, *Truncate, *CreateTable, *CreateView, *CreateSchema, *Drop,
// *AlterTable or *Assert.
type Statement interface{ statement() }

// Insert is INSERT. Exactly one of Rows and Query is set.
type Insert struct {
	// Table is the target; its scan's columns are those that are named.
	Table *TableScan
	// Columns are the places, in the table, of the columns that are given.
	Columns []int
	// Rows are VALUES; a nil expression is DEFAULT.
	Rows [][]Expr
	// Query gives the rows, Out its columns in the order of Columns.
	Query Scan
	Out   []*Col
	// Mode is "", "OR IGNORE", "OR REPLACE" or "OR UPDATE".
	Mode string
	// Outer are the columns outside of a nested INSERT that its query refers to.
	Outer      []*Col
	AssertRows Expr
	Returning  *Returning
}

// Delete is DELETE. Within an UPDATE it deletes array elements: Table is nil
// then, and Offset, if set, is the element's place.
type Delete struct {
	Table      *TableScan
	Where      Expr
	Offset     *Col
	AssertRows Expr
	Returning  *Returning
}

// Update is UPDATE. Within another UPDATE it changes array elements: Table is
// nil then, and Offset, if set, is the element's place.
type Update struct {
	Table *TableScan
	Items []*UpdateItem
	// From is joined to the table by Where; nil: none.
	From       Scan
	Where      Expr
	Offset     *Col
	AssertRows Expr
	Returning  *Returning
}

// UpdateItem is one item of SET: a value for Target, changes to elements of the
// array Target, or nested statements over the array Target.
type UpdateItem struct {
	// Target is a column or a field of one, at any depth.
	Target Expr
	// Value is the new value; nil: DEFAULT when IsSet.
	Value Expr
	IsSet bool
	// Element stands for an element of the array in Elements, Deletes, Updates
	// and Inserts.
	Element  *Col
	Elements []UpdateElement
	Deletes  []*Delete
	Updates  []*Update
	Inserts  []*Insert
}

// UpdateElement changes the element of an array at Subscript, or the member of
// a JSON value. Required: the element must be there.
type UpdateElement struct {
	Subscript Expr
	Required  bool
	Item      *UpdateItem
}

// Returning is THEN RETURN.
type Returning struct {
	Columns []OutputColumn
	Exprs   []Computed
	// Action is the column that holds INSERT, UPDATE ... of WITH ACTION, or nil.
	Action *Col
}

// MergeMatch says which rows a WHEN clause is about.
type MergeMatch int

// The kinds of WHEN clause.
const (
	Matched MergeMatch = iota
	NotMatchedBySource
	NotMatchedByTarget
)

// Merge is MERGE.
type Merge struct {
	Table *TableScan
	From  Scan
	On    Expr
	Whens []MergeWhen
}

// MergeWhen is a WHEN clause. One of Delete, Items and Row is set.
type MergeWhen struct {
	Match  MergeMatch
	Cond   Expr
	Delete bool
	Items  []*UpdateItem
	// Columns are the places, in the table, of the values of Row; a nil
	// expression is DEFAULT.
	Columns []int
	Row     []Expr
}

// Truncate is TRUNCATE TABLE.
type Truncate struct {
	Table *TableScan
	Where Expr
}

// CreateMode is what CREATE does about an object that exists.
type CreateMode int

// The modes of CREATE.
const (
	CreateNew CreateMode = iota
	CreateOrReplace
	CreateIfNotExists
)

// Option is an entry of OPTIONS(...).
type Option struct {
	Name  string
	Value Expr
}

// ColumnDef is a column of CREATE TABLE or ADD COLUMN.
type ColumnDef struct {
	Name    string
	Type    *Type
	NotNull bool
	Options []Option
}

// CreateTable is CREATE TABLE, with or without AS SELECT; of the latter the
// query is Analysis.Root and its columns Analysis.Columns.
type CreateTable struct {
	// Path is the table's name, split by SplitPath.
	Path []string
	Mode CreateMode
	Temp bool
	// Columns are those of the new table.
	Columns []ColumnDef
	// AsSelect tells that a query fills the table.
	AsSelect bool
	// Like is the table whose columns are taken over, and Copy the one that is
	// cloned or copied with its rows; nil: none.
	Like, Copy  *Table
	PartitionBy []Expr
	ClusterBy   []Expr
	Options     []Option
}

// CreateView is CREATE VIEW. The query is Analysis.Root too.
type CreateView struct {
	Path    []string
	Mode    CreateMode
	Query   string
	Columns []ColumnDef
	// Named tells that the statement names the columns.
	Named   bool
	Options []Option
}

// CreateSchema is CREATE SCHEMA.
type CreateSchema struct {
	Path    []string
	Mode    CreateMode
	Options []Option
}

// Drop is DROP. Object is GoogleSQL's name of the kind, e.g. TABLE.
type Drop struct {
	Object   string
	Path     []string
	IfExists bool
	Cascade  bool
}

// AlterKind is what an action of ALTER TABLE does.
type AlterKind int

// The actions of ALTER TABLE.
const (
	AddColumn AlterKind = iota
	DropColumn
	RenameColumn
	RenameTable
	SetOptions
	SetColumnOptions
	DropNotNull
)

// AlterAction is one action of ALTER TABLE.
type AlterAction struct {
	Kind AlterKind
	// Column is the one added.
	Column ColumnDef
	// Name is the column that is meant, NewName its new name, or the table's.
	Name, NewName string
	// IfExists is IF EXISTS, or IF NOT EXISTS of ADD COLUMN.
	IfExists bool
	Options  []Option
}

// AlterTable is ALTER TABLE, or ALTER VIEW or SCHEMA SET OPTIONS as Object says.
type AlterTable struct {
	Object   string
	Path     []string
	IfExists bool
	Actions  []AlterAction
}

// Assert is ASSERT.
type Assert struct {
	Cond        Expr
	Description string
}

func (*Insert) statement()       {}
func (*Update) statement()       {}
func (*Delete) statement()       {}
func (*Merge) statement()        {}
func (*Truncate) statement()     {}
func (*CreateTable) statement()  {}
func (*CreateView) statement()   {}
func (*CreateSchema) statement() {}
func (*Drop) statement()         {}
func (*AlterTable) statement()   {}
func (*Assert) statement()       {}
