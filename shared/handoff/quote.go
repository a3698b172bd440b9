package handoff

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pythonString is s as a Python string literal. Only printable characters stand
// as they are: control and direction characters are escaped, so that the code
// reads as it runs.
func pythonString(s string) string {
	return literal(s, func(r rune) string {
		switch {
		case r < 0x100:
			return fmt.Sprintf(`\x%02x`, r)
		case r < 0x10000:
			return fmt.Sprintf(`\u%04x`, r)
		default:
			return fmt.Sprintf(`\U%08x`, r)
		}
	})
}

// rString is s as an R string literal. R refuses \x beside \u in one string, and
// a NUL in any, so everything is \u and NUL goes.
func rString(s string) string {
	return literal(strings.ReplaceAll(s, "\x00", ""), func(r rune) string {
		if r < 0x10000 {
			return fmt.Sprintf(`\u%04x`, r)
		}
		return fmt.Sprintf(`\U%08x`, r)
	})
}

// literal is s in double quotes: quote, backslash and line ends in the form that
// Python and R share, the rest of what does not print by escape.
func literal(s string, escape func(rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// markdownText is s as one line of plain text in Markdown: every ASCII
// punctuation character is escaped (CommonMark 2.4), so that it is no markup, no
// HTML and no link; what does not print becomes a space.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
