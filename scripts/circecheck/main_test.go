package main

import (
	"testing"

	"researchhub.example/hub/scripts/circecheck/suite"
	"researchhub.example/hub/shared/testkit"
)

// TestAnswersAreOHDSIs runs a part of the suite, on its smaller data set; the
// command runs all of it.
func TestAnswersAreOHDSIs(t *testing.T) {
	folder := testkit.TestData(t, "circe")
	s, err := suite.Open(folder, suite.Filter{Source: "handmade-gibleed", Every: 4})
	if err != nil {
		t.Fatal(err)
	}
	client, stop, err := start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	c := checker{client: client, suite: s}
	if c.datasets, err = loadAll(t.Context(), client, s, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, a := range s.Answers {
		out := c.check(t.Context(), a)
		switch {
		case out.kind == identical:
			same++
		default:
			t.Errorf("%s %s is %s: %s", a.ID, a.Name, out.kind, out.why)
		}
	}
	if same < 20 {
		t.Errorf("only %d of %d answers are identical", same, len(s.Answers))
	}
}
