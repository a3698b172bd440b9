// Command journey brings up a local cloud of its own and walks a researcher's
// way through it from outside, over HTTP alone: sign-up, second factor,
// workspace, cohort, data set, notebook, budget alert, publication report. Each
// step checks what it got against what must be true; the cohort's count is
// recomputed here from the CSV files, without SQL.
//
// Its last line is "journey ok: N steps in S s"; on a failed step it says which
// and why, and exits with 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	emulator := flag.String("emulator", ".state/bin/emulator", "the local cloud's binary")
	cdm := flag.String("cdm", "", "folder of OMOP CSV files; synthetic people when empty")
	persons := flag.Int("persons", 1000, "how many synthetic people")
	processes := flag.Bool("processes", false, "run each function in a process of its own")
	keep := flag.Bool("keep", false, "keep the local cloud's state folder and say where it is")
	limit := flag.Duration("limit", 10*time.Minute, "give up after this long")
	flag.Parse()

	if err := walk(*limit, options{*emulator, *cdm, *persons, *processes, *keep}); err != nil {
		fmt.Fprintln(os.Stderr, "journey failed:", err)
		os.Exit(1)
	}
}

// walk runs the journey until it ends, Ctrl-C, or the limit.
func walk(limit time.Duration, o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return run(ctx, o)
}

type options struct {
	emulator  string
	cdm       string
	persons   int
	processes bool
	keep      bool
}

// run works in a temporary folder that goes when the journey ends.
func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "journey-")
	if err != nil {
		return err
	}
	if o.keep {
		fmt.Println("state kept in", dir)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	j := &journey{ctx: ctx, dir: dir, started: time.Now()}
	defer func() {
		if j.cloud != nil {
			j.cloud.kill()
		}
	}()
	for _, s := range steps(o) {
		if err := j.step(s); err != nil {
			if j.cloud != nil {
				fmt.Fprintf(os.Stderr, "-- the local cloud's last lines:\n%s\n", j.cloud.tail())
			}
			return fmt.Errorf("step %d, %s: %w", j.done+1, s.name, err)
		}
	}
	fmt.Printf("journey ok: %d steps in %.1f s\n", j.done, time.Since(j.started).Seconds())
	return nil
}

// journey is what the steps share.
type journey struct {
	ctx     context.Context
	dir     string
	started time.Time
	done    int

	cloud      *cloud
	study      studyCase
	expected   int
	researcher *person
	admin      *person
	workspace  string
	release    string
	cohort     string
	dataSet    string
	run        string
	csvRows    int
}

// step is one thing that must work; do says in a few words what was seen.
type step struct {
	name string
	do   func(*journey) (string, error)
}

func (j *journey) step(s step) error {
	start := time.Now()
	seen, err := s.do(j)
	if err != nil {
		return err
	}
	j.done++
	fmt.Printf("%2d  %6.2f s  %-44s %s\n", j.done, time.Since(start).Seconds(), s.name, seen)
	return nil
}

func (j *journey) file(name string) string { return filepath.Join(j.dir, name) }
