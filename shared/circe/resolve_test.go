package circe

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsLookedUp: what maps to a concept's descendants is asked for where an item
// takes it in, and only there: of a concept with many it would be too much.
func TestWhatIsLookedUp(t *testing.T) {
	const (
		family, mappedFamily = "families", "mappedFamilies"
		alone, mapped        = "alone", "mapped"
	)
	for name, c := range map[string]struct {
		items []Item
		want  map[string][]int64
	}{
		"a concept":          {[]Item{{ConceptID: 1}}, map[string][]int64{alone: {1}}},
		"mapped":             {[]Item{{ConceptID: 1, Mapped: true}}, map[string][]int64{alone: {1}, mapped: {1}}},
		"below":              {[]Item{{ConceptID: 1, Descendants: true}}, map[string][]int64{family: {1}}},
		"mapped below":       {[]Item{{ConceptID: 1, Descendants: true, Mapped: true}}, map[string][]int64{family: {1}, mappedFamily: {1}}},
		"in one item each":   {[]Item{{ConceptID: 1, Descendants: true}, {ConceptID: 1, Mapped: true}}, map[string][]int64{family: {1}, mapped: {1}}},
		"in both of an item": {[]Item{{ConceptID: 1, Descendants: true, Mapped: true}, {ConceptID: 1, Mapped: true}}, map[string][]int64{family: {1}, mappedFamily: {1}}},
	} {
		r, err := Resolve([]ConceptSet{{ID: 1, Items: c.items}}, testOptions.Data)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]int64{}
		for _, p := range r.Statement.Params {
			got[p.Name] = p.Ints
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
