package text

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"
)

// Pattern texts and the memory for compiled ones are bounded.
const (
	maxPattern  = 1 << 16
	maxCompiled = 512
)

// Regexp is a compiled pattern of RE2's language.
//
// Go's regexp package is RE2's sibling: the same syntax and leftmost-first
// matches. What only one of the two knows is refused: \C and (?<name>), names
// of Unicode classes other than RE2's, limits that each sets for itself. A
// pattern of BYTES is read as RE2's Latin-1 mode does, where a byte is a
// character: both pattern and value become the text with those code points.
type Regexp struct {
	re *regexp.Regexp
	// anchored tells that a match depends on what stands before it.
	anchored bool
	units    Units
}

type regexpKey struct {
	pattern string
	units   Units
}

type compiled struct {
	re  *Regexp
	err error
}

var (
	regexpsLock sync.RWMutex
	regexps     = map[regexpKey]compiled{}
)

// Compile gives the compiled pattern; the last ones are kept.
func Compile(pattern string, u Units) (*Regexp, error) {
	key := regexpKey{pattern, u}
	regexpsLock.RLock()
	c, ok := regexps[key]
	regexpsLock.RUnlock()
	if ok {
		return c.re, c.err
	}
	c.re, c.err = compile(pattern, u)
	regexpsLock.Lock()
	defer regexpsLock.Unlock()
	if len(regexps) >= maxCompiled {
		clear(regexps)
	}
	regexps[key] = c
	return c.re, c.err
}

func compile(pattern string, u Units) (*Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, refusef("a regular expression of this size")
	}
	if u == Bytes {
		pattern = latin1(pattern)
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, patternError(err)
	}
	if err := checkSpelling(pattern); err != nil {
		return nil, err
	}
	r := &Regexp{units: u}
	if err := r.check(tree); err != nil {
		return nil, err
	}
	if err := checkSize(tree); err != nil {
		return nil, err
	}
	if r.re, err = regexp.Compile(pattern); err != nil {
		return nil, refusef("this regular expression")
	}
	return r, nil
}

// maxProgram bounds a compiled pattern, counted as RE2 would: by the byte
// sequences of its classes. RE2's own limit lies beyond it.
const maxProgram = 100_000

func checkSize(tree *syntax.Regexp) error {
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return refusef("this regular expression")
	}
	size := 0
	for _, i := range prog.Inst {
		size += 1 + 3*len(i.Rune)
		if i.Op == syntax.InstRuneAny || i.Op == syntax.InstRuneAnyNotNL {
			size += 10
		}
	}
	if size > maxProgram {
		return refusef("a regular expression of this size")
	}
	return nil
}

// check walks a pattern for what needs care.
func (r *Regexp) check(t *syntax.Regexp) error {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		r.anchored = true
	case syntax.OpLiteral, syntax.OpCharClass:
		if r.units == Bytes && t.Flags&syntax.FoldCase != 0 {
			for _, c := range t.Rune {
				if c >= utf8.RuneSelf && c <= 0xFF {
					return refusef("a case-insensitive regular expression of bytes beyond ASCII")
				}
			}
		}
	}
	if r.units == Bytes && t.Op == syntax.OpLiteral {
		for _, c := range t.Rune {
			if c > 0xFF {
				return refusef("a regular expression of bytes with a code point above 255")
			}
		}
	}
	for _, s := range t.Sub {
		if err := r.check(s); err != nil {
			return err
		}
	}
	return nil
}

// latin1 is the text whose code points are the bytes of b.
func latin1(b string) string {
	plain := true
	for i := 0; i < len(b) && plain; i++ {
		plain = b[i] < utf8.RuneSelf
	}
	if plain {
		return b
	}
	var out strings.Builder
	for i := range len(b) {
		out.WriteRune(rune(b[i]))
	}
	return out.String()
}

// fromLatin1 is latin1's inverse.
func fromLatin1(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = append(out, byte(r))
	}
	return string(out)
}

// in and out bring a value to the text that is matched and back.
func (r *Regexp) in(s string) string {
	if r.units == Bytes {
		return latin1(s)
	}
	return s
}

func (r *Regexp) out(s string) string {
	if r.units == Bytes {
		return fromLatin1(s)
	}
	return s
}

// checkSpelling refuses what Go reads and RE2 may not: (?<name>) and names of
// Unicode classes that RE2 does not list.
func checkSpelling(pattern string) error {
	for i := 0; i < len(pattern); i++ {
		switch {
		case strings.HasPrefix(pattern[i:], "(?<"):
			return refusef("a regular expression with (?<name>)")
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			if pattern[i] == 'Q' {
				end := strings.Index(pattern[i:], `\E`)
				if end < 0 {
					return nil
				}
				i += end + 1
				continue
			}
			if pattern[i]|0x20 == 'p' && i+1 < len(pattern) && pattern[i+1] == '{' {
				name, _, _ := strings.Cut(pattern[i+2:], "}")
				if !classNames[strings.TrimPrefix(name, "^")] {
					return refusef(`a regular expression with the class \p{%s}`, name)
				}
			}
		}
	}
	return nil
}

// classNames are the names of Unicode classes known to RE2 for long: the general
// categories and widely used scripts.
var classNames = func() map[string]bool {
	out := map[string]bool{}
	for _, n := range strings.Fields(`Any C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps
		S Sc Sk Sm So Z Zl Zp Zs
		Arabic Armenian Bengali Bopomofo Braille Cherokee Common Coptic Cyrillic Devanagari Ethiopic Georgian Gothic
		Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Inherited Kannada Katakana Khmer Lao Latin Malayalam
		Mongolian Myanmar Oriya Runic Sinhala Syriac Tamil Telugu Thaana Thai Tibetan Yi`) {
		out[n] = true
	}
	return out
}()

// re2Errors are RE2's words for an error of the parser.
var re2Errors = map[syntax.ErrorCode]string{
	syntax.ErrInvalidCharClass: "invalid character class", syntax.ErrInvalidCharRange: "invalid character class range",
	syntax.ErrInvalidEscape: "invalid escape sequence", syntax.ErrInvalidNamedCapture: "invalid named capture group",
	syntax.ErrInvalidPerlOp: "invalid perl operator", syntax.ErrInvalidRepeatOp: "bad repetition operator",
	syntax.ErrInvalidRepeatSize: "invalid repetition size", syntax.ErrMissingBracket: "missing ]",
	syntax.ErrMissingParen: "missing )", syntax.ErrMissingRepeatArgument: "no argument for repetition operator",
	syntax.ErrTrailingBackslash: "trailing \\", syntax.ErrUnexpectedParen: "unexpected )",
}

// patternError says a parser's error as BigQuery does; what RE2 may take all the
// same is refused.
func patternError(err error) error {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return refusef("this regular expression")
	}
	words, known := re2Errors[e.Code]
	switch {
	case !known, e.Code == syntax.ErrInvalidEscape && e.Expr == `\C`, e.Code == syntax.ErrInvalidRepeatSize && !strings.HasPrefix(e.Expr, "{"):
		return refusef("this regular expression (%s)", e)
	case e.Code == syntax.ErrInvalidCharRange && strings.HasPrefix(e.Expr, `\p`), strings.HasPrefix(e.Expr, `\P`):
		return refusef("a regular expression with the class %s", e.Expr)
	}
	return faultf("Cannot parse regular expression: %s: %s", words, e.Expr)
}
