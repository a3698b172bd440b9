package googlesql

import (
	"context"
	"fmt"
	"strings"
)

// Options are what a statement is resolved against.
type Options struct {
	// Catalog holds the tables; nil: none.
	Catalog Catalog
	// NamedParams are the types of @name parameters; names without the @.
	NamedParams map[string]*Type
	// PositionalParams are the types of ? parameters. Not both may be given.
	PositionalParams []*Type
	// Variables are a script's variables; names in lower case. A name that is also
	// a column's means the column. In the tree they are the Params of VariableName.
	Variables map[string]*Type
	// ReadOnly accepts one query and nothing else.
	ReadOnly bool
	// Preview accepts features of GoogleSQL that BigQuery does not offer, for tests
	// of what is made of the tree.
	Preview bool
	// TimeZone is the default time zone, in which a TIMESTAMP literal without one is
	// read: "UTC" (also the default, as in BigQuery) or "America/Los_Angeles", the
	// only other one that the engine can be told.
	TimeZone string
}

// The time zones of Options.TimeZone.
const (
	UTC        = "UTC"
	LosAngeles = "America/Los_Angeles"
)

// OutputColumn is a column of a query's result. A column without a name of its
// own is called f0_, f1_ ... by its place among those, as BigQuery does.
type OutputColumn struct {
	Name string
	Type *Type
	// Col is the resolved column that it shows: itself, or where OfStruct is set
	// its field number Field.
	Col      *Col
	OfStruct bool
	Field    int
}

// TableUse is a table that a statement refers to, with the columns that are
// really read (in the table's order; none for COUNT(*)).
type TableUse struct {
	Table   *Table
	Columns []string
}

// Analysis is a resolved statement.
type Analysis struct {
	// Kind is GoogleSQL's name of the statement, e.g. QueryStmt.
	Kind string
	// Columns are a query's output columns.
	Columns []OutputColumn
	// ValueTable tells that the query's rows are values (SELECT AS STRUCT or AS
	// VALUE): Columns are a STRUCT's fields, or the one column of another type.
	ValueTable bool
	// Root is a query's resolved tree, also that of CREATE TABLE AS and CREATE
	// VIEW; nil for other statements.
	Root Scan
	// Statement is what a statement other than a query asks for; nil for a query
	// and for what Others names.
	Statement Statement
	// Tables are the tables referred to, in order of first mention.
	Tables []TableUse
	// Others names the parts of the tree that this package does not describe;
	// who wants to run the tree must refuse the statement.
	Others []string
}

// StatementQuery is Analysis.Kind of a query.
const StatementQuery = "QueryStmt"

// Analyze resolves one statement. A refusal of the statement is an *Error; the
// error of a cancelled ctx is returned before the work begins only, also while
// another statement holds the engine: the work itself cannot be interrupted.
func Analyze(ctx context.Context, sql string, opts Options) (*Analysis, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkLimits(sql); err != nil {
		return nil, err
	}
	if len(opts.NamedParams) > 0 && len(opts.PositionalParams) > 0 {
		return nil, &Error{Message: "named and positional query parameters cannot be mixed"}
	}
	if z := opts.TimeZone; z != "" && z != UTC && z != LosAngeles {
		return nil, &Error{Message: fmt.Sprintf("the default time zone %q is not supported; use UTC", z)}
	}
	if opts.ReadOnly {
		if err := checkReadOnly(sql); err != nil {
			return nil, err
		}
	}
	if opts.Preview {
		sql = spellQuantified(sql)
	}
	if err := checkWidth(sql, opts); err != nil {
		return nil, err
	}
	e, err := theEngine()
	if err != nil {
		return nil, err
	}
	a, err := e.analyze(ctx, sql, opts)
	if err != nil {
		return nil, err
	}
	if opts.ReadOnly && a.Kind != StatementQuery {
		return nil, &Error{Kind: ErrNotReadOnly, Line: 1, Column: 1,
			Message: "only a single SELECT query is accepted here, not " + statementName(a.Kind)}
	}
	return a, nil
}

// Warm starts the analyzer, so that the first statement does not wait for it.
func Warm() error {
	_, err := theEngine()
	return err
}

// checkReadOnly refuses, with its position, what cannot be a query, before names
// are looked up: a statement that is none, or a second statement.
func checkReadOnly(sql string) error {
	l := &lexer{src: sql}
	first := l.next()
	for first.kind == tokenSymbol && first.text == "(" {
		first = l.next()
	}
	switch strings.ToUpper(first.text) {
	case "SELECT", "WITH", "FROM":
	default:
		line, col := lineColumn(sql, first.pos)
		what := "a query is missing"
		if first.kind == tokenWord {
			what = "only a single SELECT query is accepted here, not " + strings.ToUpper(first.text)
		}
		return &Error{Kind: ErrNotReadOnly, Message: what, Line: line, Column: col}
	}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		if t.kind == tokenSymbol && t.text == ";" {
			if after := l.next(); after.kind != tokenEnd {
				line, col := lineColumn(sql, after.pos)
				return &Error{Kind: ErrNotReadOnly, Line: line, Column: col,
					Message: "only a single SELECT query is accepted here; a second statement begins"}
			}
		}
	}
	return nil
}

// statementName turns a kind such as CreateTableStmt into CREATE TABLE.
func statementName(kind string) string {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(kind, "Stmt") {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}
