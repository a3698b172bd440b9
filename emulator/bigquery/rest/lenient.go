package rest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// decodeLeniently reads JSON as Google's servers do: a number, or true or false,
// where text is meant, and text where a number is meant, are taken for the other.
// The Node client sends parameters so, and scripts send 64-bit integers bare.
func decodeLeniently(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return err
	}
	fitted, err := json.Marshal(fit(tree, reflect.TypeOf(v), false))
	if err != nil {
		return err
	}
	return json.Unmarshal(fitted, v)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fit turns a decoded value into what the Go type asks for. quoted is for the
// integers that are written as text.
func fit(v any, t reflect.Type, quoted bool) any {
	if t == nil || t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(unmarshaler) {
		return v
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return v
	}
	text, number := t.Kind() == reflect.String || quoted, t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 && !quoted
	switch x := v.(type) {
	case json.Number:
		if text {
			return x.String()
		}
	case bool:
		if text && x {
			return "true"
		} else if text {
			return "false"
		}
	case string:
		switch {
		case number && json.Valid([]byte(x)) && x != "" && x[0] != '"':
			return json.Number(x)
		case t.Kind() == reflect.Bool && (x == "true" || x == "false"):
			return x == "true"
		}
	case []any:
		if t.Kind() == reflect.Slice {
			for i := range x {
				x[i] = fit(x[i], t.Elem(), false)
			}
		}
	case map[string]any:
		fitObject(x, t)
	}
	return v
}

func fitObject(x map[string]any, t reflect.Type) {
	switch t.Kind() {
	case reflect.Map:
		for k, e := range x {
			x[k] = fit(e, t.Elem(), false)
		}
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if e, ok := x[name]; ok && name != "-" {
				x[name] = fit(e, f.Type, strings.Contains(","+options+",", ",string,"))
			}
		}
	}
}
