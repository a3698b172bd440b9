package workspace

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/session"
)

// routesOfDuplicates registers duplicating and its progress.
func (s *service) routesOfDuplicates(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/duplications", ID: "duplicateWorkspace", Rule: access.MemberOf(access.Read),
		Summary: "Duplicate a workspace", Access: api.SecondFactor, Status: 202, MaxBodyBytes: maxBody,
		Description: "Copies cohorts, concept sets, data sets and the sources of notebooks to a new workspace of the same tier and release, which the caller owns. " +
			"Runs, results, notes and costs stay. It goes on in the background; the new workspace shows itself when it is whole."},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"64"`
			Body      duplicateIn
		}) (*jobOut, error) {
			j, err := s.duplicateWorkspace(ctx, session.Must(ctx), in.Workspace, in.Body)
			return answerJob(j, err)
		})
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/duplications/{duplication}", ID: "getDuplication", Rule: access.ByRecord("whoever asked for the copy"),
		Summary: "How far a duplicate or a snapshot is", Access: api.SecondFactor},
		func(ctx context.Context, in *struct {
			Duplication string `path:"duplication" maxLength:"64"`
		}) (*jobOut, error) {
			j, err := s.job(ctx, session.Must(ctx), in.Duplication)
			return answerJob(j, err)
		})
}

// jobView is a copy as whoever asked for it sees it.
type jobView struct {
	ID    string `json:"id"`
	State string `json:"state" enum:"copying,done,cleaning,failed" doc:"copying; done: it is there; cleaning: it cannot be done, and what was copied is being removed; failed: nothing of it is left."`
	Done  int    `json:"done" doc:"How many things are copied."`
	Total int    `json:"total" doc:"Of how many."`
	// Problem is for people.
	Problem     string              `json:"problem,omitempty" doc:"Why it failed, and what to do."`
	WorkspaceID string              `json:"workspaceId,omitempty" doc:"The new workspace, once it is there."`
	SnapshotID  string              `json:"snapshotId,omitempty" doc:"The snapshot, once it is published."`
	Findings    []community.Finding `json:"findings" doc:"What was left out, and what the disclosure check found."`
	CreatedAt   time.Time           `json:"createdAt"`
	EndedAt     *time.Time          `json:"endedAt,omitempty"`
}

type jobOut struct{ Body jobView }

func answerJob(j copying.Job, err error) (*jobOut, error) {
	if err != nil {
		return nil, err
	}
	v := jobView{ID: j.ID, State: j.State, Done: j.Done, Total: max(j.Total, j.Done), Problem: j.Problem, Findings: j.Found, CreatedAt: j.CreatedAt}
	if v.Findings == nil {
		v.Findings = []community.Finding{}
	}
	if j.Ended() {
		v.EndedAt = &j.EndedAt
	}
	switch {
	case j.State != copying.Done:
	case j.Makes == copying.Snapshot:
		v.SnapshotID = target(j)
	default:
		v.WorkspaceID = target(j)
	}
	return &jobOut{v}, nil
}
