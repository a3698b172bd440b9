package jsonvalue

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text is the value's canonical text: no white space, members by key.
func (v *Value) Text() string { return string(v.append(nil)) }

func (v *Value) append(b []byte) []byte {
	switch v.kind {
	case Null:
		return append(b, "null"...)
	case Bool:
		return strconv.AppendBool(b, v.b)
	case Int:
		return strconv.AppendInt(b, v.i, 10)
	case Uint:
		return strconv.AppendUint(b, v.u, 10)
	case Float:
		return appendFloat(b, v.f)
	case String:
		return appendQuoted(b, v.s)
	case Array:
		b = append(b, '[')
		for i, e := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.append(b)
		}
		return append(b, ']')
	case canonical:
		return append(b, v.s...)
	}
	b = append(b, '{')
	for i, m := range v.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, m.Key), ':')
		b = m.Value.append(b)
	}
	return append(b, '}')
}

// Pretty is the value's text with one element or member a line, indented by two
// spaces.
func (v *Value) Pretty() string { return string(v.appendPretty(nil, 0)) }

func (v *Value) appendPretty(b []byte, indent int) []byte {
	line := func(b []byte, indent int) []byte {
		return append(append(b, '\n'), strings.Repeat("  ", indent)...)
	}
	switch {
	case v.kind == Array && len(v.list) > 0:
		b = append(b, '[')
		for i, e := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.appendPretty(line(b, indent+1), indent+1)
		}
		return append(line(b, indent), ']')
	case v.kind == Object && len(v.members) > 0:
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(line(b, indent+1), m.Key), ": "...)
			b = m.Value.appendPretty(b, indent+1)
		}
		return append(line(b, indent), '}')
	}
	return v.append(b)
}

// Quote writes a string as a JSON string: the quote, the backslash and the
// control characters below U+0020 are escaped.
func Quote(s string) string { return string(appendQuoted(nil, s)) }

const hexDigits = "0123456789abcdef"

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			if c < 0x20 {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}

// plainText refuses the characters that some writers of JSON escape and others
// do not: DEL, and the line and paragraph separators.
func plainText(s string) error {
	if strings.ContainsAny(s, "\u007f\u2028\u2029") || !utf8.ValidString(s) {
		return Unsupported("a JSON-formatted STRING of DEL, U+2028 or U+2029")
	}
	return nil
}
