package cohort

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"os"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access     access.Rules
	Credits    credits.Rules
	Query      metered.Rules
	Disclosure disclosure.Policy
	// VocabularyMaxBytes caps one search of the vocabulary, in bytes; the hub
	// pays for it.
	VocabularyMaxBytes int64 `env:"HUB_VOCABULARY_MAX_BYTES, default=2147483648"`
	// VocabularyMost bounds the names and synonyms of concepts that are held in
	// memory for the search, of all releases together: about 200 bytes each.
	VocabularyMost int `env:"HUB_VOCABULARY_MOST, default=1500000"`
}

func init() { fn.Register(fn.Function{Name: "cohort", New: New}) }

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
	bq, err := bigqueryx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	bq.Location = cfg.Query.Location
	gate := &access.Gate{Client: client, Rules: cfg.Access, Clock: clock.System{}}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return NewHandler(cfg, Parts{Client: client, BigQuery: bq, Verifier: verifier, Log: o11y.NewLogger(os.Stderr, "cohort", cfg.Project)}), nil
}

// Parts are the clients that the function works with.
type Parts struct {
	Client   *firestore.Client
	BigQuery *bigquery.Client
	Verifier session.Verifier
	Log      *slog.Logger
}

// NewHandler builds the function from its parts, for those who measure it.
func NewHandler(cfg Config, p Parts) http.Handler {
	now := clock.System{}
	return newAPI(deps{
		verifier: p.Verifier, log: p.Log, maxBody: cfg.MaxBodyBytes,
		client: p.Client, clock: now, policy: cfg.Disclosure, vocabularyMax: cfg.VocabularyMaxBytes, vocabularyMost: cfg.VocabularyMost,
		gate:     &access.Gate{Client: p.Client, Rules: cfg.Access, Clock: now},
		releases: &release.Store{Client: p.Client, Project: cfg.Project},
		desk: &metered.Desk{BigQuery: p.BigQuery, Rules: cfg.Query, Clock: now,
			Credits: &credits.Store{Client: p.Client, Rules: cfg.Credits, Clock: now}},
	}).Handler()
}

// deps are what the room works with.
type deps struct {
	verifier      session.Verifier
	log           *slog.Logger
	maxBody       int64
	client        *firestore.Client
	clock         clock.Clock
	policy        disclosure.Policy
	vocabularyMax int64
	gate          *access.Gate
	releases      *release.Store
	desk          *metered.Desk
	// vocabularyMost bounds the concepts' names and synonyms in memory;
	// defaultVocabularyMost when zero.
	vocabularyMost int
}

type room struct {
	deps
	vocabulary *shelf
	pace       *pace
	limits     *limit.Limiter
}

func newRoom(d deps) room {
	return room{deps: d,
		vocabulary: &shelf{desk: d.desk, policy: d.policy, maxBytes: d.vocabularyMax, most: cmp.Or(d.vocabularyMost, defaultVocabularyMost)},
		pace:       &pace{clock: d.clock, perSecond: searchesPerSecond, burst: searchBurst},
		limits:     limit.New(d.client, d.clock)}
}

func newAPI(d deps) *api.API {
	a := api.New(api.Options{Function: "cohort", Title: "Cohorts and data sets",
		Description: "OHDSI cohort expressions, their counts, the vocabulary, and data sets made of them.",
		Verifier:    d.verifier, Authorizer: d.gate, Log: d.log, MaxBodyBytes: d.maxBody})
	r := newRoom(d)
	r.cohortRoutes(a)
	r.countRoutes(a)
	r.dataSetRoutes(a)
	r.vocabularyRoutes(a)
	r.conceptSetRoutes(a)
	r.reviewRoutes(a)
	return a
}
