package cohort

import (
	"context"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/statement"
)

// This file shows how a cohort that is made of others comes about: its parts, and
// what the operation leaves after each.

type combinedView struct {
	Op    string         `json:"op" enum:"union,intersection,difference"`
	Parts []combinedPart `json:"parts" doc:"In the order of the combination."`
}

type combinedPart struct {
	Cohort  string           `json:"cohort,omitempty" doc:"The stored cohort that it is; absent for an operation inside the combination."`
	Version int              `json:"version,omitempty"`
	Op      string           `json:"op,omitempty" doc:"The operation that it is; absent for a definition."`
	Persons disclosure.Count `json:"persons" doc:"Persons in this part alone. Not shown of a part that is made of a definition that an earlier part is made of too."`
	Events  disclosure.Count `json:"events" doc:"Its periods; those that adjoin count as one."`
	// After the first part these are its own.
	PersonsSoFar disclosure.Count `json:"personsSoFar" doc:"Persons in what the operation gives of the parts up to this one; of all, in the last."`
	EventsSoFar  disclosure.Count `json:"eventsSoFar" doc:"Its periods."`
}

// partCounts are the columns of circe's PartCounts: persons and events of each
// part, then of what the operation gives after each but the first.
type partCounts []int64

// combination answers for a cohort that is made of others what attrition answers
// for one of rules.
func (r room) combination(ctx context.Context, c counting) (*attritionOut, error) {
	tree := c.whole.Tree()
	n := len(tree.Of)
	// The hash that a kept answer goes by knows no order of parts, and this answer has one.
	q := question{name: "attrition of " + c.whole.Written(), most: 1, statement: func(o circe.Options) (statement.Statement, error) { return c.whole.PartCounts(o) }}
	rows, kept, spent, err := answered(ctx, r, c, q, func(v []bigquery.Value) (partCounts, error) {
		row := make(partCounts, len(v))
		for i := range v {
			number, ok := v[i].(int64)
			if !ok {
				return nil, fault.New(fault.Internal, "a count that is no number")
			}
			row[i] = number
		}
		return row, nil
	})
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 || len(rows[0]) != 2*(2*n-1) {
		return nil, fault.New(fault.Internal, "counts of %d parts that are none", n)
	}
	out := &attritionOut{}
	out.Body.PaidOut, out.Body.Steps, out.Body.Combination = c.paid(kept, spent), []stepView{}, combinedOf(r.policy, tree, rows[0])
	return out, nil
}

// combinedOf shows the counts under the disclosure rules: see released.
func combinedOf(p disclosure.Policy, tree circe.Node, counts partCounts) *combinedView {
	persons, events := make([]int64, len(counts)/2), make([]int64, len(counts)/2)
	for i := range persons {
		persons[i], events[i] = counts[2*i], counts[2*i+1]
	}
	// What follows from parts that are made of the same definitions, follow does not
	// know: of such parts the first is shown.
	shown := released(p, tree.Op, persons, func(i int) bool { return i >= len(tree.Of) || !related(tree.Of[:i], tree.Of[i]) })
	shownEvents := released(p, tree.Op, events, func(i int) bool { return !shown[i].Hidden && apart(p, events[i], persons[i]) })
	for i := range shownEvents {
		if shown[i].Hidden {
			shownEvents[i] = notShown // how few they are is said by the persons alone
		}
	}
	v := &combinedView{Op: tree.Op}
	n := len(tree.Of)
	for i, part := range tree.Of {
		one := combinedPart{Cohort: part.Cohort, Version: part.Version, Op: part.Op, Persons: shown[i], Events: shownEvents[i]}
		at := i
		if i > 0 {
			at = n - 1 + i
		}
		one.PersonsSoFar, one.EventsSoFar = shown[at], shownEvents[at]
		v.Parts = append(v.Parts, one)
	}
	return v
}

// related reports whether a part is made of a definition that one of others is made
// of as well, and is not that definition again.
func related(others []circe.Node, part circe.Node) bool {
	mine := map[int]bool{}
	definitionsOf(part, mine)
	for _, o := range others {
		if o.Op == "" && part.Op == "" {
			continue // the same persons, or others
		}
		its := map[int]bool{}
		definitionsOf(o, its)
		for d := range its {
			if mine[d] {
				return true
			}
		}
	}
	return false
}

