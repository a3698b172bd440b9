package loader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// A load holds its release from its first look at it to the last dataset dropped,
// so that a second one is told at once and not after hours of work. The hold is a
// record that is renewed; one that is not renewed runs out. It keeps loads out of
// each other's way and no more: what makes a release whole is that publishing
// checks, in its transaction, that the hold is still this load's.
const (
	// holdFor is how long a hold outlives its last renewal. The clocks of two
	// machines may differ by a good part of it.
	holdFor = time.Minute
	// renewEvery leaves room for two renewals that fail.
	renewEvery = holdFor / 4
	// lookEvery is how often a waiting load looks again.
	lookEvery = time.Second
)

// holding is the record of the load that is at work on a release: Firestore
// collection releaseLoads, by release id.
type holding struct {
	Attempt string `firestore:"attempt"`
	// Host and PID are the process that loads.
	Host  string    `firestore:"host"`
	PID   int       `firestore:"pid"`
	Since time.Time `firestore:"since"`
	Until time.Time `firestore:"until"`
	// SchemaVersion is the version of this record's form.
	SchemaVersion int `firestore:"schemaVersion"`
}

const holdingSchemaVersion = 1

// BusyError says that another load of the release is at work.
type BusyError struct {
	Release string
	Host    string
	PID     int
	Since   time.Time
	// Until is when its hold runs out if it was killed.
	Until time.Time
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("release %s is being loaded by process %d on %s since %s: wait for it (-wait 2h), or, if it was killed, run again after %s",
		e.Release, e.PID, e.Host, e.Since.Format(time.TimeOnly), e.Until.Format(time.TimeOnly+" MST"))
}

// errHoldLost says that another load took the release over.
var errHoldLost = errors.New("another load took this release over, because this one gave no sign of life: nothing was published")

// free tells whether a hold keeps nobody out any more: it ran out, or its process
// ended on this very machine.
func (h holding) free(now time.Time, host string, pid int) bool {
	if !h.Until.After(now) {
		return true
	}
	return h.Host == host && h.PID != pid && !alive(h.PID)
}

// alive tells whether a process of this machine is there; in doubt it is.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}

// hold is a release held.
type hold struct {
	o       *Options
	rs      records
	attempt string
	end     context.CancelCauseFunc
	done    chan struct{}
}

// take takes hold of the release, waiting for another load's end if the options say
// so. The context that it returns ends when the hold is lost.
func (o *Options) take(ctx context.Context, rs records, attempt string) (*hold, context.Context, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, fmt.Errorf("name this machine in the hold: %w", err)
	}
	mine := holding{Attempt: attempt, Host: host, PID: os.Getpid(), Since: o.Now(), SchemaVersion: holdingSchemaVersion}
	patience := time.Now().Add(o.Wait)
	for told := false; ; told = true {
		mine.Until = o.Now().Add(holdFor)
		err := rs.take(ctx, o.Release, mine, o.Now())
		var busy *BusyError
		if err == nil {
			break
		}
		if !errors.As(err, &busy) || time.Now().After(patience) {
			return nil, nil, err
		}
		if !told {
			o.say("waiting: %v", err)
		}
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(lookEvery):
		}
	}
	ctx, end := context.WithCancelCause(ctx)
	h := &hold{o: o, rs: rs, attempt: attempt, end: end, done: make(chan struct{})}
	go h.keep(ctx)
	return h, ctx, nil
}

// keep renews the hold until the context ends. A hold that is lost, or could not be
// renewed before it ran out, ends the load.
func (h *hold) keep(ctx context.Context) {
	defer close(h.done)
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(renewEvery):
		}
		err := h.renew(ctx)
		switch {
		case err == nil:
			renewed = time.Now()
		case errors.Is(err, errHoldLost) || time.Since(renewed) > holdFor:
			h.end(err)
			return
		}
	}
}

func (h *hold) renew(ctx context.Context) error {
	return h.rs.renew(ctx, h.o.Release, h.attempt, h.o.Now().Add(holdFor))
}

// leave lets the release go. What cannot be let go runs out by itself.
func (h *hold) leave(ctx context.Context) {
	h.end(nil)
	<-h.done
	if err := h.rs.leave(context.WithoutCancel(ctx), h.o.Release, h.attempt); err != nil {
		h.o.say("the hold on release %s could not be let go, it runs out within %s: %v", h.o.Release, holdFor, err)
	}
}
