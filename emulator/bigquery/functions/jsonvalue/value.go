// Package jsonvalue is GoogleSQL's JSON type: its values, their canonical text,
// and what the JSON functions do with them. It knows neither SQL nor DuckDB.
//
// The rules are those of GoogleSQL's reference (JSON type, JSON functions,
// JSONPath format, JSON encodings): members of an object are sorted by key and
// the first of two equal keys is kept, integers between the smallest INT64 and
// the largest unsigned 64-bit one are exact, other numbers are FLOAT64. What the
// reference leaves open is refused with an Unsupported.
package jsonvalue

import "sort"

// Unsupported is an error for what this package does not answer because the
// reference does not settle it.
type Unsupported string

// Error implements error.
func (e Unsupported) Error() string { return string(e) }

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds. A number is an Int (negative), a Uint or a Float.
const (
	Null Kind = iota
	Bool
	Int
	Uint
	Float
	String
	Array
	Object
)

// MaxDepth is the deepest nesting of a JSON value
// (cloud.google.com/bigquery/docs/json-data#limitations).
const MaxDepth = 500

// Member is a member of an object.
type Member struct {
	Key   string
	Value *Value
}

// Value is a JSON value. It is not changed once made; the mutators give a new
// one that shares parts of the old.
type Value struct {
	kind    Kind
	b       bool
	i       int64  // Int
	u       uint64 // Uint
	f       float64
	s       string
	list    []*Value
	members []Member // sorted by key, keys distinct
}

var null = &Value{}

// NullValue is the JSON null.
func NullValue() *Value { return null }

// BoolValue is true or false.
func BoolValue(b bool) *Value { return &Value{kind: Bool, b: b} }

// IntValue is an integer.
func IntValue(i int64) *Value {
	if i >= 0 {
		return &Value{kind: Uint, u: uint64(i)}
	}
	return &Value{kind: Int, i: i}
}

// FloatValue is a finite number.
func FloatValue(f float64) *Value { return &Value{kind: Float, f: f} }

// StringValue is a string.
func StringValue(s string) *Value { return &Value{kind: String, s: s} }

// ArrayValue is an array of the elements.
func ArrayValue(list []*Value) *Value { return &Value{kind: Array, list: list} }

// ObjectValue is an object of the members; of equal keys the first is kept.
func ObjectValue(members []Member) *Value {
	sorted := append([]Member(nil), members...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Key < sorted[j].Key })
	out := sorted[:0]
	for i, m := range sorted {
		if i == 0 || m.Key != out[len(out)-1].Key {
			out = append(out, m)
		}
	}
	return &Value{kind: Object, members: out}
}

// Kind is the value's kind.
func (v *Value) Kind() Kind { return v.kind }

// Type is the name that JSON_TYPE gives.
func (v *Value) Type() string {
	switch v.kind {
	case Null:
		return "null"
	case Bool:
		return "boolean"
	case Int, Uint, Float:
		return "number"
	case String:
		return "string"
	case Array:
		return "array"
	}
	return "object"
}

func (v *Value) isScalar() bool { return v.kind != Array && v.kind != Object }

func (v *Value) isNumber() bool { return v.kind == Int || v.kind == Uint || v.kind == Float }

// member finds the member of a key.
func (v *Value) member(key string) (int, bool) {
	i := sort.Search(len(v.members), func(i int) bool { return v.members[i].Key >= key })
	return i, i < len(v.members) && v.members[i].Key == key
}

// float is the number's value as FLOAT64, rounded.
func (v *Value) float() float64 {
	switch v.kind {
	case Int:
		return float64(v.i)
	case Uint:
		return float64(v.u)
	}
	return v.f
}

// depth is the value's nesting: 0 for a scalar.
func (v *Value) depth() int {
	deepest := -1
	for _, e := range v.list {
		deepest = max(deepest, e.depth())
	}
	for _, m := range v.members {
		deepest = max(deepest, m.Value.depth())
	}
	if v.isScalar() {
		return 0
	}
	return max(deepest, 0) + 1
}

// checked refuses a value that is nested too deeply.
func checked(v *Value) (*Value, error) {
	if v.depth() > MaxDepth {
		return nil, Unsupported("a JSON value nested deeper than 500")
	}
	return v, nil
}

// with gives a copy of an array or object whose part i is replaced.
func (v *Value) with(i int, part *Value) *Value {
	out := *v
	if v.kind == Array {
		out.list = append([]*Value(nil), v.list...)
		out.list[i] = part
		return &out
	}
	out.members = append([]Member(nil), v.members...)
	out.members[i].Value = part
	return &out
}

// withMember gives a copy of an object with one more member at place i.
func (v *Value) withMember(i int, m Member) *Value {
	out := *v
	out.members = make([]Member, 0, len(v.members)+1)
	out.members = append(append(append(out.members, v.members[:i]...), m), v.members[i:]...)
	return &out
}
