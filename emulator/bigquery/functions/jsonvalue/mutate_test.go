package jsonvalue

import (
	"strings"
	"testing"
)

func text(v *Value) string {
	if v == nil {
		return ""
	}
	return v.Text()
}

// The expected results are those of the reference's examples and of GoogleSQL's
// compliance cases; REFUSED stands where they do not tell.
func TestSet(t *testing.T) {
	for _, c := range []struct {
		doc, path, value string
		create           bool
		want             string
	}{
		{`{"a":1}`, "$", `{"b":2}`, true, `{"b":2}`}, {`{"a":1}`, "$.b", "999", false, `{"a":1}`}, {`{"a":1}`, "$.a", "999", false, `{"a":999}`},
		{`{"a":{}}`, "$.a.b", "100", true, `{"a":{"b":100}}`}, {"null", "$.a.b", "100", true, `{"a":{"b":100}}`}, {"null", "$.a.b", "100", false, "null"},
		{`{"a":1}`, "$.a.c", "100", true, `{"a":1}`}, {`{"a":1}`, "$.a[2]", "100", true, `{"a":1}`},
		{`["a",["b","c"],"d"]`, "$[1]", `"foo"`, true, `["a","foo","d"]`}, {`["a",["b","c"],"d"]`, "$[1][0]", `"foo"`, true, `["a",["foo","c"],"d"]`},
		{"null", "$[0][3]", `"foo"`, true, `[[null,null,null,"foo"]]`}, {`["a",["b","c"],"d"]`, "$[1][4]", `"foo"`, true, `["a",["b","c",null,null,"foo"],"d"]`},
		{`["a",["b","c"],"d"]`, "$[1][0][0]", `"foo"`, true, `["a",["b","c"],"d"]`}, {`["a",["b","c"],"d"]`, "$[1][2][1]", `"foo"`, true, `["a",["b","c",[null,"foo"]],"d"]`},
		{"{}", "$.b[2].d", "100", true, `{"b":[null,null,{"d":100}]}`}, {`{"a":10}`, "$[1]", "20", true, `{"a":10}`}, {"[]", "$[0]", "1", false, "[]"},
		{"[]", "$[200000]", "1", true, "REFUSED"}, {"[1]", "$.0", "1", true, "REFUSED"}, {`{"a":{"b":null}}`, "$.a.b.c", "1", true, `{"a":{"b":{"c":1}}}`},
	} {
		v, err := parse(t, c.doc).Set(path(t, c.path, Standard), parse(t, c.value), c.create)
		if got := answer(text(v), true, err); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.doc, c.path, got, c.want)
		}
	}
	deep := parse(t, strings.Repeat("[", 500)+strings.Repeat("]", 500))
	if _, err := deep.Set(path(t, "$[0]", Standard), deep, true); err == nil {
		t.Error("a value deeper than 500 was made")
	}
}

func TestRemove(t *testing.T) {
	for _, c := range []struct{ doc, path, want string }{
		{`["a",["b","c"],"d"]`, "$[1]", `["a","d"]`}, {`{"a":{"b":{"c":"d"}}}`, "$.a.b.c", `{"a":{"b":{}}}`}, {`{"a":{"b":{"c":"d"}}}`, "$.a.b", `{"a":{}}`},
		{`{"a":1}`, "$.b", `{"a":1}`}, {"null", "$.a.b", "null"}, {"{}", "$", "ERROR Invalid input to JSON_REMOVE: The JSONPath cannot be '$'"},
		{"[1]", "$[0]", "[]"}, {"[1]", "$[1]", "[1]"}, {"[1]", "$.a", "[1]"}, {`{"a":1}`, "$[0]", `{"a":1}`}, {"[1]", "$.0", "REFUSED"},
	} {
		v, err := parse(t, c.doc).Remove(path(t, c.path, Standard))
		if got := answer(text(v), true, err); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.doc, c.path, got, c.want)
		}
	}
}

func TestAppendAndInsert(t *testing.T) {
	for _, c := range []struct{ doc, path, values, appended, inserted string }{
		{`["a","b"]`, "$", "[1,2]", `["a","b",1,2]`, `["a","b"]`}, {`["a",["b"]]`, "$[1]", "[1]", `["a",["b",1]]`, `["a",1,["b"]]`},
		{`{"a":null}`, "$.a", "[10]", `{"a":[10]}`, `{"a":null}`}, {`{"a":1}`, "$.a", "[2]", `{"a":1}`, `{"a":1}`}, {`{"a":1}`, "$.b", "[2]", `{"a":1}`, `{"a":1}`},
		{`["a","b"]`, "$[3]", `["e"]`, `["a","b"]`, `["a","b",null,"e"]`}, {`{"a":null}`, "$.a[2]", "[10]", `{"a":null}`, `{"a":[null,null,10]}`},
		{`{"a":{}}`, "$.a[0]", "[2]", `{"a":{}}`, `{"a":{}}`}, {"1", "$[0]", "[1]", "1", "1"}, {"null", "$", "[]", "REFUSED", "null"}, {"[]", "$[0]", "[]", "[]", "REFUSED"},
	} {
		v, p, values := parse(t, c.doc), path(t, c.path, Standard), parse(t, c.values).list
		x, err := v.Append(p, values)
		if got := answer(text(x), true, err); got != c.appended {
			t.Errorf("append %s %s: got %s, want %s", c.doc, c.path, got, c.appended)
		}
		x, err = v.Insert(p, values)
		if got := answer(text(x), true, err); got != c.inserted {
			t.Errorf("insert %s %s: got %s, want %s", c.doc, c.path, got, c.inserted)
		}
		if v.Text() != c.doc {
			t.Errorf("%s became %s", c.doc, v.Text())
		}
	}
}

