package functions

import (
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/jsonvalue"
)

// jsonExtract are the extraction functions. hub_json_* take JSON, hub_jsontext_*
// a JSON-formatted STRING; the endings _std and _old tell the JSONPath's style.
var jsonExtract = append(append(extractors("_std", jsonvalue.Standard), extractors("_old", jsonvalue.Legacy)...),
	duck.Scalar{Name: "hub_json_field", Signature: "sss", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		x, ok := v.Field(in.Text(1))
		setJSON(out, x, ok)
		return nil
	})},
	duck.Scalar{Name: "hub_json_element", Signature: "sis", Fn: onJSON(func(v *jsonvalue.Value, in *duck.Row, out *duck.Out) error {
		x, ok := v.Element(in.Int64(1))
		setJSON(out, x, ok)
		return nil
	})},
)

func setJSON(out *duck.Out, v *jsonvalue.Value, ok bool) {
	if !ok {
		out.Null()
		return
	}
	out.Text(v.Text())
}

func setText(out *duck.Out, s string, ok bool) {
	if !ok {
		out.Null()
		return
	}
	out.Text(s)
}

// withPath makes a function of a value and a JSONPath.
func withPath[V any](read func(string) (V, error), parse func(string) (*jsonvalue.Path, error), f func(V, *jsonvalue.Path, *duck.Out) error) func(*duck.Row, *duck.Out) error {
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

func extractors(ending string, style jsonvalue.Style) []duck.Scalar {
	parse := func(s string) (*jsonvalue.Path, error) { return jsonvalue.ParsePath(s, style) }
	query := parse
	if style == jsonvalue.Standard {
		query = jsonvalue.ParseLaxPath
	}
	document := func(s string) (jsonvalue.Document, error) { return jsonvalue.DocumentOf(s), nil }
	return []duck.Scalar{
		{Name: "hub_json_query" + ending, Signature: "sss", Fn: withPath(readJSON, query, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			x, ok, err := v.Query(p)
			setJSON(out, x, ok)
			return err
		})},
		{Name: "hub_json_value" + ending, Signature: "sss", Fn: withPath(readJSON, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := v.Scalar(p)
			setText(out, s, ok)
			return err
		})},
		{Name: "hub_json_query_array" + ending, Signature: "ss[s", Fn: withPath(readJSON, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := v.Elements(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return jsonList(out, list)
		})},
		{Name: "hub_json_value_array" + ending, Signature: "ss[s", Fn: withPath(readJSON, parse, func(v *jsonvalue.Value, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := v.Scalars(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return optionalList(out, list)
		})},
		{Name: "hub_jsontext_query" + ending, Signature: "sss", Fn: withPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := d.Query(p)
			setText(out, s, ok)
			return err
		})},
		{Name: "hub_jsontext_value" + ending, Signature: "sss", Fn: withPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			s, ok, err := d.Scalar(p)
			setText(out, s, ok)
			return err
		})},
		{Name: "hub_jsontext_query_array" + ending, Signature: "ss[s", Fn: withPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := d.Elements(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return textList(out, list)
		})},
		{Name: "hub_jsontext_value_array" + ending, Signature: "ss[s", Fn: withPath(document, parse, func(d jsonvalue.Document, p *jsonvalue.Path, out *duck.Out) error {
			list, ok, err := d.Scalars(p)
			if err != nil || !ok {
				out.Null()
				return err
			}
			return optionalList(out, list)
		})},
	}
}
