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
			return r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) { run.State = dataset.Running })
		}
		return run, nil
	}
	return r.finish(ctx, run, job)
}

// jobless handles a run whose job BigQuery does not know: young, its request may
// still be starting it; older, the process died before it could.
func (r room) jobless(ctx context.Context, run dataset.Run) (dataset.Run, error) {
	if r.clock.Now().Sub(run.CreatedAt) < r.limits.StartGrace {
		return run, nil
	}
	return r.neverRan(ctx, run, "The query did not start. Nothing was charged: run it again.")
}

// neverRan ends a run whose job did not begin and gives its hold back.
func (r room) neverRan(ctx context.Context, run dataset.Run, why string) (dataset.Run, error) {
	if err := r.desk.Release(ctx, order(run)); err != nil {
		return run, err
	}
	now := r.clock.Now()
	return r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) {
		run.State, run.Problem, run.EndedAt = dataset.Failed, why, now
		if !run.CancelAskedAt.IsZero() {
			run.State, run.Problem = dataset.Cancelled, ""
		}
	})
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
	} else if count, err = rowCount(ctx, job); err != nil {
		return run, err
	}
	now := r.clock.Now()
	return r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) {
		run.State, run.Problem, run.BytesBilled, run.Rows, run.EndedAt = state, problem, billed, count, now
		run.Cost, run.Currency = cost.Value().String(), cost.Currency()
	})
}

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
