package cohort

import (
	"context"
	"encoding/json"
	"fmt"
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
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/combine", ID: "combineCohorts", Rule: access.MemberOf(access.Edit), Summary: "Unite, intersect or subtract cohorts", Access: api.SecondFactor,
		Description: "A cohort made of others' versions, which stay as they are from then on. Cohorts are sets of days: union merges periods, intersection keeps where they overlap, difference cuts the others out of the first.",
		Status:      201, MaxBodyBytes: maxBody}, r.combine)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/validate", ID: "validateCohort", Rule: access.MemberOf(access.Read), Summary: "Say what is wrong with a definition", Access: api.SecondFactor,
		Description: "Nothing is kept. Errors and warnings carry JSON paths; a warning says where the hub does something else than OHDSI's SQL, or what is hardly meant.", MaxBodyBytes: maxBody}, r.validate)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}", ID: "getCohort", Rule: access.MemberOf(access.Read), Summary: "One cohort with its definition", Access: api.SecondFactor}, r.get)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}", ID: "changeCohort", Rule: access.MemberOf(access.Edit), Summary: "Change a cohort", Access: api.SecondFactor,
		Description:  "Needs If-Match. Another definition takes the place of the current version's while that has never been run; after that it becomes a new version.",
		MaxBodyBytes: maxBody}, r.change)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}", ID: "deleteCohort", Rule: access.MemberOf(access.Edit), Summary: "Delete a cohort with its versions", Access: api.SecondFactor,
		Description: "Needs If-Match. One that another cohort is made of stays (409). Its table goes with it; data sets made of it keep their own statement.", Status: 204}, r.remove)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/versions", ID: "listCohortVersions", Rule: access.MemberOf(access.Read), Summary: "A cohort's versions, newest first", Access: api.SecondFactor}, r.listVersions)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/versions", ID: "addCohortVersion", Rule: access.MemberOf(access.Edit), Summary: "Add a version to a cohort", Access: api.SecondFactor,
		Description: "Needs If-Match. The version before stays as it is.", Status: 201, MaxBodyBytes: maxBody}, r.addVersion)
	r.importRoutes(a)
}

// DefinitionBody is what a cohort can be made of: exactly one of the two.
type DefinitionBody struct {
	Definition  json.RawMessage `json:"definition,omitempty" doc:"An OHDSI Circe cohort expression."`
	Combination json.RawMessage `json:"combination,omitempty" doc:"Instead of a definition: {op, of} with op union, intersection or difference, of two or more of {cohort, version} or {op, of}."`
}

// meant reads a body into a record's kind, definition, hash and cohorts, and
// gives what it means.
func (r room) meant(ctx context.Context, b DefinitionBody, c *record) (*circe.Whole, error) {
	switch {
	case len(b.Definition) > 0 && len(b.Combination) > 0:
		return nil, fault.InvalidFields(fault.Field{Path: "body.combination", Message: "a definition or a combination is expected, not both"})
	case len(b.Combination) > 0:
		named, err := circe.ParseCombination(b.Combination)
		if err != nil {
			return nil, err
		}
		w, err := circe.Expand(ctx, named, r.lookup(c.WorkspaceID))
		if err != nil {
			return nil, err
		}
		c.Cohorts = nil
		seen := map[string]bool{}
		for _, o := range named.Operands() {
			if !seen[o.Cohort] && o.Cohort != c.ID {
				seen[o.Cohort] = true
				c.Cohorts = append(c.Cohorts, o.Cohort)
			}
		}
		c.Kind, c.Definition, c.Hash = kindCombination, string(b.Combination), w.Hash()
		return w, nil
	default:
		d, err := circe.Parse(b.Definition)
		if err != nil {
			return nil, err
		}
		c.Kind, c.Definition, c.Hash, c.Cohorts = kindCirce, string(b.Definition), d.Hash(), nil
		return circe.Single(d), nil
	}
}

type createIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      struct {
		Name        string          `json:"name" minLength:"1" maxLength:"80" doc:"The cohort's name."`
		Description string          `json:"description,omitempty" maxLength:"1000" doc:"What the cohort is meant to hold."`
		Definition  json.RawMessage `json:"definition" doc:"An OHDSI Circe cohort expression."`
	}
}

type cohortOut struct {
	ETag string `header:"ETag"`
	Body view
}

