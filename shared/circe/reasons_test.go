package circe

import (
	"strings"
	"testing"

	"researchhub.example/hub/shared/omop"
)

func TestItemsHash(t *testing.T) {
	a, b := Item{ConceptID: 1, Descendants: true}, Item{ConceptID: 2, Excluded: true}
	hash := ItemsHash([]Item{a, b})
	if len(hash) != 64 {
		t.Errorf("%q is no SHA-256", hash)
	}
	for what, same := range map[string][]Item{"the order": {b, a}, "what stands there twice": {a, b, a}} {
		if ItemsHash(same) != hash {
			t.Errorf("%s makes another hash", what)
		}
	}
	for what, other := range map[string][]Item{"one item less": {a}, "another concept": {a, {ConceptID: 3, Excluded: true}},
		"no descendants": {{ConceptID: 1}, b}, "mapped too": {{ConceptID: 1, Descendants: true, Mapped: true}, b},
		"two ids that read as one": {{ConceptID: 12}}, "nothing": {}} {
		if ItemsHash(other) == hash {
			t.Errorf("%s makes the same hash", what)
		}
	}
	list := []Item{b, a}
	ItemsHash(list)
	if list[0] != b {
		t.Error("the caller's list is sorted")
	}
}

func TestReasonsTakesNoTextIntoSQL(t *testing.T) {
	st, err := Reasons([]Item{{ConceptID: 4711, Mapped: true}}, []int64{4712}, omop.Dataset{Project: "demo-test", ID: "cdr"})
	if err != nil || len(st.Params) != 3 || strings.Contains(st.SQL, "471") {
		t.Errorf("%v %v\n%s", err, st.Params, st.SQL)
	}
	if _, err := Reasons(nil, nil, omop.Dataset{Project: "demo-test", ID: "cdr`; DROP"}); err == nil {
		t.Error("a dataset that is no name is taken")
	}
}
