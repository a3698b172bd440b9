package directory

import (
	"cmp"
	"slices"
)

// The orders of a list.
const (
	byRelevance = "relevance"
	byNewest    = "newest"
	byUpdated   = "updated"
	byName      = "name"
)

// key is where a project stands in a list; by it a page goes on where the one
// before ended, on any instance.
type key struct {
	Score uint32 `json:"s,omitempty"`
	// At is the moment that the order goes by, in microseconds as Firestore keeps it.
	At   int64  `json:"t,omitempty"`
	Name string `json:"n,omitempty"`
	ID   string `json:"i"`
}

func keyOf(e *entry, score uint32, order string) key {
	k := key{ID: e.ID}
	switch order {
	case byRelevance:
		k.Score, k.At = score, e.UpdatedAt.UnixMicro()
	case byUpdated:
		k.At = e.UpdatedAt.UnixMicro()
	case byNewest:
		k.At = e.CreatedAt.UnixMicro()
	case byName:
		k.Name = e.nameKey
	}
	return k
}

// compare orders keys: the higher score, the later moment, the earlier name, the
// newer identifier first.
func compare(a, b key) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.At, a.At), cmp.Compare(a.Name, b.Name), cmp.Compare(b.ID, a.ID))
}

// filter are the chosen values of each facet, by their numbers in an index. A
// project passes that has one of each facet's; a facet without any lets all pass.
type filter [facetCount]map[uint32]bool

// chosen gives the filter of those values. One that no project has, or ever had,
// lets none pass.
func (x *index) chosen(list [facetCount][]string) filter {
	var f filter
	for i, texts := range list {
		for _, text := range texts {
			if f[i] == nil {
				f[i] = map[uint32]bool{}
			}
			if n, known := x.facets[i].numbers[text]; known {
				f[i][n] = true
			}
		}
	}
	return f
}

// selection is a page of what a search finds, and the whole in numbers.
type selection struct {
	entries []*entry
	last    key
	more    bool
	total   int
	// counts are, by facet and number of the value, the projects that have it
	// and pass all other facets: choosing it too would find as many.
	counts [facetCount][]int
}

// selectPage gives the first projects after a key in an order; limit 0 is all.
func (x *index) selectPage(m matched, f filter, order string, after *key, limit int) selection {
	var s selection
	for i := range s.counts {
		s.counts[i] = make([]int, len(x.facets[i].texts))
	}
	type line struct {
		key
		*entry
	}
	var page []line
	for slot, e := range x.slots {
		if e == nil || m.need > 0 && m.scores[slot] == 0 {
			continue
		}
		failed, which := f.fails(e)
		for i := range s.counts {
			if failed == 0 || failed == 1 && which == i {
				for _, n := range e.values[i] {
					s.counts[i][n]++
				}
			}
		}
		if failed > 0 {
			continue
		}
		s.total++
		k := keyOf(e, m.scores[slot], order)
		if after != nil && compare(k, *after) <= 0 {
			continue
		}
		switch {
		case limit == 0:
			page = append(page, line{k, e})
			continue
		case len(page) > limit && compare(k, page[limit].key) >= 0:
			continue
		}
		// One more than the page holds is kept, to know that there is more.
		at, _ := slices.BinarySearchFunc(page, k, func(l line, k key) int { return compare(l.key, k) })
		page = slices.Insert(page, at, line{k, e})
		if len(page) > limit+1 {
			page = page[:limit+1]
		}
	}
	if limit == 0 {
		slices.SortFunc(page, func(a, b line) int { return compare(a.key, b.key) })
	} else if len(page) > limit {
		page, s.more = page[:limit], true
	}
	for _, l := range page {
		s.entries, s.last = append(s.entries, l.entry), l.key
	}
	return s
}

// fails counts the facets that a project does not pass and gives one of them.
func (f filter) fails(e *entry) (failed, which int) {
	for i, want := range f {
		if want != nil && !slices.ContainsFunc(e.values[i], func(n uint32) bool { return want[n] }) {
			failed, which = failed+1, i
		}
	}
	return failed, which
}
