package limit_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/testkit"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func rule(name string, most int) limit.Rule {
	return limit.Rule{Name: name, Most: most, Window: time.Hour}
}

// Two instances, each with its own limiter, count in one place.
func TestALimitHoldsOverInstances(t *testing.T) {
	client, now := testkit.Firestore(t), clock.NewManual(morning)
	one, two := limit.New(client, now), limit.New(client, now)
	byAddress := rule("signUp.address", 4)
	for i, l := range []*limit.Limiter{one, two, one, two} {
		if err := l.Allow(t.Context(), byAddress, "ann@university.example"); err != nil {
			t.Fatalf("number %d: %v", i+1, err)
		}
	}
	for _, l := range []*limit.Limiter{one, two} {
		err := l.Allow(t.Context(), byAddress, "ann@university.example")
		if !fault.Is(err, fault.Limited) || fault.RetryAfterOf(err) != time.Hour {
			t.Errorf("number 5: %v, to try again after %s", err, fault.RetryAfterOf(err))
		}
	}
	// Another key, another limit and the next window have counts of their own.
	for _, c := range []struct {
		what limit.Rule
		key  string
		wait time.Duration
	}{{byAddress, "ben@university.example", 0}, {rule("passwordReset.address", 4), "ann@university.example", 0}, {byAddress, "ann@university.example", time.Hour}} {
		now.Advance(c.wait)
		if err := two.Allow(t.Context(), c.what, c.key); err != nil {
			t.Errorf("%v of %s after %s: %v", c.what, c.key, c.wait, err)
		}
	}
}

// Many at the same moment, from two instances, get no more through than one
// after the other.
func TestALimitHoldsAtOnce(t *testing.T) {
	client, now := testkit.Firestore(t), clock.NewManual(morning)
	one, two := limit.New(client, now), limit.New(client, now)
	byAddress := rule("signUp.address", 2)
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[fault.Kind]int{}
	for _, l := range []*limit.Limiter{one, two, one, two} {
		wg.Go(func() {
			err := l.Allow(t.Context(), byAddress, "ann@university.example")
			mu.Lock()
			defer mu.Unlock()
			got[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	// A counter that cannot be had in time refuses as well.
	if n := got[""]; n < 1 || n > 2 || n+got[fault.Limited]+got[fault.Unavailable] != 4 {
		t.Errorf("by kind: %v; want 1 or 2 let through and the others refused", got)
	}
}

// The counters name nobody, and go away by themselves.
func TestACounterTellsNothing(t *testing.T) {
	client := testkit.Firestore(t)
	if err := limit.New(client, clock.NewManual(morning)).Allow(t.Context(), rule("signUp.address", 5), "ann@university.example"); err != nil {
		t.Fatal(err)
	}
	snaps, err := client.Collection(limit.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Fatalf("%d counters, %v", len(snaps), err)
	}
	want := map[string]any{"count": int64(1), "expireAt": morning.Add(2 * time.Hour), "schemaVersion": int64(1)}
	if d := cmp.Diff(want, snaps[0].Data()); d != "" || len(snaps[0].Ref.ID) != 64 {
		t.Errorf("%s: %s", snaps[0].Ref.ID, d)
	}
}

// A store that is away lets nobody through: the limits are a protection.
func TestALimitThatCannotBeCountedRefuses(t *testing.T) {
	l := limit.New(testkit.Firestore(t), clock.NewManual(morning))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Allow(ctx, rule("signUp.address", 5), "a"); err == nil {
		t.Error("let through without a count")
	}
}

// A crowd from one network is counted to the last one, and nobody waits in vain.
func TestALimitHoldsInACrowd(t *testing.T) {
	l := limit.New(testkit.Firestore(t), clock.NewManual(morning))
	var through atomic.Int64
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			switch err := l.Allow(t.Context(), rule("match.network", 30), "203.0.113.0/24"); {
			case err == nil:
				through.Add(1)
			case !fault.Is(err, fault.Limited):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := through.Load(); n != 30 {
		t.Errorf("%d came through, want 30", n)
	}
}
