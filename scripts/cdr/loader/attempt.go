package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/googleapi"

	"researchhub.example/hub/shared/omop"
)

// tablesAtOnce bounds how many tables are loaded side by side; each holds one
// upload chunk of 16 MiB in memory.
const tablesAtOnce = 2

// jobTimeout bounds one load or query job.
const jobTimeout = 2 * time.Hour

// attempt is one load on its way.
type attempt struct {
	o        Options
	id       string
	folder   folder
	datasets map[string]omop.Dataset // by tier
}

func (a *attempt) dataset(tier string) *bigquery.Dataset {
	return a.o.BigQuery.DatasetInProject(a.o.Project, a.datasets[tier].ID)
}

// fill makes the attempt's datasets whole and returns the record to publish.
func (a *attempt) fill(ctx context.Context) (omop.Release, error) {
	for _, tier := range a.o.Tiers {
		meta := &bigquery.DatasetMetadata{
			Description: "Research Hub release " + a.o.Release + ", tier " + tier,
			Labels:      map[string]string{"release": a.o.Release, "tier": tier},
		}
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		err := a.dataset(tier).Create(ctx, meta)
		cancel()
		if err != nil {
			return omop.Release{}, fmt.Errorf("create dataset %s: %w", a.datasets[tier].ID, err)
		}
	}
	rows, err := a.loadTables(ctx)
	if err != nil {
		return omop.Release{}, err
	}
	for _, tier := range a.o.Tiers {
		if tier != omop.TierControlled {
			if err := a.derive(ctx, tier, rows); err != nil {
				return omop.Release{}, err
			}
		}
		if err := a.index(ctx, tier); err != nil {
			return omop.Release{}, err
		}
	}
	if err := a.check(ctx, rows); err != nil {
		return omop.Release{}, err
	}
	vocabulary, err := a.vocabularyVersion(ctx)
	if err != nil {
		return omop.Release{}, err
	}
	release := omop.Release{
		ID: a.o.Release, Title: a.o.Title, State: omop.ReleasePublished, Datasets: map[string]string{},
		VocabularyVersion: vocabulary, CDMVersion: cdmVersion, Persons: rows["person"], Rows: rows,
		LoadedAt: a.o.Now(), SchemaVersion: omop.ReleaseSchemaVersion,
	}
	for tier, d := range a.datasets {
		release.Datasets[tier] = d.ID
	}
	return release, nil
}

// loadTables fills the controlled tier and returns the rows per table.
func (a *attempt) loadTables(ctx context.Context) (map[string]int64, error) {
	rows := map[string]int64{}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, s := range a.folder.sources {
		g.Go(func() error {
			t, err := a.loadTable(ctx, s)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			rows[s.table.Name] = t.rows
			a.o.say("%s: %d rows", s.table.Name, t.rows)
			for _, c := range s.table.Columns {
				if n := t.empty[c.Name]; n > 0 {
					a.o.say("%s: %d rows lack the required %s", s.table.Name, n, c.Name)
				}
			}
			return nil
		})
	}
	for _, name := range a.folder.missing {
		g.Go(func() error {
			t, _ := omop.TableNamed(name)
			ctx, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			meta := &bigquery.TableMetadata{Schema: schema(t.Columns), Clustering: clustering(t)}
			if err := a.dataset(omop.TierControlled).Table(name).Create(ctx, meta); err != nil {
				return fmt.Errorf("create table %s: %w", name, err)
			}
			return nil
		})
	}
	return rows, g.Wait()
}

// loadTable streams one file through its checks into a load job. The checks run
// while BigQuery's client reads; a fault breaks the upload off before a job exists.
func (a *attempt) loadTable(ctx context.Context, s source) (tally, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	read, write := io.Pipe()
	var t tally
	checked := make(chan error, 1)
	go func() {
		var err error
		t, err = s.stream(ctx, write, func(rows int64) { a.o.say("%s: %d rows so far", s.table.Name, rows) })
		// Without an error this is the end of the file.
		write.CloseWithError(err)
		checked <- err
	}()

	src := bigquery.NewReaderSource(read)
	src.Schema = schema(s.table.Columns)
	src.NullMarker = null
	src.AllowQuotedNewlines = true
	loader := a.dataset(omop.TierControlled).Table(s.table.Name).LoaderFrom(src)
	loader.WriteDisposition = bigquery.WriteEmpty
	loader.Clustering = clustering(s.table)
	loader.JobID = "cdr_load_" + a.id + "_" + s.table.Name
	loader.JobTimeout = jobTimeout
	loader.Labels = a.labels()
	job, loadErr := loader.Run(ctx)
	// Whatever the upload came to, the reader must end.
	read.CloseWithError(io.ErrClosedPipe)
	if err := <-checked; err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return t, err
	}
	if loadErr != nil {
		return t, fmt.Errorf("load table %s: %w", s.table.Name, loadErr)
	}
	if err := await(ctx, job); err != nil {
		return t, fmt.Errorf("load table %s: %w", s.table.Name, err)
	}
	return t, nil
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

// vocabularyOrder names the columns by which the vocabulary is looked up.
var vocabularyOrder = map[string]string{
	"concept": "concept_id", "concept_ancestor": "ancestor_concept_id",
	"concept_relationship": "concept_id_1", "concept_synonym": "concept_id",
}

// clustering orders a table by what most questions name first.
func clustering(t omop.Table) *bigquery.Clustering {
	for _, e := range omop.EventTables() {
		if e.Table == t.Name {
			return &bigquery.Clustering{Fields: []string{e.Concept, "person_id"}}
		}
	}
	if column, ok := vocabularyOrder[t.Name]; ok {
		return &bigquery.Clustering{Fields: []string{column}}
	}
	if _, ok := t.Column("person_id"); ok {
		return &bigquery.Clustering{Fields: []string{"person_id"}}
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

func (o *Options) dropDataset(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	err := o.BigQuery.DatasetInProject(o.Project, id).DeleteWithContents(ctx)
	var api *googleapi.Error
	if errors.As(err, &api) && api.Code == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("drop dataset %s, do it by hand: %w", id, err)
	}
	return nil
}
