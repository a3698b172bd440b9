package jsonvalue

import (
	"strings"
	"testing"
)

func TestDocument(t *testing.T) {
	for _, c := range []struct{ doc, path, query, scalar string }{
		{`{"hello": "world"`, "$.hello", `"world"`, "world"},
		{`{"key": 1, "key": 2}`, "$", `{"key":1,"key":2}`, "NULL"},
		{`{"key": 1, "key": 2}`, "$.key", "1", "1"},
		{`{"a": {"x":1}, "a": {"b":2}}`, "$.a.b", "REFUSED", "REFUSED"},
		{`{"a": 1.50e1 , "b" : [1.0, true,null , {"c" : "d"}] }`, "$.b", `[1.0,true,null,{"c":"d"}]`, "NULL"},
		{`{"a": 1.50e1}`, "$.a", "1.50e1", "1.50e1"},
		{`{"a": "x\"y\\z\n"}`, "$.a", `"x\"y\\z\n"`, "x\"y\\z\n"},
		{`{"a": "\u00e9"}`, "$.a", "REFUSED", "é"}, {`{"a": "\/"}`, "$.a", "REFUSED", "/"}, {"{\"a\": \"\u007f\"}", "$.a", "REFUSED", "\u007f"},
		{`{"a": null}`, "$.a", "NULL", "NULL"}, {"null", "$", "NULL", "NULL"}, {`{"a": null}`, "$.b", "NULL", "NULL"},
		{`[[1,2],[3]]`, "$[1][0]", "3", "3"}, {`[[1,2],[3]]`, "$[2]", "NULL", "NULL"}, {`[1]`, "$.a", "NULL", "NULL"}, {`1`, "$.a", "NULL", "NULL"},
		{`[{"b":1},[],{}]`, "$[0].c", "NULL", "NULL"}, {`{"a":[1,2]}`, "$.a[5]", "NULL", "NULL"}, {`{"a":[[0]],"b":1}`, "$.b", "1", "1"},
		{"}}", "$", "NULL", "NULL"}, {"", "$", "NULL", "NULL"}, {"  ", "$.a", "NULL", "NULL"}, {"abc", "$", "NULL", "NULL"}, {"{\"a\":1", "$.b", "NULL", "NULL"},
		{`{"a":1 2}`, "$.a", "1", "1"}, {`{"a":tru`, "$.a", "NULL", "NULL"}, {`{"a"`, "$.a", "NULL", "NULL"}, {`"ab`, "$", "NULL", "NULL"},
		{"{'a':1}", "$.a", "REFUSED", "REFUSED"}, {"{a:1}", "$.a", "REFUSED", "REFUSED"}, {"[1,,2]", "$[1]", "REFUSED", "REFUSED"},
		{"[1,]", "$[1]", "REFUSED", "REFUSED"}, {"01", "$", "REFUSED", "REFUSED"}, {"1 2", "$", "REFUSED", "REFUSED"}, {".5", "$", "REFUSED", "REFUSED"},
		{"nan", "$", "REFUSED", "REFUSED"}, {"\"a\tb\"", "$", "REFUSED", "REFUSED"}, {`{"a":1} x`, "$", "REFUSED", "REFUSED"},
		{`{"0":1}`, "$[0]", "REFUSED", "REFUSED"}, {`[5]`, "$.0", "REFUSED", "REFUSED"},
		{strings.Repeat("[", 600), "$", "REFUSED", "REFUSED"},
	} {
		p := path(t, c.path, Standard)
		if got := answer(DocumentOf(c.doc).Query(p)); got != c.query {
			t.Errorf("Query(%s, %s): got %s, want %s", c.doc, c.path, got, c.query)
		}
		if got := answer(DocumentOf(c.doc).Scalar(p)); got != c.scalar {
			t.Errorf("Scalar(%s, %s): got %s, want %s", c.doc, c.path, got, c.scalar)
		}
	}
}

// show writes a list in one line, nil as NULL.
func show(list []*string) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = "NULL"
		if s != nil {
			parts[i] = *s
		}
	}
	return strings.Join(parts, "|")
}

func TestArrays(t *testing.T) {
	for _, c := range []struct{ doc, path, elements, scalars, ofJSON string }{
		{`["apples", 1, 1.5, true]`, "$", `"apples"|1|1.5|true`, "apples|1|1.5|true", "apples|1|1.5|true"},
		{`["world", null, 1]`, "$", "REFUSED", "world|NULL|1", "world|NULL|1"},
		{`{"a": "foo", "b": []}`, "$.b", "", "", ""}, {`{"a": "foo"}`, "$", "NULL", "NULL", "NULL"}, {`{"a": "foo"}`, "$.b", "NULL", "NULL", "NULL"},
		{`{"a": [10, {"b": 20}]}`, "$.a", `10|{"b":20}`, "NULL", "NULL"}, {`[[1],2]`, "$", "[1]|2", "NULL", "NULL"},
	} {
		p := path(t, c.path, Standard)
		list, ok, err := DocumentOf(c.doc).Elements(p)
		if got := answer(strings.Join(list, "|"), ok, err); got != c.elements {
			t.Errorf("Elements(%s): got %s, want %s", c.doc, got, c.elements)
		}
		scalars, ok, err := DocumentOf(c.doc).Scalars(p)
		if got := answer(show(scalars), ok, err); got != c.scalars {
			t.Errorf("Scalars(%s): got %s, want %s", c.doc, got, c.scalars)
		}
		scalars, ok, err = parse(t, c.doc).Scalars(p)
		if got := answer(show(scalars), ok, err); got != c.ofJSON {
			t.Errorf("Scalars(JSON %s): got %s, want %s", c.doc, got, c.ofJSON)
		}
	}
}
