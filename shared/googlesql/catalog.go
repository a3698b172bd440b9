package googlesql

import (
	"errors"
	"strings"
)

// Table is what the analyzer is told of a table.
type Table struct {
	Project, Dataset, Name string
	Columns                []Column
	// Data is the caller's own; the package does not look at it.
	Data any
	// Values makes it a value table: its one column is the row itself. BigQuery has
	// none.
	Values bool
	// View makes it a view; Columns only serve to bound a statement then.
	View *View
}

// View is a query under a table's name. It is resolved by itself wherever the
// table is read, and its resolved tree stands in TableScan.View.
type View struct {
	Query string
	// Catalog finds the query's tables.
	Catalog Catalog
}

// Column is one column of a Table.
type Column struct {
	Name string
	Type *Type
}

// ID returns project.dataset.table.
func (t *Table) ID() string { return t.Project + "." + t.Dataset + "." + t.Name }

// ErrTableNotFound is what a Catalog returns for a name that it does not have.
var ErrTableNotFound = errors.New("table not found")

// Catalog finds tables by name. The analyzer calls it while it holds the
// engine, so Table must be quick, must not analyze, and must not panic.
type Catalog interface {
	// Table returns the table of a name path that SplitPath has split into
	// project, dataset, table (the missing ones empty). An unknown name is
	// ErrTableNotFound; any other error stops the analysis with its text.
	Table(path []string) (*Table, error)
}

// SplitPath splits the parts of a table name as they stand in a statement
// (`p.d.t` quoted whole or in part, p-1.d.t, d.t, t) into single names, of
// which BigQuery allows one to three. Only the project, in front, may hold dots
// of its own (domain-scoped projects, example.com:p).
func SplitPath(path []string) []string {
	var out []string
	for _, p := range path {
		if head, rest, ok := strings.Cut(p, ":"); ok && len(out) == 0 && strings.Contains(head, ".") {
			proj, tail, more := strings.Cut(rest, ".")
			out = append(out, head+":"+proj)
			if more {
				out = append(out, strings.Split(tail, ".")...)
			}
			continue
		}
		out = append(out, strings.Split(p, ".")...)
	}
	return out
}

// Tables is a Catalog of a fixed list of tables, for a room that knows all it
// may show.
type Tables struct {
	// Project and Dataset complete names that leave them out; empty: such names
	// are not found.
	Project, Dataset string
	// List is searched by exact name, as BigQuery's own names are
	// case-sensitive.
	List []*Table
}

// Table implements Catalog.
func (c Tables) Table(path []string) (*Table, error) {
	project, dataset := c.Project, c.Dataset
	var name string
	switch len(path) {
	case 1:
		name = path[0]
	case 2:
		dataset, name = path[0], path[1]
	case 3:
		project, dataset, name = path[0], path[1], path[2]
	default:
		return nil, ErrTableNotFound
	}
	for _, t := range c.List {
		if t.Project == project && t.Dataset == dataset && t.Name == name {
			return t, nil
		}
	}
	return nil, ErrTableNotFound
}
