package googlesql

import (
	"strings"
)

// Kind is a GoogleSQL type's kind, under BigQuery's name.
type Kind int

// The kinds that BigQuery has. KindEnum only occurs as the date part argument
// of a function and never in a column.
const (
	KindInvalid Kind = iota
	KindInt64
	KindFloat64
	KindString
	KindBool
	KindBytes
	KindDate
	KindDatetime
	KindTime
	KindTimestamp
	KindNumeric
	KindBigNumeric
	KindJSON
	KindInterval
	KindGeography
	KindRange
	KindEnum
	KindArray
	KindStruct
	// KindOther is a type that BigQuery does not have.
	KindOther
)

var kindNames = map[Kind]string{
	KindInvalid: "INVALID", KindInt64: "INT64", KindFloat64: "FLOAT64", KindString: "STRING",
	KindBool: "BOOL", KindBytes: "BYTES", KindDate: "DATE", KindDatetime: "DATETIME",
	KindTime: "TIME", KindTimestamp: "TIMESTAMP", KindNumeric: "NUMERIC",
	KindBigNumeric: "BIGNUMERIC", KindJSON: "JSON", KindInterval: "INTERVAL",
	KindGeography: "GEOGRAPHY", KindRange: "RANGE", KindEnum: "ENUM", KindArray: "ARRAY",
	KindStruct: "STRUCT", KindOther: "OTHER",
}

// String returns the kind's name as GoogleSQL writes it.
func (k Kind) String() string {
	if s, ok := kindNames[k]; ok {
		return s
	}
	return "INVALID"
}

// Type is a GoogleSQL type. The zero Type is invalid. A Type is immutable once
// shared.
type Type struct {
	Kind Kind
	// Elem is the element type of an ARRAY or a RANGE.
	Elem *Type
	// Fields are the fields of a STRUCT, in order; names may be empty or repeat.
	Fields []Field
	// Name is the analyzer's own name of a KindOther or KindEnum type.
	Name string
}

// Field is one field of a STRUCT.
type Field struct {
	Name string
	Type *Type
}

// The simple types.
var (
	Int64      = &Type{Kind: KindInt64}
	Float64    = &Type{Kind: KindFloat64}
	String     = &Type{Kind: KindString}
	Bool       = &Type{Kind: KindBool}
	Bytes      = &Type{Kind: KindBytes}
	Date       = &Type{Kind: KindDate}
	Datetime   = &Type{Kind: KindDatetime}
	Time       = &Type{Kind: KindTime}
	Timestamp  = &Type{Kind: KindTimestamp}
	Numeric    = &Type{Kind: KindNumeric}
	BigNumeric = &Type{Kind: KindBigNumeric}
	JSON       = &Type{Kind: KindJSON}
	Interval   = &Type{Kind: KindInterval}
)

var simpleTypes = map[Kind]*Type{
	KindInt64: Int64, KindFloat64: Float64, KindString: String, KindBool: Bool,
	KindBytes: Bytes, KindDate: Date, KindDatetime: Datetime, KindTime: Time,
	KindTimestamp: Timestamp, KindNumeric: Numeric, KindBigNumeric: BigNumeric,
	KindJSON: JSON, KindInterval: Interval,
}

// ArrayOf returns ARRAY<elem>.
func ArrayOf(elem *Type) *Type { return &Type{Kind: KindArray, Elem: elem} }

// RangeOf returns RANGE<elem>, elem being DATE, DATETIME or TIMESTAMP.
func RangeOf(elem *Type) *Type { return &Type{Kind: KindRange, Elem: elem} }

// StructOf returns STRUCT<fields...>.
func StructOf(fields ...Field) *Type { return &Type{Kind: KindStruct, Fields: fields} }

// String returns the type as GoogleSQL writes it, e.g. ARRAY<STRUCT<a INT64>>.
func (t *Type) String() string {
	if t == nil {
		return "INVALID"
	}
	switch t.Kind {
	case KindArray:
		return "ARRAY<" + t.Elem.String() + ">"
	case KindRange:
		return "RANGE<" + t.Elem.String() + ">"
	case KindStruct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = strings.TrimSpace(f.Name + " " + f.Type.String())
		}
		return "STRUCT<" + strings.Join(parts, ", ") + ">"
	case KindOther, KindEnum:
		if t.Name != "" {
			return t.Name
		}
	}
	return t.Kind.String()
}

// Is reports whether the type has one of the kinds.
func (t *Type) Is(kinds ...Kind) bool {
	for _, k := range kinds {
		if t != nil && t.Kind == k {
			return true
		}
	}
	return false
}

// Has reports whether the type is or contains a type of one of the kinds.
func (t *Type) Has(kinds ...Kind) bool {
	if t == nil {
		return false
	}
	if t.Is(kinds...) || t.Elem.Has(kinds...) {
		return true
	}
	for _, f := range t.Fields {
		if f.Type.Has(kinds...) {
			return true
		}
	}
	return false
}

// Simple returns the type named as GoogleSQL or BigQuery's API spell a scalar
// type (INTEGER, FLOAT and BOOLEAN included), or false for anything else.
func Simple(name string) (*Type, bool) {
	switch strings.ToUpper(name) {
	case "INTEGER":
		return Int64, true
	case "FLOAT":
		return Float64, true
	case "BOOLEAN":
		return Bool, true
	case "DECIMAL":
		return Numeric, true
	case "BIGDECIMAL":
		return BigNumeric, true
	}
	for k, t := range simpleTypes {
		if strings.EqualFold(kindNames[k], name) {
			return t, true
		}
	}
	return nil, false
}
