package circe

import (
	"bytes"
	"cmp"
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
func (d *Definition) Canonical() []byte { return bytes.Clone(d.canonical()) }

// Hash is the SHA-256 of the canonical form, in hexadecimal.
func (d *Definition) Hash() string {
	sum := sha256.Sum256(d.canonical())
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
	text := w.Bytes()
	if len(w.order) == 0 {
		return text
	}
	// The sets stand first, as ATLAS has them. They are written by hand: a set may
	// hold some thousand concepts.
	out := append(make([]byte, 0, len(text)+w.size()), `{"ConceptSets":[`...)
	for i, ref := range w.order {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"expression":{`...)
		for j, it := range w.contents[string(ref)] {
			if j == 0 {
				out = append(out, `"items":[`...)
			} else {
				out = append(out, ',')
			}
			out = appendItem(out, it)
		}
		if len(w.contents[string(ref)]) > 0 {
			out = append(out, ']')
		}
		out = strconv.AppendInt(append(out, `},"id":`...), int64(i), 10)
		out = append(out, '}')
	}
	return append(append(out, `],`...), text[1:]...)
}

// size is about how long the written sets are.
func (w *writer) size() int {
	n := 100
	for _, ref := range w.order {
		n += 40 + 60*len(w.contents[string(ref)])
	}
	return n
}

// appendItem writes one concept of a set.
func appendItem(out []byte, it Item) []byte {
	out = strconv.AppendInt(append(out, `{"concept":{"CONCEPT_ID":`...), it.ConceptID, 10)
	out = append(out, '}')
	if it.Descendants {
		out = append(out, `,"includeDescendants":true`...)
	}
	if it.Mapped {
		out = append(out, `,"includeMapped":true`...)
	}
	if it.Excluded {
		out = append(out, `,"isExcluded":true`...)
	}
	return append(out, '}')
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
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b Item) int {
		if a.ConceptID != b.ConceptID {
			return cmp.Compare(a.ConceptID, b.ConceptID)
		}
		return cmp.Compare(flags(a), flags(b))
	})
	sorted = slices.Compact(sorted)
	kept := make([]Item, 0, len(sorted))
	lines := make([]byte, 0, 12*len(sorted))
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to].ConceptID == sorted[from].ConceptID {
			to++
		}
		same := sorted[from:to]
		for _, it := range same {
			// What another item of the same concept includes as well says nothing.
			if len(same) > 1 && slices.ContainsFunc(same, func(o Item) bool { return o != it && o.Excluded == it.Excluded && flags(o)&flags(it) == flags(it) }) {
				continue
			}
			kept = append(kept, it)
			lines = strconv.AppendInt(lines, it.ConceptID, 10)
			lines = append(lines, ' ', byte('0'+flags(it)), '\n')
		}
		from = to
	}
	sum := sha256.Sum256(lines)
	key := hex.EncodeToString(sum[:])
	w.contents[key] = kept
	return reference(key)
}
