package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"

	local "researchhub.example/hub/emulator/bigquery"
	firestoreemulator "researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/seed"
	"researchhub.example/hub/functions/cohort"
	"researchhub.example/hub/scripts/cdr/loader"
	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/session"
)

const (
	project = "demo-bench"
	// persons are how many the seed makes: counts are looked up, so few do.
	persons = 500
	// callers share the searches, because one alone is paced.
	callers = 100
)

// bench is a local cloud of its own with the function in it.
type bench struct {
	dir      string
	emulator *firestoreemulator.Emulator
	server   *local.Server
	client   *firestore.Client
	bq       *bigquery.Client
	handler  http.Handler
}

func open(ctx context.Context) (b *bench, err error) {
	b = &bench{}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "bench-vocabulary"); err != nil {
		return nil, err
	}
	if b.emulator, err = firestoreemulator.Start(ctx, firestoreemulator.Options{Progress: func(s string) { fmt.Println(s) }}); err != nil {
		return nil, err
	}
	if b.server, err = local.Start(ctx, local.Config{Dir: filepath.Join(b.dir, "bigquery"), MemoryLimit: "4GB", Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"FIRESTORE_EMULATOR_HOST": b.emulator.Host(), "GOOGLE_CLOUD_PROJECT": project} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	if b.client, err = firestorex.Open(ctx, project); err != nil {
		return nil, err
	}
	if b.bq, err = bigquery.NewClient(ctx, project, option.WithEndpoint(b.server.URL()), option.WithoutAuthentication()); err != nil {
		return nil, err
	}
	cfg, err := fn.ReadConfig[cohort.Config](ctx)
	if err != nil {
		return nil, err
	}
	b.handler = cohort.NewHandler(cfg, cohort.Parts{Client: b.client, BigQuery: b.bq, Verifier: trusting{}, Log: slog.New(slog.DiscardHandler)})
	return b, nil
}

func (b *bench) close() {
	if b.client != nil {
		_ = b.client.Close()
	}
	if b.bq != nil {
		_ = b.bq.Close()
	}
	if b.server != nil {
		_ = b.server.Close()
	}
	if b.emulator != nil {
		b.emulator.Kill()
	}
	_ = os.RemoveAll(b.dir)
}

// trusting takes the token for the uid of a session of level 2.
type trusting struct{}

// Verify implements session.Verifier.
func (trusting) Verify(_ context.Context, raw string) (session.Principal, error) {
	now := time.Now()
	return session.Principal{UID: raw, Level: session.SecondFactor, AuthTime: now, SecondFactorAt: now, Session: "s"}, nil
}

// people makes the callers, who hold the controlled tier.
func (b *bench) people(ctx context.Context) error {
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	_, err := b.client.Doc(access.Institutions+"/university").Set(ctx, access.Institution{ID: "university", Name: "Example University",
		Rules: map[string]access.TierRule{"registered": domains, "controlled": domains}})
	for i := range callers {
		if err != nil {
			return err
		}
		a := access.Account{UID: caller(i), Email: caller(i) + "@university.example", Name: "Caller", InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
		for _, q := range access.Requirements() {
			a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: time.Now().Add(-time.Hour)}
		}
		_, err = b.client.Doc(access.Accounts+"/"+a.UID).Set(ctx, a)
	}
	return err
}

func caller(i int) string { return fmt.Sprintf("caller-%d", i%callers) }

// loaded is a release with what can be searched for in it.
type loaded struct {
	id       string
	data     omop.Dataset
	concepts int64
	samples  []sample
}

// release loads the seed with that many made-up concepts beside it.
func (b *bench) release(ctx context.Context, id string, extra int) (loaded, error) {
	folder := filepath.Join(b.dir, id)
	began := time.Now()
	if err := seed.Write(ctx, folder, seed.Options{Persons: persons, Seed: 1}); err != nil {
		return loaded{}, err
	}
	if err := makeUp(folder, extra); err != nil {
		return loaded{}, err
	}
	r, err := loader.Load(ctx, loader.Options{Folder: folder, Release: id, Project: project, BigQuery: b.bq, Firestore: b.client, Tiers: []string{omop.TierControlled}})
	if err != nil {
		return loaded{}, err
	}
	l := loaded{id: id, data: omop.Dataset{Project: project, ID: r.Datasets[omop.TierControlled]}, concepts: r.Rows["concept"]}
	l.samples, err = b.samples(ctx, l.data)
	fmt.Printf("%s: %d concepts, %d synonyms, %d ancestors, loaded in %.0f s\n", id, r.Rows["concept"], r.Rows["concept_synonym"], r.Rows["concept_ancestor"], time.Since(began).Seconds())
	return l, errors.Join(err, os.RemoveAll(folder))
}
