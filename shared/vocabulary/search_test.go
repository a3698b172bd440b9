package vocabulary

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// twenties is how counts are shown: 0, or the next twenty.
func twenties(n int64) int64 { return (n + 19) / 20 }

// made builds an index of concepts and of synonyms by concept id.
func made(t testing.TB, concepts []Concept, synonyms map[int64][]string) *Index {
	t.Helper()
	b := &Builder{Shown: twenties}
	for _, c := range concepts {
		if err := b.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range concepts {
		for _, s := range synonyms[c.ID] {
			if err := b.Synonym(c.ID, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.Build()
}

// quirks is a vocabulary of what goes wrong elsewhere.
func quirks(t testing.TB) *Index {
	return made(t, []Concept{
		{ID: 1, Name: "Diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Code: "73211009", Standard: "S", Persons: 5, PersonsWithDescendants: 300},
		{ID: 2, Name: "Type 2 diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Code: "44054006", Standard: "S", Persons: 100, PersonsWithDescendants: 100},
		{ID: 3, Name: "Type 2 diabetes", Domain: "Condition", Vocabulary: "ICD10CM", Class: "3-char billing code", Code: "E11", Invalid: "U"},
		{ID: 4, Name: "Prediabetes", Domain: "Condition", Vocabulary: "SNOMED", Class: "Finding", Code: "714628002", Standard: "S", PersonsWithDescendants: 20},
		{ID: 5, Name: "Sjögren's syndrome", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Code: "83901003", Standard: "S"},
		{ID: 6, Name: "Sodium chloride 0.9% Injection_bag", Domain: "Drug", Vocabulary: "RxNorm", Class: "Clinical Drug", Code: "X_1", Standard: "S"},
		{ID: 7, Name: "Sodium chloride 0.95 injection bag", Domain: "Drug", Vocabulary: "RxNorm", Class: "Clinical Drug", Code: "X-1", Standard: "S"},
		{ID: 8, Name: "糖尿病", Domain: "Condition", Vocabulary: "Local", Class: "Undefined", Code: "糖", Standard: ""},
		{ID: 9, Name: "Antidiabetic agents", Domain: "Drug", Vocabulary: "ATC", Class: "ATC 2nd", Code: "A10", Standard: "C"},
		{ID: 11, Name: "Hemoglobin A1c/Hemoglobin.total in Blood", Domain: "Measurement", Vocabulary: "LOINC", Class: "Lab Test", Code: "4548-4", Standard: "S", PersonsWithDescendants: 21},
		{ID: 12, Name: "Code one", Domain: "Condition", Vocabulary: "Local", Class: "Undefined", Code: "9", Standard: "S"},
		{ID: 44054006, Name: "Something else", Domain: "Condition", Vocabulary: "Local", Class: "Undefined", Code: "se", Standard: "S"},
	}, map[int64][]string{2: {"T2DM", "Non-insulin-dependent diabetes"}, 1: {"Sugar disease", "diabetes  MELLITUS"}, 11: {"HbA1c", "Glycated haemoglobin"}})
}

func found(r Result) []int64 {
	ids := []int64{}
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

func TestSearch(t *testing.T) {
	x := quirks(t)
	yes, no := true, false
	for _, tc := range []struct {
		name string
		q    Query
		want []int64
		rank Rank // of the first
	}{
		{"an id before all, then the code", Query{Text: "44054006"}, []int64{44054006, 2}, ByID},
		{"a code before names, whatever its case", Query{Text: "e11"}, []int64{3}, ByCode},
		{"a code with a hyphen", Query{Text: "4548-4"}, []int64{11}, ByCode},
		{"the whole name", Query{Text: " DIABETES   mellitus "}, []int64{1, 2}, ByName},
		{"the name's beginning, words, their parts", Query{Text: "diabetes"}, []int64{1, 2, 3, 4}, ByNamePrefix},
		{"words in any order, the standard one first", Query{Text: "diabetes type"}, []int64{2, 3}, ByWords},
		{"beginnings of words", Query{Text: "diab mel"}, []int64{1, 2}, ByBeginnings},
		{"inside of words", Query{Text: "abet"}, []int64{1, 2, 4, 9, 3}, ByParts},
		{"a synonym", Query{Text: "t2dm"}, []int64{2}, BySynonym},
		{"a synonym's beginnings", Query{Text: "glyc haemo"}, []int64{11}, BySynonymPrefix},
		{"a synonym's parts", Query{Text: "aemoglob"}, []int64{11}, BySynonymParts},
		{"a name before a synonym of another", Query{Text: "ins diab"}, []int64{2}, BySynonymPrefix},
		{"no accent", Query{Text: "sjogren"}, []int64{5}, ByNamePrefix},
		{"another accent", Query{Text: "SJÖGREN'S"}, []int64{5}, ByNamePrefix},
		{"wide letters", Query{Text: "ｄｉａｂｅｔｅｓ mellitus"}, []int64{1, 2}, ByName},
		{"no Latin", Query{Text: "糖尿"}, []int64{8}, ByNamePrefix},
		{"one letter of no Latin", Query{Text: "糖"}, []int64{8}, ByCode},
		{"a per cent sign is one", Query{Text: "0.9%"}, []int64{6}, ByWords},
		{"a low line is one", Query{Text: "n_b"}, []int64{6}, ByParts},
		{"a code's low line is one", Query{Text: "x_1"}, []int64{6}, ByCode},
		{"per cent signs alone", Query{Text: "%%"}, []int64{}, 0},
		{"one alone", Query{Text: "%"}, []int64{6}, ByWords},
		{"a wildcard inside", Query{Text: "d%s"}, []int64{}, 0},
		{"a regular expression", Query{Text: "dia.*"}, []int64{}, 0},
		{"short words only at a beginning", Query{Text: "ab"}, []int64{}, 0},
		{"two literals", Query{Text: "a1c/hem total"}, []int64{11}, ByBeginnings},
		{"no such word", Query{Text: "zebra"}, []int64{}, 0},
		{"one word that is not there", Query{Text: "diabetes zebra"}, []int64{}, 0},
		{"a number that no id can be", Query{Text: "99999999999999999999"}, []int64{}, 0},
		{"a domain", Query{Text: "diab", Domains: []string{"Drug"}}, []int64{9}, ByParts},
		{"two vocabularies", Query{Text: "diab", Vocabularies: []string{"ATC", "ICD10CM", "none"}}, []int64{3, 9}, ByBeginnings},
		{"a filter of nothing known", Query{Text: "diab", Classes: []string{"none"}}, []int64{}, 0},
		{"classifications", Query{Text: "diab", Standard: []string{"C"}}, []int64{9}, ByParts},
		{"not standard", Query{Text: "diab", Standard: []string{""}}, []int64{3}, ByBeginnings},
		{"valid", Query{Text: "type", Valid: &yes}, []int64{2}, ByNamePrefix},
		{"invalid", Query{Text: "type", Valid: &no}, []int64{3}, ByNamePrefix},
		{"no text: by what is shown", Query{Domains: []string{"Condition"}, Standard: []string{"S"}}, []int64{1, 2, 4, 12, 44054006, 5}, ByWords},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.q.Limit = 20
			r := x.Search(tc.q)
			if diff := cmp.Diff(tc.want, found(r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(r.Hits) > 0 && r.Hits[0].Place.Rank() != tc.rank {
				t.Errorf("the first has rank %d, want %d", r.Hits[0].Place.Rank(), tc.rank)
			}
			if r.Total != len(tc.want) || r.More {
				t.Errorf("total %d, more %v", r.Total, r.More)
			}
		})
	}
	if got := x.Search(Query{Text: "HBA1C", Limit: 1}).Hits[0].Synonym; got != "HbA1c" {
		t.Errorf("found by the synonym %q", got)
	}
	// The second synonym of 1 says what its name says, and is none.
	if diff := cmp.Diff([]string{"Sugar disease"}, x.Synonyms(1)); diff != "" {
		t.Error(diff)
	}
}

// naive is Search without an index: every word looked for in every text.
func naive(x *Index, text string, limit int) (ids []int64, total int) {
	type scored struct {
		at Place
		id int64
	}
	var all []scored
	folded := fold(text)
	list := words(folded)
	quality := func(s string) int {
		worst := 3
		for _, w := range list {
			whole, begins, in := placed([]byte(s), []byte(w.text))
			switch {
			case !in || w.plain && !begins && utf8.RuneCountInString(w.text) < minInside:
				return 0
			case !begins:
				worst = min(worst, 1)
			case !whole:
				worst = min(worst, 2)
			}
		}
		return worst
	}
	for doc, id := range x.ids {
		name := fold(x.texts.at(uint32(doc)))
		best := Rank(255)
		switch quality(name) {
		case 1:
			best = ByParts
		case 2:
			best = ByBeginnings
		case 3:
			best = ByWords
		}
		if best < ByParts && strings.HasPrefix(name, folded) {
			best = ByNamePrefix
		}
		if best < ByParts && name == folded {
			best = ByName
		}
		if best == 255 {
			for _, s := range x.Synonyms(id) {
				if q := quality(fold(s)); q > 0 {
					best = min(best, BySynonym+Rank(3-q))
				}
			}
		}
		if fold(x.codes.at(uint32(doc))) == folded {
			best = ByCode
		}
		if strconv.FormatInt(id, 10) == folded {
			best = ByID
		}
		if best != 255 {
			all = append(all, scored{place(best, x.order[doc]), id})
		}
	}
	slices.SortFunc(all, func(p, q scored) int { return int(int64(p.at) - int64(q.at)) })
	for _, s := range all[:min(len(all), limit)] {
		ids = append(ids, s.id)
	}
	return ids, len(all)
}

// syllables make words that often hold each other.
var syllables = []string{"a", "dia", "be", "tes", "ä", "Mel", "li", "tus", "%", "-", "_", "2", "10", " ", " ", " ", "ß", "İ"}

func babble(r *rand.Rand, most int) string {
	var s strings.Builder
	for range 1 + r.IntN(most) {
		s.WriteString(syllables[r.IntN(len(syllables))])
	}
	return s.String()
}

func TestSearchAgreesWithLookingEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var concepts []Concept
	synonyms := map[int64][]string{}
	for i := range 400 {
		c := Concept{ID: int64(3 * i), Name: babble(r, 9), Code: fmt.Sprint(r.IntN(300)), Standard: []string{"S", "C", ""}[r.IntN(3)], PersonsWithDescendants: int64(r.IntN(90))}
		concepts = append(concepts, c)
		for range r.IntN(3) {
			synonyms[c.ID] = append(synonyms[c.ID], babble(r, 9))
		}
	}
	x := made(t, concepts, synonyms)
	hits := 0
	for range 1200 {
		text := babble(r, 4)
		if fold(text) == "" || Words(text) > MaxWords {
			continue
		}
		want, total := naive(x, text, 10)
		got := x.Search(Query{Text: text, Limit: 10})
		if diff := cmp.Diff(want, found(got)); len(want)+len(got.Hits) > 0 && diff != "" || got.Total != total {
			t.Fatalf("%q: total %d, want %d (-want +got):\n%s", text, got.Total, total, diff)
		}
		hits += total
	}
	if hits < 4_000 {
		t.Errorf("only %d hits: the texts are too strange to prove anything", hits)
	}
}

func TestPagesJoin(t *testing.T) {
	x := quirks(t)
	all := x.Search(Query{Text: "di", Limit: 100})
	if len(all.Hits) < 3 {
		t.Fatalf("%d hits", len(all.Hits))
	}
	var got []int64
	q := Query{Text: "di", Limit: 1}
	for {
		r := x.Search(q)
		got = append(got, found(r)...)
		if r.Total != all.Total {
			t.Errorf("a page's total is %d", r.Total)
		}
		if !r.More {
			break
		}
		q.After = &r.Hits[len(r.Hits)-1].Place
	}
	if diff := cmp.Diff(found(all), got); diff != "" {
		t.Error(diff)
	}
}

func TestFacets(t *testing.T) {
	got := quirks(t).Search(Query{Text: "diab", Limit: 1, Facets: true, Domains: []string{"Condition"}, Vocabularies: []string{"SNOMED"}}).Facets
	want := &Facets{
		Domains:      map[string]int{"Condition": 3},
		Vocabularies: map[string]int{"SNOMED": 3, "ICD10CM": 1},
		Classes:      map[string]int{"Disorder": 2, "Finding": 1},
		Standard:     map[string]int{"S": 3}, Valid: 3, Invalid: 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The order of what is found follows the counts as they are shown: of two
// concepts whose counts look the same, the true ones decide nothing.
func TestOrderTellsNothingOfCounts(t *testing.T) {
	order := func(first, second int64) []int64 {
		x := made(t, []Concept{{ID: 1, Name: "one a", PersonsWithDescendants: first}, {ID: 2, Name: "one b", PersonsWithDescendants: second}}, nil)
		return found(x.Search(Query{Text: "one", Limit: 2}))
	}
	for _, tc := range []struct {
		first, second int64
		want          []int64
	}{{1, 20, []int64{1, 2}}, {20, 1, []int64{1, 2}}, {21, 40, []int64{1, 2}}, {20, 21, []int64{2, 1}}, {0, 1, []int64{2, 1}}} {
		if got := order(tc.first, tc.second); !slices.Equal(got, tc.want) {
			t.Errorf("%d and %d persons: %v, want %v", tc.first, tc.second, got, tc.want)
		}
	}
}

func TestBuilderRefuses(t *testing.T) {
	b := &Builder{Most: 2}
	if err := b.Add(Concept{ID: 2, Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Add(Concept{ID: 2, Name: "a"}); err == nil {
		t.Error("the same concept twice is taken")
	}
	if err := b.Synonym(2, "b"); err != nil {
		t.Fatal(err)
	}
	if err := b.Add(Concept{ID: 3, Name: "c"}); err == nil {
		t.Error("a concept after a synonym is taken")
	}
	if err := b.Synonym(7, "of nobody"); err != nil {
		t.Errorf("a synonym of nobody: %v", err)
	}
	if err := b.Synonym(2, "c"); err != ErrFull { //nolint:errorlint // the very one
		t.Errorf("one text too many: %v", err)
	}
	x := b.Build()
	if x.Len() != 1 || x.Texts() != 2 {
		t.Errorf("%d concepts, %d texts", x.Len(), x.Texts())
	}
	if empty := (&Builder{}).Build(); empty.Search(Query{Text: "a b-c %", Limit: 5}).Total != 0 {
		t.Error("something is found in nothing")
	}
}

// FuzzSearch looks for texts that break the search or find what is not there.
func FuzzSearch(f *testing.F) {
	x := quirks(f)
	for _, s := range []string{"diabetes", "%", "_", "\x00", "\xff\xfe", "a\u0300", "İ", "ß-", strings.Repeat("a ", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if Words(text) > MaxWords || fold(text) == "" {
			return
		}
		want, total := naive(x, text, 10)
		if got := x.Search(Query{Text: text, Limit: 10, Facets: true}); got.Total != total || !slices.Equal(want, found(got)) {
			t.Errorf("%q: %v of %d, want %v of %d", text, found(got), got.Total, want, total)
		}
	})
}
