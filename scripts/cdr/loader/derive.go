package loader

import (
	"context"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"

	"researchhub.example/hub/shared/omop"
)

// make runs a statement with a table of a tier as its destination.
func (a *attempt) make(ctx context.Context, tier, table, sql string, cluster *bigquery.Clustering) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	q := a.o.BigQuery.Query(sql)
	q.Dst = a.dataset(tier).Table(table)
	q.WriteDisposition = bigquery.WriteEmpty
	q.Clustering = cluster
	q.JobID = "cdr_make_" + a.id + "_" + tier + "_" + table
	q.JobTimeout = jobTimeout
	q.Labels = a.labels()
	job, err := q.Run(ctx)
	if err == nil {
		err = await(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("make table %s of the %s tier: %w", table, tier, err)
	}
	return nil
}

// derive makes a tier's tables from the controlled ones and compares their sizes.
func (a *attempt) derive(ctx context.Context, tier string, rows map[string]int64) error {
	dropped := map[string]bool{}
	for _, d := range omop.Drops(tier) {
		dropped[d.Table] = dropped[d.Table] || d.Column == ""
	}
	p := a.o.progress(tier+" tier, ", len(omop.Tables()))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, t := range omop.Tables() {
		g.Go(func() error {
			want := rows[t.Name]
			if want == 0 || dropped[t.Name] {
				p.skip()
				return a.createTable(ctx, tier, t)
			}
			m := p.begin(t.Name)
			if err := a.make(ctx, tier, t.Name, omop.TierQuery(t, tier, a.datasets[omop.TierControlled]), clustering(t)); err != nil {
				return err
			}
			m.done(want)
			return a.count(ctx, tier, t.Name, want)
		})
	}
	return g.Wait()
}

// index makes a tier's index tables, one after the other: some are made of others.
func (a *attempt) index(ctx context.Context, tier string) error {
	p := a.o.progress(tier+" tier, index ", len(omop.IndexTables()))
	for _, t := range omop.IndexTables() {
		m := p.begin(t.Name)
		if err := a.make(ctx, tier, t.Name, t.Query(a.datasets[tier]), &bigquery.Clustering{Fields: t.Cluster}); err != nil {
			return err
		}
		n, err := a.rows(ctx, tier, t.Name)
		if err != nil {
			return err
		}
		m.done(n)
	}
	return nil
}

// count compares a table's rows with what they must be.
func (a *attempt) count(ctx context.Context, tier, table string, want int64) error {
	got, err := a.rows(ctx, tier, table)
	if err == nil && got != want {
		err = fmt.Errorf("table %s of the %s tier has %d rows instead of %d", table, tier, got, want)
	}
	return err
}

// rows is how many rows a table of a tier has.
func (a *attempt) rows(ctx context.Context, tier, table string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta, err := a.dataset(tier).Table(table).Metadata(ctx)
	if err != nil {
		return 0, fmt.Errorf("look at table %s: %w", table, err)
	}
	return int64(meta.NumRows), nil
}

// unknownVocabulary stands for a vocabulary that does not name its version.
const unknownVocabulary = "unknown"

func (a *attempt) vocabularyVersion(ctx context.Context) (string, error) {
	version := unknownVocabulary
	err := a.read(ctx, omop.VocabularyVersion(a.datasets[omop.TierControlled]), nil, 1, func(row []bigquery.Value) {
		if s, ok := row[0].(string); ok && strings.TrimSpace(s) != "" {
			version = s
		}
	})
	if err != nil {
		return "", fmt.Errorf("read the version of the vocabulary: %w", err)
	}
	return version, nil
}
