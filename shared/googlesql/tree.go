package googlesql

// Col is a column of the resolved tree. IDs are unique in a statement.
type Col struct {
	ID   int
	Name string
	Type *Type
}

// Scan is a relation of the resolved tree: *TableScan, *SingleRowScan,
// *FilterScan, *ProjectScan, *JoinScan, *ArrayScan, *AggregateScan,
// *AnalyticScan, *SetOpScan, *OrderByScan, *LimitScan, *WithScan, *WithRefScan,
// *RecursiveScan, *RecursiveRefScan, *AssertScan, *SampleScan or *OtherScan.
type Scan interface{ scan() *ScanBase }

// ScanBase is what all scans have: the columns they hand on. The upper scans
// may refer to these only.
type ScanBase struct{ Cols []*Col }

func (b *ScanBase) scan() *ScanBase { return b }

// ColumnsOf returns the columns that a scan hands on.
func ColumnsOf(s Scan) []*Col { return s.scan().Cols }

// Computed is a column with the expression that makes it.
type Computed struct {
	Col  *Col
	Expr Expr
}

// TableScan reads Cols[i] from the table's column Index[i].
type TableScan struct {
	ScanBase
	Table *Table
	Index []int
	// ForSystemTime is set for FOR SYSTEM_TIME AS OF.
	ForSystemTime Expr
	// View is the query of a view, of which Cols[i] shows ViewOut[i]; nil: a table.
	View    Scan
	ViewOut []*Col
}

// SingleRowScan is one row of no columns.
type SingleRowScan struct{ ScanBase }

// FilterScan keeps the rows for which Cond is TRUE.
type FilterScan struct {
	ScanBase
	Input Scan
	Cond  Expr
}

// ProjectScan adds computed columns.
type ProjectScan struct {
	ScanBase
	Input Scan
	Exprs []Computed
}

// JoinType is the kind of a join.
type JoinType int

// The kinds of join. A cross join is an inner join without condition.
const (
	JoinInner JoinType = iota
	JoinLeft
	JoinRight
	JoinFull
)

// JoinScan joins two scans; On is nil for a cross join.
type JoinScan struct {
	ScanBase
	Type        JoinType
	Left, Right Scan
	On          Expr
	Lateral     bool
}

// ArrayScan is UNNEST, alone (Input nil) or joined to Input.
type ArrayScan struct {
	ScanBase
	Input  Scan
	Arrays []Expr
	Elems  []*Col
	// Offset is the column of WITH OFFSET, or nil.
	Offset *Col
	// Mode is how arrays of different lengths go together, a STRING of PAD,
	// TRUNCATE or STRICT; nil means PAD.
	Mode Expr
	On   Expr
	// Outer is LEFT JOIN UNNEST.
	Outer bool
}

// AggregateScan groups by GroupBy and computes Aggs over each group.
type AggregateScan struct {
	ScanBase
	Input   Scan
	GroupBy []Computed
	Aggs    []Computed
	// Sets are the grouping sets, each a list of indexes into GroupBy; nil for
	// plain grouping.
	Sets [][]int
	// Grouping are the GROUPING() calls: Col is 1 where GroupBy[Of] is rolled up.
	Grouping []GroupingCall
}

// GroupingCall is GROUPING(x).
type GroupingCall struct {
	Col *Col
	Of  int
}

// AnalyticScan adds window functions to its input.
type AnalyticScan struct {
	ScanBase
	Input  Scan
	Groups []AnalyticGroup
}

// AnalyticGroup is a set of window functions over one window.
type AnalyticGroup struct {
	PartitionBy []Expr
	OrderBy     []OrderItem
	Funcs       []Computed
}

// OrderItem is one key of an ordering.
type OrderItem struct {
	// Collation is that of ORDER BY x COLLATE; see Call.
	Collation string
	Expr      Expr
	Desc      bool
	// NullsFirst is resolved: GoogleSQL puts NULL before all values when
	// ascending, after when descending, unless told otherwise.
	NullsFirst bool
}

// SetOp is a set operation.
type SetOp int

// The set operations.
const (
	UnionAll SetOp = iota
	UnionDistinct
	IntersectAll
	IntersectDistinct
	ExceptAll
	ExceptDistinct
)

// SetItem is one input of a set operation; Out are its columns in the order of
// the operation's own.
type SetItem struct {
	Scan Scan
	Out  []*Col
}

// SetOpScan combines its inputs by position.
type SetOpScan struct {
	ScanBase
	Op    SetOp
	Items []SetItem
}

// OrderByScan orders its input.
type OrderByScan struct {
	ScanBase
	Input Scan
	Items []OrderItem
}

// LimitScan is LIMIT and OFFSET; either may be nil.
type LimitScan struct {
	ScanBase
	Input         Scan
	Limit, Offset Expr
}

// WithEntry is one named query of WITH.
type WithEntry struct {
	Name string
	Scan Scan
}

// WithScan is WITH.
type WithScan struct {
	ScanBase
	Entries   []WithEntry
	Query     Scan
	Recursive bool
}

// WithRefScan reads a named query; its Cols are the named query's by position.
type WithRefScan struct {
	ScanBase
	Name string
}

// RecursiveScan is a recursive named query.
type RecursiveScan struct {
	ScanBase
	Distinct        bool
	Seed, Recursive SetItem
	// Depth is WITH DEPTH, or nil. Its column is the last of the scan's.
	Depth *Depth
}

// Depth is WITH DEPTH: Col counts the iterations from 0, the scan keeps those
// between Lower and Upper, either of which may be nil.
type Depth struct {
	Col          *Col
	Lower, Upper Expr
}

// RecursiveRefScan reads the enclosing recursive query.
type RecursiveRefScan struct{ ScanBase }

// AssertScan hands its input on and fails at the first row for which Cond is not
// TRUE, with Message.
type AssertScan struct {
	ScanBase
	Input         Scan
	Cond, Message Expr
}

// SampleScan is TABLESAMPLE.
type SampleScan struct {
	ScanBase
	Input Scan
	// Method is lower case: bernoulli, reservoir, system.
	Method string
	Size   Expr
	// Percent tells that Size is a percentage of the input and no count of rows.
	Percent     bool
	Repeatable  Expr
	Weight      *Col
	PartitionBy []Expr
}

// OtherScan is a scan that this package does not describe; What is GoogleSQL's
// name of it.
type OtherScan struct {
	ScanBase
	What string
}
