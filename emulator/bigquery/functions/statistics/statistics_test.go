package statistics

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func floats(x ...float64) []Value {
	out := make([]Value, len(x))
	for i := range x {
		out[i] = Float(x[i])
	}
	return out
}

func TestSpread(t *testing.T) {
	for _, tc := range []struct {
		x    []float64
		m    Moment
		want any
	}{
		{nil, VarPop, nil}, {[]float64{7}, VarPop, 0.0}, {[]float64{7}, VarSamp, nil}, {[]float64{7}, StddevSamp, nil},
		{[]float64{10, 14, 18}, VarSamp, 16.0}, {[]float64{10, 14, 18}, StddevSamp, 4.0}, {[]float64{1, 3}, VarPop, 1.0},
		// A naive sum of squares has no digit left here.
		{[]float64{1e15, 1e15 + 1, 1e15 + 2}, VarSamp, 1.0}, {[]float64{0.1, 0.1, 0.1}, VarSamp, 0.0},
		{[]float64{1, nan}, VarPop, nan}, {[]float64{1, inf}, StddevPop, nan}, {[]float64{inf}, VarSamp, nil}, {[]float64{-inf}, VarPop, nan},
		{[]float64{1e308, -1e308}, StddevPop, 1e308}, {[]float64{1e308, -1e308}, VarPop, ErrOverflow},
	} {
		got := any(nil)
		v, ok, err := Spread(floats(tc.x...), tc.m)
		if ok {
			got = v
		}
		if err != nil {
			got = err
		}
		if diff := cmp.Diff(tc.want, got, cmpopts.EquateNaNs(), cmpopts.EquateErrors()); diff != "" {
			t.Errorf("moment %d of %v (-want +got):\n%s", tc.m, tc.x, diff)
		}
	}
}

func TestRelation(t *testing.T) {
	for _, tc := range []struct {
		x, y []float64
		m    Moment
		want any
	}{
		{nil, nil, CovarPop, nil}, {[]float64{1}, []float64{2}, CovarPop, 0.0}, {[]float64{1}, []float64{2}, CovarSamp, nil}, {[]float64{1}, []float64{2}, Corr, nil},
		{[]float64{1, 3}, []float64{4, 2}, CovarPop, -1.0}, {[]float64{1, 3}, []float64{4, 2}, CovarSamp, -2.0}, {[]float64{1, 3}, []float64{4, 2}, Corr, -1.0},
		{[]float64{1, 2, 3}, []float64{1, 2, 3}, Corr, 1.0}, {[]float64{5, 5, 5}, []float64{1, 2, 3}, Corr, nan}, {[]float64{0.1, 0.1, 0.1}, []float64{1, 2, 4}, CovarPop, 0.0},
		{[]float64{1, inf}, []float64{1, 2}, CovarPop, nan}, {[]float64{1, 2}, []float64{nan, 2}, Corr, nan},
	} {
		got := any(nil)
		v, ok, err := Relation(floats(tc.x...), floats(tc.y...), tc.m)
		if ok && err == nil {
			got = v
		}
		if diff := cmp.Diff(tc.want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("statistic %d of %v and %v (-want +got):\n%s", tc.m, tc.x, tc.y, diff)
		}
	}
}

func TestPercentiles(t *testing.T) {
	fraction := func(p float64) *big.Rat {
		f, err := Fraction(p)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, tc := range []struct {
		p     float64
		n     int64
		index int64
		rank  int64
	}{{0, 10, 0, 1}, {1, 10, 9, 10}, {0.5, 10, 4, 5}, {0.5, 11, 5, 6}, {0.25, 4, 0, 1}, {0.26, 4, 0, 2}, {0.5, 1, 0, 1},
		// 0.07 as a FLOAT64 is a little above seven hundredths.
		{0.07, 100, 6, 8}} {
		index, weight := Place(fraction(tc.p), tc.n)
		if rank := Rank(fraction(tc.p), tc.n); index != tc.index || rank != tc.rank {
			t.Errorf("%v of %d: index %d rank %d, want %d %d", tc.p, tc.n, index, rank, tc.index, tc.rank)
		}
		if weight.Sign() < 0 || weight.Cmp(big.NewRat(1, 1)) >= 0 {
			t.Errorf("%v of %d: weight %s", tc.p, tc.n, weight)
		}
	}
	for _, p := range []float64{-0.1, 1.1, nan, inf} {
		if _, err := Fraction(p); !errors.Is(err, ErrFraction) {
			t.Errorf("fraction %v: %v", p, err)
		}
	}
	half := big.NewRat(1, 2)
	for _, tc := range []struct{ low, high, want float64 }{
		{1, 2, 1.5}, {-1e308, 1e308, 0}, {1.7e308, 1.7e308, 1.7e308}, {-inf, 5, -inf}, {-inf, inf, nan}, {5, inf, inf}, {inf, inf, inf}, {nan, 1, nan},
	} {
		if diff := cmp.Diff(tc.want, Mix(tc.low, tc.high, half), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("between %v and %v (-want +got):\n%s", tc.low, tc.high, diff)
		}
	}
	tiny := fraction(math.SmallestNonzeroFloat64)
	if got := Mix(-inf, 1, tiny); got != -inf {
		t.Errorf("a hair above -inf: %v", got)
	}
	for _, tc := range []struct{ low, high, want int64 }{{0, 1, 1}, {-1, 0, -1}, {0, 3, 2}, {-3, 0, -2}, {2, 4, 3}} {
		if got := MixDecimal(big.NewInt(tc.low), big.NewInt(tc.high), half); got.Int64() != tc.want {
			t.Errorf("between decimals %d and %d: %s, want %d", tc.low, tc.high, got, tc.want)
		}
	}
}

func TestQuantilePlace(t *testing.T) {
	for _, tc := range []struct{ count, n, i, rule, want int64 }{
		{10, 2, 0, 0, 1}, {10, 2, 1, 0, 5}, {10, 2, 1, 1, 5}, {10, 2, 2, 0, 10}, {10, 2, 2, 1, 10},
		{10, 4, 3, 0, 8}, {10, 4, 3, 1, 7}, {1, 4, 3, 0, 1}, {1, 4, 3, 1, 1}, {math.MaxInt64, 3, 3, 0, math.MaxInt64},
	} {
		if got := QuantilePlace(tc.count, tc.n, tc.i, tc.rule); got != tc.want {
			t.Errorf("quantile %d/%d of %d by rule %d: %d, want %d", tc.i, tc.n, tc.count, tc.rule, got, tc.want)
		}
	}
}
