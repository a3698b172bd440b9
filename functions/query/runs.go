package query

import (
	"context"
	"errors"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/session"
)

func (r room) runRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/runs", ID: "startRun", Rule: access.MemberOf(access.Run), Summary: "Run a query", Access: api.SecondFactor, Status: 202,
		Description: "Charged to the workspace's owner and capped. The same requestId gives the same run, so that a retry costs nothing."}, r.start)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/runs", ID: "listRuns", Rule: access.MemberOf(access.Read), Summary: "A workspace's runs, newest first", Access: api.SecondFactor,
		Description: "As they were last looked at; reading one run follows its job."}, r.list)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/runs/{run}", ID: "getRun", Rule: access.MemberOf(access.Read), Summary: "One run as it stands", Access: api.SecondFactor}, r.get)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/runs/{run}/cancel", ID: "cancelRun", Rule: access.MemberOf(access.Run), Summary: "Ask a run to end", Access: api.SecondFactor, Status: 202,
		Description: "What was read until then is charged."}, r.cancel)
}

type startIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      struct {
		// Spelt out: huma does not see the fields of an embedded unexported type.
		DataSetID string `json:"dataSetId,omitempty" maxLength:"40" doc:"A data set of this workspace; or else sql."`
		SQL       string `json:"sql,omitempty" maxLength:"65536" doc:"One GoogleSQL query over the tables of the workspace's release and tier, whose names need no dataset, and its materialised cohorts, named as materialising gave them."`
		RequestID string `json:"requestId,omitempty" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The caller's own name for this request: sent again, it gives the same run."`
	}
}

type runOut struct{ Body view }

type view struct {
	ID             string        `json:"id"`
	DataSetID      string        `json:"dataSetId,omitempty"`
	SQL            string        `json:"sql,omitempty" doc:"The statement; not in lists."`
	State          string        `json:"state" enum:"pending,running,done,failed,cancelled"`
	Problem        string        `json:"problem,omitempty" doc:"Why it failed."`
	BytesEstimated int64         `json:"bytesEstimated"`
	BytesCap       int64         `json:"bytesCap" doc:"The most it may bill."`
	BytesBilled    int64         `json:"bytesBilled"`
	Cost           *money.Amount `json:"cost,omitempty" doc:"What it cost, once it has ended."`
	Rows           int64         `json:"rows"`
	ReleaseID      string        `json:"releaseId"`
	Hash           string        `json:"definitionHash"`
	StartedBy      string        `json:"startedBy"`
	CancelAskedAt  *time.Time    `json:"cancelAskedAt,omitempty"`
	CreatedAt      time.Time     `json:"createdAt"`
	EndedAt        *time.Time    `json:"endedAt,omitempty"`
}

func viewOf(run dataset.Run) (view, error) {
	v := view{ID: run.ID, DataSetID: run.DataSetID, State: run.State, Problem: run.Problem, BytesEstimated: run.BytesEstimated, BytesCap: run.BytesCap,
		BytesBilled: run.BytesBilled, Rows: run.Rows, ReleaseID: run.ReleaseID, Hash: run.DefinitionHash, StartedBy: run.MemberUID, CreatedAt: run.CreatedAt}
	if run.Cost != "" {
		cost, err := money.Parse(run.Cost, run.Currency)
		if err != nil {
			return v, fault.Wrap("query.cost", err)
		}
		v.Cost = &cost
	}
	if !run.EndedAt.IsZero() {
		v.EndedAt = &run.EndedAt
	}
	if !run.CancelAskedAt.IsZero() {
		v.CancelAskedAt = &run.CancelAskedAt
	}
	return v, nil
}

func answer(run dataset.Run, err error) (*runOut, error) {
	if err != nil {
		return nil, err
	}
	v, err := viewOf(run)
	v.SQL = run.Statement.SQL
	return &runOut{v}, err
}

func order(run dataset.Run) metered.Order {
	return metered.Order{ID: run.ID, OwnerUID: run.OwnerUID, MemberUID: run.MemberUID, WorkspaceID: run.WorkspaceID, Purpose: "run"}
}

