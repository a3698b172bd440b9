// Package statistics holds what GoogleSQL's statistical aggregate functions
// compute of the values of a group: percentiles, variances, correlations and
// totals. It computes exactly, or with hundreds of bits, and rounds once.
package statistics

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// ErrFraction is the error of a percentile outside of [0, 1].
var ErrFraction = errors.New("The percentile argument must be between 0 and 1")

// Fraction turns a percentile's second argument into an exact number.
func Fraction(p float64) (*big.Rat, error) {
	if !(p >= 0 && p <= 1) {
		return nil, fmt.Errorf("%w, but was %v", ErrFraction, p)
	}
	return new(big.Rat).SetFloat64(p), nil
}

// DecimalFraction does the same for a decimal, given as unscaled/scale.
func DecimalFraction(unscaled, scale *big.Int) (*big.Rat, error) {
	p := new(big.Rat).SetFrac(unscaled, scale)
	if p.Sign() < 0 || p.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, fmt.Errorf("%w, but was %s", ErrFraction, p.RatString())
	}
	return p, nil
}

// Place says where among n sorted values (n > 0) the percentile p lies: at
// index, or the part weight (< 1) of the way from there to index + 1.
func Place(p *big.Rat, n int64) (index int64, weight *big.Rat) {
	at := new(big.Rat).Mul(p, big.NewRat(n-1, 1))
	whole := new(big.Int).Quo(at.Num(), at.Denom())
	return whole.Int64(), at.Sub(at, new(big.Rat).SetInt(whole))
}

// Rank is the place (from 1) among n sorted values of the first whose
// cumulative distribution is at least p.
func Rank(p *big.Rat, n int64) int64 {
	at := new(big.Rat).Mul(p, big.NewRat(n, 1))
	whole, rest := new(big.Int).QuoRem(at.Num(), at.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return max(1, whole.Int64())
}

// Mix interpolates between two FLOAT64s.
func Mix(low, high float64, weight *big.Rat) float64 {
	if weight.Sign() == 0 || low == high {
		return low
	}
	w, _ := weight.Float64()
	if math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		if w == 0 { // smaller than any FLOAT64
			w = math.SmallestNonzeroFloat64
		}
		return low*math.Max(1-w, math.SmallestNonzeroFloat64) + high*w
	}
	l, h := new(big.Rat).SetFloat64(low), new(big.Rat).SetFloat64(high)
	out, _ := l.Add(l, h.Mul(h.Sub(h, l), weight)).Float64()
	return out
}

// MixDecimal interpolates between two decimals of one scale, rounding halves
// away from zero.
func MixDecimal(low, high *big.Int, weight *big.Rat) *big.Int {
	l, h := new(big.Rat).SetInt(low), new(big.Rat).SetInt(high)
	return RoundHalfAway(l.Add(l, h.Mul(h.Sub(h, l), weight)))
}

// RoundHalfAway rounds to an integer, a half away from zero.
func RoundHalfAway(x *big.Rat) *big.Int {
	n := new(big.Int).Abs(x.Num())
	n.Lsh(n, 1)
	n.Add(n, x.Denom())
	n.Quo(n, new(big.Int).Lsh(x.Denom(), 1))
	if x.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

// QuantilePlace is the place (from 1) among count sorted values (count > 0) of
// quantile i of n: by rule 0 that of the first value whose cumulative
// distribution is at least i/n, by rule 1 that at i/n of the way from the first
// to the last, rounded down.
func QuantilePlace(count, n, i, rule int64) int64 {
	c, k := big.NewInt(count), big.NewInt(i)
	d := big.NewInt(n)
	if rule == 1 {
		c.Sub(c, big.NewInt(1))
		return c.Mul(c, k).Quo(c, d).Int64() + 1
	}
	c.Mul(c, k).Add(c, new(big.Int).Sub(d, big.NewInt(1)))
	return max(1, c.Quo(c, d).Int64())
}
