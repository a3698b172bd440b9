package cohort

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// combined keeps a cohort that is made of others.
func (h *house) combined(op string, of ...string) string {
	h.t.Helper()
	for i, o := range of {
		if !strings.HasPrefix(o, "{") {
			of[i] = fmt.Sprintf(`{"cohort":%q,"version":1}`, o)
		}
	}
	var made struct{ ID string }
	h.want(201, "POST", base+"/cohorts/combine", "writer", fmt.Sprintf(`{"name":"c","combination":{"op":%q,"of":[%s]}}`, op, strings.Join(of, ",")), &made)
	return made.ID
}

// TestHowACombinationComesAbout counts parts by hand. A cohort of a drug lasts as
// long as the observation, so what one holds beside another is persons, not days.
func TestHowACombinationComesAbout(t *testing.T) {
	h := newHouse(t)
	soon, late, insulin := h.cohort(withDrug(tinycdr.Metformin, 30)), h.cohort(withDrug(tinycdr.Metformin, 90)), h.cohort(withDrug(tinycdr.Insulin, 90))
	everybody := h.cohort(expression(`{"ConditionOccurrence":{"CodesetId":0}}`, ""))
	inner := h.combined("difference", late, insulin) // persons 6 to 40
	nobody := `{"op":"difference","of":[` + fmt.Sprintf(`{"cohort":%q,"version":1},{"cohort":%q,"version":1}]}`, soon, soon)
	type answer struct {
		Kept        bool
		Steps       []stepView
		Combination combinedView
	}
	for name, c := range map[string]struct {
		cohort string
		// want is, part by part, the cohort or op, persons and events, and persons so far.
		want []string
	}{
		"few taken out": {inner, []string{late + " not shown/not shown → not shown", insulin + " ≤ 20/not shown → 35"}},
		"many":          {h.combined("difference", everybody, soon), []string{everybody + " 50/50 → 50", soon + " not shown/not shown → ≤ 20"}},
		"intersection":  {h.combined("intersection", everybody, soon), []string{everybody + " not shown/not shown → not shown", soon + " 30/30 → 30"}},
		"of a combined": {h.combined("union", inner, nobody), []string{inner + " 35/35 → 35", "difference 0/0 → 35"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got answer
			text := h.want(200, "POST", base+"/cohorts/"+c.cohort+"/attrition", "owner", nil, &got)
			var lines []string
			for _, p := range got.Combination.Parts {
				name := p.Cohort
				if name == "" {
					name = p.Op
				}
				lines = append(lines, fmt.Sprintf("%s %s/%s → %s", name, p.Persons.Text, p.Events.Text, p.PersonsSoFar.Text))
			}
			if diff := cmp.Diff(c.want, lines); diff != "" || len(got.Steps) > 0 {
				t.Errorf("(-want +got):\n%s\n%s", diff, text)
			}
		})
	}
	// The same meaning in another order is another answer: its parts stand elsewhere.
	one, two := h.combined("union", everybody, late), h.combined("union", late, everybody)
	var first, second answer
	h.want(200, "POST", base+"/cohorts/"+one+"/attrition", "owner", nil, &first)
	h.want(200, "POST", base+"/cohorts/"+two+"/attrition", "owner", nil, &second)
	if a, b := first.Combination.Parts, second.Combination.Parts; second.Kept || a[0].Persons != b[1].Persons || a[1].Persons != b[0].Persons || a[0].Persons == b[0].Persons {
		t.Errorf("in one order %+v, in the other %+v", a, b)
	}
	h.want(200, "POST", base+"/cohorts/"+one+"/attrition", "owner", nil, &first)
	if !first.Kept {
		t.Error("the same again is asked for again")
	}
	h.want(403, "POST", base+"/cohorts/"+one+"/attrition", "reader", nil, nil)
}

