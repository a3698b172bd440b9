// Package bigquery is the local BigQuery: REST API v2 over DuckDB, every
// statement resolved by the real GoogleSQL analyzer. Its one law is right or
// refused: what it does not know it refuses by name (reason notImplemented,
// status 501), and it never guesses.
//
// The parts: rest (the API), jobs (queries, statements, scripts, loads, copies),
// translate (the resolved tree to DuckDB's SQL), functions (GoogleSQL's functions
// that DuckDB lacks or computes otherwise, in Go), load (CSV, JSON lines,
// Parquet), store (data sets and tables, durable), duck (DuckDB, locked down),
// apierr (the errors). compliance runs GoogleSQL's own cases.
package bigquery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions"
	"researchhub.example/hub/emulator/bigquery/jobs"
	"researchhub.example/hub/emulator/bigquery/rest"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// Config says where the local BigQuery listens and keeps its data.
type Config struct {
	// Dir is the folder of the data; it is made. One process at a time.
	Dir string
	// Addr is a loopback address; empty: 127.0.0.1 and a free port.
	Addr string
	// Project is a project to make the data sets Datasets in; may be empty, as any
	// project id is taken.
	Project string
	// Datasets are made in Project when they are missing.
	Datasets []string
	// MemoryLimit is DuckDB's, such as "2GB" (also the default).
	MemoryLimit string
	// Threads is DuckDB's; 0: one per core.
	Threads int
	// ExtractDir is the folder that extract jobs write to: gs://bucket/path is the
	// file bucket/path in it. Empty: extract jobs are refused.
	ExtractDir string
	// StorageHost is the address of the local Cloud Storage that gs:// stands for in
	// load jobs; empty: STORAGE_EMULATOR_HOST of the environment, and without that
	// they are refused.
	StorageHost string
	// Logger takes what goes wrong inside; nil: slog.Default().
	Logger *slog.Logger
	// Clock tells the time; nil: time.Now.
	Clock func() time.Time
}

// Server is a running local BigQuery.
type Server struct {
	url    string
	http   *http.Server
	jobs   *jobs.Manager
	db     *duck.DB
	failed chan error
}

// defaultMemory leaves a laptop room for the rest of the local cloud.
const defaultMemory = "2GB"

// stopWait is how long Close lets requests end.
const stopWait = 2 * time.Second

// Start opens the data and serves until Close. A taken port and a folder in use
// by another process are errors.
func Start(ctx context.Context, cfg Config) (s *Server, err error) {
	if cfg.Dir == "" {
		return nil, errors.New("bigquery: Config.Dir is missing")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	clock := func() time.Time { return cfg.Clock().UTC() }
	if cfg.MemoryLimit == "" {
		cfg.MemoryLimit = defaultMemory
	}
	if cfg.StorageHost == "" {
		cfg.StorageHost = os.Getenv("STORAGE_EMULATOR_HOST")
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	ln, err := listen(cfg.Addr)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			ln.Close()
		}
	}()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("bigquery: make the folder of the data: %w", err)
	}
	if err := googlesql.Warm(); err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	db, err := duck.Open(ctx, duck.Config{Dir: cfg.Dir, MemoryLimit: cfg.MemoryLimit, Threads: cfg.Threads, Scalars: functions.All()})
	if err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	st, err := store.Open(ctx, db, cfg.Logger, clock)
	if err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	for _, d := range cfg.Datasets {
		_, err := st.CreateDataset(ctx, store.DatasetKey{Project: cfg.Project, Dataset: d}, &bq.Dataset{})
		if err != nil && apierr.From(err).Reason != "duplicate" {
			return nil, fmt.Errorf("bigquery: make the data set %s: %w", d, err)
		}
	}
	manager, err := jobs.NewManager(st, jobs.Config{Log: cfg.Logger, Clock: clock, Dir: cfg.Dir, ExtractDir: cfg.ExtractDir, Threads: cfg.Threads})
	if err != nil {
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	handler, err := rest.New(st, manager, filepath.Join(cfg.Dir, "uploads"), cfg.StorageHost, cfg.Logger, clock)
	if err != nil {
		manager.Close()
		return nil, fmt.Errorf("bigquery: %w", err)
	}
	s = &Server{url: "http://" + ln.Addr().String(), jobs: manager, db: db, failed: make(chan error, 1),
		http: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
			ErrorLog: slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn)}}
	go func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// listen opens a loopback address and nothing else.
func listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("bigquery: the address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("bigquery: %q is no loopback address; the local BigQuery has no access control and listens on this machine only", addr)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("bigquery: listen on %s (is another one running? choose another port): %w", addr, err)
	}
	return ln, nil
}

// URL is the server's address, for BIGQUERY_EMULATOR_HOST and
// option.WithEndpoint.
func (s *Server) URL() string { return s.url }

// Failed gets the error that ended the serving, if it was not Close.
func (s *Server) Failed() <-chan error { return s.failed }

// Close cancels the jobs, ends the requests and closes the data.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	s.jobs.Close()
	var err error
	if s.http.Shutdown(ctx) != nil {
		// A client holds a connection open; it is cut.
		err = s.http.Close()
	}
	return errors.Join(err, s.db.Close())
}
