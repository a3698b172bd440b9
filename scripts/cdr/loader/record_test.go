package loader

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit"
)

// memory keeps release records in a map. lose makes the next write lose its
// answer: it is done and reported as failed.
type memory struct {
	mu      sync.Mutex
	records map[string]omop.Release
	at      map[string]int64
	holds   map[string]holding
	lose    bool
}

func newMemory() *memory {
	return &memory{records: map[string]omop.Release{}, at: map[string]int64{}, holds: map[string]holding{}}
}

func (m *memory) get(_ context.Context, id string) (omop.Release, version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at[id] == 0 {
		return omop.Release{}, version{}, nil
	}
	return m.records[id], version(time.Unix(m.at[id], 0)), nil
}

var errLost = errors.New("the answer got lost")

func (m *memory) take(_ context.Context, id string, mine holding, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := mine.over(id, m.holds[id], now); err != nil {
		return err
	}
	m.holds[id] = mine
	return nil
}

func (m *memory) renew(_ context.Context, id, attempt string, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.holds[id]
	if h.Attempt != attempt {
		return errHoldLost
	}
	h.Until = until
	m.holds[id] = h
	return nil
}

func (m *memory) leave(_ context.Context, id, attempt string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holds[id].Attempt == attempt {
		delete(m.holds, id)
	}
	return nil
}

func (m *memory) put(_ context.Context, r omop.Release, expect version, attempt string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holds[r.ID].Attempt != attempt {
		return errHoldLost
	}
	if m.at[r.ID] == 0 && expect != (version{}) || m.at[r.ID] != 0 && !time.Unix(m.at[r.ID], 0).Equal(time.Time(expect)) {
		return ErrChanged
	}
	m.records[r.ID], m.at[r.ID] = r, m.at[r.ID]+1
	if m.lose {
		m.lose = false
		return errLost
	}
	return nil
}

// TestRecords is the contract of records, held by the one for tests and the real one.
func TestRecords(t *testing.T) {
	suite := func(t *testing.T, rs records) {
		ctx := context.Background()
		_, none, err := rs.get(ctx, "r1")
		if err != nil || none != (version{}) {
			t.Fatalf("a record that is not there: %v, %v", none, err)
		}
		want := omop.Release{
			ID: "r1", Title: "Release 1", State: omop.ReleasePublished, Datasets: map[string]string{omop.TierControlled: "cdr_r1_controlled__a"},
			VocabularyVersion: "v5.0", CDMVersion: cdmVersion, Persons: 3, Rows: map[string]int64{"person": 3},
			LoadedAt: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC), SchemaVersion: omop.ReleaseSchemaVersion,
		}
		if err := rs.put(ctx, want, none, "a"); !errors.Is(err, errHoldLost) {
			t.Errorf("written without a hold: %v", err)
		}
		now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
		mine := holding{Attempt: "a", Host: "here", PID: 1, Since: now, Until: now.Add(holdFor), SchemaVersion: holdingSchemaVersion}
		if err := rs.take(ctx, "r1", mine, now); err != nil {
			t.Fatal(err)
		}
		if err := rs.put(ctx, want, none, "a"); err != nil {
			t.Fatal(err)
		}
		got, first, err := rs.get(ctx, "r1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		if err := rs.put(ctx, want, none, "a"); !errors.Is(err, ErrChanged) {
			t.Errorf("made twice: %v", err)
		}
		want.Title = "Release 1, again"
		if err := rs.put(ctx, want, first, "a"); err != nil {
			t.Fatal(err)
		}
		if err := rs.put(ctx, want, first, "a"); !errors.Is(err, ErrChanged) {
			t.Errorf("written over a version that was gone: %v", err)
		}
		if got, _, err := rs.get(ctx, "r1"); err != nil || got.Title != want.Title {
			t.Errorf("read back %+v, %v", got, err)
		}

		other := holding{Attempt: "b", Host: "there", PID: 2, Since: now, Until: now.Add(2 * holdFor)}
		var busy *BusyError
		if err := rs.take(ctx, "r1", other, now.Add(holdFor-1)); !errors.As(err, &busy) || busy.Host != "here" || !busy.Until.Equal(mine.Until) {
			t.Errorf("held twice: %v", err)
		}
		if err := rs.leave(ctx, "r1", "b"); err != nil {
			t.Error(err)
		}
		if err := rs.renew(ctx, "r1", "a", now.Add(2*holdFor)); err != nil {
			t.Errorf("another's leave ended the hold: %v", err)
		}
		if err := rs.take(ctx, "r1", other, now.Add(holdFor)); !errors.As(err, &busy) {
			t.Errorf("taken over although it was renewed: %v", err)
		}
		if err := rs.take(ctx, "r1", other, now.Add(2*holdFor)); err != nil {
			t.Errorf("not taken over although it ran out: %v", err)
		}
		if err := rs.renew(ctx, "r1", "a", now.Add(9*holdFor)); !errors.Is(err, errHoldLost) {
			t.Errorf("renewed what was lost: %v", err)
		}
		if err := rs.put(ctx, want, version{}, "a"); !errors.Is(err, errHoldLost) {
			t.Errorf("published by a load that lost its hold: %v", err)
		}
		if err := rs.leave(ctx, "r1", "b"); err != nil {
			t.Error(err)
		}
		if err := rs.take(ctx, "r1", mine, now); err != nil {
			t.Errorf("not free after it was left: %v", err)
		}
	}
	t.Run("memory", func(t *testing.T) { suite(t, newMemory()) })
	t.Run("firestore", func(t *testing.T) { suite(t, firestoreRecords{testkit.Firestore(t)}) })
}

