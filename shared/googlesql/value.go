package googlesql

// Value is a literal's value. V is nil for NULL, and otherwise by kind:
//
//	INT64 int64, FLOAT64 float64, BOOL bool, STRING string, BYTES []byte,
//	DATE int32 (days since 1970-01-01), TIMESTAMP int64 (microseconds since
//	1970-01-01 UTC), DATETIME, TIME, NUMERIC, BIGNUMERIC, JSON, INTERVAL string
//	(in GoogleSQL's text form), ENUM string (the name),
//	ARRAY and STRUCT []Value, RANGE []Value of its two bounds (NULL: none).
type Value struct {
	Type *Type
	V    any
}

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return v.V == nil }
