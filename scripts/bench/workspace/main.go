// Command workspace measures the workspace function against the Firestore calls
// that it makes: the same calls, once through the function's handler (front door,
// authorization, decoding and the answer's JSON included), once bare on the
// client, by turns in one run, on Google's emulator.
//
//	go run ./scripts/bench/workspace [-workspaces 100000] [-runs 300] [-page 5]
//
// Then it counts the documents that a page of the list reads, on the wire between
// client and store, for an account with ten workspaces and for one with many: the
// first page, the next, and with filters. (The emulator has no indexes: the times
// beside them grow with what it scans, as Firestore's do not.) It fails when the
// handler takes more than 1.3 times the bare calls' time (p50), or when a page of
// the long list reads more documents than one of the short list. What the
// verifier of ID tokens costs is measured by scripts/bench/auth, not here.
//
// The last line is
//
//	read_ratio=N list_ratio=N docs_per_page_10=N docs_per_page_100000=N
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// maxRatio is how much longer the handler may take than its calls, both at p50.
const maxRatio = 1.3

// config is what a run measures.
type config struct {
	workspaces, runs, page int
}

func main() {
	var cfg config
	flag.IntVar(&cfg.workspaces, "workspaces", 100_000, "workspaces of the account with many")
	flag.IntVar(&cfg.runs, "runs", 300, "measurements of each call")
	flag.IntVar(&cfg.page, "page", 5, "lines of a page whose documents are counted; at most 9")
	flag.Parse()
	if err := run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(cfg config) error {
	if cfg.workspaces < few || cfg.runs < 1 || cfg.page < 1 || cfg.page >= few {
		return fmt.Errorf("-workspaces is at least %d, -runs above 0, -page from 1 to %d", few, few-1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := open(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.seedPeople(ctx); err != nil {
		return err
	}
	if err := b.seedWorkspaces(ctx, fewUID, few); err != nil {
		return err
	}
	read, err := b.compare(ctx, "read", cfg.runs, b.readThrough, b.readBare)
	if err != nil {
		return err
	}
	list, err := b.compare(ctx, "list", cfg.runs, b.listThrough, b.listBare)
	if err != nil {
		return err
	}
	docsFew, err := b.documents(ctx, fewUID, few, cfg.page)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := b.seedWorkspaces(ctx, manyUID, cfg.workspaces); err != nil {
		return err
	}
	fmt.Printf("made %d workspaces in %.1f s\n", cfg.workspaces, time.Since(began).Seconds())
	docsMany, err := b.documents(ctx, manyUID, cfg.workspaces, cfg.page)
	if err != nil {
		return err
	}
	fmt.Printf("read_ratio=%.2f list_ratio=%.2f docs_per_page_%d=%d docs_per_page_%d=%d\n", read, list, few, docsFew, cfg.workspaces, docsMany)
	switch {
	case read > maxRatio || list > maxRatio:
		return fmt.Errorf("the handler takes more than %.1f times the time of its calls", maxRatio)
	case docsMany > docsFew:
		return fmt.Errorf("a page of %d workspaces reads more documents than one of %d", cfg.workspaces, few)
	}
	return nil
}
