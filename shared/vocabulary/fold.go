package vocabulary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold gives the form of a text in which searches compare: no accents, one case,
// one form of letters that mean the same, one space between words.
func fold(s string) string {
	if !ascii(s) {
		s = cases.Fold().String(strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(s)))
	}
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// eachToken calls f with the runs of letters and digits of a folded text.
func eachToken(folded string, f func(token string)) {
	begin := -1
	for i, r := range folded {
		switch in := wordRune(r); {
		case in && begin < 0:
			begin = i
		case !in && begin >= 0:
			f(folded[begin:i])
			begin = -1
		}
	}
	if begin >= 0 {
		f(folded[begin:])
	}
}

// wordRune is what tokens are made of. Marks that folding leaves belong to the
// letter before them, as in Devanagari.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// word is one word of a search.
type word struct {
	text   string // folded, without spaces
	tokens []string
	// plain words are one token: the dictionary decides. The others are looked for
	// in the text as they stand.
	plain bool
}

func words(folded string) []word {
	var list []word
	for _, f := range strings.Fields(folded) {
		w := word{text: f}
		eachToken(f, func(t string) { w.tokens = append(w.tokens, t) })
		w.plain = len(w.tokens) == 1 && w.tokens[0] == f
		list = append(list, w)
	}
	return list
}
