// Circecheck runs a suite of OHDSI cohort definitions with known answers through
// the compiler and the local BigQuery, and compares person by person and date by
// date:
//
//	go run ./scripts/circecheck -suite DIR [-source handmade] [-only h127] [-every 10 -offset 3] [-jobs 2]
//
// Package suite says what a suite is. The compiler's mode is the one that follows
// OHDSI's defects, because the answers do. Lines of expected.jsonl that hold no
// answer are listed and not counted; a definition that cannot be read, compiled or
// run is refused.
//
// The last line is identical=N different=N refused=N; the exit status is 1 where
// an answer is different or cannot be had.
//
// Uses github.com/duckdb/duckdb-go/v2 to read Parquet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	emulator "researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/scripts/circecheck/suite"
)

const project = "demo-circecheck"

func main() {
	var f suite.Filter
	folder, only := flag.String("suite", "", "the folder of the suite"), ""
	flag.StringVar(&f.Source, "source", "", "only answers of this source")
	flag.StringVar(&only, "only", "", "only the definitions of these ids, separated by commas; a single one with its SQL")
	flag.StringVar(&f.Dataset, "dataset", "", "only answers on this data set")
	flag.IntVar(&f.Every, "every", 1, "only every n-th answer")
	flag.IntVar(&f.Offset, "offset", 0, "after the first n answers")
	jobs := flag.Int("jobs", runtime.NumCPU(), "how many answers are looked at side by side")
	flag.Parse()
	if *folder == "" || f.Every < 1 || f.Offset < 0 || *jobs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if only != "" {
		f.IDs = strings.Split(only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ok, err := run(ctx, *folder, f, *jobs)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "circecheck:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, folder string, f suite.Filter, jobs int) (ok bool, err error) {
	s, err := suite.Open(folder, f)
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "circecheck")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	client, stop, err := start(ctx, filepath.Join(dir, "bigquery"))
	if err != nil {
		return false, err
	}
	defer stop()
	c := checker{client: client, suite: s, show: len(f.IDs) == 1}
	if c.datasets, err = loadAll(ctx, client, s, dir); err != nil {
		return false, err
	}
	for _, a := range s.Unanswered {
		fmt.Printf("no answer %s/%s %s: %s\n", a.ID, a.Dataset, a.Name, a.Error)
	}
	total, features := c.all(ctx, jobs)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(features)) {
		fmt.Printf("%-45s %s\n", name, features[name])
	}
	fmt.Println(total)
	return total[different] == 0 && total[refused] == 0, nil
}

// loadAll makes the data sets of a suite and gives their names.
func loadAll(ctx context.Context, client *bigquery.Client, s *suite.Suite, scratch string) (map[string]string, error) {
	names := map[string]string{}
	for i, name := range s.Datasets() {
		from, err := s.Data(name)
		if err != nil {
			return nil, fmt.Errorf("data set %q: %w", name, err)
		}
		names[name] = fmt.Sprintf("data%d", i)
		began := time.Now()
		if err := load(ctx, client, from, names[name], scratch); err != nil {
			return nil, fmt.Errorf("load %q: %w", name, err)
		}
		fmt.Fprintf(os.Stderr, "loaded %s in %.0f s\n", name, time.Since(began).Seconds())
	}
	return names, nil
}

// progressEvery is the number of answers between two reports of progress.
const progressEvery = 50

// all looks at every answer, several at a time, and counts how they ended, all
// together and by feature.
func (c checker) all(ctx context.Context, jobs int) (total tally, features map[string]*tally) {
	features = map[string]*tally{}
	next := make(chan suite.Answer)
	began, done := time.Now(), 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for a := range next {
				out := c.check(ctx, a)
				mu.Lock()
				if out.kind != identical {
					fmt.Printf("%s %s/%s %s: %s\n", out.kind, a.ID, a.Dataset, a.Name, out.why)
				}
				total.add(out.kind)
				for _, name := range a.Features {
					if features[name] == nil {
						features[name] = &tally{}
					}
					features[name].add(out.kind)
				}
				if done++; done%progressEvery == 0 {
					fmt.Fprintf(os.Stderr, "%d of %d in %.0f s: %s\n", done, len(c.suite.Answers), time.Since(began).Seconds(), total)
				}
				mu.Unlock()
			}
		})
	}
	for _, a := range c.suite.Answers {
		if ctx.Err() != nil {
			break
		}
		next <- a
	}
	close(next)
	wg.Wait()
	return total, features
}

// start gives a client of a local BigQuery with its data in dir.
func start(ctx context.Context, dir string) (client *bigquery.Client, stop func(), err error) {
	server, err := emulator.Start(ctx, emulator.Config{Dir: dir, MemoryLimit: "3GB", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, nil, err
	}
	client, err = bigquery.NewClient(ctx, project, option.WithEndpoint(server.URL()), option.WithoutAuthentication())
	if err != nil {
		return nil, nil, errors.Join(err, server.Close())
	}
	return client, func() { _, _ = client.Close(), server.Close() }, nil
}

// kind is how a comparison ended.
type kind int

const (
	identical kind = iota
	different
	refused
)

func (k kind) String() string { return [...]string{"identical", "different", "refused"}[k] }

// tally counts comparisons by how they ended.
type tally [3]int

func (t *tally) add(k kind) { t[k]++ }

func (t tally) String() string {
	return fmt.Sprintf("identical=%d different=%d refused=%d", t[identical], t[different], t[refused])
}
