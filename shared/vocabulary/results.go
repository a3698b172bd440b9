package vocabulary

import "slices"

// filters say for the number of each value whether it stays; nil leaves all.
type filters struct {
	domain, vocabulary, class []bool
}

// The filters by number, for counting what one of them alone takes away.
const (
	byDomain = iota
	byVocabulary
	byClass
	byStandard
	byValidity
	filterCount
)

func (x *Index) filters(q Query) filters {
	return filters{domain: only(x.domains, q.Domains), vocabulary: only(x.vocabularies, q.Vocabularies), class: only(x.classes, q.Classes)}
}

func only(n numbers, names []string) []bool {
	if len(names) == 0 {
		return nil
	}
	keep := make([]bool, len(n.names))
	for _, name := range names {
		if at, known := n.known[name]; known {
			keep[at] = true
		}
	}
	return keep
}

// results gathers the best hits and counts all.
type results struct {
	x       *Index
	q       Query
	filters filters
	// picky says that there is something to filter or to count.
	picky bool
	total int
	// best is a heap of the places that are to be given and one more, the worst of
	// them first.
	best  []Place
	tally *tally
}

// take counts a concept in and keeps it where it is among the best.
func (r *results) take(rank Rank, doc uint32) {
	x := r.x
	if !r.picky {
		r.total++
		r.keep(place(rank, x.order[doc]))
		return
	}
	failed, which := 0, 0
	fail := func(at int) { failed, which = failed+1, at }
	if r.filters.domain != nil && !r.filters.domain[x.domain[doc]] {
		fail(byDomain)
	}
	if r.filters.vocabulary != nil && !r.filters.vocabulary[x.vocabulary[doc]] {
		fail(byVocabulary)
	}
	if r.filters.class != nil && !r.filters.class[x.class[doc]] {
		fail(byClass)
	}
	if len(r.q.Standard) > 0 && !slices.Contains(r.q.Standard, x.standing[doc].mark()) {
		fail(byStandard)
	}
	if r.q.Valid != nil && *r.q.Valid != x.standing[doc].valid() {
		fail(byValidity)
	}
	if r.tally != nil {
		r.tally.count(x, doc, failed, which)
	}
	if failed > 0 {
		return
	}
	r.total++
	r.keep(place(rank, x.order[doc]))
}

// keep holds the Limit+1 least places behind After.
func (r *results) keep(at Place) {
	if r.q.After != nil && at <= *r.q.After {
		return
	}
	if len(r.best) <= r.q.Limit {
		r.best = append(r.best, at)
		for i := len(r.best) - 1; i > 0; {
			up := (i - 1) / 2
			if r.best[up] >= r.best[i] {
				break
			}
			r.best[up], r.best[i] = r.best[i], r.best[up]
			i = up
		}
		return
	}
	if at >= r.best[0] {
		return
	}
	r.best[0] = at
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < len(r.best) && r.best[down+1] > r.best[down] {
			down++
		}
		if down >= len(r.best) || r.best[down] <= r.best[i] {
			break
		}
		r.best[i], r.best[down] = r.best[down], r.best[i]
		i = down
	}
}

func (r *results) result(found *matches) Result {
	slices.Sort(r.best)
	out := Result{Total: r.total, More: len(r.best) > r.q.Limit}
	for _, at := range r.best[:min(len(r.best), r.q.Limit)] {
		doc := r.x.byOrder[uint32(at)]
		h := Hit{Concept: r.x.concept(doc), Place: at}
		if found != nil && at.Rank() >= BySynonym {
			h.Synonym = r.x.synonymOfRank(doc, at.Rank(), *found)
		}
		out.Hits = append(out.Hits, h)
	}
	if r.tally != nil {
		out.Facets = r.tally.facets(r.x)
	}
	return out
}

// tally counts by the values' numbers.
type tally struct {
	domain, vocabulary, class []int
	standing                  [2 * invalidStandard][filterCount]int
}

func newTally(x *Index) *tally {
	return &tally{domain: make([]int, len(x.domains.names)), vocabulary: make([]int, len(x.vocabularies.names)), class: make([]int, len(x.classes.names))}
}

// count counts a concept in every facet where it passes all other filters: in all
// of them when it fails none, in one when it fails that one alone.
func (t *tally) count(x *Index, doc uint32, failed, which int) {
	if failed > 1 {
		return
	}
	in := func(facet int) bool { return failed == 0 || which == facet }
	if in(byDomain) {
		t.domain[x.domain[doc]]++
	}
	if in(byVocabulary) {
		t.vocabulary[x.vocabulary[doc]]++
	}
	if in(byClass) {
		t.class[x.class[doc]]++
	}
	if in(byStandard) {
		t.standing[x.standing[doc]][byStandard]++
	}
	if in(byValidity) {
		t.standing[x.standing[doc]][byValidity]++
	}
}

func (t *tally) facets(x *Index) *Facets {
	f := &Facets{Domains: named(x.domains, t.domain), Vocabularies: named(x.vocabularies, t.vocabulary), Classes: named(x.classes, t.class), Standard: map[string]int{}}
	for s, counts := range t.standing {
		if n := counts[byStandard]; n > 0 {
			f.Standard[standing(s).mark()] += n
		}
		if standing(s).valid() {
			f.Valid += counts[byValidity]
		} else {
			f.Invalid += counts[byValidity]
		}
	}
	return f
}

func named(n numbers, counts []int) map[string]int {
	m := map[string]int{}
	for i, c := range counts {
		if c > 0 {
			m[n.names[i]] = c
		}
	}
	return m
}
