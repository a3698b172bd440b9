package jsonvalue

import (
	"errors"
	"strings"
)

// Document is a JSON-formatted STRING as the extraction functions read it: as it
// is written, with its order, its duplicate keys and the text of its numbers, and
// only as far as the value that is looked for. (Reference: differences between
// the JSON and JSON-formatted STRING types.)
type Document struct{ text string }

// DocumentOf takes a JSON-formatted STRING.
func DocumentOf(text string) Document { return Document{text} }

// errNothing tells that the path matches nothing, or that the text is no JSON
// before the value is complete: both are NULL.
var errNothing = errors.New("nothing")

// node is a part of a document.
type node struct {
	kind  Kind
	text  string // a scalar's: a string unquoted, a number as written
	list  []*node
	keys  []string
	exact bool // false: the text of the string may be written in another way
}

// find reads the document as far as the value at a path.
func (d Document) find(p *Path) (*node, error) {
	r := &reader{parser{s: d.text}}
	r.space()
	n, err := r.find(p.steps, 1)
	if err != nil {
		return nil, r.settled(err)
	}
	if len(p.steps) == 0 {
		if r.space(); r.pos < len(r.s) {
			return nil, Unsupported("a JSON-formatted STRING with text after its value")
		}
	}
	return n, nil
}

// reader reads a document.
type reader struct{ parser }

// settled turns a syntax error into NULL where every reader of JSON would see
// one; some accept single quotes, bare keys, further commas and other forms of
// numbers.
func (r *reader) settled(err error) error {
	var refused Unsupported
	switch {
	case errors.Is(err, errNothing), errors.As(err, &refused):
		return err
	case errors.Is(err, errEnd):
		return errNothing
	}
	if r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case strings.IndexByte("}]):;=<>@#%^&*(|/~!?`", c) >= 0 && !r.afterComma():
			return errNothing
		case c >= 0x80, strings.IndexByte("abcdeghijklmopqrsuvwxyzABCDEFGHJKLMOPQRSUVWXYZ", c) >= 0 && r.start():
			return errNothing
		}
	}
	return Unsupported("a JSON-formatted STRING that is not valid JSON")
}

// start reports whether nothing but white space has been read.
func (r *reader) start() bool { return strings.TrimSpace(r.s[:r.pos]) == "" }

// afterComma reports whether a comma was the last thing read.
func (r *reader) afterComma() bool {
	before := strings.TrimRight(r.s[:r.pos], " \t\n\r")
	return strings.HasSuffix(before, ",")
}

// find follows the steps from the value at the reader's place.
func (r *reader) find(steps []step, depth int) (*node, error) {
	if len(steps) == 0 {
		return r.node(depth)
	}
	if depth > MaxDepth {
		return nil, Unsupported("a JSON-formatted STRING nested deeper than 500")
	}
	if r.pos >= len(r.s) {
		return nil, errEnd
	}
	s := steps[0]
	switch r.s[r.pos] {
	case '{':
		return r.findMember(steps, depth)
	case '[':
		if !s.isIndex && numeral(s.key) {
			return nil, Unsupported("a JSONPath that takes the index of an array without brackets")
		}
		return r.findElement(steps, depth)
	}
	if _, err := r.node(depth); err != nil {
		return nil, err
	}
	return nil, errNothing
}

func (r *reader) findMember(steps []step, depth int) (*node, error) {
	r.pos++
	r.space()
	if r.pos < len(r.s) && r.s[r.pos] == '}' {
		r.pos++
		return nil, errNothing
	}
	missed := false
	for {
		key, err := r.key()
		if err != nil {
			return nil, err
		}
		if key == steps[0].key {
			if steps[0].isIndex {
				return nil, Unsupported("a JSONPath that takes the key of an object in brackets")
			}
			if missed {
				return nil, Unsupported("a JSONPath through one of two equal keys of a JSON-formatted STRING")
			}
			n, err := r.find(steps[1:], depth+1)
			if !errors.Is(err, errNothing) {
				return n, err
			}
			missed = true
		} else if _, err := r.node(depth + 1); err != nil {
			return nil, err
		}
		done, err := r.next('}')
		if err != nil {
			return nil, err
		}
		if done {
			return nil, errNothing
		}
	}
}

