package firestorex_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/testkit"
)

func TestNewest(t *testing.T) {
	type record struct {
		ID   string `firestore:"id"`
		Kind string `firestore:"kind"`
	}
	c := testkit.Firestore(t)
	list := c.Collection("things")
	for _, r := range []record{{"a1", "x"}, {"a3", "x"}, {"a2", "y"}, {"a4", "x"}} {
		if _, err := list.Doc(r.ID).Set(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		kind string
		want [][]string
	}{
		"the whole collection": {"", [][]string{{"a4", "a3"}, {"a2", "a1"}}},
		"a filtered one":       {"x", [][]string{{"a4", "a3"}, {"a1"}}},
		"an empty one":         {"z", [][]string{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(cursor string) ([]record, string, error) {
				if c.kind == "" {
					return firestorex.NewestOfAll[record](t.Context(), list, 2, cursor)
				}
				return firestorex.Newest[record](t.Context(), list.Where("kind", "==", c.kind), 2, cursor)
			}
			cursor := ""
			for i, want := range c.want {
				page, next, err := read(cursor)
				if err != nil {
					t.Fatal(err)
				}
				got := []string{}
				for _, r := range page {
					got = append(got, r.ID)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("page %d: %s", i, diff)
				}
				if last := i == len(c.want)-1; last != (next == "") {
					t.Errorf("page %d: next cursor %q", i, next)
				}
				cursor = next
			}
		})
	}
	for _, cursor := range []string{"a/b", ".", "..", "__x__", "__id7__"} {
		if _, _, err := firestorex.NewestOfAll[record](t.Context(), list, 2, cursor); !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
		if _, _, err := firestorex.Newest[record](t.Context(), list.Where("kind", "==", "x"), 2, cursor); !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q of a filtered list: %v", cursor, err)
		}
	}
}
