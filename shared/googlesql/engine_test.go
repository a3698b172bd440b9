package googlesql

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A statement that holds the engine for long must not hold the callers behind it
// beyond their deadlines.
func TestWaitingForTheEngineEndsWithTheContext(t *testing.T) {
	e, err := theEngine()
	if err != nil {
		t.Fatal(err)
	}
	e.busy <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = Analyze(ctx, "SELECT 1", Options{})
	<-e.busy
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := Analyze(t.Context(), "SELECT 1", Options{}); err != nil {
		t.Errorf("the engine stays held: %v", err)
	}
}
