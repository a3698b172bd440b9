package jobs

import (
	"math/rand/v2"
	"testing"

	"researchhub.example/hub/emulator/bigquery/store"
)

// TestValueSets compares the sets with sets of small numbers counted one by one.
func TestValueSets(t *testing.T) {
	const most = 12
	random := rand.New(rand.NewPCG(1, 2))
	bound := func() *store.Bound {
		if random.IntN(6) == 0 {
			return nil
		}
		return &store.Bound{Number: random.Int64N(most)}
	}
	has := func(s valueSet, n int64) bool {
		return s.touches(&store.Range{Low: store.Bound{Number: n}, High: store.Bound{Number: n}})
	}
	var made func(depth int) (valueSet, func(int64) bool, bool)
	made = func(depth int) (valueSet, func(int64) bool, bool) {
		if depth == 0 {
			s := span{bound(), bound()}
			null := random.IntN(3) == 0
			return valueSet{spans: []span{s}, null: null}.tidy(), func(n int64) bool {
				return (s.low == nil || n >= s.low.Number) && (s.high == nil || n <= s.high.Number)
			}, null
		}
		a, ina, nulla := made(depth - 1)
		b, inb, nullb := made(depth - 1)
		if random.IntN(2) == 0 {
			return a.union(b), func(n int64) bool { return ina(n) || inb(n) }, nulla || nullb
		}
		return a.intersect(b), func(n int64) bool { return ina(n) && inb(n) }, nulla && nullb
	}
	for range 5000 {
		s, in, null := made(random.IntN(4))
		for n := int64(-1); n <= most; n++ {
			if has(s, n) != in(n) {
				t.Fatalf("%d: got %v, want %v in %v", n, has(s, n), in(n), s)
			}
			for m := n; m <= most; m++ {
				want := false
				for k := n; k <= m; k++ {
					want = want || in(k)
				}
				if got := s.touches(&store.Range{Low: store.Bound{Number: n}, High: store.Bound{Number: m}}); got != want {
					t.Fatalf("%d to %d: got %v, want %v in %v", n, m, got, want, s)
				}
			}
		}
		if s.touches(&store.Range{Null: true}) != null || !s.touches(nil) {
			t.Fatalf("NULL: want %v in %v", null, s)
		}
	}
}
