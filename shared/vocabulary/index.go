package vocabulary

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// Index is a vocabulary that can be searched. It never changes.
type Index struct {
	ids []int64
	// texts are the names in the order of ids, then the synonyms.
	texts     slab
	synonymOf []uint32
	// folded holds the texts that are not ASCII in the form of comparison; that of
	// the others is made as it is needed.
	folded map[uint32]string
	codes  slab

	domain, vocabulary, class               []uint16
	domains, vocabularies, classes, reasons numbers
	standing                                []standing
	invalid                                 []uint16
	persons, withDescendants                []uint32

	// order is a concept's place among all of one rank; byOrder turns it round.
	order, byOrder []uint32
	byCode         []uint32

	// tokens are all words of all texts, sorted, each with an end of line behind
	// it; first and postings say which texts have them.
	tokens          slab
	first, postings []uint32
}

// slab keeps many texts in one piece of memory.
type slab struct {
	bytes []byte
	ends  []uint32
}

func (s *slab) add(text string) {
	s.bytes = append(s.bytes, text...)
	s.ends = append(s.ends, uint32(len(s.bytes)))
}

func (s *slab) len() int { return len(s.ends) }

func (s *slab) begin(i uint32) uint32 {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

func (s *slab) raw(i uint32) []byte  { return s.bytes[s.begin(i):s.ends[i]] }
func (s *slab) at(i uint32) string   { return string(s.raw(i)) }
func (s *slab) size(i uint32) uint32 { return s.ends[i] - s.begin(i) }

// holds gives which text a byte of the slab belongs to.
func (s *slab) holds(pos int) uint32 {
	return uint32(sort.Search(len(s.ends), func(i int) bool { return int(s.ends[i]) > pos }))
}

// numbers keeps few texts, once each, under small numbers.
type numbers struct {
	names []string
	known map[string]uint16
}

// number gives a text's number; past 65,535 of them the last stands for all others.
func (n *numbers) number(name string) uint16 {
	if n.known == nil {
		n.known = map[string]uint16{}
	}
	at, found := n.known[name]
	if !found {
		if len(n.names) > maxNumber {
			return maxNumber
		}
		at = uint16(len(n.names))
		n.known[name], n.names = at, append(n.names, name)
	}
	return at
}

const maxNumber = 1<<16 - 1

// standing orders concepts of equal counts: standard ones, classifications, the
// others, and the invalid ones last.
type standing uint8

const (
	standard standing = iota
	classification
	nonStandard
	invalidStandard
	invalidClassification
	invalidOther
)

func standingOf(mark, invalid string) standing {
	s := nonStandard
	switch mark {
	case "S":
		s = standard
	case "C":
		s = classification
	}
	if invalid != "" {
		s += invalidStandard
	}
	return s
}

func (s standing) valid() bool { return s < invalidStandard }

// mark is the CDM's standard_concept.
func (s standing) mark() string { return []string{"S", "C", ""}[s%invalidStandard] }

// Len is the number of concepts.
func (x *Index) Len() int { return len(x.ids) }

// Texts is the number of names and synonyms: what a Builder's bound counts.
func (x *Index) Texts() int { return x.texts.len() }

// Bytes is about what the index takes of memory.
func (x *Index) Bytes() int64 {
	n := len(x.texts.bytes) + len(x.codes.bytes) + len(x.tokens.bytes) +
		4*(len(x.texts.ends)+len(x.codes.ends)+len(x.tokens.ends)+len(x.synonymOf)+len(x.order)+len(x.byOrder)+len(x.byCode)+len(x.first)+len(x.postings)) +
		(8+3*2+2+1+2*4)*len(x.ids)
	for _, f := range x.folded {
		n += len(f) + 32
	}
	return int64(n)
}

// Concept gives the concept of that id and whether it is there.
func (x *Index) Concept(id int64) (Concept, bool) {
	doc, found := slices.BinarySearch(x.ids, id)
	if !found {
		return Concept{}, false
	}
	return x.concept(uint32(doc)), true
}

func (x *Index) concept(doc uint32) Concept {
	return Concept{ID: x.ids[doc], Name: x.texts.at(doc), Domain: x.domains.names[x.domain[doc]], Vocabulary: x.vocabularies.names[x.vocabulary[doc]],
		Class: x.classes.names[x.class[doc]], Code: x.codes.at(doc), Standard: x.standing[doc].mark(), Invalid: x.reasons.names[x.invalid[doc]],
		Persons: int64(x.persons[doc]), PersonsWithDescendants: int64(x.withDescendants[doc])}
}

// Synonyms gives a concept's other names, in the order in which they came.
func (x *Index) Synonyms(id int64) []string {
	doc, found := slices.BinarySearch(x.ids, id)
	if !found {
		return nil
	}
	var list []string
	for i := x.firstSynonym(uint32(doc)); i < len(x.synonymOf) && x.synonymOf[i] == uint32(doc); i++ {
		list = append(list, x.texts.at(uint32(len(x.ids)+i)))
	}
	return list
}

func (x *Index) firstSynonym(doc uint32) int {
	at, _ := slices.BinarySearch(x.synonymOf, doc)
	return at
}

// compared gives a text in the form of comparison.
func (x *Index) compared(text uint32, into []byte) []byte {
	if f, found := x.folded[text]; found {
		return append(into[:0], f...)
	}
	into = into[:0]
	space := false
	for _, c := range x.texts.raw(text) {
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			space = len(into) > 0
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if space {
			into, space = append(into, ' '), false
		}
		into = append(into, c)
	}
	return into
}

// begins reports whether a text, as compared gives it, begins with another, and
// whether it is the other. Most do not, and their first letters tell.
func (x *Index) begins(text uint32, folded string) (begins, equals bool) {
	if f, found := x.folded[text]; found {
		return strings.HasPrefix(f, folded), f == folded
	}
	at, space := 0, false
	for _, c := range x.texts.raw(text) {
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			space = at > 0
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if at == len(folded) {
			return true, false
		}
		if space {
			if folded[at] != ' ' {
				return false, false
			}
			at, space = at+1, false
		}
		if at == len(folded) || folded[at] != c {
			return false, false
		}
		at++
	}
	return at == len(folded), at == len(folded)
}

// coded gives the concepts of that code, whatever its letter case.
func (x *Index) coded(folded string) []uint32 {
	from := sort.Search(len(x.byCode), func(i int) bool { return fold(x.codes.at(x.byCode[i])) >= folded })
	to := from
	for to < len(x.byCode) && fold(x.codes.at(x.byCode[to])) == folded {
		to++
	}
	return x.byCode[from:to]
}

// token gives the word of that number.
func (x *Index) token(i int) []byte {
	line := x.tokens.raw(uint32(i))
	return line[:len(line)-1]
}

// beginning gives the range of words that begin with one, and whether the first
// of them is that word.
func (x *Index) beginning(w string) (from, to int, whole bool) {
	n := x.tokens.len()
	from = sort.Search(n, func(i int) bool { return string(x.token(i)) >= w })
	to = from + sort.Search(n-from, func(i int) bool { return !bytes.HasPrefix(x.token(from+i), []byte(w)) })
	return from, to, from < to && string(x.token(from)) == w
}

// Among gives those of the concepts that are in the index, each once, in the
// order of a search without text, and the ids of those that are not.
func (x *Index) Among(ids []int64) (concepts []Concept, missing []int64) {
	var places []uint32
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if doc, found := slices.BinarySearch(x.ids, id); found {
			places = append(places, x.order[doc])
		} else {
			missing = append(missing, id)
		}
	}
	slices.Sort(places)
	for _, at := range places {
		concepts = append(concepts, x.concept(x.byOrder[at]))
	}
	return concepts, missing
}
