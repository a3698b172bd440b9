package cohort

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

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
	// CountKept is how long the answer to a question about a cohort is kept after it
	// was last asked.
	CountKept time.Duration `env:"HUB_COUNT_KEPT, default=2160h"`
	Bounds    bounds
}

// bounds are how many of each a workspace may have.
type bounds struct {
	Cohorts     int `env:"HUB_WORKSPACE_COHORTS_MAX, default=1000"`
	ConceptSets int `env:"HUB_WORKSPACE_CONCEPT_SETS_MAX, default=1000"`
	DataSets    int `env:"HUB_WORKSPACE_DATA_SETS_MAX, default=1000"`
	// Reviews have up to 10,000 participants each.
	Reviews int `env:"HUB_WORKSPACE_PARTICIPANT_REVIEWS_MAX, default=100"`
}

func (c Config) check() error {
	if c.CountKept < time.Hour {
		return fmt.Errorf("HUB_COUNT_KEPT is %v: it must be an hour or more", c.CountKept)
	}
	if min(c.Bounds.Cohorts, c.Bounds.ConceptSets, c.Bounds.DataSets, c.Bounds.Reviews) < 1 {
		return errors.New("HUB_WORKSPACE_COHORTS_MAX, HUB_WORKSPACE_CONCEPT_SETS_MAX, HUB_WORKSPACE_DATA_SETS_MAX and HUB_WORKSPACE_PARTICIPANT_REVIEWS_MAX are above 0")
	}
	return nil
}

func init() { fn.Register(fn.Function{Name: "cohort", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
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
		kept: cfg.CountKept, bounds: cfg.Bounds,
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
	// kept is how long an answer is kept after it was last asked.
	kept   time.Duration
	bounds bounds
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
