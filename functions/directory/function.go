package directory

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/review"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	// MaxAge is how long anybody may keep an answer.
	MaxAge time.Duration `env:"HUB_DIRECTORY_MAX_AGE, default=60s"`
	Freshness
	// Requests bound the requests for a review; Reviews says when one is due.
	Requests requestRules
	Reviews  review.Config
}

func init() { fn.Register(fn.Function{Name: "directory", New: New}) }

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
	publisher, err := pubsubx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return NewHandler(ctx, cfg, client, publisher, o11y.NewLogger(os.Stderr, "directory", cfg.Project))
}

// NewHandler builds the function on clients that are there. The index is read
// at once, beside the start: the first search waits for what is left of it.
func NewHandler(ctx context.Context, cfg Config, client *firestore.Client, publisher outbox.Publisher, log *slog.Logger) (http.Handler, error) {
	calendar, err := cfg.Reviews.Calendar()
	if err != nil {
		return nil, err
	}
	s := newService(cfg, client, clock.System{}, log)
	s.requests = &requester{client: client, clock: s.clock, limits: limit.New(client, s.clock), rules: cfg.Requests, calendar: calendar,
		events: outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: s.clock}}
	go func() { _ = s.mirror.keepUp(context.WithoutCancel(ctx)) }() // a search tells what is wrong
	return newAPI(s, api.Options{Log: log, MaxBodyBytes: cfg.MaxBodyBytes}).Handler(), nil
}

// newService makes the service without its requests for a review.
func newService(cfg Config, client *firestore.Client, c clock.Clock, log *slog.Logger) *service {
	return &service{client: client, clock: c, maxAge: cfg.MaxAge,
		mirror: &mirror{source: records{client}, rules: cfg.Freshness, clock: c, log: log}}
}

// service does what the routes ask for.
type service struct {
	client *firestore.Client
	clock  clock.Clock
	maxAge time.Duration
	mirror *mirror
	// requests takes requests for a review.
	requests *requester
}
