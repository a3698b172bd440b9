package decimal

import (
	"errors"
	"fmt"
	"math/big"
	"sync"
)

// The functions here are worked out in binary fixed point of far more digits
// than the result keeps, and rounded once, half away from zero.
const (
	// fraction is the number of binary places: BIGNUMERIC has 255 bits, powers
	// lose up to 129 of the logarithm's, and the rest guards the rounding.
	fraction = 640
	// exact is how close, in binary places of the last decimal, a result must be
	// to a half to be taken for one. Only true halves are that close.
	exact = 200
	// largest bounds the natural logarithm of every result that is in range,
	// whatever its sign.
	largest = 200
	// whole is the largest exponent for which a power is multiplied out: only up
	// to there can a result lie on a half.
	whole = 64
)

var fixedOne = pow2(fraction)

// fixed is a value in fixed point.
func (t *Type) fixed(v *big.Int) *big.Int {
	return quotient(new(big.Int).Lsh(v, fraction), t.one, HalfAwayFromZero)
}

// decimal rounds a fixed point number.
func (t *Type) decimal(x *big.Int, operation string, args ...any) (*big.Int, error) {
	scaled := new(big.Int).Mul(new(big.Int).Abs(x), t.one)
	q := new(big.Int).Rsh(scaled, fraction)
	rest := scaled.Sub(scaled, new(big.Int).Lsh(q, fraction))
	if rest.Cmp(new(big.Int).Sub(pow2(fraction-1), pow2(fraction-exact))) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if x.Sign() < 0 {
		q.Neg(q)
	}
	return t.within(q, operation, args...)
}

func mulFixed(a, b *big.Int) *big.Int {
	p := new(big.Int).Mul(a, b)
	return p.Rsh(p, fraction)
}

// atanh2 is twice the inverse hyperbolic tangent of z, for small z.
func atanh2(z *big.Int) *big.Int {
	square := mulFixed(z, z)
	sum, power := new(big.Int).Set(z), z
	for k := int64(3); ; k += 2 {
		power = mulFixed(power, square)
		term := new(big.Int).Quo(power, big.NewInt(k))
		if term.Sign() == 0 {
			return sum.Lsh(sum, 1)
		}
		sum.Add(sum, term)
	}
}

var ln2 = sync.OnceValue(func() *big.Int {
	return atanh2(new(big.Int).Quo(fixedOne, big.NewInt(3)))
})

// lnFixed is the natural logarithm of a positive fixed point number.
func lnFixed(x *big.Int) *big.Int {
	// x = 2^k f with f in [1/2, 1), or [1, 3/2) after the step.
	k := x.BitLen() - fraction
	f := shift(x, -k)
	if f.Cmp(new(big.Int).Quo(new(big.Int).Mul(fixedOne, big.NewInt(3)), big.NewInt(4))) < 0 {
		k--
		f = shift(x, -k)
	}
	z := new(big.Int).Quo(new(big.Int).Lsh(new(big.Int).Sub(f, fixedOne), fraction), new(big.Int).Add(f, fixedOne))
	out := new(big.Int).Mul(ln2(), big.NewInt(int64(k)))
	return out.Add(out, atanh2(z))
}

func shift(x *big.Int, by int) *big.Int {
	if by >= 0 {
		return new(big.Int).Lsh(x, uint(by))
	}
	return new(big.Int).Rsh(x, uint(-by))
}

// expFixed is e to the power of a fixed point number whose absolute value is at
// most largest.
func expFixed(x *big.Int) *big.Int {
	k := quotient(x, ln2(), HalfAwayFromZero)
	const halvings = 16
	r := new(big.Int).Sub(x, new(big.Int).Mul(k, ln2()))
	r.Rsh(r, halvings)
	sum, term := new(big.Int).Set(fixedOne), new(big.Int).Set(fixedOne)
	for n := int64(1); ; n++ {
		term = mulFixed(term, r)
		term.Quo(term, big.NewInt(n))
		if term.BitLen() <= 1 {
			break
		}
		sum.Add(sum, term)
	}
	for range halvings {
		sum = mulFixed(sum, sum)
	}
	return shift(sum, int(k.Int64()))
}

func tooLarge(x *big.Int) bool {
	return x.CmpAbs(new(big.Int).Mul(fixedOne, big.NewInt(largest))) > 0
}

