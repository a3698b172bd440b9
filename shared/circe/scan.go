package circe

import (
	"errors"
	"strconv"

	"researchhub.example/hub/shared/fault"
)

// form is what a JSON value is.
type form byte

const (
	scalar form = iota // a string, a json.Number or a bool
	objectForm
	listForm
)

// node is one JSON value with its place in the document.
type node struct {
	form  form
	value any
	// keys and kids are an object's fields, kids alone a list's elements.
	keys []string
	kids []*node
	// items are the concepts that stand in a list of that name, one for each
	// element; kids are then those alone that the scanner could not read.
	items []Item
	// broken tells that it is no object or text where one is expected, so that
	// nothing more need be said of it.
	broken bool

	// The place: under which key or index of what.
	parent *node
	key    string
	index  int
}

// path is where the value stands, such as $.ConceptSets[0].id. It is put together
// when it is asked for: most values are right.
func (n *node) path() string {
	switch {
	case n.parent == nil:
		return "$"
	case n.parent.form == listForm:
		return n.parent.path() + "[" + strconv.Itoa(n.index) + "]"
	}
	return n.parent.path() + "." + keyText(n.key)
}

// field is a field of an object, nil where it is not there.
func (n *node) field(name string) *node {
	if n == nil {
		return nil
	}
	for i, k := range n.keys {
		if k == name {
			return n.kids[i]
		}
	}
	return nil
}

// scanner reads JSON (RFC 8259) into nodes. It stands here instead of
// encoding/json's token reader because a concept set of some thousand concepts
// takes that twenty times as long, and because it knows where each value stands.
type scanner struct {
	raw  []byte
	at   int
	slab []node
	made int        // how many nodes the slabs have had
	seen [64]string // texts that were made: see text
	left int        // how many more values may be read
	// keys and kids are those of the objects and lists that are open.
	keys []string
	kids []*node
}

var errJSON = errors.New("not valid JSON")

// readTree reads the whole document, bounded in size and depth, without
// duplicate keys. A null is left out: Circe means the same by both.
func readTree(raw []byte) (*node, error) {
	if len(raw) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "The definition has %d bytes; at most %d are accepted.", len(raw), MaxBytes)
	}
	s := newScanner(raw)
	root, err := s.value(nil, "", 0, 0)
	if err == nil {
		if s.space(); s.at < len(s.raw) {
			return nil, fault.New(fault.Invalid, "The definition goes on after its end at byte %d.", s.at)
		}
		return root, nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return nil, f
	}
	return nil, fault.Because(fault.Invalid, err, "The definition is not valid JSON near byte %d.", s.at)
}

func newScanner(raw []byte) *scanner { return &scanner{raw: raw, left: maxValues} }

// slabSize is how many nodes are made at once, after the first that are fewer.
const slabSize = 256

func (s *scanner) node(parent *node, key string, index int) *node {
	if len(s.slab) == 0 {
		s.slab = make([]node, min(max(s.made, slabSize/8), slabSize))
		s.made += len(s.slab)
	}
	n := &s.slab[0]
	s.slab = s.slab[1:]
	n.parent, n.key, n.index = parent, key, index
	return n
}

