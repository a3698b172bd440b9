package number

import (
	"math"
	"math/big"
)

// Round is ROUND of a FLOAT64 to a number of decimals, which may be negative:
// half away from zero. It is not documented how a number is rounded whose
// decimal text lies on a half while its binary value does not, such as 2.675:
// then it is *Doubtful.
func Round(x float64, decimals int64) (float64, error) {
	return toDecimals(x, decimals, math.Round, "ROUND")
}

// Trunc is TRUNC of a FLOAT64 to a number of decimals; *Doubtful as Round.
func Trunc(x float64, decimals int64) (float64, error) {
	return toDecimals(x, decimals, math.Trunc, "TRUNC")
}

// whole is where every FLOAT64 is a whole number.
const whole = 1 << 52

// toDecimals works out both readings, the binary value's and that of the product
// with the power of ten, which must agree.
func toDecimals(x float64, decimals int64, toWhole func(float64) float64, name string) (float64, error) {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) || decimals > 400 || decimals >= 0 && math.Abs(x) >= whole {
		return x, nil
	}
	if decimals < -310 {
		return math.Copysign(0, x), nil
	}
	n := int(decimals)
	if n > 0 && n <= 308 && math.Abs(x)*math.Pow10(n) >= whole {
		// The spacing of the numbers around x is wider than the last decimal.
		return x, nil
	}
	if n > 308 {
		return 0, &Doubtful{name + " of a number as small as this"}
	}
	exact := exactDecimals(x, n, toWhole(0.5) != 0)
	var scaled float64
	if n >= 0 {
		scaled = toWhole(x*math.Pow10(n)) / math.Pow10(n)
	} else {
		scaled = toWhole(x/math.Pow10(-n)) * math.Pow10(-n)
	}
	if math.IsInf(exact, 0) || math.IsInf(scaled, 0) {
		return 0, overflow(name)
	}
	if exact != scaled {
		return 0, &Doubtful{name + " of a number next to a half or a whole"}
	}
	return exact, nil
}

// exactDecimals rounds, or truncates, the binary value.
func exactDecimals(x float64, n int, round bool) float64 {
	r := new(big.Rat).SetFloat64(x)
	ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
	if n < 0 {
		ten.Inv(ten)
	}
	r.Mul(r, ten)
	if round {
		half := big.NewRat(int64(r.Sign()), 2)
		r.Add(r, half)
	}
	q := new(big.Rat).SetInt(new(big.Int).Quo(r.Num(), r.Denom()))
	f, _ := q.Quo(q, ten).Float64()
	return math.Copysign(f, x)
}
