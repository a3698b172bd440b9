package circe

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/omop"
)

// lacking are options of a release in which set 0 occurs among the conditions, and
// set 1 nowhere.
func lacking(t *testing.T) Options {
	t.Helper()
	bit, ok := omop.Occurrence("condition_occurrence", "condition_concept_id")
	if !ok {
		t.Fatal("conditions have no bit")
	}
	return Options{Data: testOptions.Data, Sets: map[int64][]int64{0: {1, 2, 3}, 1: {4}}, Occurs: map[int64]int64{1: bit, 3: bit | 1<<40, 2: 0, 4: 0}}
}

// condition is a criterion of a set.
func condition(set int64) *criterion {
	return &criterion{domain: domains["ConditionOccurrence"], set: &set}
}

// randomGroup gives a group whose open members are told apart by their windows.
func randomGroup(r *rand.Rand, depth int, opens *int) *group {
	g := &group{kind: []string{"ALL", "ANY", "AT_LEAST", "AT_MOST"}[r.IntN(4)], count: int64(r.IntN(4))}
	for range r.IntN(4) {
		m := correlated{criterion: condition(1), op: []string{"=", "<=", ">="}[r.IntN(3)], count: int64(r.IntN(2))}
		if r.IntN(2) == 0 {
			m.criterion = condition(0)
			m.start = &window{from: bound{days: int64(*opens)}}
			*opens++
		}
		g.members = append(g.members, m)
	}
	if depth > 0 {
		for range r.IntN(3) {
			g.groups = append(g.groups, randomGroup(r, depth-1, opens))
		}
	}
	return g
}

// passes is a group's meaning, written down again: the open members pass as the
// bits of answers say, the others have no events.
func passes(g *group, answers int) bool {
	n, met := 0, 0
	add := func(b bool) {
		n++
		if b {
			met++
		}
	}
	for _, m := range g.members {
		if m.start != nil {
			add(answers>>m.start.from.days&1 == 1)
			continue
		}
		add(map[string]bool{"=": m.count == 0, "<=": m.count >= 0, ">=": m.count <= 0}[m.op])
	}
	for _, s := range g.groups {
		add(passes(s, answers))
	}
	switch {
	case n == 0:
		return true
	case g.kind == "ALL":
		return met == n
	case g.kind == "ANY":
		return met > 0
	case g.kind == "AT_LEAST":
		return met >= int(g.count)
	default:
		return met <= int(g.count)
	}
}

// TestFoldedGroupsMeanTheSame folds random groups and compares them with what they
// mean, whatever the open members answer.
func TestFoldedGroupsMeanTheSame(t *testing.T) {
	o := lacking(t)
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[verdict]int{}
	for range 5000 {
		opens := 0
		g := randomGroup(r, 2, &opens)
		if opens > 10 {
			continue
		}
		f, v := o.folded(g)
		seen[v]++
		for answers := range 1 << opens {
			want := passes(g, answers)
			got := v == holds || v == open && passes(f, answers)
			if got != want {
				t.Fatalf("%+v\nfolded to %+v (%v): %v, want %v for %b", g, f, v, got, want, answers)
			}
		}
	}
	if seen[open] < 100 || seen[holds] < 100 || seen[fails] < 100 {
		t.Errorf("too few of a kind: %v", seen)
	}
}

