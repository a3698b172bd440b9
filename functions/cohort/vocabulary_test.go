package cohort

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// answer is what a search gives.
type answer struct {
	Items []struct {
		ID                            int64
		Name, MatchedBy, Synonym      string
		Standard                      bool
		StandardConcept               string
		InvalidReason                 string
		Participants, OwnParticipants disclosure.Count
	}
	Next              string
	Total             int
	VocabularyVersion string
	Facets            map[string][]facet
}

func (a answer) ids() []int64 {
	list := []int64{}
	for _, c := range a.Items {
		list = append(list, c.ID)
	}
	return list
}

func (h *house) search(releaseID string, query url.Values) answer {
	h.t.Helper()
	var a answer
	query.Set("release", releaseID)
	h.want(200, "GET", "/cohort/v1/vocabulary?"+query.Encode(), "reader", nil, &a)
	return a
}

func TestVocabularySearch(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	for _, tc := range []struct {
		query url.Values
		want  []int64
		by    string // of the first
	}{
		{url.Values{"query": {"heart disease"}}, []int64{heart, oldHeart}, "name"},
		{url.Values{"query": {"HEART"}}, []int64{heart, oldHeart, infarction}, "name"}, // the last by its synonym
		{url.Values{"query": {"heart attack"}}, []int64{infarction}, "synonym"},
		{url.Values{"query": {"infarctus"}}, []int64{infarction}, "synonym"},
		{url.Values{"query": {"111"}}, []int64{infarction, oldHeart}, "id"}, // an id, and another's code
		{url.Values{"query": {"i21"}}, []int64{icdInfarct}, "code"},
		{url.Values{"query": {"i25.2"}}, []int64{icdLost}, "code"},
		{url.Values{"query": {"cyc"}}, []int64{cycleA, cycleB}, "code"}, // codes that differ in case only
		{url.Values{"query": {"meniere"}}, []int64{menieres}, "name"},
		{url.Values{"query": {"MÉNIÈRE'S"}}, []int64{menieres}, "name"},
		{url.Values{"query": {"10%"}}, []int64{percent}, "name"},
		{url.Values{"query": {"of_body"}}, []int64{percent}, "name"},
		{url.Values{"query": {"a_1"}}, []int64{percent}, "code"}, // not AB1
		{url.Values{"query": {"%%"}}, []int64{}, ""},
		{url.Values{"query": {"h%t"}}, []int64{}, ""},
		{url.Values{"query": {"'; DROP TABLE concept; --"}}, []int64{}, ""},
		{url.Values{"query": {"disease"}, "domain": {"Drug"}}, []int64{}, ""},
		{url.Values{"query": {"infarction"}, "vocabulary": {"ICD10CM"}}, []int64{icdLost, icdInfarct}, "name"},
		{url.Values{"query": {"infarction"}, "vocabulary": {"ICD10CM", "SNOMED"}}, []int64{infarction, icdLost, icdInfarct}, "name"},
		{url.Values{"query": {"c"}, "class": {"Finding"}}, []int64{cycleA, cycleB}, "name"},
		{url.Values{"query": {"c"}, "standard": {"classification"}}, []int64{classified}, "code"},
		{url.Values{"query": {"heart"}, "standard": {"nonStandard"}}, []int64{oldHeart}, "name"},
		{url.Values{"query": {"heart"}, "validity": {"invalid"}}, []int64{oldHeart}, "name"},
		{url.Values{"domain": {"Condition"}, "validity": {"valid"}, "standard": {"standard"}, "limit": {"3"}}, []int64{disorder, heart, arrhythmia}, ""},
	} {
		got := h.search(quirksID, tc.query)
		if diff := cmp.Diff(tc.want, got.ids()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tc.query, diff)
		} else if len(got.Items) > 0 && got.Items[0].MatchedBy != tc.by {
			t.Errorf("%v is found by %q, want %q", tc.query, got.Items[0].MatchedBy, tc.by)
		}
	}
	if got := h.search(quirksID, url.Values{"query": {"attack"}}); got.Items[0].Synonym != "Heart attack" || got.VocabularyVersion != "v5.0 quirks one" {
		t.Errorf("%+v", got)
	}
	got := h.search(quirksID, url.Values{"query": {"heart"}, "facets": {"true"}, "validity": {"valid"}}).Facets
	want := map[string][]facet{"domains": {{"Condition", 2}}, "vocabularies": {{"SNOMED", 2}}, "classes": {{"Disorder", 2}},
		"standard": {{"standard", 2}}, "validity": {{"valid", 2}, {"invalid", 1}}}
	for _, list := range got {
		slices.SortFunc(list, func(a, b facet) int { return b.Concepts - a.Concepts })
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facets (-want +got):\n%s", diff)
	}
	for what, tc := range map[string]struct {
		status       int
		token, query string
	}{
		"a cursor of nobody":         {422, "reader", "query=xx&cursor=-1&release=" + quirksID},
		"nine words":                 {422, "reader", "query=a+b+c+d+e+f+g+h+i&release=" + quirksID},
		"an unknown filter":          {422, "reader", "query=xx&standard=S&release=" + quirksID},
		"no such release":            {404, "reader", "query=xx&release=none_1"},
		"no release's name":          {404, "reader", "query=xx&release=..%2Fx"},
		"somebody without the tier":  {403, "lapsed", "query=xx&release=" + quirksID},
		"a query longer than a line": {422, "reader", "query=" + strings.Repeat("x", 101) + "&release=" + quirksID},
	} {
		if got, text := h.call("GET", "/cohort/v1/vocabulary?"+tc.query, tc.token, nil, nil); got != tc.status {
			t.Errorf("%s: %d, want %d: %s", what, got, tc.status, text)
		}
	}
}

