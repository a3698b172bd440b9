package decimal

import (
	"errors"
	"fmt"
	"math/big"
)

// Add is a + b.
func (t *Type) Add(a, b *big.Int) (*big.Int, error) {
	return t.within(new(big.Int).Add(a, b), "%s + %s", t.text(a), t.text(b))
}

// Sub is a - b.
func (t *Type) Sub(a, b *big.Int) (*big.Int, error) {
	return t.within(new(big.Int).Sub(a, b), "%s - %s", t.text(a), t.text(b))
}

// Mul is a * b, rounded half away from zero.
func (t *Type) Mul(a, b *big.Int) (*big.Int, error) {
	p := new(big.Int).Mul(a, b)
	return t.within(quotient(p, t.one, HalfAwayFromZero), "%s * %s", t.text(a), t.text(b))
}

// Div is a / b, rounded half away from zero.
func (t *Type) Div(a, b *big.Int) (*big.Int, error) {
	if b.Sign() == 0 {
		return nil, t.byZero(a, b)
	}
	p := new(big.Int).Mul(a, t.one)
	return t.within(quotient(p, b, HalfAwayFromZero), "%s / %s", t.text(a), t.text(b))
}

// IntDiv is DIV(a, b): the quotient without its fraction.
func (t *Type) IntDiv(a, b *big.Int) (*big.Int, error) {
	if b.Sign() == 0 {
		return nil, t.byZero(a, b)
	}
	q := new(big.Int).Quo(a, b)
	return t.within(q.Mul(q, t.one), "DIV(%s, %s)", t.text(a), t.text(b))
}

// Mod is MOD(a, b): the remainder, with the sign of a.
func (t *Type) Mod(a, b *big.Int) (*big.Int, error) {
	if b.Sign() == 0 {
		return nil, t.byZero(a, b)
	}
	return new(big.Int).Rem(a, b), nil
}

func (t *Type) byZero(a, b *big.Int) error {
	return fmt.Errorf("division by zero: %s / %s", t.Format(a), t.Format(b))
}

// text puts off the writing of a value until an error needs it.
func (t *Type) text(v *big.Int) fmt.Stringer { return written{t, v} }

type written struct {
	t *Type
	v *big.Int
}

func (w written) String() string { return w.t.Format(w.v) }

// Neg is -a. BIGNUMERIC's least value has no opposite.
func (t *Type) Neg(a *big.Int) (*big.Int, error) {
	return t.within(new(big.Int).Neg(a), "-(%s)", t.text(a))
}

// Abs is the absolute value.
func (t *Type) Abs(a *big.Int) (*big.Int, error) {
	return t.within(new(big.Int).Abs(a), "ABS(%s)", t.text(a))
}

// Sign is -1, 0 or 1.
func (t *Type) Sign(a *big.Int) *big.Int {
	return new(big.Int).Mul(t.one, big.NewInt(int64(a.Sign())))
}

// Round rounds to a number of decimals, which may be negative, by a mode.
func (t *Type) Round(a *big.Int, decimals int64, mode Mode) (*big.Int, error) {
	drop := int64(t.Scale) - decimals
	switch {
	case decimals >= int64(t.Scale):
		return a, nil
	case drop > 100 || decimals < -1000:
		// Beyond every digit of the type.
		if mode == TowardPositive && a.Sign() > 0 || mode == TowardNegative && a.Sign() < 0 {
			return nil, fmt.Errorf("%s overflow: rounding of %s", t.Name, t.Format(a))
		}
		return new(big.Int), nil
	}
	unit := pow10(int(drop))
	q := quotient(a, unit, mode)
	return t.within(q.Mul(q, unit), "rounding of %s", t.text(a))
}

// Sum is the sum of values. Only the total must be in range.
func (t *Type) Sum(values []*big.Int) (*big.Int, error) {
	return t.within(total(values), "SUM")
}

// Avg is the mean of one or more values, rounded half away from zero.
func (t *Type) Avg(values []*big.Int) (*big.Int, error) {
	if len(values) == 0 {
		return nil, errors.New("AVG of no values")
	}
	return t.within(quotient(total(values), big.NewInt(int64(len(values))), HalfAwayFromZero), "AVG")
}

func total(values []*big.Int) *big.Int {
	sum := new(big.Int)
	for _, v := range values {
		sum.Add(sum, v)
	}
	return sum
}

// Fit is a cast to a type with parameters, NUMERIC(precision, scale): the value
// rounded half away from zero to the scale; an error if more than precision
// digits remain.
func (t *Type) Fit(a *big.Int, precision, scale int) (*big.Int, error) {
	v, err := t.Round(a, int64(scale), HalfAwayFromZero)
	if err != nil {
		return nil, err
	}
	if limit := pow10(precision - scale + t.Scale); v.CmpAbs(limit) >= 0 {
		return nil, fmt.Errorf("Value has precision greater than %s(%d, %d) allows: %s", t.Name, precision, scale, t.Format(a))
	}
	return v, nil
}

// From converts a value of another decimal type, rounded half away from zero.
func (t *Type) From(other *Type, a *big.Int) (*big.Int, error) {
	if t.Scale >= other.Scale {
		return t.within(new(big.Int).Mul(a, pow10(t.Scale-other.Scale)), "%s", other.text(a))
	}
	v := quotient(a, pow10(other.Scale-t.Scale), HalfAwayFromZero)
	if v.Cmp(t.min) < 0 || v.Cmp(t.max) > 0 {
		return nil, fmt.Errorf("%s out of range: %s", t.Name, other.Format(a))
	}
	return v, nil
}
