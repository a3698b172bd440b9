package decimal

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// FromInt64 is an integer's value; every INT64 is in range.
func (t *Type) FromInt64(n int64) *big.Int {
	return new(big.Int).Mul(big.NewInt(n), t.one)
}

// ToInt64 rounds half away from zero to an integer.
func (t *Type) ToInt64(v *big.Int) (int64, error) {
	q := quotient(v, t.one, HalfAwayFromZero)
	if !q.IsInt64() {
		return 0, fmt.Errorf("int64 out of range: %s", t.Format(v))
	}
	return q.Int64(), nil
}

// FromFloat64 rounds the exact value of a FLOAT64 half away from zero.
func (t *Type) FromFloat64(x float64) (*big.Int, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, fmt.Errorf("Illegal conversion of non-finite floating point number to %s: %v", t.Name, x)
	}
	if math.Abs(x) > 1e40 {
		return nil, fmt.Errorf("%s out of range: %v", t.Name, x)
	}
	r := new(big.Rat).SetFloat64(x)
	v := quotient(new(big.Int).Mul(r.Num(), t.one), r.Denom(), HalfAwayFromZero)
	if v.Cmp(t.min) < 0 || v.Cmp(t.max) > 0 {
		return nil, fmt.Errorf("%s out of range: %v", t.Name, x)
	}
	return v, nil
}

// ToFloat64 is the nearest FLOAT64, of two equally near the even one.
func (t *Type) ToFloat64(v *big.Int) float64 {
	f, _ := new(big.Rat).SetFrac(v, t.one).Float64()
	return f
}

// blobSize is the size of a stored BIGNUMERIC.
const blobSize = 32

// Bytes is a BIGNUMERIC as it is stored: 32 bytes, the most significant first,
// in two's complement with the sign bit flipped, so that the order of the bytes
// is that of the numbers.
func Bytes(v *big.Int) []byte {
	return new(big.Int).Add(v, pow2(255)).FillBytes(make([]byte, blobSize))
}

// FromBytes reads a stored BIGNUMERIC.
func FromBytes(b []byte) (*big.Int, error) {
	if len(b) != blobSize {
		return nil, errors.New("a stored BIGNUMERIC has not 32 bytes")
	}
	v := new(big.Int).SetBytes(b)
	return v.Sub(v, pow2(255)), nil
}

// FromHalves makes the value of a DECIMAL(38,9), given as the two halves of its
// 128 bits.
func FromHalves(low uint64, high int64) *big.Int {
	v := new(big.Int).Lsh(big.NewInt(high), 64)
	return v.Add(v, new(big.Int).SetUint64(low))
}

// Halves takes a NUMERIC apart into the two halves of its 128 bits.
func Halves(v *big.Int) (low uint64, high int64) {
	// Rsh of a negative number rounds down, as two's complement does.
	h := new(big.Int).Rsh(v, 64)
	l := new(big.Int).Sub(v, new(big.Int).Lsh(h, 64))
	return l.Uint64(), h.Int64()
}