func TestVocabularyPagesAndAReleaseThatMoves(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	var ids []int64
	query := url.Values{"query": {"disease"}, "limit": {"1"}}
	first := ""
	for {
		a := h.search(quirksID, query)
		ids = append(ids, a.ids()...)
		if a.Total != 4 {
			t.Errorf("total %d", a.Total)
		}
		if first == "" {
			first = a.Next
		}
		if a.Next == "" {
			break
		}
		query.Set("cursor", a.Next)
	}
	if diff := cmp.Diff([]int64{heart, kidney, menieres, oldHeart}, ids); diff != "" {
		t.Errorf("the pages (-want +got):\n%s", diff)
	}
	// A cursor belongs to its search.
	h.want(422, "GET", "/cohort/v1/vocabulary?query=heart&limit=1&release="+quirksID+"&cursor="+first, "reader", nil, nil)
	// The release is loaded anew: the next page says so, and a new search sees it.
	h.moveTo(quirky.last)
	h.want(412, "GET", "/cohort/v1/vocabulary?query=disease&limit=1&release="+quirksID+"&cursor="+first, "reader", nil, nil)
	if got := h.search(quirksID, url.Values{"query": {"athletes"}}); !slices.Equal(got.ids(), []int64{145}) || got.VocabularyVersion != "v5.0 quirks two" {
		t.Errorf("after the move: %+v", got)
	}
	h.moveTo(quirky.first)
	if got := h.search(quirksID, url.Values{"query": {"athletes"}}); len(got.Items) != 0 {
		t.Errorf("moved back: %+v", got)
	}
}

// TestConceptCountsAreDisclosed looks at every place that shows a concept.
func TestConceptCountsAreDisclosed(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	hidden := disclosure.Count{Value: 20, Hidden: true, Text: "≤ 20"}
	shown := func(n int64, text string) disclosure.Count { return disclosure.Count{Value: n, Text: text} }
	for concept, want := range map[int64][2]disclosure.Count{
		infarction:  {hidden, hidden},                   // exactly 20
		arrhythmia:  {shown(40, "40"), shown(40, "40")}, // exactly 21
		cardiorenal: {hidden, hidden},
		heart:       {shown(60, "60"), shown(0, "0")}, // 41 below it
		kidney:      {hidden, shown(0, "0")},
		menieres:    {shown(0, "0"), shown(0, "0")},
	} {
		a := h.search(quirksID, url.Values{"query": {itoa(concept)}})
		if len(a.Items) == 0 || a.Items[0].ID != concept {
			t.Fatalf("%d is not found", concept)
		}
		if got := [2]disclosure.Count{a.Items[0].Participants, a.Items[0].OwnParticipants}; got != want {
			t.Errorf("%d: %+v, want %+v", concept, got, want)
		}
		for _, path := range []string{"", "/hierarchy", "/siblings"} {
			text := h.want(200, "GET", "/cohort/v1/concepts/"+itoa(concept)+path+"?release="+quirksID, "reader", nil, nil)
			for _, raw := range []string{`"value":5,`, `"value":21,`, `"value":41,`, `"text":"20"`, `"hidden":false,"text":"≤`} {
				if strings.Contains(text, raw) {
					t.Errorf("%d%s shows %s: %s", concept, path, raw, text)
				}
			}
		}
	}
}

