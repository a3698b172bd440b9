package load

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/shared/googlesql"
)

// Records reads rows given as JSON objects, one after the other.
type Records struct {
	top shape
	// IgnoreUnknown leaves out the values of fields that the table does not have.
	IgnoreUnknown bool
	// Seconds takes a number for a TIMESTAMP as seconds since 1970, as insertAll
	// does. Otherwise it is refused: what a load takes it for depends on its size.
	Seconds bool
	// JSONText takes a JSON column's value as a string of its text, as insertAll
	// does. Otherwise the value itself is it.
	JSONText bool
}

// shape is a record's fields by lower-case name: BigQuery's are found whatever
// their case.
type shape struct {
	index  map[string]int
	fields []fieldShape
}

type fieldShape struct {
	name     string
	typ      *googlesql.Type // of one element, when repeated
	repeated bool
	required bool
	sub      *shape
}

// NewRecords makes a reader of a table's rows.
func NewRecords(cols []googlesql.Column, fields []*bq.TableFieldSchema) *Records {
	types := make([]*googlesql.Type, len(cols))
	for i, c := range cols {
		types[i] = c.Type
	}
	return &Records{top: newShape(types, fields)}
}

func newShape(types []*googlesql.Type, fields []*bq.TableFieldSchema) shape {
	s := shape{index: map[string]int{}}
	for i, f := range fields {
		fs := fieldShape{name: f.Name, typ: types[i], required: strings.EqualFold(f.Mode, "REQUIRED")}
		if fs.typ.Kind == googlesql.KindArray {
			fs.repeated, fs.typ = true, fs.typ.Elem
		}
		if fs.typ.Kind == googlesql.KindStruct {
			kinds := make([]*googlesql.Type, len(fs.typ.Fields))
			for k, sub := range fs.typ.Fields {
				kinds[k] = sub.Type
			}
			sub := newShape(kinds, f.Fields)
			fs.sub = &sub
		}
		s.index[strings.ToLower(f.Name)] = i
		s.fields = append(s.fields, fs)
	}
	return s
}

// Read reads one row. A row that is wrong is a *FieldError; any other error ends
// the whole.
func (r *Records) Read(raw []byte) ([]googlesql.Value, error) {
	raw = space(raw)
	if !json.Valid(raw) {
		return nil, wrong("", "JSON parsing error: the row is no JSON object")
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, wrong("", "JSON parsing error: the row is no JSON object")
	}
	return r.record(raw, r.top, "")
}

