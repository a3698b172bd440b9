package metered

import (
	"context"
	"errors"
	"time"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
)

const (
	// maxReconciled bounds one reconciliation; the next one goes on.
	maxReconciled = 10
	// reconcileTime bounds it in time: it rides on a request.
	reconcileTime = 10 * time.Second
)

// Reconcile settles or gives back an owner's holds older than Rules.HoldStale:
// their process died, or nobody looked at the run again. What the jobs billed is
// settled; where no job ever began, or nothing was billed, the hold is released.
// A job that still runs keeps its hold. Repeating it, also at the same moment,
// changes nothing. One hold's failure does not keep the others.
func (d *Desk) Reconcile(ctx context.Context, ownerUID string) error {
	ctx, cancel := context.WithTimeout(ctx, reconcileTime)
	defer cancel()
	list, err := d.Credits.Stale(ctx, ownerUID, d.Clock.Now().Add(-d.Rules.HoldStale), maxReconciled)
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range list {
		failed = append(failed, d.reconcile(ctx, c))
	}
	return errors.Join(failed...)
}

func (d *Desk) reconcile(ctx context.Context, c credits.Claim) error {
	o := Order{ID: c.ID, OwnerUID: c.OwnerUID, MemberUID: c.MemberUID, WorkspaceID: c.WorkspaceID}
	billed := int64(0)
	for _, name := range []string{o.SetsJob(), o.ID} {
		job, err := d.BigQuery.JobFromID(ctx, name)
		f := bigqueryx.Fault("metered.reconcile", err)
		switch {
		case fault.Is(f, fault.NotFound):
		case f != nil:
			return f
		case !job.LastStatus().Done():
			return nil
		default:
			billed += Billed(job)
		}
	}
	if billed == 0 {
		return d.Release(ctx, o)
	}
	_, err := d.Settle(ctx, o, billed)
	return err
}
