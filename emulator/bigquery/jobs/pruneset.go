package jobs

import (
	"slices"
	"sort"

	"researchhub.example/hub/emulator/bigquery/store"
)

// span is the values from low to high; nil: without end.
type span struct{ low, high *store.Bound }

// valueSet is the values of a column for which a condition may be TRUE.
type valueSet struct {
	spans []span
	null  bool
}

// anyValue is the set of a column that is not restricted.
func anyValue() valueSet { return valueSet{spans: []span{{}}, null: true} }

func single(b store.Bound) valueSet { return valueSet{spans: []span{{&b, &b}}} }

func (a valueSet) union(b valueSet) valueSet {
	return valueSet{spans: append(slices.Clone(a.spans), b.spans...), null: a.null || b.null}.tidy()
}

func (a valueSet) intersect(b valueSet) valueSet {
	out := valueSet{null: a.null && b.null}
	// Both are tidy: sorted and apart.
	for i, k := 0, 0; i < len(a.spans) && k < len(b.spans); {
		x, y := a.spans[i], b.spans[k]
		s := span{maxBound(x.low, y.low), x.high}
		first := endsFirst(x, y)
		if !first {
			s.high = y.high
		}
		if s.low == nil || s.high == nil || s.low.Compare(*s.high) <= 0 {
			out.spans = append(out.spans, s)
		}
		if first {
			i++
		} else {
			k++
		}
	}
	return out
}

func maxBound(a, b *store.Bound) *store.Bound {
	if a == nil || b != nil && b.Compare(*a) > 0 {
		return b
	}
	return a
}

func endsFirst(x, y span) bool {
	return x.high != nil && (y.high == nil || x.high.Compare(*y.high) <= 0)
}

// tidy sorts the spans and joins those that overlap.
func (a valueSet) tidy() valueSet {
	sort.Slice(a.spans, func(i, k int) bool {
		x, y := a.spans[i].low, a.spans[k].low
		return y != nil && (x == nil || x.Compare(*y) < 0)
	})
	var out []span
	for _, s := range a.spans {
		if s.low != nil && s.high != nil && s.low.Compare(*s.high) > 0 {
			continue
		}
		if n := len(out); n > 0 && (out[n-1].high == nil || s.low == nil || s.low.Compare(*out[n-1].high) <= 0) {
			if !endsFirst(s, out[n-1]) {
				out[n-1].high = s.high
			}
			continue
		}
		out = append(out, s)
	}
	a.spans = out
	return a
}

// touches tells whether the set has a value in the range; nil stands for any.
func (a valueSet) touches(r *store.Range) bool {
	if r == nil {
		return true
	}
	if r.Null {
		return a.null
	}
	i := sort.Search(len(a.spans), func(i int) bool { h := a.spans[i].high; return h == nil || h.Compare(r.Low) >= 0 })
	return i < len(a.spans) && (a.spans[i].low == nil || a.spans[i].low.Compare(r.High) <= 0)
}
