// Command compliance runs GoogleSQL's own compliance cases through the local
// BigQuery's analyzer, translator and DuckDB, and counts the answers that are
// right, refused (by name), wrong, and out of scope (types and features that
// BigQuery does not have).
//
//	go run ./emulator/bigquery/compliance -cases DIR [-file NAME] [-case NAME] [-v]
//
// It exits with status 1 when an answer is wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	dir := flag.String("cases", "../shared/googlesql-compliance", "folder of *.test files")
	only := flag.String("file", "", "run this file only")
	name := flag.String("case", "", "run this case only")
	verbose := flag.Bool("v", false, "print every wrong case in full")
	flag.Parse()
	total, _, err := run(context.Background(), *dir, *only, *name, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if total.wrong > 0 {
		os.Exit(1)
	}
}

// tally counts outcomes.
type tally struct{ right, refused, wrong, outOfScope int }

func (t *tally) add(o tally) {
	t.right += o.right
	t.refused += o.refused
	t.wrong += o.wrong
	t.outOfScope += o.outOfScope
}

func (t tally) String() string {
	return fmt.Sprintf("right=%d refused=%d wrong=%d out_of_scope=%d", t.right, t.refused, t.wrong, t.outOfScope)
}

func run(ctx context.Context, dir, only, name string, verbose bool) (tally, map[string]int, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.test"))
	if err != nil || len(files) == 0 {
		return tally{}, nil, fmt.Errorf("no *.test files in %s", dir)
	}
	sort.Strings(files)
	var total tally
	reasons := map[string]int{}
	for _, f := range files {
		if only != "" && strings.TrimSuffix(filepath.Base(f), ".test") != strings.TrimSuffix(only, ".test") {
			continue
		}
		cases, err := readCases(f)
		if err != nil {
			return total, nil, err
		}
		t, err := runFile(ctx, cases, name, reasons, func(c *testCase, text string) {
			fmt.Printf("WRONG %s %s\n", filepath.Base(f), c.name)
			if verbose {
				fmt.Println(text)
			}
		})
		if err != nil {
			return total, nil, fmt.Errorf("%s: %w", f, err)
		}
		fmt.Printf("%-70s %s\n", filepath.Base(f), t)
		total.add(t)
	}
	byFamily := families(reasons)
	for _, k := range byCount(byFamily) {
		fmt.Printf("refused %4d  %s\n", byFamily[k], k)
	}
	fmt.Println(total)
	return total, byFamily, nil
}
