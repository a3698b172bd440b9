package circe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// node is one JSON value with its place in the document.
type node struct {
	path  string
	value any // map[string]*node, []*node, string, json.Number, bool
	keys  []string
}

// readTree reads the whole document, bounded in size and depth, without
// duplicate keys. A null is left out: Circe means the same by both.
func readTree(raw []byte) (*node, error) {
	if len(raw) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "The definition has %d bytes; at most %d are accepted.", len(raw), MaxBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	root, err := readNode(dec, "$", 0)
	if err == nil {
		if _, tail := dec.Token(); !errors.Is(tail, io.EOF) {
			return nil, fault.New(fault.Invalid, "The definition goes on after its end at byte %d.", dec.InputOffset())
		}
		return root, nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return nil, f
	}
	return nil, fault.Because(fault.Invalid, err, "The definition is not valid JSON near byte %d.", dec.InputOffset())
}

func readNode(dec *json.Decoder, path string, depth int) (*node, error) {
	if depth > MaxDepth {
		return nil, fault.New(fault.TooLarge, "The definition is nested deeper than %d levels at %s.", MaxDepth, clip(path))
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{path: path}
	switch t := tok.(type) {
	case nil:
		return nil, nil
	case json.Delim:
		if t == '{' {
			err = n.readObject(dec, depth)
		} else {
			err = n.readList(dec, depth)
		}
		return n, err
	default:
		n.value = t
		return n, nil
	}
}

func (n *node) readObject(dec *json.Decoder, depth int) error {
	fields := map[string]*node{}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return errors.New("an object's key is no string")
		}
		path := n.path + "." + keyText(key)
		if seen[key] {
			return fault.InvalidFields(fault.Field{Path: path, Message: "not valid: the field is there twice"})
		}
		seen[key] = true
		child, err := readNode(dec, path, depth+1)
		if err != nil {
			return err
		}
		if child != nil {
			fields[key] = child
			n.keys = append(n.keys, key)
		}
	}
	n.value = fields
	_, err := dec.Token()
	return err
}

func (n *node) readList(dec *json.Decoder, depth int) error {
	var list []*node
	for i := 0; dec.More(); i++ {
		path := n.path + "[" + strconv.Itoa(i) + "]"
		child, err := readNode(dec, path, depth+1)
		if err != nil {
			return err
		}
		if child == nil {
			return fault.InvalidFields(fault.Field{Path: clip(path), Message: "not valid: null stands in a list"})
		}
		list = append(list, child)
	}
	n.value = list
	_, err := dec.Token()
	return err
}

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
	if len(r.invalid) < maxProblems {
		r.invalid = append(r.invalid, fault.Field{Path: clip(n.path), Message: "not valid: " + fmt.Sprintf(format, args...)})
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
	taken map[string]bool
}

func (r *reader) object(n *node) object {
	if n != nil {
		if _, ok := n.value.(map[string]*node); !ok {
			r.bad(n, "an object is expected")
		}
	}
	return object{r, n, map[string]bool{}}
}

// take gives a field, nil where it is absent or null.
func (o object) take(name string) *node {
	o.taken[name] = true
	if o.n == nil {
		return nil
	}
	fields, _ := o.n.value.(map[string]*node)
	return fields[name]
}

// end refuses every field that was not taken.
func (o object) end() {
	if o.n == nil {
		return
	}
	for _, k := range o.n.keys {
		if !o.taken[k] {
			fields := o.n.value.(map[string]*node)
			if o.r.lenient {
				o.r.warn(fields[k], "there is no such field here; OHDSI's SQL passes it over")
				continue
			}
			o.r.bad(fields[k], "there is no such field here")
		}
	}
}

// ignore takes fields that carry words for people only: one value each.
func (o object) ignore(names ...string) {
	for _, name := range names {
		n := o.take(name)
		if n == nil {
			continue
		}
		switch n.value.(type) {
		case map[string]*node, []*node:
			o.r.bad(n, "a text is expected")
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
	}
	return s
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
	l, ok := n.value.([]*node)
	if !ok {
		o.r.bad(n, "a list is expected")
	}
	return l
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
