package googlesql

import (
	"fmt"
	"regexp"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// analyzerType makes the analyzer's own type of t.
func (e *engine) analyzerType(t *Type) (gsql.Googlesql_TypeNode, error) {
	if t == nil {
		return nil, fmt.Errorf("a type is missing")
	}
	switch t.Kind {
	case KindInt64:
		return e.types.GetInt64()
	case KindFloat64:
		return e.types.GetDouble()
	case KindString:
		return e.types.GetString()
	case KindBool:
		return e.types.GetBool()
	case KindBytes:
		return e.types.GetBytes()
	case KindDate:
		return e.types.GetDate()
	case KindDatetime:
		return e.types.GetDatetime()
	case KindTime:
		return e.types.GetTime()
	case KindTimestamp:
		return e.types.GetTimestamp()
	case KindNumeric:
		return e.types.GetNumeric()
	case KindBigNumeric:
		return e.types.GetBignumeric()
	case KindJSON:
		return e.types.GetJson()
	case KindInterval:
		return e.types.GetInterval()
	case KindArray:
		elem, err := e.analyzerType(t.Elem)
		if err != nil {
			return nil, err
		}
		return e.types.MakeArrayType2(elem)
	case KindRange:
		elem, err := e.analyzerType(t.Elem)
		if err != nil {
			return nil, err
		}
		return e.types.MakeRangeType2(elem)
	case KindStruct:
		fields := make([]*gsql.StructField, len(t.Fields))
		for i, f := range t.Fields {
			typ, err := e.analyzerType(f.Type)
			if err != nil {
				return nil, err
			}
			fields[i] = &gsql.StructField{Name: f.Name, Type_: typ}
		}
		return e.types.MakeStructType2(fields)
	}
	return nil, fmt.Errorf("the type %s is not supported", t)
}

var kindsOf = map[gsql.TypeKind]*Type{
	gsql.TypeKindTypeInt64: Int64, gsql.TypeKindTypeDouble: Float64, gsql.TypeKindTypeString: String,
	gsql.TypeKindTypeBool: Bool, gsql.TypeKindTypeBytes: Bytes, gsql.TypeKindTypeDate: Date,
	gsql.TypeKindTypeDatetime: Datetime, gsql.TypeKindTypeTime: Time,
	gsql.TypeKindTypeTimestamp: Timestamp, gsql.TypeKindTypeNumeric: Numeric,
	gsql.TypeKindTypeBignumeric: BigNumeric, gsql.TypeKindTypeJson: JSON,
	gsql.TypeKindTypeInterval:  Interval,
	gsql.TypeKindTypeGeography: {Kind: KindGeography},
	gsql.TypeKindTypeEnum:      {Kind: KindEnum},
}

// textEnums are the enumerations whose values may be computed. They become
// STRINGs of the values' names; the others only occur as literals.
var textEnums = map[string]*Type{
	"ARRAY_FIND_MODE": {Kind: KindString, Name: "ARRAY_FIND_MODE"},
	"ARRAY_ZIP_MODE":  {Kind: KindString, Name: "ARRAY_ZIP_MODE"},
}

// enumOf gives the type of an enumeration by its text, e.g.
// ENUM<ARRAY_ZIP_MODE>.
func enumOf(text string) *Type {
	for name, t := range textEnums {
		if strings.Contains(text, name) {
			return t
		}
	}
	return kindsOf[gsql.TypeKindTypeEnum]
}

// epochLiteral is a DATETIME that may be 1970-01-01, and dateToDatetime what a
// DATE literal may become a DATETIME by.
var (
	epochLiteral   = regexp.MustCompile(`(?i)['"]\s*1970-`)
	dateToDatetime = regexp.MustCompile(`(?i)\bdate\s*r?['"]|\bdate\s*\(|\bas\s+date\b`)
)

// typeOf converts one of the analyzer's types.
func (c *converter) typeOf(t gsql.Googlesql_TypeNode) *Type {
	if t == nil {
		return &Type{}
	}
	kind := must(t.Kind())
	if kind == gsql.TypeKindTypeEnum {
		return enumOf(must(t.DebugString(false)))
	}
	if s, ok := kindsOf[kind]; ok {
		return s
	}
	switch kind {
	case gsql.TypeKindTypeArray:
		return ArrayOf(c.typeOf(must(must(t.AsArray()).ElementType())))
	case gsql.TypeKindTypeRange:
		return RangeOf(c.typeOf(must(must(t.AsRange()).ElementType())))
	case gsql.TypeKindTypeStruct:
		fields := must(must(t.AsStruct()).Fields())
		out := &Type{Kind: KindStruct, Fields: make([]Field, len(fields))}
		for i, f := range fields {
			out.Fields[i] = Field{Name: f.Name, Type: c.typeOf(f.Type_)}
		}
		return out
	}
	name := must(t.DebugString(false))
	return &Type{Kind: KindOther, Name: name}
}

// negativeZero finds what may be written for a FLOAT64 of -0.0.
var negativeZero = regexp.MustCompile(`-\s*\(*\s*0*\.?0+(?:\.0*)?(?:[eE][+-]?\d+)?(?:[^0-9.]|$)|-\s*[\d.]+[eE]-\d{3,}`)

// showsSign finds what tells -0.0 from 0.0, which are equal: a division that does
// not fail, an angle, and text.
var showsSign = regexp.MustCompile(`(?i)ieee_divide|atan2|format|json|as\s+string|string\s*\(|concat|\|\|`)

// valueOf converts a literal's value. SQL text that has no form in Value is
// noted as not described.
func (c *converter) valueOf(v *gsql.Value, t *Type) Value {
	out := Value{Type: t}
	if must(v.IsNull()) {
		return out
	}
	switch t.Kind {
	case KindInt64:
		out.V = must(v.Int64Value())
	case KindFloat64:
		f := must(v.DoubleValue())
		if f == 0 && showsSign.MatchString(c.sql) && negativeZero.MatchString(c.sql) {
			// The engine folds -0.0 to a zero without its sign.
			c.other("the FLOAT64 -0.0")
		}
		out.V = f
	case KindBool:
		out.V = must(v.BoolValue())
	case KindString:
		if t.Name != "" {
			out.V = must(v.EnumDisplayName())
			break
		}
		out.V = must(v.StringValue())
	case KindBytes:
		out.V = []byte(must(v.BytesValue()))
	case KindDate:
		out.V = must(v.DateValue())
	case KindTimestamp:
		out.V = must(v.ToUnixMicros())
		if _, decimals, ok := strings.Cut(must(v.DebugString(false)), "."); ok && strings.IndexAny(decimals, "+-") > 6 {
			c.other("a TIMESTAMP of more than six decimals")
		}
	case KindEnum:
		out.V = must(v.EnumDisplayName())
	case KindDatetime:
		text := must(v.DebugString(false))
		if text == "1970-01-01 00:00:00" && (!epochLiteral.MatchString(c.sql) || dateToDatetime.MatchString(c.sql)) {
			// The engine folds a DATE literal that becomes a DATETIME to this whatever
			// the date is: a fault of this build of it.
			c.other("CAST of a DATE literal to DATETIME")
		}
		out.V = text
	case KindTime, KindNumeric, KindBigNumeric, KindInterval:
		out.V = must(v.DebugString(false))
	case KindJSON:
		out.V = must(v.JsonString())
	case KindRange:
		out.V = []Value{c.valueOf(must(v.Start()), t.Elem), c.valueOf(must(v.End()), t.Elem)}
	case KindArray:
		elems := must(v.Elements())
		list := make([]Value, len(elems))
		for i, x := range elems {
			list[i] = c.valueOf(x, t.Elem)
		}
		out.V = list
	case KindStruct:
		fields := must(v.Fields())
		list := make([]Value, len(fields))
		for i, x := range fields {
			list[i] = c.valueOf(x, t.Fields[i].Type)
		}
		out.V = list
	default:
		c.other("a literal of type " + t.String())
		out.V = ""
	}
	return out
}
