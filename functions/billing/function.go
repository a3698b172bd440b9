package billing

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access  access.Rules
	Credits credits.Rules
}

func init() { fn.Register(fn.Function{Name: "billing", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	now := clock.System{}
	gate := &access.Gate{Client: client, Rules: cfg.Access, Clock: now}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return newAPI(deps{
		verifier: verifier,
		log:      o11y.NewLogger(os.Stderr, "billing", cfg.Project),
		maxBody:  cfg.MaxBodyBytes,
		clock:    now,
		gate:     gate,
		credits:  &credits.Store{Client: client, Rules: cfg.Credits, Clock: now},
		budgets:  &budgets{client: client, clock: now},
	}).Handler(), nil
}

// deps are what the room works with.
type deps struct {
	verifier session.Verifier
	log      *slog.Logger
	maxBody  int64
	clock    clock.Clock
	gate     *access.Gate
	credits  *credits.Store
	budgets  *budgets
}

func newAPI(d deps) *api.API {
	a := api.New(api.Options{Function: "billing", Title: "Billing",
		Description: "Credits, what workspaces cost, the budgets that watch them and the alerts these raised.",
		Verifier:    d.verifier, Authorizer: d.gate, Log: d.log, MaxBodyBytes: d.maxBody})
	r := room{d}
	r.standing(a)
	r.spend(a)
	r.budget(a)
	r.alerts(a)
	notBuilt(a)
	return a
}

// notBuilt names what later versions bring.
func notBuilt(a *api.API) {
	for _, op := range []api.Operation{
		{Method: "GET", Path: "/v1/billing-accounts", ID: "listBillingAccounts", Rule: access.Enabled(), Summary: "List the caller's billing accounts"},
		{Method: "POST", Path: "/v1/billing-accounts", ID: "attachBillingAccount", Rule: access.Enabled(), Summary: "Attach a billing account"},
		{Method: "DELETE", Path: "/v1/billing-accounts/{account}", ID: "detachBillingAccount", Rule: access.ByRecord("whoever attached the billing account"), Summary: "Detach a billing account"},
		{Method: "PUT", Path: "/v1/workspaces/{workspace}/billing-account", ID: "chooseBillingAccount", Rule: access.MemberOf(access.Manage), Summary: "Choose who pays for a workspace"},
		{Method: "PUT", Path: "/v1/credits/{uid}", ID: "overrideCredits", Rule: access.HasRole(access.AccessAdmin), Summary: "Raise one researcher's credits"},
	} {
		op.Access = api.SecondFactor
		a.NotBuilt(op)
	}
}
