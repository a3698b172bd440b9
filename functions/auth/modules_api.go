package auth

import (
	"context"
	"net/http"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// routesOfModules registers what completes modules from outside, what admins do
// to accounts, and the audit log.
func (s *service) routesOfModules(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/training/completions", ID: "trainingWebhook", Rule: access.ByRecord("the signature of the training provider over body and time"), Summary: "Training provider's webhook", Access: api.Public, MaxBodyBytes: maxCompletionBytes,
		Description: "The signature is the authorization: header Hub-Signature, 't=<Unix seconds>,v1=<hexadecimal HMAC-SHA-256 of t.body>', sent within 5 minutes. " +
			"The body is JSON: completionId (unique, at most 128 of letters, digits and _.:-), learner (the hub's uid), module (training or controlledTraining), completedAt (RFC 3339), and where there are course and score. " +
			"The same report again is answered as the first time and changes nothing; another content under the same completionId is 409."}, s.postTraining)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/modules/identity/start", ID: "startIdentity", Rule: access.Enabled(), Summary: "Begin to verify the caller's identity", Access: api.SignedIn,
		Description: "Send the person to the url within 10 minutes. They come back to the portal with state and code behind the #."}, s.postIdentityStart)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/modules/identity/result", ID: "finishIdentity", Rule: access.Enabled(), Summary: "Take the identity provider's result", Access: api.SignedIn,
		Description: "state and code are what the person came back with. Both count once, for the person who began."}, s.postIdentityResult)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/signatures", ID: "listSignatures", Rule: access.Own, Summary: "What the caller has signed, newest first", Access: api.SignedIn}, s.getSignatures)

	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/admin/accounts", ID: "listAccounts", Rule: access.HasRole(access.AccessAdmin), Summary: "Accounts: one by its address, or all, page by page", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin. That it was read is in the audit log."}, s.getAccounts)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/admin/accounts/{uid}", ID: "viewAccount", Rule: access.HasRole(access.AccessAdmin), Summary: "An account with what its modules rest on", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin. That it was read is in the audit log."}, s.getAdminAccount)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/admin/accounts/{uid}/disable", ID: "disableAccount", Rule: access.HasRole(access.AccessAdmin, access.SecurityAdmin), Summary: "Disable an account and end its sessions", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin; for an account that holds an admin role, securityAdmin. Again, it changes nothing more."}, s.postDisable)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/admin/accounts/{uid}/enable", ID: "enableAccount", Rule: access.HasRole(access.AccessAdmin, access.SecurityAdmin), Summary: "Enable an account", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin; for an account that holds an admin role, securityAdmin. Again, it changes nothing more."}, s.postEnable)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/admin/accounts/{uid}/factors/reset", ID: "resetFactors", Rule: access.HasRole(access.AccessAdmin), Summary: "Remove an account's second factors and end its sessions", Access: api.SecondFactor,
		Description: "Needs the role accessAdmin. The same as resetting the module twoFactor."}, s.postFactorsReset)
	api.Handle(a, api.Operation{Method: "PUT", Path: "/v1/admin/accounts/{uid}/roles", ID: "setRoles", Rule: access.HasRole(access.SecurityAdmin), Summary: "Set an account's admin roles", Access: api.SecondFactor,
		Description: "Needs the role securityAdmin. Nobody acts on their own account."}, s.putRoles)

	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/audit", ID: "readAudit", Rule: access.HasRole(access.SecurityAdmin), Summary: "Read the audit log, newest first", Access: api.SecondFactor,
		Description: "Needs the role securityAdmin. All filters may be combined. That it was read is in the audit log."}, s.getAudit)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/audit/own", ID: "readOwnAudit", Rule: access.Own, Summary: "What the caller did and what was done to them, newest first", Access: api.SignedIn,
		Description: "With the reasons that admins gave, without saying which admin it was."}, s.getOwnAudit)

	a.HandleRaw("GET "+callbackPath, "it only brings people back from the identity provider to the portal", http.HandlerFunc(identityCallback))
	if page, ok := s.identities.(localProvider); ok {
		a.HandleRaw("GET "+localPath, "the local cloud's stand-in for an identity provider", page)
	}
}

// reasonBody is the body of acts that take a reason alone.
type reasonBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for the audit log."`
}

// UIDPath is the path of an account; exported for the API's reflection.
type UIDPath struct {
	UID string `path:"uid" maxLength:"128" doc:"The account."`
}

type trainingOut struct {
	Body struct {
		Applied bool `json:"applied" doc:"Whether the completion counts: false where a newer one, or a reset after it, was there before."`
	}
}

