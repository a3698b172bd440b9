package environment

import (
	"context"
	"net/http"
	"os"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/notebook"
	"researchhub.example/hub/shared/o11y"
)

// Config is what the function reads from the environment.
type Config struct {
	fn.Common
	Access access.Rules
	// Bucket is the Cloud Storage bucket that keeps notebooks.
	Bucket string `env:"HUB_NOTEBOOK_BUCKET, required"`
	// MaxNotebookBytes bounds a notebook that is read back, in bytes.
	MaxNotebookBytes int64 `env:"HUB_NOTEBOOK_MAX_BYTES, default=10485760"`
}

func init() { fn.Register(fn.Function{Name: "environment", New: New}) }

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
	gate := &access.Gate{Client: records, Rules: cfg.Access, Clock: clock.System{}}
	verifier, err := gate.Verifier(ctx, cfg.Project)
	if err != nil {
		return nil, err
	}
	files, err := notebook.OpenBucket(ctx, cfg.Bucket, cfg.MaxNotebookBytes)
	if err != nil {
		return nil, err
	}
	s := &service{
		gate:    gate,
		records: notebookRecords{records},
		files:   files,
		clock:   clock.System{},
	}
	return newAPI(s, api.Options{
		Verifier: verifier, Log: o11y.NewLogger(os.Stderr, "environment", cfg.Project), MaxBodyBytes: cfg.MaxBodyBytes,
	}).Handler(), nil
}