// Sqrt is the square root.
func (t *Type) Sqrt(a *big.Int) (*big.Int, error) {
	if a.Sign() < 0 {
		return nil, fmt.Errorf("SQRT is undefined for negative value: %s", t.Format(a))
	}
	n := new(big.Int).Mul(a, t.one)
	r := new(big.Int).Sqrt(n)
	// Nearest: r + 1/2 squared is r*r + r + 1/4.
	if n.Sub(n, new(big.Int).Mul(r, r)).Cmp(r) > 0 {
		r.Add(r, big.NewInt(1))
	}
	return r, nil
}

// Exp is e to the power of a; an underflow gives zero.
func (t *Type) Exp(a *big.Int) (*big.Int, error) {
	x := t.fixed(a)
	if tooLarge(x) {
		if x.Sign() < 0 {
			return new(big.Int), nil
		}
		return nil, fmt.Errorf("%s overflow: EXP(%s)", t.Name, t.Format(a))
	}
	return t.decimal(expFixed(x), "EXP(%s)", t.text(a))
}

// ln is the logarithm in fixed point, exact to the last place: the argument has
// a finite decimal form but no finite binary one.
func (t *Type) ln(a *big.Int) *big.Int { return lnFixed(t.fixed(a)) }

// Ln is the natural logarithm.
func (t *Type) Ln(a *big.Int) (*big.Int, error) {
	if a.Sign() <= 0 {
		return nil, fmt.Errorf("LN is undefined for zero or negative value: LN(%s)", t.Format(a))
	}
	return t.decimal(t.ln(a), "LN(%s)", t.text(a))
}

// Log is the logarithm of a to the base b.
func (t *Type) Log(a, b *big.Int) (*big.Int, error) {
	if a.Sign() <= 0 || b.Sign() <= 0 || b.Cmp(t.one) == 0 {
		return nil, fmt.Errorf("LOG is undefined for zero or negative value, or when base equals 1: LOG(%s, %s)", t.Format(a), t.Format(b))
	}
	q := new(big.Int).Quo(new(big.Int).Lsh(t.ln(a), fraction), t.ln(b))
	return t.decimal(q, "LOG(%s, %s)", t.text(a), t.text(b))
}

// Log10 is the logarithm to the base 10.
func (t *Type) Log10(a *big.Int) (*big.Int, error) {
	if a.Sign() <= 0 {
		return nil, fmt.Errorf("LOG10 is undefined for zero or negative value: LOG10(%s)", t.Format(a))
	}
	return t.Log(a, t.FromInt64(10))
}

// Pow is a to the power of b; an underflow gives zero.
func (t *Type) Pow(a, b *big.Int) (*big.Int, error) {
	n, fractional := new(big.Int).QuoRem(b, t.one, new(big.Int))
	integer := fractional.Sign() == 0
	switch {
	case b.Sign() == 0:
		return t.one, nil
	case a.Sign() == 0 && b.Sign() < 0:
		return nil, fmt.Errorf("division by zero: POW(%s, %s)", t.Format(a), t.Format(b))
	case a.Sign() == 0 || a.Cmp(t.one) == 0:
		return a, nil
	case a.Sign() < 0 && !integer:
		return nil, errors.New("Negative " + t.Name + " value cannot be raised to a fractional power: POW(" + t.Format(a) + ", " + t.Format(b) + ")")
	}
	if integer && n.CmpAbs(big.NewInt(whole)) <= 0 {
		return t.powWhole(a, int(n.Int64()), b)
	}
	size := new(big.Int).Abs(a)
	x := quotient(new(big.Int).Mul(b, t.ln(size)), t.one, HalfAwayFromZero)
	negative := a.Sign() < 0 && n.Bit(0) == 1
	if tooLarge(x) {
		if x.Sign() < 0 {
			return new(big.Int), nil
		}
		return nil, fmt.Errorf("%s overflow: POW(%s, %s)", t.Name, t.Format(a), t.Format(b))
	}
	r := expFixed(x)
	if negative {
		r.Neg(r)
	}
	return t.decimal(r, "POW(%s, %s)", t.text(a), t.text(b))
}

// powWhole multiplies out a power with a small whole exponent.
func (t *Type) powWhole(a *big.Int, n int, b *big.Int) (*big.Int, error) {
	m := n
	if m < 0 {
		m = -m
	}
	e := big.NewInt(int64(m))
	up, down := new(big.Int).Exp(a, e, nil), new(big.Int).Exp(t.one, e, nil)
	if n < 0 {
		up, down = down, up
		if down.Sign() < 0 {
			up, down = up.Neg(up), down.Neg(down)
		}
	}
	return t.within(quotient(up.Mul(up, t.one), down, HalfAwayFromZero), "POW(%s, %s)", t.text(a), t.text(b))
}
