package workspace

import (
	"context"
	"net/http"
	"os"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/pubsubx"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access access.Rules
	Limits limits
}

func init() { fn.Register(fn.Function{Name: "workspace", New: New}) }

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
	log := o11y.NewLogger(os.Stderr, "workspace", cfg.Project)
	s := &service{
		gate:   access.Gate{Client: client, Rules: cfg.Access, Clock: clock.System{}},
		events: outbox.Sender{Client: client, Publisher: publisher, Log: log, Clock: clock.System{}},
		limits: cfg.Limits, policies: policy.Versions(),
	}
	verifier, err := s.gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	return newAPI(s, api.Options{Verifier: verifier, Log: log, MaxBodyBytes: cfg.MaxBodyBytes}).Handler(), nil
}

// service does what the routes ask for.
type service struct {
	gate   access.Gate
	events outbox.Sender
	limits limits
	// policies are all versions that are known.
	policies []policy.Policy
}
