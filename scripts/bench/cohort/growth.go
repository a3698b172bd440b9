package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/scripts/circecheck/suite"
	"researchhub.example/hub/shared/omop"
)

const (
	// maxGrowth is how much the time per person at the greatest size may be of that
	// at the smallest: no more, save what two measurements of the same differ by.
	maxGrowth = 1.25
	// maxStep is how much it may be of that at the size before. Hash tables that no
	// longer fit a processor's cache cost half as much again, once; what grows with
	// the square or so of the persons costs more at every step.
	maxStep = 2
)

// growth measures ours alone on made-up populations, the smallest first, and prints
// the time per thousand persons. One that grows from the first size to the last, or
// much at one step, is an error, as is a cohort that holds nobody.
func growth(ctx context.Context, cfg config, out io.Writer) error {
	sizes := slices.Clone(cfg.persons)
	slices.Sort(sizes)
	first, before := map[string]float64{}, map[string]float64{}
	worst, step := 0.0, 0.0
	fmt.Fprintf(out, "%10s  %-52s %10s %10s %16s %10s\n", "persons", "definition", "rows", "ms", "ms/1000 persons", "to before")
	for _, n := range sizes {
		err := measureSize(ctx, cfg, n, func(name string, rows int64, took time.Duration) {
			each := ms(took) / float64(n) * 1000
			change := "-"
			if b, ok := before[name]; ok {
				change = fmt.Sprintf("%.2f", each/b)
				step = max(step, each/b)
			} else {
				first[name] = each
			}
			before[name] = each
			fmt.Fprintf(out, "%10d  %-52s %10d %10.1f %16.4f %10s\n", n, name, rows, ms(took), each, change)
		})
		if err != nil {
			return fmt.Errorf("%d persons: %w", n, err)
		}
	}
	for name, each := range before {
		worst = max(worst, each/first[name])
	}
	fmt.Fprintf(out, "growth=%.2f step=%.2f (the greatest time per person at the last size of that at the first, and at any of that before)\n", worst, step)
	if worst > maxGrowth || step > maxStep {
		return errors.New("the time per person grows with the population")
	}
	return nil
}

func measureSize(ctx context.Context, cfg config, persons int, each func(name string, rows int64, took time.Duration)) error {
	dir := filepath.Join(cfg.scratch, fmt.Sprint(persons))
	began := time.Now()
	if err := seed.Write(ctx, dir, seed.Options{Persons: persons, Seed: 1}); err != nil {
		return err
	}
	e, err := open(ctx, filepath.Join(dir, "spill"), cfg.threads, cfg.memory, false, csv(dir))
	if err != nil {
		return err
	}
	defer e.close()
	e.now = cfg.now
	fmt.Fprintf(os.Stderr, "%d persons made and loaded in %.0f s\n", persons, time.Since(began).Seconds())
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, d := range representative {
		ready, err := e.ask(ctx, []byte(d.json))
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		var best time.Duration
		for range max(2, cfg.runs) {
			took, err := e.runOurs(ctx, ready)
			if err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
			best = smallest(best, took)
		}
		rows, err := e.conn.Int(ctx, "SELECT count(*) FROM "+ours)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fmt.Errorf("%s: the cohort is empty", d.name)
		}
		each(d.name, rows, best)
	}
	return nil
}

// csv reads a folder of gzipped CSV files, one a table, as package seed writes them.
func csv(folder string) source {
	return func(_ context.Context, _ *duck.Conn, t omop.Table) (string, map[string]bool, error) {
		path := filepath.Join(folder, t.Name+".csv.gz")
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "", nil, nil
		} else if err != nil {
			return "", nil, err
		}
		there := map[string]bool{}
		var columns []string
		written, _ := omop.TableNamed(t.Name)
		for _, c := range written.Columns {
			there[c.Name] = true
			columns = append(columns, duck.Text(c.Name)+": "+duck.Text(suite.DuckTypes[c.Type]))
		}
		return "read_csv(" + duck.Text(path) + ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', columns = {" + strings.Join(columns, ", ") + "})", there, nil
	}
}