// held is a hold in memory without anything that renews it.
func held(rs *memory, o *Options, attempt string) *hold {
	rs.holds[o.Release] = holding{Attempt: attempt, Until: time.Now().Add(time.Hour)}
	return &hold{o: o, rs: rs, attempt: attempt}
}

func TestPublishLooksUpALostAnswer(t *testing.T) {
	ctx := context.Background()
	rs := newMemory()
	h := held(rs, &Options{Release: "r1"}, "a")
	rs.lose = true
	r := omop.Release{ID: "r1", Datasets: map[string]string{omop.TierControlled: "mine"}}
	if err := publish(ctx, h, r, version{}); err != nil {
		t.Errorf("a record that was written counts as failed: %v", err)
	}
	if err := publish(ctx, h, r, version{}); err != nil {
		t.Errorf("the second try of a write whose answer got lost counts as failed: %v", err)
	}
	r.Datasets = map[string]string{omop.TierControlled: "other"}
	if err := publish(ctx, h, r, version{}); !errors.Is(err, ErrChanged) {
		t.Errorf("published over another load: %v", err)
	}
	held(rs, h.o, "b")
	if err := publish(ctx, h, r, version{}); !errors.Is(err, errHoldLost) {
		t.Errorf("published without the hold: %v", err)
	}
}

func TestClaim(t *testing.T) {
	ctx := context.Background()
	rs := newMemory()
	o := Options{Release: "r1", Title: "Release 1", Now: func() time.Time { return time.Unix(0, 0) }}
	h := held(rs, &o, "a")
	before, base, err := o.claim(ctx, h)
	if err != nil || before.State != omop.ReleaseLoading || base == (version{}) {
		t.Fatalf("a new release: %+v, %v, %v", before, base, err)
	}
	_, again, err := o.claim(ctx, h)
	if err != nil || again != base {
		t.Errorf("a second load of it: base %v, %v; want %v", again, err, base)
	}
	if err := rs.put(ctx, omop.Release{ID: "r1", State: omop.ReleasePublished}, base, "a"); err != nil {
		t.Fatal(err)
	}
	if before, _, err := o.claim(ctx, h); err != nil || before.State != omop.ReleasePublished {
		t.Errorf("a load of a published release takes it back: %+v, %v", before, err)
	}
}

func TestHoldOfAProcessThatEndedIsFree(t *testing.T) {
	now := time.Now()
	h := holding{Attempt: "a", Host: "here", PID: os.Getpid(), Until: now.Add(holdFor)}
	if h.free(now, "here", os.Getpid()+1) || h.free(now, "here", os.Getpid()) || h.free(now, "there", 1) {
		t.Error("the hold of a process at work is free")
	}
	if !h.free(h.Until, "there", 1) {
		t.Error("a hold that ran out is not free")
	}
	// A process that ended, of this machine and of another one.
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	h.PID = child.Process.Pid
	if !h.free(now, "here", os.Getpid()) {
		t.Error("the hold of a process that ended is not free")
	}
	if h.free(now, "there", os.Getpid()) {
		t.Error("another machine's process is taken for one of this")
	}
}
