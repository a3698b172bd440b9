package text

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// spec is a format specifier: %[flags][width][.precision]verb.
type spec struct {
	left, plus, space, alternate, zero, grouped bool
	width, precision                            int // -1: none
	widthArg, precisionArg                      bool
	verb                                        byte
}

// maxWidth bounds a width and a precision.
const maxWidth = 1 << 16

// piece is a literal text and the specifier after it; verb 0 for none.
type piece struct {
	text string
	spec spec
}

// parseFormat cuts a format string into pieces.
func parseFormat(format string) ([]piece, error) {
	var out []piece
	var text strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			text.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			text.WriteByte('%')
			continue
		}
		s, n, err := parseSpec(format[i:])
		if err != nil {
			return nil, err
		}
		out = append(out, piece{text.String(), s})
		text.Reset()
		i += n - 1
	}
	return append(out, piece{text: text.String()}), nil
}

// parseSpec reads a specifier behind its %, and says how long it is.
func parseSpec(s string) (spec, int, error) {
	p := spec{width: -1, precision: -1}
	i := 0
flags:
	for ; i < len(s); i++ {
		switch s[i] {
		case '-':
			p.left = true
		case '+':
			p.plus = true
		case ' ':
			p.space = true
		case '#':
			p.alternate = true
		case '0':
			p.zero = true
		case '\'':
			p.grouped = true
		default:
			break flags
		}
	}
	var err error
	if p.width, p.widthArg, i, err = parseNumber(s, i); err != nil {
		return p, 0, err
	}
	if i < len(s) && s[i] == '.' {
		if p.precision, p.precisionArg, i, err = parseNumber(s, i+1); err != nil {
			return p, 0, err
		}
		if p.precision < 0 && !p.precisionArg {
			return p, 0, refusef("FORMAT with a precision that has no digits")
		}
	}
	if i >= len(s) {
		return p, 0, faultf("Format string ends within a specifier in FORMAT")
	}
	p.verb = s[i]
	switch {
	case strings.IndexByte("dioxXfFeEgGstTpP", p.verb) >= 0:
		return p, i + 1, nil
	case strings.IndexByte("uaA%", p.verb) >= 0:
		return p, 0, refusef("the specifier %%%c with this form in FORMAT", p.verb)
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return p, 0, faultf("Invalid format specifier character %q in FORMAT string", r)
}

// parseNumber reads digits or * at i.
func parseNumber(s string, i int) (n int, arg bool, next int, err error) {
	if i < len(s) && s[i] == '*' {
		return -1, true, i + 1, nil
	}
	from := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == from {
		return -1, false, i, nil
	}
	n, err = strconv.Atoi(s[from:i])
	if err != nil || n > maxWidth {
		return 0, false, i, refusef("FORMAT with a width or precision of more than %d", maxWidth)
	}
	return n, false, i, nil
}

// Format is FORMAT; ok is false for NULL. Types and numbers of arguments are
// checked before any value is looked at.
func Format(format string, args []Value) (out string, ok bool, err error) {
	pieces, err := parseFormat(format)
	if err != nil {
		return "", false, err
	}
	next := 0
	null := false
	take := func(verb byte) (Value, error) {
		if next == len(args) {
			return Value{}, faultf("Too few arguments to FORMAT for pattern %q; Expected more than %d", format, len(args))
		}
		v := args[next]
		next++
		if err := checkKind(verb, v, next); err != nil {
			return v, err
		}
		null = null || v.Null && verb != 't' && verb != 'T'
		return v, nil
	}
	values := make([]Value, len(pieces))
	for i := range pieces {
		s := &pieces[i].spec
		if s.verb == 0 {
			continue
		}
		for _, star := range []struct {
			arg bool
			to  *int
		}{{s.widthArg, &s.width}, {s.precisionArg, &s.precision}} {
			if !star.arg {
				continue
			}
			v, err := take('d')
			if err != nil {
				return "", false, err
			}
			if !v.Null {
				if *star.to, err = strconv.Atoi(v.Text); err != nil || *star.to < 0 || *star.to > maxWidth {
					return "", false, refusef("FORMAT with a width or precision of %s", v.Text)
				}
			}
		}
		if values[i], err = take(s.verb); err != nil {
			return "", false, err
		}
		if values[i].Null && (s.verb == 'p' || s.verb == 'P') {
			return "", false, refusef("%%p or %%P of NULL in FORMAT")
		}
	}
	if next < len(args) {
		return "", false, faultf("Too many arguments to FORMAT for pattern %q; Expected %d; Got %d", format, next+1, len(args)+1)
	}
	if null {
		return "", false, nil
	}
	var b strings.Builder
	for i, p := range pieces {
		b.WriteString(p.text)
		if p.spec.verb == 0 {
			continue
		}
		s, err := p.spec.print(values[i])
		if err != nil {
			return "", false, err
		}
		b.WriteString(s)
		if b.Len() > maxOutput {
			return "", false, refusef("FORMAT of more than 1 MB")
		}
	}
	return b.String(), true, nil
}

// kindsOf are the kinds that a verb takes.
var kindsOf = map[byte]string{
	'd': "i", 'i': "i", 'o': "i", 'x': "i", 'X': "i", 's': "s", 'p': "j", 'P': "j",
	'f': "fng", 'F': "fng", 'e': "fng", 'E': "fng", 'g': "fng", 'G': "fng",
}

func checkKind(verb byte, v Value, place int) error {
	kinds, limited := kindsOf[verb]
	if !limited || strings.IndexByte(kinds, v.Kind) >= 0 {
		return nil
	}
	switch {
	case kinds == "fng" && v.Kind == 'i', verb == 's' && v.Kind != 'i':
		return refusef("FORMAT with %%%c and an argument of another type", verb)
	}
	return faultf("Invalid type for argument %d to FORMAT with %%%c", place+1, verb)
}

func (s spec) print(v Value) (string, error) {
	switch s.verb {
	case 'd', 'i', 'o', 'x', 'X':
		return s.integer(v)
	case 'f', 'F', 'e', 'E', 'g', 'G':
		return s.real(v)
	case 's':
		return s.text(v.Text)
	case 'p':
		return s.text(v.Text)
	case 'P':
		t, err := indented(v.Text)
		if err != nil {
			return "", err
		}
		return s.text(t)
	}
	t, err := v.Print(s.verb == 'T')
	if err != nil {
		return "", err
	}
	return s.text(t)
}

// indented writes JSON over several lines. How an empty object or array looks
// there is not said.
func indented(s string) (string, error) {
	if strings.Contains(s, "{}") || strings.Contains(s, "[]") {
		return "", refusef("%%P of JSON with an empty object or array in FORMAT")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(s), "", "  "); err != nil {
		return "", refusef("%%P of this JSON in FORMAT")
	}
	return b.String(), nil
}

// text cuts a text to the precision and brings it to the width. Whether they
// count characters or bytes is not said, so where it matters it is refused.
func (s spec) text(t string) (string, error) {
	if s.zero && s.width > len(t) {
		return "", refusef("FORMAT of a text with the flag 0")
	}
	chars := s.fit(t, Chars)
	if chars != s.fit(t, Bytes) {
		return "", refusef("FORMAT with a width or precision for text beyond ASCII")
	}
	return chars, nil
}

func (s spec) fit(t string, u Units) string {
	if s.precision >= 0 {
		t = t[:u.offset(t, int64(s.precision))]
	}
	return s.pad(t, u)
}

func (s spec) pad(t string, u Units) string {
	n := s.width - int(u.count(t))
	if n <= 0 {
		return t
	}
	if s.left {
		return t + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + t
}
