package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/omop"
)

// origin is where the tables of a release come from.
type origin interface {
	// name is what an operator calls it.
	name() string
	// has gives the tables that are there, in the order in which they are loaded,
	// each with what was found of it; missing those that are made empty.
	has() []source
	missing() []string
	// skipped names what is there and no table of a release.
	skipped() []string
	// location is where BigQuery must keep the datasets, "" for its default.
	location() string
	// fingerprint tells the data from other data, before anything is loaded.
	fingerprint(ctx context.Context) (string, error)
	// bring fills a table of the controlled tier, told of its rows now and then.
	bring(ctx context.Context, a *attempt, s source, told func(rows int64)) (tally, error)
	// brought is the fingerprint of what was loaded; it fails when the data changed
	// meanwhile.
	brought(ctx context.Context, sums map[string]string) (string, error)
}

// form is part of every fingerprint. It is raised when a load comes to make other
// tables of the same data.
const form = "2"

// fingerprintOf makes one fingerprint of what tells each table's data apart.
func fingerprintOf(sources []source, sums map[string]string) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "form %s\n", form) // a hash takes everything
	for _, s := range sources {
		_, _ = fmt.Fprintf(h, "%s %s\n", s.table.Name, sums[s.table.Name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// csvFolder is a folder of CSV files as the origin of a release.
type csvFolder struct{ folder }

func (f csvFolder) name() string      { return f.path }
func (f csvFolder) has() []source     { return f.sources }
func (f csvFolder) missing() []string { return f.folder.missing }
func (f csvFolder) skipped() []string { return f.folder.skipped }
func (f csvFolder) location() string  { return "" }

func (f csvFolder) fingerprint(ctx context.Context) (string, error) {
	sums := map[string]string{}
	for _, s := range f.sources {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		in, err := openCSV(s.path)
		if err != nil {
			return "", err
		}
		sums[s.table.Name], err = in.sum()
		in.close()
		if err != nil {
			return "", err
		}
	}
	return fingerprintOf(f.sources, sums), nil
}

// brought needs no second look: the hashes are of the very bytes that were loaded.
func (f csvFolder) brought(_ context.Context, sums map[string]string) (string, error) {
	return fingerprintOf(f.sources, sums), nil
}

// bring streams one file through its checks into a load job. The checks run while
// BigQuery's client reads; a fault breaks the upload off before a job exists.
func (f csvFolder) bring(ctx context.Context, a *attempt, s source, told func(rows int64)) (tally, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	read, write := io.Pipe()
	var t tally
	checked := make(chan error, 1)
	go func() {
		var err error
		t, err = s.stream(ctx, write, told)
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

// describe says what was found at the origin and what becomes of it.
func (o *Options) describe(from origin) {
	o.say("%s: %d tables of the CDM", from.name(), len(from.has()))
	if skipped := from.skipped(); len(skipped) > 0 {
		o.say("skipped, not tables of a release: %s", strings.Join(skipped, ", "))
	}
	if missing := from.missing(); len(missing) > 0 {
		o.say("not there, made empty: %s", strings.Join(missing, ", "))
	}
	for _, s := range from.has() {
		if len(s.ignored) > 0 {
			o.say("%s: ignored, no columns of the CDM: %s", s.name(), strings.Join(s.ignored, ", "))
		}
		if len(s.absent) > 0 {
			o.say("%s: lacks the required %s; NULL instead", s.name(), strings.Join(s.absent, ", "))
		}
	}
}
