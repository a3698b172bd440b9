package auth

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// newAPI registers the routes.
func newAPI(s *service, o api.Options) *api.API {
	o.Function, o.Title = "auth", "Accounts and access"
	o.Description = "Accounts, access modules, second factors and the effective data tier."
	o.Authorizer = &s.gate
	a := api.New(o)
	s.routesOfAccounts(a)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/modules/{module}/completion", ID: "completeModule", Rule: access.Enabled(), Summary: "Complete a self-service module", Access: api.SignedIn,
		Description: "codeOfConduct takes fullName, initials and version; publicationConfirmation may name reports; profileConfirmation takes nothing."}, s.postCompletion)
	s.routesOfFactors(a)
	api.Handle(a, api.Operation{Method: "PUT", Path: "/v1/admin/accounts/{uid}/modules/{module}", ID: "adminModule", Rule: access.HasRole(access.AccessAdmin), Summary: "Complete, bypass or reset a module of an account", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin. Nobody acts on their own account."}, s.putModule)
	s.routesOfSessions(a)
	s.routesOfModules(a)
	return a
}

type accountOut struct{ Body accountView }

func (s *service) postCompletion(ctx context.Context, in *struct {
	Module string `path:"module" maxLength:"40" doc:"The module."`
	Body   completion
}) (*ownAccountOut, error) {
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
