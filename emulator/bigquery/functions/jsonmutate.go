package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonMutate are the mutators. Their paths and values come as lists; a value is a
// canonical text, and NULL only where it could not be made under SAFE, which
// makes the result NULL.
var jsonMutate = []duck.Scalar{
	{Name: "hub_json_set", Signature: "s[s[sbs", Nulls: true, Fn: onJSONPairs(func(v *jsonvalue.Value, p *jsonvalue.Path, value *jsonvalue.Value, in *duck.Row, _ int) (*jsonvalue.Value, error) {
		return v.Set(p, value, in.Bool(3))
	})},
	// The last argument of the two that follow has an e for each value that is an
	// array of which each element is meant.
	{Name: "hub_json_array_append", Signature: "s[s[sbss", Nulls: true, Fn: onJSONPairs(func(v *jsonvalue.Value, p *jsonvalue.Path, value *jsonvalue.Value, in *duck.Row, i int) (*jsonvalue.Value, error) {
		values, err := jsonEachElement(value, in, i)
		if err != nil {
			return nil, err
		}
		return v.Append(p, values)
	})},
	{Name: "hub_json_array_insert", Signature: "s[s[sbss", Nulls: true, Fn: onJSONPairs(func(v *jsonvalue.Value, p *jsonvalue.Path, value *jsonvalue.Value, in *duck.Row, i int) (*jsonvalue.Value, error) {
		values, err := jsonEachElement(value, in, i)
		if err != nil {
			return nil, err
		}
		return v.Insert(p, values)
	})},
	{Name: "hub_json_remove", Signature: "s[ss", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		l := in.List(1)
		for i := range l.Len() {
			if l.Null(i) {
				continue
			}
			p, err := jsonvalue.ParsePath(l.Text(i), jsonvalue.Standard)
			if err == nil {
				v, err = v.Remove(p)
			}
			if err != nil {
				return err
			}
		}
		out.Text(v.Text())
		return nil
	})},
	{Name: "hub_json_strip_nulls", Signature: "ssbbs", Nulls: true, Fn: func(in *duck.Row, out *duck.Out) error {
		if in.Null(0) {
			out.Null()
			return nil
		}
		if !in.Null(1) {
			if _, err := jsonvalue.ParsePath(in.Text(1), jsonvalue.Standard); err != nil {
				if in.Null(2) || in.Null(3) {
					return duck.Refuse("JSON_STRIP_NULLS of NULL with an invalid path")
				}
				return jsonError(err)
			}
		}
		if in.Null(1) || in.Null(2) || in.Null(3) {
			out.Bytes(in.Bytes(0))
			return nil
		}
		return jsonStripNulls(in, out)
	}},
}

var jsonStripNulls = onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
	p, err := jsonvalue.ParsePath(in.Text(1), jsonvalue.Standard)
	if err != nil {
		return err
	}
	x, err := v.StripNulls(p, in.Bool(2), in.Bool(3))
	if err != nil {
		return err
	}
	out.Text(x.Text())
	return nil
})

type jsonPairFunc func(v *jsonvalue.Value, p *jsonvalue.Path, value *jsonvalue.Value, in *duck.Row, i int) (*jsonvalue.Value, error)

// onJSONPairs makes a mutator of (json, paths, values, flag, ...): the pairs are taken
// one after the other. A NULL flag or path changes nothing.
func onJSONPairs(f jsonPairFunc) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		values := in.List(2)
		for i := range values.Len() {
			if values.Null(i) {
				out.Null()
				return nil
			}
		}
		if in.Null(0) {
			out.Null()
			return nil
		}
		if in.Null(3) {
			out.Bytes(in.Bytes(0))
			return jsonPathsValid(in.List(1))
		}
		v, err := jsonRead(in.Text(0))
		if err != nil {
			return err
		}
		paths := in.List(1)
		for i := range paths.Len() {
			if paths.Null(i) {
				continue
			}
			p, err := jsonvalue.ParsePath(paths.Text(i), jsonvalue.Standard)
			if err != nil {
				return jsonError(err)
			}
			value, err := jsonRead(values.Text(i))
			if err != nil {
				return err
			}
			if v, err = f(v, p, value, in, i); err != nil {
				return jsonError(err)
			}
		}
		out.Text(v.Text())
		return nil
	}
}

// jsonPathsValid refuses what may be an error although nothing is to be done.
func jsonPathsValid(paths *duck.List) error {
	for i := range paths.Len() {
		if paths.Null(i) {
			continue
		}
		if _, err := jsonvalue.ParsePath(paths.Text(i), jsonvalue.Standard); err != nil {
			return duck.Refuse("a JSON function that does nothing, with an invalid path")
		}
	}
	return nil
}

// jsonEachElement gives what one value puts into an array.
func jsonEachElement(value *jsonvalue.Value, in *duck.Row, i int) ([]*jsonvalue.Value, error) {
	if in.Bytes(4)[i] != 'e' || !in.Bool(3) {
		return []*jsonvalue.Value{value}, nil
	}
	list, ok := value.LaxList()
	if !ok {
		return nil, jsonvalue.Unsupported("each element of a NULL array as an argument of a JSON function")
	}
	return list, nil
}
