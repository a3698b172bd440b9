package googlesql

import (
	"errors"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// catalogCallback answers the analyzer's look-ups of tables. It runs inside the
// analyzer, so it must not call it: tables that were not prepared are noted,
// and the statement is analyzed again once they are.
type catalogCallback struct {
	gsql.CatalogCallbackDefaults
	catalog Catalog
	ready   map[string]*gsql.SimpleTable
	known   map[string]*Table
	wanted  map[string]*Table
	// views are those of this statement; unlike tables they are never kept, as
	// what they show depends on other tables.
	views   map[string]*resolvedView
	missing []string
	// none is the last thing looked for that is no table, and what it is.
	none     []string
	noneWhat string
	failed   error
}

var (
	errWanted  = errors.New("table to be prepared")
	errMissing = errors.New("table not found")
)

// FullName implements the analyzer's catalog.
func (c *catalogCallback) FullName() (string, error) { return "tables", nil }

// begin forgets what the last round has noted.
func (c *catalogCallback) begin() {
	c.wanted, c.missing, c.failed = map[string]*Table{}, nil, nil
	c.none, c.noneWhat = nil, ""
}

// lacks notes a look-up of what no catalog of ours has. The analyzer's own
// stand-ins would answer with nothing and no error, and then fault.
func (c *catalogCallback) lacks(what string, path []string) error {
	c.none, c.noneWhat = append([]string(nil), path...), what
	return errMissing
}

// FindTableValuedFunction implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindTableValuedFunction(path []string, _ *gsql.FindOptions) (*gsql.TableValuedFunction, error) {
	return nil, c.lacks("Table-valued function", path)
}

// FindType implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindType(path []string, _ *gsql.FindOptions) (gsql.Googlesql_TypeNode, error) {
	return nil, c.lacks("Type", path)
}

// FindProcedure implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindProcedure(path []string, _ *gsql.FindOptions) (*gsql.Procedure, error) {
	return nil, c.lacks("Procedure", path)
}

// FindModel implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindModel(path []string, _ *gsql.FindOptions) (gsql.ModelNode, error) {
	return nil, c.lacks("Model", path)
}

// FindConnection implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindConnection(path []string, _ *gsql.FindOptions) (gsql.ConnectionNode, error) {
	return nil, c.lacks("Connection", path)
}

// FindSequence implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindSequence(path []string, _ *gsql.FindOptions) (gsql.SequenceNode, error) {
	return nil, c.lacks("Sequence", path)
}

// FindPropertyGraph2 implements the analyzer's catalog: there is none.
func (c *catalogCallback) FindPropertyGraph2(path []string, _ *gsql.FindOptions) (gsql.PropertyGraphNode, error) {
	return nil, c.lacks("Property graph", path)
}

// FindTable implements the analyzer's catalog.
func (c *catalogCallback) FindTable(path []string, _ *gsql.FindOptions) (gsql.TableNode, error) {
	t, err := c.catalog.Table(SplitPath(path))
	switch {
	case errors.Is(err, ErrTableNotFound):
		c.missing = append([]string(nil), path...)
		return nil, errMissing
	case err != nil:
		c.failed = err
		return nil, err
	}
	key := tableKey(t)
	if t.View != nil {
		if v, ok := c.views[key]; ok {
			c.known[key] = t
			return v.table, nil
		}
		c.wanted[key] = t
		return nil, errWanted
	}
	if st, ok := c.ready[key]; ok {
		c.known[key] = t
		return st, nil
	}
	c.wanted[key] = t
	return nil, errWanted
}

// explain turns the analyzer's error into this package's.
func (c *catalogCallback) explain(sql string, err error) error {
	if c.failed != nil {
		return c.failed
	}
	msg := err.Error()
	if c.missing != nil && msg == errMissing.Error() {
		line, col := findName(sql, c.missing)
		return &Error{Kind: ErrNotFound, Message: "Table not found: " + strings.Join(c.missing, "."),
			Line: line, Column: col, Table: SplitPath(c.missing)}
	}
	if c.none != nil && msg == errMissing.Error() {
		line, col := findName(sql, c.none)
		return &Error{Message: c.noneWhat + " not found: " + strings.Join(c.none, "."), Line: line, Column: col}
	}
	return newError(msg)
}
