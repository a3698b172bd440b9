package translate

import (
	"strings"

	"researchhub.example/hub/shared/googlesql"
)

// Value translates one expression that refers to no table's columns into a query
// of one row and one column.
func Value(e googlesql.Expr, p Params) (st Statement, err error) {
	t := newTranslator(p)
	defer func() {
		if r := recover(); r != nil {
			st, err = Statement{}, translationError(r)
		}
	}()
	checkType(e.Type())
	return Statement{SQL: "SELECT " + t.expr(e) + " AS " + ColumnName(0), Uncertain: t.uncertain, Tries: t.tries}, nil
}

// StoredSelect makes of a query, whose columns are named by ColumnName, one that
// gives what a table keeps of its rows.
func StoredSelect(cols []googlesql.Column, sql string) string {
	items := make([]string, len(cols))
	arrays := false
	for i, c := range cols {
		items[i] = Stored(c.Name, c.Type, "q."+ColumnName(i))
		arrays = arrays || c.Type.Has(googlesql.KindArray)
	}
	if !arrays {
		return sql
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + sql + ") AS q"
}
