package cohort

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/disclosure"
)

func TestReleasedParts(t *testing.T) {
	for name, c := range map[string]struct {
		op     string
		counts []int64
		want   []string
	}{
		"a union":                                     {circe.Union, []int64{60, 50, 85}, []string{"60", "50", "85"}},
		"few in the second alone":                     {circe.Union, []int64{60, 50, 75}, []string{"not shown", "50", "75"}},
		"few in both":                                 {circe.Union, []int64{60, 50, 100}, []string{"60", "not shown", "100"}},
		"nobody in both":                              {circe.Union, []int64{60, 50, 110}, []string{"60", "50", "110"}},
		"a small part":                                {circe.Union, []int64{60, 5, 60}, []string{"60", "≤ 20", "60"}},
		"a small part that adds":                      {circe.Union, []int64{60, 5, 65}, []string{"not shown", "≤ 20", "65"}},
		"an intersection":                             {circe.Intersection, []int64{90, 60, 30}, []string{"90", "60", "30"}},
		"few lost":                                    {circe.Intersection, []int64{90, 35, 30}, []string{"90", "not shown", "30"}},
		"few left":                                    {circe.Intersection, []int64{90, 60, 5}, []string{"90", "60", "≤ 20"}},
		"nobody left":                                 {circe.Intersection, []int64{90, 60, 0}, []string{"90", "60", "0"}},
		"a difference":                                {circe.Difference, []int64{90, 60, 55}, []string{"90", "60", "55"}},
		"few taken out":                               {circe.Difference, []int64{90, 60, 80}, []string{"not shown", "60", "80"}},
		"what is small cannot be that small":          {circe.Difference, []int64{40, 30, 10}, []string{"40", "not shown", "≤ 20"}},
		"what is small can be anything":               {circe.Difference, []int64{40, 45, 10}, []string{"40", "45", "≤ 20"}},
		"two small ones make up for much":             {circe.Union, []int64{60, 15, 18, 75, 93}, []string{"not shown", "≤ 20", "≤ 20", "not shown", "93"}},
		"two small ones make up for little":           {circe.Union, []int64{70, 15, 18, 80, 91}, []string{"70", "≤ 20", "≤ 20", "not shown", "91"}},
		"few not taken out":                           {circe.Difference, []int64{90, 45, 50}, []string{"90", "not shown", "50"}},
		"a step between, few in one of two":           {circe.Union, []int64{100, 100, 100, 190, 300 - 15}, []string{"100", "100", "not shown", "not shown", "285"}},
		"a step between, told with a part left out":   {circe.Difference, []int64{100, 30, 30, 70, 40}, []string{"100", "30", "30", "70", "40"}},
		"a step between, few more than the next step": {circe.Intersection, []int64{100, 100, 100, 55, 40}, []string{"100", "100", "100", "not shown", "40"}},
	} {
		got := texts(released(disclosure.DefaultPolicy(), c.op, c.counts, func(int) bool { return true }))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPartsOfTheSameDefinitions: 65 are in one or the other cohort and 60 in the one,
// so 5 are in the other alone; the second number is not shown.
func TestPartsOfTheSameDefinitions(t *testing.T) {
	one := func(d int) circe.Node { return circe.Node{Definition: d} }
	both := circe.Node{Op: circe.Union, Of: []circe.Node{one(1), one(2)}}
	for name, c := range map[string]struct {
		parts []circe.Node
		want  []string
	}{
		"one in the other":          {[]circe.Node{one(0), both, one(1)}, []string{"200", "65", "not shown"}},
		"the other way round":       {[]circe.Node{one(0), one(1), both}, []string{"200", "65", "not shown"}},
		"nothing in common":         {[]circe.Node{one(0), both, one(3)}, []string{"200", "65", "60"}},
		"definitions of their own":  {[]circe.Node{one(0), one(1), one(3)}, []string{"200", "65", "60"}},
		"the first in the last":     {[]circe.Node{one(2), one(3), both}, []string{"200", "65", "not shown"}},
		"the same definition twice": {[]circe.Node{one(0), one(1), one(1)}, []string{"200", "65", "60"}},
	} {
		persons := []int64{200, 65, 60, 150, 110}
		counts := partCounts{}
		for _, n := range persons {
			counts = append(counts, n, n)
		}
		v := combinedOf(disclosure.DefaultPolicy(), circe.Node{Op: circe.Difference, Of: c.parts}, counts)
		var got, events []string
		for _, p := range v.Parts {
			got, events = append(got, p.Persons.Text), append(events, p.Events.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.want, events); diff != "" {
			t.Errorf("%s, events (-want +got):\n%s", name, diff)
		}
	}
}

// atom is a kind of person: in which parts and steps they are, by place.
type atom []int

// atoms are all kinds that there can be, by what the operations mean and not by
// follow: days decide, so a person may be in every part of an intersection and not
// in it, and stay in a difference though a part has them too.
func atoms(op string, n int) []atom {
	var list []atom
	for parts := 1; parts < 1<<n; parts++ {
		for steps := range 1 << (n - 1) {
			a := make(atom, 2*n-1)
			for i := range n {
				a[i] = parts >> i & 1
			}
			ok, before := true, a[0]
			for k := 1; k < n; k++ {
				now := steps >> (k - 1) & 1
				a[n-1+k] = now
				switch op {
				case circe.Union:
					ok = ok && now == max(before, a[k])
				case circe.Intersection:
					ok = ok && now <= min(before, a[k])
				default:
					ok = ok && now <= before && (a[k] == 1 || now == before)
				}
				before = now
			}
			if ok {
				list = append(list, a)
			}
		}
	}
	return list
}

// TestNothingSmallFollowsFromParts: of random persons, what is shown is added up
// and taken away from each other in every way that could count persons; none of
// them gives 1 to 20.
func TestNothingSmallFollowsFromParts(t *testing.T) {
	policy, rng := disclosure.DefaultPolicy(), rand.New(rand.NewPCG(7, 11))
	hidden, shownAll := 0, 0
	for _, op := range []string{circe.Union, circe.Intersection, circe.Difference} {
		for n := 2; n <= 4; n++ {
			kinds := atoms(op, n)
			for range 300 {
				people, counts := make([]int64, len(kinds)), make([]int64, 2*n-1)
				for k, a := range kinds {
					people[k] = []int64{0, 0, rng.Int64N(21), 21 + rng.Int64N(9), 100 + rng.Int64N(100)}[rng.IntN(5)]
					for i, in := range a {
						counts[i] += int64(in) * people[k]
					}
				}
				shown := released(policy, op, counts, func(int) bool { return true })
				var told []int
				for i, c := range shown {
					if !c.Hidden {
						told = append(told, i)
					}
				}
				hidden += len(shown) - len(told)
				if len(told) == len(shown) {
					shownAll++
				}
				if says := leak(policy, kinds, people, counts, told); says != "" {
					t.Fatalf("%s of %v shows %v: %s", op, counts, texts(shown), says)
				}
			}
		}
	}
	if hidden == 0 || shownAll == 0 {
		t.Errorf("%d hidden, %d times all is shown: nothing was tried", hidden, shownAll)
	}
}

// leak finds a sum of told counts, some taken away, that counts 1 to 20 persons.
func leak(p disclosure.Policy, kinds []atom, people, counts []int64, told []int) string {
	ways := 1
	for range told {
		ways *= 3
	}
	for way := range ways {
		total, signs := int64(0), make([]int, len(told))
		for i, rest := 0, way; i < len(told); i, rest = i+1, rest/3 {
			signs[i] = rest%3 - 1
			total += int64(signs[i]) * counts[told[i]]
		}
		if total < 1 || total > p.SmallMax {
			continue
		}
		counted := true
		for _, a := range kinds {
			weight := 0
			for i, at := range told {
				weight += signs[i] * a[at]
			}
			counted = counted && weight >= 0
		}
		if counted {
			return fmt.Sprintf("%d persons follow by %v of %v", total, signs, told)
		}
	}
	return ""
}