func (s *service) postTraining(ctx context.Context, in *struct {
	Signature string `header:"Hub-Signature" doc:"t=<Unix seconds>,v1=<hexadecimal HMAC-SHA-256>"`
	RawBody   []byte
}) (*trainingOut, error) {
	out := &trainingOut{}
	var err error
	out.Body.Applied, err = s.completeTraining(ctx, in.Signature, in.RawBody)
	return out, err
}

type identityStartOut struct {
	Body struct {
		URL string `json:"url" doc:"Where to send the person: an address, or a path of the hub."`
	}
}

func (s *service) postIdentityStart(ctx context.Context, in *struct {
	Body struct {
		ReturnTo string `json:"returnTo,omitempty" maxLength:"300" doc:"The path of the hub to come back to; /portal/ where none is given."`
	}
}) (*identityStartOut, error) {
	out := &identityStartOut{}
	var err error
	out.Body.URL, err = s.startIdentity(ctx, session.Must(ctx), in.Body.ReturnTo)
	return out, err
}

type identityResultOut struct {
	Body struct {
		ReturnTo string      `json:"returnTo" doc:"The path of the hub that the person began at."`
		Account  accountView `json:"account"`
	}
}

func (s *service) postIdentityResult(ctx context.Context, in *struct {
	Body struct {
		State string `json:"state" minLength:"1" maxLength:"200" doc:"As the person came back with it."`
		Code  string `json:"code" minLength:"1" maxLength:"2048" doc:"As the person came back with it."`
	}
}) (*identityResultOut, error) {
	out := &identityResultOut{}
	p := session.Must(ctx)
	var err error
	if out.Body.ReturnTo, err = s.finishIdentity(ctx, p, in.Body.State, in.Body.Code); err != nil {
		return nil, err
	}
	out.Body.Account, _, err = s.own(ctx, p)
	return out, err
}

type signaturesOut struct{ Body api.Page[signed] }

func (s *service) getSignatures(ctx context.Context, in *struct{ api.PageIn }) (*signaturesOut, error) {
	page, err := s.signatures(ctx, session.Must(ctx), in.Limit, in.Cursor)
	return &signaturesOut{page}, err
}

type accountsOut struct{ Body api.Page[accountLine] }

func (s *service) getAccounts(ctx context.Context, in *struct {
	api.PageIn
	Email string `query:"email" maxLength:"320" doc:"The whole address, for the account that has it."`
}) (*accountsOut, error) {
	page, err := s.listAccounts(ctx, session.Must(ctx), in.Email, in.Limit, in.Cursor)
	return &accountsOut{page}, err
}

type adminOut struct{ Body adminView }

func (s *service) getAdminAccount(ctx context.Context, in *UIDPath) (*adminOut, error) {
	v, err := s.viewAccount(ctx, session.Must(ctx), in.UID)
	return &adminOut{v}, err
}

// adminAnswer shows an account after an admin's act.
func (s *service) adminAnswer(ctx context.Context) func(access.Account, error) (*adminOut, error) {
	return func(a access.Account, err error) (*adminOut, error) {
		if err != nil {
			return nil, err
		}
		v, err := s.adminViewOf(ctx, a)
		return &adminOut{v}, err
	}
}

func (s *service) postDisable(ctx context.Context, in *struct {
	UIDPath
	Body reasonBody
}) (*adminOut, error) {
	return s.adminAnswer(ctx)(s.setDisabled(ctx, session.Must(ctx), in.UID, true, in.Body.Reason))
}

func (s *service) postEnable(ctx context.Context, in *struct {
	UIDPath
	Body reasonBody
}) (*adminOut, error) {
	return s.adminAnswer(ctx)(s.setDisabled(ctx, session.Must(ctx), in.UID, false, in.Body.Reason))
}

func (s *service) postFactorsReset(ctx context.Context, in *struct {
	UIDPath
	Body reasonBody
}) (*adminOut, error) {
	return s.adminAnswer(ctx)(s.resetFactors(ctx, session.Must(ctx), in.UID, in.Body.Reason))
}

func (s *service) putRoles(ctx context.Context, in *struct {
	UIDPath
	Body rolesBody
}) (*adminOut, error) {
	return s.adminAnswer(ctx)(s.setRoles(ctx, session.Must(ctx), in.UID, in.Body))
}

func (s *service) getAudit(ctx context.Context, in *struct {
	AuditFilter
	api.PageIn
}) (*auditOut, error) {
	page, err := s.readAudit(ctx, session.Must(ctx), in.AuditFilter, in.Limit, in.Cursor)
	return &auditOut{page}, err
}

type auditOut struct{ Body api.Page[auditView] }

func (s *service) getOwnAudit(ctx context.Context, in *struct{ api.PageIn }) (*auditOut, error) {
	page, err := s.ownAudit(ctx, session.Must(ctx), in.Limit, in.Cursor)
	return &auditOut{page}, err
}
