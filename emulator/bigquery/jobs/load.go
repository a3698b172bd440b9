package jobs

import (
	"context"
	"io"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/shared/googlesql"
)

// Media is uploaded data; the job closes it.
type Media interface {
	io.ReadCloser
	io.ReaderAt
	// Size is in bytes, as uploaded.
	Size() int64
}

// loading is a load job's plan.
type loading struct {
	format string
	write  store.Write
	opts   load.Options
	// lists is Parquet's enableListInference.
	lists bool
}

// Load starts a load job of uploaded data, or, when there is none, of the objects
// that open fetches.
func (m *Manager) Load(id ID, config *bq.JobConfiguration, media Media, open func(ctx context.Context, uri string) ([]Media, error)) (*Job, error) {
	closeMedia := func() {
		if media != nil {
			media.Close()
		}
	}
	p, err := planLoad(id.Project, config.Load, media != nil)
	if err != nil {
		closeMedia()
		return nil, err
	}
	config.JobType = "LOAD"
	j, err := m.start(id, config, bq.JobStatistics{Load: &bq.JobStatistics3{}}, func(ctx context.Context, j *Job) error {
		files := []Media{media}
		defer func() {
			for _, f := range files {
				if f != nil {
					f.Close()
				}
			}
		}()
		if media == nil {
			files = nil
			for _, uri := range config.Load.SourceUris {
				more, err := open(ctx, uri)
				if err != nil {
					return err
				}
				files = append(files, more...)
			}
		}
		return m.load(ctx, j, p, files)
	})
	if err != nil {
		closeMedia()
		return nil, err
	}
	return j, nil
}

func (m *Manager) load(ctx context.Context, j *Job, p *loading, files []Media) error {
	var parquets []*load.Parquet
	var size int64
	for _, f := range files {
		size += f.Size()
		if p.format != "PARQUET" {
			continue
		}
		pq, err := load.OpenParquet(f, f.Size(), p.lists)
		if err != nil {
			return err
		}
		if len(parquets) > 0 && !sameFields(pq.Schema().Fields, parquets[0].Schema().Fields) {
			return apierr.NotImplemented("loading Parquet files of different schemas at once is not supported by the local BigQuery")
		}
		parquets = append(parquets, pq)
	}
	w := p.write
	if len(parquets) > 0 {
		found := parquets[0].Schema()
		if w.Schema != nil {
			if err := fitSchema(found.Fields, w.Schema.Fields); err != nil {
				return err
			}
		} else {
			w.Schema, w.Exact = found, false
		}
	}
	var res load.Result
	t, err := m.Store.WriteTable(j.marked(ctx), w, func(c *duck.Conn, physical string, cols []googlesql.Column, schema *bq.TableSchema) error {
		types, err := load.Types(cols)
		if err != nil {
			return err
		}
		data := schema
		switch {
		case len(parquets) > 0:
			data = parquets[0].Schema()
		case w.Schema != nil:
			data = w.Schema
		}
		app, err := c.NewAppender(physical, types)
		if err != nil {
			return err
		}
		target, err := newTarget(app, data, cols, schema)
		for i, f := range files {
			if err != nil {
				break
			}
			var one load.Result
			opts := p.opts
			opts.MaxBad -= res.Bad
			switch p.format {
			case "CSV":
				one, err = load.CSV(ctx, f, opts, target)
			case "PARQUET":
				one, err = parquets[i].Append(ctx, target)
			default:
				one, err = load.JSON(ctx, f, opts, target)
			}
			res.Add(one)
		}
		if cerr := app.Close(err == nil); err == nil {
			err = cerr
		}
		return err
	})
	if err != nil {
		return err
	}
	sizes, err := m.Store.Bytes(ctx, t)
	if err != nil {
		return err
	}
	var bytes int64
	for _, n := range sizes {
		bytes += n
	}
	if t.Rows > 0 {
		bytes = bytes / t.Rows * res.Rows // of a table that had rows before, its share
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result, j.warnings = t, res.Errors
	j.stats.Load = &bq.JobStatistics3{InputFiles: int64(len(files)), InputFileBytes: size, OutputRows: res.Rows, OutputBytes: bytes, BadRecords: res.Bad}
	return nil
}

// newTarget finds the table's columns of the data's fields by name. What the data
// leaves out is NULL, which a REQUIRED column must not be.
func newTarget(app *duck.Appender, data *bq.TableSchema, cols []googlesql.Column, schema *bq.TableSchema) (*load.Target, error) {
	t := &load.Target{App: app, Fields: data.Fields}
	var err error
	if t.Cols, err = store.Columns(data); err != nil {
		return nil, err
	}
	given := make([]bool, len(cols))
	for i, f := range data.Fields {
		k := slices.IndexFunc(cols, func(c googlesql.Column) bool { return strings.EqualFold(c.Name, f.Name) })
		if k < 0 || cols[k].Type.String() != t.Cols[i].Type.String() {
			return nil, apierr.NotImplemented("loading field %s into a record of other fields is not supported by the local BigQuery", f.Name)
		}
		t.Place, given[k] = append(t.Place, k), true
	}
	// A column may be REQUIRED in the table only.
	t.Fields = slices.Clone(data.Fields)
	for i, k := range t.Place {
		t.Fields[i] = schema.Fields[k]
	}
	for k, ok := range given {
		if ok {
			continue
		}
		if strings.EqualFold(schema.Fields[k].Mode, "REQUIRED") {
			return nil, apierr.Invalid("Provided Schema does not match Table. Field %s is missing in new schema", cols[k].Name)
		}
		t.Rest = append(t.Rest, k)
	}
	return t, nil
}

func sameFields(a, b []*bq.TableFieldSchema) bool {
	return slices.EqualFunc(a, b, func(x, y *bq.TableFieldSchema) bool {
		return x.Name == y.Name && x.Type == y.Type && x.Mode == y.Mode && sameFields(x.Fields, y.Fields)
	})
}

// fitSchema holds that the fields found in a file are of the schema that was said.
func fitSchema(found, said []*bq.TableFieldSchema) error {
	fc, err := store.Columns(&bq.TableSchema{Fields: found})
	if err != nil {
		return err
	}
	sc, err := store.Columns(&bq.TableSchema{Fields: said})
	if err != nil {
		return err
	}
	for _, f := range fc {
		i := slices.IndexFunc(sc, func(c googlesql.Column) bool { return strings.EqualFold(c.Name, f.Name) })
		if i < 0 {
			return apierr.Invalid("Error while reading data, error message: the Parquet column '%s' is not in the schema", f.Name)
		}
		if sc[i].Type.String() != f.Type.String() {
			return apierr.Invalid("Error while reading data, error message: Parquet column '%s' has type %s which does not match the target type %s", f.Name, f.Type, sc[i].Type)
		}
	}
	return nil
}
