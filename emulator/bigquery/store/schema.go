package store

import (
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// maxColumns is BigQuery's limit on columns of a table.
const maxColumns = 10000

// Columns turns a schema of the API into columns, or says what is wrong or not
// supported.
func Columns(s *bq.TableSchema) ([]googlesql.Column, error) {
	if s == nil {
		return nil, nil
	}
	if len(s.Fields) > maxColumns {
		return nil, apierr.Invalid("Too many columns: %d; at most %d are allowed", len(s.Fields), maxColumns)
	}
	out := make([]googlesql.Column, 0, len(s.Fields))
	seen := map[string]bool{}
	for _, f := range s.Fields {
		key := strings.ToLower(f.Name)
		if f.Name == "" || len(f.Name) > 300 {
			return nil, apierr.Invalid("Invalid field name %q. A field's name has 1 to 300 characters.", f.Name)
		}
		if seen[key] {
			return nil, apierr.Invalid("Duplicate column name '%s' in the schema", f.Name)
		}
		seen[key] = true
		t, err := fieldType(f, 0)
		if err != nil {
			return nil, err
		}
		if _, err := translate.Type(t); err != nil {
			return nil, apierr.NotImplemented("field %s: %v", f.Name, err)
		}
		out = append(out, googlesql.Column{Name: f.Name, Type: t})
	}
	return out, nil
}

// maxDepth is BigQuery's limit on nested records.
const maxDepth = 15

func fieldType(f *bq.TableFieldSchema, depth int) (*googlesql.Type, error) {
	if depth > maxDepth {
		return nil, apierr.Invalid("field %s is nested more than %d levels deep", f.Name, maxDepth)
	}
	var t *googlesql.Type
	switch strings.ToUpper(f.Type) {
	case "RECORD", "STRUCT":
		t = &googlesql.Type{Kind: googlesql.KindStruct}
		for _, sub := range f.Fields {
			st, err := fieldType(sub, depth+1)
			if err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, googlesql.Field{Name: sub.Name, Type: st})
		}
	case "RANGE":
		if f.RangeElementType == nil {
			return nil, apierr.Invalid("field %s: a RANGE needs its rangeElementType", f.Name)
		}
		elem, _ := googlesql.Simple(f.RangeElementType.Type)
		if !elem.Is(googlesql.KindDate, googlesql.KindDatetime, googlesql.KindTimestamp) {
			return nil, apierr.Invalid("field %s: %s is not a valid element type of a RANGE", f.Name, f.RangeElementType.Type)
		}
		t = googlesql.RangeOf(elem)
	case "GEOGRAPHY":
		return nil, apierr.NotImplemented("field %s: the type %s is not supported by the local BigQuery", f.Name, strings.ToUpper(f.Type))
	default:
		var ok bool
		if t, ok = googlesql.Simple(f.Type); !ok {
			return nil, apierr.Invalid("Invalid value for type: %s is not a valid value (field %s)", f.Type, f.Name)
		}
	}
	if f.MaxLength != 0 || f.Precision != 0 || f.Scale != 0 || f.DefaultValueExpression != "" || f.Collation != "" {
		return nil, apierr.NotImplemented("field %s: length, precision, collation and default values are not supported by the local BigQuery", f.Name)
	}
	if (f.PolicyTags != nil && len(f.PolicyTags.Names) > 0) || len(f.DataPolicies) > 0 || f.DataPolicyList != nil || f.GeneratedColumn != nil ||
		f.RoundingMode != "" || f.TimestampPrecision != nil || f.ForeignTypeDefinition != "" {
		return nil, apierr.NotImplemented("field %s: policy tags, data policies, generated columns, rounding modes and precisions are not supported by the local BigQuery", f.Name)
	}
	switch strings.ToUpper(f.Mode) {
	case "", "NULLABLE", "REQUIRED":
	case "REPEATED":
		t = googlesql.ArrayOf(t)
	default:
		return nil, apierr.Invalid("Invalid value for mode: %s (field %s)", f.Mode, f.Name)
	}
	return t, nil
}

// apiTypes are the API's (legacy) names of the types.
var apiTypes = map[googlesql.Kind]string{
	googlesql.KindInt64: "INTEGER", googlesql.KindFloat64: "FLOAT", googlesql.KindBool: "BOOLEAN", googlesql.KindStruct: "RECORD",
}

// Schema turns columns into a schema of the API.
func Schema(cols []googlesql.Column) *bq.TableSchema {
	s := &bq.TableSchema{}
	for _, c := range cols {
		s.Fields = append(s.Fields, Field(c.Name, c.Type))
	}
	return s
}

// Field is one field of the API's schema.
func Field(name string, t *googlesql.Type) *bq.TableFieldSchema {
	f := &bq.TableFieldSchema{Name: name, Mode: "NULLABLE"}
	if t.Kind == googlesql.KindArray {
		f.Mode, t = "REPEATED", t.Elem
	}
	f.Type = t.Kind.String()
	if n, ok := apiTypes[t.Kind]; ok {
		f.Type = n
	}
	if t.Kind == googlesql.KindRange {
		f.RangeElementType = &bq.TableFieldSchemaRangeElementType{Type: t.Elem.String()}
	}
	for i, sub := range t.Fields {
		name := sub.Name
		if name == "" {
			name = fmt.Sprintf("_field_%d", i+1)
		}
		f.Fields = append(f.Fields, Field(name, sub.Type))
	}
	return f
}

// createSQL is DuckDB's CREATE TABLE of the columns. REQUIRED fields are NOT
// NULL.
func createSQL(physical string, s *bq.TableSchema, cols []googlesql.Column) (string, error) {
	var parts []string
	for i, c := range cols {
		t, err := translate.Type(c.Type)
		if err != nil {
			return "", apierr.NotImplemented("field %s: %v", c.Name, err)
		}
		def := translate.ColumnName(i) + " " + t
		if s != nil && i < len(s.Fields) && strings.EqualFold(s.Fields[i].Mode, "REQUIRED") {
			def += " NOT NULL"
		}
		parts = append(parts, def)
	}
	if len(parts) == 0 {
		// DuckDB has no table without columns; a table made without schema gets
		// its columns when it is first written.
		parts = []string{"none BOOLEAN"}
	}
	return "CREATE TABLE " + physical + " (" + strings.Join(parts, ", ") + ")", nil
}
