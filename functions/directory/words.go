package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// maxWord bounds a word, in bytes of its folded form; what is longer is cut.
const maxWord = 48

// word is one word of a text: letters, or digits, levelled as fold does it.
type word struct {
	text string
	// start and end are where it stands in the text, in bytes.
	start, end int
	// glued is true where it was written as one with the word before: "COVID-19",
	// "covid19" and "IL.6" are two glued words each.
	glued bool
}

// words takes a text apart.
func words(text string) []word {
	var list []word
	var b strings.Builder
	start, end, digits := -1, 0, false
	flush := func() {
		if start < 0 {
			return
		}
		if b.Len() > 0 {
			list = append(list, word{text: b.String(), start: start, end: end, glued: len(list) > 0 && joins(text[list[len(list)-1].end:start])})
		}
		b.Reset()
		start = -1
	}
	for i, r := range text {
		size := utf8.RuneLen(r)
		if size < 0 {
			size = 1 // a broken byte
		}
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if start >= 0 && digits != unicode.IsDigit(r) {
				flush()
			}
			if start < 0 {
				start, digits = i, unicode.IsDigit(r)
			}
			end = i + size
			if b.Len() < maxWord {
				fold(&b, r)
			}
		case start >= 0 && unicode.Is(unicode.M, r):
			end = i + size // an accent written by itself
		case start >= 0 && (r == '\'' || r == '’') && !digits:
			// Alzheimer's is one word; an apostrophe at its end is none of it.
		default:
			flush()
		}
	}
	flush()
	return list
}

// joins reports whether what stands between two words makes them one.
func joins(between string) bool {
	switch between {
	case "", "-", "‐", "‑", "–", ".", "_", "+":
		return true
	}
	return false
}

// letters are those that are other letters with a stroke or written together,
// which Unicode does not take apart.
var letters = map[rune]string{'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ł': "l", 'ŧ': "t", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th"}

// fold writes a letter or digit without letter case, accents and width.
func fold(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteByte(byte(r))
		return
	}
	for _, part := range norm.NFKD.String(string(r)) {
		part = unicode.ToLower(part)
		if plain, ok := letters[part]; ok {
			b.WriteString(plain)
		} else if !unicode.Is(unicode.M, part) {
			b.WriteRune(part)
		}
	}
}

// spellings levels what British and American English write differently, so that
// either finds both. It goes into stems only, which nobody sees.
var spellings = strings.NewReplacer("ae", "e", "oe", "e", "isation", "ization", "ising", "izing", "ised", "ized", "ysing", "yzing", "ysed", "yzed", "our", "or")

// stem is what the forms of one word have in common, by the Snowball project's
// algorithm for English: "diabetics" and "diabetic", "tumours" and "tumor".
func stem(folded string) string {
	if len(folded) < 3 || folded[0] <= '9' {
		return folded
	}
	if len(folded) > 4 {
		folded = spellings.Replace(folded)
	}
	return english.Stem(folded, true)
}

// stopWord reports whether a word is too common to look for.
func stopWord(folded string) bool { return english.IsStopWord(folded) }
