package vocabulary

import (
	"slices"
	"strconv"
)

// Query is what a search asks for.
type Query struct {
	// Text is what people type: words, a code, or a concept id. Without any, every
	// concept fits.
	Text string
	// Domains, Vocabularies and Classes each leave only concepts of one of the
	// names; empty ones leave all.
	Domains, Vocabularies, Classes []string
	// Standard leaves only concepts with one of the marks "S", "C" and "".
	Standard []string
	// Valid leaves only valid concepts, or with false only invalid ones.
	Valid *bool
	// After leaves what comes behind the place of a Hit.
	After *Place
	// Limit is how many hits are given at most.
	Limit int
	// Facets asks for the counts.
	Facets bool
}

// Place is where a concept stands in the order of a search: the better rank first,
// then those that more persons are shown for, the standard ones, the shorter
// names, the lower ids. It means something to the same index only.
type Place uint64

func place(r Rank, order uint32) Place { return Place(r)<<32 | Place(order) }

// Rank is how well the concept fits.
func (p Place) Rank() Rank { return Rank(p >> 32) }

// Hit is one concept that fits.
type Hit struct {
	Concept
	Place Place
	// Synonym is the other name by which it was found, "" where it was not.
	Synonym string
}

// Result is what a search finds.
type Result struct {
	Hits []Hit
	// Total is how many concepts fit, on all pages.
	Total int
	// More says that others come behind the last hit.
	More bool
	// Facets count concepts, not persons: for each filter what it would leave, with
	// all other filters as they are. Nil where they were not asked for.
	Facets *Facets
}

// Facets are the counts of concepts by what can be filtered.
type Facets struct {
	Domains, Vocabularies, Classes map[string]int
	// Standard goes by the marks "S", "C" and "".
	Standard map[string]int
	// Valid and Invalid are the two of the filter Valid.
	Valid, Invalid int
}

// MaxWords is how many words of a text are searched for: Words says how many one
// has.
const MaxWords = 8

// Words counts the words of a text as Search takes it.
func Words(text string) int { return len(words(fold(text))) }

// Search finds concepts. Words beyond MaxWords are left out.
func (x *Index) Search(q Query) Result {
	r := &results{x: x, q: q, filters: x.filters(q)}
	if q.Facets {
		r.tally = newTally(x)
	}
	r.picky = q.Facets || len(q.Domains)+len(q.Vocabularies)+len(q.Classes)+len(q.Standard) > 0 || q.Valid != nil
	folded := fold(q.Text)
	if folded == "" {
		for _, doc := range x.byOrder {
			r.take(ByWords, doc)
		}
		return r.result(nil)
	}
	list := words(folded)
	s := borrow(x.texts.len())
	defer pool.Put(s)
	found := x.find(list[:min(len(list), MaxWords)], s)
	exact := x.exact(folded)
	for _, e := range exact {
		r.take(e.rank, e.doc)
	}
	isExact := func(doc uint32) bool {
		return slices.ContainsFunc(exact, func(e exactly) bool { return e.doc == doc })
	}
	n := uint32(len(x.ids))
	found.inside.each(0, n, func(doc uint32) {
		if len(exact) > 0 && isExact(doc) {
			return
		}
		rank := ByParts
		if found.begin.has(doc) {
			rank = ByBeginnings
			if found.whole.has(doc) {
				rank = ByWords
			}
			// Only what begins with a text can have its first word at a beginning.
			switch begins, equals := x.begins(doc, folded); {
			case equals:
				rank = ByName
			case begins:
				rank = ByNamePrefix
			}
		}
		r.take(rank, doc)
	})
	x.synonyms(found, func(rank Rank, doc uint32) {
		if !found.inside.has(doc) && !isExact(doc) {
			r.take(rank, doc)
		}
	})
	return r.result(&found)
}

// exactly is a concept whose id or code is the text.
type exactly struct {
	rank Rank
	doc  uint32
}

// maxExact bounds how many concepts of one code go before all others.
const maxExact = 100

func (x *Index) exact(folded string) []exactly {
	var list []exactly
	if id, err := strconv.ParseInt(folded, 10, 64); err == nil && strconv.FormatInt(id, 10) == folded {
		if doc, found := slices.BinarySearch(x.ids, id); found {
			list = append(list, exactly{ByID, uint32(doc)})
		}
	}
	coded := x.coded(folded)
	for _, doc := range coded[:min(len(coded), maxExact)] {
		if len(list) == 0 || list[0].doc != doc {
			list = append(list, exactly{ByCode, doc})
		}
	}
	return list
}

// synonyms calls f once for each concept of which a synonym fits, with the best
// rank.
func (x *Index) synonyms(found matches, f func(Rank, uint32)) {
	n := uint32(len(x.ids))
	last, best, any := uint32(0), BySynonymParts, false
	flush := func() {
		if any {
			f(best, last)
		}
	}
	found.inside.each(n, uint32(x.texts.len()), func(text uint32) {
		doc, rank := x.synonymOf[text-n], synonymRank(found, text)
		if !any || doc != last {
			flush()
			last, best, any = doc, rank, true
		}
		best = min(best, rank)
	})
	flush()
}

func synonymRank(found matches, text uint32) Rank {
	switch {
	case found.whole.has(text):
		return BySynonym
	case found.begin.has(text):
		return BySynonymPrefix
	default:
		return BySynonymParts
	}
}

// synonymOfRank gives the first synonym of a concept that has that rank.
func (x *Index) synonymOfRank(doc uint32, rank Rank, found matches) string {
	n := uint32(len(x.ids))
	for i := x.firstSynonym(doc); i < len(x.synonymOf) && x.synonymOf[i] == doc; i++ {
		if text := n + uint32(i); found.inside.has(text) && synonymRank(found, text) == rank {
			return x.texts.at(text)
		}
	}
	return ""
}
