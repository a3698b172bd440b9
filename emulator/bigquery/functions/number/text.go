// Package number has what GoogleSQL does with INT64, FLOAT64 and BOOL where the
// machine's own arithmetic or Go's text forms differ: conversions from and to
// STRING, rounding to decimals, checked arithmetic and elementary functions.
//
// Rules: GoogleSQL's conversion functions and mathematical functions. Errors are
// those of the data that GoogleSQL reports too, except *Doubtful.
package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// spaces are the ASCII characters that C's isspace accepts.
const spaces = " \t\n\v\f\r"

// shown bounds the part of a text that an error repeats.
const shown = 200

func bad(kind, s string) error {
	if len(s) > shown {
		s = s[:shown] + "..."
	}
	return fmt.Errorf("Bad %s value: %s", kind, s)
}

// ParseInt64 is CAST of a STRING to INT64: decimal digits, or hexadecimal ones
// after 0x, with a sign and white space around.
func ParseInt64(s string) (int64, error) {
	rest := strings.Trim(s, spaces)
	digits := strings.TrimLeft(rest, "+-")
	if len(rest)-len(digits) > 1 {
		return 0, bad("int64", s)
	}
	base := 10
	if len(digits) > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
		base, digits = 16, digits[2:]
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, bad("int64", s)
	}
	if rest[0] == '-' {
		digits = "-" + digits
	}
	v, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return 0, bad("int64", s)
	}
	return v, nil
}

// ParseFloat64 is CAST of a STRING to FLOAT64: what C's strtod accepts, with
// white space around. A number beyond the range is infinite. The analyzer, which
// computes the casts of literals itself, does the same.
func ParseFloat64(s string) (float64, error) {
	rest := strings.Trim(s, spaces)
	body := rest
	if body != "" && (body[0] == '+' || body[0] == '-') {
		body = body[1:]
	}
	lower := strings.ToLower(body)
	switch {
	case lower == "nan" || strings.HasPrefix(lower, "nan(") && strings.HasSuffix(lower, ")"):
		return math.NaN(), nil
	case lower == "inf" || lower == "infinity":
		if rest[0] == '-' {
			return math.Inf(-1), nil
		}
		return math.Inf(1), nil
	}
	digits := "0123456789.eE+-"
	if strings.HasPrefix(lower, "0x") {
		digits = "0123456789abcdefABCDEFxXpP.+-"
		if !strings.ContainsRune(lower, 'p') {
			rest += "p0"
		}
	}
	if body == "" || strings.Trim(body, digits) != "" {
		return 0, bad("double", s)
	}
	v, err := strconv.ParseFloat(rest, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, bad("double", s)
	}
	return v, nil
}

// ParseBool is CAST of a STRING to BOOL.
func ParseBool(s string) (bool, error) {
	switch {
	case strings.EqualFold(s, "true") && len(s) == 4:
		return true, nil
	case strings.EqualFold(s, "false") && len(s) == 5:
		return false, nil
	}
	return false, bad("bool", s)
}

// FormatFloat64 is CAST of a FLOAT64 to STRING: 15 significant digits if they
// are enough to tell the number, else 17. Zero has no sign.
func FormatFloat64(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	case x == 0:
		return "0"
	}
	digits := 15
	if v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64); err != nil || v != x {
		digits = 17
	}
	return general(x, digits)
}

// general writes as C's %.<digits>g does.
func general(x float64, digits int) string {
	e := strconv.FormatFloat(x, 'e', digits-1, 64)
	mantissa, power, _ := strings.Cut(e, "e")
	exponent, _ := strconv.Atoi(power)
	trim := func(s string) string {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	if exponent < -4 || exponent >= digits {
		return trim(mantissa) + fmt.Sprintf("e%+03d", exponent)
	}
	return trim(strconv.FormatFloat(x, 'f', digits-1-exponent, 64))
}

// Doubtful is a value of which GoogleSQL's documentation does not say what
// becomes of it.
type Doubtful struct{ What string }

// Error implements error.
func (d *Doubtful) Error() string { return d.What + " is not supported by the local BigQuery" }
