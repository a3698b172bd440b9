package directory

import (
	"context"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	// MaxAge is how long anybody may keep an answer.
	MaxAge time.Duration `env:"HUB_DIRECTORY_MAX_AGE, default=60s"`
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
	s := &service{client: client, clock: clock.System{}, maxAge: cfg.MaxAge}
	return newAPI(s, api.Options{Log: o11y.NewLogger(os.Stderr, "directory", cfg.Project), MaxBodyBytes: cfg.MaxBodyBytes}).Handler(), nil
}

// service does what the routes ask for.
type service struct {
	client *firestore.Client
	clock  clock.Clock
	maxAge time.Duration
}
