package main

import (
	"context"
	"testing"
)

// TestOwnCases runs the project's own cases: all must be right.
func TestOwnCases(t *testing.T) {
	total, _, err := run(context.Background(), "testdata", "", "", true)
	if err != nil {
		t.Fatal(err)
	}
	if total.right == 0 || total.wrong+total.refused+total.outOfScope > 0 {
		t.Errorf("got %v, want every case right", total)
	}
}
