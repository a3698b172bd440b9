package load

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
	"researchhub.example/hub/shared/googlesql"
)

// Scalar reads a scalar as the API writes it, for parameters, rows inserted and
// records loaded: the value as googlesql.Value holds it.
func Scalar(s string, t *googlesql.Type) (any, bool) {
	switch t.Kind {
	case googlesql.KindInt64:
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	case googlesql.KindFloat64:
		return parseDouble(s)
	case googlesql.KindBool:
		switch strings.ToLower(s) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
		return nil, false
	case googlesql.KindString:
		return s, true
	case googlesql.KindJSON:
		return canonicalJSON(s)
	case googlesql.KindBytes:
		b, err := base64.StdEncoding.DecodeString(s)
		return b, err == nil
	case googlesql.KindDate:
		d, ok := parseDay([]byte(s))
		return d, ok
	case googlesql.KindTimestamp:
		us, ok := ParseMicros(s, true)
		return us, ok
	case googlesql.KindDatetime:
		us, ok := ParseMicros(s, false)
		return time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05.999999"), ok
	case googlesql.KindTime:
		d, err := time.Parse("15:4:5.999999", s)
		return d.Format("15:04:05.999999"), err == nil
	case googlesql.KindNumeric:
		_, ok := Numeric(s)
		return s, ok
	}
	return nil, false
}

// canonicalJSON reads a JSON text; a number in it must be exact.
func canonicalJSON(s string) (any, bool) {
	v, err := jsonvalue.Parse(s, true)
	if err != nil {
		return nil, false
	}
	return v.Text(), true
}

// parseDouble reads a FLOAT64, NaN and infinities by name included.
func parseDouble(s string) (float64, bool) {
	// Go also reads hexadecimal and underscores, which BigQuery does not.
	if strings.ContainsAny(s, "xXpP_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0) && strings.Contains(strings.ToLower(s), "inf")
}

// Types are the appender's types of the columns, or an *apierr.Error that names
// the column of a type that cannot be written.
func Types(cols []googlesql.Column) ([]duck.Type, error) {
	out := make([]duck.Type, len(cols))
	for i, c := range cols {
		t, ok := typeOf(c.Type)
		if !ok {
			return nil, refuseType(c)
		}
		out[i] = t
	}
	return out, nil
}

// letters are the appender's letters of the scalar types that can be written.
var letters = map[googlesql.Kind]duck.ColumnType{
	googlesql.KindInt64: 'i', googlesql.KindFloat64: 'f', googlesql.KindString: 's', googlesql.KindBool: 'b',
	googlesql.KindBytes: 'x', googlesql.KindDate: 'd', googlesql.KindTimestamp: 't', googlesql.KindDatetime: 't',
	googlesql.KindTime: 'm', googlesql.KindNumeric: 'n', googlesql.KindJSON: 's',
}

// writtenAs are the letters of the scalar types that are not read yet but may
// stand beside those that are, as NULL.
var writtenAs = map[googlesql.Kind]duck.ColumnType{
	googlesql.KindInterval: 'v', googlesql.KindBigNumeric: 'x',
}

func typeOf(t *googlesql.Type) (duck.Type, bool) {
	switch t.Kind {
	case googlesql.KindArray:
		elem, ok := typeOf(t.Elem)
		return duck.Type{Elem: &elem}, ok
	case googlesql.KindStruct:
		var out duck.Type
		for _, f := range t.Fields {
			ft, ok := typeOf(f.Type)
			if !ok {
				return out, false
			}
			out.Fields = append(out.Fields, ft)
		}
		return out, len(out.Fields) > 0
	}
	l, ok := letters[t.Kind]
	if !ok {
		l, ok = writtenAs[t.Kind]
	}
	return duck.Type{Letter: l}, ok
}

// Set writes a value whose type Types has accepted.
func Set(s duck.Slot, v googlesql.Value) {
	if v.IsNull() {
		s.Null()
		return
	}
	switch x := v.V.(type) {
	case int64:
		s.Int64(x)
	case float64:
		s.Float64(x)
	case bool:
		s.Bool(x)
	case int32:
		s.Int32(x)
	case []byte:
		s.Bytes(x)
	case string:
		setText(s, v.Type.Kind, x)
	case []googlesql.Value:
		if v.Type.Kind == googlesql.KindStruct {
			for i, f := range x {
				Set(s.Field(i), f)
			}
			return
		}
		at := s.List(len(x))
		for i, e := range x {
			Set(at(i), e)
		}
	}
}

// setText writes the types whose values are text.
func setText(s duck.Slot, k googlesql.Kind, text string) {
	switch k {
	case googlesql.KindDatetime:
		us, _ := ParseMicros(text, false)
		s.Int64(us)
	case googlesql.KindTime:
		us, _ := parseClock(text)
		s.Int64(us)
	case googlesql.KindNumeric:
		n, _ := Numeric(text)
		s.Huge(halves(n))
	default:
		s.Bytes([]byte(text))
	}
}

// halves gives the two's complement in 128 bits.
func halves(n *big.Int) (low uint64, high int64) {
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	low = new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0))).Uint64()
	return low, int64(new(big.Int).Rsh(n, 64).Uint64())
}
