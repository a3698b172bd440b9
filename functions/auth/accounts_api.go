package auth

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/session"
)

// The bounds of bodies, in bytes.
const (
	smallBody   = 16 << 10
	profileBody = 64 << 10
	rulesBody   = 512 << 10
)

// routesOfAccounts registers signing up, the caller's account, the survey and
// the institutions.
func (s *service) routesOfAccounts(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/sign-up", ID: "signUp", Summary: "Sign up with an address and a password", Access: api.Public, Rule: access.Anyone, Status: 202, MaxBodyBytes: smallBody,
		Description: "Mails a link to the address. The answer is the same, and as slow, whether or not the address has an account."}, s.postSignUp)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/password-reset", ID: "resetPassword", Summary: "Ask for a new password", Access: api.Public, Rule: access.Anyone, Status: 202, MaxBodyBytes: smallBody,
		Description: "Mails a link to the address, if it has an account. The answer is the same, and as slow, whether or not it has."}, s.postPasswordReset)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/profile-form", ID: "getProfileForm", Summary: "The choices of the profile and of the survey", Access: api.Public, Rule: access.Anyone}, s.getProfileForm)

	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/account", ID: "createAccount", Summary: "Create the caller's account", Access: api.SignedIn, Rule: access.Own, Status: 201, MaxBodyBytes: profileBody,
		Description: "Needs a confirmed e-mail address; the institution is matched by it."}, s.postAccount)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/account", ID: "getAccount", Summary: "The caller's account, tier and modules", Access: api.SignedIn, Rule: access.Own,
		Description: "The ETag header is what a change needs as If-Match."}, s.getAccount)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/account", ID: "changeAccount", Summary: "Change the caller's profile", Access: api.SignedIn, Rule: access.Enabled(), MaxBodyBytes: profileBody,
		Description: "Needs If-Match; a stale one answers 412 and changes nothing. What is left out stays. A signature under an earlier name stays valid."}, s.patchAccount)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/account/terms", ID: "acceptTerms", Summary: "Accept the terms of service", Access: api.SignedIn, Rule: access.Enabled(), MaxBodyBytes: smallBody}, s.postTerms)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/account/email", ID: "takeEmail", Summary: "Take over the sign-in's e-mail address", Access: api.SignedIn, Rule: access.Enabled(),
		Description: "After the address of the sign-in has been changed and confirmed. The institution is matched anew, and the tiers may fall at once. Needs level 2 where the account has a second factor."}, s.postEmail)

	s.routesOfDemographics(a)
	s.routesOfInstitutions(a)
}

// mailedOut is the answer that says nothing about an address.
type mailedOut struct {
	Body struct {
		Message string `json:"message"`
	}
}

const mailed = "A mail is on its way to this address. Open the link in it to go on. If none comes, look among the unwanted mail, or try again later."

func mailedAnswer(err error) (*mailedOut, error) {
	if err != nil {
		return nil, err
	}
	out := &mailedOut{}
	out.Body.Message = mailed
	return out, nil
}

func (s *service) postSignUp(ctx context.Context, in *struct {
	limit.Caller
	Body struct {
		Email    string        `json:"email,omitempty" doc:"The address; a link is sent to it."`
		Password plainPassword `json:"password,omitempty" doc:"At least 8 characters; no rule says which."`
	}
}) (*mailedOut, error) {
	return mailedAnswer(s.signUp(ctx, in.Body.Email, in.Body.Password, s.limits.network(in.Caller)))
}

func (s *service) postPasswordReset(ctx context.Context, in *struct {
	limit.Caller
	Body struct {
		Email string `json:"email,omitempty" doc:"The account's address."`
	}
}) (*mailedOut, error) {
	return mailedAnswer(s.resetPassword(ctx, in.Body.Email, s.limits.network(in.Caller)))
}

type profileFormOut struct {
	Body struct {
		Roles        []choice   `json:"roles"`
		Degrees      []choice   `json:"degrees"`
		Demographics []question `json:"demographics" doc:"The optional survey: every question may be left out."`
	}
}

func (s *service) getProfileForm(context.Context, *struct{}) (*profileFormOut, error) {
	out := &profileFormOut{}
	out.Body.Roles, out.Body.Degrees, out.Body.Demographics = roles, degrees, questions
	return out, nil
}

// ownAccountOut is the caller's account with what a change of it needs.
type ownAccountOut struct {
	ETag string `header:"ETag"`
	Body accountView
}

func (s *service) postAccount(ctx context.Context, in *struct{ Body profileIn }) (*ownAccountOut, error) {
	return s.accountAfter(ctx, s.createAccount(ctx, session.Must(ctx), in.Body))
}

func (s *service) getAccount(ctx context.Context, _ *struct{}) (*ownAccountOut, error) {
	v, etag, err := s.own(ctx, session.Must(ctx))
	return &ownAccountOut{etag, v}, err
}

func (s *service) patchAccount(ctx context.Context, in *struct {
	IfMatch string `header:"If-Match" maxLength:"100" doc:"The ETag of what was read."`
	Body    profileIn
}) (*ownAccountOut, error) {
	return s.accountAfter(ctx, s.changeProfile(ctx, session.Must(ctx), in.IfMatch, in.Body))
}

func (s *service) postTerms(ctx context.Context, in *struct {
	Body struct {
		Version string `json:"version,omitempty" maxLength:"20" doc:"The version that is accepted."`
	}
}) (*ownAccountOut, error) {
	return s.accountAfter(ctx, s.acceptTerms(ctx, session.Must(ctx), in.Body.Version))
}

func (s *service) postEmail(ctx context.Context, _ *struct{}) (*ownAccountOut, error) {
	return s.accountAfter(ctx, s.takeEmail(ctx, session.Must(ctx)))
}

// accountAfter answers an act on the caller's account with the account.
func (s *service) accountAfter(ctx context.Context, err error) (*ownAccountOut, error) {
	if err != nil {
		return nil, err
	}
	return s.getAccount(ctx, nil)
}
