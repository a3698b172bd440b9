package browser

import (
	"context"
	"net/http"
	"os"
	"time"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/o11y"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Disclosure disclosure.Policy
	Limits     limits
}

// limits bound what an instance reads and keeps.
type limits struct {
	// MaxBytes caps the statement that reads a release's concepts.
	MaxBytes int64 `env:"HUB_BROWSER_MAX_BYTES, default=2147483648"`
	// MaxConcepts is how many concepts of a release are kept, those with the
	// most participants first.
	MaxConcepts int `env:"HUB_BROWSER_MAX_CONCEPTS, default=200000"`
	// Catalogues is how many releases are kept in memory.
	Catalogues int `env:"HUB_BROWSER_CATALOGUES, default=2"`
	// ReleasesAge is how long the list of releases is kept.
	ReleasesAge time.Duration `env:"HUB_BROWSER_RELEASES_AGE, default=30s"`
	// LoadEvery is how often a release's concepts are read at most, also when
	// others have taken its place in memory since.
	LoadEvery time.Duration `env:"HUB_BROWSER_LOAD_EVERY, default=10m"`
	// RetryAfter is how long a failed load is not tried again.
	RetryAfter time.Duration `env:"HUB_BROWSER_RETRY_AFTER, default=10s"`
}

func init() { fn.Register(fn.Function{Name: "browser", New: New}) }

// New builds the function with real clients.
func New(ctx context.Context) (http.Handler, error) {
	cfg, err := fn.ReadConfig[Config](ctx)
	if err != nil {
		return nil, err
	}
	records, err := firestorex.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	data, err := bigqueryx.Open(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	src := cloudSource{records, data, cfg.Project, cfg.Limits}
	return newAPI(newService(src, cfg.Disclosure, cfg.Limits, clock.System{}), api.Options{
		Log: o11y.NewLogger(os.Stderr, "browser", cfg.Project), MaxBodyBytes: cfg.MaxBodyBytes,
	}).Handler(), nil
}
