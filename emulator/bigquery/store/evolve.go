package store

import (
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// Changes of a schema that BigQuery allows
// (cloud.google.com/bigquery/docs/managing-table-schemas): columns and fields may
// be added at the end, not REQUIRED ones, and REQUIRED ones may become NULLABLE.

// replaceSchema checks the schema that is to take an old one's place.
func replaceSchema(k Key, old, next []*bq.TableFieldSchema, path string) error {
	refuse := func(format string, args ...any) error {
		return apierr.Invalid("Provided Schema does not match Table %s. %s", k, fmt.Sprintf(format, args...))
	}
	for i, o := range old {
		if i >= len(next) || !strings.EqualFold(next[i].Name, o.Name) {
			return refuse("Field %s%s is missing in new schema", path, o.Name)
		}
		n := next[i]
		was, is := sameType(o.Type), sameType(n.Type)
		if was != is {
			return refuse("Field %s%s has changed type from %s to %s", path, o.Name, was, is)
		}
		from, to := mode(o), mode(n)
		if from != to && !(from == "REQUIRED" && to == "NULLABLE") {
			return refuse("Field %s%s has changed mode from %s to %s", path, o.Name, from, to)
		}
		if err := replaceSchema(k, o.Fields, n.Fields, path+o.Name+"."); err != nil {
			return err
		}
	}
	for _, n := range next[len(old):] {
		if mode(n) == "REQUIRED" {
			return refuse("Cannot add required fields to an existing schema. (field: %s%s)", path, n.Name)
		}
	}
	return nil
}

// extendSchema gives the schema that an old one becomes when data of another one
// is added to it: add and relax say what is allowed. The data may leave out
// fields and have them in another order.
func extendSchema(k Key, old, data []*bq.TableFieldSchema, add, relax, strict bool, path string) ([]*bq.TableFieldSchema, error) {
	refuse := func(format string, args ...any) error {
		return apierr.Invalid("Provided Schema does not match Table %s. %s", k, fmt.Sprintf(format, args...))
	}
	out := make([]*bq.TableFieldSchema, 0, len(old)+len(data))
	index := map[string]int{}
	for i, o := range old {
		c := *o
		out = append(out, &c)
		index[strings.ToLower(o.Name)] = i
	}
	for _, d := range data {
		i, ok := index[strings.ToLower(d.Name)]
		if !ok {
			if !add {
				return nil, refuse("Cannot add fields (field: %s%s)", path, d.Name)
			}
			if strict && mode(d) == "REQUIRED" {
				return nil, refuse("Cannot add required fields to an existing schema. (field: %s%s)", path, d.Name)
			}
			c := *d
			if mode(d) == "REQUIRED" {
				c.Mode = "NULLABLE"
			}
			out = append(out, &c)
			continue
		}
		o := out[i]
		if was, is := sameType(o.Type), sameType(d.Type); was != is {
			return nil, refuse("Field %s%s has changed type from %s to %s", path, o.Name, was, is)
		}
		from, to := mode(o), mode(d)
		switch {
		case from == to:
		case from == "REQUIRED" && to == "NULLABLE" && relax:
			o.Mode = "NULLABLE"
		case from == "NULLABLE" && to == "REQUIRED" && !strict:
		default:
			return nil, refuse("Field %s%s has changed mode from %s to %s", path, o.Name, from, to)
		}
		if len(o.Fields) > 0 {
			// A record's fields go by name too, but a value's do by place.
			fields, err := extendSchema(k, o.Fields, d.Fields, add, relax, strict, path+o.Name+".")
			if err != nil {
				return nil, err
			}
			o.Fields = fields
		}
	}
	return out, nil
}

// mode is a field's mode, the default one included.
func mode(f *bq.TableFieldSchema) string {
	if f.Mode == "" {
		return "NULLABLE"
	}
	return strings.ToUpper(f.Mode)
}

// sameType is a type's one name.
func sameType(t string) string {
	switch t = strings.ToUpper(t); t {
	case "INT64":
		return "INTEGER"
	case "FLOAT64":
		return "FLOAT"
	case "BOOL":
		return "BOOLEAN"
	case "STRUCT":
		return "RECORD"
	case "DECIMAL":
		return "NUMERIC"
	case "BIGDECIMAL":
		return "BIGNUMERIC"
	}
	return t
}

// evolveSQL are the statements that make a table's old columns the new ones. copied
// tells that they write the rows to the physical table next instead of changing
// the old one: so it must be where a record has changed.
func evolveSQL(old *Table, next string, schema *bq.TableSchema, cols []googlesql.Column, copied bool) ([]string, error) {
	if copied {
		create, err := createSQL(next, schema, cols)
		if err != nil {
			return nil, err
		}
		items := make([]string, len(cols))
		for i, c := range cols {
			t, err := translate.Type(c.Type)
			if err != nil {
				return nil, err
			}
			items[i] = missing(c.Type, t)
			if i < len(old.Columns) {
				items[i] = reshape(translate.ColumnName(i), old.Columns[i].Type, c.Type, t, 0)
			}
		}
		return []string{create, "INSERT INTO " + next + " SELECT " + strings.Join(items, ", ") + " FROM " + old.Physical}, nil
	}
	var out []string
	for i, c := range cols {
		name := translate.ColumnName(i)
		if i >= len(old.Columns) {
			t, err := translate.Type(c.Type)
			if err != nil {
				return nil, err
			}
			out = append(out, "ALTER TABLE "+old.Physical+" ADD COLUMN "+name+" "+t+" DEFAULT "+missing(c.Type, t))
			continue
		}
		if mode(old.Meta.Schema.Fields[i]) == "REQUIRED" && mode(schema.Fields[i]) != "REQUIRED" {
			out = append(out, "ALTER TABLE "+old.Physical+" ALTER COLUMN "+name+" DROP NOT NULL")
		}
	}
	return out, nil
}

// missing is what a new column holds in the rows that were there before: NULL, or
// the empty array, as no array of a table is NULL.
func missing(t *googlesql.Type, name string) string {
	if t.Kind == googlesql.KindArray {
		return "CAST([] AS " + name + ")"
	}
	return "CAST(NULL AS " + name + ")"
}

// reshape makes a value x of an old type one of a type with more fields.
func reshape(x string, old, next *googlesql.Type, name string, depth int) string {
	if old.String() == next.String() {
		return x
	}
	if next.Kind == googlesql.KindArray {
		v := fmt.Sprintf("e%d", depth)
		elem, err := translate.Type(next.Elem)
		if err != nil {
			return x
		}
		return "list_transform(" + x + ", lambda " + v + ": " + reshape(v, old.Elem, next.Elem, elem, depth+1) + ")"
	}
	parts := make([]string, len(next.Fields))
	for i, f := range next.Fields {
		t, err := translate.Type(f.Type)
		if err != nil {
			return x
		}
		value := missing(f.Type, t)
		if i < len(old.Fields) {
			value = reshape(fmt.Sprintf("struct_extract(%s, 'f%d')", x, i), old.Fields[i].Type, f.Type, t, depth)
		}
		parts[i] = fmt.Sprintf("f%d := %s", i, value)
	}
	return "CASE WHEN " + x + " IS NULL THEN CAST(NULL AS " + name + ") ELSE struct_pack(" + strings.Join(parts, ", ") + ") END"
}

// recordsChanged tells whether a column that stays has another type.
func recordsChanged(old, next []googlesql.Column) bool {
	for i, o := range old {
		if o.Type.String() != next[i].Type.String() {
			return true
		}
	}
	return false
}
