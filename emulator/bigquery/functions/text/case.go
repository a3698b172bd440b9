package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Upper is UPPER, Lower is LOWER. The reference says that the Unicode Character
// Database maps the letters; where its full mapping (a sharp s becomes two
// letters, a sigma depends on its place) is not the simple one, it does not say
// which, and the letter is refused.
func Upper(s string, u Units) (string, error) {
	return mapped(s, u, "UPPER", 'a', unicode.ToUpper, upperOf)
}

// Lower is LOWER; see Upper.
func Lower(s string, u Units) (string, error) {
	return mapped(s, u, "LOWER", 'A', unicode.ToLower, lowerOf)
}

func upperOf(s string) string { return cases.Upper(language.Und).String(s) }
func lowerOf(s string) string { return cases.Lower(language.Und).String(s) }
func titleOf(s string) string { return cases.Title(language.Und, cases.NoLower).String(s) }

// finalSigma is the letter whose lower case depends on what surrounds it.
const finalSigma = 'Σ'

func mapped(s string, u Units, name string, first byte, simple func(rune) rune, full func(string) string) (string, error) {
	out := []byte(s)
	plain := true
	for i, c := range out {
		if c >= first && c < first+26 {
			out[i] = c ^ 0x20
		}
		plain = plain && c < utf8.RuneSelf
	}
	if plain || u == Bytes {
		return string(out), nil
	}
	var b strings.Builder
	for _, r := range s {
		m, err := mapLetter(r, name, simple, full)
		if err != nil {
			return "", err
		}
		b.WriteRune(m)
	}
	return b.String(), nil
}

func mapLetter(r rune, name string, simple func(rune) rune, full func(string) string) (rune, error) {
	m := simple(r)
	if r >= utf8.RuneSelf && (full(string(r)) != string(m) || r == finalSigma && name != "UPPER") {
		return 0, refusef("%s of the letter %q, which maps to several letters or by its place", name, r)
	}
	return m, nil
}

// initcapDelimiters are the characters after which INITCAP begins a word.
const initcapDelimiters = " \t\n\v\f\r[](){}/|\\<>!?@\"^#$&~_,.:;*%+-"

// Initcap is INITCAP with the default delimiters.
func Initcap(s string) (string, error) {
	for _, r := range s {
		if r >= utf8.RuneSelf && unicode.IsSpace(r) {
			return "", refusef("INITCAP of white space beyond ASCII")
		}
	}
	return InitcapBy(s, initcapDelimiters)
}

// InitcapBy is INITCAP with delimiters.
func InitcapBy(s, delimiters string) (string, error) {
	var b strings.Builder
	start := true
	for _, r := range s {
		if strings.ContainsRune(delimiters, r) {
			// A delimiter that is a letter could be mapped as well.
			if unicode.ToUpper(r) != unicode.ToLower(r) {
				return "", refusef("INITCAP with a letter as a delimiter")
			}
			b.WriteRune(r)
			start = true
			continue
		}
		m, err := mapLetter(r, "INITCAP", unicode.ToLower, lowerOf)
		if start && err == nil {
			m, err = mapLetter(r, "INITCAP", unicode.ToUpper, upperOf)
			if err == nil && r >= utf8.RuneSelf && titleOf(string(r)) != string(m) {
				err = refusef("INITCAP of the letter %q, whose title case is not its upper case", r)
			}
		}
		if err != nil {
			return "", err
		}
		start = false
		b.WriteRune(m)
	}
	return b.String(), nil
}

// forms are the normalization forms by GoogleSQL's names.
var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

// Normalize is NORMALIZE to the form of a name: NFC, NFD, NFKC or NFKD.
func Normalize(s, form string) (string, error) {
	f, ok := forms[form]
	if !ok {
		return "", refusef("NORMALIZE to the form %q", form)
	}
	return f.String(s), nil
}

// NormalizeAndCasefold is NORMALIZE_AND_CASEFOLD. Folding and normalizing do
// not commute for some characters and the reference does not give the order, so
// such a text is refused.
func NormalizeAndCasefold(s, form string) (string, error) {
	f, ok := forms[form]
	if !ok {
		return "", refusef("NORMALIZE_AND_CASEFOLD to the form %q", form)
	}
	fold := cases.Fold()
	after := f.String(fold.String(s))
	if before := f.String(fold.String(f.String(s))); before != after || f.String(fold.String(after)) != after {
		return "", refusef("NORMALIZE_AND_CASEFOLD of a text in which the order of the two matters")
	}
	return after, nil
}

// ContainsSubstr is CONTAINS_SUBSTR of a STRING: whether a text is in another,
// both normalized to NFKC and without case.
func ContainsSubstr(s, sub string) (bool, error) {
	in, err := NormalizeAndCasefold(s, "NFKC")
	if err != nil {
		return false, err
	}
	of, err := NormalizeAndCasefold(sub, "NFKC")
	return strings.Contains(in, of), err
}