func (s *scanner) space() {
	for s.at < len(s.raw) {
		switch s.raw[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// next gives the next byte that is no space, 0 at the end.
func (s *scanner) next() byte {
	if s.at < len(s.raw) && s.raw[s.at] > ' ' {
		return s.raw[s.at] // spaces are rare
	}
	s.space()
	if s.at == len(s.raw) {
		return 0
	}
	return s.raw[s.at]
}

// word takes a literal.
func (s *scanner) word(w string) error {
	if rest := s.raw[s.at:]; len(rest) < len(w) || string(rest[:len(w)]) != w {
		return errJSON
	}
	s.at += len(w)
	return nil
}

// value reads one value; nil for null.
func (s *scanner) value(parent *node, key string, index, depth int) (*node, error) {
	c := s.next()
	if depth > MaxDepth && (c == '{' || c == '[') {
		return nil, fault.New(fault.TooLarge, "The definition is nested deeper than %d levels at %s.", MaxDepth, clip(s.node(parent, key, index).path()))
	}
	if c == 'n' {
		return nil, s.word("null")
	}
	if s.left--; s.left < 0 {
		return nil, fault.New(fault.TooLarge, "The definition holds more than %d values.", maxValues)
	}
	n := s.node(parent, key, index)
	var err error
	switch c {
	case '{':
		n.form = objectForm
		err = s.object(n, depth)
	case '[':
		n.form = listForm
		err = s.list(n, depth)
	case '"':
		n.value, err = s.string()
	case 't':
		n.value, err = true, s.word("true")
	case 'f':
		n.value, err = false, s.word("false")
	default:
		n.value, err = s.number()
	}
	return n, err
}

// object reads fields. Those that are null are left out, but may not be there
// twice either.
func (s *scanner) object(n *node, depth int) error {
	s.at++
	base := len(s.keys)
	kids := len(s.kids)
	nulls := 0
	for first := true; ; first = false {
		c := s.next()
		if c == '}' && first {
			break
		}
		if c != '"' {
			return errJSON
		}
		key, err := s.string()
		if err != nil {
			return err
		}
		for _, k := range s.keys[base:] {
			if k == key {
				return fault.InvalidFields(fault.Field{Path: clip((&node{parent: n, key: key}).path()), Message: "not valid: the field is there twice"})
			}
		}
		if len(s.keys)-base == maxKeys {
			return fault.New(fault.TooLarge, "The object at %s has more than %d fields.", clip(n.path()), maxKeys)
		}
		if s.next() != ':' {
			return errJSON
		}
		s.at++
		s.keys = append(s.keys, key)
		child, err := s.field(n, key, depth)
		if err != nil {
			return err
		}
		if child == nil {
			nulls++
		}
		s.kids = append(s.kids, child)
		if c = s.next(); c == '}' {
			break
		}
		if c != ',' {
			return errJSON
		}
		s.at++
	}
	s.at++
	n.keys, n.kids = make([]string, 0, len(s.keys)-base-nulls), make([]*node, 0, len(s.keys)-base-nulls)
	for i, child := range s.kids[kids:] {
		if child != nil {
			n.keys, n.kids = append(n.keys, s.keys[base+i]), append(n.kids, child)
		}
	}
	s.keys, s.kids = s.keys[:base], s.kids[:kids]
	return nil
}

// field reads a field's value. The texts that describe a concept to people are
// most of a large definition and mean nothing, so they are read and left out.
func (s *scanner) field(n *node, key string, depth int) (*node, error) {
	if n.key == "concept" && s.next() == '"' && conceptWord(key) > 0 {
		_, err := s.string()
		return nil, err
	}
	return s.value(n, key, 0, depth+1)
}

// maxValues bounds the values of a definition, for each takes far more room than
// the two bytes that it may be written in. As many as there may be concepts, with
// all that is said of each, are below.
const maxValues = 150_000

// maxKeys bounds an object's fields: no object of Circe's has half as many.
const maxKeys = 100

func (s *scanner) list(n *node, depth int) error {
	s.at++
	base := len(s.kids)
	items := n.key == "items" && depth < MaxDepth-1 // an item is two levels deep
	for i := 0; ; i++ {
		c := s.next()
		if c == ']' && i == 0 {
			break
		}
		read := false
		if items {
			var it Item
			it, read = s.item()
			n.items = append(n.items, it)
		}
		if !read {
			child, err := s.value(n, "", i, depth+1)
			if err != nil {
				return err
			}
			if child == nil {
				return fault.InvalidFields(fault.Field{Path: clip((&node{parent: n, index: i}).path()), Message: "not valid: null stands in a list"})
			}
			s.kids = append(s.kids, child)
		}
		if c = s.next(); c == ']' {
			break
		}
		if c != ',' {
			return errJSON
		}
		s.at++
	}
	s.at++
	n.kids = append([]*node(nil), s.kids[base:]...)
	s.kids = s.kids[:base]
	return nil
}
