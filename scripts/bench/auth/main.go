// Command auth measures what sign-in costs and how it holds against guessing.
//
//	go run ./scripts/bench/auth [-requests 3000] [-guesses 1000]
//
// First, what verification adds to a request (p50): the same trivial route behind
// the hub's front door, public and with an ID token signed as Google signs them,
// the keys cached; and, apart from it, what it costs to ask at each request
// whether account and session still count (the Auth emulator, the Firestore
// emulator, both at once). Then a thousand wrong codes at once, for one account,
// from two instances of the auth function on one store: how many were looked at.
//
// The last lines are
//
//	verify_p50_ms=N revocation_p50_ms=N
//	attempts_looked_at=N of=1000 seconds=N
//
// It fails when verification adds more than 0.5 ms, or more than five guesses
// were looked at.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// The targets: milliseconds that verification may add, and wrong codes in a row
// that lock the factors.
const (
	maxVerify  = 500 * time.Microsecond
	maxGuesses = 5
)

// config is what a run measures.
type config struct{ requests, guesses int }

func main() {
	var cfg config
	flag.IntVar(&cfg.requests, "requests", 3000, "requests of each kind")
	flag.IntVar(&cfg.guesses, "guesses", 1000, "wrong codes at once")
	flag.Parse()
	if err := realMain(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func realMain(cfg config) error {
	if cfg.requests < 100 || cfg.guesses < 1 {
		return fmt.Errorf("-requests is 100 or more, -guesses 1 or more")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "bench-auth-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := startCloud(ctx, dir)
	if err != nil {
		return err
	}
	defer c.stop()

	v, err := verification(ctx, c, cfg.requests)
	if err != nil {
		return fmt.Errorf("verification: %w", err)
	}
	g, err := guessing(ctx, c, cfg.guesses)
	if err != nil {
		return fmt.Errorf("guessing: %w", err)
	}
	fmt.Printf("verify_p50_ms=%.3f revocation_p50_ms=%.3f\n", ms(v.verify), ms(v.revocation))
	fmt.Printf("attempts_looked_at=%d of=%d seconds=%.1f\n", g.lookedAt, cfg.guesses, g.took.Seconds())
	switch {
	case v.verify > maxVerify:
		return fmt.Errorf("verification adds %s to a request; the target is %s", v.verify, maxVerify)
	case g.lookedAt > maxGuesses:
		return fmt.Errorf("%d wrong codes were looked at; the target is %d", g.lookedAt, maxGuesses)
	case g.lookedAt == 0:
		return fmt.Errorf("no code was looked at: the run proves nothing")
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
