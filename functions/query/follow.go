package query

import (
	"context"
	"time"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/metered"
)

// jobTime bounds one question about a job.
const jobTime = 20 * time.Second

// follow brings a run up to its job's state. At the end it settles the cost and
// then writes the state: a death in between repeats the settlement, which counts
// once.
func (r room) follow(ctx context.Context, run dataset.Run) (dataset.Run, error) {
	if ended(run.State) {
		return run, nil
	}
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	job, err := r.desk.BigQuery.JobFromID(ctx, run.ID)
	if f := bigqueryx.Fault("query.job", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return r.jobless(ctx, run)
		}
		return run, f
	}
	if !job.LastStatus().Done() {
		if run.State == dataset.Pending {
			return r.began(ctx, run)
		}
		return run, nil
	}
	return r.finish(ctx, run, job)
}

// hasJob says whether BigQuery knows a run's job.
func (r room) hasJob(ctx context.Context, run dataset.Run) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	_, err := r.desk.BigQuery.JobFromID(ctx, run.ID)
	f := bigqueryx.Fault("query.job", err)
	if fault.Is(f, fault.NotFound) {
		return false, nil
	}
	return f == nil, f
}

// jobless handles a run whose job BigQuery does not know: young, its request may
// still be starting it; older, the process died before it could. The age is that
// of the record as it is written, which a retry makes young again.
func (r room) jobless(ctx context.Context, run dataset.Run) (dataset.Run, error) {
	now := r.clock.Now()
	run, err := r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) {
		asked := run.CreatedAt
		if run.ResumedAt.After(asked) {
			asked = run.ResumedAt
		}
		if now.Sub(asked) >= r.limits.StartGrace {
			endUnrun(run, "The query did not start. Nothing was charged: run it again.", now)
		}
	})
	if err != nil || !ended(run.State) {
		return run, err
	}
	// A death here leaves the hold to reconcile.
	return run, r.desk.Release(ctx, order(run))
}

// neverRan ends a run whose job BigQuery refused and gives its hold back.
func (r room) neverRan(ctx context.Context, run dataset.Run, why string) (dataset.Run, error) {
	if err := r.desk.Release(ctx, order(run)); err != nil {
		return run, err
	}
	now := r.clock.Now()
	return r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) { endUnrun(run, why, now) })
}

func endUnrun(run *dataset.Run, why string, now time.Time) {
	run.State, run.Problem, run.EndedAt = dataset.Failed, why, now
	if !run.CancelAskedAt.IsZero() {
		run.State, run.Problem = dataset.Cancelled, ""
	}
}

// reconcile settles what this owner's dead processes left held. It is no part of
// what was asked for: where it fails, the next request tries again.
func (r room) reconcile(ctx context.Context, ownerUID string) {
	if err := r.desk.Reconcile(ctx, ownerUID); err != nil {
		r.log.WarnContext(ctx, "holds not reconciled", "owner", ownerUID, "error", err.Error())
	}
}

// finish settles what a job billed and records how it ended.
func (r room) finish(ctx context.Context, run dataset.Run, job *bigquery.Job) (dataset.Run, error) {
	billed := metered.Billed(job)
	cost, err := r.desk.Settle(ctx, order(run), billed)
	if err != nil {
		return run, err
	}
	state, problem, count := dataset.Done, "", int64(0)
	if f := bigqueryx.Fault("query.ended", job.LastStatus().Err()); f != nil {
		state, problem = dataset.Failed, fault.Message(f)
		if problem == "" {
			problem = "BigQuery failed. Run the query again."
		}
		if fault.Is(f, fault.Conflict) || !run.CancelAskedAt.IsZero() {
			state, problem = dataset.Cancelled, ""
		}
	} else if count, err = rowCount(ctx, job); fault.Is(err, fault.NotFound) {
		// BigQuery drops results after a day, and this run is first looked at now.
		state, problem, count = dataset.Failed, rowsGone, 0
	} else if err != nil {
		return run, err
	}
	now := r.clock.Now()
	return r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) {
		run.State, run.Problem, run.BytesBilled, run.Rows, run.EndedAt = state, problem, billed, count, now
		run.Cost, run.Currency = cost.Value().String(), cost.Currency()
	})
}

// rowsGone is said of a run whose rows BigQuery has dropped.
const rowsGone = "Its rows are not kept any more: run it again."

// rowCount is the number of rows of a finished query.
func rowCount(ctx context.Context, job *bigquery.Job) (int64, error) {
	it, err := job.Read(ctx)
	if err != nil {
		return 0, bigqueryx.Fault("query.rows", err)
	}
	return int64(it.TotalRows), nil
}

// stopJob asks BigQuery to end a run's job; one that has not begun is none.
func (r room) stopJob(ctx context.Context, run dataset.Run) error {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	job, err := r.desk.BigQuery.JobFromID(ctx, run.ID)
	if err == nil {
		err = job.Cancel(ctx)
	}
	f := bigqueryx.Fault("query.cancel", err)
	if fault.Is(f, fault.NotFound) {
		return nil
	}
	return f
}
