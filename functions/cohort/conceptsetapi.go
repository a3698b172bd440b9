package cohort

import (
	"context"
	"encoding/json"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// ConceptSetOf names one concept set in a path.
type ConceptSetOf struct {
	Workspace  string `path:"workspace" maxLength:"40"`
	ConceptSet string `path:"conceptSet" maxLength:"40"`
}

// AtVersion names one of its versions.
type AtVersion struct {
	Version int `query:"version" minimum:"0" maximum:"9999" doc:"Which version; the latest where left out."`
}

func (r room) conceptSetRoutes(a *api.API) {
	const all, one = "/v1/workspaces/{workspace}/concept-sets", "/v1/workspaces/{workspace}/concept-sets/{conceptSet}"
	op := func(method, path, operation string, act access.Action, summary, text string) api.Operation {
		return api.Operation{Method: method, Path: path, ID: operation, Rule: access.MemberOf(act), Summary: summary, Access: api.SecondFactor, Description: text}
	}
	create := op("POST", all, "createConceptSet", access.Edit, "Keep a concept set", "The expression is ATLAS's, unchanged. What is wrong with it is named with its JSON path.")
	create.Status, create.MaxBodyBytes = 201, maxBody
	api.Handle(a, create, r.createConceptSet)
	api.Handle(a, op("GET", all, "listConceptSets", access.Read, "A workspace's concept sets, newest first", ""), r.listConceptSets)
	api.Handle(a, op("GET", one, "getConceptSet", access.Read, "One concept set with its expression", "The ETag header is what a change needs as If-Match."), r.getConceptSet)
	change := op("PUT", one, "changeConceptSet", access.Edit, "Change a concept set",
		"Needs If-Match; a stale one answers 412 and changes nothing. Other concepts make a new version where the latest has been used, and replace it where it has not.")
	change.MaxBodyBytes = maxBody
	api.Handle(a, change, r.changeConceptSet)
	api.Handle(a, op("DELETE", one, "deleteConceptSet", access.Edit, "Delete a concept set with its versions",
		"Needs If-Match. Cohorts and data sets keep the concepts that they were made with."), r.deleteConceptSet)
	api.Handle(a, op("GET", one+"/versions", "listConceptSetVersions", access.Read, "A concept set's versions, newest first", ""), r.listConceptSetVersions)
	api.Handle(a, op("GET", one+"/atlas", "exportConceptSet", access.Read, "A concept set's expression for ATLAS", "Byte by byte as it came."), r.exportConceptSet)
	api.Handle(a, op("GET", one+"/concepts", "listConceptSetConcepts", access.Read, "The concepts that a concept set stands for",
		"Resolved on the vocabulary of the workspace's release; those that most participants have first. Counts are rounded as for the public."), r.conceptSetConcepts)
	api.Handle(a, op("POST", one+"/resolution", "resolveConceptSet", access.Run, "Pin a concept set to the workspace's vocabulary",
		"Gives the ids of all concepts that it stands for. The version is used from then on: it stays as it is, and the next change makes a new one."), r.resolveConceptSet)
	api.Handle(a, op("POST", one+"/comparison", "compareConceptSets", access.Read, "What changed between two versions or two vocabularies",
		"Which concepts came and went, and why."), r.compareConceptSets)
	api.Handle(a, op("GET", one+"/recommendations", "recommendConcepts", access.Read, "Concepts beside those of a concept set",
		"Valid standard concepts that share a parent with those named in it and are not in it."), r.recommendConcepts)
}

type conceptSetView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Version     int             `json:"version" doc:"The version shown; in lists, the latest."`
	Latest      int             `json:"latestVersion"`
	Used        bool            `json:"used,omitempty" doc:"Something rests on the version shown, so it stays as it is; not in lists."`
	Items       int             `json:"items" doc:"How many concepts it names."`
	Hash        string          `json:"definitionHash" doc:"SHA-256 of what it asks for: equal where the meaning is."`
	Expression  json.RawMessage `json:"expression,omitempty" doc:"ATLAS's JSON; not in lists."`
	Warnings    []warning       `json:"warnings,omitempty" doc:"What is allowed and hardly meant; not in lists."`
	CreatedBy   string          `json:"createdBy"`
	CreatedAt   time.Time       `json:"createdAt"`
	UpdatedBy   string          `json:"updatedBy"`
	UpdatedAt   time.Time       `json:"updatedAt"`
}

func conceptSetViewOf(s conceptSet) conceptSetView {
	return conceptSetView{ID: s.ID, Name: s.Name, Description: s.Description, Version: s.Version, Latest: s.Version, Items: s.Items, Hash: s.Hash,
		CreatedBy: s.CreatedBy, CreatedAt: s.CreatedAt, UpdatedBy: s.UpdatedBy, UpdatedAt: s.UpdatedAt}
}

type conceptSetOut struct {
	ETag string `header:"ETag"`
	Body conceptSetView
}

