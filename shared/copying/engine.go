package copying

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
)

// Rules are the numbers of copying.
type Rules struct {
	// Lease is how long whoever works on a job has it for itself after each step.
	Lease time.Duration `env:"HUB_COPYING_LEASE, default=1m"`
	// Bound is how long a job may take before it is taken back.
	Bound time.Duration `env:"HUB_COPYING_BOUND, default=24h"`
	// Retention is how long the record of an ended job is kept.
	Retention time.Duration `env:"HUB_COPYING_RETENTION, default=2160h"`
	// Records and Bytes bound what one step writes.
	Records int `env:"HUB_COPYING_RECORDS, default=50"`
	Bytes   int `env:"HUB_COPYING_BYTES, default=4194304"`
	// SnapshotItems bounds what a snapshot holds: its contents are listed in one record.
	SnapshotItems int `env:"HUB_SNAPSHOT_ITEMS_MAX, default=200"`
}

// DefaultRules are the numbers where nothing else is configured.
func DefaultRules() Rules {
	return Rules{Lease: time.Minute, Bound: 24 * time.Hour, Retention: 90 * 24 * time.Hour, Records: 50, Bytes: 4 << 20, SnapshotItems: 200}
}

// Files keeps the notebooks' files: notebook.Bucket.
type Files interface {
	// Create writes a file that must not be there yet: fault.Conflict otherwise.
	Create(ctx context.Context, object string, body []byte) error
	// Read gives a file; fault.NotFound where there is none.
	Read(ctx context.Context, object string) ([]byte, error)
	// Delete removes at most so many files whose names begin so, and says how many.
	Delete(ctx context.Context, prefix string, most int) (int, error)
}

// Engine works on jobs.
type Engine struct {
	Gate   access.Gate
	Events outbox.Sender
	Files  Files
	Check  DisclosureCheck
	Rules  Rules
	// Reviewing opens a review of a duplicate whose purpose asks for one; nil for none.
	Reviewing Reviewing
	Log       *slog.Logger
	// between is called before everything that leaves the process; tests let it
	// fail, as if the process had died there.
	between func(where string) error
}

// errLost says that the job is somebody else's by now: this one stops and writes
// nothing.
var errLost = errors.New("the lease is lost")

func (e *Engine) client() *firestore.Client { return e.Gate.Client }
func (e *Engine) now() time.Time            { return e.Gate.Clock.Now() }
func (e *Engine) ref(jobID string) *firestore.DocumentRef {
	return e.client().Collection(Collection).Doc(jobID)
}

func (e *Engine) pass(where string) error {
	if e.between == nil {
		return nil
	}
	return e.between(where)
}

// Begun gives a job as it begins, with the lease free.
func (e *Engine) Begun(j Job) Job {
	j.CreatedAt = e.now()
	j.DueAt, j.GiveUpAt, j.SchemaVersion = j.CreatedAt, j.CreatedAt.Add(e.Rules.Bound), 1
	return j
}

// Get reads a job; fault.NotFound where there is none.
func (e *Engine) Get(ctx context.Context, jobID string) (Job, error) {
	missing := fault.New(fault.NotFound, "There is no such copy.")
	if id.Check(id.Copying, jobID) != nil {
		return Job{}, missing
	}
	snap, err := e.ref(jobID).Get(ctx)
	j, found, err := firestorex.Decode[Job]("copying.get", snap, err)
	if err == nil && !found {
		err = missing
	}
	return j, firestorex.Fault("copying.get", err)
}

// Work goes on with a job for about that long and gives it as it then is. Where
// somebody else is at it, or nothing is left to do, it does nothing. A fault that
// time may heal is given with the job; the job stays, and who comes next tries
// again.
func (e *Engine) Work(ctx context.Context, jobID string, about time.Duration) (Job, error) {
	j, mine, err := e.take(ctx, jobID)
	if err != nil || !mine {
		return j, err
	}
	until := time.Now().Add(about)
	for err == nil && !j.Ended() && time.Now().Before(until) {
		j, err = e.step(ctx, j)
	}
	if errors.Is(err, errLost) {
		return e.Get(ctx, jobID)
	}
	if !j.Ended() {
		err = errors.Join(err, e.release(ctx, j))
	}
	return j, err
}

