// Package decimal has GoogleSQL's exact decimals, NUMERIC and BIGNUMERIC: their
// text, arithmetic, rounding, powers and conversions.
//
// A value is a *big.Int that holds the number times ten to the type's scale.
// Values are never changed in place. Every error is one of the data that
// GoogleSQL reports too; its text follows GoogleSQL's.
//
// Rules: GoogleSQL's data types (decimal types), mathematical functions and
// conversion functions.
package decimal

import (
	"fmt"
	"math/big"
)

// Type is one of the two decimal types.
type Type struct {
	// Name is GoogleSQL's name of the type.
	Name string
	// Scale is the number of decimals kept.
	Scale int
	// one is 10^Scale.
	one, min, max *big.Int
}

// Numeric has 38 digits, 9 of them decimals. Its range is that of DuckDB's
// DECIMAL(38,9).
var Numeric = &Type{Name: "NUMERIC", Scale: 9, one: pow10(9), min: new(big.Int).Neg(less1(pow10(38))), max: less1(pow10(38))}

// BigNumeric has 38 decimals and the range of a signed integer of 256 bits.
var BigNumeric = &Type{Name: "BIGNUMERIC", Scale: 38, one: pow10(38), min: new(big.Int).Neg(pow2(255)), max: less1(pow2(255))}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func pow2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

func less1(x *big.Int) *big.Int { return x.Sub(x, big.NewInt(1)) }

// within returns the value, or an overflow error that names the operation.
func (t *Type) within(v *big.Int, operation string, args ...any) (*big.Int, error) {
	if v.Cmp(t.min) < 0 || v.Cmp(t.max) > 0 {
		return nil, fmt.Errorf("%s overflow: %s", t.Name, fmt.Sprintf(operation, args...))
	}
	return v, nil
}

// Mode says where a number halfway between two goes.
type Mode int

// The rounding modes. Toward zero is no rounding of halves but truncation.
const (
	HalfAwayFromZero Mode = iota
	HalfEven
	TowardZero
	TowardPositive
	TowardNegative
)

// ModeNamed is the mode that ROUND's third argument names, or an error.
func ModeNamed(name string) (Mode, error) {
	switch name {
	case "ROUND_HALF_AWAY_FROM_ZERO":
		return HalfAwayFromZero, nil
	case "ROUND_HALF_EVEN":
		return HalfEven, nil
	}
	return 0, fmt.Errorf("Invalid rounding mode: %s", name)
}

// quotient divides and rounds to an integer; the divisor is not zero.
func quotient(a, b *big.Int, mode Mode) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() == 0 {
		return q
	}
	sign := a.Sign() * b.Sign()
	away := false
	switch mode {
	case TowardPositive:
		away = sign > 0
	case TowardNegative:
		away = sign < 0
	case HalfAwayFromZero, HalfEven:
		twice := new(big.Int).Lsh(r.Abs(r), 1)
		c := twice.CmpAbs(b)
		away = c > 0 || c == 0 && (mode == HalfAwayFromZero || q.Bit(0) == 1)
	}
	if away {
		q.Add(q, big.NewInt(int64(sign)))
	}
	return q
}
