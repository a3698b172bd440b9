package cohort

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/disclosure"
)

func texts(counts []disclosure.Count) []string {
	var list []string
	for _, c := range counts {
		list = append(list, c.Text)
	}
	return list
}

func TestFunnel(t *testing.T) {
	for name, c := range map[string]struct {
		counts []int64
		want   []string
	}{
		"steps of more than 20": {[]int64{100, 70, 40}, []string{"100", "70", "40"}},
		"nobody lost":           {[]int64{100, 100, 40}, []string{"100", "100", "40"}},
		"a few lost":            {[]int64{100, 95, 40}, []string{"100", "95", "40"}[:0:0]},
		"a few left":            {[]int64{100, 60, 5}, []string{"100", "60", "≤ 20"}},
		"none left":             {[]int64{100, 0}, []string{"100", "0"}},
		"small steps":           {[]int64{130, 120, 110, 100}, []string{"130", "not shown", "not shown", "100"}},
	} {
		if name == "a few lost" {
			c.want = []string{"not shown", "95", "40"}
		}
		if diff := cmp.Diff(c.want, texts(funnel(disclosure.DefaultPolicy(), c.counts))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPartition(t *testing.T) {
	for name, c := range map[string]struct {
		whole int64
		cells []int64
		want  []string
	}{
		"none small":              {100, []int64{60, 40}, []string{"60", "40"}},
		"one small":               {130, []int64{60, 40, 25, 5}, []string{"60", "40", "not shown", "not shown"}},
		"two small, few together": {136, []int64{60, 40, 25, 5, 6}, []string{"60", "40", "not shown", "not shown", "not shown"}},
		"two small, many":         {136, []int64{60, 40, 18, 18}, []string{"60", "40", "not shown", "not shown"}},
		"a small whole":           {9, []int64{9, 0}, []string{"not shown", "not shown"}},
		"one cell":                {30, []int64{30}, []string{"30"}},
		"one small and one large": {35, []int64{30, 5}, []string{"not shown", "not shown"}},
	} {
		if diff := cmp.Diff(c.want, texts(partition(disclosure.DefaultPolicy(), c.whole, c.cells))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNothingSmallFollows draws counts at random and does what a reader would:
// take differences of what is shown.
func TestNothingSmallFollows(t *testing.T) {
	p := disclosure.DefaultPolicy()
	small := func(n int64) bool { return n > 0 && n <= p.SmallMax }
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		cells := make([]int64, 1+r.IntN(8))
		whole := int64(0)
		for i := range cells {
			cells[i] = r.Int64N([]int64{3, 30, 200}[r.IntN(3)])
			whole += cells[i]
		}
		shown := partition(p, whole, cells)
		rest, hidden := whole, 0
		for i, c := range shown {
			if c.Hidden {
				hidden++
				continue
			}
			if small(c.Value) || c.Value != cells[i] {
				t.Fatalf("%v shows %v", cells, texts(shown))
			}
			rest -= c.Value
		}
		if !p.Show(whole).Hidden && (small(rest) || hidden == 1) {
			t.Fatalf("%v shows %v: %d persons are left in %d cells", cells, texts(shown), rest, hidden)
		}
		counts := make([]int64, 1+r.IntN(8))
		left := int64(r.IntN(400))
		for i := range counts {
			counts[i] = left
			left -= r.Int64N(min(left, []int64{5, 25, 200}[r.IntN(3)]) + 1)
		}
		steps := funnel(p, counts)
		for i, a := range steps {
			for j, b := range steps[:i] {
				if !a.Hidden && !b.Hidden && (small(b.Value-a.Value) || b.Value != counts[j]) {
					t.Fatalf("%v shows %v", counts, texts(steps))
				}
			}
		}
	}
}

// TestStepsShowNothingSmallBeside: what a rule is met by lies between the step and
// the qualified persons, and tells of the difference to both.
func TestStepsShowNothingSmallBeside(t *testing.T) {
	const stage, met, gained = 100, 140, 30
	for name, c := range map[string]struct {
		persons, met, gained int64
		want                 string // persons, events, met, gained
	}{
		"far from both":          {stage, met, gained, "100 100 140 30"},
		"few more than the step": {stage, stage + 20, gained, "100 100 not shown 30"},
		"21 more":                {stage, stage + 21, gained, "100 100 121 30"},
		"few fewer than before":  {stage, 181, gained, "100 100 not shown 30"},
		"all of those before":    {stage, 200, gained, "100 100 200 30"},
		"the step itself":        {stage, stage, gained, "100 100 100 30"},
		"few gained":             {stage, met, 5, "100 100 140 ≤ 20"},
		"a step that is hidden":  {190, 195, gained, "not shown not shown not shown 30"},
	} {
		rows := []attritionRow{{Stage: "primary", Events: 300, Persons: 300}, {Stage: "qualified", Events: 200, Persons: 200},
			{Stage: "rule", Events: c.persons, Persons: c.persons, MetPersons: c.met, GainedPersons: c.gained}}
		if c.persons == 190 {
			rows = append(rows, attritionRow{Stage: "cohort", Events: 185, Persons: 185})
		}
		v := steps(disclosure.DefaultPolicy(), rows, []string{"a rule"})[2]
		got := v.Persons.Text + " " + v.Events.Text + " " + v.MetPersons.Text + " " + v.GainedPersons.Text
		if got != c.want || v.Name != "a rule" {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestConceptsBesideTheWhole: persons without a concept are counted by the
// difference to the whole.
func TestConceptsBesideTheWhole(t *testing.T) {
	r := room{deps: deps{policy: disclosure.DefaultPolicy()}}
	for _, c := range []struct {
		whole, concept int64
		want           string
	}{{100, 60, "60"}, {100, 100, "100"}, {100, 80, "not shown"}, {100, 79, "79"}, {100, 5, "≤ 20"}, {15, 15, "not shown"}} {
		out := &chartsOut{}
		r.charts(out, []chartRow{{Chart: circe.ChartPersons, Persons: c.whole}, {Chart: circe.ChartConcepts, Band: "Drug", Concept: 1, Persons: c.concept}})
		if got := out.Body.Concepts[0].Persons.Text; got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.concept, c.whole, got, c.want)
		}
	}
}