// take gives the lease of a job to the caller when it is free.
func (e *Engine) take(ctx context.Context, jobID string) (Job, bool, error) {
	var j Job
	mine, lease := false, id.New(id.Request, time.Now())
	if err := e.pass("take"); err != nil {
		return j, false, err
	}
	err := e.client().RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		mine = false
		snap, err := tx.Get(e.ref(jobID))
		var found bool
		if j, found, err = firestorex.Decode[Job]("copying.take", snap, err); err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "There is no such copy.")
		}
		now := e.now()
		if j.Ended() || now.Before(j.LeaseUntil) {
			return nil
		}
		mine = true
		j.Lease = lease
		return e.keep(tx, &j)
	})
	return j, mine, firestorex.Fault("copying.take", err)
}

// keep writes the job with its lease renewed.
func (e *Engine) keep(tx *firestore.Transaction, j *Job) error {
	j.LeaseUntil = e.now().Add(e.Rules.Lease)
	j.DueAt = j.LeaseUntil
	return tx.Set(e.ref(j.ID), *j)
}

// held runs a transaction that is the lease holder's alone. change reads first,
// then writes, and gives the job as it is to be kept.
func (e *Engine) held(ctx context.Context, where string, j Job, change func(tx *firestore.Transaction, j Job) (Job, error)) (Job, error) {
	if err := e.pass(where); err != nil {
		return j, err
	}
	var after Job
	err := e.client().RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(e.ref(j.ID))
		current, found, err := firestorex.Decode[Job]("copying", snap, err)
		if err != nil {
			return err
		}
		if !found || current.Lease != j.Lease || current.State != j.State || current.Cursor != j.Cursor {
			return errLost
		}
		if after, err = change(tx, current); err != nil {
			return err
		}
		if after.Ended() {
			return tx.Set(e.ref(j.ID), after)
		}
		return e.keep(tx, &after)
	})
	if errors.Is(err, errLost) {
		return j, errLost
	}
	if err != nil {
		return j, firestorex.Fault("copying."+where, err)
	}
	return after, e.pass(where + " done")
}

// release gives the lease back, so that the next one need not wait for its end.
func (e *Engine) release(ctx context.Context, j Job) error {
	if err := e.pass("release"); err != nil {
		return err
	}
	err := e.client().RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(e.ref(j.ID))
		current, found, err := firestorex.Decode[Job]("copying.release", snap, err)
		if err != nil || !found || current.Lease != j.Lease || current.Ended() {
			return err
		}
		current.Lease, current.LeaseUntil, current.DueAt = "", time.Time{}, e.now()
		return tx.Set(e.ref(j.ID), current)
	})
	return firestorex.Fault("copying.release", err)
}

// step does one step. What cannot be done however often it is tried turns the job
// to cleaning.
func (e *Engine) step(ctx context.Context, j Job) (Job, error) {
	if j.State == Cleaning {
		return e.clean(ctx, j)
	}
	if !e.now().Before(j.GiveUpAt) {
		return e.giveUp(ctx, j, "It was not done in time. Ask for it again.")
	}
	var next Job
	var err error
	if j.Cursor.Kind < len(Layout()) {
		next, err = e.copy(ctx, j)
	} else {
		next, err = e.finish(ctx, j)
	}
	if err != nil && !errors.Is(err, errLost) && fault.Permanent(err) {
		return e.giveUp(ctx, j, fault.Message(err))
	}
	return next, err
}

// giveUp turns a job to cleaning.
func (e *Engine) giveUp(ctx context.Context, j Job, problem string) (Job, error) {
	e.Log.WarnContext(ctx, "a copy is given up", "copying", j.ID, "problem", problem)
	return e.held(ctx, "give up", j, func(_ *firestore.Transaction, j Job) (Job, error) {
		j.State, j.Problem = Cleaning, problem
		return j, nil
	})
}
