// Circecheck runs a suite of OHDSI cohort definitions with known answers through
// the compiler and the local BigQuery, and compares person by person and date by
// date:
//
//	go run ./scripts/circecheck -suite DIR [-source handmade] [-only h127] [-every 10]
//
// A suite is a folder with definitions/<id>.json, data/<dataset>/<table>.parquet,
// expected.jsonl (id, dataset, sha256 over the sorted lines
// "subject_id,start,end", sha256_noties where some persons are left out, features)
// and ties.csv (id, dataset, subject_id of the persons left out). It compiles in
// the mode that follows OHDSI's defects, because the answers do.
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
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	emulator "researchhub.example/hub/emulator/bigquery"
)

const project = "demo-circecheck"

func main() {
	var f filter
	suite := flag.String("suite", "", "the folder of the suite")
	flag.StringVar(&f.source, "source", "", "only answers of this source")
	flag.StringVar(&f.only, "only", "", "only the definitions of these ids, separated by commas; a single one with its SQL")
	flag.StringVar(&f.dataset, "dataset", "", "only answers on this data set")
	flag.IntVar(&f.every, "every", 1, "only every n-th answer")
	flag.Parse()
	if *suite == "" || f.every < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ok, err := run(ctx, *suite, f)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "circecheck:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, folder string, f filter) (ok bool, err error) {
	s, err := openSuite(folder, f)
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
	for _, name := range s.datasets() {
		fmt.Fprintf(os.Stderr, "loading %s\n", name)
		if err := load(ctx, client, filepath.Join(folder, "data", name), name, dir); err != nil {
			return false, fmt.Errorf("load %s: %w", name, err)
		}
	}
	c := checker{client: client, suite: s, show: f.only != "" && !strings.Contains(f.only, ",")}
	total := tally{}
	features := map[string]*tally{}
	for i, a := range s.answers {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		out := c.check(ctx, a)
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
		if (i+1)%100 == 0 {
			fmt.Fprintf(os.Stderr, "%d of %d: %s\n", i+1, len(s.answers), total)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(features)) {
		fmt.Printf("%-45s %s\n", name, features[name])
	}
	fmt.Println(total)
	return total[different] == 0 && total[refused] == 0, nil
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
