package circe

import (
	"encoding/json"
	"fmt"
	"strconv"

	"researchhub.example/hub/shared/fault"
)

// Bounds of a definition. The largest of OHDSI's Phenotype Library is far below.
const (
	// MaxBytes is the longest definition: it is kept in one Firestore document,
	// which holds 1 MiB.
	MaxBytes = 1_000_000
	// MaxDepth is the deepest nesting of JSON objects and lists.
	MaxDepth = 100
	// MaxCriteria is the most criteria and groups together.
	MaxCriteria = 500
	// MaxConceptSets is the most concept sets.
	MaxConceptSets = 500
	// MaxItems is the most concepts named in all concept sets together.
	MaxItems = 20_000
	// MaxConcepts is the most concept ids that all concept sets may resolve to.
	MaxConcepts = 50_000
	// maxProblems bounds how many problems one answer names.
	maxProblems = 20
)

// keyText shows a key in a path; one that is no plain name is quoted and cut, as
// it may hold anything.
func keyText(key string) string {
	plain := key != "" && len(key) <= 40
	for _, r := range key {
		plain = plain && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	if plain {
		return key
	}
	return strconv.QuoteToASCII(clip(key))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// reader walks the tree and collects what is wrong with it.
type reader struct {
	invalid, legacy []fault.Field
	warnings        []fault.Field
	lenient         bool // unknown fields are warned of
	criteria        int
	refs            []*node // where concept sets are named
	items           int
}

func (r *reader) bad(n *node, format string, args ...any) {
	for at := n; at != nil; at = at.parent {
		if at.broken {
			return
		}
	}
	if len(r.invalid) < maxProblems {
		r.invalid = append(r.invalid, fault.Field{Path: clip(n.path()), Message: "not valid: " + fmt.Sprintf(format, args...)})
	}
}

// old notes what CDM v5.4 does not have.
func (r *reader) old(path, what string) {
	if len(r.legacy) < maxProblems {
		r.legacy = append(r.legacy, fault.Field{Path: clip(path), Message: what + " needs what CDM v5.4 does not have: it runs on releases with tables of earlier versions only"})
	}
}

// err gives everything that is wrong.
func (r *reader) err() error {
	if len(r.invalid) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Fields: r.invalid,
		Message: fmt.Sprintf("The definition is not valid at %s: %s.", r.invalid[0].Path, r.invalid[0].Message[len("not valid: "):])}
}

// object is a JSON object whose fields are taken one by one.
type object struct {
	r     *reader
	n     *node
	taken []bool // by field
}

func (r *reader) object(n *node) object {
	o := object{r: r, n: n}
	if n != nil {
		if n.form != objectForm {
			r.bad(n, "an object is expected")
			n.broken = true
		}
		o.taken = make([]bool, len(n.keys))
	}
	return o
}

// take gives a field, nil where it is absent or null.
func (o object) take(name string) *node {
	if o.n == nil {
		return nil
	}
	for i, k := range o.n.keys {
		if k == name {
			o.taken[i] = true
			return o.n.kids[i]
		}
	}
	return nil
}

// end refuses every field that was not taken.
func (o object) end() {
	if o.n == nil {
		return
	}
	for i, taken := range o.taken {
		if taken {
			continue
		}
		if o.r.lenient {
			o.r.warn(o.n.kids[i], "there is no such field here; OHDSI's SQL passes it over")
			continue
		}
		o.r.bad(o.n.kids[i], "there is no such field here")
	}
}

// ignore takes fields that carry words for people only.
func (o object) ignore(names ...string) {
	for _, name := range names {
		n := o.take(name)
		if n == nil {
			continue
		}
		if _, ok := n.value.(string); !ok {
			o.r.bad(n, "a text is expected")
		}
	}
}

// ignoreWords takes the fields by which ATLAS describes a concept to people, one
// value each: some versions write dates as numbers.
func (o object) ignoreWords() {
	if o.n == nil {
		return
	}
	for i, key := range o.n.keys {
		if conceptWord(key) == 0 {
			continue
		}
		if o.taken[i] = true; o.n.kids[i].form != scalar {
			o.r.bad(o.n.kids[i], "a text is expected")
		}
	}
}

func (o object) text(name string) string {
	n := o.take(name)
	if n == nil {
		return ""
	}
	s, ok := n.value.(string)
	if !ok {
		o.r.bad(n, "a text is expected")
		n.broken = true
	}
	return s
}

// at is where something is wrong with a field: the object itself where it is absent.
func (o object) at(name string) *node {
	if n := o.n.field(name); n != nil {
		return n
	}
	return o.n
}

func (o object) flag(name string) bool {
	n := o.take(name)
	if n == nil {
		return false
	}
	b, ok := n.value.(bool)
	if !ok {
		o.r.bad(n, "true or false is expected")
	}
	return b
}

func (o object) list(name string) []*node {
	n := o.take(name)
	if n == nil {
		return nil
	}
	if n.form != listForm {
		o.r.bad(n, "a list is expected")
		return nil
	}
	return n.kids
}

// integer reads a whole number within bounds; found is false where it is absent.
func (o object) integer(name string, low, high int64) (v int64, found bool) {
	n := o.take(name)
	if n == nil {
		return 0, false
	}
	return o.r.integer(n, low, high), true
}

func (r *reader) integer(n *node, low, high int64) int64 {
	num, ok := n.value.(json.Number)
	v, err := strconv.ParseInt(string(num), 10, 64)
	if !ok || err != nil || v < low || v > high {
		r.bad(n, "a whole number from %d to %d is expected", low, high)
		return low
	}
	return v
}
