package translate

import (
	"fmt"
	"strings"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/shared/googlesql"
)

// scalarFunc writes a call whose argument types fit its entry.
type scalarFunc func(t *translator, c *googlesql.Call) string

// entry is a row of a function table: GoogleSQL's name, the argument types, and
// what is made of it. The types are letters: i INT64, f FLOAT64, s STRING,
// b BOOL, x BYTES, d DATE, t TIMESTAMP, c DATETIME (civil), m TIME, n NUMERIC,
// g BIGNUMERIC, j JSON, v INTERVAL, r RANGE, u STRUCT, e a date part, a an ARRAY,
// * any representable type; a + at the end repeats the last one, a | separates
// alternatives.
type entry[F any] struct {
	name, types string
	make        F
}

var kindLetters = map[googlesql.Kind]byte{
	googlesql.KindInt64: 'i', googlesql.KindFloat64: 'f', googlesql.KindString: 's', googlesql.KindBool: 'b',
	googlesql.KindBytes: 'x', googlesql.KindDate: 'd', googlesql.KindTimestamp: 't', googlesql.KindDatetime: 'c',
	googlesql.KindTime: 'm', googlesql.KindNumeric: 'n', googlesql.KindEnum: 'e', googlesql.KindArray: 'a',
	googlesql.KindBigNumeric: 'g', googlesql.KindJSON: 'j', googlesql.KindInterval: 'v', googlesql.KindRange: 'r',
	googlesql.KindStruct: 'u',
}

func fits(pattern string, kinds []googlesql.Kind) bool {
	for _, p := range strings.Split(pattern, "|") {
		if fitsOne(p, kinds) {
			return true
		}
	}
	return false
}

func fitsOne(p string, kinds []googlesql.Kind) bool {
	repeat := strings.HasSuffix(p, "+")
	p = strings.TrimSuffix(p, "+")
	if len(kinds) < len(p) || len(kinds) > len(p) && !repeat {
		return false
	}
	for i, k := range kinds {
		want := p[min(i, len(p)-1)]
		if want == '*' && k != googlesql.KindEnum {
			continue
		}
		if kindLetters[k] != want {
			return false
		}
	}
	return true
}

func lookup[F any](table map[string][]entry[F], name string, kinds []googlesql.Kind) (F, bool) {
	for _, e := range table[name] {
		if fits(e.types, kinds) {
			return e.make, true
		}
	}
	var none F
	return none, false
}

func index[F any](lists ...[]entry[F]) map[string][]entry[F] {
	out := map[string][]entry[F]{}
	for _, l := range lists {
		for _, e := range l {
			out[e.name] = append(out[e.name], e)
		}
	}
	return out
}

// scalars is filled at start because its entries refer back to the translator.
var scalars map[string][]entry[scalarFunc]

func init() {
	// The first entry that fits is taken: intervals and ranges come before what is
	// for any type.
	scalars = index(intervals, ranges, dates, dateMakers, dateTexts,
		jsonCalls, operators, numbers, strings_, likes, formats, arrays, sketches)
}

// form writes a call by a pattern, in which $1, $2 ... stand for the arguments,
// $* for all of them with commas.
func form(pattern string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		return fill(pattern, t.exprs(c.Args))
	}
}

// gofn writes a call of a Go function, and of its safe form under SAFE.
func gofn(name string) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		args := t.exprs(c.Args)
		return t.goCall(c, name, args...)
	}
}

// goCall writes a call of a Go function that stands for c: its safe form when c
// is under SAFE.
func (t *translator) goCall(c *googlesql.Call, name string, args ...string) string {
	if c.Safe {
		t.safeCall = c
		name += duck.SafeSuffix
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func fill(pattern string, args []string) string {
	pairs := make([]string, 0, 2*len(args)+2)
	for i := len(args) - 1; i >= 0; i-- {
		pairs = append(pairs, fmt.Sprintf("$%d", i+1), args[i])
	}
	pairs = append(pairs, "$*", strings.Join(args, ", "))
	return strings.NewReplacer(pairs...).Replace(pattern)
}

// typed checks more than the kinds before a form is used.
func typed(check func(c *googlesql.Call) bool, then scalarFunc) scalarFunc {
	return func(t *translator, c *googlesql.Call) string {
		if !check(c) {
			refuse("%s", describe(c.Name, c.Args))
		}
		return then(t, c)
	}
}

func allComparable(c *googlesql.Call) bool {
	for _, a := range c.Args {
		if !isComparable(a.Type()) {
			return false
		}
	}
	return true
}

func allDeepComparable(c *googlesql.Call) bool {
	for _, a := range c.Args {
		if !isDeepComparable(a.Type()) || !sameShape(a.Type(), c.Args[0].Type()) {
			return false
		}
	}
	return true
}

func noFloat(c *googlesql.Call) bool {
	for _, a := range c.Args {
		if a.Type().Is(googlesql.KindFloat64) {
			return false
		}
	}
	return allComparable(c)
}
