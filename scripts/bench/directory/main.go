// Command directory measures the directory's search: the function as it is
// deployed, over HTTP on a port, with projects in Google's Firestore emulator.
//
//	go run ./scripts/bench/directory [-projects 20000] [-runs 40]
//
// It makes the projects (each with some 2,000 letters of purpose, a vocabulary of
// some 40,000 words), starts the function, waits for its index, and asks each of
// a mix of searches that many times, in turns, one after the other, each to its
// last byte. Then the same with another thread changing projects all the while.
// It fails when the median of all is above 50 ms.
//
// index_ms is what it takes from the start of the function to the first answer:
// reading all records from the emulator, most of it, and indexing them, which is
// told apart above. heap_mb is what the process holds more than before, the
// records' texts included, after a garbage collection. The last line is
//
//	search_p50_ms=N p95_ms=N projects=N index_ms=N heap_mb=N
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// maxMedian is what a search may take.
const maxMedian = 50 * time.Millisecond

func main() {
	n := flag.Int("projects", 20_000, "projects in the directory")
	runs := flag.Int("runs", 40, "times that each search is asked")
	flag.Parse()
	if err := run(*n, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(n, runs int) error {
	if n < 100 || runs < 1 {
		return fmt.Errorf("-projects is at least 100, -runs above 0")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := open(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	began := time.Now()
	if err := b.seed(ctx, n); err != nil {
		return err
	}
	fmt.Printf("made %d projects in %.1f s\n", n, time.Since(began).Seconds())
	index, heap, err := b.start(ctx, n)
	if err != nil {
		return err
	}
	still, err := b.measure(ctx, runs, true)
	if err != nil {
		return err
	}
	changing, cancel := context.WithCancel(ctx)
	changes := make(chan int)
	go func() { changes <- b.change(changing) }()
	moving, err := b.measure(ctx, runs, false)
	cancel()
	if err != nil {
		return err
	}
	fmt.Printf("while %d projects were changed: p50 %.2f ms, p95 %.2f ms\n", <-changes, ms(at(moving, 50)), ms(at(moving, 95)))
	fmt.Printf("search_p50_ms=%.2f p95_ms=%.2f projects=%d index_ms=%.0f heap_mb=%.0f\n", ms(at(still, 50)), ms(at(still, 95)), n, ms(index), heap)
	if at(still, 50) > maxMedian || at(moving, 50) > maxMedian {
		return fmt.Errorf("the median is above %s", maxMedian)
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
