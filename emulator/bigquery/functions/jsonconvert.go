package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonConvert are the converters from JSON and, with lax, those that give NULL in
// place of an error.
var jsonConvert = []duck.Scalar{
	{Name: "hub_json_bool", Signature: "sb", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, err := v.ToBool()
		out.Bool(x)
		return err
	})},
	{Name: "hub_json_int64", Signature: "si", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, err := v.ToInt64()
		out.Int64(x)
		return err
	})},
	{Name: "hub_json_float64", Signature: "ssf", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		exact, err := jsonvalue.Exact(in.Text(1))
		if err != nil {
			return err
		}
		x, err := v.ToFloat64(exact)
		out.Float64(x)
		return err
	})},
	{Name: "hub_json_string", Signature: "ss", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, err := v.ToString()
		if err == nil {
			out.Text(x)
		}
		return err
	})},
	{Name: "hub_json_lax_bool", Signature: "sb", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, ok := v.LaxBool()
		out.Bool(x)
		return jsonOrNull(out, ok, nil)
	})},
	{Name: "hub_json_lax_int64", Signature: "si", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, ok, err := v.LaxInt64()
		out.Int64(x)
		return jsonOrNull(out, ok, err)
	})},
	{Name: "hub_json_lax_float64", Signature: "sf", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, ok, err := v.LaxFloat64()
		out.Float64(x)
		return jsonOrNull(out, ok, err)
	})},
	{Name: "hub_json_lax_string", Signature: "ss", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		x, ok, err := v.LaxString()
		jsonSetText(out, x, ok)
		return err
	})},
	{Name: "hub_json_bool_array", Signature: "s[b", Fn: onJSONList(func(v *jsonvalue.Value, _ *duck.Row, l *duck.ListOut, i int) error {
		x, err := v.ToBool()
		l.Bool(i, x)
		return err
	})},
	{Name: "hub_json_int64_array", Signature: "s[i", Fn: onJSONList(func(v *jsonvalue.Value, _ *duck.Row, l *duck.ListOut, i int) error {
		x, err := v.ToInt64()
		l.Int64(i, x)
		return err
	})},
	{Name: "hub_json_float64_array", Signature: "ss[f", Fn: onJSONList(func(v *jsonvalue.Value, in *duck.Row, l *duck.ListOut, i int) error {
		exact, err := jsonvalue.Exact(in.Text(1))
		if err != nil {
			return err
		}
		x, err := v.ToFloat64(exact)
		l.Float64(i, x)
		return err
	})},
	{Name: "hub_json_string_array", Signature: "s[s", Fn: onJSONList(func(v *jsonvalue.Value, _ *duck.Row, l *duck.ListOut, i int) error {
		x, err := v.ToString()
		l.Text(i, x)
		return err
	})},
	{Name: "hub_json_lax_bool_array", Signature: "s[b", Fn: onJSONLaxList(func(v *jsonvalue.Value, l *duck.ListOut, i int) (bool, error) {
		x, ok := v.LaxBool()
		l.Bool(i, x)
		return ok, nil
	})},
	{Name: "hub_json_lax_int64_array", Signature: "s[i", Fn: onJSONLaxList(func(v *jsonvalue.Value, l *duck.ListOut, i int) (bool, error) {
		x, ok, err := v.LaxInt64()
		l.Int64(i, x)
		return ok, err
	})},
	{Name: "hub_json_lax_float64_array", Signature: "s[f", Fn: onJSONLaxList(func(v *jsonvalue.Value, l *duck.ListOut, i int) (bool, error) {
		x, ok, err := v.LaxFloat64()
		l.Float64(i, x)
		return ok, err
	})},
	{Name: "hub_json_lax_string_array", Signature: "s[s", Fn: onJSONLaxList(func(v *jsonvalue.Value, l *duck.ListOut, i int) (bool, error) {
		x, ok, err := v.LaxString()
		l.Text(i, x)
		return ok, err
	})},
}

func jsonOrNull(out *duck.Out, ok bool, err error) error {
	if !ok {
		out.Null()
	}
	return err
}

// onJSONList makes a function that converts each element of a JSON array.
func onJSONList(f func(*jsonvalue.Value, *duck.Row, *duck.ListOut, int) error) func(*duck.Row, *duck.Out) error {
	return onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		list, err := v.List()
		if err != nil {
			return err
		}
		l, err := out.List(len(list))
		if err != nil {
			return err
		}
		for i, e := range list {
			if err := f(e, in, l, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// onJSONLaxList makes a function that converts each element of a JSON array, to NULL
// where it cannot.
func onJSONLaxList(f func(*jsonvalue.Value, *duck.ListOut, int) (bool, error)) func(*duck.Row, *duck.Out) error {
	return onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		list, ok := v.LaxList()
		if !ok {
			out.Null()
			return nil
		}
		l, err := out.List(len(list))
		if err != nil {
			return err
		}
		for i, e := range list {
			ok, err := f(e, l, i)
			if err != nil {
				return err
			}
			if !ok {
				l.Null(i)
			}
		}
		return nil
	})
}
