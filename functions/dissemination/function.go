package dissemination

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access access.Rules
	Rules  Rules
}

func init() { fn.Register(fn.Function{Name: "dissemination", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Rules.NoticeDays < 0 {
		return nil, fmt.Errorf("HUB_REPORT_NOTICE_DAYS is a number of days, 0 or more")
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	publisher, err := pubsubx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	log, now := o11y.NewLogger(os.Stderr, "dissemination", cfg.Project), clock.System{}
	gate := &access.Gate{Client: client, Rules: cfg.Access, Clock: now}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	sender := &outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: now}
	return newAPI(deps{
		verifier: verifier, log: log, maxBody: cfg.MaxBodyBytes, rules: cfg.Rules,
		gate:  gate,
		store: &store{client: client, clock: now},
		send:  sender.Send,
	}).Handler(), nil
}

// deps are what the room works with.
type deps struct {
	verifier session.Verifier
	log      *slog.Logger
	maxBody  int64
	rules    Rules
	gate     *access.Gate
	store    *store
	// send publishes committed events; best effort, the sweep sends what it does not.
	send func(ctx context.Context, events ...string)
}

func newAPI(d deps) *api.API {
	a := api.New(api.Options{Function: "dissemination", Title: "Dissemination",
		Description: "Reports of publications and presentations, handed in ahead of their date.",
		Verifier:    d.verifier, Authorizer: d.gate, Log: d.log, MaxBodyBytes: d.maxBody})
	r := room{d}
	r.records(a)
	r.acts(a)
	notBuilt(a)
	return a
}

// notBuilt names what later versions bring.
func notBuilt(a *api.API) {
	for _, op := range []api.Operation{
		{Method: "POST", Path: "/v1/reports/{report}/review", ID: "reviewReport", Rule: access.HasRole(access.ReviewBoard), Summary: "Clear a report or ask for changes"},
		{Method: "POST", Path: "/v1/reports/{report}/publication", ID: "publishReport", Rule: access.ByRecord(mayChange), Summary: "Record that a report is published, with DOI or PMID"},
		{Method: "POST", Path: "/v1/reports/{report}/deposit", ID: "depositReport", Rule: access.ByRecord(mayChange), Summary: "Record the PMC id of the final manuscript"},
		{Method: "POST", Path: "/v1/reports/{report}/attachments", ID: "attachTable", Rule: access.ByRecord(mayChange), Summary: "Attach a table or figure for the disclosure check"},
		{Method: "GET", Path: "/v1/review-queue", ID: "listReviewQueue", Rule: access.HasRole(access.ReviewBoard), Summary: "List the reports that wait for the review board"},
	} {
		op.Access = api.SecondFactor
		a.NotBuilt(op)
	}
}
