package decimal

import (
	"fmt"
	"math/big"
	"strings"
)

// Parse reads what CAST from STRING accepts: white space around, a sign, digits
// with a point, an exponent. Digits beyond the scale are rounded half away from
// zero.
func (t *Type) Parse(s string) (*big.Int, error) {
	rest := strings.Trim(s, spaces)
	negative, rest := sign(rest)
	n, ok := scan(rest, false)
	if !ok || n.tail != "" {
		return nil, t.invalid(s)
	}
	return t.assemble(s, n, negative)
}

// ParseLoose reads what PARSE_NUMERIC and PARSE_BIGNUMERIC accept: also commas
// in the integer part, one sign before or after the number, and white space
// between the sign and the number.
func (t *Type) ParseLoose(s string) (*big.Int, error) {
	rest := strings.Trim(s, spaces)
	before := rest
	negative, rest := sign(rest)
	signed := rest != before
	rest = strings.TrimLeft(rest, spaces)
	n, ok := scan(rest, true)
	if !ok {
		return nil, t.invalid(s)
	}
	if tail := strings.Trim(n.tail, spaces); tail != "" {
		if signed || tail != "+" && tail != "-" {
			return nil, t.invalid(s)
		}
		negative = tail == "-"
	}
	return t.assemble(s, n, negative)
}

// spaces are the ASCII characters that C's isspace accepts.
const spaces = " \t\n\v\f\r"

// shown bounds the part of a text that an error repeats.
const shown = 200

func (t *Type) invalid(s string) error {
	if len(s) > shown {
		s = s[:shown] + "..."
	}
	return fmt.Errorf("Invalid %s value: %s", t.Name, s)
}

func sign(s string) (negative bool, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[0] == '-', s[1:]
	}
	return false, s
}

// number is a text taken apart: 0.digits times ten to the point.
type number struct {
	digits string
	point  int
	tail   string
}

// maxExponent bounds an exponent where any larger means the same: a text holds
// fewer digits than could make up for it.
const maxExponent = 1 << 40

// scan reads digits, a point and an exponent.
func scan(s string, commas bool) (n number, ok bool) {
	i := 0
	var whole strings.Builder
	for i < len(s) && (isDigit(s[i]) || commas && s[i] == ',') {
		if s[i] != ',' {
			whole.WriteByte(s[i])
		}
		i++
	}
	if i > 0 && whole.Len() == 0 {
		return n, false
	}
	n.point = whole.Len()
	if i < len(s) && s[i] == '.' {
		from := i + 1
		for i++; i < len(s) && isDigit(s[i]); i++ {
		}
		whole.WriteString(s[from:i])
	}
	if whole.Len() == 0 {
		return n, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		negative, rest := sign(s[i+1:])
		exponent, k := 0, 0
		for ; k < len(rest) && isDigit(rest[k]); k++ {
			exponent = min(exponent*10+int(rest[k]-'0'), maxExponent)
		}
		if k == 0 {
			return n, false
		}
		if negative {
			exponent = -exponent
		}
		n.point += exponent
		s, i = rest, k
	}
	digits := whole.String()
	n.digits = strings.TrimLeft(digits, "0")
	n.point -= len(digits) - len(n.digits)
	n.tail = s[i:]
	return n, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// assemble makes the value. Rounding half away from zero looks at one digit
// only, so that no more than the type's digits are ever worked with.
func (t *Type) assemble(s string, n number, negative bool) (*big.Int, error) {
	if n.digits == "" || n.point < -t.Scale {
		return new(big.Int), nil
	}
	keep := n.point + t.Scale
	if keep > 100 {
		return nil, t.invalid(s)
	}
	digits, up := n.digits, false
	if len(digits) > keep {
		up = digits[keep] >= '5'
		digits = digits[:keep]
	} else {
		digits += strings.Repeat("0", keep-len(digits))
	}
	v := new(big.Int)
	if digits != "" {
		v.SetString(digits, 10)
	}
	if up {
		v.Add(v, big.NewInt(1))
	}
	if negative {
		v.Neg(v)
	}
	if v.Cmp(t.min) < 0 || v.Cmp(t.max) > 0 {
		return nil, t.invalid(s)
	}
	return v, nil
}

// Format writes a value as CAST to STRING does: no exponent, no trailing zeros.
func (t *Type) Format(v *big.Int) string {
	digits := new(big.Int).Abs(v).String()
	if len(digits) <= t.Scale {
		digits = strings.Repeat("0", t.Scale+1-len(digits)) + digits
	}
	whole, part := digits[:len(digits)-t.Scale], strings.TrimRight(digits[len(digits)-t.Scale:], "0")
	if part != "" {
		whole += "." + part
	}
	if v.Sign() < 0 {
		return "-" + whole
	}
	return whole
}
