package metered

import (
	"testing"
	"time"
)

// TestCheck: a hold must outlive the longest job.
func TestCheck(t *testing.T) {
	for stale, ok := range map[time.Duration]bool{30 * time.Minute: true, 10*time.Minute + 1: true, 10 * time.Minute: false, 0: false} {
		r := DefaultRules()
		r.HoldStale = stale
		if err := r.Check(); (err == nil) != ok {
			t.Errorf("%v: %v", stale, err)
		}
	}
}
