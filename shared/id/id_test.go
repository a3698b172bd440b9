package id

import (
	"strings"
	"testing"
	"time"
)

func TestNewSortsByTimeAndPassesCheck(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a, b := New(Workspace, t0), New(Workspace, t0.Add(time.Second))
	if a >= b {
		t.Errorf("%s does not sort before %s", a, b)
	}
	if err := Check(Workspace, a); err != nil {
		t.Error(err)
	}
	if New(Workspace, t0) == a {
		t.Error("two identifiers of one moment are equal")
	}
}

func TestCheckRefuses(t *testing.T) {
	good := New(Run, time.Now())
	for _, s := range []string{
		"", "run_", good + "x", strings.ToLower(good), "ws" + good[3:], "../" + good, good + "\n",
		"run_ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
	} {
		if Check(Run, s) == nil {
			t.Errorf("Check accepts %q", s)
		}
	}
}
