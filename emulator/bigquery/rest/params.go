package rest

import (
	"encoding/json"
	"strings"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/shared/googlesql"
)

// queryParameter mirrors the API's, but tells a missing value (NULL) from an
// empty one.
type queryParameter struct {
	Name  string         `json:"name"`
	Type  *parameterType `json:"parameterType"`
	Value paramValue     `json:"parameterValue"`
}

type parameterType struct {
	Type        string         `json:"type"`
	ArrayType   *parameterType `json:"arrayType"`
	RangeType   *parameterType `json:"rangeElementType"`
	StructTypes []struct {
		Name string         `json:"name"`
		Type *parameterType `json:"type"`
	} `json:"structTypes"`
}

type paramValue struct {
	Value        json.RawMessage       `json:"value"`
	ArrayValues  []paramValue          `json:"arrayValues"`
	StructValues map[string]paramValue `json:"structValues"`
	RangeValue   *struct {
		Start paramValue `json:"start"`
		End   paramValue `json:"end"`
	} `json:"rangeValue"`
}

// queryParams reads a query's parameters.
func queryParams(list []queryParameter, mode string) (jobs.Params, error) {
	p := jobs.Params{Named: map[string]googlesql.Value{}}
	for i, q := range list {
		t, err := q.Type.googlesql()
		if err != nil {
			return p, err
		}
		v, err := q.Value.value(t)
		if err != nil {
			return p, err
		}
		switch {
		case q.Name == "":
			p.Positional = append(p.Positional, v)
		case strings.EqualFold(mode, "POSITIONAL"):
			return p, apierr.Invalid("Query parameter %d has a name, but the parameters are positional", i+1)
		default:
			key := strings.ToLower(q.Name)
			if _, ok := p.Named[key]; ok {
				return p, apierr.Invalid("Duplicate query parameter: %s", q.Name)
			}
			p.Named[key] = v
		}
	}
	if len(p.Named) > 0 && len(p.Positional) > 0 {
		return p, apierr.Invalid("Named and positional query parameters cannot be mixed")
	}
	return p, nil
}

func (t *parameterType) googlesql() (*googlesql.Type, error) {
	if t == nil {
		return nil, apierr.Invalid("A query parameter has no type")
	}
	switch strings.ToUpper(t.Type) {
	case "ARRAY":
		elem, err := t.ArrayType.googlesql()
		if err != nil {
			return nil, err
		}
		return googlesql.ArrayOf(elem), nil
	case "RANGE":
		elem, err := t.RangeType.googlesql()
		if err != nil {
			return nil, err
		}
		if !elem.Is(googlesql.KindDate, googlesql.KindDatetime, googlesql.KindTimestamp) {
			return nil, apierr.Invalid("%s is not a valid element type of a RANGE query parameter", elem)
		}
		return googlesql.RangeOf(elem), nil
	case "STRUCT", "RECORD":
		out := &googlesql.Type{Kind: googlesql.KindStruct}
		for _, f := range t.StructTypes {
			ft, err := f.Type.googlesql()
			if err != nil {
				return nil, err
			}
			out.Fields = append(out.Fields, googlesql.Field{Name: f.Name, Type: ft})
		}
		return out, nil
	}
	if s, ok := googlesql.Simple(t.Type); ok {
		return s, nil
	}
	return nil, apierr.NotImplemented("query parameters of type %s are not supported by the local BigQuery", t.Type)
}

func (v paramValue) value(t *googlesql.Type) (googlesql.Value, error) {
	out := googlesql.Value{Type: t}
	switch t.Kind {
	case googlesql.KindArray:
		// The API has no NULL array: without values it is empty.
		list := make([]googlesql.Value, len(v.ArrayValues))
		for i, e := range v.ArrayValues {
			x, err := e.value(t.Elem)
			if err != nil {
				return out, err
			}
			list[i] = x
		}
		out.V = list
		return out, nil
	case googlesql.KindRange:
		if v.RangeValue == nil {
			return out, nil
		}
		return v.rangeOf(t)
	case googlesql.KindStruct:
		if v.StructValues == nil {
			return out, nil
		}
		list := make([]googlesql.Value, len(t.Fields))
		for i, f := range t.Fields {
			x, err := v.StructValues[f.Name].value(f.Type)
			if err != nil {
				return out, err
			}
			list[i] = x
		}
		out.V = list
		return out, nil
	}
	if len(v.Value) == 0 || string(v.Value) == "null" {
		return out, nil
	}
	var s string
	if err := json.Unmarshal(v.Value, &s); err != nil {
		// Some clients send numbers and booleans bare.
		s = string(v.Value)
	}
	if t.Is(googlesql.KindInterval) {
		i, err := civil.ParseInterval(s)
		if err != nil {
			return out, apierr.Invalid("Invalid value for query parameter of type %s: %v", t, err)
		}
		out.V = i.String()
		return out, nil
	}
	x, ok := load.Scalar(s, t)
	if !ok {
		return out, apierr.Invalid("Invalid value for query parameter of type %s: %q", t, s)
	}
	out.V = x
	return out, nil
}

// rangeOf reads a RANGE, whose bound is none where it is missing.
func (v paramValue) rangeOf(t *googlesql.Type) (googlesql.Value, error) {
	out := googlesql.Value{Type: t}
	start, err := v.RangeValue.Start.value(t.Elem)
	if err != nil {
		return out, err
	}
	end, err := v.RangeValue.End.value(t.Elem)
	if err != nil {
		return out, err
	}
	if !start.IsNull() && !end.IsNull() && !before(start, end) {
		return out, apierr.Invalid("Range start element must be smaller than range end element")
	}
	out.V = []googlesql.Value{start, end}
	return out, nil
}

// before compares two bounds of a RANGE. DATETIMEs are texts of one form, whose
// decimals come last.
func before(a, b googlesql.Value) bool {
	switch x := a.V.(type) {
	case int32:
		y, _ := b.V.(int32)
		return x < y
	case int64:
		y, _ := b.V.(int64)
		return x < y
	}
	x, _ := a.V.(string)
	y, _ := b.V.(string)
	return x < y
}
