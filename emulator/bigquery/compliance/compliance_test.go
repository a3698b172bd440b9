package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/testkit"
)

// refusedList counts what is refused, by family.
const refusedList = "refused.txt"

// TestNothingWrong runs GoogleSQL's own cases: none may be answered wrongly, and
// no family of refusals may grow.
func TestNothingWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("the cases take some seconds")
	}
	allowed, err := readFamilies(refusedList)
	if err != nil {
		t.Fatal(err)
	}
	got, refusedNow, err := run(context.Background(), testkit.TestData(t, "googlesql-compliance"), "", "", true)
	if err != nil {
		t.Fatal(err)
	}
	if got.wrong != 0 {
		t.Errorf("%d answers are wrong; the output above shows them", got.wrong)
	}
	switch before, now := total(allowed), total(refusedNow); {
	case testkit.Updating() && now < before:
		if err := writeFamilies(refusedList, refusedNow); err != nil {
			t.Fatal(err)
		}
	case now < before:
		t.Errorf("%d cases are refused, %s allows %d: shrink it with -update, so that it cannot grow back", now, refusedList, before)
	default:
		for _, g := range grown(allowed, refusedNow) {
			t.Errorf("more is refused than before: %s", g)
		}
	}
	// Sixty of a hundred cases in scope are what this engine began with.
	if inScope := got.right + got.refused + got.wrong; got.right*100 < inScope*60 {
		t.Errorf("only %d of %d cases in scope are right", got.right, inScope)
	}
}

// TestFamilies holds that a family that grows is seen, also behind another that
// shrinks.
func TestFamilies(t *testing.T) {
	got := families(map[string]int{
		"the type X is not supported by the local BigQuery": 2, "FORM a: Binder Error": 1, "FORM b: Binder Error": 1,
		"analysis: Function not found: `F`; Did you mean G?": 3,
	})
	want := map[string]int{"the type X": 2, "a form that DuckDB does not bind": 2, "the analyzer has no function F": 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a: 2, at most 1", "new: 1, at most 0"}, grown(map[string]int{"a": 1, "b": 9}, map[string]int{"a": 2, "b": 1, "new": 1})); diff != "" {
		t.Errorf("grown (-want +got):\n%s", diff)
	}
	path := filepath.Join(t.TempDir(), "list")
	if err := writeFamilies(path, want); err != nil {
		t.Fatal(err)
	}
	back, err := readFamilies(path)
	if diff := cmp.Diff(want, back); err != nil || diff != "" {
		t.Errorf("read back: %v (-want +got):\n%s", err, diff)
	}
}

// TestWrongIsSeen holds that the runner tells a wrong answer from a right one.
func TestWrongIsSeen(t *testing.T) {
	cases := []*testCase{
		{name: "right", sql: "SELECT 1, 'a', [1, NULL]", expected: `ARRAY<STRUCT<INT64, STRING, ARRAY<INT64>>>[{1, "a", [1, NULL]}]`},
		{name: "wrong value", sql: "SELECT 1", expected: `ARRAY<STRUCT<INT64>>[{2}]`},
		{name: "wrong order", sql: "SELECT x FROM UNNEST([1, 2]) x ORDER BY x", expected: `ARRAY<STRUCT<x INT64>>[known order:{2}, {1}]`},
		{name: "no error", sql: "SELECT 1", expected: `ERROR: generic::out_of_range: no`},
		{name: "an error", sql: "SELECT DIV(1, 0)", expected: `ARRAY<STRUCT<INT64>>[{2}]`},
		{name: "right error", sql: "SELECT DIV(1, 0)", expected: `ERROR: generic::out_of_range: division by zero`},
		{name: "refused", sql: "SELECT ST_GEOGPOINT(1, 2)", expected: `ARRAY<STRUCT<DOUBLE>>[{0.5}]`},
		{name: "any order", sql: "SELECT x FROM UNNEST([1, 2]) x", expected: `ARRAY<STRUCT<x INT64>>[unknown order:{2}, {1}]`},
	}
	got, err := runFile(context.Background(), cases, "", map[string]int{}, func(*testCase, string) {})
	if err != nil {
		t.Fatal(err)
	}
	if want := (tally{right: 3, refused: 1, wrong: 4}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