type view struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Version     int             `json:"version"`
	Kind        string          `json:"kind" enum:"circe,combination"`
	Hash        string          `json:"definitionHash" doc:"SHA-256 of what the definition means: equal where the meaning is."`
	Definition  json.RawMessage `json:"definition,omitempty" doc:"The definition; not in lists. The export gives it byte for byte."`
	Combination json.RawMessage `json:"combination,omitempty" doc:"What it is made of, where it is made of other cohorts; not in lists."`
	Warnings    []warning       `json:"warnings,omitempty"`
	RanAt       *time.Time      `json:"ranAt,omitempty" doc:"When this version was first run or named by another cohort: from then on it does not change."`
	CreatedBy   string          `json:"createdBy"`
	CreatedAt   time.Time       `json:"createdAt"`
	UpdatedAt   *time.Time      `json:"updatedAt,omitempty"`
}

type warning struct {
	Path    string `json:"path" doc:"Where in the definition, as a JSON path."`
	Message string `json:"message"`
}

func viewOf(c record) view {
	v := view{ID: c.ID, Name: c.Name, Description: c.Description, Version: c.Version, Kind: kindCirce, Hash: c.Hash, CreatedBy: c.CreatedBy, CreatedAt: c.CreatedAt}
	if c.Kind != "" {
		v.Kind = c.Kind
	}
	if !c.RanAt.IsZero() {
		v.RanAt = &c.RanAt
	}
	if !c.UpdatedAt.IsZero() {
		v.UpdatedAt = &c.UpdatedAt
	}
	return v
}

func warningsOf(list []fault.Field) []warning {
	var out []warning
	for _, w := range list {
		out = append(out, warning{w.Path, w.Message})
	}
	return out
}

// detailed adds the definition and what it warns of.
func (r room) detailed(ctx context.Context, c record) (*cohortOut, error) {
	v := viewOf(c)
	if c.Kind == kindCombination {
		v.Combination = json.RawMessage(c.Definition)
	} else {
		w, err := r.whole(ctx, c)
		if err != nil {
			return nil, err
		}
		v.Definition, v.Warnings = json.RawMessage(c.Definition), warningsOf(w.Warnings())
	}
	return &cohortOut{c.etag, v}, nil
}

// keep makes a new cohort of a body.
func (r room) keep(ctx context.Context, workspace, name, description string, b DefinitionBody) (*cohortOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, workspace, access.Edit)
	if err != nil {
		return nil, err
	}
	now := r.clock.Now()
	c := record{ID: id.New(id.Cohort, now), WorkspaceID: w.ID, Name: name, Description: description, Version: 1,
		CreatedBy: p.UID, CreatedAt: now, UpdatedBy: p.UID, UpdatedAt: now, SchemaVersion: 2}
	if _, err := r.meant(ctx, b, &c); err != nil {
		return nil, err
	}
	if c, err = r.addCohort(ctx, c); err != nil {
		return nil, err
	}
	return r.detailed(ctx, c)
}

func (r room) create(ctx context.Context, in *createIn) (*cohortOut, error) {
	return r.keep(ctx, in.Workspace, in.Body.Name, in.Body.Description, DefinitionBody{Definition: in.Body.Definition})
}

type combineIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      struct {
		Name        string          `json:"name" minLength:"1" maxLength:"80"`
		Description string          `json:"description,omitempty" maxLength:"1000"`
		Combination json.RawMessage `json:"combination" doc:"{op, of} with op union, intersection or difference, of two or more of {cohort, version} or {op, of}."`
	}
}

func (r room) combine(ctx context.Context, in *combineIn) (*cohortOut, error) {
	return r.keep(ctx, in.Workspace, in.Body.Name, in.Body.Description, DefinitionBody{Combination: in.Body.Combination})
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

// CohortIn names a version of a cohort; see the fields.
type CohortIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	Version   int    `query:"version" minimum:"0" maximum:"1000" doc:"One of its versions; the current one where left out."`
}

func (r room) get(ctx context.Context, in *CohortIn) (*cohortOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	c, err := r.cohortVersion(ctx, in.Workspace, in.Cohort, in.Version)
	if err != nil {
		return nil, err
	}
	return r.detailed(ctx, c)
}

type changeIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
	Body      struct {
		Name        *string `json:"name,omitempty" minLength:"1" maxLength:"80"`
		Description *string `json:"description,omitempty" maxLength:"1000"`
		DefinitionBody
	}
}

func (r room) change(ctx context.Context, in *changeIn) (*cohortOut, error) {
	w, b, err := r.toChange(ctx, in.Workspace, in.Cohort, in.Body.DefinitionBody)
	if err != nil {
		return nil, err
	}
	c, err := r.rewriteCohort(ctx, w, in.Cohort, in.IfMatch, func(c *record) (bool, error) {
		if in.Body.Name != nil {
			c.Name = *in.Body.Name
		}
		if in.Body.Description != nil {
			c.Description = *in.Body.Description
		}
		c.UpdatedBy, c.UpdatedAt = session.Must(ctx).UID, r.clock.Now()
		if b.Definition == "" || b.Definition == c.Definition && b.Kind == c.Kind {
			return false, nil
		}
		fresh := !c.RanAt.IsZero()
		c.Kind, c.Definition, c.Hash, c.Cohorts = b.Kind, b.Definition, b.Hash, b.Cohorts
		return fresh, nil
	})
	if err != nil {
		return nil, err
	}
	return r.detailed(ctx, c)
}

