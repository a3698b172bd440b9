package statistics

import (
	"errors"
	"math"
	"math/big"
)

// precision is that of sums: an input's 53 bits squared, times many inputs,
// leave hundreds to spare.
const precision = 512

// ErrOverflow is the error of a result that is no FLOAT64.
var ErrOverflow = errors.New("double overflow")

// Value is an input: a finite number, or one that is not (NaN or infinite).
type Value struct {
	Finite *big.Float
}

// Float makes a Value of a FLOAT64.
func Float(x float64) Value {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Value{}
	}
	return Value{new(big.Float).SetPrec(precision).SetFloat64(x)}
}

// Decimal makes a Value of unscaled/scale.
func Decimal(unscaled, scale *big.Int) Value {
	x := new(big.Float).SetPrec(precision).SetInt(unscaled)
	return Value{x.Quo(x, new(big.Float).SetPrec(precision).SetInt(scale))}
}

// Moment is the statistic that is asked for.
type Moment int64

// The statistics of one variable.
const (
	VarPop Moment = iota
	VarSamp
	StddevPop
	StddevSamp
)

// The statistics of two variables.
const (
	CovarPop Moment = iota
	CovarSamp
	Corr
)

func newFloat(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func mean(x []Value) (*big.Float, bool) {
	sum := newFloat(0)
	for _, v := range x {
		if v.Finite == nil {
			return nil, false
		}
		sum.Add(sum, v.Finite)
	}
	return sum.Quo(sum, newFloat(float64(len(x)))), true
}

// products sums (x - mean x)(y - mean y).
func products(x, y []Value, mx, my *big.Float) *big.Float {
	sum, p, q := newFloat(0), newFloat(0), newFloat(0)
	for i := range x {
		sum.Add(sum, p.Mul(p.Sub(x[i].Finite, mx), q.Sub(y[i].Finite, my)))
	}
	return sum
}

func result(x *big.Float) (float64, error) {
	f, _ := x.Float64()
	if math.IsInf(f, 0) {
		return 0, ErrOverflow
	}
	return f, nil
}

// Spread computes a variance or standard deviation. ok is false for NULL: too
// few values. Any value that is not finite makes NaN.
func Spread(x []Value, m Moment) (out float64, ok bool, err error) {
	sample := m == VarSamp || m == StddevSamp
	n := len(x)
	if n == 0 || sample && n < 2 {
		return 0, false, nil
	}
	mx, finite := mean(x)
	if !finite {
		return math.NaN(), true, nil
	}
	if constant(x) { // exactly, where the mean may be off by its rounding
		return 0, true, nil
	}
	v := products(x, x, mx, mx)
	if sample {
		n--
	}
	v.Quo(v, newFloat(float64(n)))
	if m == StddevPop || m == StddevSamp {
		v.Sqrt(v)
	}
	out, err = result(v)
	return out, true, err
}

// Relation computes a covariance or correlation of pairs. ok is false for NULL:
// too few pairs. Any value that is not finite makes NaN, as does a correlation
// with what does not vary.
func Relation(x, y []Value, m Moment) (out float64, ok bool, err error) {
	n := len(x)
	if n == 0 || m != CovarPop && n < 2 {
		return 0, false, nil
	}
	mx, finiteX := mean(x)
	my, finiteY := mean(y)
	if !finiteX || !finiteY {
		return math.NaN(), true, nil
	}
	still := constant(x) || constant(y)
	if still && m == Corr {
		return math.NaN(), true, nil
	}
	if still {
		return 0, true, nil
	}
	c := products(x, y, mx, my)
	switch m {
	case CovarPop:
		c.Quo(c, newFloat(float64(n)))
	case CovarSamp:
		c.Quo(c, newFloat(float64(n-1)))
	default:
		v := products(x, x, mx, mx)
		v.Mul(v, products(y, y, my, my))
		c.Quo(c, v.Sqrt(v))
	}
	out, err = result(c)
	return out, true, err
}

// constant reports whether all values are one.
func constant(x []Value) bool {
	for _, v := range x[1:] {
		if v.Finite.Cmp(x[0].Finite) != 0 {
			return false
		}
	}
	return true
}
