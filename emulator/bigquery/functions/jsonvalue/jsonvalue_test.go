package jsonvalue

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, text string) *Value {
	t.Helper()
	v, err := Parse(text, false)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return v
}

func path(t *testing.T, text string, style Style) *Path {
	t.Helper()
	p, err := ParsePath(text, style)
	if err != nil {
		t.Fatalf("ParsePath(%q): %v", text, err)
	}
	return p
}

// answer shows a result or an error in a word.
func answer(text string, ok bool, err error) string {
	var refused Unsupported
	switch {
	case errors.As(err, &refused):
		return "REFUSED"
	case err != nil:
		return "ERROR " + err.Error()
	case !ok:
		return "NULL"
	}
	return text
}

// The expected texts are those that GoogleSQL's analyzer gives for the same JSON
// literals.
func TestCanonicalText(t *testing.T) {
	for text, want := range map[string]string{
		`{"b":1,"a":2,"b":3, "B":4, "":5, "é":6, "z":7, "aa":8}`: `{"":5,"B":4,"a":2,"aa":8,"b":1,"z":7,"é":6}`,
		` [ 1 , null,true ,false, "x" ] `:                        `[1,null,true,false,"x"]`,
		"[]":                                                     "[]", "{}": "{}", "\ufeff1": "1", "1\x00": "1",
		`"\u0041\u00e9\ud83d\ude00\u0000\u001f\u007f\u2028\/\b\f\n\r\t<>&\""`: `"Aé😀\u0000\u001f` + "\u007f\u2028" + `/\b\f\n\r\t<>&\""`,
		"18446744073709551616": "1.8446744073709552e+19", "18446744073709551615": "18446744073709551615",
		"-9223372036854775808": "-9223372036854775808", "-9223372036854775809": "-9.223372036854776e+18",
		"1.00000000000000000001": "1.0", "9007199254740993.0": "9.007199254740992e+15", "9007199254740993": "9007199254740993",
		"5.684341886080801e-14": "5.684341886080801e-14", "1e23": "9.999999999999999e+22", "9.999999999999999e22": "9.999999999999999e+22",
		"0.1": "0.1", "1e-5": "1e-05", "0.0001": "0.0001", "0.00001234": "1.234e-05", "123456789012345.6": "123456789012345.6",
		"1e15": "1e+15", "1e14": "100000000000000.0", "1e16": "1e+16", "100000000000000000000": "1e+20",
		"-0": "0", "-0.0": "-0.0", "0e5": "0.0", "-0e1": "-0.0", "123456789012345.67": "123456789012345.67",
		"12345678901234567.8": "1.2345678901234568e+16", "0.001": "0.001", "0.00012345": "0.00012345", "1234567890123456": "1234567890123456",
		"123456789012345e1": "1.23456789012345e+15", "123456789012345e0": "123456789012345.0", "2.2250738585072011e-308": "2.225073858507201e-308",
		"9.5367431640625e-7": "9.5367431640625e-07", "4.35": "4.35", "2.98023223876953125e-8": "2.9802322387695313e-08",
		"1.7976931348623157e308": "1.7976931348623157e+308", "4.9e-324": "5e-324", "2e-324": "0.0", "1e-400": "0.0", "3.0540412E5": "305404.12",
	} {
		if got := parse(t, text).Text(); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{
		"", " ", "01", "1.", ".5", "+1", "[1,]", `{"a":1,}`, "{'a':1}", "{a:1}", "NaN", "Infinity", "True", " 1 2", "1 // c", "\"a\tb\"",
		`"\ud83d"`, `"\ud83dx"`, `"\ude00"`, `"\x"`, `"\u12"`, "[", "{", `{"a"`, `{"a":`, `"a`, "tru", "1e400", "1.7976931348623159e308", "-", "1e", "]",
		strings.Repeat("[", 501) + strings.Repeat("]", 501),
	} {
		if v, err := Parse(text, false); err == nil {
			t.Errorf("%q: got %s, want an error", text, v.Text())
		}
	}
	if _, err := Parse(strings.Repeat("[", 500)+strings.Repeat("]", 500), false); err != nil {
		t.Errorf("500 deep: %v", err)
	}
	for text, ok := range map[string]bool{
		"2.5": true, "0.1": true, "1.50": true, "100000000000000000000": true, "1e20": true, "1E400": false, "-0.0": true, "0e99999999999": true,
		"922337203685477580701": false, "2.2412421353246235436": false, "1e-400": false, "18446744073709551615": true, "9007199254740993.0": false,
		"1.00000000000000000001": false, "[1.00000000000000000001]": false, "-0.00000000000000000": true,
	} {
		if _, err := Parse(text, true); (err == nil) != ok {
			t.Errorf("exact %q: %v", text, err)
		}
	}
}

func TestFloatText(t *testing.T) {
	for f, want := range map[float64]string{
		10: "10", 1e100: "1e+100", 0.1: "0.1", 1.5: "1.5", 9007199254740992: "9007199254740992", 1e15: "1e+15", 123456789012345: "123456789012345",
		1e-5: "1e-05", 0.0001: "0.0001", 1.0 / 3: "0.33333333333333331", -2.5e-7: "-2.5e-07", math.Copysign(0, -1): "-0", 100: "100", 1e14: "100000000000000",
	} {
		if got := FloatText(f); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
}

func TestPretty(t *testing.T) {
	const compact = `{"a":[1,{"b":[]}],"c,\":":{},"d":{"e":"x\\"}}`
	want := strings.Join([]string{`{`, `  "a": [`, `    1,`, `    {`, `      "b": []`, `    }`, `  ],`, `  "c,\":": {},`, `  "d": {`, `    "e": "x\\"`, `  }`, `}`}, "\n")
	if diff := cmp.Diff(want, parse(t, compact).Pretty()); diff != "" {
		t.Errorf("Pretty (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, Indent(compact)); diff != "" {
		t.Errorf("Indent (-want +got):\n%s", diff)
	}
}

func TestPaths(t *testing.T) {
	const doc = `{"a":{"b.c":[10,[20]],"d-e":"x","f:g":1},"":2,"0":3,"é":4}`
	v := parse(t, doc)
	for _, c := range []struct {
		path  string
		style Style
		want  string
	}{
		{"$", Standard, v.Text()}, {"$.a.\"b.c\"[0]", Standard, "10"}, {"$.a['b.c'][1][0]", Legacy, "20"}, {"$[a]['b.c'][0]", Legacy, "10"},
		{"$.a.d-e", Standard, `"x"`}, {"$.a.f:g", Legacy, "1"}, {"$.é", Standard, "4"}, {"$.\"\"", Standard, "2"}, {"$['']", Legacy, "2"},
		{"$.a.b", Standard, "NULL"}, {"$.a.d-e.x", Standard, "NULL"}, {"$.a[1]", Standard, "NULL"}, {"$.a.\"b.c\"[2]", Standard, "NULL"},
		{"$.a.\"b.c\".x", Standard, "NULL"}, {"$.0", Standard, "3"}, {"$[0]", Standard, "REFUSED"}, {"$.a.\"b.c\".1", Standard, "REFUSED"},
		{"", Standard, "ERROR JSONPath must start with '$'"}, {"a", Standard, "ERROR JSONPath must start with '$'"},
		{"lax $.a", Standard, "ERROR JSONPath must start with '$'"},
		{"$.", Standard, "ERROR Invalid token in JSONPath at: ."}, {"$..a", Standard, "ERROR Invalid token in JSONPath at: ..a"},
		{"$.a.", Standard, "ERROR Invalid token in JSONPath at: ."}, {"$[", Standard, "ERROR Invalid token in JSONPath at: ["},
		{"$[0", Standard, "ERROR Invalid token in JSONPath at: [0"}, {"$[]", Legacy, "ERROR Invalid token in JSONPath at: []"},
		{"$.*", Standard, "ERROR Invalid token in JSONPath at: .*"}, {"$[*]", Standard, "ERROR Invalid token in JSONPath at: [*]"},
		{"$.a[\"b\"]", Standard, "REFUSED"}, {"$['a']", Standard, "REFUSED"}, {"$.\"a\"", Legacy, "REFUSED"}, {"$[a]", Standard, "REFUSED"},
		{"$.a b", Standard, "REFUSED"}, {" $", Standard, "REFUSED"}, {"$[-1]", Legacy, "REFUSED"}, {"$[01]", Legacy, "REFUSED"}, {"$a", Standard, "REFUSED"},
		{"$.\"a", Standard, "ERROR Invalid token in JSONPath at: \"a"}, {"$['a'", Legacy, "ERROR Invalid token in JSONPath at: ['a'"},
	} {
		got := func() string {
			p, err := ParsePath(c.path, c.style)
			if err != nil {
				return answer("", false, err)
			}
			x, ok, err := v.Get(p)
			if !ok {
				x = null
			}
			return answer(x.Text(), ok, err)
		}()
		if got != c.want {
			t.Errorf("%s (style %d): got %s, want %s", c.path, c.style, got, c.want)
		}
	}
}

func TestLaxQuery(t *testing.T) {
	nested := `{"a":[{"b":1}, [{"b":2}], [[{"b":3}]]]}`
	for _, c := range []struct{ doc, path, want string }{
		{`{"a":1}`, "lax $.a", "[1]"}, {`{"a":1}`, "lax recursive $.a", "[1]"}, {nested, "LAx   $.a.b", "[1]"},
		{nested, "Recursive  lax $.a.b", "[1,2,3]"}, {`{"a":1}`, "lax $.b", "[]"}, {`{"a":[1,2]}`, "lax $.a", "[[1,2]]"}, {`{"a":1}`, "lax $.a[0]", "[1]"},
		{`{"a":1}`, "lax $.a[1]", "[]"}, {`[{"a":1},{"a":2}]`, "lax $.a", "[1,2]"},
		{`{"a":1}`, "lax LAX $.a", "ERROR JSONPath must start with zero or more unique modifiers followed by '$'"},
		{`{"a":1}`, "recursive $.a", "ERROR JSONPath has an invalid combination of modifiers. The 'lax' modifier must be included if 'recursive' is specified."},
		{`{"a":1}`, "$.a", "1"}, {`{"a":1}`, "x $.a", "ERROR JSONPath must start with zero or more unique modifiers followed by '$'"},
	} {
		got := func() string {
			p, err := ParseLaxPath(c.path)
			if err != nil {
				return answer("", false, err)
			}
			x, ok, err := parse(t, c.doc).Query(p)
			if !ok {
				x = null
			}
			return answer(x.Text(), ok, err)
		}()
		if got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.doc, c.path, got, c.want)
		}
	}
}

func TestSortKey(t *testing.T) {
	ordered := []string{
		"null", `""`, `"a"`, `"a\u0000"`, `"aa"`, `"b"`, "-1.7976931348623157e+308", "-9.223372036854778e+18", "-9223372036854775808", "-9223372036854775807",
		"-9.223372036854775e+18", "-9007199254740994", "-9007199254740993", "-9007199254740992", "-1.5", "-1", "-5e-324", "0", "5e-324", "1", "1.1",
		"9007199254740992", "9007199254740993", "9007199254740994", "9223372036854775807", "9223372036854775808", "18446744073709551610",
		"18446744073709551615", "1.8446744073709552e+19", "1e300", "false", "true", "[]", "[null]", "[null,null]", "[1]", "[1,1]", "[1,[]]", "[[]]", "[[1,2],3]", "[[2]]",
		"{}", `{"":1}`, `{"a":null}`, `{"a":null,"b":1}`, `{"a":1}`, `{"a":1,"b":2}`, `{"a":2}`, `{"aa":1}`, `{"b":1}`,
	}
	for i, a := range ordered {
		for j, b := range ordered {
			want := max(-1, min(1, i-j))
			if got := Compare(parse(t, a), parse(t, b)); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
	for a, b := range map[string]string{"1": "1.0", "0": "-0.0", "-9223372036854775808": "-9.223372036854776e+18", "9223372036854775808": "9.223372036854776e+18", "[1]": "[1.0]"} {
		if Compare(parse(t, a), parse(t, b)) != 0 {
			t.Errorf("%s and %s differ", a, b)
		}
	}
}
