package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"researchhub.example/hub/scripts/circecheck/suite"
)

// measured is one answer with both times, the smallest of the runs each.
type measured struct {
	suite.Answer
	theirs, ours, apart time.Duration
}

func (m measured) ratio() float64 { return float64(m.theirs) / float64(m.ours) }

// patience bounds how long one definition is run again; two runs are made anyhow.
const patience = 5 * time.Second

// compare measures every answer of a suite, the two sides by turns, and prints the
// ratios; an answer that differs or cannot be had is an error.
func compare(ctx context.Context, cfg config, out io.Writer) error {
	s, err := suite.Open(cfg.suite, cfg.filter)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, a := range s.Answers {
		wanted[a.ID] = true
	}
	statements, err := s.Statements(func(id string) bool { return wanted[id] })
	if err != nil {
		return err
	}
	var all []measured
	var failed []error
	done := 0
	for i, name := range s.Datasets() {
		folder, err := s.Data(name)
		if err != nil {
			return fmt.Errorf("data set %s: %w", name, err)
		}
		e, err := open(ctx, filepath.Join(cfg.scratch, fmt.Sprint(i)), cfg.threads, cfg.memory, true, parquet(folder))
		if err != nil {
			return fmt.Errorf("data set %s: %w", name, err)
		}
		e.now = cfg.now
		for _, a := range s.Answers {
			if a.Dataset != name {
				continue
			}
			m, err := e.measure(ctx, cfg.runs, s, a, statements[a.ID])
			switch {
			case ctx.Err() != nil:
				e.close()
				return ctx.Err()
			case err != nil:
				err = fmt.Errorf("%s/%s %s: %w", a.ID, a.Dataset, a.Name, err)
				fmt.Fprintln(out, "failed:", err)
				failed = append(failed, err)
			default:
				all = append(all, m)
			}
			if done++; done%100 == 0 {
				fmt.Fprintf(os.Stderr, "%d of %d\n", done, len(s.Answers))
			}
		}
		e.close()
	}
	report(out, all, cfg.slowest)
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d answers cannot be compared, or differ", len(failed), len(s.Answers))
	}
	return nil
}

// measure runs an answer on both sides by turns and compares the rows.
func (e *engine) measure(ctx context.Context, runs int, s *suite.Suite, a suite.Answer, statements []string) (measured, error) {
	m := measured{Answer: a}
	if len(statements) == 0 {
		return m, errors.New("there are no statements of OHDSI's")
	}
	raw, err := s.Definition(a)
	if err != nil {
		return m, err
	}
	ready, err := e.ask(ctx, raw)
	if err != nil {
		return m, err
	}
	m.apart = ready.apart
	defer func() { _ = e.clear(context.WithoutCancel(ctx)) }()
	began := time.Now()
	for i := 0; i < runs && (i < 2 || time.Since(began) < patience); i++ {
		// Who goes first changes.
		for side := range 2 {
			if (side+i)%2 == 0 {
				took, err := e.runTheirs(ctx, statements)
				if err != nil {
					return m, fmt.Errorf("OHDSI's: %w", err)
				}
				m.theirs = smallest(m.theirs, took)
			} else {
				took, err := e.runOurs(ctx, ready)
				if err != nil {
					return m, fmt.Errorf("ours: %w", err)
				}
				m.ours = smallest(m.ours, took)
			}
		}
	}
	open := func(person string) bool { return s.Open(a, person) }
	want, err := e.lines(ctx, theirs, "subject_id, cohort_start_date, cohort_end_date", open)
	if err != nil {
		return m, err
	}
	got, err := e.lines(ctx, ours, "c0, c1, c2", open)
	if err != nil {
		return m, err
	}
	if h := suite.Hash(got); h != suite.Hash(want) {
		return m, fmt.Errorf("different: %d rows of ours, %d of OHDSI's; ours only: %v, OHDSI's only: %v", len(got), len(want), without(got, want), without(want, got))
	} else if h != a.Want() {
		return m, errors.New("both sides have the same rows, which are not those of expected.jsonl")
	}
	return m, nil
}

func smallest(a, b time.Duration) time.Duration {
	if a == 0 || b < a {
		return b
	}
	return a
}

// without gives some lines of a that b lacks; both are in order.
func without(a, b []string) []string {
	var out []string
	for _, l := range a {
		if _, found := slices.BinarySearch(b, l); !found && len(out) < 3 {
			out = append(out, l)
		}
	}
	return out
}
