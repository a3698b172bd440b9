package portal

import (
	"context"
	"errors"
	"net/http"
	"os"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access  access.Rules
	Credits credits.Rules
	// APIKey is the web API key of Firebase Authentication.
	APIKey string `env:"HUB_FIREBASE_API_KEY"`
	// AuthEmulator is the Auth emulator's host and port, for the local cloud.
	AuthEmulator string `env:"FIREBASE_AUTH_EMULATOR_HOST"`
}

var errNoKey = errors.New("the environment variable HUB_FIREBASE_API_KEY is not set; set it to the web API key of Firebase Authentication")

func init() { fn.Register(fn.Function{Name: "portal", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	if cfg.APIKey == "" && cfg.AuthEmulator == "" {
		return nil, errNoKey
	}
	client, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	gate := &access.Gate{Client: client, Rules: cfg.Access, Clock: clock.System{}}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	s := &service{
		gate:    gate,
		credits: &credits.Store{Client: client, Rules: cfg.Credits, Clock: clock.System{}},
		client:  client,
		signIn:  signInFor(cfg),
	}
	return newHandler(s, api.Options{
		Verifier: verifier, Log: o11y.NewLogger(os.Stderr, "portal", cfg.Project), MaxBodyBytes: cfg.MaxBodyBytes,
	})
}
