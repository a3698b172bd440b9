package text

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// integer prints %d, %i, %o, %x, %X as printf does; negative values are an error
// for the last three.
func (s spec) integer(v Value) (string, error) {
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil {
		return "", err
	}
	if s.grouped && (s.precision >= 0 || s.zero && s.width > 0 || s.alternate) {
		return "", refusef("FORMAT with grouping and padding by zeros")
	}
	base, group, mark, prefix := 10, 3, ",", ""
	switch s.verb {
	case 'o':
		base, group, prefix = 8, 4, "0"
	case 'x', 'X':
		base, group, mark, prefix = 16, 4, ":", "0"+string(s.verb)
	}
	if base != 10 && n < 0 {
		return "", faultf("Invalid negative value %d for %%%c in FORMAT", n, s.verb)
	}
	magnitude := uint64(n)
	if n < 0 {
		magnitude = -magnitude
	}
	digits := strconv.FormatUint(magnitude, base)
	if s.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if s.precision == 0 && n == 0 {
		digits = ""
	}
	digits = strings.Repeat("0", max(s.precision-len(digits), 0)) + digits
	if s.alternate && base == 8 && !strings.HasPrefix(digits, "0") {
		digits = prefix + digits
	}
	if s.grouped {
		digits = grouped(digits, group, mark)
	}
	sign := s.sign(n < 0)
	if base != 10 {
		sign = ""
		if s.plus || s.space {
			return "", refusef("FORMAT with a sign flag and %%%c", s.verb)
		}
	}
	if s.alternate && base == 16 && n != 0 {
		sign = prefix
	}
	return s.number(sign, digits, s.precision < 0), nil
}

func (s spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.plus:
		return "+"
	case s.space:
		return " "
	}
	return ""
}

// number puts sign and digits together and pads them, with zeros when asked for
// and allowed.
func (s spec) number(sign, digits string, zeros bool) string {
	if n := s.width - len(sign) - len(digits); s.zero && zeros && !s.left && n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	return s.pad(sign+digits, Bytes)
}

// grouped puts a mark between each n digits, from the end.
func grouped(digits string, n int, mark string) string {
	var parts []string
	for len(digits) > n {
		parts = append([]string{digits[len(digits)-n:]}, parts...)
		digits = digits[:len(digits)-n]
	}
	return strings.Join(append([]string{digits}, parts...), mark)
}

// real prints %f, %e, %g and their capital forms of FLOAT64, NUMERIC and
// BIGNUMERIC.
func (s spec) real(v Value) (string, error) {
	if s.grouped {
		return "", refusef("FORMAT with grouping of numbers with a fraction")
	}
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	if precision > 1000 {
		return "", refusef("FORMAT with a precision of more than 1000")
	}
	var digits string
	var negative bool
	if v.Kind == 'f' {
		x, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return "", err
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return s.infinite(x)
		}
		negative = math.Signbit(x)
		digits = s.digits(precision, func(verb byte, n int) string {
			return strconv.FormatFloat(math.Abs(x), verb, n, 64)
		})
	} else {
		x, ok := new(big.Rat).SetString(v.Text)
		if !ok {
			return "", refusef("FORMAT of this number")
		}
		negative = x.Sign() < 0
		x.Abs(x)
		digits = s.digits(precision, func(verb byte, n int) string { return decimalText(x, verb, n) })
	}
	if s.verb < 'a' {
		digits = strings.ToUpper(digits)
	}
	return s.number(s.sign(negative), digits, true), nil
}

// infinite prints what is not finite, of which the references agree on the small
// letters of infinity only.
func (s spec) infinite(x float64) (string, error) {
	if math.IsNaN(x) || s.verb < 'a' || s.zero || s.plus || s.space || s.alternate {
		return "", refusef("FORMAT of NaN, or of infinity with flags or capital letters")
	}
	if x < 0 {
		return s.pad("-inf", Bytes), nil
	}
	return s.pad("inf", Bytes), nil
}

// digits prints a number that is not negative, given how it is written with
// n digits after the point in notation f or e.
func (s spec) digits(precision int, write func(verb byte, n int) string) string {
	verb := s.verb | 0x20
	if verb != 'g' {
		out := write(verb, precision)
		if s.alternate && precision == 0 {
			mantissa, exponent, scientific := strings.Cut(out, "e")
			out = mantissa + "."
			if scientific {
				out += "e" + exponent
			}
		}
		return out
	}
	p := max(precision, 1)
	out := write('e', p-1)
	_, exponent, _ := strings.Cut(out, "e")
	if x, _ := strconv.Atoi(exponent); x >= -4 && x < p {
		out = write('f', p-1-x)
	}
	mantissa, exponent, scientific := strings.Cut(out, "e")
	switch {
	case s.alternate && !strings.Contains(mantissa, "."):
		mantissa += "."
	case !s.alternate && strings.Contains(mantissa, "."):
		mantissa = strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")
	}
	if scientific {
		return mantissa + "e" + exponent
	}
	return mantissa
}

// decimalText writes an exact number in notation f or e with n digits after the
// point, halves away from zero.
func decimalText(x *big.Rat, verb byte, n int) string {
	if verb == 'f' {
		return x.FloatString(n)
	}
	exponent := 0
	if x.Sign() != 0 {
		ten := big.NewRat(10, 1)
		y := new(big.Rat).Set(x)
		for ; y.Cmp(ten) >= 0; exponent++ {
			y.Quo(y, ten)
		}
		for one := big.NewRat(1, 1); y.Cmp(one) < 0; exponent-- {
			y.Mul(y, ten)
		}
		x = y
	}
	digits := x.FloatString(n)
	if strings.HasPrefix(digits, "10") {
		exponent++
		digits = x.Quo(x, big.NewRat(10, 1)).FloatString(n)
	}
	sign := "+"
	if exponent < 0 {
		sign, exponent = "-", -exponent
	}
	out := strconv.Itoa(exponent)
	if len(out) < 2 {
		out = "0" + out
	}
	return digits + "e" + sign + out
}
