package number

import (
	"errors"
	"fmt"
	"math"
)

// EuclideanDistance is EUCLIDEAN_DISTANCE of two vectors of one length.
func EuclideanDistance(a, b []float64) (float64, error) {
	if err := sameLength(a, b); err != nil {
		return 0, err
	}
	sum := 0.0
	for i := range a {
		d := a[i] - b[i]
		sum += d * d
	}
	return checked(math.Sqrt(sum), 0, 0, "EUCLIDEAN_DISTANCE")
}

// CosineDistance is COSINE_DISTANCE of two vectors of one length, neither of
// which is zero.
func CosineDistance(a, b []float64) (float64, error) {
	if err := sameLength(a, b); err != nil {
		return 0, err
	}
	dot, lenA, lenB := 0.0, 0.0, 0.0
	for i := range a {
		dot += a[i] * b[i]
		lenA += a[i] * a[i]
		lenB += b[i] * b[i]
	}
	if lenA == 0 || lenB == 0 {
		return 0, errors.New("Cannot compute cosine distance against zero vector.")
	}
	return checked(1-dot/(math.Sqrt(lenA)*math.Sqrt(lenB)), 0, 0, "COSINE_DISTANCE")
}

func sameLength(a, b []float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("Array length mismatch: %d and %d.", len(a), len(b))
	}
	for _, list := range [][]float64{a, b} {
		for _, x := range list {
			if !finite(x) {
				return &Doubtful{"the distance of vectors with NaN or infinite elements"}
			}
		}
	}
	if len(a) == 0 {
		return &Doubtful{"the distance of empty vectors"}
	}
	return nil
}
