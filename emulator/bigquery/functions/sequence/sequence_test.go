package sequence

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInts(t *testing.T) {
	for _, c := range []struct {
		start, end, step int64
		want             []int64
	}{
		{1, 5, 2, []int64{1, 3, 5}},
		{1, 4, 2, []int64{1, 3}},
		{5, 1, 1, nil},
		{5, 1, -3, []int64{5, 2}},
		{7, 7, -9, []int64{7}},
		{math.MaxInt64 - 1, math.MaxInt64, 5, []int64{math.MaxInt64 - 1}},
		{math.MinInt64, math.MaxInt64, math.MaxInt64, []int64{math.MinInt64, -1, math.MaxInt64 - 1}},
		{math.MaxInt64, math.MinInt64, math.MinInt64, []int64{math.MaxInt64, -1}},
	} {
		got, err := Ints(c.start, c.end, c.step)
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c, diff)
		}
	}
	if _, err := Ints(1, 2, 0); !errors.Is(err, ErrStep) {
		t.Errorf("a step of 0: %v", err)
	}
	var unsure *UnsureError
	if _, err := Ints(0, math.MaxInt64, 1); !errors.As(err, &unsure) {
		t.Errorf("too long: %v", err)
	}
}

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		start, end, step float64
		want             []float64
	}{
		{0, 1, 0.25, []float64{0, 0.25, 0.5, 0.75, 1}},
		{1, 0, 1, nil},
		{1, -1, -1, []float64{1, 0, -1}},
	} {
		got, err := Floats(c.start, c.end, c.step)
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c, diff)
		}
	}
	var unsure *UnsureError
	for _, c := range [][3]float64{{0, 1, 0.1}, {0, math.Inf(1), 1}, {math.NaN(), 1, 1}, {0, 1e18, 1}, {1e300, 2e300, 1}} {
		if got, err := Floats(c[0], c[1], c[2]); !errors.As(err, &unsure) {
			t.Errorf("%v: got %d values and %v, want a refusal", c, len(got), err)
		}
	}
	if _, err := Floats(1, 2, 0); !errors.Is(err, ErrStep) {
		t.Errorf("a step of 0: %v", err)
	}
}

func TestBigs(t *testing.T) {
	ints := func(list ...int64) []*big.Int {
		var out []*big.Int
		for _, n := range list {
			out = append(out, big.NewInt(n))
		}
		return out
	}
	for _, c := range []struct {
		start, end, step int64
		want             []*big.Int
	}{
		{0, 10, 4, ints(0, 4, 8)},
		{0, -10, -4, ints(0, -4, -8)},
		{3, 3, 1, ints(3)},
		{3, 2, 1, nil},
	} {
		got, err := Bigs(big.NewInt(c.start), big.NewInt(c.end), big.NewInt(c.step))
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
		if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c, diff)
		}
	}
	if _, err := Bigs(big.NewInt(1), big.NewInt(2), new(big.Int)); !errors.Is(err, ErrStep) {
		t.Errorf("a step of 0: %v", err)
	}
}
