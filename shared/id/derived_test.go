package id

import (
	"testing"
	"time"
)

func TestDerivedIsMadeOfKeyAndMoment(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	one := Derived(Notice, t0, "a")
	if err := Check(Notice, one); err != nil {
		t.Error(err)
	}
	if again := Derived(Notice, t0, "a"); again != one {
		t.Errorf("%s and %s", one, again)
	}
	if Derived(Notice, t0, "b") == one {
		t.Error("two keys give one identifier")
	}
	if later := Derived(Notice, t0.Add(time.Millisecond), "a"); later <= one {
		t.Errorf("%s does not sort after %s", later, one)
	}
}

func TestFloorPartsBeforeFromAfter(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	floor := Floor(Audit, t0)
	if before := New(Audit, t0.Add(-time.Millisecond)); before >= floor {
		t.Errorf("%s does not sort below %s", before, floor)
	}
	if at := New(Audit, t0); at <= floor {
		t.Errorf("%s does not sort above %s", at, floor)
	}
	if err := Check(Audit, floor); err != nil {
		t.Error(err)
	}
}