// TestRolledUpCountsPinNothing tries every small family: a count and that of its
// descendants, all as they are shown. Whatever is shown of a family, each hidden
// count of it may still be any of 1 to SmallMax as far as the bounds tell: at most
// the count above it, and together at least that.
func TestRolledUpCountsPinNothing(t *testing.T) {
	for _, policy := range []disclosure.Policy{{SmallMax: 4, PublicMultiple: 4}, {SmallMax: 4, PublicMultiple: 1}, {SmallMax: 4, PublicMultiple: 6}, {SmallMax: 4, PublicMultiple: 8}} {
		p := countPolicy(policy)
		// shownAs gives the least and the largest count that is shown like n.
		shownAs := func(n int64) (int64, int64) {
			want := p.ShowPublic(n)
			least, most := n, n
			for least > 0 && p.ShowPublic(least-1) == want {
				least--
			}
			for p.ShowPublic(most+1) == want {
				most++
			}
			return least, most
		}
		for a := range int64(12) {
			for b := range int64(12) {
				for c := range int64(12) {
					for above := max(a, b, c); above <= a+b+c; above++ {
						least, most := shownAs(above)
						parts := []int64{a, b, c}
						for i, n := range parts {
							if !p.ShowPublic(n).Hidden {
								continue
							}
							low, high := int64(1), min(p.SmallMax, most)
							rest := int64(0)
							for j, m := range parts {
								if j != i {
									_, top := shownAs(m)
									rest += min(top, most)
								}
							}
							low = max(low, least-rest)
							if low > 1 || high < p.SmallMax {
								t.Fatalf("%+v: %v below %d: the hidden %d lies in [%d, %d]", policy, parts, above, n, low, high)
							}
						}
					}
				}
			}
		}
	}
}

func TestConceptDetails(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	var d struct {
		ID            int64
		Synonyms      []string
		Relationships []struct {
			Relationship string
			Concept      struct{ ID int64 }
		}
		Next string
	}
	get := func(query string) []string {
		t.Helper()
		d.Relationships, d.Next = nil, ""
		h.want(200, "GET", "/cohort/v1/concepts/111?release="+quirksID+query, "reader", nil, &d)
		list := []string{}
		for _, r := range d.Relationships {
			list = append(list, r.Relationship+" "+itoa(r.Concept.ID))
		}
		return list
	}
	if diff := cmp.Diff([]string{"Is a 110", "Mapped from 900"}, get("")); diff != "" || d.Next != "" {
		t.Error(diff, d.Next)
	}
	if diff := cmp.Diff([]string{"Heart attack", "Infarctus du myocarde"}, d.Synonyms); diff != "" {
		t.Error(diff)
	}
	first, next := get("&limit=1"), d.Next
	if second := get("&limit=1&cursor=" + next); first[0] != "Is a 110" || second[0] != "Mapped from 900" || d.Next != "" {
		t.Errorf("%v, then %v, next %q", first, second, d.Next)
	}
	h.want(422, "GET", "/cohort/v1/concepts/110?release="+quirksID+"&cursor="+next, "reader", nil, nil)
	h.want(404, "GET", "/cohort/v1/concepts/123456?release="+quirksID, "reader", nil, nil)
	// An invalid relationship is none.
	h.want(200, "GET", "/cohort/v1/concepts/901?release="+quirksID, "reader", nil, &d)
	if d.ID != icdLost || len(d.Relationships) != 0 {
		t.Errorf("%+v", d)
	}
	h.want(403, "GET", "/cohort/v1/concepts/111?release="+quirksID, "lapsed", nil, nil)
}

func TestHierarchy(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	type node struct {
		ID                   int64
		MinLevels, MaxLevels int
	}
	var got struct {
		Ancestors     []node
		Children      []node
		ChildrenTotal int
		Next          string
	}
	get := func(id int64, query string) {
		t.Helper()
		got.Ancestors, got.Children, got.Next = nil, nil, ""
		h.want(200, "GET", "/cohort/v1/concepts/"+itoa(id)+"/hierarchy?release="+quirksID+query, "reader", nil, &got)
	}
	for id, want := range map[int64]struct {
		above    []node
		children []int64
	}{
		heart:       {[]node{{disorder, 1, 1}}, []int64{arrhythmia, infarction, cardiorenal, oldHeart}},
		cardiorenal: {[]node{{heart, 1, 1}, {kidney, 1, 1}, {disorder, 2, 2}}, nil},
		cycleA:      {[]node{{cycleB, 1, 1}}, []int64{cycleB}},
		icdInfarct:  {nil, nil},
	} {
		get(id, "")
		below := []int64(nil)
		for _, c := range got.Children {
			below = append(below, c.ID)
		}
		if diff := cmp.Diff(want.above, got.Ancestors, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("above %d (-want +got):\n%s", id, diff)
		}
		if id == heart {
			// Hidden counts tell no order: those two stand by the length of their names.
			slices.Sort(below[1:3])
			slices.Sort(want.children[1:3])
		}
		if !slices.Equal(below, want.children) || got.ChildrenTotal != len(below) {
			t.Errorf("below %d: %v of %d, want %v", id, below, got.ChildrenTotal, want.children)
		}
	}
	get(heart, "&limit=3")
	if len(got.Children) != 3 || got.Next == "" || got.ChildrenTotal != 4 {
		t.Fatalf("%+v", got)
	}
	get(heart, "&limit=3&cursor="+got.Next)
	if len(got.Children) != 1 || got.Next != "" {
		t.Errorf("%+v", got)
	}
}

