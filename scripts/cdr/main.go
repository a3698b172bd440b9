// Command cdr loads OMOP CDM tables into BigQuery and publishes them as a release:
//
//	go run ./scripts/cdr -cdm FOLDER -release ID              a folder of CSV files
//	go run ./scripts/cdr -dataset PROJECT.DATASET -release ID  a BigQuery dataset
//	go run ./scripts/cdr -synthetic 1000 -release ID           made-up persons
//	go run ./scripts/cdr -report -release ID                   what its checks found
//
// The folder holds *.csv or *.csv.gz of CDM v5.3 or v5.4. Run again, it does nothing
// for data that the release holds already; a published release with other data it
// leaves alone unless told to -replace it. BIGQUERY_EMULATOR_HOST and
// FIRESTORE_EMULATOR_HOST are honoured. See package loader for what a load
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
	"strings"
	"syscall"
	"time"

	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/omop"
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

// order is what the command line asks for.
type order struct {
	loader.Options
	dataset   string
	synthetic int
	seed      uint64
	report    bool
}

// parse reads the command line; nil without an error was a call for help.
func parse(args []string, complaints io.Writer) (*order, error) {
	var o order
	flags := flag.NewFlagSet("cdr", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.StringVar(&o.Folder, "cdm", "", "the `folder` of CDM tables (*.csv or *.csv.gz, CDM v5.3 or v5.4)")
	flags.StringVar(&o.dataset, "dataset", "", "the BigQuery dataset of CDM tables to copy, as `project.dataset`")
	flags.IntVar(&o.synthetic, "synthetic", 0, fmt.Sprintf("make up a population of that many `persons` (1 to %d)", seed.MaxPersons))
	flags.Uint64Var(&o.seed, "seed", 1, "which synthetic population: the same `number` gives the same data")
	flags.StringVar(&o.Release, "release", "", "the release's `id`, such as r2026q4")
	flags.StringVar(&o.Title, "title", "", "what researchers read as the release's name (the id, when empty)")
	flags.StringVar(&o.Project, "project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "the Google Cloud `project`; GOOGLE_CLOUD_PROJECT, when not given")
	flags.StringVar(&o.Location, "location", "", "where BigQuery keeps the datasets, such as europe-west1 (BigQuery's default, or where -dataset lies)")
	flags.BoolVar(&o.Replace, "replace", false, "load a published release anew, under the same id")
	flags.DurationVar(&o.Keep, "keep", 24*time.Hour, "how long a replaced release's tables stay readable for who works on them")
	flags.BoolVar(&o.AcceptErrors, "accept-errors", false, "publish although the checks found errors")
	flags.DurationVar(&o.Wait, "wait", 0, "how long to wait for another load of the release; without it, it is refused at once")
	flags.BoolVar(&o.report, "report", false, "print what the checks of a published release found, and load nothing")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, nil
		}
		return nil, err
	}
	sources := 0
	for _, given := range []bool{o.Folder != "", o.dataset != "", o.synthetic != 0} {
		if given {
			sources++
		}
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q is not understood: everything is given by flags", flags.Arg(0))
	case o.report && sources > 0:
		return nil, errors.New("-report loads nothing: leave out -cdm, -dataset and -synthetic")
	case !o.report && sources != 1:
		return nil, errors.New("say what to load: one of -cdm FOLDER, -dataset PROJECT.DATASET and -synthetic PERSONS")
	case o.Release == "":
		return nil, errors.New("-release is missing: the id under which the data is published")
	case o.Project == "":
		return nil, errors.New("-project is missing: the Google Cloud project, or set GOOGLE_CLOUD_PROJECT")
	}
	if o.dataset != "" {
		project, id, ok := strings.Cut(o.dataset, ".")
		o.From = omop.Dataset{Project: project, ID: id}
		if !ok || o.From.Check() != nil {
			return nil, fmt.Errorf("-dataset %q: give it as PROJECT.DATASET", o.dataset)
		}
	}
	return &o, nil
}

func run(ctx context.Context, args []string, out, complaints io.Writer) (err error) {
	o, err := parse(args, complaints)
	if err != nil || o == nil {
		return err
	}
	start := time.Now()
	o.Progress = func(line string) { fmt.Fprintf(out, "%7.1fs  %s\n", time.Since(start).Seconds(), line) }
	if o.synthetic != 0 {
		if o.Folder, err = os.MkdirTemp("", "cdr-synthetic-"); err != nil {
			return fmt.Errorf("make a folder for the synthetic data: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Folder)) }()
		if err := makeUp(ctx, o.Folder, o.synthetic, o.seed, o.Progress); err != nil {
			return err
		}
		if o.Title == "" {
			o.Title = fmt.Sprintf("Synthetic data of %d persons", o.synthetic)
		}
	}
	bq, err := bigqueryx.Open(ctx, o.Project)
	if err != nil {
		return err
	}
	defer func() { _ = bq.Close() }()
	fs, err := firestorex.Open(ctx, o.Project)
	if err != nil {
		return err
	}
	defer func() { _ = fs.Close() }()
	o.BigQuery, o.Firestore = bq, fs
	if o.report {
		return printReport(ctx, o.Options, out)
	}
	_, err = loader.Load(ctx, o.Options)
	return err
}

func printReport(ctx context.Context, o loader.Options, out io.Writer) error {
	r, err := loader.ReadReport(ctx, o)
	if err != nil {
		return err
	}
	for _, f := range r {
		fmt.Fprintln(out, f)
	}
	fmt.Fprintln(out, r.Summary())
	return nil
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
