package jsonvalue

import (
	"testing"
)

func TestAssign(t *testing.T) {
	parse := func(s string) *Value {
		if s == "" {
			return nil
		}
		v, err := Parse(s, false)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tc := range []struct {
		name, doc string
		list      []string // path, value, path, value ...
		want      string
	}{
		{"a new member", `{"a":1}`, []string{`["b","c"]`, `5`}, `{"a":1,"b":{"c":5}}`},
		{"of SQL NULL", ``, []string{`[0,"a"]`, `1`}, `[{"a":1}]`},
		{"of null", `null`, []string{`["a"]`, `1`}, `{"a":1}`},
		{"two in one element", `[]`, []string{`[0,"a"]`, `1`, `[0,"b"]`, `2`}, `[{"a":1,"b":2}]`},
		{"filled up", `[1]`, []string{`[3]`, `4`}, `[1,null,null,4]`},
		{"removed", `{"a":1,"b":2}`, []string{`["a"]`, ``}, `{"b":2}`},
		{"removed where it is missing", `{"a":1}`, []string{`["b","c"]`, ``}, `{"a":1}`},
		{"removed by their places before", `[1,2,3]`, []string{`[0]`, ``, `[1]`, `10`, `[2]`, ``}, `[10]`},
		{"removed beyond the end", `[1]`, []string{`[5]`, ``}, `[1]`},
		{"a key that looks like a number", `{}`, []string{`["0"]`, `1`}, `{"0":1}`},
		{"the same path", `{}`, []string{`["a"]`, `1`, `["a"]`, `2`}, "error " + errOverlap.Error()},
		{"a path below", `{}`, []string{`["a"]`, `1`, `["a","b"]`, `2`}, "error " + errOverlap.Error()},
		{"a path above", `{}`, []string{`["a","b"]`, `1`, `["a"]`, `2`}, "error " + errOverlap.Error()},
		{"a key of an array", `[]`, []string{`["a"]`, `1`}, "error " + errNoObject.Error()},
		{"a key of a number", `{"a":1}`, []string{`["a","b"]`, `1`}, "error " + errNoObject.Error()},
		{"an offset of an object", `{}`, []string{`[0]`, `1`}, "error " + errNoArray.Error()},
		{"a negative offset", `[]`, []string{`[-1]`, `1`}, "error Cannot SET negative offset of JSON array: -1"},
		{"a NULL path", `[]`, []string{``, `1`}, "error " + errNullPath.Error()},
		{"too far", `[]`, []string{`[100001]`, `1`}, "error SET of a JSON array beyond 100000 elements"},
		{"nothing to be removed from", `null`, []string{`["a"]`, ``}, "error " + errUnsettled.Error()},
	} {
		var list []Assignment
		for i := 0; i < len(tc.list); i += 2 {
			list = append(list, Assignment{parse(tc.list[i]), parse(tc.list[i+1])})
		}
		var got string
		if v, err := Assign(parse(tc.doc), list); err != nil {
			got = "error " + err.Error()
		} else {
			got = v.Text()
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
