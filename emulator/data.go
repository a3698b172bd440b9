package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/emulator/cloud"
	"researchhub.example/hub/emulator/release"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/omop"
)

// The synthetic population that a bare clone gets.
const (
	defaultPersons = 1000
	defaultSeed    = 1
)

// releaseWait outlasts the hold of a load that was killed with the machine.
const releaseWait = 3 * time.Minute

// loadData gives the step of the start that brings a data release in.
func loadData(folder string, persons int) cloud.Hook {
	return func(ctx context.Context, e cloud.Environment) error {
		bq, err := bigqueryx.Open(ctx, e.Project)
		if err != nil {
			return err
		}
		defer func() { _ = bq.Close() }()
		fs, err := firestore.NewClient(ctx, e.Project)
		if err != nil {
			return fmt.Errorf("firestore: %w", err)
		}
		defer func() { _ = fs.Close() }()
		say := func(format string, args ...any) { _, _ = fmt.Fprintf(e.Log, format+"\n", args...) }
		return release.Ensure(ctx, release.Clients{
			HasDataset: release.BigQueryHas(bq), Firestore: fs, StateDir: e.StateDir, Say: say,
			Write: func(ctx context.Context, dir string, s release.Source) error {
				return seed.Write(ctx, dir, seed.Options{Persons: s.Persons, Seed: s.Seed, Progress: progress(say)})
			},
			Load: func(ctx context.Context, folder, id, title string) (omop.Release, error) {
				return loader.Load(ctx, loader.Options{
					Folder: folder, Release: id, Title: title, Project: e.Project, BigQuery: bq, Firestore: fs,
					Progress: func(line string) {
						// Warnings are many in real data: they are counted here, and kept with the release.
						if !strings.HasPrefix(line, "warning: ") && !strings.HasPrefix(line, "checks, ") {
							say("%s", line)
						}
					},
					// A folder that changed is loaded again under its id, and what is made up may change at will.
					Replace: true, AcceptErrors: true, Wait: releaseWait,
				})
			},
		}, release.Source{Folder: folder, Persons: persons, Seed: defaultSeed})
	}
}

// progress tells every few seconds how far a large population is.
func progress(say func(string, ...any)) func(done, total int) {
	const every = 5 * time.Second
	last := time.Now()
	return func(done, total int) {
		if time.Since(last) >= every {
			last = time.Now()
			say("%d of %d persons written", done, total)
		}
	}
}
