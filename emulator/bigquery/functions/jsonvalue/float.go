package jsonvalue

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
	"sync"
)

// The text of a FLOAT64 within JSON is the one of Florian Loitsch's Grisu2
// ("Printing Floating-Point Numbers Quickly and Accurately with Integers", 2010):
// it reads back as the same number and is the shortest such text in all but about
// one case of a thousand, such as 1e23 (9.999999999999999e+22). As it is seen by
// users, the same algorithm is used here and not Go's, which is always shortest.

// scaled is a floating-point number f * 2^e.
type scaled struct {
	f uint64
	e int
}

// times multiplies, rounding to 64 bits.
func (a scaled) times(b scaled) scaled {
	hi, lo := bits.Mul64(a.f, b.f)
	return scaled{hi + lo>>63, a.e + b.e + 64}
}

func (a scaled) normalized() scaled {
	shift := bits.LeadingZeros64(a.f)
	return scaled{a.f << shift, a.e - shift}
}

const (
	powersFrom = -300
	powersStep = 8
	powersTo   = 324
)

// powers are the powers of ten 10^-300, 10^-292 ... 10^324, rounded to 64 bits.
var powers = sync.OnceValue(func() []scaled {
	var out []scaled
	for k := powersFrom; k <= powersTo; k += powersStep {
		ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil)
		num, den := ten, big.NewInt(1)
		if k < 0 {
			num, den = den, num
		}
		// e is such that num/den / 2^e has 64 bits before its point.
		e := num.BitLen() - den.BitLen() - 64
		for {
			n, d := new(big.Int).Set(num), new(big.Int).Set(den)
			if e < 0 {
				n.Lsh(n, uint(-e))
			} else {
				d.Lsh(d, uint(e))
			}
			n.Lsh(n, 1)
			q := n.Div(n, d) // one more bit, by which to round
			q.Add(q, big.NewInt(1)).Rsh(q, 1)
			if q.BitLen() <= 64 {
				if q.BitLen() == 64 {
					out = append(out, scaled{q.Uint64(), e})
					break
				}
				e--
				continue
			}
			e++
		}
	}
	return out
})

// powerFor picks the power of ten that brings a number of binary exponent e into
// the range in which digits are made.
func powerFor(e int) (p scaled, k int) {
	const alpha = -60
	f := alpha - e - 1
	k = (f * 78913) / (1 << 18)
	if f > 0 {
		k++
	}
	index := (-powersFrom + k + (powersStep - 1)) / powersStep
	return powers()[index], powersFrom + index*powersStep
}

// grisu gives the digits of a finite number above 0 and the power of ten of the
// last one.
func grisu(x float64) (digits []byte, exp int) {
	raw := math.Float64bits(x)
	fraction, biased := raw&(1<<52-1), int(raw>>52)
	v := scaled{fraction + 1<<52, biased - 1075}
	if biased == 0 {
		v = scaled{fraction, 1 - 1075}
	}
	upper := scaled{2*v.f + 1, v.e - 1}.normalized()
	lower := scaled{2*v.f - 1, v.e - 1}
	if fraction == 0 && biased > 1 {
		lower = scaled{4*v.f - 1, v.e - 2} // the number below is nearer
	}
	lower = scaled{lower.f << (lower.e - upper.e), upper.e}
	power, k := powerFor(upper.e)
	w := v.normalized().times(power)
	low, high := lower.times(power), upper.times(power)
	low.f++
	high.f--
	return makeDigits(low, w, high, -k)
}

// makeDigits makes the digits of a number between low and high near w.
func makeDigits(low, w, high scaled, exp int) ([]byte, int) {
	delta, dist := high.f-low.f, high.f-w.f
	shift := -high.e
	one := uint64(1) << shift
	whole, rest := uint32(high.f>>shift), high.f&(one-1)
	digits := make([]byte, 0, 20)
	pow, n := uint32(1), 1
	for whole/pow >= 10 {
		pow *= 10
		n++
	}
	for n > 0 {
		digits = append(digits, '0'+byte(whole/pow))
		whole %= pow
		n--
		left := uint64(whole)<<shift + rest
		if left <= delta {
			nearer(digits, dist, delta, left, uint64(pow)<<shift)
			return digits, exp + n
		}
		pow /= 10
	}
	for m := 1; ; m++ {
		rest *= 10
		digits = append(digits, '0'+byte(rest>>shift))
		rest &= one - 1
		delta *= 10
		dist *= 10
		if rest <= delta {
			nearer(digits, dist, delta, rest, one)
			return digits, exp - m
		}
	}
}

// nearer lowers the last digit while that comes nearer to the number.
func nearer(digits []byte, dist, delta, rest, unit uint64) {
	for rest < dist && delta-rest >= unit && (rest+unit < dist || dist-rest > rest+unit-dist) {
		digits[len(digits)-1]--
		rest += unit
	}
}

// appendFloat writes a finite number as a JSON value shows it: always told apart
// from an integer, with an exponent from 1e15 and below 1e-4.
func appendFloat(b []byte, f float64) []byte {
	if math.Signbit(f) {
		b = append(b, '-')
		f = -f
	}
	if f == 0 {
		return append(b, "0.0"...)
	}
	digits, exp := grisu(f)
	point := len(digits) + exp // where the decimal point stands
	switch {
	case exp >= 0 && point <= 15:
		b = append(b, digits...)
		b = append(b, strings.Repeat("0", exp)...)
		return append(b, ".0"...)
	case 0 < point && point <= 15:
		b = append(b, digits[:point]...)
		b = append(b, '.')
		return append(b, digits[point:]...)
	case -4 < point && point <= 0:
		b = append(b, "0."...)
		b = append(b, strings.Repeat("0", -point)...)
		return append(b, digits...)
	}
	b = append(b, digits[0])
	if len(digits) > 1 {
		b = append(b, '.')
		b = append(b, digits[1:]...)
	}
	b = append(b, 'e')
	e := point - 1
	if e < 0 {
		b = append(b, '-')
		e = -e
	} else {
		b = append(b, '+')
	}
	if e < 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(e), 10)
}

// FloatText is the text of a finite FLOAT64 outside of JSON values, as CAST to
// STRING writes it: 15 significant digits if they are enough to tell the number,
// else 17, in C's %g form.
func FloatText(f float64) string {
	precision := 15
	if back, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64); err != nil || back != f {
		precision = 17
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'e', precision-1, 64), "e")
	n, err := strconv.Atoi(exp)
	if err == nil && n >= -4 && n < precision {
		return bareZeros(strconv.FormatFloat(f, 'f', precision-1-n, 64))
	}
	return bareZeros(mantissa) + "e" + exp
}

// bareZeros drops the zeros that end a fraction.
func bareZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