func TestSiblings(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	var got struct {
		Items []struct{ ID, SharedParents int64 }
	}
	for id, want := range map[int64][][2]int64{
		infarction:  {{arrhythmia, 1}, {cardiorenal, 1}}, // not the invalid one
		cardiorenal: {{arrhythmia, 1}, {infarction, 1}},
		cycleA:      nil,
	} {
		got.Items = nil
		h.want(200, "GET", "/cohort/v1/concepts/"+itoa(id)+"/siblings?release="+quirksID, "reader", nil, &got)
		var have [][2]int64
		for _, s := range got.Items {
			have = append(have, [2]int64{s.ID, s.SharedParents})
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("beside %d (-want +got):\n%s", id, diff)
		}
	}
}

// TestSearchesArePaced lets a caller search as people do, and no faster for long.
func TestSearchesArePaced(t *testing.T) {
	h := newHouse(t)
	path := "/cohort/v1/vocabulary?query=diabetes&release=" + tinycdr.ReleaseID
	for range searchBurst {
		h.want(200, "GET", path, "reader", nil, nil)
	}
	h.want(429, "GET", path, "reader", nil, nil)
	h.want(200, "GET", path, "writer", nil, nil) // others go on
	h.clock.Advance(time.Second / searchesPerSecond)
	h.want(200, "GET", path, "reader", nil, nil)
	h.want(429, "GET", path, "reader", nil, nil)
}

// TestShelfIsBounded lets the vocabulary used longest ago go, and says of one that
// does not fit whole that it is partial.
func TestShelfIsBounded(t *testing.T) {
	h := newHouse(t)
	h.quirks()
	s := h.room.vocabulary
	of := func(r omop.Release) release.Data {
		return release.Data{Release: r, Dataset: omop.Dataset{Project: h.project, ID: r.Datasets[omop.TierRegistered]}}
	}
	s.most = 25 // one of them has 19 concepts and two synonyms
	for _, r := range []omop.Release{quirky.first, quirky.last, quirky.first} {
		c, err := s.of(t.Context(), of(r))
		if err != nil || c.partial || len(s.kept) != 1 {
			t.Fatalf("%v, partial %v, %d kept", err, c != nil && c.partial, len(s.kept))
		}
	}
	s.most = 10
	s.kept = nil
	c, err := s.of(t.Context(), of(quirky.first))
	if err != nil || !c.partial || c.Len() != 10 {
		t.Fatalf("%v %+v", err, c)
	}
	for _, id := range []int64{infarction, arrhythmia, cardiorenal, heart, disorder, kidney} {
		if _, held := c.Concept(id); !held {
			t.Errorf("%d, which participants have, is not among the first", id)
		}
	}
	// What is not held is still found by its id.
	h.want(200, "GET", "/cohort/v1/concepts/901?release="+quirksID, "reader", nil, nil)
	if a := h.search(quirksID, url.Values{"query": {"heart"}}); len(a.Items) == 0 {
		t.Error("a partial vocabulary finds nothing")
	}
}

// TestAFailedReadingIsTriedAgain forgets a failure after a while, and does not try
// at every request before.
func TestAFailedReadingIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	s := h.room.vocabulary
	nowhere := release.Data{Dataset: omop.Dataset{Project: h.project, ID: "nowhere"}}
	_, err := s.of(t.Context(), nowhere)
	if err == nil {
		t.Fatal("a dataset that is not there is read")
	}
	if _, again := s.of(t.Context(), nowhere); again != err { //nolint:errorlint // the very one: it was not tried again
		t.Errorf("%v, then %v", err, again)
	}
	h.clock.Advance(readAgain)
	if _, again := s.of(t.Context(), nowhere); again == nil || again == err { //nolint:errorlint // not the very one
		t.Errorf("after a while: %v", again)
	}
}
