package circe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Canonical is the definition as Circe JSON in one form, made of what Parse
// understood and not of what was written. Two definitions of the same canonical
// form give the same rows and the same attrition on every release, and these
// differences alone change nothing of it:
//
//   - the order of keys, spaces, and how a number or a limit is spelt;
//   - a default that is written out, an empty list, a null, a field without
//     effect (an Extent that the operator does not use, a QualifiedLimit without
//     additional criteria, the Count of an ALL or ANY group);
//   - the words that describe concepts, concept sets and rules to people;
//   - the order of concept sets, the numbers by which they are referred to, sets
//     that are not used, two sets that hold the same, and a reference to a set
//     that is not there (an empty set);
//   - the order of a set's items, an item that is there twice or implied by
//     another of the same concept, the order of concepts in an attribute;
//   - the order of the members of a group, and of censoring criteria.
//
// The order of primary criteria stays, because it breaks ties, and that of
// inclusion rules, because the funnel follows it. The form is stable: a stored
// hash stays comparable, and a test pins it.
func (d *Definition) Canonical() []byte { return bytes.Clone(d.canonical) }

// Hash is the SHA-256 of the canonical form, in hexadecimal.
func (d *Definition) Hash() string {
	sum := sha256.Sum256(d.canonical)
	return hex.EncodeToString(sum[:])
}

// The parts of a canonical form beside lists, texts, numbers and booleans.
type (
	fields map[string]any
	// reference names a concept set by what it holds.
	reference string
)

// writer writes a form. Without numbers a reference is written as what it holds,
// so that members can be ordered before the sets are numbered.
type writer struct {
	bytes.Buffer
	contents map[string][]Item
	numbers  map[reference]int
	order    []reference
}

// form writes a definition in its canonical form.
func (d *Definition) form() []byte {
	w := &writer{contents: map[string][]Item{}}
	body := w.definition(d)
	w.numbers = map[reference]int{}
	w.value(body)
	text := bytes.Clone(w.Bytes())
	w.Reset()
	var sets []any
	for i, ref := range w.order {
		var items []any
		for _, it := range w.contents[string(ref)] {
			items = append(items, fields{"concept": fields{"CONCEPT_ID": it.ConceptID}, "isExcluded": it.Excluded,
				"includeDescendants": it.Descendants, "includeMapped": it.Mapped})
		}
		sets = append(sets, fields{"id": int64(i), "expression": fields{"items": items}})
	}
	if len(sets) == 0 {
		return text
	}
	w.value(fields{"ConceptSets": sets})
	// {"ConceptSets":[…]} and {"…":…}: the sets sort behind AdditionalCriteria and
	// the like, and stand first here, as ATLAS has them.
	return append(append(bytes.TrimSuffix(bytes.Clone(w.Bytes()), []byte("}")), ','), text[1:]...)
}

// value writes one value: keys in order, nothing empty, no false.
func (w *writer) value(v any) {
	switch v := v.(type) {
	case fields:
		w.WriteByte('{')
		comma := false
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if idle(v[k]) {
				continue
			}
			if comma {
				w.WriteByte(',')
			}
			comma = true
			w.WriteString(strconv.Quote(k))
			w.WriteByte(':')
			w.value(v[k])
		}
		w.WriteByte('}')
	case []any:
		w.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				w.WriteByte(',')
			}
			w.value(e)
		}
		w.WriteByte(']')
	case reference:
		if w.numbers == nil {
			w.WriteString(strconv.Quote(string(v)))
			return
		}
		n, seen := w.numbers[v]
		if !seen {
			n = len(w.order)
			w.numbers[v], w.order = n, append(w.order, v)
		}
		w.WriteString(strconv.Itoa(n))
	case always:
		w.WriteString(strconv.FormatBool(bool(v)))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int64:
		w.WriteString(strconv.FormatInt(v, 10))
	case json.Number:
		w.WriteString(v.String())
	case string:
		text, _ := json.Marshal(v) // a string never fails
		w.Write(text)
	}
}

// always is a boolean that is written whatever it is.
type always bool

// idle reports whether a value says what its absence says.
func idle(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// sorted orders parts whose order means nothing.
func (w *writer) sorted(list []any) []any {
	type keyed struct {
		key string
		v   any
	}
	all := make([]keyed, len(list))
	for i, v := range list {
		w.value(v)
		all[i] = keyed{w.String(), v}
		w.Reset()
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
	out := make([]any, len(all))
	for i, k := range all {
		out[i] = k.v
	}
	return out
}

// reference gives a concept set by what it holds.
func (w *writer) reference(sets map[int64]reference, id *int64) any {
	if id == nil {
		return nil
	}
	if ref, ok := sets[*id]; ok {
		return ref
	}
	return w.holding(nil)
}

// holding names a set of items by what they stand for.
func (w *writer) holding(items []Item) reference {
	flags := func(it Item) int {
		n := 0
		if it.Descendants {
			n |= flagDescendants
		}
		if it.Mapped {
			n |= flagMapped
		}
		return n
	}
	type meant struct {
		id       int64
		excluded bool
	}
	seen := map[meant][]int{}
	for _, it := range items {
		k := meant{it.ConceptID, it.Excluded}
		seen[k] = append(seen[k], flags(it))
	}
	var kept []Item
	h := sha256.New()
	for _, k := range slices.SortedFunc(maps.Keys(seen), func(a, b meant) int {
		switch {
		case a.id != b.id && a.id < b.id, a.id == b.id && !a.excluded && b.excluded:
			return -1
		case a == b:
			return 0
		}
		return 1
	}) {
		all := seen[k]
		slices.Sort(all)
		all = slices.Compact(all)
		for _, f := range all {
			// What another item of the same concept includes as well says nothing.
			if slices.ContainsFunc(all, func(o int) bool { return o != f && o&f == f }) {
				continue
			}
			kept = append(kept, Item{ConceptID: k.id, Excluded: k.excluded, Descendants: f&flagDescendants > 0, Mapped: f&flagMapped > 0})
			last := kept[len(kept)-1]
			h.Write(strconv.AppendInt(nil, last.ConceptID, 10))
			h.Write([]byte{' ', byte('0' + f), byte('0' + map[bool]int{true: 1}[k.excluded]), '\n'})
		}
	}
	key := hex.EncodeToString(h.Sum(nil))
	w.contents[key] = kept
	return reference(key)
}
