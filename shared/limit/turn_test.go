package limit

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"researchhub.example/hub/shared/fault"
)

func TestTurnsAreTakenOneByOneAndFewWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			turns           Turns
			inside          atomic.Int32
			served, refused atomic.Int32
			wg              sync.WaitGroup
		)
		release := make(chan struct{})
		for range 1000 {
			wg.Go(func() {
				done, err := turns.Take(t.Context(), "ann")
				if err != nil {
					if !fault.Is(err, fault.Limited) {
						t.Error(err)
					}
					refused.Add(1)
					return
				}
				defer done()
				if inside.Add(1) != 1 {
					t.Error("two have the turn")
				}
				<-release
				inside.Add(-1)
				served.Add(1)
			})
		}
		synctest.Wait() // everybody has the turn, waits for it, or was sent away
		if refused.Load() != 1000-1-MaxWaiting {
			t.Errorf("%d sent away, want %d", refused.Load(), 1000-1-MaxWaiting)
		}
		other, err := turns.Take(t.Context(), "ben") // another account does not wait
		if err != nil {
			t.Fatal(err)
		}
		other()
		close(release)
		wg.Wait()
		if served.Load() != 1+MaxWaiting || len(turns.queues) != 0 {
			t.Errorf("%d served, %d queues left", served.Load(), len(turns.queues))
		}
	})
}

func TestWhoGoesAwayLeavesTheQueue(t *testing.T) {
	var turns Turns
	done, err := turns.Take(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * MaxWaiting {
		if _, err := turns.Take(gone, "ann"); !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
	}
	done()
	if done, err = turns.Take(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	done()
	if len(turns.queues) != 0 {
		t.Error("an empty queue stays")
	}
}
