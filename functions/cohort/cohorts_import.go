package cohort

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

func (r room) importRoutes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/cohorts/import", ID: "importCohort", Rule: access.MemberOf(access.Edit), Summary: "Keep a definition that ATLAS exported", Access: api.SecondFactor,
		Description: "The body is the file: a Circe cohort expression, or WebAPI's {name, description, expression}. The expression is kept byte for byte.", Status: 201, MaxBodyBytes: maxBody}, r.importCohort)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/cohorts/{cohort}/export", ID: "exportCohort", Rule: access.MemberOf(access.Read), Summary: "A cohort's definition as ATLAS imports it", Access: api.SecondFactor,
		Description: "Byte for byte what was kept. A cohort that is made of others has no such form (409)."}, r.exportCohort)
}

type importIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Name      string `query:"name" maxLength:"80" doc:"The cohort's name; needed where the file has none."`
	Body      json.RawMessage
	RawBody   []byte
}

// wrapped is a cohort definition as OHDSI's WebAPI gives it: the expression is an
// object, or a text that holds one.
type wrapped struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Expression  json.RawMessage `json:"expression"`
}

func (r room) importCohort(ctx context.Context, in *importIn) (*cohortOut, error) {
	raw := bytes.TrimSpace(in.RawBody)
	name, description := in.Name, ""
	var w wrapped
	if json.Unmarshal(raw, &w) == nil && len(w.Expression) > 0 {
		raw, description = w.Expression, w.Description
		if name == "" {
			name = w.Name
		}
		var text string
		if json.Unmarshal(raw, &text) == nil {
			raw = []byte(text)
		}
	}
	var form fault.Form
	if n := len([]rune(name)); n < 1 || n > 80 {
		form.Say("query.name", "a name of 1 to 80 characters is needed")
	}
	if len([]rune(description)) > 1000 {
		form.Say("body.description", "at most 1,000 characters are kept")
	}
	if err := form.Err(); err != nil {
		return nil, err
	}
	return r.keep(ctx, in.Workspace, name, description, DefinitionBody{Definition: raw})
}

type exportOut struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (r room) exportCohort(ctx context.Context, in *CohortIn) (*exportOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	c, err := r.cohortVersion(ctx, in.Workspace, in.Cohort, in.Version)
	if err != nil {
		return nil, err
	}
	if c.Kind == kindCombination {
		return nil, fault.New(fault.Conflict, "This cohort is made of others, which ATLAS cannot import: export those.")
	}
	return &exportOut{"application/json", fmt.Sprintf(`attachment; filename="%s_%d.json"`, c.ID, c.Version), []byte(c.Definition)}, nil
}
