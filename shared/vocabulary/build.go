package vocabulary

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Concept is one row of the vocabulary with its counts.
type Concept struct {
	ID     int64
	Name   string
	Domain string
	// Vocabulary and Class are the CDM's vocabulary_id and concept_class_id.
	Vocabulary, Class, Code string
	// Standard is the CDM's standard_concept: "S", "C" (classification), or "".
	Standard string
	// Invalid is the CDM's invalid_reason: "" (valid), "D" or "U".
	Invalid string
	// Persons and PersonsWithDescendants are raw counts of persons.
	Persons, PersonsWithDescendants int64
}

// Builder takes the rows of a vocabulary and makes its index.
type Builder struct {
	// Shown gives the count of persons that people are shown for a raw one; the
	// order of what is found follows it, so that it tells nothing more.
	Shown func(persons int64) int64
	// Most bounds the texts (names and synonyms) that are taken; 0: as many as an
	// index can number.
	Most int

	x      Index
	tokens map[string]uint32
	pairs  []pair
}

// pair is a token in a text.
type pair struct{ token, text uint32 }

// ErrFull is what Add and Synonym give when no more texts are taken.
var ErrFull = errors.New("the vocabulary's index is full")

// maxText bounds one text, in bytes: the CDM's names have 255 characters.
const maxText = 4 << 10

// Add takes a concept. They come in the order of their ids, each once.
func (b *Builder) Add(c Concept) error {
	x := &b.x
	if n := len(x.ids); n > 0 && x.ids[n-1] >= c.ID {
		return fmt.Errorf("concept %d after %d: the rows are not in the order of their ids", c.ID, x.ids[n-1])
	}
	if len(x.synonymOf) > 0 {
		return errors.New("the concepts come before the synonyms")
	}
	if err := b.text(c.Name); err != nil {
		return err
	}
	x.ids = append(x.ids, c.ID)
	x.codes.add(clip(c.Code))
	x.domain = append(x.domain, x.domains.number(c.Domain))
	x.vocabulary = append(x.vocabulary, x.vocabularies.number(c.Vocabulary))
	x.class = append(x.class, x.classes.number(c.Class))
	x.standing = append(x.standing, standingOf(c.Standard, c.Invalid))
	x.invalid = append(x.invalid, x.reasons.number(c.Invalid))
	x.persons = append(x.persons, count(c.Persons))
	x.withDescendants = append(x.withDescendants, count(c.PersonsWithDescendants))
	return nil
}

// Synonym takes another name of a concept, in the order of the concepts' ids. One
// of a concept that is not there, or that says what the name says, is left out.
func (b *Builder) Synonym(conceptID int64, name string) error {
	x := &b.x
	doc, found := slices.BinarySearch(x.ids, conceptID)
	if !found || name == "" || fold(name) == fold(x.texts.at(uint32(doc))) {
		return nil
	}
	if n := len(x.synonymOf); n > 0 && x.synonymOf[n-1] > uint32(doc) {
		return errors.New("the synonyms are not in the order of their concepts' ids")
	}
	if err := b.text(name); err != nil {
		return err
	}
	x.synonymOf = append(x.synonymOf, uint32(doc))
	return nil
}

// text adds a name or a synonym and notes its tokens.
func (b *Builder) text(s string) error {
	x := &b.x
	n := uint32(x.texts.len())
	if b.Most > 0 && int(n) >= b.Most || len(x.texts.bytes)+len(x.codes.bytes) > math.MaxUint32-2*maxText || len(b.pairs) > math.MaxUint32-maxText {
		return ErrFull
	}
	if b.tokens == nil {
		b.tokens = map[string]uint32{}
		x.folded = map[uint32]string{}
	}
	s = clip(s)
	x.texts.add(s)
	folded := fold(s)
	if !ascii(s) {
		x.folded[n] = folded
	}
	eachToken(folded, func(t string) {
		number, known := b.tokens[t]
		if !known {
			number = uint32(len(b.tokens))
			b.tokens[strings.Clone(t)] = number
		}
		b.pairs = append(b.pairs, pair{number, n})
	})
	return nil
}

func clip(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

func count(n int64) uint32 { return uint32(min(max(n, 0), math.MaxUint32)) }

// Build ends the building; the builder is not used again.
func (b *Builder) Build() *Index {
	x := b.x
	b.dictionary(&x)
	x.order = make([]uint32, len(x.ids))
	x.byCode = make([]uint32, len(x.ids))
	byOrder := make([]uint32, len(x.ids))
	shown := make([]int64, len(x.ids))
	for i := range x.ids {
		x.byCode[i], byOrder[i] = uint32(i), uint32(i)
		shown[i] = int64(x.withDescendants[i])
		if b.Shown != nil {
			shown[i] = b.Shown(shown[i])
		}
	}
	slices.SortFunc(byOrder, func(p, q uint32) int {
		return cmp.Or(cmp.Compare(shown[q], shown[p]), cmp.Compare(x.standing[p], x.standing[q]),
			cmp.Compare(x.texts.size(p), x.texts.size(q)), cmp.Compare(p, q))
	})
	for place, doc := range byOrder {
		x.order[doc] = uint32(place)
	}
	x.byOrder = byOrder
	codes := make([]string, len(x.ids))
	for i := range codes {
		codes[i] = fold(x.codes.at(uint32(i)))
	}
	slices.SortFunc(x.byCode, func(p, q uint32) int { return cmp.Or(cmp.Compare(codes[p], codes[q]), cmp.Compare(p, q)) })
	b.x, b.tokens, b.pairs = Index{}, nil, nil
	return &x
}

// dictionary sorts the tokens and lays down, for each, the texts that have it.
func (b *Builder) dictionary(x *Index) {
	sorted := make([]string, 0, len(b.tokens))
	for t := range b.tokens {
		sorted = append(sorted, t)
	}
	slices.Sort(sorted)
	place := make([]uint32, len(sorted))
	for i, t := range sorted {
		place[b.tokens[t]] = uint32(i)
		x.tokens.add(t + "\n")
	}
	x.first = make([]uint32, len(sorted)+1)
	for _, p := range b.pairs {
		x.first[place[p.token]+1]++
	}
	for i := range sorted {
		x.first[i+1] += x.first[i]
	}
	next := slices.Clone(x.first)
	x.postings = make([]uint32, len(b.pairs))
	for _, p := range b.pairs {
		at := place[p.token]
		x.postings[next[at]] = p.text
		next[at]++
	}
}