// conceptSetWith shows a head with one of its versions.
func conceptSetWith(s conceptSet, v conceptSetVersion, etag string) (*conceptSetOut, error) {
	items, err := v.items()
	if err != nil {
		return nil, err
	}
	out := &conceptSetOut{etag, conceptSetViewOf(s)}
	out.Body.Version, out.Body.Items, out.Body.Hash, out.Body.Expression, out.Body.Used = v.Number, v.Items, v.Hash, json.RawMessage(v.Expression), !v.UsedAt.IsZero()
	out.Body.Warnings = itemWarnings(items)
	return out, nil
}

func (r room) createConceptSet(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      conceptSetBody
}) (*conceptSetOut, error) {
	name, text, items, err := in.Body.checked()
	if err != nil {
		return nil, err
	}
	p, now := session.Must(ctx), r.clock.Now()
	s := conceptSet{ID: id.New(id.ConceptSet, now), WorkspaceID: in.Workspace, Name: name, Description: text, Version: 1, Items: len(items), Hash: circe.ItemsHash(items),
		CreatedBy: p.UID, CreatedAt: now, UpdatedBy: p.UID, UpdatedAt: now, SchemaVersion: 1}
	v := conceptSetVersion{ID: versionID(1), ConceptSetID: s.ID, WorkspaceID: s.WorkspaceID, Number: 1, Expression: string(in.Body.Expression), Items: s.Items, Hash: s.Hash,
		CreatedBy: p.UID, CreatedAt: now, UpdatedBy: p.UID, UpdatedAt: now, SchemaVersion: 1}
	etag, err := r.addConceptSet(ctx, p, s, v)
	if err != nil {
		return nil, err
	}
	return conceptSetWith(s, v, etag)
}

func (r room) getConceptSet(ctx context.Context, in *struct {
	ConceptSetOf
	AtVersion
}) (*conceptSetOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	s, v, etag, err := r.conceptSet(ctx, in.ConceptSetOf, in.Version)
	if err != nil {
		return nil, err
	}
	return conceptSetWith(s, v, etag)
}

func (r room) changeConceptSet(ctx context.Context, in *struct {
	ConceptSetOf
	IfMatch string `header:"If-Match" doc:"The concept set's ETag."`
	Body    conceptSetBody
}) (*conceptSetOut, error) {
	name, text, items, err := in.Body.checked()
	if err != nil {
		return nil, err
	}
	s, v, etag, err := r.rewriteConceptSet(ctx, session.Must(ctx), in.ConceptSetOf, in.IfMatch,
		conceptSetChange{name: name, description: text, expression: string(in.Body.Expression), items: items})
	if err != nil {
		return nil, err
	}
	return conceptSetWith(s, v, etag)
}

func (r room) deleteConceptSet(ctx context.Context, in *struct {
	ConceptSetOf
	IfMatch string `header:"If-Match" doc:"The concept set's ETag."`
}) (*struct{}, error) {
	return nil, r.removeConceptSet(ctx, session.Must(ctx), in.ConceptSetOf, in.IfMatch)
}

type conceptSetList struct{ Body api.Page[conceptSetView] }

func (r room) listConceptSets(ctx context.Context, in *listIn) (*conceptSetList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[conceptSet](ctx, r.collection(in.Workspace, conceptSets), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &conceptSetList{api.Page[conceptSetView]{Items: make([]conceptSetView, len(list)), Next: next}}
	for i, s := range list {
		out.Body.Items[i] = conceptSetViewOf(s)
	}
	return out, nil
}

// conceptSetVersionView is a version in the list of them.
type conceptSetVersionView struct {
	Version   int       `json:"version"`
	Items     int       `json:"items"`
	Hash      string    `json:"definitionHash"`
	Used      bool      `json:"used"`
	CreatedBy string    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedBy string    `json:"updatedBy"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type conceptSetVersionList struct {
	Body api.Page[conceptSetVersionView]
}

func (r room) listConceptSetVersions(ctx context.Context, in *struct {
	ConceptSetOf
	api.PageIn
}) (*conceptSetVersionList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	if _, _, _, err := r.conceptSet(ctx, in.ConceptSetOf, 0); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[conceptSetVersion](ctx, r.versionsOf(in.ConceptSetOf), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &conceptSetVersionList{api.Page[conceptSetVersionView]{Items: make([]conceptSetVersionView, len(list)), Next: next}}
	for i, v := range list {
		out.Body.Items[i] = conceptSetVersionView{v.Number, v.Items, v.Hash, !v.UsedAt.IsZero(), v.CreatedBy, v.CreatedAt, v.UpdatedBy, v.UpdatedAt}
	}
	return out, nil
}

// atlasOut is the expression as it is kept: no encoder goes over it.
type atlasOut struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (r room) exportConceptSet(ctx context.Context, in *struct {
	ConceptSetOf
	AtVersion
}) (*atlasOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	_, v, _, err := r.conceptSet(ctx, in.ConceptSetOf, in.Version)
	if err != nil {
		return nil, err
	}
	return &atlasOut{"application/json", []byte(v.Expression)}, nil
}