func (r *Records) record(raw []byte, s shape, path string) ([]googlesql.Value, error) {
	out := make([]googlesql.Value, len(s.fields))
	seen := make([]bool, len(s.fields))
	err := members(raw, func(name string, v []byte) error {
		i, ok := s.index[strings.ToLower(name)]
		if !ok {
			if r.IgnoreUnknown {
				return nil
			}
			return wrong(path+name, "no such field: %s.", path+name)
		}
		if seen[i] {
			return wrong(path+name, "the field %s is given twice", path+name)
		}
		seen[i] = true
		var err error
		out[i], err = r.field(v, s.fields[i], path+s.fields[i].name)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, f := range s.fields {
		if !seen[i] {
			out[i] = empty(f)
		}
		if f.required && out[i].IsNull() {
			return nil, wrong(path+f.name, "Missing required field: %s.", path+f.name)
		}
	}
	return out, nil
}

// empty is what a field holds that is not given.
func empty(f fieldShape) googlesql.Value {
	if f.repeated {
		return googlesql.Value{Type: googlesql.ArrayOf(f.typ), V: []googlesql.Value{}}
	}
	return googlesql.Value{Type: f.typ}
}

func isNull(v []byte) bool { return string(v) == "null" }

func (r *Records) field(raw []byte, f fieldShape, path string) (googlesql.Value, error) {
	if isNull(raw) {
		if f.typ.Kind == googlesql.KindJSON && !f.repeated && !r.JSONText {
			return googlesql.Value{}, &refusal{"a null for the JSON field " + path}
		}
		return empty(f), nil
	}
	if !f.repeated {
		return r.one(raw, f, path)
	}
	if raw[0] != '[' {
		return googlesql.Value{}, wrong(path, "Repeated field must be imported as a JSON array. Field: %s.", path)
	}
	list := []googlesql.Value{}
	err := elements(raw, func(v []byte) error {
		if isNull(v) {
			return wrong(path, "Only optional fields can be set to NULL. Field: %s; Value: NULL", path)
		}
		x, err := r.one(v, f, path)
		list = append(list, x)
		return err
	})
	return googlesql.Value{Type: googlesql.ArrayOf(f.typ), V: list}, err
}

func (r *Records) one(raw []byte, f fieldShape, path string) (googlesql.Value, error) {
	v := googlesql.Value{Type: f.typ}
	if f.sub != nil {
		if raw[0] != '{' {
			return v, wrong(path, "This field: %s is not a record.", path)
		}
		list, err := r.record(raw, *f.sub, path+".")
		v.V = list
		return v, err
	}
	if f.typ.Kind == googlesql.KindJSON {
		return r.json(raw, v, path)
	}
	var text string
	switch raw[0] {
	case '{':
		return v, wrong(path, "This field: %s is not a record.", path)
	case '[':
		return v, wrong(path, "Array specified for non-repeated field: %s.", path)
	case '"':
		text = unquote(raw)
	default:
		return r.bare(raw, v, path)
	}
	x, ok := Scalar(text, f.typ)
	if !ok {
		return v, unread(text, f.typ, path)
	}
	v.V = x
	return v, nil
}

// json reads the value of a JSON column.
func (r *Records) json(raw []byte, v googlesql.Value, path string) (googlesql.Value, error) {
	text := string(raw)
	if r.JSONText {
		if raw[0] != '"' {
			return v, &refusal{"a value that is no string for the JSON field " + path}
		}
		text = unquote(raw)
	}
	x, ok := canonicalJSON(text)
	if !ok {
		return v, unread(text, v.Type, path)
	}
	v.V = x
	return v, nil
}

// bare reads a number, true or false.
func (r *Records) bare(raw []byte, v googlesql.Value, path string) (googlesql.Value, error) {
	text := string(raw)
	word := raw[0] == 't' || raw[0] == 'f'
	number := !word
	var ok bool
	switch v.Type.Kind {
	case googlesql.KindInt64:
		if number {
			if n, whole := wholeNumber(text); whole {
				v.V, ok = n, true
			}
		}
	case googlesql.KindFloat64, googlesql.KindNumeric:
		if number {
			v.V, ok = Scalar(text, v.Type)
		}
	case googlesql.KindBool:
		if word {
			v.V, ok = Scalar(text, v.Type)
		}
	case googlesql.KindString:
		// A number's own text would be kept or not: only where there is one way to
		// write it does that not matter.
		if ok = word || !bytes.ContainsAny(raw, ".eE"); ok {
			v.V = text
		}
	case googlesql.KindTimestamp:
		if number && r.Seconds {
			v.V, ok = secondsToMicros(text)
		} else if number {
			return v, &refusal{"a number for the TIMESTAMP field " + path}
		}
	}
	if !ok {
		return v, unread(text, v.Type, path)
	}
	return v, nil
}

// refusal is what is not supported; it ends a load whatever it allows.
type refusal struct{ what string }

// Error implements error.
func (r *refusal) Error() string {
	return "loading " + r.what + " is not supported by the local BigQuery"
}

// wholeNumber reads an INT64, also one written like 1.0 or 1e3.
func wholeNumber(text string) (int64, bool) {
	if n, ok := parseInt([]byte(text)); ok {
		return n, true
	}
	const most = 40 // digits and more than any INT64 needs; bounds the exponent too
	if len(text) > most {
		return 0, false
	}
	if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exp, "+-0")) > 2 {
		return 0, false
	}
	q, ok := new(big.Rat).SetString(text)
	if !ok || !q.IsInt() || !q.Num().IsInt64() {
		return 0, false
	}
	return q.Num().Int64(), true
}

// secondsToMicros reads seconds since 1970 with up to six decimals.
func secondsToMicros(text string) (int64, bool) {
	if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exp, "+-0")) > 2 || len(text) > 40 {
		return 0, false
	}
	q, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	q.Mul(q, new(big.Rat).SetInt64(1_000_000))
	if !q.IsInt() || !q.Num().IsInt64() {
		return 0, false
	}
	us := q.Num().Int64()
	return us, us >= minMicros && us <= maxMicros
}

// The range of TIMESTAMP: the years 0001 to 9999.
const (
	minMicros = -62135596800_000_000
	maxMicros = 253402300799_999_999
)

func unread(text string, t *googlesql.Type, path string) *FieldError {
	const most = 80
	if len(text) > most {
		text = text[:most] + "..."
	}
	return wrong(path, "Cannot convert value to %s (bad value): %s", strings.ToLower(t.String()), text)
}
