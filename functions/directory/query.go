package directory

import (
	"math/bits"
	"slices"
	"strings"

	"researchhub.example/hub/shared/fault"
)

// maxGroups bounds the words and phrases of one search.
const maxGroups = 12

// group is one thing that a search asks for: a word, or words in a row.
type group struct {
	words []string
	// exact is true for what stood in quotation marks: these words, not others of
	// their kind.
	exact bool
}

// parse reads what somebody typed: words, of which "COVID-19" and the like are
// words in a row, and phrases in quotation marks. Words that are everywhere are
// left out unless there are no others.
func parse(text string) ([]group, error) {
	var all, telling []group
	add := func(g group) {
		all = append(all, g)
		if g.exact || len(g.words) > 1 || !stopWord(g.words[0]) {
			telling = append(telling, g)
		}
	}
	marks := strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)
	for i, part := range strings.Split(marks.Replace(text), `"`) {
		quoted := i%2 == 1
		var g group
		for _, w := range words(part) {
			if len(g.words) > 0 && !quoted && !w.glued {
				add(g)
				g = group{}
			}
			g.words, g.exact = append(g.words, w.text), quoted
		}
		if len(g.words) > 0 {
			add(g)
		}
	}
	if len(telling) == 0 {
		telling = all
	}
	if len(telling) > maxGroups {
		return nil, fault.InvalidFields(fault.Field{Path: "query.query", Message: "Search for at most 12 words and phrases at once."})
	}
	return telling, nil
}

// How well a word of a text answers a word of a search.
const (
	approximate = 1 // spelt nearly so
	prefix      = 2 // it begins so
	sameStem    = 3
	same        = 4
)

// sought is a group with the numbers of the words that answer each of its words,
// and how well each does.
type sought struct {
	group
	by []map[uint32]uint8
}

// tables gives by as tables by the words' numbers, 0 for no answer: going through
// every word of thousands of texts takes a quicker look-up than a map's.
func (s sought) tables(size int) [][]uint8 {
	all := make([][]uint8, len(s.by))
	for i, by := range s.by {
		all[i] = make([]uint8, size)
		for n, how := range by {
			all[i][n] = how
		}
	}
	return all
}

// correction is a word that no project has, and those that were searched instead.
type correction struct {
	Word string   `json:"word"`
	Used []string `json:"used" doc:"The words that were searched in its place."`
}

// seek finds the words that answer a search. A word that nothing answers is
// taken for a slip of the pen.
func (x *index) seek(groups []group) ([]sought, []correction) {
	var list []sought
	var corrected []correction
	for _, g := range groups {
		s := sought{group: g}
		for _, text := range g.words {
			by := map[uint32]uint8{}
			if !g.exact {
				if len(text) > 1 && text[0] > '9' {
					for _, n := range x.beginning(text) {
						by[n] = prefix
					}
				}
				for _, n := range x.stems[stem(text)] {
					by[n] = sameStem
				}
			}
			if n, known := x.numbers[text]; known {
				by[n] = same
			}
			if !g.exact && !x.any(by) {
				if near := x.near(text); len(near) > 0 {
					c := correction{Word: text}
					for _, n := range near {
						by[n] = approximate
						c.Used = append(c.Used, x.texts[n])
					}
					slices.Sort(c.Used)
					corrected = append(corrected, c)
				}
			}
			s.by = append(s.by, by)
		}
		list = append(list, s)
	}
	return list, corrected
}

// any reports whether a project has one of the words.
func (x *index) any(by map[uint32]uint8) bool {
	for n := range by {
		if x.used(n) {
			return true
		}
	}
	return false
}

// used reports whether a project of now has a word.
func (x *index) used(n uint32) bool {
	return slices.ContainsFunc(x.postings[n], func(one uint32) bool { return x.slots[one>>fieldBits] != nil })
}

// maxNear bounds the words that are tried in the place of one.
const maxNear = 5

// near gives the words that differ from one by a letter left out, put in,
// written wrong or swapped with the next: one such in words of four letters or
// more, two in words of eight. The nearest come alone.
func (x *index) near(text string) []uint32 {
	runes := []rune(text)
	allowed := 0
	switch {
	case len(runes) >= 8:
		allowed = 2
	case len(runes) >= 4:
		allowed = 1
	}
	var found []uint32
	mask := lettersOf(text)
	for distance := 1; distance <= allowed && len(found) == 0; distance++ {
		for _, n := range x.alphabet {
			other := x.texts[n]
			// One change takes at most one letter away and brings another; a letter is
			// at most four bytes.
			if bits.OnesCount32(mask^x.letters[n]) > 2*distance || len(other)-len(text) > distance*4 || len(text)-len(other) > distance*4 || other[0] <= '9' {
				continue
			}
			if apart(runes, []rune(other), distance) && x.used(n) {
				if found = append(found, n); len(found) == maxNear {
					break
				}
			}
		}
	}
	return found
}

// lettersOf gives which letters a word has, as bits; letters beyond z share one.
func lettersOf(text string) uint32 {
	var mask uint32
	for i := range len(text) {
		if c := text[i]; 'a' <= c && c <= 'z' {
			mask |= 1 << (c - 'a')
		} else {
			mask |= 1 << 31
		}
	}
	return mask
}

// apart reports whether two words are at most that far apart, by the optimal
// string alignment distance.
func apart(a, b []rune, most int) bool {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return false
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		least := row[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > most {
			return false
		}
		before, last, row = last, row, before
	}
	return last[len(b)] <= most
}
