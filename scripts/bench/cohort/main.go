// Command cohort measures the statements of shared/circe against those of OHDSI's
// own generator, on DuckDB:
//
//	go run ./scripts/bench/cohort -suite DIR [-every 20] [-runs 3]
//	go run ./scripts/bench/cohort -persons 10000,100000,1000000
//
// A suite is what package suite of scripts/circecheck reads. Both sides run by
// turns in one process on one connection with one thread, on the same rows, under
// the settings of the local BigQuery. Theirs are the suite's DuckDB statements, in
// order and as given, on tables in memory; ours are the statement that resolves the
// concept sets and the cohort's, as the local BigQuery translates them, on tables
// as scripts/cdr lays out a release: clustered, with the index table that says where
// concepts occur, in a file. Making that is a part of loading a release and is not
// measured; compilation, analysis and translation are reported apart, as OHDSI's
// statements have them behind them. The smallest of the runs counts. Rows that
// differ, from each other or from expected.jsonl, fail the bench.
//
// With -persons the same definitions run on made-up populations of growing size,
// ours alone; the time per person must not grow. The last line is then growth=N
// step=N: the greatest time per person at the last size of that at the first, and at
// any size of that at the one before.
//
// The last line is geomean=N min=N max=N of the ratios OHDSI ms / ours ms over all
// answers of the suite.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/scripts/circecheck/suite"
)

// config is what a run measures.
type config struct {
	suite         string
	filter        suite.Filter
	runs, threads int
	slowest       int
	memory        string
	scratch       string
	now           func() time.Duration
	persons       []int
}

func main() {
	var cfg config
	only, explain, persons, byCPU := "", "", "", false
	flag.StringVar(&cfg.suite, "suite", "", "the folder of the suite")
	flag.StringVar(&cfg.filter.Source, "source", "", "only answers of this source")
	flag.StringVar(&cfg.filter.Dataset, "dataset", "", "only answers on this data set")
	flag.StringVar(&only, "only", "", "only the definitions of these ids, separated by commas")
	flag.IntVar(&cfg.filter.Every, "every", 1, "only every n-th answer")
	flag.IntVar(&cfg.filter.Offset, "offset", 0, "after the first n answers")
	flag.IntVar(&cfg.runs, "runs", 3, "runs of each side; the smallest counts")
	flag.IntVar(&cfg.threads, "threads", 1, "DuckDB's threads")
	flag.IntVar(&cfg.slowest, "slowest", 30, "how many of the lowest ratios are listed")
	flag.StringVar(&cfg.memory, "memory", "4GB", "DuckDB's memory limit")
	flag.BoolVar(&byCPU, "cpu", false, "measure the thread's CPU time instead of the time of day; needs -threads 1")
	flag.StringVar(&persons, "persons", "", "sizes of made-up populations, separated by commas, to measure growth on")
	flag.StringVar(&explain, "explain", "", "print the plan of this definition's statement as DuckDB runs it, with -dataset")
	flag.Parse()
	if only != "" {
		cfg.filter.IDs = strings.Split(only, ",")
	}
	cfg.now = wall
	if byCPU && cfg.threads == 1 {
		runtime.LockOSThread()
		cfg.now = cpu
	}
	for s := range strings.SplitSeq(persons, ",") {
		if n, err := strconv.Atoi(s); err == nil && n > 0 {
			cfg.persons = append(cfg.persons, n)
		} else if persons != "" {
			fmt.Fprintf(os.Stderr, "bench: %q is no size of a population\n", s)
			os.Exit(2)
		}
	}
	if (cfg.suite == "") == (len(cfg.persons) == 0) || cfg.runs < 1 || cfg.filter.Every < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := realMain(cfg, explain); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func realMain(cfg config, explain string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if cfg.scratch, err = os.MkdirTemp("", "bench-cohort-"); err != nil {
		return fmt.Errorf("make a folder for spill files: %w", err)
	}
	defer func() { _ = os.RemoveAll(cfg.scratch) }()
	if len(cfg.persons) > 0 {
		return growth(ctx, cfg, os.Stdout)
	}
	if explain != "" {
		return show(ctx, cfg, explain)
	}
	return compare(ctx, cfg, os.Stdout)
}
