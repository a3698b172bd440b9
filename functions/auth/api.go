package auth

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// newAPI registers the routes.
func newAPI(s *service, o api.Options) *api.API {
	o.Function, o.Title = "auth", "Accounts and access"
	o.Description = "Accounts, access modules, second factors and the effective data tier."
	o.Authorizer = &s.gate
	a := api.New(o)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/account", ID: "createAccount", Summary: "Create the caller's account", Access: api.SignedIn, Status: 201,
		Description: "Needs a confirmed e-mail address; the institution is matched by it."}, s.postAccount)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/account", ID: "getAccount", Summary: "The caller's account, tier and modules", Access: api.SignedIn}, s.getAccount)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/modules/{module}/completion", ID: "completeModule", Summary: "Complete a self-service module", Access: api.SignedIn,
		Description: "codeOfConduct takes fullName, initials and version; publicationConfirmation may name reports; profileConfirmation takes nothing."}, s.postCompletion)
	s.routesOfFactors(a)
	api.Handle(a, api.Operation{Method: "PUT", Path: "/v1/admin/accounts/{uid}/modules/{module}", ID: "adminModule", Summary: "Complete, bypass or reset a module of an account", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin. Nobody acts on their own account."}, s.putModule)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/institutions", ID: "listInstitutions", Summary: "Institutions", Access: api.Public}, s.getInstitutions)
	s.routesOfSessions(a)
	s.routesOfModules(a)

	for _, op := range []api.Operation{
		{Method: "POST", Path: "/v1/institutions", ID: "createInstitution", Summary: "Create an institution", Access: api.SecondFactor},
		{Method: "PATCH", Path: "/v1/institutions/{institution}", ID: "changeInstitution", Summary: "Change an institution", Access: api.SecondFactor},
		{Method: "DELETE", Path: "/v1/institutions/{institution}", ID: "deleteInstitution", Summary: "Delete an institution", Access: api.SecondFactor},
	} {
		a.NotBuilt(op)
	}
	return a
}

type accountOut struct{ Body accountView }

func (s *service) postAccount(ctx context.Context, in *struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200" doc:"The full name, as signatures will need it."`
	}
}) (*accountOut, error) {
	if err := s.createAccount(ctx, session.Must(ctx), in.Body.Name); err != nil {
		return nil, err
	}
	return s.getAccount(ctx, nil)
}

func (s *service) getAccount(ctx context.Context, _ *struct{}) (*accountOut, error) {
	v, err := s.own(ctx, session.Must(ctx))
	return &accountOut{v}, err
}

func (s *service) postCompletion(ctx context.Context, in *struct {
	Module string `path:"module" maxLength:"40" doc:"The module."`
	Body   completion
}) (*accountOut, error) {
	if _, err := s.completeModule(ctx, session.Must(ctx), access.Module(in.Module), in.Body); err != nil {
		return nil, err
	}
	return s.getAccount(ctx, nil)
}

func (s *service) putModule(ctx context.Context, in *struct {
	UID    string `path:"uid" maxLength:"128"`
	Module string `path:"module" maxLength:"40"`
	Body   adminAct
}) (*accountOut, error) {
	a, err := s.adminModule(ctx, session.Must(ctx), in.UID, access.Module(in.Module), in.Body)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, a)
	return &accountOut{v}, err
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
