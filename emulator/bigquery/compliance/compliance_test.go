package main

import (
	"context"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// rightAtLeast may only be raised.
const rightAtLeast = 1137

// TestNothingWrong runs GoogleSQL's own cases: none may be answered wrongly.
func TestNothingWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("the cases take some seconds")
	}
	total, err := run(context.Background(), testkit.TestData(t, "googlesql-compliance"), "", "", true)
	if err != nil {
		t.Fatal(err)
	}
	if total.wrong != 0 {
		t.Errorf("%d answers are wrong; the output above shows them", total.wrong)
	}
	if total.right < rightAtLeast {
		t.Errorf("only %d answers are right, %d were before", total.right, rightAtLeast)
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
