// Command bigquery measures the local BigQuery against DuckDB itself: the same
// questions over the same data, once through the official client (analysis,
// translation, job, HTTP and paging included), once as hand-written SQL on
// DuckDB's own interface, by turns in one run.
//
//	go run ./scripts/bench/bigquery [-persons 1000000] [-events 30000000] [-runs 7] [-dir DIR]
//
// The data is made in place, by the local BigQuery itself. Every answer is
// compared with DuckDB's. The last line is
//
//	fixed_ms=N max_ratio=N rows100k_s=N ready_ms=N rss_mb=N
//
// where fixed_ms is what SELECT 1 costs over DuckDB's (p50), max_ratio the worst
// ratio among the questions that take DuckDB over 100 ms, ready_ms the time from
// the start of the process to its first answer with the data there, and rss_mb
// the process's resident memory after all questions.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// config is what a run measures.
type config struct {
	dir             string
	persons, events int64
	runs            int
}

func main() {
	var cfg config
	serveIn := flag.String("serve", "", "serve the local BigQuery from this folder and do nothing else (used by the bench itself)")
	flag.StringVar(&cfg.dir, "dir", "", "folder for the data, kept afterwards (default: a temporary one)")
	flag.Int64Var(&cfg.persons, "persons", 1_000_000, "persons to make")
	flag.Int64Var(&cfg.events, "events", 30_000_000, "events to make")
	flag.IntVar(&cfg.runs, "runs", 7, "measurements of each question")
	flag.Parse()
	if err := realMain(*serveIn, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func realMain(serveIn string, cfg config) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if serveIn != "" {
		return serve(ctx, serveIn)
	}
	return run(ctx, cfg)
}

func run(ctx context.Context, cfg config) error {
	if cfg.persons < 1 || cfg.events < cfg.persons || cfg.runs < 1 {
		return fmt.Errorf("-persons, -events and -runs must be positive, and there must be at least one event per person")
	}
	if cfg.dir == "" {
		dir, err := os.MkdirTemp("", "bench-bigquery-")
		if err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		defer os.RemoveAll(dir)
		cfg.dir = dir
	}
	data := filepath.Join(cfg.dir, "emulator")
	server, err := start(ctx, data)
	if err != nil {
		return err
	}
	defer func() { server.stop() }()
	began := time.Now()
	if err := server.generate(ctx, cfg); err != nil {
		return err
	}
	fmt.Printf("made %d events of %d persons in %.1f s\n", cfg.events, cfg.persons, time.Since(began).Seconds())
	// DuckDB gets a copy of the very file, so that both read the same bytes.
	server.stop()
	native, err := openNative(ctx, data, filepath.Join(cfg.dir, "native"))
	if err != nil {
		return err
	}
	defer native.close()
	if server, err = start(ctx, data); err != nil {
		return err
	}
	return measure(ctx, cfg, server, native)
}
