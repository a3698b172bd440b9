package cohort

import (
	"context"
	"encoding/json"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// maxBody holds the largest definition that circe takes, and its envelope.
const maxBody = circe.MaxBytes + 64<<10

func (r room) cohortRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts", ID: "createCohort", Rule: access.MemberOf(access.Edit), Summary: "Keep a cohort definition", Access: api.SecondFactor,
		Description: "The definition is OHDSI's Circe cohort expression, unchanged. What is wrong with it, or not in this version, is named with its JSON path.",
		Status:      201, MaxBodyBytes: maxBody}, r.create)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/cohorts", ID: "listCohorts", Rule: access.MemberOf(access.Read), Summary: "A workspace's cohorts, newest first", Access: api.SecondFactor}, r.list)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}", ID: "getCohort", Rule: access.MemberOf(access.Read), Summary: "One cohort with its definition", Access: api.SecondFactor}, r.get)
}

type createIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      struct {
		Name        string          `json:"name" minLength:"1" maxLength:"80" doc:"The cohort's name."`
		Description string          `json:"description,omitempty" maxLength:"1000" doc:"What the cohort is meant to hold."`
		Definition  json.RawMessage `json:"definition" doc:"An OHDSI Circe cohort expression."`
	}
}

type cohortOut struct{ Body view }

type view struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Version     int             `json:"version"`
	Hash        string          `json:"definitionHash" doc:"SHA-256 of the definition's canonical form: equal where the meaning is."`
	Definition  json.RawMessage `json:"definition,omitempty" doc:"The definition as it came; not in lists."`
	Warnings    []warning       `json:"warnings,omitempty"`
	CreatedBy   string          `json:"createdBy"`
	CreatedAt   time.Time       `json:"createdAt"`
}

type warning struct {
	Path    string `json:"path" doc:"Where in the definition, as a JSON path."`
	Message string `json:"message"`
}

func viewOf(c record) view {
	return view{ID: c.ID, Name: c.Name, Description: c.Description, Version: c.Version, Hash: c.Hash, CreatedBy: c.CreatedBy, CreatedAt: c.CreatedAt}
}

// detailed adds the definition and what it warns of.
func detailed(c record) (*cohortOut, error) {
	d, err := parse(c)
	if err != nil {
		return nil, err
	}
	v := viewOf(c)
	v.Definition = json.RawMessage(c.Definition)
	for _, w := range d.Warnings() {
		v.Warnings = append(v.Warnings, warning{w.Path, w.Message})
	}
	return &cohortOut{v}, nil
}

// parse reads a stored definition. One that was accepted and is not any more is
// the hub's fault, not the caller's.
func parse(c record) (*circe.Definition, error) {
	d, err := circe.Parse([]byte(c.Definition))
	if err != nil {
		return nil, fault.Because(fault.Internal, err, "")
	}
	return d, nil
}

func (r room) create(ctx context.Context, in *createIn) (*cohortOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Edit)
	if err != nil {
		return nil, err
	}
	d, err := circe.Parse(in.Body.Definition)
	if err != nil {
		return nil, err
	}
	now := r.clock.Now()
	c := record{ID: id.New(id.Cohort, now), WorkspaceID: w.ID, Name: in.Body.Name, Description: in.Body.Description, Version: 1,
		Definition: string(in.Body.Definition), Hash: d.Hash(), CreatedBy: p.UID, CreatedAt: now, SchemaVersion: 1}
	if err := r.addCohort(ctx, c); err != nil {
		return nil, err
	}
	return detailed(c)
}

type listIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	api.PageIn
}

type cohortList struct{ Body api.Page[view] }

func (r room) list(ctx context.Context, in *listIn) (*cohortList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[record](ctx, r.collection(in.Workspace, cohorts), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &cohortList{api.Page[view]{Items: make([]view, len(list)), Next: next}}
	for i, c := range list {
		out.Body.Items[i] = viewOf(c)
	}
	return out, nil
}

type cohortIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
}

func (r room) get(ctx context.Context, in *cohortIn) (*cohortOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	c, err := r.cohort(ctx, in.Workspace, in.Cohort)
	if err != nil {
		return nil, err
	}
	return detailed(c)
}