// toChange checks a caller's change of a cohort before its transaction: reading
// what a combination names takes reads of its own.
func (r room) toChange(ctx context.Context, workspace, cohortID string, b DefinitionBody) (access.Workspace, record, error) {
	w, _, err := r.gate.Workspace(ctx, session.Must(ctx), workspace, access.Edit)
	c := record{ID: cohortID, WorkspaceID: w.ID}
	if err != nil || len(b.Definition)+len(b.Combination) == 0 {
		return w, c, err
	}
	_, err = r.meant(ctx, b, &c)
	return w, c, err
}

type versionIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
	Body      DefinitionBody
}

func (r room) addVersion(ctx context.Context, in *versionIn) (*cohortOut, error) {
	if len(in.Body.Definition)+len(in.Body.Combination) == 0 {
		return nil, fault.InvalidFields(fault.Field{Path: "body.definition", Message: "a definition or a combination is expected"})
	}
	w, b, err := r.toChange(ctx, in.Workspace, in.Cohort, in.Body)
	if err != nil {
		return nil, err
	}
	c, err := r.rewriteCohort(ctx, w, in.Cohort, in.IfMatch, func(c *record) (bool, error) {
		c.UpdatedBy, c.UpdatedAt = session.Must(ctx).UID, r.clock.Now()
		c.Kind, c.Definition, c.Hash, c.Cohorts = b.Kind, b.Definition, b.Hash, b.Cohorts
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return r.detailed(ctx, c)
}

type versionsIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	Limit     int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Cursor    int    `query:"cursor" default:"0" minimum:"0" maximum:"1000" doc:"The next of the page before."`
}

type versionList struct {
	Body struct {
		Items []view `json:"items"`
		Next  int    `json:"next,omitempty" doc:"The cursor of the next page; absent after the last."`
	}
}

func (r room) listVersions(ctx context.Context, in *versionsIn) (*versionList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	c, err := r.cohort(ctx, in.Workspace, in.Cohort)
	if err != nil {
		return nil, err
	}
	out := &versionList{}
	out.Body.Items = []view{}
	from := c.Version
	if in.Cursor > 0 {
		from = min(from, in.Cursor)
	}
	for n := from; n > 0 && len(out.Body.Items) < in.Limit; n-- {
		v, err := r.cohortVersion(ctx, in.Workspace, in.Cohort, n)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, viewOf(v))
	}
	if rest := from - in.Limit; rest > 0 {
		out.Body.Next = rest
	}
	return out, nil
}

type removeIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Cohort    string `path:"cohort" maxLength:"40"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
}

func (r room) remove(ctx context.Context, in *removeIn) (*struct{}, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Edit)
	if err != nil {
		return nil, err
	}
	if err := r.removeCohort(ctx, w.ID, in.Cohort, p.UID, in.IfMatch); err != nil {
		return nil, err
	}
	r.dropTable(ctx, w.ID, in.Cohort)
	return nil, nil
}

type validateIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      DefinitionBody
}

type validateOut struct {
	Body struct {
		Valid    bool      `json:"valid"`
		Hash     string    `json:"definitionHash,omitempty"`
		Errors   []warning `json:"errors"`
		Warnings []warning `json:"warnings"`
	}
}

// validate answers 200 with what is wrong: only what is no definition at all,
// such as one that is too large, is a problem of the request.
func (r room) validate(ctx context.Context, in *validateIn) (*validateOut, error) {
	w, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read)
	if err != nil {
		return nil, err
	}
	out := &validateOut{}
	out.Body.Errors, out.Body.Warnings = []warning{}, []warning{}
	c := record{WorkspaceID: w.ID}
	whole, err := r.meant(ctx, in.Body, &c)
	switch {
	case fault.Is(err, fault.Invalid) && len(fault.FieldsOf(err)) > 0:
		out.Body.Errors = warningsOf(fault.FieldsOf(err))
	case fault.Is(err, fault.Invalid):
		out.Body.Errors = []warning{{"$", fault.Message(err)}}
	case err != nil:
		return nil, fmt.Errorf("validate: %w", err)
	default:
		out.Body.Valid, out.Body.Hash = true, c.Hash
		out.Body.Warnings = append(out.Body.Warnings, warningsOf(whole.Warnings())...)
	}
	return out, nil
}
