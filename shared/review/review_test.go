package review

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
)

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Hour)
)

// acts are everything that happens to an open review, by name.
func acts(r Review) map[string]func() (Review, error) {
	list := map[string]func() (Review, error){
		"answer": func() (Review, error) { return r.Answer("ann", "Done.", noon, later) },
		"resume": func() (Review, error) { return r.Resume("bea", "Well.", noon, later) },
	}
	for _, d := range []Decision{Approve, AskForChanges, Pause, Close} {
		list[string(d)] = func() (Review, error) { return r.Decide(d, "bea", "Because.", noon) }
	}
	return list
}

// Every state meets every act: where it leads, "" for a refusal.
func TestStatesAndActs(t *testing.T) {
	for state, want := range map[State]map[string]State{
		Waiting:      {"approve": Approved, "askForChanges": ChangesAsked, "pause": Paused, "close": Closed},
		ChangesAsked: {"approve": Approved, "pause": Paused, "close": Closed, "answer": Waiting},
		Paused:       {"approve": Approved, "close": Closed, "answer": Waiting},
		Approved:     {},
		Closed:       {},
	} {
		r := Review{ID: "rv", State: state, History: []Act{{Act: ActOpened}}}
		for name, act := range acts(r) {
			got, err := act()
			next, ok := want[name]
			switch {
			case !ok:
				if !fault.Is(err, fault.Conflict) || cmp.Diff(r, got) != "" {
					t.Errorf("%s, %s: %v, %+v; want a refusal and no change", state, name, err, got)
				}
			case err != nil || got.State != next || len(got.History) != 2 || got.History[1].State != next || !got.UpdatedAt.Equal(noon):
				t.Errorf("%s, %s: %+v, %v; want %s", state, name, got, err, next)
			case (next == Waiting) != got.DueAt.Equal(later):
				t.Errorf("%s, %s: due %s", state, name, got.DueAt)
			}
		}
		if len(r.History) != 1 {
			t.Fatal("an act changed the review that it was given")
		}
	}
	if len(States()) != 5 {
		t.Errorf("%v", States())
	}
}

// A pause is lifted once; a review that was answered since keeps its place.
func TestResume(t *testing.T) {
	r := Review{State: Paused, Lifts: access.Active, DueAt: noon}
	if got, err := r.Resume("bea", "", noon, later); err != nil || got.State != Waiting || !got.DueAt.Equal(later) {
		t.Errorf("%+v, %v", got, err)
	}
	r.State = Waiting
	if got, err := r.Resume("bea", "", noon, later); err != nil || got.State != Waiting || !got.DueAt.Equal(noon) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The history is bounded: then the review can be ended, and the data guarded,
// and nothing else.
func TestHistoryIsBounded(t *testing.T) {
	for state, open := range map[State][]string{
		Waiting:      {"approve", "pause", "close"},
		ChangesAsked: {"approve", "pause", "close"},
		Paused:       {"approve", "close"},
	} {
		r := Review{State: state, Lifts: access.Active, History: make([]Act, MaxActs)}
		for name, act := range acts(r) {
			_, err := act()
			want := false
			for _, one := range open {
				want = want || one == name
			}
			if (err == nil) != want || err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("%s, %s: %v", state, name, err)
			}
		}
	}
}

func TestOverdue(t *testing.T) {
	for _, state := range States() {
		for at, late := range map[time.Time]bool{later.Add(-1): false, later: true, later.Add(1): true} {
			if got := (Review{State: state, DueAt: later}).Overdue(at); got != (late && state == Waiting) {
				t.Errorf("%s at %s: %v", state, at, got)
			}
		}
	}
}

// A pause and its end give back the workspace as it was, wherever its owner has
// taken it in between.
func TestPauseAndLift(t *testing.T) {
	type states struct{ State, Before string }
	for _, c := range []struct {
		was, paused states
		lifts       string
		lifted      states
	}{
		{states{access.Active, ""}, states{access.Paused, ""}, access.Active, states{access.Active, ""}},
		{states{access.Archived, ""}, states{access.Paused, ""}, access.Archived, states{access.Archived, ""}},
		{states{access.Deleted, access.Active}, states{access.Deleted, access.Paused}, access.Active, states{access.Deleted, access.Active}},
		{states{access.Deleted, access.Archived}, states{access.Deleted, access.Paused}, access.Archived, states{access.Deleted, access.Archived}},
	} {
		t.Run(fmt.Sprint(c.was), func(t *testing.T) {
			w, lifts, err := PauseWorkspace(access.Workspace{State: c.was.State, StateBefore: c.was.Before})
			if err != nil || lifts != c.lifts || (states{w.State, w.StateBefore}) != c.paused {
				t.Errorf("paused: %+v, %q, %v", w, lifts, err)
			}
			w = LiftPause(w, lifts)
			if (states{w.State, w.StateBefore}) != c.lifted {
				t.Errorf("lifted: %+v", w)
			}
		})
	}
	for _, state := range []string{access.Paused, access.Purging, access.Copying} {
		if w, lifts, err := PauseWorkspace(access.Workspace{State: state}); !fault.Is(err, fault.Conflict) || lifts != "" || w.State != state {
			t.Errorf("%s: %+v, %q, %v", state, w, lifts, err)
		}
	}
	if _, _, err := PauseWorkspace(access.Workspace{State: access.Deleted, StateBefore: access.Paused}); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
	// Deleted while it was paused, and lifted there.
	if w := LiftPause(access.Workspace{State: access.Deleted, StateBefore: access.Paused}, access.Active); w.State != access.Deleted || w.StateBefore != access.Active {
		t.Errorf("%+v", w)
	}
	if w := LiftPause(access.Workspace{State: access.Purging, StateBefore: access.Paused}, access.Active); w.State != access.Purging {
		t.Errorf("%+v", w)
	}
}
