package jsonvalue

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a JSON text strictly. exact: a number that a JSON value cannot
// hold without loss is an error, else it is rounded. The message of an error is
// meant for the caller of PARSE_JSON.
func Parse(text string, exact bool) (*Value, error) {
	p := &parser{s: strings.TrimPrefix(text, "\ufeff"), exact: exact}
	p.space()
	v, err := p.value(1)
	if err != nil {
		return nil, err
	}
	p.space()
	// The text ends at a NUL, as it does for GoogleSQL's parser.
	if p.pos < len(p.s) && p.s[p.pos] != 0 {
		return nil, p.fail("unexpected text after the value")
	}
	return v, nil
}

// parser reads a text of the JSON grammar (RFC 8259).
type parser struct {
	s     string
	pos   int
	exact bool
}

// errEnd tells that the text ends early.
var errEnd = errors.New("unexpected end of input")

func (p *parser) fail(what string) error {
	return fmt.Errorf("syntax error while parsing value - %s at byte %d", what, p.pos+1)
}

func (p *parser) space() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (*Value, error) {
	if p.pos >= len(p.s) {
		return nil, fmt.Errorf("syntax error while parsing value - %w", errEnd)
	}
	switch c := p.s[p.pos]; {
	case c == '{' || c == '[':
		if depth > MaxDepth {
			return nil, errors.New("JSON is nested deeper than 500")
		}
		if c == '[' {
			return p.array(depth)
		}
		return p.object(depth)
	case c == '"':
		s, err := p.text()
		if err != nil {
			return nil, err
		}
		return StringValue(s), nil
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, l := range literals {
		rest := p.s[p.pos:]
		if strings.HasPrefix(rest, l.word) {
			p.pos += len(l.word)
			return l.value, nil
		}
		if strings.HasPrefix(l.word, rest) {
			return nil, fmt.Errorf("syntax error while parsing value - invalid literal: %w", errEnd)
		}
	}
	return nil, p.fail("invalid literal")
}

var literals = []struct {
	word  string
	value *Value
}{{"true", BoolValue(true)}, {"false", BoolValue(false)}, {"null", null}}

func (p *parser) array(depth int) (*Value, error) {
	p.pos++
	var list []*Value
	p.space()
	if p.pos < len(p.s) && p.s[p.pos] == ']' {
		p.pos++
		return ArrayValue(nil), nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		done, err := p.next(']')
		if err != nil {
			return nil, err
		}
		if done {
			return ArrayValue(list), nil
		}
	}
}

func (p *parser) object(depth int) (*Value, error) {
	p.pos++
	var members []Member
	p.space()
	if p.pos < len(p.s) && p.s[p.pos] == '}' {
		p.pos++
		return ObjectValue(nil), nil
	}
	for {
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, Member{key, v})
		done, err := p.next('}')
		if err != nil {
			return nil, err
		}
		if done {
			return ObjectValue(members), nil
		}
	}
}

// key reads a member's key up to its value.
func (p *parser) key() (string, error) {
	p.space()
	if p.pos >= len(p.s) {
		return "", fmt.Errorf("syntax error while parsing object key - %w", errEnd)
	}
	if p.s[p.pos] != '"' {
		return "", p.fail("expected string literal")
	}
	key, err := p.text()
	if err != nil {
		return "", err
	}
	p.space()
	if p.pos >= len(p.s) {
		return "", fmt.Errorf("syntax error while parsing object separator - %w", errEnd)
	}
	if p.s[p.pos] != ':' {
		return "", p.fail("expected ':'")
	}
	p.pos++
	p.space()
	return key, nil
}

// next passes a comma, or the end of the array or object.
func (p *parser) next(closing byte) (done bool, err error) {
	p.space()
	if p.pos >= len(p.s) {
		return false, fmt.Errorf("syntax error while parsing value - %w", errEnd)
	}
	switch p.s[p.pos] {
	case closing:
		p.pos++
		return true, nil
	case ',':
		p.pos++
		return false, nil
	}
	return false, p.fail("expected ',' or '" + string(closing) + "'")
}

// text reads a string literal.
func (p *parser) text() (string, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] != '"' && p.s[p.pos] != '\\' && p.s[p.pos] >= 0x20 {
		p.pos++
	}
	if p.pos < len(p.s) && p.s[p.pos] == '"' {
		p.pos++
		return p.s[start : p.pos-1], nil
	}
	b := []byte(p.s[start:p.pos])
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(b), nil
		case c < 0x20:
			return "", p.fail("invalid string: a control character must be escaped")
		case c == '\\':
			var err error
			if b, err = p.escape(b); err != nil {
				return "", err
			}
		default:
			b = append(b, c)
			p.pos++
		}
	}
	return "", fmt.Errorf("syntax error while parsing value - invalid string: missing closing quote: %w", errEnd)
}

var simpleEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *parser) escape(b []byte) ([]byte, error) {
	if p.pos+1 >= len(p.s) {
		return nil, fmt.Errorf("syntax error while parsing value - invalid string: %w", errEnd)
	}
	if r, ok := simpleEscapes[p.s[p.pos+1]]; ok {
		p.pos += 2
		return append(b, r), nil
	}
	if p.s[p.pos+1] != 'u' {
		return nil, p.fail("invalid string: forbidden character after backslash")
	}
	r, err := p.hex()
	if err != nil {
		return nil, err
	}
	switch {
	case 0xdc00 <= r && r <= 0xdfff:
		return nil, p.fail("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF")
	case 0xd800 <= r && r <= 0xdbff:
		if !strings.HasPrefix(p.s[p.pos:], `\u`) {
			return nil, p.fail("invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF")
		}
		low, err := p.hex()
		if err != nil {
			return nil, err
		}
		if low < 0xdc00 || low > 0xdfff {
			return nil, p.fail("invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF")
		}
		r = 0x10000 + (r-0xd800)<<10 + (low - 0xdc00)
	}
	return utf8.AppendRune(b, r), nil
}

// hex reads \uXXXX.
func (p *parser) hex() (rune, error) {
	if p.pos+6 > len(p.s) {
		return 0, fmt.Errorf("syntax error while parsing value - invalid string: %w", errEnd)
	}
	n, err := strconv.ParseUint(p.s[p.pos+2:p.pos+6], 16, 32)
	if err != nil {
		return 0, p.fail(`invalid string: '\u' must be followed by 4 hex digits`)
	}
	p.pos += 6
	return rune(n), nil
}

// numberText passes a number and tells whether it is an integer.
func (p *parser) numberText() (text string, integer bool, err error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.s) && '0' <= p.s[p.pos] && p.s[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	if p.s[p.pos] == '-' {
		p.pos++
	}
	if p.pos < len(p.s) && p.s[p.pos] == '0' {
		p.pos++
	} else if !digits() {
		return "", false, p.numberEnd("invalid number; expected digit after '-'")
	}
	integer = true
	if p.pos < len(p.s) && p.s[p.pos] == '.' {
		integer = false
		p.pos++
		if !digits() {
			return "", false, p.numberEnd("invalid number; expected digit after '.'")
		}
	}
	if p.pos < len(p.s) && (p.s[p.pos] == 'e' || p.s[p.pos] == 'E') {
		integer = false
		p.pos++
		if p.pos < len(p.s) && (p.s[p.pos] == '+' || p.s[p.pos] == '-') {
			p.pos++
		}
		if !digits() {
			return "", false, p.numberEnd("invalid number; expected digit after exponent")
		}
	}
	return p.s[start:p.pos], integer, nil
}

func (p *parser) numberEnd(what string) error {
	if p.pos >= len(p.s) {
		return fmt.Errorf("syntax error while parsing value - %s: %w", what, errEnd)
	}
	return p.fail(what)
}

func (p *parser) number() (*Value, error) {
	text, integer, err := p.numberText()
	if err != nil {
		return nil, err
	}
	if integer {
		if text[0] != '-' {
			if u, err := strconv.ParseUint(text, 10, 64); err == nil {
				return &Value{kind: Uint, u: u}, nil
			}
		} else if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return IntValue(i), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(f, 0) {
		return nil, fmt.Errorf("number overflow parsing '%s'", text)
	}
	if p.exact {
		if len(text) > 1500 {
			return nil, Unsupported("PARSE_JSON of a number of more than 1500 characters")
		}
		if !sameDecimal(text, string(appendFloat(nil, f))) {
			return nil, fmt.Errorf("Input number: %s cannot round-trip through string representation", text)
		}
	}
	return FloatValue(f), nil
}

// sameDecimal reports whether two number texts are the same number.
func sameDecimal(a, b string) bool {
	negA, digitsA, expA := decimal(a)
	negB, digitsB, expB := decimal(b)
	return digitsA == digitsB && (digitsA == "" || negA == negB && expA == expB)
}

// decimal takes a number text apart: sign, digits without zeros at the ends, and
// the power of ten of the last digit.
func decimal(s string) (neg bool, digits string, exp int) {
	s, neg = strings.CutPrefix(s, "-")
	mantissa, e, _ := strings.Cut(strings.ToLower(s), "e")
	if e != "" {
		n, err := strconv.Atoi(e)
		if err != nil || n > 1<<30 || n < -1<<30 {
			n = 1 << 30 // no double has this exponent
		}
		exp = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exp -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exp += len(digits) - len(trimmed)
	return neg, trimmed, exp
}
