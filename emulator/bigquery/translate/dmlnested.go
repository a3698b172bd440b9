package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// settings gives the ways to the targets of items that change parts of one
// value.
func settings(items []*googlesql.UpdateItem) []setting {
	out := make([]setting, len(items))
	for i, it := range items {
		_, fields, keys := pathOf(it.Target)
		out[i] = setting{fields, keys, it}
	}
	return out
}

// failWith is fail with a text that is put together by SQL expressions.
func failWith(parts ...string) string { return "error(" + strings.Join(parts, " || ") + ")" }

// elements writes an array x of a type after changes to elements of it by their
// offsets: SET a[OFFSET(i)] = v.
func (d *dml) elements(x string, ty *googlesql.Type, it *googlesql.UpdateItem) string {
	name := ty.String()
	guards := "WHEN " + x + " IS NULL THEN " + fail("Cannot use [] to modify a NULL array of type "+name)
	body := "CASE i"
	var places []string
	for _, e := range it.Elements {
		at := d.expr(e.Subscript)
		guards += " WHEN " + at + " IS NULL THEN " + fail("Cannot SET a NULL offset of "+name)
		guards += " WHEN " + at + " < 0 OR " + at + " >= len(" + x + ") THEN " +
			failWith("'Cannot SET array offset '", at, duck.Text(" of an "+name+" of size "), "len("+x+")")
		for _, before := range places {
			guards += " WHEN " + at + " = " + before + " THEN " + failWith("'Cannot perform multiple updates to offset '", at, duck.Text(" on type "+name))
		}
		places = append(places, at)
		old := "list_extract(" + x + ", " + at + " + 1)"
		d.refs[it.Element.ID] = old
		var value string
		if _, direct := e.Item.Target.(*googlesql.ColRef); direct && e.Item.IsSet && ty.Elem.Kind == googlesql.KindJSON {
			value = d.jsonSetValue(e.Item.Value)
		} else {
			value = d.changed(old, ty.Elem, settings([]*googlesql.UpdateItem{e.Item}))
		}
		body += " WHEN " + at + " + 1 THEN " + value
	}
	return "(CASE " + guards + " ELSE list_transform(" + x + ", lambda e, i: " + body + " ELSE e END) END)"
}

// nested writes an array x of a type after the nested statements over it. All
// conditions see the elements, and their offsets, as they were; deletions come
// first, then updates, which must not meet, then insertions.
func (d *dml) nested(x string, ty *googlesql.Type, it *googlesql.UpdateItem) string {
	first := "INSERT"
	switch {
	case len(it.Deletes) > 0:
		first = "DELETE"
	case len(it.Updates) > 0:
		first = "UPDATE"
	}
	out := x
	if len(it.Deletes)+len(it.Updates) > 0 {
		out = d.nestedRows(x, ty, it)
	}
	for _, s := range it.Inserts {
		out = "list_concat(" + out + ", " + d.nestedInsert(ty, s) + ")"
	}
	return "(CASE WHEN " + x + " IS NULL THEN " + fail("Cannot execute a nested "+first+" statement on a NULL array value") + " ELSE " + out + " END)"
}

// nestedRows writes the nested DELETE and UPDATE statements: the elements as
// rows, with the number of the DELETE that takes each, whether each UPDATE does,
// and its new value.
func (d *dml) nestedRows(x string, ty *googlesql.Type, it *googlesql.UpdateItem) string {
	a := d.alias("n")
	rows := "SELECT unnest(" + x + ") AS e, CAST(generate_subscripts(" + x + ", 1) - 1 AS BIGINT) AS o"
	scope := func(offset *googlesql.Col) {
		d.refs[it.Element.ID] = a + ".e"
		if offset != nil {
			d.refs[offset.ID] = a + ".o"
		}
	}
	deleted := "CASE"
	for k, s := range it.Deletes {
		scope(s.Offset)
		deleted += fmt.Sprintf(" WHEN %s THEN %d", d.expr(s.Where), k+1)
	}
	if deleted += " ELSE 0 END"; len(it.Deletes) == 0 {
		deleted = "0"
	}
	rows = "SELECT " + a + ".e, " + a + ".o, " + deleted + " AS d FROM (" + rows + ") AS " + a
	taken, value, sum := "", "CASE", "0"
	for k, s := range it.Updates {
		if s.From != nil {
			refuse("a nested UPDATE with FROM")
		}
		scope(s.Offset)
		taken += fmt.Sprintf(", (%s.d = 0 AND (%s) IS NOT DISTINCT FROM TRUE) AS u%d", a, d.expr(s.Where), k)
		value += fmt.Sprintf(" WHEN %s.u%d THEN %s", a, k, d.changed(a+".e", ty.Elem, settings(s.Items)))
		sum += fmt.Sprintf(" + CAST(%s.u%d AS INTEGER)", a, k)
	}
	if value += " ELSE " + a + ".e END"; len(it.Updates) == 0 {
		value = a + ".e"
	}
	rows = "SELECT " + a + ".*" + taken + " FROM (" + rows + ") AS " + a
	rows = "SELECT " + a + ".*, " + value + " AS v, " + sum + " AS n FROM (" + rows + ") AS " + a
	guards := "WHEN max(" + a + ".n) > 1 THEN " + fail("Attempted to modify an array element with multiple nested UPDATE statements")
	for k, s := range it.Deletes {
		guards += d.nestedAssert(s.AssertRows, fmt.Sprintf("count(*) FILTER (%s.d = %d)", a, k+1))
	}
	for k, s := range it.Updates {
		guards += d.nestedAssert(s.AssertRows, fmt.Sprintf("count(*) FILTER (%s.u%d)", a, k))
	}
	return "(SELECT CASE " + guards + " ELSE coalesce(list(" + a + ".v ORDER BY " + a + ".o) FILTER (" + a + ".d = 0), CAST([] AS " + typeName(ty) + ")) END FROM (" + rows + ") AS " + a + ")"
}

// nestedAssert writes the guard of ASSERT_ROWS_MODIFIED of a nested statement.
func (d *dml) nestedAssert(e googlesql.Expr, count string) string {
	if e == nil {
		return ""
	}
	n := d.assertedRows(e)
	return fmt.Sprintf(" WHEN %s <> %d THEN %s", count, n,
		failWith(fmt.Sprintf("'ASSERT_ROWS_MODIFIED expected %d array elements modified, but found '", n), count))
}

// nestedInsert writes the array that a nested INSERT adds.
func (d *dml) nestedInsert(ty *googlesql.Type, s *googlesql.Insert) string {
	if s.Mode != "" {
		refuse("a nested INSERT %s", s.Mode)
	}
	array := "CAST([] AS " + typeName(ty) + ")"
	if s.Query != nil {
		if len(s.Out) != 1 {
			refuse("a nested INSERT of %d columns", len(s.Out))
		}
		r := d.translator.scan(s.Query)
		array = "coalesce(ARRAY(" + r.selectSQL(d.soleColumn(s.Out[0])) + "), " + array + ")"
	} else {
		items := make([]string, len(s.Rows))
		for i, row := range s.Rows {
			if len(row) != 1 {
				refuse("a nested INSERT of %d columns", len(row))
			}
			if row[0] == nil {
				items[i] = literal(googlesql.Value{Type: ty.Elem})
			} else {
				items[i] = d.expr(row[0])
			}
		}
		array = "list_concat(" + array + ", [" + strings.Join(items, ", ") + "])"
	}
	if s.AssertRows == nil {
		return array
	}
	return "(CASE " + d.nestedAssert(s.AssertRows, "len("+array+")") + " ELSE " + array + " END)"
}
