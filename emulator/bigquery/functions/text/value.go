package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Value is an argument of FORMAT. Kind is the type's letter: i INT64,
// f FLOAT64, s STRING, b BOOL, x BYTES, d DATE, t TIMESTAMP, c DATETIME,
// m TIME, n NUMERIC, g BIGNUMERIC, j JSON, v INTERVAL, a ARRAY, u STRUCT.
type Value struct {
	Kind byte
	Null bool
	// Text is what CAST(... AS STRING) gives, of JSON its canonical text, of BYTES
	// the bytes.
	Text string
	// Elems are an ARRAY's elements or a STRUCT's fields.
	Elems []Value
}

// maxDepth bounds the nesting of a Value.
const maxDepth = 100

// Sized puts a text's length in bytes and a colon before it.
func Sized(s string) string { return strconv.Itoa(len(s)) + ":" + s }

// ReadValues reads values from the form in which a statement hands them over:
// the kind's letter, then - for NULL, or what Sized makes of the text; of ARRAY
// and STRUCT the text is that of the elements one after another, of BYTES its
// TO_HEX.
func ReadValues(s string) ([]Value, error) { return readValues(s, 0) }

func readValues(s string, depth int) ([]Value, error) {
	if depth > maxDepth {
		return nil, refusef("FORMAT of a value nested this deep")
	}
	var out []Value
	for s != "" {
		v := Value{Kind: s[0]}
		s = s[1:]
		if strings.HasPrefix(s, "-") {
			v.Null = true
			s = s[1:]
			out = append(out, v)
			continue
		}
		digits, rest, _ := strings.Cut(s, ":")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > len(rest) {
			return nil, fmt.Errorf("an argument of FORMAT is not readable")
		}
		v.Text, s = rest[:n], rest[n:]
		switch v.Kind {
		case 'a', 'u':
			v.Elems, err = readValues(v.Text, depth+1)
			v.Text = ""
		case 'x':
			v.Text, err = FromHex(v.Text)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Print is %t (a readable text) or, when literal is set, %T (a GoogleSQL
// constant).
func (v Value) Print(literal bool) (string, error) {
	if v.Null {
		return "NULL", nil
	}
	switch v.Kind {
	case 'i', 'b':
		return v.Text, nil
	case 'f':
		if v.Text == "-0" { // 0 is written without a sign here
			return printFloat("0", literal)
		}
		return printFloat(v.Text, literal)
	case 'n', 'g':
		if !strings.Contains(v.Text, ".") {
			return "", refusef("%%t or %%T of a whole NUMERIC or BIGNUMERIC in FORMAT")
		}
		return typedText(v, map[byte]string{'n': "NUMERIC", 'g': "BIGNUMERIC"}, literal)
	case 's':
		if !literal {
			return v.Text, nil
		}
		return quote(v.Text)
	case 'x':
		if !literal {
			return bytesText(v.Text)
		}
		b, err := bytesText(v.Text)
		return `b"` + b + `"`, err
	case 'd', 't', 'c', 'm':
		return typedText(v, map[byte]string{'d': "DATE", 't': "TIMESTAMP", 'c': "DATETIME", 'm': "TIME"}, literal)
	case 'v':
		s, err := typedText(v, map[byte]string{'v': "INTERVAL"}, literal)
		if literal {
			s += " YEAR TO SECOND"
		}
		return s, err
	case 'j':
		return printJSON(v.Text, literal)
	case 'a':
		return v.join("[", "]", literal)
	case 'u':
		if literal && len(v.Elems) == 1 {
			return v.join("STRUCT(", ")", literal)
		}
		return v.join("(", ")", literal)
	}
	return "", refusef("FORMAT of this type")
}

func typedText(v Value, names map[byte]string, literal bool) (string, error) {
	if !literal {
		return v.Text, nil
	}
	return names[v.Kind] + ` "` + v.Text + `"`, nil
}

func (v Value) join(open, end string, literal bool) (string, error) {
	var b strings.Builder
	b.WriteString(open)
	for i, e := range v.Elems {
		if i > 0 {
			b.WriteString(", ")
		}
		s, err := e.Print(literal)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
		if b.Len() > maxOutput {
			return "", refusef("FORMAT of a value of more than 1 MB")
		}
	}
	b.WriteString(end)
	return b.String(), nil
}

// printFloat shows that the value is a FLOAT64: a whole one gets a .0.
func printFloat(s string, literal bool) (string, error) {
	switch s {
	case "inf", "-inf":
		if literal {
			return `CAST("` + s + `" AS FLOAT64)`, nil
		}
		return s, nil
	case "nan", "NaN":
		if literal {
			return `CAST("nan" AS FLOAT64)`, nil
		}
		return "", refusef("%%t of NaN in FORMAT")
	}
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s, nil
}

// quote writes a STRING constant. How quotation marks within and control
// characters are escaped is not said.
func quote(s string) (string, error) {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\'' || r == '`' || !unicode.IsPrint(r):
			return "", refusef("%%T of a string with the character %q in FORMAT", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String(), nil
}

// bytesText writes bytes with those that are no printable ASCII escaped. How a
// line break, a tab and quotation marks look is not said.
func bytesText(s string) (string, error) {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case strings.IndexByte("\"'`\n\r\t\a\b\f\v", c) >= 0:
			return "", refusef("BYTES with a quotation mark or a line break in FORMAT")
		case c < ' ' || c >= 0x7F:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// printJSON writes JSON in one line.
func printJSON(s string, literal bool) (string, error) {
	if !literal {
		return s, nil
	}
	if strings.ContainsAny(s, `'\`) {
		return "", refusef("%%T of JSON with a backslash or a single quotation mark in FORMAT")
	}
	for _, r := range s {
		if r >= utf8.RuneSelf && !unicode.IsPrint(r) {
			return "", refusef("%%T of JSON with the character %q in FORMAT", r)
		}
	}
	if !strings.Contains(s, `"`) {
		return `JSON "` + s + `"`, nil
	}
	return "JSON '" + s + "'", nil
}
