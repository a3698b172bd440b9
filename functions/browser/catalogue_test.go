package browser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/disclosure"
)

func rows() []row {
	return []row{
		{ID: 1, Name: "Zoster", Domain: "Condition", Vocabulary: "SNOMED", Code: "0010", Persons: 3, PersonsWithDescendants: 20},
		{ID: 2, Name: "Type 2 diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Code: "44054006", Persons: 101, PersonsWithDescendants: 119},
		{ID: 3, Name: "Diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Code: "73211009", Persons: 0, PersonsWithDescendants: 120},
		{ID: 4, Name: "Metformin", Domain: "Drug", Vocabulary: "RxNorm", Code: "6809", Persons: 21, PersonsWithDescendants: 21},
		{ID: 5, Name: "Acne", Domain: "Condition", Vocabulary: "SNOMED", Code: "88616000", Persons: 1, PersonsWithDescendants: 1},
		{ID: 6, Name: "Nobody has it", Domain: "Drug", Vocabulary: "RxNorm", Persons: 0, PersonsWithDescendants: 0},
	}
}

func TestCountsAreRoundedForThePublic(t *testing.T) {
	c := newCatalogue(rows(), disclosure.DefaultPolicy())
	for id, want := range map[int64][2]string{
		1: {"≤ 20", "≤ 20"}, 2: {"120", "120"}, 3: {"0", "120"}, 4: {"40", "40"}, 5: {"≤ 20", "≤ 20"},
	} {
		one, ok := c.Concept(id)
		if got := [2]string{one.Own.Text, one.Family.Text}; !ok || got != want {
			t.Errorf("concept %d: %v, want %v", id, got, want)
		}
	}
	if _, ok := c.Concept(6); ok {
		t.Error("a concept that nobody has is there")
	}
}

// TestOrderTellsNothing: concepts of one shown count stand by name, whatever
// the hidden counts are.
func TestOrderTellsNothing(t *testing.T) {
	c := newCatalogue(rows(), disclosure.DefaultPolicy())
	all, _ := c.Search("", "", 0, 10)
	var ids []int64
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	// 119 and 120 both read 120, 1 and 20 both read ≤ 20.
	if diff := cmp.Diff([]int64{3, 2, 4, 5, 1}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestSearch(t *testing.T) {
	c := newCatalogue(rows(), disclosure.DefaultPolicy())
	for name, s := range map[string]struct {
		domain, query string
		skip, limit   int
		want          []int64
		more          bool
	}{
		"all":                   {"", "", 0, 10, []int64{3, 2, 4, 5, 1}, false},
		"a page":                {"", "", 0, 2, []int64{3, 2}, true},
		"the next":              {"", "", 2, 2, []int64{4, 5}, true},
		"the last":              {"", "", 4, 2, []int64{1}, false},
		"past the end":          {"", "", 9, 2, nil, false},
		"exactly a page":        {"", "", 0, 5, []int64{3, 2, 4, 5, 1}, false},
		"a domain":              {"drug", "", 0, 10, []int64{4}, false},
		"no such domain":        {"Device", "", 0, 10, nil, false},
		"words in any order":    {"", "MELLITUS  diab", 0, 10, []int64{3, 2}, false},
		"every word":            {"", "mellitus 2", 0, 10, []int64{2}, false},
		"a code":                {"", "0010", 0, 10, []int64{1}, false},
		"an id":                 {"", " 4 ", 0, 10, []int64{4}, false},
		"an id in other domain": {"Condition", "4", 0, 10, nil, false},
		"nothing":               {"", "'; DROP TABLE x", 0, 10, nil, false},
	} {
		found, more := c.Search(s.domain, s.query, s.skip, s.limit)
		var ids []int64
		for _, one := range found {
			ids = append(ids, one.ID)
		}
		if diff := cmp.Diff(s.want, ids); diff != "" || more != s.more {
			t.Errorf("%s: more %t, %s", name, more, diff)
		}
	}
}

func TestDomains(t *testing.T) {
	c := newCatalogue(rows(), disclosure.DefaultPolicy())
	if diff := cmp.Diff([]Domain{{"Condition", 4}, {"Drug", 1}}, c.domains); diff != "" {
		t.Error(diff)
	}
}
