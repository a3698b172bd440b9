// Command vocabulary measures the search of concepts through the cohort
// function's handler (front door, authorization, the release's record and the
// answer's JSON included) on the local cloud: Google's Firestore emulator and the
// local BigQuery. Two releases are loaded the way real ones are: the seed's, and
// the seed's with made-up concepts beside it, whose names are of two to nine words
// from a vocabulary in which few words are frequent and most are rare, as in
// SNOMED or RxNorm; every second one has a synonym, and each is in a hierarchy.
//
//	go run ./scripts/bench/vocabulary [-concepts 500000] [-runs 1500]
//
// Searches are typed words and their beginnings, several words, the most frequent
// words, codes, ids, synonyms, filters with facets, second pages, and what finds
// nothing, by turns. In the same run the same words are searched for by a query
// job of the local BigQuery, which is what the index in memory is chosen over.
// It fails when a median is over 50 ms.
//
// The last line is
//
//	seed_p50=N seed_p95=N concepts=N p50=N p95=N
//
// in milliseconds: with the seed's vocabulary, and with that many concepts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

// most is the median that a search may take.
const most = 50 * time.Millisecond

type config struct {
	concepts, runs int
}

func main() {
	var cfg config
	flag.IntVar(&cfg.concepts, "concepts", 500_000, "made-up concepts")
	flag.IntVar(&cfg.runs, "runs", 1500, "searches measured on each release; at most 40 for each of 100 callers")
	flag.Parse()
	if err := run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(cfg config) error {
	if cfg.concepts < 1000 || cfg.runs < 50 || cfg.runs > callers*30 {
		return fmt.Errorf("-concepts is at least 1000, -runs from 50 to %d", callers*30)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := open(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.people(ctx); err != nil {
		return err
	}
	small, err := b.release(ctx, "seed_1", 0)
	if err != nil {
		return err
	}
	seed, err := b.measure(ctx, small, cfg.runs)
	if err != nil {
		return err
	}
	large, err := b.release(ctx, "madeup_1", cfg.concepts)
	if err != nil {
		return err
	}
	before := heap()
	madeUp, err := b.measure(ctx, large, cfg.runs)
	if err != nil {
		return err
	}
	fmt.Printf("the index of %s takes about %d MB\n", large.id, (heap()-before)>>20)
	fmt.Printf("seed_p50=%.1f seed_p95=%.1f concepts=%d p50=%.1f p95=%.1f\n", ms(seed.p50), ms(seed.p95), large.concepts, ms(madeUp.p50), ms(madeUp.p95))
	if seed.p50 > most || madeUp.p50 > most {
		return fmt.Errorf("a median is over %v", most)
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