// TestExplainCombinations: for person 5, who has both drugs, 35, who has one of
// them late, and 60, who has nothing.
func TestExplainCombinations(t *testing.T) {
	h := newHouse(t)
	offset := func(drug, days int) string {
		return h.cohort(expression(fmt.Sprintf(`{"DrugExposure":{"CodesetId":%d}}`, drug), fmt.Sprintf(`,"EndStrategy":{"DateOffset":{"Offset":%d}}`, days)))
	}
	metformin, insulin := offset(1, 30), offset(2, 5) // 5: 02-11 to 03-13, and 03-01 to 03-06; 35: 04-02 to 05-02
	cohort := h.combined("difference", metformin, insulin)
	outer := h.combined("union", fmt.Sprintf(`{"op":"intersection","of":[{"cohort":%q,"version":1},{"cohort":%q,"version":1}]}`, cohort, metformin), insulin)
	var show func(d decisionView) string
	show = func(d decisionView) string {
		text := d.Op
		if d.Cohort != "" {
			text += map[string]string{metformin: "metformin", insulin: "insulin", cohort: ":without"}[d.Cohort]
		}
		for _, p := range d.Periods {
			text += " " + p.Start[5:] + "–" + p.End[5:]
		}
		for _, o := range d.Of {
			text += " (" + show(o) + ")"
		}
		if d.In != (len(d.Periods) > 0) || (d.Op == "") != (d.Definition != nil) {
			t.Errorf("%+v", d)
		}
		return text
	}
	for _, c := range []struct {
		cohort string
		person int
		in     bool
		want   string
		events []int
	}{
		{cohort, 5, true, "difference 02-11–02-28 03-07–03-13 (metformin 02-11–03-13) (insulin 03-01–03-06)", []int{1, 1}},
		{cohort, 35, true, "difference 04-02–05-02 (metformin 04-02–05-02) (insulin)", []int{1, 0}},
		{cohort, 60, false, "difference (metformin) (insulin)", []int{0, 0}},
		{outer, 5, true, "union 02-11–03-13 (intersection 02-11–02-28 03-07–03-13 (difference:without 02-11–02-28 03-07–03-13 (metformin 02-11–03-13) (insulin 03-01–03-06)) (metformin 02-11–03-13)) (insulin 03-01–03-06)", []int{1, 1}},
	} {
		var got struct {
			In          bool
			Periods     []periodView
			Events      []eventView
			Combination decisionView
			Definitions []definitionView
		}
		text := h.want(200, "POST", base+"/cohorts/"+c.cohort+"/explain", "writer", fmt.Sprintf(`{"participant":%d}`, c.person), &got)
		var events []int
		for _, d := range got.Definitions {
			events = append(events, len(d.Events))
			for _, e := range d.Events {
				if !e.Starts || len(e.Checks) == 0 || len(e.Ends) == 0 {
					t.Errorf("person %d: %+v", c.person, e)
				}
			}
		}
		if shown := show(got.Combination); shown != c.want || got.In != c.in || !slices.Equal(events, c.events) || len(got.Events) > 0 || !cmp.Equal(got.Periods, got.Combination.Periods) {
			t.Errorf("person %d: %s, in %v, events %v\nwant %s\n%s", c.person, shown, got.In, events, c.want, text)
		}
	}
	h.want(403, "POST", base+"/cohorts/"+cohort+"/explain", "reader", `{"participant":5}`, nil)
}

// TestPartsOfRandomCohorts compares the parts of random combinations, all together
// and person by person, with sets of days.
func TestPartsOfRandomCohorts(t *testing.T) {
	h := newHouse(t)
	a := &algebra{Rand: rand.New(rand.NewPCG(*algebraSeed, 3)), first: time.Date(2020, 2, 20, 0, 0, 0, 0, time.UTC)}
	a.load(t, h, "parts")
	for round := range max(4, *algebraRounds/4) {
		raw, days := a.combination(1 + a.IntN(3))
		c, err := circe.ParseCombination([]byte(raw))
		var w *circe.Whole
		if err == nil {
			w, err = circe.Expand(t.Context(), c, a.find)
		}
		if fault.Is(err, fault.Invalid) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		a.stored, a.made = append(a.stored, raw), append(a.made, days)
		a.compareParts(t, h, w, fmt.Sprintf("round %d of seed %d: %s", round, *algebraSeed, raw))
		if t.Failed() {
			return
		}
	}
}