func (r *reader) findElement(steps []step, depth int) (*node, error) {
	r.pos++
	r.space()
	if r.pos < len(r.s) && r.s[r.pos] == ']' {
		r.pos++
		return nil, errNothing
	}
	for i := 0; ; i++ {
		r.space()
		if steps[0].isIndex && i == steps[0].index {
			n, err := r.find(steps[1:], depth+1)
			if !errors.Is(err, errNothing) {
				return n, err
			}
		} else if _, err := r.node(depth + 1); err != nil {
			return nil, err
		}
		done, err := r.next(']')
		if err != nil {
			return nil, err
		}
		if done {
			return nil, errNothing
		}
	}
}

// node reads the value at the reader's place.
func (r *reader) node(depth int) (*node, error) {
	if r.pos >= len(r.s) {
		return nil, errEnd
	}
	if depth > MaxDepth {
		return nil, Unsupported("a JSON-formatted STRING nested deeper than 500")
	}
	switch c := r.s[r.pos]; {
	case c == '"':
		start := r.pos
		s, err := r.text()
		if err != nil {
			return nil, err
		}
		written := r.s[start:r.pos]
		return &node{kind: String, text: s, exact: Quote(s) == written && plainText(s) == nil}, nil
	case c == '-' || '0' <= c && c <= '9':
		text, _, err := r.numberText()
		if err != nil {
			return nil, err
		}
		if r.pos < len(r.s) && strings.IndexByte(",]} \t\n\r", r.s[r.pos]) < 0 {
			return nil, Unsupported("a JSON-formatted STRING that is not valid JSON")
		}
		return &node{kind: Float, text: text}, nil
	case c == '[' || c == '{':
		return r.container(depth)
	}
	v, err := r.value(depth)
	if err != nil {
		return nil, err
	}
	return &node{kind: v.kind, text: v.Text()}, nil
}

func (r *reader) container(depth int) (*node, error) {
	n := &node{kind: Array}
	closing := byte(']')
	if r.s[r.pos] == '{' {
		n.kind, closing = Object, '}'
	}
	r.pos++
	r.space()
	if r.pos < len(r.s) && r.s[r.pos] == closing {
		r.pos++
		return n, nil
	}
	for {
		r.space()
		if n.kind == Object {
			r.space()
			start := r.pos
			key, err := r.key()
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(r.s[start:], Quote(key)) || plainText(key) != nil {
				return nil, Unsupported("a JSON-formatted STRING with escapes in a key")
			}
			n.keys = append(n.keys, key)
		}
		e, err := r.node(depth + 1)
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, e)
		done, err := r.next(closing)
		if err != nil {
			return nil, err
		}
		if done {
			return n, nil
		}
	}
}

// append writes a node without white space.
func (n *node) append(b []byte) ([]byte, error) {
	switch n.kind {
	case String:
		if !n.exact {
			return nil, Unsupported("a JSON-formatted STRING with escapes that could be written otherwise")
		}
		return appendQuoted(b, n.text), nil
	case Array, Object:
		open, closing := byte('['), byte(']')
		if n.kind == Object {
			open, closing = '{', '}'
		}
		b = append(b, open)
		for i, e := range n.list {
			if i > 0 {
				b = append(b, ',')
			}
			if n.kind == Object {
				b = append(appendQuoted(b, n.keys[i]), ':')
			}
			var err error
			if b, err = e.append(b); err != nil {
				return nil, err
			}
		}
		return append(b, closing), nil
	}
	return append(b, n.text...), nil
}
