package functions

import (
	"errors"
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// json are the functions of the JSON type. A JSON value is its canonical text.
var json = slices.Concat(jsonExtract, jsonMutate, jsonAssign, jsonConvert, jsonEncode, []duck.Scalar{
	{Name: "hub_json_parse", Signature: "sss", Fn: func(in *duck.Row, out *duck.Out) error {
		exact, err := jsonvalue.Exact(in.Text(1))
		if err != nil {
			return err
		}
		v, err := jsonvalue.Parse(in.Text(0), exact)
		if err != nil {
			return jsonError(err)
		}
		out.Text(v.Text())
		return nil
	}},
	{Name: "hub_json_type", Signature: "ss", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		out.Text(v.Type())
		return nil
	})},
	{Name: "hub_json_keys", Signature: "sis[s", Nulls: true, Fn: func(in *duck.Row, out *duck.Out) error {
		switch {
		case in.Null(0) || in.Null(2):
			out.Null()
			return nil
		case in.Null(1):
			return duck.Refuse("JSON_KEYS with a max_depth that is NULL")
		}
		return jsonKeys(in, out)
	}},
	{Name: "hub_json_contains", Signature: "ssb", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		other, err := jsonRead(in.Text(1))
		if err != nil {
			return err
		}
		found, err := v.Contains(other)
		out.Bool(found)
		return err
	})},
	{Name: "hub_json_flatten", Signature: "s[s", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		return jsonList(out, v.Flatten())
	})},
	// hub_json_key orders and equals as the values do, for the comparison of JSON.
	{Name: "hub_json_key", Signature: "sx", Fn: onJSON(func(v *jsonvalue.Value, _ *duck.Row, out *duck.Out) error {
		out.Bytes(v.SortKey())
		return nil
	})},
})

var jsonKeys = onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
	depth := in.Int64(1)
	mode, err := jsonvalue.ParseKeysMode(in.Text(2))
	if err != nil && depth > 0 {
		return err
	}
	keys, err := v.Keys(depth, mode)
	if err != nil {
		return err
	}
	return jsonTextList(out, keys)
})

// jsonError turns what jsonvalue refuses into a refusal.
func jsonError(err error) error {
	var u jsonvalue.Unsupported
	if errors.As(err, &u) {
		return duck.Refuse("%s", string(u))
	}
	return err
}

// jsonRead reads a JSON value's text.
func jsonRead(text string) (*jsonvalue.Value, error) {
	v, err := jsonvalue.Parse(text, false)
	return v, jsonError(err)
}

// onJSON makes a function whose first argument is a JSON value.
func onJSON(f func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		v, err := jsonRead(in.Text(0))
		if err != nil {
			return err
		}
		return jsonError(f(v, in, out))
	}
}

// jsonTextList sets a list of strings.
func jsonTextList(out *duck.Out, list []string) error {
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, s := range list {
		l.Text(i, s)
	}
	return nil
}

// jsonOptionalList sets a list of strings in which nil is NULL.
func jsonOptionalList(out *duck.Out, list []*string) error {
	l, err := out.List(len(list))
	if err != nil {
		return err
	}
	for i, s := range list {
		if s == nil {
			l.Null(i)
			continue
		}
		l.Text(i, *s)
	}
	return nil
}

// jsonList sets a list of JSON values.
func jsonList(out *duck.Out, list []*jsonvalue.Value) error {
	jsonTexts := make([]string, len(list))
	for i, v := range list {
		jsonTexts[i] = v.Text()
	}
	return jsonTextList(out, jsonTexts)
}
