package auth

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/session"
)

// routesOfInstitutions registers the public list and match, and what
// institution admins do.
func (s *service) routesOfInstitutions(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/institutions", ID: "listInstitutions", Summary: "Institutions", Access: api.Public, Rule: access.Anyone}, s.getInstitutions)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/institutions/match", ID: "matchInstitution", Summary: "The institution of an e-mail address, and the tiers it could have", Access: api.Public, Rule: access.Anyone, MaxBodyBytes: smallBody,
		Description: "Looks at institutions' rules only, and says nothing about accounts."}, s.postMatch)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/institutions/{institution}", ID: "getInstitution", Summary: "One institution with its rules", Access: api.SecondFactor, Rule: access.HasRole(access.InstitutionAdmin),
		Description: "Needs the role institutionAdmin."}, s.getInstitution)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/institutions", ID: "createInstitution", Summary: "Create an institution", Access: api.SecondFactor, Rule: access.HasRole(access.InstitutionAdmin), Status: 201, MaxBodyBytes: rulesBody,
		Description: "Needs the role institutionAdmin."}, s.postInstitution)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/institutions/{institution}", ID: "changeInstitution", Summary: "Change an institution", Access: api.SecondFactor, Rule: access.HasRole(access.InstitutionAdmin), MaxBodyBytes: rulesBody,
		Description: "Needs the role institutionAdmin, and If-Match. New rules count at once."}, s.patchInstitution)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/institutions/{institution}", ID: "deleteInstitution", Summary: "Delete an institution", Access: api.SecondFactor, Rule: access.HasRole(access.InstitutionAdmin), Status: 204,
		Description: "Needs the role institutionAdmin, and If-Match. Refused while accounts belong to it."}, s.removeInstitution)
}

type institutionsOut struct {
	Body struct {
		Institutions []institutionView `json:"items"`
		Next         string            `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
	}
}

func (s *service) getInstitutions(ctx context.Context, in *struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" maxLength:"128"`
}) (*institutionsOut, error) {
	list, next, err := firestorex.NewestOfAll[access.Institution](ctx, s.gate.Client.Collection(access.Institutions), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &institutionsOut{}
	out.Body.Next = next
	out.Body.Institutions = make([]institutionView, 0, len(list))
	for _, i := range list {
		out.Body.Institutions = append(out.Body.Institutions, institutionView{i.ID, i.Name, i.Kind})
	}
	return out, nil
}

type matchOut struct {
	Body struct {
		Institution *institutionView `json:"institution,omitempty" doc:"None where no institution lists the address."`
		Tiers       []access.Tier    `json:"tiers" doc:"The data tiers that the address could have."`
	}
}

func (s *service) postMatch(ctx context.Context, in *struct {
	limit.Caller
	Body struct {
		Email string `json:"email,omitempty" doc:"The address."`
	}
}) (*matchOut, error) {
	var f form
	email := f.address("body.email", in.Body.Email)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if err := s.limits.allow(ctx, limitMatchNetwork, s.limits.network(in.Caller)); err != nil {
		return nil, err
	}
	inst, err := s.matchInstitution(ctx, email)
	if err != nil {
		return nil, err
	}
	out := &matchOut{}
	if inst.ID != "" {
		out.Body.Institution = &institutionView{inst.ID, inst.Name, inst.Kind}
	}
	out.Body.Tiers = tiersOf(inst, email)
	return out, nil
}

// ruledView is an institution as its admins see it.
type ruledView struct {
	institutionView
	Rules map[string]ruleBody `json:"rules" doc:"Who may have which tier."`
}

type institutionOut struct {
	ETag string `header:"ETag"`
	Body ruledView
}

func institutionAnswer(i access.Institution, etag string, err error) (*institutionOut, error) {
	if err != nil {
		return nil, err
	}
	v := ruledView{institutionView{i.ID, i.Name, i.Kind}, map[string]ruleBody{}}
	for tier, r := range i.Rules {
		v.Rules[tier] = ruleBody{r.Kind, append([]string{}, r.List...)}
	}
	return &institutionOut{etag, v}, nil
}

func (s *service) getInstitution(ctx context.Context, in *struct {
	Institution string `path:"institution" maxLength:"64"`
}) (*institutionOut, error) {
	return institutionAnswer(s.readInstitution(ctx, session.Must(ctx), in.Institution))
}

func (s *service) postInstitution(ctx context.Context, in *struct{ Body institutionIn }) (*institutionOut, error) {
	return institutionAnswer(s.createInstitution(ctx, session.Must(ctx), in.Body))
}

func (s *service) patchInstitution(ctx context.Context, in *struct {
	Institution string `path:"institution" maxLength:"64"`
	IfMatch     string `header:"If-Match" maxLength:"100" doc:"The ETag of what was read."`
	Body        institutionIn
}) (*institutionOut, error) {
	return institutionAnswer(s.changeInstitution(ctx, session.Must(ctx), in.Institution, in.IfMatch, in.Body))
}

func (s *service) removeInstitution(ctx context.Context, in *struct {
	Institution string `path:"institution" maxLength:"64"`
	IfMatch     string `header:"If-Match" maxLength:"100" doc:"The ETag of what was read."`
	Reason      string `query:"reason" maxLength:"4000" doc:"Why, for the audit log."`
}) (*struct{}, error) {
	return nil, s.deleteInstitution(ctx, session.Must(ctx), in.Institution, in.IfMatch, in.Reason)
}
