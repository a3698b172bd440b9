package load

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The functions here take a JSON text that json.Valid has accepted apart without
// copying it.

// space passes white space.
func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// value cuts the first value off.
func value(b []byte) (v, rest []byte) {
	b = space(b)
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
			continue
		case ']', '}':
			depth--
		default:
			if depth > 0 {
				continue
			}
			// A number or a word goes on to what cannot belong to it.
			for i+1 < len(b) && !strings.ContainsRune(" \t\r\n,]}:", rune(b[i+1])) {
				i++
			}
		}
		if depth == 0 {
			return b[:i+1], b[i+1:]
		}
	}
	return b, nil
}

// elements calls each for the elements of an array.
func elements(b []byte, each func(v []byte) error) error {
	b = space(b[1:])
	for b[0] != ']' {
		var v []byte
		v, b = value(b)
		if err := each(v); err != nil {
			return err
		}
		if b = space(b); b[0] == ',' {
			b = space(b[1:])
		}
	}
	return nil
}

// members calls each for the members of an object.
func members(b []byte, each func(name string, v []byte) error) error {
	b = space(b[1:])
	for b[0] != '}' {
		var k, v []byte
		k, b = value(b)
		v, b = value(space(b)[1:])
		if err := each(unquote(k), v); err != nil {
			return err
		}
		if b = space(b); b[0] == ',' {
			b = space(b[1:])
		}
	}
	return nil
}

// unquote reads a string.
func unquote(b []byte) string {
	inner := b[1 : len(b)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			var s string
			_ = json.Unmarshal(b, &s)
			return s
		}
	}
	return string(inner)
}

// FieldError says which field of a record is wrong.
type FieldError struct {
	// Field is the path of the field, with dots.
	Field string
	What  string
}

// Error implements error.
func (e *FieldError) Error() string { return e.What }

func wrong(field, format string, args ...any) *FieldError {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}
