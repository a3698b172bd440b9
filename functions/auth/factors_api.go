package auth

import (
	"context"
	"encoding/json"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/session"
)

// routesOfFactors registers the routes of second factors.
func (s *service) routesOfFactors(a *api.API) {
	const signIn = "Sign in with the custom token: that session has level 2."
	const sensitive = "Needs a second factor of the last five minutes."
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/factors", ID: "listFactors", Summary: "The caller's second factors", Access: api.SignedIn, Rule: access.Own}, s.getFactors)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/totp", ID: "enrolTotp", Summary: "Begin to enrol an authenticator app", Access: api.SignedIn, Rule: access.Enabled(), Status: 201,
		Description: "A second factor needs a session of level 2."}, s.postTOTP)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/totp/{factor}/confirmation", ID: "confirmTotp", Summary: "Confirm an authenticator app", Access: api.SignedIn, Rule: access.Enabled(),
		Description: signIn}, s.postConfirmation)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/passkeys", ID: "enrolPasskey", Summary: "Begin to enrol a passkey", Access: api.SignedIn, Rule: access.Enabled(), Status: 201,
		Description: "A second factor needs a session of level 2."}, s.postPasskey)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/passkeys/{challenge}/confirmation", ID: "confirmPasskey", Summary: "Store a passkey", Access: api.SignedIn, Rule: access.Enabled(),
		Description: signIn, MaxBodyBytes: maxCredentialBody}, s.postPasskeyConfirmation)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/factors/{factor}", ID: "renameFactor", Summary: "Rename a second factor", Access: api.SecondFactor, Rule: access.Enabled()}, s.patchFactor)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/factors/{factor}", ID: "removeFactor", Summary: "Remove a second factor", Access: api.SecondFactor, Rule: access.Enabled(),
		Description: sensitive + " The last confirmed factor stays."}, s.deleteFactor)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/factors/recovery-codes", ID: "makeRecoveryCodes", Summary: "Make recovery codes", Access: api.SecondFactor, Rule: access.Enabled(),
		Description: "Ten codes for one use each, shown this once, in the place of all earlier ones. " + sensitive}, s.postRecoveryCodes)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/session/challenge", ID: "challengeSession", Summary: "Begin to raise this session", Access: api.SignedIn, Rule: access.Enabled(),
		Description: "Says with what, and begins a WebAuthn ceremony where the account has passkeys."}, s.postChallenge)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/session/second-factor", ID: "verifySecondFactor", Summary: "Verify a second factor for this session", Access: api.SignedIn, Rule: access.Enabled(),
		Description: "Give one of code, recoveryCode, or challengeId with credential. " + signIn, MaxBodyBytes: maxCredentialBody}, s.postSecondFactor)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/passkey-login/challenge", ID: "beginPasskeyLogin", Summary: "Begin to sign in with a passkey", Access: api.Public, Rule: access.Anyone}, s.postLoginChallenge)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/passkey-login", ID: "passkeyLogin", Summary: "Sign in with a passkey", Access: api.Public,
		Rule:        access.ByRecord("the assertion proves whose passkey it is"),
		Description: "The authenticator must have verified its user. " + signIn, MaxBodyBytes: maxCredentialBody}, s.postLogin)
}

// maxCredentialBody bounds what navigator.credentials gave: an attestation with
// its certificates has a few KiB.
const maxCredentialBody = 64 << 10

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

type begunOut struct{ Body begun }

func (s *service) postPasskey(ctx context.Context, in *struct {
	Body *namedBody
}) (*begunOut, error) {
	name := ""
	if in.Body != nil {
		name = in.Body.Name
	}
	b, err := s.beginPasskey(ctx, session.Must(ctx), name)
	return &begunOut{b}, err
}

type passkeyOut struct {
	Body struct {
		FactorID    string `json:"factorId"`
		CustomToken string `json:"customToken" doc:"Sign in with it (signInWithCustomToken): that session has level 2."`
	}
}

func (s *service) postPasskeyConfirmation(ctx context.Context, in *struct {
	Challenge string `path:"challenge" maxLength:"64"`
	Body      struct {
		Credential json.RawMessage `json:"credential" doc:"WebAuthn's RegistrationResponseJSON: what navigator.credentials.create gave, by its toJSON()."`
		Name       string          `json:"name,omitempty" maxLength:"200" doc:"What to call it, at most 60 characters."`
	}
}) (*passkeyOut, error) {
	out := &passkeyOut{}
	var err error
	out.Body.FactorID, out.Body.CustomToken, err = s.confirmPasskey(ctx, session.Must(ctx), in.Challenge, in.Body.Name, in.Body.Credential)
	return out, err
}

type challengeOut struct{ Body sessionChallenge }

func (s *service) postChallenge(ctx context.Context, _ *struct{}) (*challengeOut, error) {
	c, err := s.challengeSession(ctx, session.Must(ctx))
	return &challengeOut{c}, err
}

// proof is one proof of a second factor.
type proof struct {
	Code         string          `json:"code,omitempty" pattern:"^[0-9]{6}$" patternDescription:"six digits" doc:"The code that the authenticator app shows now."`
	RecoveryCode string          `json:"recoveryCode,omitempty" maxLength:"64" doc:"A recovery code; letter case, spaces and dashes do not matter."`
	ChallengeID  string          `json:"challengeId,omitempty" maxLength:"64" doc:"The ceremony that POST /auth/v1/session/challenge began."`
	Credential   json.RawMessage `json:"credential,omitempty" doc:"WebAuthn's AuthenticationResponseJSON: what navigator.credentials.get gave, by its toJSON()."`
}

func (s *service) postSecondFactor(ctx context.Context, in *struct{ Body proof }) (*tokenOut, error) {
	p := session.Must(ctx)
	b := in.Body
	code, recovery, passkey := b.Code != "", b.RecoveryCode != "", b.ChallengeID != "" || len(b.Credential) > 0
	switch {
	case code && !recovery && !passkey:
		return token(s.verifySession(ctx, p, b.Code))
	case recovery && !code && !passkey:
		return token(s.verifyRecovery(ctx, p, b.RecoveryCode))
	case passkey && !code && !recovery:
		return token(s.verifyPasskey(ctx, p, b.ChallengeID, b.Credential))
	default:
		return nil, fault.New(fault.Invalid, "Give one of code, recoveryCode, or challengeId with credential.")
	}
}

func (s *service) postLoginChallenge(ctx context.Context, in *struct{ limit.Caller }) (*begunOut, error) {
	if err := s.limits.allow(ctx, limitPasskeyChallenge, s.limits.network(in.Caller)); err != nil {
		return nil, err
	}
	b, err := s.beginSignIn(ctx)
	return &begunOut{b}, err
}

func (s *service) postLogin(ctx context.Context, in *struct {
	Body struct {
		ChallengeID string          `json:"challengeId" maxLength:"64" doc:"The ceremony that POST /auth/v1/passkey-login/challenge began."`
		Credential  json.RawMessage `json:"credential" doc:"WebAuthn's AuthenticationResponseJSON."`
	}
}) (*tokenOut, error) {
	return token(s.signIn(ctx, in.Body.ChallengeID, in.Body.Credential))
}
