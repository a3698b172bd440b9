package vocabulary

import (
	"bytes"
	"math/bits"
	"sync"
	"unicode/utf8"
)

// Rank says how well a concept fits the text of a search; the least is the best.
type Rank uint8

// The ranks.
const (
	ByID            Rank = iota // its id is the text
	ByCode                      // its code is the text
	ByName                      // its name is the text
	ByNamePrefix                // its name begins with the text
	ByWords                     // its name has every word
	ByBeginnings                // words of its name begin with every word
	ByParts                     // its name has every word, inside of others too
	BySynonym                   // a synonym has every word
	BySynonymPrefix             // words of a synonym begin with every word
	BySynonymParts              // a synonym has every word, inside of others too
)

// set is a set of texts, a bit each.
type set []uint64

func (s set) add(i uint32)      { s[i>>6] |= 1 << (i & 63) }
func (s set) has(i uint32) bool { return s[i>>6]&(1<<(i&63)) != 0 }

func (s set) and(t set) {
	for i := range s {
		s[i] &= t[i]
	}
}

// each calls f with the members from one number to below another.
func (s set) each(from, to uint32, f func(uint32)) {
	for w := from >> 6; int(w) < len(s) && w<<6 < to; w++ {
		for v := s[w]; v != 0; v &= v - 1 {
			i := w<<6 + uint32(bits.TrailingZeros64(v))
			if i >= from && i < to {
				f(i)
			}
		}
	}
}

// matches are the texts that have every word of a search: as words, at the
// beginning of words, or anywhere. Each set holds the one before it.
type matches struct{ whole, begin, inside set }

// scratch is the memory of one search, used again by the next.
type scratch struct{ all, word matches }

var pool sync.Pool

// borrow gives empty sets for so many texts.
func borrow(texts int) *scratch {
	s, ok := pool.Get().(*scratch)
	if !ok {
		s = &scratch{}
	}
	for _, one := range []*set{&s.all.whole, &s.all.begin, &s.all.inside, &s.word.whole, &s.word.begin, &s.word.inside} {
		n := (texts + 63) / 64
		if cap(*one) < n {
			*one = make(set, n)
		}
		*one = (*one)[:n]
		clear(*one)
	}
	return s
}

// find gives the texts that have every one of the words.
func (x *Index) find(list []word, s *scratch) matches {
	for i, w := range list {
		into := &s.word
		if i == 0 {
			into = &s.all
		} else {
			clear(into.whole)
			clear(into.begin)
			clear(into.inside)
		}
		if w.plain {
			x.plain(w.text, into)
		} else {
			x.literal(w, into, s, i > 0)
		}
		if i > 0 {
			s.all.whole.and(into.whole)
			s.all.begin.and(into.begin)
			s.all.inside.and(into.inside)
		}
	}
	return s.all
}

// minInside is from how many characters on a word is looked for inside of others:
// shorter ones are inside of nearly all.
const minInside = 3

// plain finds a word of the dictionary.
func (x *Index) plain(w string, into *matches) {
	from, to, whole := x.beginning(w)
	if whole {
		for _, text := range x.postings[x.first[from]:x.first[from+1]] {
			into.whole.add(text)
		}
	}
	for _, text := range x.postings[x.first[from]:x.first[to]] {
		into.begin.add(text)
	}
	copy(into.inside, into.begin)
	if utf8.RuneCountInString(w) < minInside {
		return
	}
	x.eachHolding(w, func(token int) {
		if token < from || token >= to {
			for _, text := range x.postings[x.first[token]:x.first[token+1]] {
				into.inside.add(text)
			}
		}
	})
}

// eachHolding calls f with the words that hold a text.
func (x *Index) eachHolding(w string, f func(token int)) {
	needle := []byte(w)
	for at := 0; ; {
		hit := bytes.Index(x.tokens.bytes[at:], needle)
		if hit < 0 {
			return
		}
		token := x.tokens.holds(at + hit)
		f(int(token))
		at = int(x.tokens.ends[token])
	}
}

// literal finds a word that is not one of the dictionary, as it stands. Its tokens
// narrow down where to look; a word without any is looked for everywhere. among
// says that the texts found so far are all that matter.
func (x *Index) literal(w word, into *matches, s *scratch, among bool) {
	var buffer []byte
	check := func(text uint32) {
		buffer = x.compared(text, buffer)
		whole, begins, found := placed(buffer, []byte(w.text))
		if found {
			into.inside.add(text)
		}
		if begins {
			into.begin.add(text)
		}
		if whole {
			into.whole.add(text)
		}
	}
	n := uint32(x.texts.len())
	if among {
		s.all.inside.each(0, n, check)
		return
	}
	if len(w.tokens) == 0 {
		for text := range n {
			check(text)
		}
		return
	}
	// What holds the word holds each of its tokens, inside of others or not.
	var candidates set
	for _, t := range w.tokens {
		holding := make(set, len(into.inside))
		x.eachHolding(t, func(token int) {
			for _, text := range x.postings[x.first[token]:x.first[token+1]] {
				holding.add(text)
			}
		})
		if candidates == nil {
			candidates = holding
		} else {
			candidates.and(holding)
		}
	}
	candidates.each(0, n, check)
}

// placed says whether a text holds another, at the beginning of a word, and as
// whole words.
func placed(text, w []byte) (whole, begins, found bool) {
	for at := 0; ; {
		hit := bytes.Index(text[at:], w)
		if hit < 0 {
			return whole, begins, found
		}
		from, to := at+hit, at+hit+len(w)
		found = true
		if free(text[:from], w, false) {
			begins = true
			whole = whole || free(text[to:], w, true)
		}
		at = from + 1
	}
}

// free reports whether no letter or digit goes on from the edge of w into the
// text beside it.
func free(beside, w []byte, after bool) bool {
	var outer, edge rune
	if after {
		outer, _ = utf8.DecodeRune(beside)
		edge, _ = utf8.DecodeLastRune(w)
	} else {
		outer, _ = utf8.DecodeLastRune(beside)
		edge, _ = utf8.DecodeRune(w)
	}
	return len(beside) == 0 || !wordRune(outer) || !wordRune(edge)
}
