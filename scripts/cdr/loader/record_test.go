package loader

import (
	"context"
	"errors"
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
	lose    bool
}

func newMemory() *memory {
	return &memory{records: map[string]omop.Release{}, at: map[string]int64{}}
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

func (m *memory) put(_ context.Context, r omop.Release, expect version) error {
	m.mu.Lock()
	defer m.mu.Unlock()
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
		if err := rs.put(ctx, want, none); err != nil {
			t.Fatal(err)
		}
		got, first, err := rs.get(ctx, "r1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		if err := rs.put(ctx, want, none); !errors.Is(err, ErrChanged) {
			t.Errorf("made twice: %v", err)
		}
		want.Title = "Release 1, again"
		if err := rs.put(ctx, want, first); err != nil {
			t.Fatal(err)
		}
		if err := rs.put(ctx, want, first); !errors.Is(err, ErrChanged) {
			t.Errorf("written over a version that was gone: %v", err)
		}
		if got, _, err := rs.get(ctx, "r1"); err != nil || got.Title != want.Title {
			t.Errorf("read back %+v, %v", got, err)
		}
	}
	t.Run("memory", func(t *testing.T) { suite(t, newMemory()) })
	t.Run("firestore", func(t *testing.T) { suite(t, firestoreRecords{testkit.Firestore(t)}) })
}

func TestPublishLooksUpALostAnswer(t *testing.T) {
	ctx := context.Background()
	rs := newMemory()
	rs.lose = true
	r := omop.Release{ID: "r1", Datasets: map[string]string{omop.TierControlled: "mine"}}
	if err := publish(ctx, rs, r, version{}); err != nil {
		t.Errorf("a record that was written counts as failed: %v", err)
	}
	if err := publish(ctx, rs, r, version{}); !errors.Is(err, ErrChanged) {
		t.Errorf("published over another load: %v", err)
	}
}

func TestClaim(t *testing.T) {
	ctx := context.Background()
	rs := newMemory()
	o := Options{Release: "r1", Title: "Release 1", Now: func() time.Time { return time.Unix(0, 0) }}
	before, base, err := o.claim(ctx, rs)
	if err != nil || before.State != omop.ReleaseLoading || base == (version{}) {
		t.Fatalf("a new release: %+v, %v, %v", before, base, err)
	}
	_, again, err := o.claim(ctx, rs)
	if err != nil || again != base {
		t.Errorf("a second load of it: base %v, %v; want %v", again, err, base)
	}
	if err := rs.put(ctx, omop.Release{ID: "r1", State: omop.ReleasePublished}, base); err != nil {
		t.Fatal(err)
	}
	if before, _, err := o.claim(ctx, rs); err != nil || before.State != omop.ReleasePublished {
		t.Errorf("a load of a published release takes it back: %+v, %v", before, err)
	}
}
