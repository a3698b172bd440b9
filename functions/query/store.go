package query

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// runRequests is the sub-collection of a workspace that maps requests to runs.
const runRequests = "runRequests"

// request is what a member's requestId made.
type request struct {
	RunID string `firestore:"runId"`
	// Hash is what was asked for: the same requestId for something else is refused.
	Hash      string    `firestore:"hash"`
	CreatedAt time.Time `firestore:"createdAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

func (r room) workspace(name string) *firestore.DocumentRef {
	return r.client.Collection(access.Workspaces).Doc(name)
}

func (r room) runRef(workspace, run string) *firestore.DocumentRef {
	return r.workspace(workspace).Collection(dataset.Runs).Doc(run)
}

// requestRef is nil without a requestId.
func (r room) requestRef(workspace, uid, requestID string) *firestore.DocumentRef {
	if requestID == "" {
		return nil
	}
	return r.workspace(workspace).Collection(runRequests).Doc(uid + "." + requestID)
}

var errNoRun = fault.New(fault.NotFound, "There is no such run in this workspace.")

func (r room) run(ctx context.Context, workspace, runID string) (dataset.Run, error) {
	var run dataset.Run
	if id.Check(id.Run, runID) != nil {
		return run, errNoRun
	}
	snap, err := r.runRef(workspace, runID).Get(ctx)
	if f := firestorex.Fault("query.run", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return run, errNoRun
		}
		return run, f
	}
	err = snap.DataTo(&run)
	return run, fault.Wrap("query.run", err)
}

// addRun writes a run that is about to start, or finds the one that the same
// request made before.
func (r room) addRun(ctx context.Context, run dataset.Run, requestID string) (got dataset.Run, isNew bool, err error) {
	ref := r.requestRef(run.WorkspaceID, run.MemberUID, requestID)
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		got, isNew = run, true
		if ref != nil {
			snap, err := tx.Get(ref)
			switch f := firestorex.Fault("query.request", err); {
			case f == nil:
				isNew = false
				got, err = r.earlier(tx, snap, run)
				return err
			case !fault.Is(f, fault.NotFound):
				return f
			}
			if err := tx.Create(ref, request{run.ID, run.DefinitionHash, run.CreatedAt, 1}); err != nil {
				return err
			}
		}
		return tx.Create(r.runRef(run.WorkspaceID, run.ID), run)
	})
	return got, isNew, firestorex.Fault("query.add", err)
}

func (r room) earlier(tx *firestore.Transaction, snap *firestore.DocumentSnapshot, run dataset.Run) (dataset.Run, error) {
	var before request
	if err := snap.DataTo(&before); err != nil {
		return run, fault.Wrap("query.request", err)
	}
	if before.Hash != run.DefinitionHash {
		return run, fault.New(fault.Conflict, "This requestId has been used for another query: take a new one.")
	}
	snap, err := tx.Get(r.runRef(run.WorkspaceID, before.RunID))
	if err != nil {
		return run, firestorex.Fault("query.request", err)
	}
	var got dataset.Run
	err = snap.DataTo(&got)
	return got, fault.Wrap("query.request", err)
}

// forget takes back a run that was refused before its job began.
func (r room) forget(ctx context.Context, run dataset.Run, requestID string) error {
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		if ref := r.requestRef(run.WorkspaceID, run.MemberUID, requestID); ref != nil {
			if err := tx.Delete(ref); err != nil {
				return err
			}
		}
		return tx.Delete(r.runRef(run.WorkspaceID, run.ID))
	})
	return firestorex.Fault("query.forget", err)
}

// change writes a run's next state. A run that has ended stays as it ended.
func (r room) change(ctx context.Context, workspace, runID string, f func(*dataset.Run)) (dataset.Run, error) {
	var run dataset.Run
	ref := r.runRef(workspace, runID)
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		run = dataset.Run{}
		snap, err := tx.Get(ref)
		if err != nil {
			return err
		}
		if err := snap.DataTo(&run); err != nil {
			return err
		}
		if ended(run.State) {
			return nil
		}
		f(&run)
		return tx.Set(ref, run)
	})
	return run, firestorex.Fault("query.change", err)
}

func ended(state string) bool {
	return state == dataset.Done || state == dataset.Failed || state == dataset.Cancelled
}