func TestStripNulls(t *testing.T) {
	const mixed = `{"a":{"b":{"c":null}},"d":[null],"e":[],"f":1}`
	for _, c := range []struct {
		doc, path     string
		arrays, empty bool
		want          string
	}{
		{`{"a":null,"b":"c"}`, "$", true, false, `{"b":"c"}`}, {"[1,null,2,null]", "$", true, false, "[1,2]"}, {"[1,null]", "$", false, false, "[1,null]"},
		{"[1,null,[null]]", "$", true, false, "[1,[]]"}, {"[1,null,[null]]", "$", true, true, "[1]"}, {`{"a":null}`, "$", true, true, "null"},
		{`{"a":[null]}`, "$", true, true, "null"}, {mixed, "$", false, true, `{"d":[null],"e":[],"f":1}`}, {mixed, "$", true, true, `{"f":1}`},
		{"null", "$", true, false, "null"}, {`{"a":[null,[],{}],"b":{}}`, "$.a", true, false, `{"a":[[],{}],"b":{}}`}, {`{"a":1}`, "$.b", true, true, `{"a":1}`},
		{`{"a":[null]}`, "$.a", true, true, "REFUSED"}, {`[{"a":null}]`, "$", false, true, "REFUSED"}, {`{"a":null}`, "$", true, false, "{}"},
	} {
		v, err := parse(t, c.doc).StripNulls(path(t, c.path, Standard), c.arrays, c.empty)
		if got := answer(text(v), true, err); got != c.want {
			t.Errorf("%s %s %v %v: got %s, want %s", c.doc, c.path, c.arrays, c.empty, got, c.want)
		}
	}
}

func TestKeys(t *testing.T) {
	nested := `{"a":[{"b":1},[{"c":2}]],"d":{"e":{"f":1}}}`
	for _, c := range []struct {
		doc, mode string
		depth     int64
		want      string
	}{
		{nested, "strict", 99, "a|d|d.e|d.e.f"}, {nested, "Lax", 99, "a|a.b|d|d.e|d.e.f"}, {nested, "lax Recursive", 99, "a|a.b|a.c|d|d.e|d.e.f"},
		{nested, "strict", 2, "a|d|d.e"}, {nested, "strict", 1, "a|d"}, {`[[{"a":{"b":1}}]]`, "lax recursive", 1, "a"}, {`[[{"a":1}]]`, "lax", 1, ""},
		{"1", "strict", 1, ""}, {`[{"a":1},{"a":{"b":1}}]`, "lax", 9, "a|a.b"}, {`{"a.b":{"c":1}}`, "strict", 9, `"a.b"|"a.b".c`},
		{`{"a-b":1}`, "strict", 9, "REFUSED"}, {nested, "strict", 0, "ERROR max_depth must be positive."}, {nested, "x", 1, "ERROR Invalid JSON mode specified"},
		{nested, " lax", 1, "REFUSED"}, {nested, "recursive", 1, "ERROR Invalid JSON mode specified"}, {`{"a.b":1,"_":2}`, "strict", 9, "REFUSED"},
		{`{"a":1,"B.c":2}`, "strict", 9, `"B.c"|a`}, {`{"B":1,"a":{"b.c":1}}`, "strict", 9, `B|a|a."b.c"`}, {`{"B":1,"a.b":2}`, "strict", 9, "REFUSED"},
	} {
		got := func() string {
			mode, err := ParseKeysMode(c.mode)
			if err != nil {
				return answer("", false, err)
			}
			keys, err := parse(t, c.doc).Keys(c.depth, mode)
			return answer(strings.Join(keys, "|"), true, err)
		}()
		if got != c.want {
			t.Errorf("%s %s %d: got %s, want %s", c.doc, c.mode, c.depth, got, c.want)
		}
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct{ doc, part, want string }{
		{`"a"`, `"a"`, "yes"}, {`{"a":{"b":1},"c":2}`, `{"b":1}`, "no"}, {`{"a":{"b":1},"c":2}`, `{"a":{"b":1}}`, "yes"},
		{`{"a":{"b":1,"d":3},"c":2}`, `{"a":{"b":1}}`, "yes"}, {"[1,2,3]", "[2]", "yes"}, {"[1,2,3]", "2", "yes"}, {"[[1,2,3]]", "2", "no"}, {"[[1,2,3]]", "[2]", "no"},
		{"[[1,2,3]]", "[[2]]", "yes"}, {`[{"a":0},{"b":1,"c":2}]`, `[{"b":1}]`, "yes"}, {`[{"a":0},{"b":1,"c":2}]`, `{"b":1}`, "no"},
		{`[{"a":0},{"b":1,"c":2}]`, `[{"a":0,"b":1}]`, "no"}, {"{}", "{}", "yes"}, {"[1]", "[]", "yes"}, {"[1,1]", "[1,1,1]", "yes"}, {"null", "null", "yes"},
		{"1", "1.0", "REFUSED"}, {`{"a":[1]}`, `{"a":1}`, "no"}, {"1", "[1]", "no"},
	} {
		ok, err := parse(t, c.doc).Contains(parse(t, c.part))
		got := "no"
		if ok {
			got = "yes"
		}
		if got = answer(got, true, err); got != c.want {
			t.Errorf("%s contains %s: got %s, want %s", c.doc, c.part, got, c.want)
		}
	}
}
