package cohort

import (
	"cmp"
	"slices"

	"researchhub.example/hub/shared/disclosure"
)

// This file keeps counts from 1 to 20 out of what is shown together: none is
// shown, and none follows from the others that are shown beside it.

var notShown = disclosure.Count{Hidden: true, Text: "not shown"}

// apart reports whether the difference of two counts of persons, one part of the
// other, may be told.
func apart(p disclosure.Policy, more, fewer int64) bool {
	d := more - fewer
	return d == 0 || d > p.SmallMax || d < -p.SmallMax
}

// funnel shows a row of counts that never grow, each a part of the one before.
// The last is shown as it is shown alone; going back, a count is shown where its
// difference to the next one shown is 0 or more than 20, and "not shown"
// otherwise, because that difference counts persons as well.
func funnel(p disclosure.Policy, counts []int64) []disclosure.Count {
	out := make([]disclosure.Count, len(counts))
	last := int64(-1)
	for i, n := range slices.Backward(counts) {
		switch c := p.Show(n); {
		case c.Hidden:
			out[i] = c
		case last < 0 || apart(p, n, last):
			out[i], last = c, n
		default:
			out[i] = notShown
		}
	}
	return out
}

// beside shows a count of persons next to others of which it is a part, or which
// are a part of it: only where all the differences may be told.
func beside(p disclosure.Policy, n int64, others ...int64) disclosure.Count {
	c := p.Show(n)
	for _, o := range others {
		if !c.Hidden && !apart(p, n, o) {
			return notShown
		}
	}
	return c
}

// partition shows the cells of a whole that is shown too. Cells from 1 to 20 are
// hidden, and with them the smallest others, until at least two are hidden and
// the hidden ones are more than 20 persons together: what is left of the whole
// counts persons as well, and must not be one cell. Hidden cells look alike, so
// that nobody knows which were small. Where the whole is hidden, so is all.
func partition(p disclosure.Policy, whole int64, cells []int64) []disclosure.Count {
	out := make([]disclosure.Count, len(cells))
	hide := make([]bool, len(cells))
	hidden, rest := 0, int64(0)
	set := func(i int) {
		hide[i] = true
		hidden++
		rest += cells[i]
	}
	order := make([]int, len(cells))
	for i, n := range cells {
		order[i] = i
		if p.Show(n).Hidden || p.Show(whole).Hidden {
			set(i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cells[a], cells[b]) })
	for _, i := range order {
		if hidden > 0 && (hidden < 2 || rest <= p.SmallMax) && !hide[i] && cells[i] > 0 {
			set(i)
		}
	}
	for i, n := range cells {
		out[i] = p.Show(n)
		if hide[i] {
			out[i] = notShown
		}
	}
	return out
}
