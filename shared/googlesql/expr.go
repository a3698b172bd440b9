package googlesql

// Expr is an expression of the resolved tree: *Literal, *Param, *ColRef, *Call,
// *AggCall, *WindowCall, *Cast, *MakeStruct, *GetField, *Subquery, *WithExpr,
// *Lambda or *OtherExpr.
type Expr interface {
	// Type is the expression's type.
	Type() *Type
}

// Literal is a constant.
type Literal struct{ Value Value }

// Type implements Expr.
func (e *Literal) Type() *Type { return e.Value.Type }

// Param is a query parameter: by name (lower case), or by position from 1.
type Param struct {
	Name     string
	Position int
	T        *Type
}

// Type implements Expr.
func (e *Param) Type() *Type { return e.T }

// ColRef refers to a column. Correlated: one of an enclosing query.
type ColRef struct {
	Col        *Col
	Correlated bool
}

// Type implements Expr.
func (e *ColRef) Type() *Type { return e.Col.Type }

// Call is a scalar function call. Name is GoogleSQL's (lower case; operators
// begin with $, e.g. $add; functions in a namespace have dots). The access to a
// field of JSON, j.name, is the call $json_field(j, 'name').
type Call struct {
	Name string
	Args []Expr
	// Safe is SAFE.f(): NULL in place of an error.
	Safe bool
	// Collation is the one by which texts are compared, e.g. und:ci; empty: by
	// their code points.
	Collation string
	T         *Type
}

// Type implements Expr.
func (e *Call) Type() *Type { return e.T }

// Nulls is the NULL handling of an aggregate or window function.
type Nulls int

// The NULL handlings.
const (
	NullsDefault Nulls = iota
	NullsIgnore
	NullsRespect
)

// AggCall is an aggregate function call.
type AggCall struct {
	Name     string
	Args     []Expr
	Distinct bool
	Nulls    Nulls
	OrderBy  []OrderItem
	Limit    Expr
	// Where is the FILTER-like modifier of GoogleSQL.
	Where Expr
	// HavingMax and HavingMin are the HAVING MAX|MIN modifier.
	HavingMax, HavingMin Expr
	// GroupBy groups the rows once more before the function is applied: the
	// arguments and GroupHaving then refer to these columns and to GroupAggs, which
	// are computed over each such group.
	GroupBy, GroupAggs []Computed
	GroupHaving        Expr
	// Other names a modifier that this package does not describe.
	Other string
	T     *Type
}

// Type implements Expr.
func (e *AggCall) Type() *Type { return e.T }

// Bound is one end of a window frame.
type Bound int

// The ends of a window frame, in their order.
const (
	UnboundedPreceding Bound = iota
	OffsetPreceding
	CurrentRow
	OffsetFollowing
	UnboundedFollowing
)

// Frame is a window frame.
type Frame struct {
	Range                  bool
	Start, End             Bound
	StartOffset, EndOffset Expr
}

// WindowCall is a window function call.
type WindowCall struct {
	Name     string
	Args     []Expr
	Distinct bool
	Nulls    Nulls
	Frame    *Frame
	Where    Expr
	T        *Type
}

// Type implements Expr.
func (e *WindowCall) Type() *Type { return e.T }

// Cast converts Expr. Params is set when the target has parameters, such as
// STRING(10); they are those of T, or of what T is made of.
type Cast struct {
	Expr     Expr
	Safe     bool
	Format   Expr
	TimeZone Expr
	Params   *TypeParams
	T        *Type
}

// Type implements Expr.
func (e *Cast) Type() *Type { return e.T }

// MakeStruct makes a STRUCT of its fields in order.
type MakeStruct struct {
	Fields []Expr
	T      *Type
}

// Type implements Expr.
func (e *MakeStruct) Type() *Type { return e.T }

// GetField reads the field Index of a STRUCT.
type GetField struct {
	Expr  Expr
	Index int
	T     *Type
}

// Type implements Expr.
func (e *GetField) Type() *Type { return e.T }

// SubqueryKind is the kind of an expression subquery.
type SubqueryKind int

// The kinds of expression subquery.
const (
	SubqueryScalar SubqueryKind = iota
	SubqueryArray
	SubqueryExists
	SubqueryIn
	SubqueryLikeAny
	SubqueryLikeAll
	SubqueryNotLikeAny
	SubqueryNotLikeAll
	SubqueryOther
)

// like tells the kinds of LIKE.
func (k SubqueryKind) like() bool { return k >= SubqueryLikeAny && k <= SubqueryNotLikeAll }

// Subquery is a query in an expression.
type Subquery struct {
	Kind SubqueryKind
	// In is the left side of IN and of the LIKE kinds.
	In   Expr
	Scan Scan
	// Collation is that of the comparison with In; see Call.
	Collation string
	// Ordered tells that the array of an ARRAY subquery keeps the query's order.
	Ordered bool
	// Outer are the columns of the enclosing queries that it refers to.
	Outer []*Col
	T     *Type
}

// Type implements Expr.
func (e *Subquery) Type() *Type { return e.T }

// WithExpr is WITH(a AS x, ..., expr).
type WithExpr struct {
	Assign []Computed
	Expr   Expr
}

// Type implements Expr.
func (e *WithExpr) Type() *Type { return e.Expr.Type() }

// Lambda is a function argument x -> expr.
type Lambda struct {
	Args []*Col
	Body Expr
}

// Type implements Expr.
func (e *Lambda) Type() *Type { return e.Body.Type() }

// OtherExpr is an expression that this package does not describe; What is
// GoogleSQL's name of it.
type OtherExpr struct {
	What string
	T    *Type
}

// Type implements Expr.
func (e *OtherExpr) Type() *Type { return e.T }
