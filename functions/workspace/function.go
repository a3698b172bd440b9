package workspace

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/notebook"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/session"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access access.Rules
	Limits limits
	// Reviews says when the review board's answers are due.
	Reviews review.Config
	// Copies are the numbers of duplicates and snapshots.
	Copies copying.Rules
	// Bucket is the Cloud Storage bucket that keeps notebooks.
	Bucket string `env:"HUB_NOTEBOOK_BUCKET, required"`
	// MaxNotebookBytes bounds a notebook that is copied, in bytes.
	MaxNotebookBytes int64 `env:"HUB_NOTEBOOK_MAX_BYTES, default=10485760"`
}

func init() { fn.Register(fn.Function{Name: "workspace", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	calendar, err := cfg.Reviews.Calendar()
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
	gate := access.Gate{Client: client, Rules: cfg.Access, Clock: clock.System{}}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	files, err := notebook.OpenBucket(ctx, cfg.Bucket, cfg.MaxNotebookBytes)
	if err != nil {
		return nil, err
	}
	return NewHandler(cfg, Parts{Calendar: calendar, Client: client, Publisher: publisher, Verifier: verifier, Files: files, Log: o11y.NewLogger(os.Stderr, "workspace", cfg.Project)}), nil
}

// Parts are the clients that the function works with.
type Parts struct {
	Client    *firestore.Client
	Publisher outbox.Publisher
	Verifier  session.Verifier
	// Files keeps the notebooks' files.
	Files copying.Files
	Log   *slog.Logger
	// Timeout ends a request; package api's default when zero.
	Timeout time.Duration
	// Calendar says when the review board's answers are due.
	Calendar review.Calendar
}

// NewHandler builds the function from its parts, for those who measure it.
func NewHandler(cfg Config, p Parts) http.Handler {
	s := &service{
		gate:   access.Gate{Client: p.Client, Rules: cfg.Access, Clock: clock.System{}},
		events: outbox.Sender{Client: p.Client, Publisher: p.Publisher, Log: p.Log, Clock: clock.System{}},
		limits: cfg.Limits, policies: policy.Versions(), calendar: p.Calendar,
	}
	s.copies = &copying.Engine{Gate: s.gate, Events: s.events, Files: p.Files, Check: copying.SourceCheck{}, Rules: cfg.Copies, Log: p.Log,
		Reviewing: copying.Reviews(p.Client, p.Calendar)}
	return newAPI(s, api.Options{Verifier: p.Verifier, Log: p.Log, MaxBodyBytes: cfg.MaxBodyBytes, Timeout: p.Timeout}).Handler()
}

// service does what the routes ask for.
type service struct {
	gate   access.Gate
	events outbox.Sender
	limits limits
	// policies are all versions that are known.
	policies []policy.Policy
	// calendar says when the review board's answers are due.
	calendar review.Calendar
	// copies makes duplicates and snapshots.
	copies *copying.Engine
}
