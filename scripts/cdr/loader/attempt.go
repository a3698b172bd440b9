package loader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"

	"researchhub.example/hub/shared/omop"
)

// tablesAtOnce bounds how many tables are loaded side by side; each holds one
// upload chunk of 16 MiB in memory.
const tablesAtOnce = 2

// jobTimeout bounds one load or query job.
const jobTimeout = 2 * time.Hour

// attempt is one load on its way.
type attempt struct {
	o        *Options
	id       string
	from     origin
	datasets map[string]omop.Dataset // by tier
}

func (a *attempt) dataset(tier string) *bigquery.Dataset {
	return a.o.BigQuery.DatasetInProject(a.o.Project, a.datasets[tier].ID)
}

// fill makes the attempt's datasets whole and returns the record to publish.
func (a *attempt) fill(ctx context.Context) (omop.Release, error) {
	for _, tier := range a.o.Tiers {
		if err := a.createDataset(ctx, tier); err != nil {
			return omop.Release{}, err
		}
	}
	loaded, err := a.loadTables(ctx)
	if err != nil {
		return omop.Release{}, err
	}
	source, err := a.from.brought(ctx, loaded.sums)
	if err != nil {
		return omop.Release{}, err
	}
	for _, tier := range a.o.Tiers {
		if tier != omop.TierControlled {
			if err := a.derive(ctx, tier, loaded.rows); err != nil {
				return omop.Release{}, err
			}
		}
		if err := a.index(ctx, tier); err != nil {
			return omop.Release{}, err
		}
	}
	r, err := a.check(ctx, loaded.rows)
	if err != nil {
		return omop.Release{}, err
	}
	vocabulary, err := a.vocabularyVersion(ctx)
	if err != nil {
		return omop.Release{}, err
	}
	release := omop.Release{
		ID: a.o.Release, Title: a.o.Title, State: omop.ReleasePublished, Datasets: map[string]string{},
		VocabularyVersion: vocabulary, CDMVersion: cdmVersion, Persons: loaded.rows["person"], Rows: loaded.rows,
		Source: source, Errors: r.count(SeverityError), Warnings: r.count(SeverityWarning),
		LoadedAt: a.o.Now(), SchemaVersion: omop.ReleaseSchemaVersion,
	}
	for tier, d := range a.datasets {
		release.Datasets[tier] = d.ID
	}
	return release, nil
}

func (a *attempt) createDataset(ctx context.Context, tier string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta := &bigquery.DatasetMetadata{
		Location:    a.o.Location,
		Description: "Research Hub release " + a.o.Release + ", tier " + tier,
		Labels:      map[string]string{"release": a.o.Release, "tier": tier},
	}
	if err := a.dataset(tier).Create(ctx, meta); err != nil {
		return fmt.Errorf("create dataset %s: %w", a.datasets[tier].ID, err)
	}
	return nil
}

func (a *attempt) createTable(ctx context.Context, tier string, t omop.Table) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta := &bigquery.TableMetadata{Schema: schema(t.Columns), Clustering: clustering(t)}
	if err := a.dataset(tier).Table(t.Name).Create(ctx, meta); err != nil {
		return fmt.Errorf("create table %s of the %s tier: %w", t.Name, tier, err)
	}
	return nil
}

// loaded is what came into the controlled tier.
type loaded struct {
	rows map[string]int64  // per table, those without any left out
	sums map[string]string // per table, what tells its data from other data
}

// loadTables fills the controlled tier.
func (a *attempt) loadTables(ctx context.Context) (loaded, error) {
	all := loaded{rows: map[string]int64{}, sums: map[string]string{}}
	p := a.o.progress("", len(a.from.has())+len(a.from.missing()))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, s := range a.from.has() {
		g.Go(func() error {
			m := p.begin(s.table.Name)
			t, err := a.from.bring(ctx, a, s, m.at)
			if err != nil {
				return err
			}
			m.done(t.rows)
			mu.Lock()
			defer mu.Unlock()
			all.rows[s.table.Name], all.sums[s.table.Name] = t.rows, t.sum
			return nil
		})
	}
	for _, name := range a.from.missing() {
		g.Go(func() error {
			t, _ := omop.TableNamed(name)
			p.skip()
			return a.createTable(ctx, omop.TierControlled, t)
		})
	}
	return all, g.Wait()
}

// schema is a table's schema. Columns are nullable throughout: the loader has
// checked what must be there, and tables made by queries carry no such mark, so
// both tiers look alike.
func schema(columns []omop.Column) bigquery.Schema {
	types := map[string]bigquery.FieldType{
		omop.Int64: bigquery.IntegerFieldType, omop.Float64: bigquery.FloatFieldType, omop.String: bigquery.StringFieldType,
		omop.Date: bigquery.DateFieldType, omop.Datetime: bigquery.DateTimeFieldType,
	}
	fields := make(bigquery.Schema, 0, len(columns))
	for _, c := range columns {
		fields = append(fields, &bigquery.FieldSchema{Name: c.Name, Type: types[c.Type]})
	}
	return fields
}

// clustering orders a table by what most questions name first.
func clustering(t omop.Table) *bigquery.Clustering {
	if fields := t.Cluster(); len(fields) > 0 {
		return &bigquery.Clustering{Fields: fields}
	}
	return nil
}

// labels say in the bill what a job was for.
func (a *attempt) labels() map[string]string {
	return map[string]string{"purpose": "cdr-load", "release": a.o.Release}
}

// await waits for a job's end; when the context ends first, so does the job.
func await(ctx context.Context, job *bigquery.Job) error {
	status, err := job.Wait(ctx)
	if err == nil {
		return status.Err()
	}
	if ctx.Err() != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		err = errors.Join(err, job.Cancel(ctx))
	}
	return err
}

// drop deletes the attempt's datasets. It goes on when the caller has given up:
// nothing half loaded may stay.
func (a *attempt) drop(ctx context.Context) error {
	var all error
	for _, d := range a.datasets {
		all = errors.Join(all, a.o.dropDataset(ctx, d.ID))
	}
	return all
}
