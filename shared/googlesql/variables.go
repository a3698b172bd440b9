package googlesql

import (
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// VariableName is the name of the Param that a script's variable is in the tree;
// no query parameter can have it.
func VariableName(variable string) string { return "variable " + strings.ToLower(variable) }

// variables makes constants of a script's variables. The analyzer looks at their
// types only, so they are all NULL.
func (e *engine) variables(list map[string]*Type) (*gsql.SimpleCatalog, error) {
	c, err := gsql.NewSimpleCatalog("variables", nil)
	if err != nil {
		return nil, err
	}
	for name, t := range list {
		typ, err := e.analyzerType(t)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		null, err := gsql.NewValueNull(typ)
		if err != nil {
			return nil, err
		}
		constant, err := gsql.NewSimpleConstantCreate([]string{name}, null)
		if err != nil {
			return nil, err
		}
		if err := c.AddConstant(constant); err != nil {
			return nil, err
		}
	}
	return c, nil
}
