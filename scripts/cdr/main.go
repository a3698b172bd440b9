// Command cdr loads a folder of OMOP CDM tables, or a synthetic population, into
// BigQuery and publishes it as a release:
//
//	go run ./scripts/cdr -cdm FOLDER -release ID [-title TEXT] [-project PROJECT]
//	go run ./scripts/cdr -synthetic 1000 -release synthetic
//
// The folder holds *.csv or *.csv.gz of CDM v5.3 or v5.4. BIGQUERY_EMULATOR_HOST
// and FIRESTORE_EMULATOR_HOST are honoured. See package loader for what a load
// guarantees.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/firestorex"
)

func main() { os.Exit(realMain()) }

func realMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "cdr:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string, out, complaints io.Writer) (err error) {
	flags := flag.NewFlagSet("cdr", flag.ContinueOnError)
	flags.SetOutput(complaints)
	cdm := flags.String("cdm", "", "the `folder` of CDM tables (*.csv or *.csv.gz, CDM v5.3 or v5.4)")
	synthetic := flags.Int("synthetic", 0, fmt.Sprintf("make up a population of that many `persons` (1 to %d) instead of reading a folder", seed.MaxPersons))
	picked := flags.Uint64("seed", 1, "which synthetic population: the same `number` gives the same data")
	release := flags.String("release", "", "the release's `id`, such as r2026q4")
	title := flags.String("title", "", "what researchers read as the release's name (the id, when empty)")
	project := flags.String("project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "the Google Cloud `project`; GOOGLE_CLOUD_PROJECT, when not given")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is not understood: everything is given by flags", flags.Arg(0))
	case (*cdm == "") == (*synthetic == 0):
		return errors.New("say what to load: either -cdm FOLDER or -synthetic PERSONS")
	case *release == "":
		return errors.New("-release is missing: the id under which the data is published")
	case *project == "":
		return errors.New("-project is missing: the Google Cloud project, or set GOOGLE_CLOUD_PROJECT")
	}
	start := time.Now()
	say := func(line string) { fmt.Fprintf(out, "%7.1fs  %s\n", time.Since(start).Seconds(), line) }

	folder := *cdm
	if *synthetic != 0 {
		if folder, err = os.MkdirTemp("", "cdr-synthetic-"); err != nil {
			return fmt.Errorf("make a folder for the synthetic data: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		if err := makeUp(ctx, folder, *synthetic, *picked, say); err != nil {
			return err
		}
		if *title == "" {
			*title = fmt.Sprintf("Synthetic data of %d persons", *synthetic)
		}
	}
	bq, err := bigqueryx.Open(ctx, *project)
	if err != nil {
		return err
	}
	defer func() { _ = bq.Close() }()
	fs, err := firestorex.Open(ctx, *project)
	if err != nil {
		return err
	}
	defer func() { _ = fs.Close() }()
	_, err = loader.Load(ctx, loader.Options{
		Folder: folder, Release: *release, Title: *title, Project: *project, BigQuery: bq, Firestore: fs, Progress: say,
	})
	return err
}

// reports is how often the making of a synthetic population is reported.
const reports = 10

func makeUp(ctx context.Context, dir string, persons int, picked uint64, say func(string)) error {
	next := 0
	return seed.Write(ctx, dir, seed.Options{Persons: persons, Seed: picked, Progress: func(done, total int) {
		if done >= next {
			say(fmt.Sprintf("synthetic persons: %d of %d", done, total))
			next = done + max(total/reports, 1)
		}
	}})
}
