package circe

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// ordinary gives the place of the first byte from at on that may not simply stand
// in a text: a quote, a backslash, a control character or a part of a character
// beyond ASCII; the end where there is none. It looks at eight bytes at once, for
// texts are most of a definition: of each test the lowest of the high bits that it
// leaves is right, and the bytes are in order from the lowest.
func (s *scanner) ordinary(at int) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for ; at+8 <= len(s.raw); at += 8 {
		w := binary.LittleEndian.Uint64(s.raw[at:])
		quote, backslash := w^(each*'"'), w^(each*'\\')
		odd := ((quote-each)&^quote | (backslash-each)&^backslash | (w-each*' ')&^w | w) & high
		if odd != 0 {
			return at + bits.TrailingZeros64(odd)/8
		}
	}
	for ; at < len(s.raw); at++ {
		if c := s.raw[at]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
	}
	return at
}

// plain takes a text without escapes or characters beyond ASCII, as nearly all
// are; of any other it is false and takes nothing.
func (s *scanner) plain() ([]byte, bool) {
	from := s.at + 1
	at := s.ordinary(from)
	if at == len(s.raw) || s.raw[at] != '"' {
		return nil, false
	}
	s.at = at + 1
	return s.raw[from:at], true
}

// kept makes a string of some bytes. The names of fields come again and again, so
// that short ones are looked for among those that were made last.
func (s *scanner) kept(b []byte) string {
	if len(b) == 0 || len(b) > 32 {
		return string(b)
	}
	last := &s.seen[(len(b)+7*int(b[0])+31*int(b[len(b)-1]))%len(s.seen)]
	if *last != string(b) {
		*last = string(b)
	}
	return *last
}

// string reads a text. One with escapes, or that is no UTF-8, is read by
// encoding/json.
func (s *scanner) string() (string, error) {
	if b, ok := s.plain(); ok {
		return s.kept(b), nil
	}
	from, escapes := s.at, false
	for s.at++; s.at < len(s.raw) && s.raw[s.at] != '"'; s.at++ {
		switch c := s.raw[s.at]; {
		case c == '\\':
			escapes = true
			s.at++
		case c < ' ':
			return "", errJSON
		}
	}
	if s.at >= len(s.raw) {
		s.at = len(s.raw)
		return "", errJSON
	}
	s.at++
	if text := s.raw[from+1 : s.at-1]; !escapes && utf8.Valid(text) {
		return string(text), nil
	}
	var text string
	err := json.Unmarshal(s.raw[from:s.at], &text)
	return text, err
}

// number reads a number of JSON's grammar.
func (s *scanner) number() (json.Number, error) {
	from := s.at
	digits := func() bool {
		start := s.at
		for s.at < len(s.raw) && s.raw[s.at] >= '0' && s.raw[s.at] <= '9' {
			s.at++
		}
		return s.at > start
	}
	is := func(set string) bool {
		if s.at < len(s.raw) && strings.IndexByte(set, s.raw[s.at]) >= 0 {
			s.at++
			return true
		}
		return false
	}
	is("-")
	if !is("0") && !digits() {
		return "", errJSON
	}
	if is(".") && !digits() {
		return "", errJSON
	}
	if is("eE") {
		is("+-")
		if !digits() {
			return "", errJSON
		}
	}
	return json.Number(s.kept(s.raw[from:s.at])), nil
}
