package main

import (
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// TestAnswersAreOHDSIs runs a part of the suite, on its smaller data set; the
// command runs all of it.
func TestAnswersAreOHDSIs(t *testing.T) {
	folder := testkit.TestData(t, "circe")
	s, err := openSuite(folder, filter{source: "handmade-gibleed", every: 4})
	if err != nil {
		t.Fatal(err)
	}
	client, stop, err := start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for _, name := range s.datasets() {
		if err := load(t.Context(), client, folder+"/data/"+name, name, t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	c := checker{client: client, suite: s}
	same := 0
	for _, a := range s.answers {
		out := c.check(t.Context(), a)
		switch {
		case out.kind == identical:
			same++
		case out.kind == refused && strings.Contains(out.why, "not in this version"):
			t.Logf("%s %s: %s", a.ID, a.Name, out.why)
		default:
			t.Errorf("%s %s is %s: %s", a.ID, a.Name, out.kind, out.why)
		}
	}
	if same < 20 {
		t.Errorf("only %d of %d answers are identical", same, len(s.answers))
	}
}
