// Command cdr measures the loading of a release: a synthetic population, as CSV
// files, into the local BigQuery and the Firestore emulator, by the very loader that
// scripts/cdr runs: both tiers, their index tables, all checks, published.
//
//	go run ./scripts/bench/cdr [-persons 100000] [-dir DIR]
//
// It then loads the same folder again, which must be no work, and copies the
// release's controlled dataset into a second release. The last line is
//
//	persons=N rows=N load_s=N rows_per_s=N again_s=N copy_s=N
//
// where rows counts the rows of the CDM tables, and load_s runs from the first look
// at the folder to the record that publishes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	local "researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/omop"
)

// project is the bench's project id.
const project = "demo-bench"

func main() { os.Exit(realMain()) }

func realMain() int {
	persons := flag.Int("persons", 100_000, "persons to make and load")
	dir := flag.String("dir", "", "folder for the data, kept afterwards (default: a temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *persons, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, persons int, dir string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "bench-cdr-"); err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	folder := filepath.Join(dir, "cdm")
	began := time.Now()
	if err := seed.Write(ctx, folder, seed.Options{Persons: persons, Seed: 1}); err != nil {
		return err
	}
	fmt.Printf("made %d persons in %.1f s\n", persons, time.Since(began).Seconds())

	server, err := local.Start(ctx, local.Config{Dir: filepath.Join(dir, "bigquery"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	bq, err := bigquery.NewClient(ctx, project, option.WithEndpoint(server.URL()), option.WithoutAuthentication())
	if err != nil {
		return fmt.Errorf("open the local BigQuery: %w", err)
	}
	defer func() { _ = bq.Close() }()
	emulator, err := firestore.Start(ctx, firestore.Options{Progress: func(s string) { fmt.Println(s) }})
	if err != nil {
		return err
	}
	defer emulator.Stop(context.WithoutCancel(ctx))
	if err := os.Setenv("FIRESTORE_EMULATOR_HOST", emulator.Host()); err != nil {
		return fmt.Errorf("name the Firestore emulator: %w", err)
	}
	records, err := firestorex.Open(ctx, project)
	if err != nil {
		return err
	}
	defer func() { _ = records.Close() }()

	timed := func(what string, o loader.Options) (omop.Release, float64, error) {
		began := time.Now()
		o.Project, o.BigQuery, o.Firestore = project, bq, records
		o.Progress = func(line string) { fmt.Printf("%7.1fs  %s\n", time.Since(began).Seconds(), line) }
		r, err := loader.Load(ctx, o)
		if err != nil {
			return r, 0, fmt.Errorf("%s: %w", what, err)
		}
		return r, time.Since(began).Seconds(), nil
	}
	first, load, err := timed("load", loader.Options{Folder: folder, Release: "bench"})
	if err != nil {
		return err
	}
	_, again, err := timed("load again", loader.Options{Folder: folder, Release: "bench"})
	if err != nil {
		return err
	}
	from := omop.Dataset{Project: project, ID: first.Datasets[omop.TierControlled]}
	_, copied, err := timed("copy", loader.Options{From: from, Release: "bench_copy"})
	if err != nil {
		return err
	}
	var rows int64
	for _, n := range first.Rows {
		rows += n
	}
	fmt.Printf("persons=%d rows=%d load_s=%.1f rows_per_s=%.0f again_s=%.1f copy_s=%.1f\n",
		first.Persons, rows, load, float64(rows)/load, again, copied)
	return nil
}
