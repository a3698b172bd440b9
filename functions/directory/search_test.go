package directory

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/project"
)

// made is a project that was made and changed on that day of 2026, as the
// test's fill completes it.
func made(n int, name string, fill func(*project.Project)) project.Project {
	at := time.Date(2026, 1, n, 9, 0, 0, 0, time.UTC)
	p := project.Project{ID: id.New(id.Workspace, at), Name: name, Tier: access.Registered, ReleaseID: "r2026", OwnerName: "Ann Example", Institution: "Example University",
		Purpose: access.Purpose{Kinds: []string{"educational"}, IntendedStudy: "A study.", ScientificApproach: "Counting.", AnticipatedFindings: "Numbers.",
			Channels: []string{"journals"}, Outcomes: []string{"none"}}, CreatedAt: at, UpdatedAt: at}
	if fill != nil {
		fill(&p)
	}
	return p
}

func indexOf(list ...project.Project) *index {
	x := newIndex()
	for i, p := range list {
		x.put(p, morning.Add(time.Duration(i)))
	}
	x.sort()
	return x
}

// found gives the names that a search finds, in order.
func (x *index) found(t *testing.T, c Chosen) []string {
	t.Helper()
	a, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	s, _, _, _, _, err := x.find(a, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range s.entries {
		names = append(names, e.Name)
	}
	if s.total != len(names) {
		t.Errorf("%d names, total %d", len(names), s.total)
	}
	return names
}

func TestSearchForgives(t *testing.T) {
	x := indexOf(
		made(1, "Sjögren's syndrome", nil),
		made(2, "Tumours of the lung", nil),
		made(3, "COVID-19 vaccines", nil),
		made(4, "Cardiovascular risk", func(p *project.Project) { p.OwnerName, p.Institution = "José Müller", "Universität Musterstadt" }),
		made(5, "Type 2 diabetes", func(p *project.Project) { p.Purpose.IntendedStudy = "Diabetics of type 1 are left out." }),
		made(6, "Anaemia", func(p *project.Project) {
			p.Purpose.FocusOnPopulations, p.Purpose.Populations, p.Purpose.OtherPopulation = true, []string{"disability", "other"}, "Night workers"
		}),
	)
	for query, want := range map[string][]string{
		"sjogren":             {"Sjögren's syndrome"},
		"SJÖGREN’S":           {"Sjögren's syndrome"},
		"tumor":               {"Tumours of the lung"},
		"lungs tumor":         {"Tumours of the lung"},
		"cardio":              {"Cardiovascular risk"},
		"risks cardiov":       {"Cardiovascular risk"},
		"covid19":             {"COVID-19 vaccines"},
		"covid 19":            {"COVID-19 vaccines"},
		"muller":              {"Cardiovascular risk"},
		"universitat":         {"Cardiovascular risk"},
		"anemia":              {"Anaemia"},
		"night worker":        {"Anaemia"},
		"disability status":   {"Anaemia"},
		"diabetis":            {"Type 2 diabetes"}, // a slip
		"cardoivascular":      {"Cardiovascular risk"},
		"the diabetes":        {"Type 2 diabetes"},
		`"type 2 diabetes"`:   {"Type 2 diabetes"},
		`"type 1"`:            {"Type 2 diabetes"},
		`"type diabetes"`:     {}, // not in a row
		`"diabete"`:           {}, // a phrase is meant
		"type-2":              {"Type 2 diabetes"},
		"2-type":              {},
		"qqqq":                {},
		"diabetes qqqq":       {"Type 2 diabetes"},                                               // as many words as there are
		"lung diabetes risk":  {"Type 2 diabetes", "Cardiovascular risk", "Tumours of the lung"}, // none has two of them
		"study":               {"Anaemia", "Cardiovascular risk", "COVID-19 vaccines", "Tumours of the lung", "Sjögren's syndrome"},
		"<script>'\"%_*[]():": {},
	} {
		if d := cmp.Diff(want, x.found(t, Chosen{Query: query})); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
}

func TestRanking(t *testing.T) {
	in := func(p *project.Project, field, text string) {
		switch field {
		case "disease":
			p.Purpose.Kinds, p.Purpose.Disease = []string{"disease"}, text
		case "study":
			p.Purpose.IntendedStudy = text
		case "owner":
			p.OwnerName = text
		}
	}
	with := func(n int, name, field, text string) project.Project {
		return made(n, name, func(p *project.Project) { in(p, field, text) })
	}
	x := indexOf(
		with(1, "Asthma", "", ""),
		with(2, "In the disease, old", "disease", "Asthma"), with(3, "In the disease, new", "disease", "Asthma"),
		with(8, "In the text many times", "study", strings.Repeat("Asthma. ", 80)), with(4, "In the text", "study", "Asthma."),
		with(5, "In the text, another form", "study", "Asthmas."), with(6, "In the text, the beginning", "study", "Asthmatic."),
		with(9, "The owner", "owner", "A. Asthma"),
		with(7, "Asthmatic", "", ""),
	)
	want := []string{"Asthma", "Asthmatic", "In the disease, new", "In the disease, old", "In the text many times", "In the text",
		"In the text, another form", "In the text, the beginning", "The owner"}
	if d := cmp.Diff(want, x.found(t, Chosen{Query: "asthma"})); d != "" {
		t.Error(d)
	}
	for sort, first := range map[string]string{"newest": "The owner", "updated": "The owner", "name": "Asthma", "relevance": "Asthma"} {
		if got := x.found(t, Chosen{Query: "asthma", Sort: sort}); got[0] != first || len(got) != 9 {
			t.Errorf("%s: %v", sort, got)
		}
	}
	if got := x.found(t, Chosen{}); got[0] != "The owner" {
		t.Errorf("without a text: %v", got)
	}
	// Recency is of the last change, not of the making.
	p := with(1, "Made first, changed last", "disease", "Asthma")
	p.UpdatedAt = p.UpdatedAt.AddDate(0, 0, 20)
	x.put(p, morning)
	x.sort()
	if got := x.found(t, Chosen{Query: "asthma"}); got[2] != p.Name {
		t.Errorf("changed last: %v", got)
	}
}

// TestFacetCounts holds the counts against counting one by one.
func TestFacetCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var all []project.Project
	for i := range 300 {
		all = append(all, made(1+i%28, fmt.Sprintf("P %d %s", i, pick("asthma", "gout")), func(p *project.Project) {
			p.Tier, p.Institution = access.Tier(pick("registered", "controlled")), pick("A", "B", "C", "")
			p.Purpose.Kinds = slices.Compact([]string{pick("genetic", "educational"), pick("commercial", "genetic")})
			p.Purpose.FocusOnPopulations, p.Purpose.Populations = i%2 == 0, []string{pick("sex", "income")}
			p.CreatedAt = p.CreatedAt.AddDate(-r.IntN(3), 0, 0)
		}))
	}
	x := indexOf(all...)
	for _, c := range []Chosen{
		{}, {Query: "gout"}, {Tier: []string{"controlled"}}, {Query: "asthma", Tier: []string{"registered"}, Kind: []string{"genetic", "commercial"}},
		{Kind: []string{"genetic"}, Population: []string{"sex"}, Institution: []string{"A", "B"}, Year: []string{"2025"}}, {Institution: []string{"nobody's"}},
	} {
		chosen := c.facets()
		passes := func(p project.Project, but int) bool {
			if c.Query != "" && !strings.Contains(p.Name, c.Query) {
				return false
			}
			for i, want := range chosen {
				if i != but && len(want) > 0 && !slices.ContainsFunc(facetsOf(p)[i], func(v string) bool { return slices.Contains(want, v) }) {
					return false
				}
			}
			return true
		}
		a, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		got, _, _, _, _, err := x.find(a, nil, 20)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		want := [facetCount]map[string]int{}
		for i := range want {
			want[i] = map[string]int{}
			for _, p := range all {
				if passes(p, i) {
					for _, v := range facetsOf(p)[i] {
						want[i][v]++
					}
				}
			}
		}
		for _, p := range all {
			if passes(p, -1) {
				total++
			}
		}
		if got.total != total {
			t.Errorf("%+v: %d, want %d", c, got.total, total)
		}
		view := x.facetView(got.counts, chosen)
		for i, list := range [][]facetValue{view.Tier, view.Kind, view.Population, view.Institution, view.Year} {
			counts := map[string]int{}
			for _, v := range list {
				if v.Chosen != slices.Contains(chosen[i], v.Value) || v.Label == "" {
					t.Errorf("%+v: %+v", c, v)
				}
				if v.Projects > 0 {
					counts[v.Value] = v.Projects
				} else if !v.Chosen {
					t.Errorf("%+v: %s without projects", c, v.Value)
				}
			}
			if d := cmp.Diff(want[i], counts); d != "" {
				t.Errorf("%+v: %s", c, d)
			}
		}
	}
}

func TestFacetsAreBounded(t *testing.T) {
	var all []project.Project
	for i := range 70 {
		all = append(all, made(1, "P", func(p *project.Project) { p.Institution = fmt.Sprintf("Institution %02d", i) }))
	}
	x := indexOf(all...)
	a, err := Chosen{Institution: []string{"Institution 69", "Nowhere"}}.read()
	if err != nil {
		t.Fatal(err)
	}
	s, _, _, _, _, err := x.find(a, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	view := x.facetView(s.counts, a.facets).Institution
	if len(view) != maxFacetValues+2 || !view[50].Chosen || !view[51].Chosen {
		t.Errorf("%d institutions, the last %+v", len(view), view[len(view)-2:])
	}
}

func TestHighlights(t *testing.T) {
	long := strings.Repeat("Nothing of note here. ", 30) + "Then asthmatic Ménière’s cases, “wheezing” among them. " + strings.Repeat("Nothing again. ", 30)
	x := indexOf(made(1, "Asthma & <b>wheeze</b>", func(p *project.Project) { p.Purpose.IntendedStudy = long }))
	show := func(query string) []string {
		a, err := Chosen{Query: query}.read()
		if err != nil {
			t.Fatal(err)
		}
		s, list, _, _, _, err := x.find(a, nil, 1)
		if err != nil || len(s.entries) != 1 {
			t.Fatalf("%s: %v, %d", query, err, len(s.entries))
		}
		var texts []string
		for _, h := range x.highlights(s.entries[0], list) {
			text := h.Field + ": "
			for _, p := range h.Parts {
				if p.Hit {
					p.Text = "[" + p.Text + "]"
				}
				text += p.Text
			}
			texts = append(texts, text)
		}
		return texts
	}
	got := show("asthma wheez")
	if len(got) != 2 || got[0] != "name: [Asthma] & <b>[wheeze]</b>" || !strings.Contains(got[1], "Then [asthmatic] Ménière’s cases, “[wheezing]” among") ||
		!strings.HasPrefix(got[1], "intendedStudy: … ") || !strings.HasSuffix(got[1], " …") || len(got[1]) > 300 {
		t.Errorf("%q", got)
	}
	if got := show("meniere's-cases"); len(got) != 1 || !strings.Contains(got[0], "asthmatic [Ménière’s cases], ") {
		t.Errorf("%q", got)
	}
	if got := show(""); len(got) != 0 {
		t.Errorf("nothing asked: %q", got)
	}
}

// TestCutKeepsWholeLetters cuts texts of long letters everywhere.
func TestCutKeepsWholeLetters(t *testing.T) {
	for n := range 60 {
		text := strings.Repeat("糖尿病", n) + " gout " + strings.Repeat("ü", 200+n)
		x := indexOf(made(1, "P", func(p *project.Project) { p.Purpose.IntendedStudy = text }))
		a, err := Chosen{Query: "gout"}.read()
		if err != nil {
			t.Fatal(err)
		}
		list, _ := x.seek(a.groups)
		for _, h := range x.highlights(x.slots[0], list) {
			hit := false
			for _, p := range h.Parts {
				hit = hit || p.Hit && p.Text == "gout"
				if strings.ContainsRune(p.Text, '\uFFFD') {
					t.Fatalf("%d: %q", n, p.Text)
				}
			}
			if !hit {
				t.Errorf("%d: the word is not shown: %+v", n, h.Parts)
			}
		}
	}
}

func TestCursors(t *testing.T) {
	a, err := Chosen{Query: "asthma"}.read()
	if err != nil {
		t.Fatal(err)
	}
	other, err := Chosen{Query: "asthma", Tier: []string{"controlled"}}.read()
	if err != nil {
		t.Fatal(err)
	}
	text := cursor{After: key{Score: 1, ID: "ws_1"}, Search: a.mark, Generation: "g"}.String()
	if c, err := parseCursor(text, a); err != nil || c.After.ID != "ws_1" {
		t.Errorf("%+v, %v", c, err)
	}
	for name, bad := range map[string]string{"another search's": cursor{After: key{ID: "ws_1"}, Search: other.mark}.String(), "none": "x", "no JSON": "e30x", "empty": "e30"} {
		if _, err := parseCursor(bad, a); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSearchOverHTTP(t *testing.T) {
	s, h := newRoom(t)
	s.seed(t, 3)
	w := get(t, h, "/v1/search?query=asth&kind=disease&kind=genetic&limit=2", "")
	var page searchPage
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	if page.Total != 3 || len(page.Items) != 2 || page.Next == "" || page.Items[0].Name != "Project 2" || page.Items[0].Highlights[0].Field != "disease" || page.Facets.Kind[0].Projects != 3 {
		t.Errorf("%+v", page)
	}
	etag := w.Header().Get("ETag")
	if w := get(t, h, "/v1/search?query=asth&kind=disease&kind=genetic&limit=2", etag); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("again: %d %s", w.Code, w.Body)
	}
	if w := get(t, h, "/v1/search?query=asth&kind=disease&kind=genetic&limit=2&cursor="+url.QueryEscape(page.Next), ""); !strings.Contains(w.Body.String(), "Project 0") || strings.Contains(w.Body.String(), `"next"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for path, want := range map[string]string{
		"limit=0":                                "query.limit",
		"tier=public":                            "query.tier",
		"kind=nope":                              "query.kind",
		"population=nope":                        "query.population",
		"year=20x6":                              "query.year",
		"sort=best":                              "query.sort",
		"cursor=" + page.Next + "&query=other":   "query.cursor",
		"query=" + strings.Repeat("a", 201):      "query.query",
		"query=" + strings.Repeat("asthma+", 13): "query.query",
	} {
		if w := get(t, h, "/v1/search?"+path, ""); w.Code != 422 || !strings.Contains(w.Body.String(), want) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
