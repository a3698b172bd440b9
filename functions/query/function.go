package query

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access  access.Rules
	Credits credits.Rules
	Query   metered.Rules
	Limits  limits
}

// limits are the numbers of this room.
type limits struct {
	// StartGrace is how long after its record a run's job may still begin. It is
	// longer than any request lives.
	StartGrace time.Duration `env:"HUB_RUN_START_GRACE, default=2m"`
	// CSVRows bounds one download.
	CSVRows int64 `env:"HUB_CSV_MAX_ROWS, default=1000000"`
	// Timeout ends a request, downloads included.
	Timeout time.Duration `env:"HUB_CSV_TIMEOUT, default=55s"`
}

func init() { fn.Register(fn.Function{Name: "query", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if err := cfg.Query.Check(); err != nil {
		return nil, err
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	bq, err := bigqueryx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	bq.Location = cfg.Query.Location
	now := clock.System{}
	gate := &access.Gate{Client: client, Rules: cfg.Access, Clock: now}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return newAPI(deps{
		verifier: verifier, log: o11y.NewLogger(os.Stderr, "query", cfg.Project), maxBody: cfg.MaxBodyBytes,
		client: client, clock: now, limits: cfg.Limits,
		gate:     gate,
		releases: &release.Store{Client: client, Project: cfg.Project},
		desk: &metered.Desk{BigQuery: bq, Rules: cfg.Query, Clock: now,
			Credits: &credits.Store{Client: client, Rules: cfg.Credits, Clock: now}},
	}).Handler(), nil
}

// deps are what the room works with.
type deps struct {
	verifier session.Verifier
	log      *slog.Logger
	maxBody  int64
	client   *firestore.Client
	clock    clock.Clock
	limits   limits
	gate     *access.Gate
	releases *release.Store
	desk     *metered.Desk
}

type room struct{ deps }

func newAPI(d deps) *api.API {
	a := api.New(api.Options{Function: "query", Title: "Queries",
		Description: "Estimates, runs in BigQuery and their rows, for data sets and for SQL of one's own.",
		Verifier:    d.verifier, Authorizer: d.gate, Log: d.log, MaxBodyBytes: d.maxBody, Timeout: d.limits.Timeout})
	r := room{d}
	r.estimateRoutes(a)
	r.runRoutes(a)
	r.resultRoutes(a)
	for _, op := range []api.Operation{
		{Method: "GET", Path: "/v1/workspaces/{workspace}/datasets/{dataSet}/code", ID: "handOff", Rule: access.MemberOf(access.Read), Summary: "Hand a data set over as Python, R or SAS code"},
		{Method: "POST", Path: "/v1/workspaces/{workspace}/schedules", ID: "createSchedule", Rule: access.MemberOf(access.Run), Summary: "Run a data set on a schedule"},
		{Method: "GET", Path: "/v1/workspaces/{workspace}/schedules", ID: "listSchedules", Rule: access.MemberOf(access.Read), Summary: "List schedules"},
	} {
		op.Access = api.SecondFactor
		a.NotBuilt(op)
	}
	return a
}
