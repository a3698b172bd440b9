package translate

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// setting is an item of SET with the way from a value to its target.
type setting struct {
	// fields leads through STRUCTs, and keys from there into a JSON value.
	fields []int
	keys   []string
	item   *googlesql.UpdateItem
}

// pathOf takes a target apart: the column (or element), the fields below it, and
// the keys below those.
func pathOf(e googlesql.Expr) (*googlesql.Col, []int, []string) {
	switch e := e.(type) {
	case *googlesql.ColRef:
		return e.Col, nil, nil
	case *googlesql.GetField:
		c, fields, keys := pathOf(e.Expr)
		return c, append(fields, e.Index), keys
	case *googlesql.Call:
		if e.Name == "$json_field" && len(e.Args) == 2 {
			if name, ok := e.Args[1].(*googlesql.Literal); ok {
				c, fields, keys := pathOf(e.Args[0])
				key, _ := name.Value.V.(string)
				return c, fields, append(keys, key)
			}
		}
	}
	refuse("this target of SET")
	return nil, nil, nil
}

// setColumns gives the places of the columns that SET changes, in order.
func (d *dml) setColumns(items []*googlesql.UpdateItem) []int {
	var out []int
	for _, it := range items {
		c, _, _ := pathOf(it.Target)
		if i := d.place(c); !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

func (d *dml) place(c *googlesql.Col) int {
	for k, x := range d.scan.Cols {
		if x.ID == c.ID {
			return d.scan.Index[k]
		}
	}
	refuse("this target of SET")
	return 0
}

// setValues writes the new values of the columns that SET changes.
func (d *dml) setValues(items []*googlesql.UpdateItem) map[int]string {
	byColumn := map[int][]setting{}
	for _, it := range items {
		c, fields, keys := pathOf(it.Target)
		i := d.place(c)
		byColumn[i] = append(byColumn[i], setting{fields, keys, it})
	}
	out := map[int]string{}
	for i, list := range byColumn {
		out[i] = d.changed(d.row+"."+ColumnName(i), d.out.Table.Columns[i].Type, list)
	}
	return out
}

// changed writes the value x of a type after the settings.
func (d *dml) changed(x string, ty *googlesql.Type, list []setting) string {
	if len(x) > maxSQL {
		refuse("an expression of this size")
	}
	if ty.Kind == googlesql.KindJSON && (len(list) > 1 || len(list[0].keys) > 0 || !list[0].item.IsSet) {
		return d.changedJSON(x, list)
	}
	if len(list[0].fields) == 0 {
		if len(list) > 1 {
			refuse("SET of a value and of its fields")
		}
		return d.itemValue(x, ty, list[0].item)
	}
	if ty.Kind != googlesql.KindStruct {
		refuse("SET of a field of %s", ty)
	}
	parts := make([]string, len(ty.Fields))
	for i, f := range ty.Fields {
		field := "struct_extract(" + x + ", '" + fieldName(i) + "')"
		var below []setting
		for _, s := range list {
			if len(s.fields) == 0 {
				refuse("SET of a value and of its fields")
			}
			if s.fields[0] == i {
				below = append(below, setting{s.fields[1:], s.keys, s.item})
			}
		}
		if len(below) > 0 {
			field = d.changed(field, f.Type, below)
		}
		parts[i] = fieldName(i) + " := " + field
	}
	return "(CASE WHEN " + x + " IS NULL THEN " + fail("Cannot set field of NULL "+ty.String()) + " ELSE struct_pack(" + strings.Join(parts, ", ") + ") END)"
}

// fail is an expression that ends the statement with an error of the data.
func fail(message string) string { return "error(" + duck.Text(message) + ")" }

// itemValue writes the value that one item of SET gives to x.
func (d *dml) itemValue(x string, ty *googlesql.Type, it *googlesql.UpdateItem) string {
	if it.IsSet {
		if it.Value == nil {
			return literal(googlesql.Value{Type: ty})
		}
		return d.expr(it.Value)
	}
	switch {
	case ty.Kind != googlesql.KindArray || it.Element == nil:
	case len(it.Elements) > 0:
		return d.elements(x, ty, it)
	case len(it.Deletes)+len(it.Updates)+len(it.Inserts) > 0:
		return d.nested(x, ty, it)
	}
	refuse("changing the members of a %s", ty)
	return ""
}

// Stored writes what a table keeps of a value x: a NULL array is an empty one,
// and an array must not have NULL elements
// (cloud.google.com/bigquery/docs/reference/standard-sql/data-types#array_nulls).
// name is the column's, for the error.
func Stored(name string, ty *googlesql.Type, x string) string { return stored(name, ty, x, 0) }

func stored(name string, ty *googlesql.Type, x string, depth int) string {
	if !ty.Has(googlesql.KindArray) {
		return x
	}
	if ty.Kind == googlesql.KindStruct {
		parts := make([]string, len(ty.Fields))
		for i, f := range ty.Fields {
			parts[i] = fieldName(i) + " := " + stored(name, f.Type, "struct_extract("+x+", '"+fieldName(i)+"')", depth)
		}
		return "(CASE WHEN " + x + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(parts, ", ") + ") END)"
	}
	e := fmt.Sprintf("e%d", depth)
	list := x
	if ty.Elem.Has(googlesql.KindArray) {
		list = "list_transform(" + x + ", lambda " + e + ": " + stored(name, ty.Elem, e, depth+1) + ")"
	}
	return "(CASE WHEN " + x + " IS NULL THEN CAST([] AS " + typeName(ty) + ") WHEN len(list_filter(" + x + ", lambda " + e + ": " + e + " IS NULL)) > 0 THEN " +
		fail("Array cannot have a null element; error in writing field "+name) + " ELSE " + list + " END)"
}
