package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonExtract are the extraction functions. hub_json_* take JSON, hub_jsontext_*
// a JSON-formatted STRING; the endings _std and _old tell the JSONPath's style.
var jsonExtract = append(append(jsonExtractors("_std", jsonvalue.Standard), jsonExtractors("_old", jsonvalue.Legacy)...),
	duck.Scalar{Name: "hub_json_field", Signature: "sss", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		x, ok := v.Field(in.Text(1))
		jsonSet(out, x, ok)
		return nil
	})},
	duck.Scalar{Name: "hub_json_element", Signature: "sis", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		x, ok := v.Element(in.Int64(1))
		jsonSet(out, x, ok)
		return nil
	})},
)

func jsonSet(out *duck.Out, v *jsonvalue.Value, ok bool) {
	if !ok {
		out.Null()
		return
	}
	out.Text(v.Text())
}

func jsonSetText(out *duck.Out, s string, ok bool) {
	if !ok {
		out.Null()
		return
	}
	out.Text(s)
}

// jsonWithPath makes a function of a value and a JSONPath.
func jsonWithPath[V any](read func(string) (V, error), parse func(string) (*jsonvalue.Path, error), f func(V, *jsonvalue.Path, *duck.Out) error) func(*duck.Row, *duck.Out) error {
	return func(in *duck.Row, out *duck.Out) error {
		p, err := parse(in.Text(1))
		if err != nil {
			return jsonError(err)
		}
		v, err := read(in.Text(0))
		if err != nil {
			return err
		}
		return jsonError(f(v, p, out))
	}
}

func jsonExtractors(ending string, style jsonvalue.Style) []duck.Scalar {
	parse := func(s string) (*jsonvalue.Path, error) { return jsonvalue.ParsePath(s, style) }
	query := parse
	if style == jsonvalue.Standard {
		query = jsonvalue.ParseLaxPath
	}
	document := func(s string) (jsonvalue.Document, error) { return jsonvalue.DocumentOf(s), nil }
	return []duck.Scalar{
		{Name: "hub_json_query" + ending, Signature: "sss", Fn: jsonWithPath(jsonRead, query, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			x, ok, err := v.Query(p)
			jsonSet(out, x, ok)
			return err
		})},
		{Name: "hub_json_value" + ending, Signature: "sss", Fn: jsonWithPath(jsonRead, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := v.Scalar(p)
			jsonSetText(out, s, ok)
			return err
		})},
		{Name: "hub_json_query_array" + ending, Signature: "ss[s", Fn: jsonWithPath(jsonRead, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := v.Elements(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return jsonList(out, list)
		})},
		{Name: "hub_json_value_array" + ending, Signature: "ss[s", Fn: jsonWithPath(jsonRead, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := v.Scalars(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return jsonOptionalList(out, list)
		})},
		{Name: "hub_jsontext_query" + ending, Signature: "sss", Fn: jsonWithPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := d.Query(p)
			jsonSetText(out, s, ok)
			return err
		})},
		{Name: "hub_jsontext_value" + ending, Signature: "sss", Fn: jsonWithPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := d.Scalar(p)
			jsonSetText(out, s, ok)
			return err
		})},
		{Name: "hub_jsontext_query_array" + ending, Signature: "ss[s", Fn: jsonWithPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := d.Elements(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return jsonTextList(out, list)
		})},
		{Name: "hub_jsontext_value_array" + ending, Signature: "ss[s", Fn: jsonWithPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := d.Scalars(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return jsonOptionalList(out, list)
		})},
	}
}
