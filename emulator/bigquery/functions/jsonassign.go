package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonAssign is UPDATE ... SET on the inside of a JSON value: its arguments are
// the value, the paths as JSON arrays, and the values, NULL to remove.
var jsonAssign = []duck.Scalar{{Name: "hub_json_assign", Signature: "s[s[ss", Nulls: true, Fn: func(in *duck.Row, out *duck.Out) error {
	var doc *jsonvalue.Value
	var err error
	if !in.Null(0) {
		if doc, err = jsonRead(in.Text(0)); err != nil {
			return err
		}
	}
	paths, values := in.List(1), in.List(2)
	list := make([]jsonvalue.Assignment, paths.Len())
	for i := range list {
		if !paths.Null(i) {
			if list[i].Path, err = jsonRead(paths.Text(i)); err != nil {
				return err
			}
		}
		if !values.Null(i) {
			if list[i].Value, err = jsonRead(values.Text(i)); err != nil {
				return err
			}
		}
	}
	v, err := jsonvalue.Assign(doc, list)
	if err != nil {
		return jsonError(err)
	}
	out.Text(v.Text())
	return nil
}}}