// TestOccurring looks at what is left of statements.
func TestOccurring(t *testing.T) {
	const sets = `{"ConceptSets":[{"id":0,"expression":{"items":[{"concept":{"CONCEPT_ID":1}}]}},{"id":1,"expression":{"items":[{"concept":{"CONCEPT_ID":4}}]}}],`
	const found = `{"ConditionOccurrence":{"CodesetId":0}}`
	const lacks = `{"ConditionOccurrence":{"CodesetId":1}}`
	rule := func(criterion, kind string, count int) string {
		return `{"Type":"ALL","CriteriaList":[{"Criteria":` + criterion + `,"StartWindow":{"Start":{"Days":1,"Coeff":-1},"End":{"Days":1,"Coeff":1}},"Occurrence":{"Type":` +
			map[string]string{"exactly": "0", "atMost": "1", "atLeast": "2"}[kind] + `,"Count":` + string(rune('0'+count)) + `}}]}`
	}
	primary := func(criteria, more string) string {
		return sets + `"PrimaryCriteria":{"CriteriaList":[` + criteria + `],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"}` + more + `}`
	}
	for name, c := range map[string]struct {
		raw  string
		same string // a definition of the same statement; "" for nobody
	}{
		"nothing to leave out":      {primary(found, ""), primary(found, "")},
		"a primary criterion":       {primary(found+","+lacks, ""), primary(found, "")},
		"the only one":              {primary(lacks, ""), ""},
		"another column":            {primary(`{"ConditionOccurrence":{"ConditionSourceConcept":0}}`, ""), ""},
		"another table":             {primary(`{"DrugExposure":{"CodesetId":0}}`, ""), ""},
		"none is asked for":         {primary(found, `,"InclusionRules":[{"name":"r","expression":`+rule(lacks, "exactly", 0)+`}]`), primary(found, "")},
		"at most some":              {primary(found, `,"AdditionalCriteria":`+rule(lacks, "atMost", 2)+`,"QualifiedLimit":{"Type":"All"}`), primary(found, "")},
		"one is asked for":          {primary(found, `,"InclusionRules":[{"name":"r","expression":`+rule(lacks, "atLeast", 1)+`}]`), ""},
		"additionally":              {primary(found, `,"AdditionalCriteria":`+rule(lacks, "exactly", 1)), ""},
		"a limit acts all the same": {primary(found, `,"AdditionalCriteria":`+rule(lacks, "exactly", 0)+`,"QualifiedLimit":{"Type":"First"}`), primary(found, `,"AdditionalCriteria":{"Type":"ALL"},"QualifiedLimit":{"Type":"First"}`)},
		"censoring":                 {primary(found, `,"CensoringCriteria":[`+lacks+`]`), primary(found, "")},
		"an era's drugs":            {primary(found, `,"EndStrategy":{"CustomEra":{"DrugCodesetId":0,"GapDays":1,"Offset":1}}`), primary(found, "")},
		"inside a criterion":        {primary(`{"ConditionOccurrence":{"CodesetId":0,"CorrelatedCriteria":`+rule(lacks, "atLeast", 1)+`}}`, ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := func(raw string) string {
				d, err := Parse([]byte(raw))
				if err != nil {
					t.Fatal(err)
				}
				st, err := d.Compile(lacking(t))
				if err != nil {
					t.Fatal(err)
				}
				return string(golden(t, st))
			}
			got := text(c.raw)
			if c.same == "" {
				if !strings.Contains(got, nobody) || strings.Contains(got, "observation_period") {
					t.Errorf("nobody can be in it, and it asks\n%s", got)
				}
				return
			}
			if strings.Contains(got, `[1,2,3]`) {
				t.Errorf("a concept that does not occur is asked for\n%s", got)
			}
			if diff := cmp.Diff(text(c.same), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAnswer puts sets together out of the rows of both kinds of statement.
func TestAnswer(t *testing.T) {
	item := func(id int64, flags string) Item {
		return Item{ConceptID: id, Excluded: strings.Contains(flags, "x"), Descendants: strings.Contains(flags, "d"), Mapped: strings.Contains(flags, "m")}
	}
	// Concept 1 has 11 and 12 below it; 101 maps to 1, 111 maps to 11. 2 is alone.
	rows := [][4]int64{{1, 1, itself, 1}, {1, 11, below, 2}, {1, 12, below, 0}, {1, 101, mappedToItself, -1}, {1, 111, mappedToBelow, 4}, {2, 2, itself, 0}, {12, 12, itself, 0}}
	for name, c := range map[string]struct {
		items []Item
		want  []int64
	}{
		"alone":                   {[]Item{item(1, "")}, []int64{1}},
		"with descendants":        {[]Item{item(1, "d")}, []int64{1, 11, 12}},
		"mapped":                  {[]Item{item(1, "m")}, []int64{1, 101}},
		"mapped with descendants": {[]Item{item(1, "dm")}, []int64{1, 11, 12, 101, 111}},
		"one excluded":            {[]Item{item(1, "d"), item(12, "x")}, []int64{1, 11}},
		"excluded and named":      {[]Item{item(2, ""), item(2, "x")}, []int64{}},
		"unknown":                 {[]Item{item(9, "d")}, []int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Resolve([]ConceptSet{{ID: 7, Items: c.items}, {ID: 8, Items: []Item{item(2, "")}}}, testOptions.Data)
			if err != nil {
				t.Fatal(err)
			}
			a := r.Answer()
			for _, row := range rows {
				if err := a.Add(row[0], row[1], row[2], row[3]); err != nil {
					t.Fatal(err)
				}
			}
			got := a.Concepts()
			if diff := cmp.Diff(map[int64][]int64{7: c.want, 8: {2}}, got.Sets, cmp.Comparer(func(a, b []int64) bool { return cmp.Equal(append([]int64{}, a...), append([]int64{}, b...)) })); diff != "" {
				t.Error(diff)
			}
			if got.Occurs[101] != -1 || got.Occurs[11] != 2 {
				t.Errorf("occurrences %v", got.Occurs)
			}
		})
	}
	// Whole sets come by their place.
	r, err := Resolve([]ConceptSet{{ID: 7, Items: []Item{item(1, "")}}, {ID: 5_000, Items: []Item{item(1, "d"), item(2, "xd")}}}, testOptions.Data)
	if err != nil || !strings.Contains(r.Statement.SQL, "HAVING MAX(kind & 1) = 0") {
		t.Fatalf("%v\n%s", err, r.Statement.SQL)
	}
	a := r.Answer()
	for _, row := range [][4]int64{{1, 12, ofSet, 0}, {1, 1, ofSet, 1}, {0, 1, ofSet, 1}} {
		if err := a.Add(row[0], row[1], row[2], row[3]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[int64][]int64{7: {1}, 5_000: {1, 12}}, a.Concepts().Sets); diff != "" {
		t.Error(diff)
	}
}