// daysOf gives a part's days, by its name where it has one.
func (a *algebra) daysOf(n circe.Node) (days [algebraPersons]daySet) {
	var number int
	if _, err := fmt.Sscanf(n.Cohort, "l%d", &number); err == nil {
		return a.leaves[number]
	}
	if _, err := fmt.Sscanf(n.Cohort, "c%d", &number); err == nil {
		return a.made[number]
	}
	return a.together(n, len(n.Of))
}

// together gives the days of an operation on its first parts.
func (a *algebra) together(n circe.Node, parts int) (days [algebraPersons]daySet) {
	for i, o := range n.Of[:parts] {
		for p, held := range a.daysOf(o) {
			switch {
			case i == 0:
				days[p] = held
			case n.Op == circe.Union:
				days[p] |= held
			case n.Op == circe.Intersection:
				days[p] &= held
			default:
				days[p] &^= held
			}
		}
	}
	return days
}

func (a *algebra) compareParts(t *testing.T, h *house, w *circe.Whole, what string) {
	t.Helper()
	o := circe.Options{Data: a.data, Sets: map[int64][]int64{}}
	for _, s := range w.ConceptSets() {
		o.Sets[s.ID] = []int64{s.Items[0].ConceptID}
	}
	tree := w.Tree()
	var want []string
	count := func(days [algebraPersons]daySet) {
		persons, events := 0, 0
		for _, s := range days {
			if n := len(s.periods(a.day)); n > 0 {
				persons, events = persons+1, events+n
			}
		}
		want = append(want, fmt.Sprint(persons), fmt.Sprint(events))
	}
	for _, part := range tree.Of {
		count(a.daysOf(part))
	}
	for i := 2; i <= len(tree.Of); i++ {
		count(a.together(tree, i))
	}
	st, err := w.PartCounts(o)
	if err != nil {
		t.Fatal(what, err)
	}
	if diff := cmp.Diff([]string{strings.Join(want, " ")}, h.lines(st)); diff != "" {
		t.Errorf("%s\n(-want +got):\n%s\n%s", what, diff, st.SQL)
	}
	person := a.IntN(algebraPersons)
	if st, err = w.Explain(o, int64(person)); err != nil {
		t.Fatal(what, err)
	}
	held := make([][]circe.Days, len(w.Definitions()))
	for _, line := range h.lines(st) {
		var at, item, part int
		var event, says, passed, start, end string
		if _, err := fmt.Sscan(line, &at, &event, &says, &item, &part, &passed, &start, &end); err != nil || says != circe.SaysCohort {
			continue
		}
		held[at] = append(held[at], circe.Days{First: a.number(t, start), Last: a.number(t, end)})
	}
	a.compareDecision(t, w.Decide(held), person, what)
}

// number is a day's place in the horizon.
func (a *algebra) number(t *testing.T, day string) int64 {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return int64(at.Sub(a.first) / (24 * time.Hour))
}

func (a *algebra) compareDecision(t *testing.T, d circe.Decision, person int, what string) {
	t.Helper()
	var got daySet
	for _, s := range d.Days {
		got |= between(int(s.First), int(s.Last))
	}
	if want := a.daysOf(d.Node)[person]; got != want {
		t.Errorf("person %d, part %s%s of %s: days %b, want %b", person, d.Node.Cohort, d.Node.Op, what, got, want)
	}
	for _, o := range d.Of {
		a.compareDecision(t, o, person, what)
	}
}
