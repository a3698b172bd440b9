package number

import (
	"fmt"
	"math"
	"math/bits"
)

func overflow(operation string) error { return fmt.Errorf("overflow: %s", operation) }

// AddInt64 is a + b.
func AddInt64(a, b int64) (int64, error) {
	s := a + b
	if (a^s)&(b^s) < 0 {
		return 0, fmt.Errorf("int64 overflow: %d + %d", a, b)
	}
	return s, nil
}

// SubInt64 is a - b.
func SubInt64(a, b int64) (int64, error) {
	d := a - b
	if (a^b)&(a^d) < 0 {
		return 0, fmt.Errorf("int64 overflow: %d - %d", a, b)
	}
	return d, nil
}

// MulInt64 is a * b.
func MulInt64(a, b int64) (int64, error) {
	high, low := bits.Mul64(uint64(a), uint64(b))
	// The signed high half.
	h := int64(high)
	if a < 0 {
		h -= b
	}
	if b < 0 {
		h -= a
	}
	p := int64(low)
	if h != p>>63 {
		return 0, fmt.Errorf("int64 overflow: %d * %d", a, b)
	}
	return p, nil
}

// NegInt64 is -a.
func NegInt64(a int64) (int64, error) {
	if a == math.MinInt64 {
		return 0, fmt.Errorf("int64 overflow: -(%d)", a)
	}
	return -a, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// checked fails when finite operands have a result that is not.
func checked(r, a, b float64, op string) (float64, error) {
	if !finite(r) && finite(a) && finite(b) {
		return 0, fmt.Errorf("double overflow: %v %s %v", a, op, b)
	}
	return r, nil
}

// AddFloat64 is a + b.
func AddFloat64(a, b float64) (float64, error) { return checked(a+b, a, b, "+") }

// SubFloat64 is a - b.
func SubFloat64(a, b float64) (float64, error) { return checked(a-b, a, b, "-") }

// MulFloat64 is a * b.
func MulFloat64(a, b float64) (float64, error) { return checked(a*b, a, b, "*") }

// ToInt64 is CAST of a FLOAT64 to INT64: half away from zero.
func ToInt64(x float64) (int64, error) {
	if !finite(x) {
		return 0, fmt.Errorf("Illegal conversion of non-finite floating point number to an integer: %v", x)
	}
	r := math.Round(x)
	if r < -(1<<63) || r >= 1<<63 {
		return 0, fmt.Errorf("int64 out of range: %v", x)
	}
	return int64(r), nil
}