// definitionsOf adds the definitions that a part comes down to.
func definitionsOf(n circe.Node, to map[int]bool) {
	if n.Op == "" {
		to[n.Definition] = true
	}
	for _, o := range n.Of {
		definitionsOf(o, to)
	}
}

// released shows the counts of an operation's parts and of what it gives after
// each part but the first, so that no count from 1 to 20 follows from those that
// are shown. The whole is shown as it is shown alone; then come the parts, then
// the steps between from the last to the first, each unless a number of persons
// from 1 to 20 would follow from it and what is shown already, or a small count
// could then be only some of 1 to 20: see follow.
func released(p disclosure.Policy, op string, counts []int64, may func(int) bool) []disclosure.Count {
	n := (len(counts) + 1) / 2
	out := make([]disclosure.Count, len(counts))
	told := make([]bool, len(counts))
	order := []int{len(counts) - 1}
	for i := range n {
		order = append(order, i)
	}
	for i := len(counts) - 2; i >= n; i-- {
		order = append(order, i)
	}
	follows := follow(op, n)
	for _, i := range order {
		if out[i] = p.Show(counts[i]); out[i].Hidden {
			continue
		}
		told[i] = may(i)
		for _, f := range follows {
			if !told[i] {
				break
			}
			told[i] = f.apart(p, counts, told)
		}
		if !told[i] {
			out[i] = notShown
		}
	}
	return out
}

// difference is a sum of counts, some taken away, that counts persons itself.
type difference struct {
	plus, minus []int
	// covers: whoever minus counts, one of plus counts too. So where those of plus
	// that are not told are small, minus says how small they cannot be.
	covers bool
}

// apart reports whether the difference may be told, or does not follow from what
// is told.
func (d difference) apart(p disclosure.Policy, counts []int64, told []bool) bool {
	more, fewer, small := int64(0), int64(0), int64(0)
	for _, i := range d.minus {
		if !told[i] {
			return true
		}
		fewer += counts[i]
	}
	for _, i := range d.plus {
		switch {
		case told[i]:
			more += counts[i]
		case p.Show(counts[i]).Hidden:
			small++
		default:
			return true // it may be anything
		}
	}
	if small == 0 {
		return apart(p, more, fewer)
	}
	// The small ones make up for what is missing; each is left its whole width, from 1
	// to SmallMax, where the others can make up for all of it but 1.
	return !d.covers || fewer-more <= (small-1)*p.SmallMax+1
}

// follow gives the numbers of persons that follow from those of n parts (0 to n-1)
// and of the steps (n to 2n-2, the k-th after part k; step 0 is part 0):
//
//   - whoever one of two has and the other, which lies in it, does not: two steps;
//     a step and a part of a union; a part and a step of an intersection, and of a
//     difference the first part and a step;
//   - from step j to step k of a union, how often persons of a part were there
//     before: step j and the parts after it to k, without step k, whom they cover.
//     One such sum is made of others; where a step between is not shown it alone
//     follows;
//   - the same of a difference: how often a part did not take its person out.
func follow(op string, n int) []difference {
	step := func(k int) int {
		if k == 0 {
			return 0
		}
		return n - 1 + k
	}
	var list []difference
	for k := 1; k < n; k++ {
		for j := range k {
			list = append(list, difference{plus: []int{step(j)}, minus: []int{step(k)}})
			sum := difference{plus: []int{step(j)}, minus: []int{step(k)}, covers: true}
			if op == circe.Difference {
				sum = difference{plus: []int{step(k)}, minus: []int{step(j)}, covers: true}
			}
			for i := j + 1; i <= k; i++ {
				sum.plus = append(sum.plus, i)
			}
			if op != circe.Intersection {
				list = append(list, sum)
			}
		}
		for i := range k + 1 {
			if i == 0 || op != circe.Difference {
				list = append(list, difference{plus: []int{i}, minus: []int{step(k)}})
			}
		}
	}
	return list
}
