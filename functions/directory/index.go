package directory

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/project"
)

// The fields that are searched, in the order of their weight, as bits of a
// posting.
const (
	inName    = 1 << iota
	inDisease // the disease of a disease-focused project
	inSummary // the purpose's texts and the labels of what was chosen
	inPeople  // owner and institution
	fieldBits = 4
)

// boundary begins a field in an entry's sequence of words; its low bits are the
// field. No number of a word is as high.
const boundary = uint32(1) << 31

// entry is one project in the index.
type entry struct {
	project.Project
	// version is when Firestore wrote the record.
	version time.Time
	// sequence is every word in its order, field by field, for phrases.
	sequence []uint32
	// values are what it has of each facet, by number.
	values  [facetCount][]uint32
	nameKey string
}

// index is an inverted index: for each word the projects that have it. It is not
// safe for use at once by one who changes it.
type index struct {
	// numbers are the words' numbers, from 1; texts gives them back.
	numbers map[string]uint32
	texts   []string
	// letters are which letters each word has.
	letters []uint32
	// stems gives the words that share a stem.
	stems map[string][]uint32
	// alphabet are the words' numbers in alphabetical order, but for those from
	// unsorted on, which sort puts into their places.
	alphabet []uint32
	// postings are, by word, the slots that have it, ascending, each shifted left
	// by fieldBits and with the fields that have it.
	postings [][]uint32
	// slots hold the entries; one that was removed or written anew leaves nil.
	slots  []*entry
	byID   map[string]uint32
	facets [facetCount]values
}

func newIndex() *index {
	x := &index{numbers: map[string]uint32{}, texts: []string{""}, letters: []uint32{0}, stems: map[string][]uint32{}, postings: [][]uint32{nil}, byID: map[string]uint32{}}
	for i := range x.facets {
		x.facets[i].numbers = map[string]uint32{}
	}
	return x
}

// len is how many projects it has.
func (x *index) len() int { return len(x.byID) }

// put adds a project or replaces it. Call sort before the next search.
func (x *index) put(p project.Project, version time.Time) {
	x.remove(p.ID)
	slot := uint32(len(x.slots))
	e := &entry{Project: p, version: version, nameKey: access.NameKey(p.Name)}
	for _, f := range fieldsOf(p) {
		e.sequence = append(e.sequence, boundary|f.bit)
		for _, w := range words(f.text) {
			n := x.number(w.text)
			e.sequence = append(e.sequence, n)
			list := x.postings[n]
			if last := len(list) - 1; last >= 0 && list[last]>>fieldBits == slot {
				list[last] |= f.bit
			} else {
				x.postings[n] = append(list, slot<<fieldBits|f.bit)
			}
		}
	}
	e.sequence = slices.Clip(e.sequence)
	for i, list := range facetsOf(p) {
		for _, v := range list {
			e.values[i] = append(e.values[i], x.facets[i].number(v))
		}
	}
	x.slots = append(x.slots, e)
	x.byID[p.ID] = slot
}

// remove takes a project out, if it is there.
func (x *index) remove(id string) {
	if slot, there := x.byID[id]; there {
		x.slots[slot] = nil
		delete(x.byID, id)
	}
}

// get gives a project's entry, nil where it has none.
func (x *index) get(id string) *entry {
	if slot, there := x.byID[id]; there {
		return x.slots[slot]
	}
	return nil
}

// sort makes what was put in ready to be searched, and gives up the slots of
// what is gone when they are many.
func (x *index) sort() {
	if sorted := len(x.alphabet); sorted < len(x.texts)-1 {
		for n := sorted + 1; n < len(x.texts); n++ {
			x.alphabet = append(x.alphabet, uint32(n))
		}
		slices.SortFunc(x.alphabet, func(a, b uint32) int { return cmp.Compare(x.texts[a], x.texts[b]) })
	}
	if dead := len(x.slots) - x.len(); dead > 1024 && dead > x.len()/2 {
		x.compact()
	}
}

// compact numbers the slots anew, without those that are empty.
func (x *index) compact() {
	const gone = ^uint32(0)
	moved, kept := make([]uint32, len(x.slots)), make([]*entry, 0, x.len())
	for slot, e := range x.slots {
		if moved[slot] = gone; e != nil {
			moved[slot] = uint32(len(kept))
			x.byID[e.ID] = moved[slot]
			kept = append(kept, e)
		}
	}
	x.slots = kept
	for n, list := range x.postings {
		out := list[:0]
		for _, one := range list {
			if to := moved[one>>fieldBits]; to != gone {
				out = append(out, to<<fieldBits|one&(1<<fieldBits-1))
			}
		}
		x.postings[n] = slices.Clip(out)
	}
}

// number gives a word's number, a new one where it has none yet.
func (x *index) number(text string) uint32 {
	n, known := x.numbers[text]
	if !known {
		n = uint32(len(x.texts))
		x.numbers[text] = n
		x.texts = append(x.texts, text)
		x.letters = append(x.letters, lettersOf(text))
		x.postings = append(x.postings, nil)
		s := stem(text)
		x.stems[s] = append(x.stems[s], n)
	}
	return n
}

// beginning gives the words that begin with a text.
func (x *index) beginning(text string) []uint32 {
	from, _ := slices.BinarySearchFunc(x.alphabet, text, func(n uint32, text string) int { return cmp.Compare(x.texts[n], text) })
	to := from
	for to < len(x.alphabet) && len(x.texts[x.alphabet[to]]) >= len(text) && x.texts[x.alphabet[to]][:len(text)] == text {
		to++
	}
	return x.alphabet[from:to]
}

// field is one searched text of a project.
type field struct {
	// name is the field's in answers, "" for one that is not shown by itself.
	name string
	bit  uint32
	text string
}

// fieldsOf lists what is searched of a project.
func fieldsOf(p project.Project) []field {
	u := p.Purpose
	list := []field{
		{"name", inName, p.Name}, {"disease", inDisease, u.Disease},
		{"intendedStudy", inSummary, u.IntendedStudy}, {"scientificApproach", inSummary, u.ScientificApproach}, {"anticipatedFindings", inSummary, u.AnticipatedFindings},
		{"ownerName", inPeople, p.OwnerName}, {"institution", inPeople, p.Institution},
	}
	statement := project.Render(u)
	for _, choices := range [][]project.Choice{statement.Kinds, statement.Populations} {
		for _, c := range choices {
			list = append(list, field{"", inSummary, c.Label})
		}
	}
	return list
}

// The facets.
const (
	tierFacet = iota
	kindFacet
	populationFacet
	institutionFacet
	yearFacet
	facetCount
)

// facetsOf gives a project's values of each facet.
func facetsOf(p project.Project) [facetCount][]string {
	all := [facetCount][]string{
		tierFacet: {string(p.Tier)}, kindFacet: p.Purpose.Kinds, institutionFacet: {p.Institution}, yearFacet: {strconv.Itoa(p.CreatedAt.UTC().Year())},
	}
	if p.Purpose.FocusOnPopulations {
		all[populationFacet] = p.Purpose.Populations
	}
	if p.Institution == "" {
		all[institutionFacet] = nil
	}
	return all
}

// values number the values of one facet.
type values struct {
	numbers map[string]uint32
	texts   []string
}

func (v *values) number(text string) uint32 {
	n, known := v.numbers[text]
	if !known {
		n = uint32(len(v.texts))
		v.numbers[text] = n
		v.texts = append(v.texts, text)
	}
	return n
}