// start estimates, records, holds and starts, in that order: see the package's
// invariants for what a death between two steps leaves behind.
func (r room) start(ctx context.Context, in *startIn) (*runOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Run)
	if err != nil {
		return nil, err
	}
	r.reconcile(ctx, w.OwnerUID)
	what, err := r.prepare(ctx, w, source{in.Body.DataSetID, in.Body.SQL})
	if err != nil {
		return nil, err
	}
	e, _, err := r.priced(ctx, what)
	if err != nil {
		return nil, err
	}
	most, err := r.desk.Cap(ctx, w.OwnerUID, e.Billable)
	if err != nil {
		return nil, err
	}
	now := r.clock.Now()
	run, isNew, err := r.addRun(ctx, dataset.Run{ID: id.New(id.Run, now), WorkspaceID: w.ID, OwnerUID: w.OwnerUID, MemberUID: p.UID,
		DataSetID: what.dataSetID, Statement: what.statement, State: dataset.Pending, BytesEstimated: e.Bytes, BytesCap: most,
		ReleaseID: what.data.Release.ID, VocabularyVersion: what.data.Release.VocabularyVersion, DefinitionHash: what.hash,
		CreatedAt: now, SchemaVersion: 1}, in.Body.RequestID)
	switch {
	case err != nil:
		return nil, err
	case isNew:
		return answer(r.launch(ctx, run, in.Body.RequestID))
	default:
		return answer(r.resume(ctx, run, in.Body.RequestID))
	}
}

// launch holds for a recorded run and starts its job. Both are idempotent by its
// name.
func (r room) launch(ctx context.Context, run dataset.Run, requestID string) (dataset.Run, error) {
	if err := r.desk.Hold(ctx, order(run), run.BytesCap); err != nil {
		if fault.Is(err, fault.Conflict) {
			return r.follow(ctx, run) // another request started and settled it in between
		}
		return run, errors.Join(err, r.forget(ctx, run, requestID))
	}
	return r.begin(ctx, run)
}

// resume answers a request that was made before. A run that its first request
// recorded and, dying, did not start is started.
func (r room) resume(ctx context.Context, run dataset.Run, requestID string) (dataset.Run, error) {
	if run.State != dataset.Pending || !run.CancelAskedAt.IsZero() {
		return run, nil
	}
	has, err := r.hasJob(ctx, run)
	if err != nil {
		return run, err
	}
	if has {
		return r.follow(ctx, run)
	}
	// Said before it starts, so that no reading in between ends it as never started.
	now := r.clock.Now()
	run, err = r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) { run.ResumedAt = now })
	if err != nil || run.State != dataset.Pending {
		return run, err
	}
	return r.launch(ctx, run, requestID)
}

// begin starts a recorded run's job. Where BigQuery does not answer, the job may
// have begun all the same: the run stays pending and the next reading finds out.
func (r room) begin(ctx context.Context, run dataset.Run) (dataset.Run, error) {
	_, err := bigqueryx.Start(ctx, r.desk.BigQuery, r.desk.Job(order(run), run.ID, run.Statement, run.BytesCap))
	switch {
	case err == nil:
		return r.began(ctx, run)
	case fault.Permanent(err) || fault.Is(err, fault.Budget):
		return r.neverRan(ctx, run, fault.Message(err))
	default:
		return run, nil
	}
}

// began records that a run's job is there. Somebody may have asked for its end
// before it could be ended: it is ended now.
func (r room) began(ctx context.Context, run dataset.Run) (dataset.Run, error) {
	run, err := r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) { run.State = dataset.Running })
	if err != nil || ended(run.State) || run.CancelAskedAt.IsZero() {
		return run, err
	}
	return run, r.stopJob(ctx, run)
}

type listIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	api.PageIn
}

type runList struct{ Body api.Page[view] }

func (r room) list(ctx context.Context, in *listIn) (*runList, error) {
	w, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read)
	if err != nil {
		return nil, err
	}
	r.reconcile(ctx, w.OwnerUID)
	list, next, err := firestorex.NewestOfAll[dataset.Run](ctx, r.workspace(in.Workspace).Collection(dataset.Runs), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &runList{api.Page[view]{Items: make([]view, len(list)), Next: next}}
	for i, run := range list {
		if out.Body.Items[i], err = viewOf(run); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type runIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Run       string `path:"run" maxLength:"40"`
}

func (r room) get(ctx context.Context, in *runIn) (*runOut, error) {
	w, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read)
	if err != nil {
		return nil, err
	}
	r.reconcile(ctx, w.OwnerUID)
	run, err := r.run(ctx, in.Workspace, in.Run)
	if err != nil {
		return nil, err
	}
	return answer(r.follow(ctx, run))
}

func (r room) cancel(ctx context.Context, in *runIn) (*runOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Run); err != nil {
		return nil, err
	}
	run, err := r.run(ctx, in.Workspace, in.Run)
	if err != nil {
		return nil, err
	}
	if run, err = r.follow(ctx, run); err != nil || ended(run.State) {
		return answer(run, err)
	}
	now := r.clock.Now()
	if run, err = r.change(ctx, run.WorkspaceID, run.ID, func(run *dataset.Run) { run.CancelAskedAt = now }); err != nil {
		return nil, err
	}
	if err := r.stopJob(ctx, run); err != nil {
		return nil, err
	}
	return answer(r.follow(ctx, run))
}
