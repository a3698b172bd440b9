package browser

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fake is a source that counts what it is asked for.
type fake struct {
	mu       sync.Mutex
	releases []omop.Release
	fail     error
	// wait holds concept reads back until it is closed.
	wait  chan struct{}
	lists int
	reads []string
}

func (f *fake) Releases(context.Context) ([]omop.Release, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	return append([]omop.Release{}, f.releases...), f.fail
}

func (f *fake) Concepts(_ context.Context, dataset string) ([]row, error) {
	if f.wait != nil {
		<-f.wait
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads = append(f.reads, dataset)
	return rows(), f.fail
}

func release(id, dataset string, loaded time.Time) omop.Release {
	return omop.Release{ID: id, Title: "Release " + id, State: omop.ReleasePublished, Persons: 1234, LoadedAt: loaded,
		Datasets: map[string]string{omop.TierRegistered: dataset, omop.TierControlled: "secret_" + dataset}}
}

func testLimits() limits {
	return limits{MaxBytes: 1 << 30, MaxConcepts: 100, Catalogues: 2, ReleasesAge: 30 * time.Second, LoadEvery: 10 * time.Minute, RetryAfter: 10 * time.Second}
}

func twoReleases() []omop.Release {
	return []omop.Release{release("old", "d_old", start.Add(-time.Hour)), release("new", "d_new", start)}
}

func serviceOn(f *fake) (*service, *clock.Manual) {
	c := clock.NewManual(start)
	return newService(f, disclosure.DefaultPolicy(), testLimits(), c), c
}

func TestCatalogueIsReadOnce(t *testing.T) {
	f := &fake{releases: twoReleases()}
	s, c := serviceOn(f)
	ask := func(id, want string) {
		t.Helper()
		r, _, err := s.Catalogue(t.Context(), id)
		if err != nil || r.ID != want {
			t.Fatalf("asked for %q: %q, %v", id, r.ID, err)
		}
	}
	ask("", "new")
	ask("new", "new")
	ask("old", "old")
	ask("", "new")
	if len(f.reads) != 2 || f.reads[0] != "d_new" || f.reads[1] != "d_old" || f.lists != 1 {
		t.Errorf("read %v, listed %d times", f.reads, f.lists)
	}
	// Loaded anew: another dataset under the same id, seen when the list is old.
	f.releases = []omop.Release{release("new", "d_newer", start.Add(time.Minute))}
	c.Advance(29 * time.Second)
	ask("", "new")
	c.Advance(time.Second)
	ask("", "new")
	if len(f.reads) != 3 || f.reads[2] != "d_newer" || f.lists != 2 {
		t.Errorf("read %v, listed %d times", f.reads, f.lists)
	}
	if len(s.shelf) != 2 || s.shelf[0].key != "new/d_new" || s.shelf[1].key != "new/d_newer" {
		t.Errorf("kept %+v", s.shelf)
	}
}

func TestCatalogueRefuses(t *testing.T) {
	f := &fake{releases: append(twoReleases(), omop.Release{ID: "bare", State: omop.ReleasePublished})}
	s, _ := serviceOn(f)
	for _, id := range []string{"none", "bare"} {
		if _, _, err := s.Catalogue(t.Context(), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestFailureIsNotTriedByEverybody(t *testing.T) {
	f := &fake{releases: twoReleases()}
	s, c := serviceOn(f)
	if _, err := s.Releases(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.fail = errors.New("table secret_d_new is broken")
	for range 3 {
		_, _, err := s.Catalogue(t.Context(), "new")
		if !fault.Is(err, fault.Unavailable) || fault.Message(err) != "The concepts of this release cannot be read right now. Try again in a minute." {
			t.Errorf("got %v", err)
		}
	}
	if len(f.reads) != 1 {
		t.Errorf("read %d times", len(f.reads))
	}
	f.fail = nil
	c.Advance(10 * time.Second)
	if _, got, err := s.Catalogue(t.Context(), "new"); err != nil || got == nil {
		t.Errorf("after the pause: %v", err)
	}
}

// Anonymous callers who ask for more releases in turn than are kept must not
// have one read for each request.
func TestAskingInTurnDoesNotReadInTurn(t *testing.T) {
	f := &fake{releases: append(twoReleases(), release("third", "d_third", start.Add(-2*time.Hour)))}
	s, c := serviceOn(f)
	for range 5 {
		for _, id := range []string{"old", "new", "third"} {
			if _, got, err := s.Catalogue(t.Context(), id); (err == nil) != (got != nil) || err != nil && !fault.Is(err, fault.Unavailable) {
				t.Fatalf("%s: %v", id, err)
			}
		}
		c.Advance(time.Second)
	}
	if d := cmp.Diff([]string{"d_old", "d_new", "d_third"}, f.reads); d != "" {
		t.Errorf("read %v", f.reads)
	}
	// What is kept is answered, what made room is not read before its time.
	for id, kept := range map[string]bool{"old": false, "new": true, "third": true} {
		_, got, err := s.Catalogue(t.Context(), id)
		if (got != nil) != kept || fault.Is(err, fault.Unavailable) == kept {
			t.Errorf("%s: %v", id, err)
		}
	}
	c.Set(start.Add(10*time.Minute - 1))
	if _, _, err := s.Catalogue(t.Context(), "old"); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "Try again later") {
		t.Errorf("before its time: %v", err)
	}
	c.Set(start.Add(10 * time.Minute))
	if _, got, err := s.Catalogue(t.Context(), "old"); err != nil || got == nil {
		t.Errorf("at its time: %v", err)
	}
	if len(f.reads) != 4 || len(s.waits) != 1 || len(s.shelf) != 2 {
		t.Errorf("read %v, %d waits, %d kept", f.reads, len(s.waits), len(s.shelf))
	}
}

// A failure takes no catalogue's place.
func TestAFailureEvictsNothing(t *testing.T) {
	f := &fake{releases: append(twoReleases(), release("third", "d_third", start.Add(-2*time.Hour)))}
	s, _ := serviceOn(f)
	ask := func(id string) error { _, _, err := s.Catalogue(t.Context(), id); return err }
	for _, id := range []string{"old", "new"} {
		if err := ask(id); err != nil {
			t.Fatal(err)
		}
	}
	f.fail = errors.New("broken")
	if err := ask("third"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("third: %v", err)
	}
	for _, id := range []string{"old", "new"} {
		if err := ask(id); err != nil {
			t.Errorf("%s after another's failure: %v", id, err)
		}
	}
}

// Whoever looked before a load ended and comes to begin one after it finds what
// that load has put there.
func TestALateLoadFindsWhatIsKept(t *testing.T) {
	f := &fake{releases: twoReleases()}
	s, _ := serviceOn(f)
	for range 2 {
		if got, err := s.load(t.Context(), "new/d_new", "d_new"); err != nil || got == nil {
			t.Fatal(err)
		}
	}
	if len(f.reads) != 1 {
		t.Errorf("read %v", f.reads)
	}
}

func TestManyFirstCallersShareOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{releases: twoReleases(), wait: make(chan struct{})}
		s, _ := serviceOn(f)
		leaving, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, _, err := s.Catalogue(leaving, "new")
			left <- err
		}()
		synctest.Wait() // it has begun the load
		answers := make(chan error, 5)
		for range 5 {
			go func() {
				_, _, err := s.Catalogue(t.Context(), "new")
				answers <- err
			}()
		}
		synctest.Wait()
		leave() // whoever began it goes; the load does not
		if err := <-left; !fault.Is(err, fault.Unavailable) {
			t.Errorf("who left got %v", err)
		}
		close(f.wait)
		for range 5 {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		if len(f.reads) != 1 {
			t.Errorf("read %d times", len(f.reads))
		}
	})
}
