// Package sequence makes the arrays of GoogleSQL's GENERATE_ARRAY.
package sequence

import (
	"errors"
	"math"
	"math/big"
)

// MaxLength bounds an array's length, so that no call runs for long.
const MaxLength = 1 << 22

// ErrStep is the error of a step of zero.
var ErrStep = errors.New("Sequence step cannot be 0.")

// UnsureError is the error of what is not known to be made as GoogleSQL makes it.
type UnsureError struct{ what string }

// Error implements error.
func (e *UnsureError) Error() string { return e.what + " is not supported by the local BigQuery" }

var errLength = &UnsureError{"GENERATE_ARRAY of this length"}

// Ints gives start, start+step, ... up to end.
func Ints(start, end, step int64) ([]int64, error) {
	if step == 0 {
		return nil, ErrStep
	}
	if step > 0 && start > end || step < 0 && start < end {
		return nil, nil
	}
	// The distance is below 2^64 and the step's size above zero.
	distance, size := uint64(end)-uint64(start), uint64(step)
	if step < 0 {
		distance, size = uint64(start)-uint64(end), -uint64(step)
	}
	n := distance / size
	if n >= MaxLength {
		return nil, errLength
	}
	out := make([]int64, n+1)
	for i := range out {
		out[i] = start + int64(i)*step
	}
	return out, nil
}

// Floats gives start, start+step, ... up to end. Where adding the step again and
// again differs from multiplying it, it is unsure which is meant.
func Floats(start, end, step float64) ([]float64, error) {
	if step == 0 {
		return nil, ErrStep
	}
	for _, x := range []float64{start, end, step} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, &UnsureError{"GENERATE_ARRAY of values that are not finite"}
		}
	}
	inside := func(x float64) bool { return step > 0 && x <= end || step < 0 && x >= end }
	var out []float64
	sum := start
	for i := 0; ; i++ {
		x := start + float64(i)*step
		if x != sum {
			return nil, &UnsureError{"GENERATE_ARRAY of FLOAT64 whose values are rounded"}
		}
		if !inside(x) {
			return out, nil
		}
		if len(out) >= MaxLength {
			return nil, errLength
		}
		out = append(out, x)
		if sum += step; sum == x {
			return nil, errLength
		}
	}
}

// Bigs gives start, start+step, ... up to end, for numbers of a fixed scale.
func Bigs(start, end, step *big.Int) ([]*big.Int, error) {
	if step.Sign() == 0 {
		return nil, ErrStep
	}
	distance := new(big.Int).Sub(end, start)
	if distance.Sign() != 0 && distance.Sign() != step.Sign() {
		return nil, nil
	}
	n := distance.Quo(distance, step)
	if !n.IsInt64() || n.Int64() >= MaxLength {
		return nil, errLength
	}
	out := make([]*big.Int, n.Int64()+1)
	x := new(big.Int).Set(start)
	for i := range out {
		out[i] = new(big.Int).Set(x)
		x.Add(x, step)
	}
	return out, nil
}
