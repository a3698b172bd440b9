package auth

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// routesOfFactors registers the routes of second factors.
func (s *service) routesOfFactors(a *api.API) {
	const signIn = "Sign in with the custom token: that session has level 2."
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/factors", ID: "listFactors", Summary: "The caller's second factors", Access: api.SignedIn, Rule: access.Own}, s.getFactors)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/totp", ID: "enrolTotp", Summary: "Begin to enrol an authenticator app", Access: api.SignedIn, Rule: access.Enabled(), Status: 201,
		Description: "A second one needs a session of level 2."}, s.postTOTP)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/totp/{factor}/confirmation", ID: "confirmTotp", Summary: "Confirm an authenticator app", Access: api.SignedIn, Rule: access.Enabled(),
		Description: signIn}, s.postConfirmation)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/factors/{factor}", ID: "renameFactor", Summary: "Rename a second factor", Access: api.SecondFactor, Rule: access.Enabled()}, s.patchFactor)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/factors/{factor}", ID: "removeFactor", Summary: "Remove a second factor", Access: api.SecondFactor, Rule: access.Enabled(),
		Description: "Needs a second factor of the last five minutes. The last confirmed factor stays."}, s.deleteFactor)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/recovery-codes", ID: "makeRecoveryCodes", Summary: "Make recovery codes", Access: api.SecondFactor, Rule: access.Enabled(),
		Description: "Ten codes for one use each, shown this once, in the place of all earlier ones. Needs a second factor of the last five minutes."}, s.postRecoveryCodes)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/session/second-factor", ID: "verifySecondFactor", Summary: "Verify a second factor for this session", Access: api.SignedIn, Rule: access.Enabled(),
		Description: "Give one of code, recoveryCode, or challengeId with credential. " + signIn}, s.postSecondFactor)
}

type factorsOut struct{ Body factorsView }

func (s *service) getFactors(ctx context.Context, _ *struct{}) (*factorsOut, error) {
	v, err := s.listFactors(ctx, session.Must(ctx))
	return &factorsOut{v}, err
}

// namedBody is what the researcher calls a new factor.
type namedBody struct {
	Name string `json:"name,omitempty" maxLength:"200" doc:"What to call it, at most 60 characters, such as the device's name."`
}

type enrolmentOut struct{ Body enrolment }

func (s *service) postTOTP(ctx context.Context, in *struct {
	Body *namedBody
}) (*enrolmentOut, error) {
	name := ""
	if in.Body != nil {
		name = in.Body.Name
	}
	e, err := s.enrolTOTP(ctx, session.Must(ctx), name)
	return &enrolmentOut{e}, err
}

type tokenOut struct {
	Body struct {
		CustomToken string `json:"customToken" doc:"Sign in with it (signInWithCustomToken): that session has level 2."`
	}
}

func token(t string, err error) (*tokenOut, error) {
	out := &tokenOut{}
	out.Body.CustomToken = t
	return out, err
}

func (s *service) postConfirmation(ctx context.Context, in *struct {
	Factor string `path:"factor" maxLength:"64"`
	Body   struct {
		Code string `json:"code" pattern:"^[0-9]{6}$" patternDescription:"six digits" doc:"The code that the authenticator app shows now."`
	}
}) (*tokenOut, error) {
	return token(s.confirmTOTP(ctx, session.Must(ctx), in.Factor, in.Body.Code))
}

type factorOut struct{ Body factorView }

func (s *service) patchFactor(ctx context.Context, in *struct {
	Factor string `path:"factor" maxLength:"64"`
	Body   struct {
		Name string `json:"name" maxLength:"200" doc:"What to call it, at most 60 characters."`
	}
}) (*factorOut, error) {
	v, err := s.renameFactor(ctx, session.Must(ctx), in.Factor, in.Body.Name)
	return &factorOut{v}, err
}

func (s *service) deleteFactor(ctx context.Context, in *struct {
	Factor string `path:"factor" maxLength:"64"`
}) (*struct{}, error) {
	return nil, s.removeFactor(ctx, session.Must(ctx), in.Factor)
}

type recoveryOut struct {
	Body struct {
		Codes []string `json:"codes" doc:"Ten codes. Keep them where the other factors are not; nobody can show them again."`
	}
}

func (s *service) postRecoveryCodes(ctx context.Context, _ *struct{}) (*recoveryOut, error) {
	codes, err := s.makeRecoveryCodes(ctx, session.Must(ctx))
	out := &recoveryOut{}
	out.Body.Codes = codes
	return out, err
}

// proof is one proof of a second factor.
type proof struct {
	Code         string `json:"code,omitempty" pattern:"^[0-9]{6}$" patternDescription:"six digits" doc:"The code that the authenticator app shows now."`
	RecoveryCode string `json:"recoveryCode,omitempty" maxLength:"64" doc:"A recovery code; letter case, spaces and dashes do not matter."`
}

func (s *service) postSecondFactor(ctx context.Context, in *struct{ Body proof }) (*tokenOut, error) {
	p := session.Must(ctx)
	switch b := in.Body; {
	case b.Code != "" && b.RecoveryCode == "":
		return token(s.verifySession(ctx, p, b.Code))
	case b.Code == "" && b.RecoveryCode != "":
		return token(s.verifyRecovery(ctx, p, b.RecoveryCode))
	default:
		return nil, fault.New(fault.Invalid, "Give one of code and recoveryCode.")
	}
}
