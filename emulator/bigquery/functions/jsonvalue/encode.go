package jsonvalue

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// losslessInt is the largest integer up to which every integer is a FLOAT64.
const losslessInt = 1 << 53

// EncodeInt64 is TO_JSON of an INT64. stringify: one beyond ±2^53 becomes a
// string. TO_JSON_STRING always stringifies.
func EncodeInt64(i int64, stringify bool) string {
	s := strconv.FormatInt(i, 10)
	if stringify && (i > losslessInt || i < -losslessInt) {
		return `"` + s + `"`
	}
	return s
}

// EncodeFloat64 is TO_JSON of a FLOAT64; what is no number becomes a string.
func EncodeFloat64(f float64) (string, error) {
	if word, ok := floatWord(f); ok {
		return `"` + word + `"`, nil
	}
	return string(appendFloat(nil, f)), signedZero(f)
}

// signedZero refuses -0, of which the reference does not tell the text.
func signedZero(f float64) error {
	if f == 0 && math.Signbit(f) {
		return Unsupported("the text of the FLOAT64 -0 within JSON")
	}
	return nil
}

// CastFloat64 is the cast of a FLOAT64 to JSON: what is no number is an error.
func CastFloat64(f float64) (string, error) {
	if word, ok := floatWord(f); ok {
		return "", fmt.Errorf("%s is not a valid JSON number", word)
	}
	return string(appendFloat(nil, f)), signedZero(f)
}

// TextFloat64 is TO_JSON_STRING of a FLOAT64.
func TextFloat64(f float64) (string, error) {
	if word, ok := floatWord(f); ok {
		return `"` + word + `"`, nil
	}
	return FloatText(f), signedZero(f)
}

func floatWord(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return "Infinity", true
	case math.IsInf(f, -1):
		return "-Infinity", true
	}
	return "", false
}

// NumericMode is what becomes of a NUMERIC or BIGNUMERIC that no JSON number
// equals.
type NumericMode int

// The modes: an error (BigQuery's TO_JSON), the nearest number (GoogleSQL without
// its feature JSON_STRICT_NUMBER_PARSING), a string (stringify_wide_numbers).
const (
	NumericStrict NumericMode = iota
	NumericRound
	NumericStringify
)

// EncodeNumeric is TO_JSON of a NUMERIC or BIGNUMERIC, given in decimal without
// exponent. kind is the type's name, for the error.
func EncodeNumeric(text, kind string, mode NumericMode) (string, error) {
	text = bareZeros(text)
	if !strings.Contains(text, ".") {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			if mode != NumericStringify || i <= losslessInt && i >= -losslessInt {
				return IntValue(i).Text(), nil
			}
		} else if u, err := strconv.ParseUint(text, 10, 64); err == nil && mode != NumericStringify {
			return strconv.FormatUint(u, 10), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "", fmt.Errorf("Failed to convert type %s to JSON", kind)
	}
	number := string(appendFloat(nil, f))
	same := sameDecimal(text, number)
	switch {
	case mode == NumericStringify && same && math.Abs(f) > losslessInt:
		return "", Unsupported("TO_JSON with stringify_wide_numbers of a wide " + kind + " that a FLOAT64 holds")
	case same, mode == NumericRound:
		return number, nil
	case mode == NumericStringify:
		return `"` + text + `"`, nil
	}
	return "", fmt.Errorf("Failed to convert type %s to JSON", kind)
}

// TextNumeric is TO_JSON_STRING of a NUMERIC or BIGNUMERIC, given in decimal.
func TextNumeric(text string) string {
	text = bareZeros(text)
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && i <= losslessInt && i >= -losslessInt {
		return text
	}
	return `"` + text + `"`
}

// EncodeMicros is the JSON string of a fraction of a second after text, which
// ends with whole seconds: 3 or 6 digits, or none.
func EncodeMicros(text string, micros int64, zone string) (string, error) {
	switch {
	case micros == 0:
		return `"` + text + zone + `"`, nil
	case micros%10 == 0:
		// 0.5 is .5 or .500: the reference does not settle which.
		return "", Unsupported("TO_JSON of a fraction of a second that ends with a zero")
	}
	return fmt.Sprintf(`"%s.%06d%s"`, text, micros, zone), nil
}

// EncodeInterval is the JSON string of an INTERVAL: its ISO 8601 duration.
func EncodeInterval(months, days, micros int64) string {
	var b strings.Builder
	b.WriteString(`"P`)
	part := func(n int64, unit string) {
		if n != 0 {
			b.WriteString(strconv.FormatInt(n, 10) + unit)
		}
	}
	part(months/12, "Y")
	part(months%12, "M")
	part(days, "D")
	if micros != 0 {
		b.WriteString("T")
		seconds := micros / 1e6
		part(seconds/3600, "H")
		part(seconds/60%60, "M")
		if rest := micros % 60e6; rest != 0 {
			sign := ""
			if rest < 0 {
				sign, rest = "-", -rest
			}
			b.WriteString(sign + bareZeros(fmt.Sprintf("%d.%06d", rest/1e6, rest%1e6)) + "S")
		}
	}
	if months == 0 && days == 0 && micros == 0 {
		b.WriteString("0Y")
	}
	return b.String() + `"`
}

// MakeArray puts elements, each a canonical text, into an array.
func MakeArray(elements []string) string { return "[" + strings.Join(elements, ",") + "]" }

// MakeObject makes the canonical text of an object of values that are canonical
// texts.
func MakeObject(keys, values []string) (string, error) {
	if len(keys) != len(values) {
		return "", errors.New("Invalid input to JSON_OBJECT: The number of keys and values must match")
	}
	members := make([]Member, len(keys))
	for i, k := range keys {
		members[i] = Member{k, &Value{kind: canonical, s: values[i]}}
	}
	return ObjectValue(members).Text(), nil
}

// canonical is the kind of a value that is known by its canonical text only.
const canonical Kind = 255

// TextObject is the JSON-formatted STRING of an object: as it comes, with equal
// keys.
func TextObject(keys, values []string) (string, error) {
	b := []byte{'{'}
	for i, k := range keys {
		if err := plainText(k); err != nil {
			return "", err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, k), ':')
		b = append(b, values[i]...)
	}
	return string(append(b, '}')), nil
}

// TextString is TO_JSON_STRING of a STRING.
func TextString(s string) (string, error) {
	if err := plainText(s); err != nil {
		return "", err
	}
	return Quote(s), nil
}

// Indent rewrites a JSON text without white space as Pretty writes a value.
func Indent(text string) string {
	var b strings.Builder
	indent := 0
	line := func() {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat("  ", indent))
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + 1
			for ; text[end] != '"'; end++ {
				if text[end] == '\\' {
					end++
				}
			}
			b.WriteString(text[i : end+1])
			i = end
		case '[', '{':
			b.WriteByte(c)
			if text[i+1] == ']' || text[i+1] == '}' {
				b.WriteByte(text[i+1])
				i++
				continue
			}
			indent++
			line()
		case ']', '}':
			indent--
			line()
			b.WriteByte(c)
		case ',':
			b.WriteByte(c)
			line()
		case ':':
			b.WriteString(": ")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
