package environment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/handoff"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// Notebook is the record of one notebook: workspaces/{ws}/notebooks/{nb}. The
// file itself is the object of that name in the bucket.
type Notebook struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	Name        string `firestore:"name"`
	Language    string `firestore:"language"`
	RunID       string `firestore:"runId"`
	DataSetID   string `firestore:"dataSetId"`
	// Object is the file's name in the bucket.
	Object string `firestore:"object"`
	Bytes  int64  `firestore:"bytes"`
	SHA256 string `firestore:"sha256"`

	CreatedBy     string    `firestore:"createdBy"`
	CreatedAt     time.Time `firestore:"createdAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// Request is what a notebook is asked for with.
type Request struct {
	Name, Language, RunID string
}

// service does what the routes ask for.
type service struct {
	gate    gate
	records records
	files   files
	clock   clock.Clock
}

// Create generates, stores and records a notebook for a run of the workspace.
func (s *service) Create(ctx context.Context, p session.Principal, workspace string, r Request) (Notebook, error) {
	if _, _, err := s.gate.Workspace(ctx, p, workspace, access.Edit); err != nil {
		return Notebook{}, err
	}
	if r.Name == "" {
		return Notebook{}, fault.InvalidFields(fault.Field{Path: "body.name", Message: "expected a name that is not blank"})
	}
	source, err := s.source(ctx, workspace, r)
	if err != nil {
		return Notebook{}, err
	}
	body, err := handoff.Notebook(handoff.Language(r.Language), source)
	if errors.Is(err, handoff.ErrNotBuilt) {
		return Notebook{}, fault.New(fault.NotBuilt, "Code in SAS: this version of the hub does not write it yet. Choose python or r.")
	}
	if err != nil {
		return Notebook{}, fault.Wrap("notebook.generate", err)
	}
	now := s.clock.Now()
	sum := sha256.Sum256(body)
	n := Notebook{
		ID: id.New(id.Notebook, now), WorkspaceID: workspace, Name: r.Name, Language: r.Language,
		RunID: source.Run.ID, DataSetID: source.Run.DataSetID, Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:]),
		CreatedBy: p.UID, CreatedAt: now, SchemaVersion: 1,
	}
	n.Object = "workspaces/" + n.WorkspaceID + "/notebooks/" + n.ID + ".ipynb"
	if err := s.files.Create(ctx, n.Object, body); err != nil {
		return Notebook{}, err
	}
	return n, s.records.Add(ctx, n)
}

// source reads the run and what it executed.
func (s *service) source(ctx context.Context, workspace string, r Request) (handoff.Source, error) {
	noRun := fault.New(fault.NotFound, "There is no such run in this workspace.")
	if id.Check(id.Run, r.RunID) != nil {
		return handoff.Source{}, noRun
	}
	run, err := s.records.Run(ctx, workspace, r.RunID)
	switch {
	case fault.Is(err, fault.NotFound):
		return handoff.Source{}, noRun
	case err != nil:
		return handoff.Source{}, err
	case run.State == dataset.Pending, run.State == dataset.Running:
		return handoff.Source{}, fault.New(fault.Conflict, "This run is %s. Wait for its end at /query/v1/workspaces/%s/runs/%s, then try again.", run.State, workspace, run.ID)
	case run.State != dataset.Done:
		return handoff.Source{}, fault.New(fault.Conflict, "Only a run that has ended well has rows to hand over; this one is %s.", state(run.State))
	}
	out := handoff.Source{Title: r.Name, Run: run}
	if run.DataSetID != "" && id.Check(id.DataSet, run.DataSetID) == nil {
		// A run outlives its data set: what it executed is in the run itself.
		out.DataSet, err = s.records.DataSet(ctx, workspace, run.DataSetID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return handoff.Source{}, err
		}
	}
	return out, nil
}

// state is a run's state in words for people; an unknown one is not repeated.
func state(s string) string {
	switch s {
	case dataset.Failed, dataset.Cancelled:
		return s
	default:
		return "in no state that this version knows"
	}
}

// List gives one page of a workspace's notebooks, newest first.
func (s *service) List(ctx context.Context, p session.Principal, workspace string, limit int, cursor string) ([]Notebook, string, error) {
	if _, _, err := s.gate.Workspace(ctx, p, workspace, access.Read); err != nil {
		return nil, "", err
	}
	return s.records.Page(ctx, workspace, limit, cursor)
}

// Get gives one notebook's record.
func (s *service) Get(ctx context.Context, p session.Principal, workspace, notebook string) (Notebook, error) {
	if _, _, err := s.gate.Workspace(ctx, p, workspace, access.Read); err != nil {
		return Notebook{}, err
	}
	missing := fault.New(fault.NotFound, "There is no such notebook in this workspace.")
	if id.Check(id.Notebook, notebook) != nil {
		return Notebook{}, missing
	}
	n, err := s.records.Get(ctx, workspace, notebook)
	if fault.Is(err, fault.NotFound) {
		return Notebook{}, missing
	}
	return n, err
}

// Content gives a notebook's record and its file, checked against the record.
func (s *service) Content(ctx context.Context, p session.Principal, workspace, notebook string) (Notebook, []byte, error) {
	n, err := s.Get(ctx, p, workspace, notebook)
	if err != nil {
		return n, nil, err
	}
	body, err := s.files.Read(ctx, n.Object)
	if err != nil {
		return n, nil, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != n.SHA256 {
		return n, nil, fault.Wrap("notebook.content", errors.New("the object "+n.Object+" is not what its record says"))
	}
	return n, body, nil
}
