package copying

import (
	"context"
	"errors"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/outbox"
)

// Claim is what the document of a claim says of its holder: a workspace's name, or
// that a snapshot is being published.
type Claim struct {
	WorkspaceID string `firestore:"workspaceId"`
	SnapshotID  string `firestore:"snapshotId"`
}

// clean does one step of removing what a job wrote; the last of them ends it.
// Nobody writes there any more: who copies finds the job's state changed.
func (e *Engine) clean(ctx context.Context, j Job) (Job, error) {
	if err := e.pass("remove"); err != nil {
		return j, err
	}
	removed, err := e.Files.Delete(ctx, j.Target+"/", e.Rules.Records)
	if err == nil && removed == 0 {
		removed, err = e.below(ctx, e.client().Doc(j.Target), e.Rules.Records)
	}
	if err != nil {
		return j, err
	}
	if removed > 0 {
		return e.held(ctx, "clean", j, func(_ *firestore.Transaction, j Job) (Job, error) { return j, nil })
	}
	var events []string
	after, err := e.held(ctx, "cleaned", j, func(tx *firestore.Transaction, j Job) (Job, error) {
		events = nil
		if j.Makes == Withdrawal {
			return j.end(Done, e.now(), e.Rules.Retention), nil
		}
		event, err := e.forget(tx, j)
		events = append(events, event)
		return j.end(Failed, e.now(), e.Rules.Retention), err
	})
	if err == nil {
		e.Events.Send(ctx, events...)
	}
	return after, err
}

// below removes the records of the layout below a document, at most so many.
func (e *Engine) below(ctx context.Context, root *firestore.DocumentRef, most int) (int, error) {
	removed := 0
	for _, kind := range Layout() {
		// DocumentRefs lists also records that are not there but have versions.
		it := root.Collection(kind.Collection).DocumentRefs(ctx)
		for removed < most {
			ref, err := it.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return removed, firestorex.Fault("copying.remove", err)
			}
			if kind.Versions != "" {
				n, err := e.all(ctx, ref.Collection(kind.Versions), most-removed)
				if removed += n; err != nil || removed >= most {
					return removed, err
				}
			}
			if _, err := ref.Delete(ctx); err != nil {
				return removed, firestorex.Fault("copying.remove", err)
			}
			removed++
		}
	}
	return removed, nil
}

// all removes the records of a collection, at most so many.
func (e *Engine) all(ctx context.Context, c *firestore.CollectionRef, most int) (int, error) {
	it := c.DocumentRefs(ctx)
	for removed := 0; ; removed++ {
		if removed == most {
			return removed, nil
		}
		ref, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return removed, nil
		}
		if err == nil {
			_, err = ref.Delete(ctx)
		}
		if err != nil {
			return removed, firestorex.Fault("copying.remove", err)
		}
	}
}

// forget removes the target itself and its claim, and tells who asked for it.
func (e *Engine) forget(tx *firestore.Transaction, j Job) (string, error) {
	client, now := e.client(), e.now()
	mine := false
	if j.Claim != "" {
		snap, err := tx.Get(client.Doc(j.Claim))
		c, found, err := firestorex.Decode[Claim]("copying.claim", snap, err)
		if err != nil {
			return "", err
		}
		_, target, _ := strings.Cut(j.Target, "/")
		mine = found && (c.WorkspaceID == target || c.SnapshotID == target)
	}
	if err := tx.Delete(client.Doc(j.Target)); err != nil {
		return "", err
	}
	if mine {
		if err := tx.Delete(client.Doc(j.Claim)); err != nil {
			return "", err
		}
	}
	kind := "workspace.duplicationFailed"
	if j.Makes == Snapshot {
		kind = "snapshot.failed"
	}
	if err := audit.Add(tx, client, audit.Entry{At: now, Actor: j.Actor, Act: kind, Target: j.Target, Before: j.Source, After: j.Problem}); err != nil {
		return "", err
	}
	return outbox.Add(tx, client, outbox.Event{Type: kind, At: now, UID: j.Actor, Target: Collection + "/" + j.ID,
		Data: map[string]string{"name": j.Name, "problem": j.Problem, "job": j.ID}})
}

// sweepTime is for how long a sweep works on one job.
const sweepTime = 5 * time.Second

// Sweep goes on with jobs that nobody works on, those that have waited longest
// first: at most so many, each for a few seconds. It says how many it looked at.
func (e *Engine) Sweep(ctx context.Context, limit int) (int, error) {
	snaps, err := e.client().Collection(Collection).Where("dueAt", "<=", e.now()).OrderBy("dueAt", firestore.Asc).Limit(limit).Documents(ctx).GetAll()
	if err != nil {
		return 0, firestorex.Fault("copying.due", err)
	}
	var failed error
	for _, snap := range snaps {
		// One that fails keeps none of the others.
		if j, err := e.Work(ctx, snap.Ref.ID, sweepTime); err != nil {
			e.Log.ErrorContext(ctx, "a copy does not go on", "copying", snap.Ref.ID, "error", err.Error())
			failed = errors.Join(failed, err)
		} else if j.Ended() {
			e.Log.InfoContext(ctx, "a copy has ended", "copying", j.ID, "state", j.State)
		}
	}
	if failed != nil {
		return len(snaps), fault.Because(fault.Unavailable, failed, "Some copies did not go on.")
	}
	return len(snaps), nil
}
