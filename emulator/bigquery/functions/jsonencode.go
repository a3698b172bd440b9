package functions

import (
	"errors"
	"math/big"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonEncode are the functions that make JSON of SQL values. hub_json_of_* give a
// value's text, null for NULL; the makers give NULL when a part is NULL, which
// only is where a part could not be made under SAFE.
var jsonEncode = []duck.Scalar{
	{Name: "hub_json_of_int64", Signature: "ibs", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		return jsonvalue.EncodeInt64(in.Int64(0), in.Bool(1)), nil
	})},
	// The mode is json, cast (what is no number is an error) or text.
	{Name: "hub_json_of_float64", Signature: "fss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		switch in.Text(1) {
		case "json":
			return jsonvalue.EncodeFloat64(in.Float64(0))
		case "cast":
			return jsonvalue.CastFloat64(in.Float64(0))
		}
		return jsonvalue.TextFloat64(in.Float64(0))
	})},
	// The mode is strict, round, string or text.
	{Name: "hub_json_of_numeric", Signature: "nss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		low, high := in.Decimal(0)
		n := new(big.Int).Lsh(big.NewInt(high), 64)
		n.Add(n, new(big.Int).SetUint64(low))
		return jsonNumeric(n, 9, "NUMERIC", in.Text(1))
	})},
	{Name: "hub_json_of_bignumeric", Signature: "xss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		b := append([]byte(nil), in.Bytes(0)...)
		if len(b) != 32 {
			return "", duck.Refuse("a BIGNUMERIC of this form")
		}
		n := new(big.Int).SetBytes(b) // its sign bit is flipped: 2^255 is zero
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 255))
		return jsonNumeric(n, 38, "BIGNUMERIC", in.Text(1))
	})},
	{Name: "hub_json_of_string", Signature: "ss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		return jsonvalue.Quote(in.Text(0)), nil
	})},
	{Name: "hub_jsontext_of_string", Signature: "ss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		return jsonvalue.TextString(in.Text(0))
	})},
	{Name: "hub_json_of_date", Signature: "ds", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		return time.Unix(int64(in.Date(0))*86400, 0).UTC().Format(`"2006-01-02"`), nil
	})},
	// The second argument is the zone, Z for a TIMESTAMP.
	{Name: "hub_json_of_datetime", Signature: "tss", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		at := time.UnixMicro(in.Int64(0)).UTC()
		return jsonvalue.EncodeMicros(at.Format("2006-01-02T15:04:05"), int64(at.Nanosecond()/1000), in.Text(1))
	})},
	{Name: "hub_json_of_time", Signature: "ms", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		at := time.UnixMicro(in.Int64(0)).UTC()
		return jsonvalue.EncodeMicros(at.Format("15:04:05"), int64(at.Nanosecond()/1000), "")
	})},
	{Name: "hub_json_of_interval", Signature: "vs", Nulls: true, Fn: orJSONNull(func(in *duck.Row) (string, error) {
		months, days, micros := in.Interval(0)
		return jsonvalue.EncodeInterval(int64(months), int64(days), micros), nil
	})},
	{Name: "hub_json_make_array", Signature: "[ss", Fn: func(in *duck.Row, out *duck.Out) error {
		parts, ok := jsonTexts(in.List(0))
		jsonSetText(out, jsonvalue.MakeArray(parts), ok)
		return nil
	}},
	{Name: "hub_json_make_object", Signature: "[s[ss", Fn: jsonMakeObject(jsonvalue.MakeObject)},
	{Name: "hub_jsontext_make_object", Signature: "[s[ss", Fn: jsonMakeObject(jsonvalue.TextObject)},
	// JSON_OBJECT of keys and values; values are jsonTexts and never NULL but under SAFE.
	{Name: "hub_json_object", Signature: "[s[ss", Nulls: true, Fn: func(in *duck.Row, out *duck.Out) error {
		switch {
		case in.Null(0):
			return errors.New("Invalid input to JSON_OBJECT: The keys array cannot be NULL")
		case in.Null(1):
			return errors.New("Invalid input to JSON_OBJECT: The values array cannot be NULL")
		case in.List(0).Len() != in.List(1).Len():
			return errors.New("Invalid input to JSON_OBJECT: The number of keys and values must match")
		}
		if _, ok := jsonTexts(in.List(0)); !ok {
			return errors.New("Invalid input to JSON_OBJECT: A key cannot be NULL")
		}
		return jsonMakeObject(jsonvalue.MakeObject)(in, out)
	}},
	{Name: "hub_json_pretty", Signature: "sbs", Fn: func(in *duck.Row, out *duck.Out) error {
		if !in.Bool(1) {
			out.Bytes(in.Bytes(0))
			return nil
		}
		out.Text(jsonvalue.Indent(in.Text(0)))
		return nil
	}},
}

// orJSONNull makes a function that gives the JSON null for NULL.
func orJSONNull(f func(in *duck.Row) (string, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		if in.Null(0) {
			out.Text("null")
			return nil
		}
		s, err := f(in)
		if err != nil {
			return jsonError(err)
		}
		out.Text(s)
		return nil
	}
}

var jsonNumericModes = map[string]jsonvalue.NumericMode{
	"strict": jsonvalue.NumericStrict, "round": jsonvalue.NumericRound, "string": jsonvalue.NumericStringify,
}

// jsonNumeric encodes n / 10^scale.
func jsonNumeric(n *big.Int, scale int, kind, mode string) (string, error) {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	text := new(big.Rat).SetFrac(n, ten).FloatString(scale)
	if mode == "text" {
		return jsonvalue.TextNumeric(text), nil
	}
	return jsonvalue.EncodeNumeric(text, kind, jsonNumericModes[mode])
}

// jsonTexts reads a list of strings; false: one is NULL.
func jsonTexts(l *duck.List) ([]string, bool) {
	out := make([]string, l.Len())
	for i := range out {
		if l.Null(i) {
			return nil, false
		}
		out[i] = l.Text(i)
	}
	return out, true
}

func jsonMakeObject(f func(keys, values []string) (string, error)) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		keys, ok1 := jsonTexts(in.List(0))
		values, ok2 := jsonTexts(in.List(1))
		if !ok1 || !ok2 {
			out.Null()
			return nil
		}
		s, err := f(keys, values)
		if err != nil {
			return jsonError(err)
		}
		out.Text(s)
		return nil
	}
}
