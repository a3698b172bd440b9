package directory

import "math/bits"

// weight is what a match counts by the field that has it: a word of the name more
// than any of the disease, and that more than any of the texts. How well the word
// matches decides between equals only.
func weight(fields uint32, how uint8) uint16 {
	var w uint16
	switch {
	case fields&inName != 0:
		w = 100
	case fields&inDisease != 0:
		w = 40
	case fields&inSummary != 0:
		w = 15
	default:
		w = 10
	}
	return w + uint16(how)
}

// score gives, by slot, what each project has of one group; 0 is nothing. A
// project's score depends on the search and on the project alone, so that a
// change elsewhere moves no project on the pages that somebody turns.
func (x *index) score(s sought) []uint16 {
	first := x.scoreWord(s.by[0])
	if len(s.by) == 1 {
		return first
	}
	for _, by := range s.by[1:] {
		other := x.scoreWord(by)
		for slot := range first {
			if other[slot] == 0 {
				first[slot] = 0
			}
		}
	}
	tables := s.tables(len(x.texts))
	for slot := range first {
		if first[slot] != 0 {
			first[slot] = phrase(x.slots[slot], tables)
		}
	}
	return first
}

func (x *index) scoreWord(by map[uint32]uint8) []uint16 {
	scores := make([]uint16, len(x.slots))
	for n, how := range by {
		for _, one := range x.postings[n] {
			slot := one >> fieldBits
			if w := weight(one&(1<<fieldBits-1), how); w > scores[slot] {
				scores[slot] = w
			}
		}
	}
	return scores
}

// phrase gives the weight of the best field in which the words of a group stand
// in a row, counted for each of them; 0 where none has them so.
func phrase(e *entry, tables [][]uint8) uint16 {
	if e == nil {
		return 0
	}
	var best uint16
	field := uint32(0)
	for at, n := range e.sequence {
		if n&boundary != 0 {
			field = n &^ boundary
			continue
		}
		worst := tables[0][n]
		if worst == 0 || at+len(tables) > len(e.sequence) {
			continue
		}
		for i := 1; i < len(tables) && worst > 0; i++ {
			next := e.sequence[at+i]
			if next&boundary != 0 {
				worst = 0
				break
			}
			worst = min(worst, tables[i][next])
		}
		if worst > 0 {
			best = max(best, weight(field, worst)*uint16(len(tables)))
		}
	}
	return best
}

// matched is what a search's text comes to, by slot.
type matched struct {
	scores []uint32
	// need is how many groups a project must have: all, or, where no project has
	// them all, as many as any has.
	need int
}

// match scores every project. Without groups every project matches.
func (x *index) match(list []sought) matched {
	m := matched{scores: make([]uint32, len(x.slots))}
	if len(list) == 0 {
		return m
	}
	have := make([]uint16, len(x.slots)) // which groups, as bits
	for i, s := range list {
		for slot, score := range x.score(s) {
			if score != 0 && x.slots[slot] != nil {
				m.scores[slot] += uint32(score)
				have[slot] |= 1 << i
				m.need = max(m.need, bits.OnesCount16(have[slot]))
			}
		}
	}
	for slot := range have {
		if bits.OnesCount16(have[slot]) < m.need {
			m.scores[slot] = 0
		}
	}
	return m
}
