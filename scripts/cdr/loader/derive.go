package loader

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/oklog/ulid/v2"
	"google.golang.org/api/iterator"

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
	for _, t := range omop.Tables() {
		if err := a.make(ctx, tier, t.Name, omop.TierQuery(t, tier, a.datasets[omop.TierControlled]), clustering(t)); err != nil {
			return err
		}
		want := rows[t.Name]
		if dropped[t.Name] {
			want = 0
		}
		if err := a.count(ctx, tier, t.Name, want); err != nil {
			return err
		}
	}
	a.o.say("%s tier: %d tables made from the %s tier", tier, len(omop.Tables()), omop.TierControlled)
	return nil
}

// index makes a tier's index tables.
func (a *attempt) index(ctx context.Context, tier string) error {
	for _, t := range omop.IndexTables() {
		if err := a.make(ctx, tier, t.Name, t.Query(a.datasets[tier]), &bigquery.Clustering{Fields: t.Cluster}); err != nil {
			return err
		}
	}
	a.o.say("%s tier: index tables made", tier)
	return nil
}

// count compares a table's rows with what they must be.
func (a *attempt) count(ctx context.Context, tier, table string, want int64) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta, err := a.dataset(tier).Table(table).Metadata(ctx)
	if err != nil {
		return fmt.Errorf("look at table %s: %w", table, err)
	}
	if got := int64(meta.NumRows); got != want {
		return fmt.Errorf("table %s of the %s tier has %d rows instead of %d", table, tier, got, want)
	}
	return nil
}

// check compares the controlled tables with what was sent, and reports, without
// refusing, what real data has: events of unknown persons, ends before starts.
func (a *attempt) check(ctx context.Context, rows map[string]int64) error {
	controlled := a.datasets[omop.TierControlled]
	for _, t := range omop.Tables() {
		if err := a.count(ctx, omop.TierControlled, t.Name, rows[t.Name]); err != nil {
			return err
		}
		if _, ok := t.Column("person_id"); !ok || t.Name == "person" || rows[t.Name] == 0 {
			continue
		}
		orphans, err := a.number(ctx, "SELECT COUNT(*) AS n FROM "+controlled.Table(t.Name)+" AS t LEFT JOIN "+
			controlled.Table("person")+" AS p ON p.person_id = t.person_id WHERE p.person_id IS NULL")
		if err != nil {
			return err
		}
		if orphans > 0 {
			a.o.say("%s: %d rows of persons who are not in person", t.Name, orphans)
		}
	}
	for _, e := range omop.EventTables() {
		if e.End == "" || rows[e.Table] == 0 {
			continue
		}
		backwards, err := a.number(ctx, "SELECT COUNT(*) AS n FROM "+controlled.Table(e.Table)+" WHERE "+e.End+" < "+e.Start)
		if err != nil {
			return err
		}
		if backwards > 0 {
			a.o.say("%s: %d rows end before they start", e.Table, backwards)
		}
	}
	return nil
}

// number runs a query of one number.
func (a *attempt) number(ctx context.Context, sql string) (int64, error) {
	v, ok, err := a.value(ctx, sql)
	if err != nil {
		return 0, err
	}
	n, isNumber := v.(int64)
	if !ok || !isNumber {
		return 0, fmt.Errorf("a count came back as %v", v)
	}
	return n, nil
}

// value runs a query of one row and column; false when there is no row.
func (a *attempt) value(ctx context.Context, sql string) (bigquery.Value, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	q := a.o.BigQuery.Query(sql)
	q.JobTimeout = jobTimeout
	q.Labels = a.labels()
	it, err := q.Read(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("check the loaded tables: %w", err)
	}
	var row []bigquery.Value
	switch err := it.Next(&row); {
	case errors.Is(err, iterator.Done):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("check the loaded tables: %w", err)
	case len(row) != 1:
		return nil, false, fmt.Errorf("check the loaded tables: %d columns instead of one", len(row))
	}
	return row[0], true, nil
}

// unknownVocabulary stands for a vocabulary that does not name its version.
const unknownVocabulary = "unknown"

func (a *attempt) vocabularyVersion(ctx context.Context) (string, error) {
	v, ok, err := a.value(ctx, omop.VocabularyVersion(a.datasets[omop.TierControlled]))
	if err != nil {
		return "", err
	}
	if s, isText := v.(string); ok && isText && strings.TrimSpace(s) != "" {
		return s, nil
	}
	return unknownVocabulary, nil
}

// leftAfter is how old an attempt's datasets are when they are taken for what a
// killed load left behind; no load takes that long.
const leftAfter = 24 * time.Hour

// sweep drops the datasets that the release named before, and those that loads
// killed long ago left. The release stands already: what cannot be dropped is said.
func (o *Options) sweep(ctx context.Context, before, now omop.Release) {
	drop := map[string]bool{}
	for tier, id := range before.Datasets {
		drop[id] = id != now.Datasets[tier]
	}
	left, err := o.leftOvers(ctx, now)
	if err != nil {
		o.say("could not look for what earlier loads left behind: %v", err)
	}
	for _, id := range left {
		drop[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(drop)) {
		if !drop[id] {
			continue
		}
		if err := o.dropDataset(ctx, id); err != nil {
			o.say("%v", err)
			continue
		}
		o.say("dropped dataset %s, no longer used", id)
	}
}

func (o *Options) leftOvers(ctx context.Context, now omop.Release) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var left []string
	it := o.BigQuery.Datasets(ctx)
	it.ProjectID = o.Project
	for {
		d, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return left, nil
		}
		if err != nil {
			return left, err
		}
		for _, tier := range []string{omop.TierControlled, omop.TierRegistered} {
			id, ok := omop.Attempt(d.DatasetID, o.Release, tier)
			if !ok || d.DatasetID == now.Datasets[tier] {
				continue
			}
			began, err := ulid.ParseStrict(strings.ToUpper(id))
			if err == nil && o.Now().Sub(ulid.Time(began.Time())) > leftAfter {
				left = append(left, d.DatasetID)
			}
		}
	}
}
