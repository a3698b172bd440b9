package cohort

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/release"
)

// countsCollection holds the answers that have been paid for once, shared by all
// instances and workspaces: raw, so the disclosure rules stand between them and
// everybody who reads them.
const countsCollection = "cohortCounts"

const (
	// countLease is how long one instance is waited for by the others.
	countLease = 2 * time.Minute
	// countPoll is how often they look.
	countPoll = 300 * time.Millisecond
	// maxAnswer bounds a kept answer, in bytes of JSON.
	maxAnswer = 512 << 10
)

// keptAnswer is what a question about a cohort gave, or a lease on asking it.
type keptAnswer struct {
	Key string `firestore:"key"`
	// Holder asks until LeaseUntil; Rows is empty until then.
	Holder     string    `firestore:"holder"`
	LeaseUntil time.Time `firestore:"leaseUntil"`
	Done       bool      `firestore:"done"`
	Rows       string    `firestore:"rows"` // JSON
	At         time.Time `firestore:"at"`
	// ExpireAt is when Firestore's time-to-live policy may remove the record. What is
	// asked again meanwhile stays: see renew.
	ExpireAt time.Time `firestore:"expireAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// answerKey says all that an answer depends on: the question and its version,
// what the cohort means, and the data: the release, its vocabulary and the
// dataset, which is another one after every load and for every tier. So an
// answer cannot be stale: when one of these moves, it is another key.
func answerKey(question string, w *circe.Whole, d release.Data) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "2\n%s\n%s\n%s\n%s\n%s.%s", question, w.Hash(), d.Release.ID, d.Release.VocabularyVersion, d.Dataset.Project, d.Dataset.ID))
	return hex.EncodeToString(sum[:])
}

// ask gives the rows of a question about a cohort, from what is kept or by asking
// once: whoever else wants the same meanwhile, in any instance, waits for that
// answer. kept says that nothing was spent.
func ask[T any](ctx context.Context, r room, key string, run func() ([]T, error)) (rows []T, kept bool, err error) {
	ref := r.client.Collection(countsCollection).Doc(key)
	holder := rand.Text()
	for {
		a, mine, err := r.lease(ctx, ref, holder)
		if err != nil {
			return nil, false, err
		}
		if a.Done {
			r.renew(ctx, ref, a)
			err := json.Unmarshal([]byte(a.Rows), &rows)
			return rows, true, fault.Wrap("count.kept", err)
		}
		if mine {
			break
		}
		select {
		case <-ctx.Done():
			return nil, false, fault.Because(fault.Unavailable, ctx.Err(), "The same count is being made already, and takes longer than this request may. Ask again in a minute.")
		case <-time.After(countPoll):
		}
	}
	rows, err = run()
	if err == nil {
		err = r.keepAnswer(ctx, ref, holder, rows)
		return rows, false, err
	}
	r.giveUp(ctx, ref, holder)
	return rows, false, err
}

// renew lets an answer that was asked for again be kept as long again. It writes
// only when half of its time is over, so that an answer asked for all the time is
// not written all the time. The answer is right whether or not this works: one
// that is removed at this moment is paid for again.
func (r room) renew(ctx context.Context, ref *firestore.DocumentRef, a keptAnswer) {
	until := r.clock.Now().Add(r.kept)
	if a.ExpireAt.After(until.Add(-r.kept / 2)) {
		return
	}
	// Update makes no record where there is none any more.
	if _, err := ref.Update(ctx, []firestore.Update{{Path: "expireAt", Value: until}}); err != nil {
		r.log.WarnContext(ctx, "a kept count is not renewed", "error", err.Error())
	}
}

// lease reads a kept answer, or takes the lease on asking where nobody has it.
func (r room) lease(ctx context.Context, ref *firestore.DocumentRef, holder string) (a keptAnswer, mine bool, err error) {
	now := r.clock.Now()
	// Most often it is there: one read without a lock.
	snap, err := ref.Get(ctx)
	a, found, err := firestorex.Decode[keptAnswer]("count.lease", snap, err)
	if err != nil {
		return a, false, firestorex.Fault("count.lease", err)
	}
	if found && (a.Done || now.Before(a.LeaseUntil)) {
		return a, false, nil
	}
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		mine = false
		snap, err := tx.Get(ref)
		if a, found, err = firestorex.Decode[keptAnswer]("count.lease", snap, err); err != nil {
			return err
		}
		if found && (a.Done || now.Before(a.LeaseUntil)) {
			return nil
		}
		mine = true
		a = keptAnswer{Key: ref.ID, Holder: holder, LeaseUntil: now.Add(countLease), ExpireAt: now.Add(r.kept), SchemaVersion: 1}
		return tx.Set(ref, a)
	})
	return a, mine, firestorex.Fault("count.lease", err)
}

// keepAnswer keeps rows unless somebody else has taken the lease over. An answer
// too large to keep is given all the same.
func (r room) keepAnswer(ctx context.Context, ref *firestore.DocumentRef, holder string, rows any) error {
	text, err := json.Marshal(rows)
	if err != nil {
		return fault.Wrap("count.keep", err)
	}
	if len(text) > maxAnswer {
		r.giveUp(ctx, ref, holder)
		return nil
	}
	now := r.clock.Now()
	return r.held(ctx, ref, holder, func(tx *firestore.Transaction) error {
		return tx.Set(ref, keptAnswer{Key: ref.ID, Done: true, Rows: string(text), At: now, ExpireAt: now.Add(r.kept), SchemaVersion: 1})
	})
}

// giveUp lets the next one ask. The caller may be gone; if this fails, the lease
// runs out.
func (r room) giveUp(ctx context.Context, ref *firestore.DocumentRef, holder string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if err := r.held(ctx, ref, holder, func(tx *firestore.Transaction) error { return tx.Delete(ref) }); err != nil {
		r.log.WarnContext(ctx, "the lease on a count runs out by itself", "error", err.Error())
	}
}

func (r room) held(ctx context.Context, ref *firestore.DocumentRef, holder string, write func(*firestore.Transaction) error) error {
	return firestorex.Fault("count.keep", r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		a, found, err := firestorex.Decode[keptAnswer]("count.keep", snap, err)
		if err != nil || !found || a.Holder != holder {
			return err
		}
		return write(tx)
	}))
}
