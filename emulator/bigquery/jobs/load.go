package jobs

import (
	"context"
	"io"
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
	// Size is in bytes, as uploaded.
	Size() int64
}

// Load starts a load job of uploaded data.
func (m *Manager) Load(id ID, config *bq.JobConfiguration, media Media) (*Job, error) {
	l := config.Load
	w, opts, err := loadOptions(id.Project, l)
	if err != nil {
		media.Close()
		return nil, err
	}
	j, err := m.start(id, config, bq.JobStatistics{Load: &bq.JobStatistics3{}}, func(ctx context.Context, j *Job) error {
		defer media.Close()
		var rows int64
		t, err := m.Store.WriteTable(ctx, w, func(c *duck.Conn, physical string, cols []googlesql.Column, schema *bq.TableSchema) error {
			types, err := load.ColumnTypes(cols)
			if err != nil {
				return apierr.Invalid("%v", err)
			}
			required := make([]bool, len(cols))
			for i := range required {
				required[i] = strings.EqualFold(schema.Fields[i].Mode, "REQUIRED")
			}
			app, err := c.NewAppender(strings.TrimPrefix(physical, "main."), types)
			if err != nil {
				return err
			}
			rows, err = load.CSV(ctx, media, opts, cols, required, app)
			if cerr := app.Close(err == nil); err == nil {
				err = cerr
			}
			return err
		})
		if err != nil {
			return err
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		j.result = t
		j.stats.Load = &bq.JobStatistics3{InputFiles: 1, InputFileBytes: media.Size(), OutputRows: rows,
			ForceSendFields: []string{"OutputRows", "InputFiles", "InputFileBytes"}}
		return nil
	})
	if err != nil {
		media.Close()
		return nil, err
	}
	return j, nil
}

// loadOptions checks a load's configuration: what is not supported is refused.
func loadOptions(project string, l *bq.JobConfigurationLoad) (store.Write, load.Options, error) {
	var w store.Write
	var o load.Options
	d := l.DestinationTable
	if d == nil || d.DatasetId == "" || d.TableId == "" {
		return w, o, apierr.Invalid("Required parameter is missing: destinationTable")
	}
	w = store.Write{Key: store.Key{Project: orDefault(d.ProjectId, project), Dataset: d.DatasetId, Table: d.TableId}, Schema: l.Schema,
		Disposition: orDefault(l.WriteDisposition, "WRITE_APPEND"), Create: orDefault(l.CreateDisposition, "CREATE_IF_NEEDED"),
		Describe: &bq.Table{Clustering: l.Clustering, TimePartitioning: l.TimePartitioning, RangePartitioning: l.RangePartitioning}}
	if p := l.DestinationTableProperties; p != nil {
		w.Describe.Description, w.Describe.FriendlyName, w.Describe.Labels = p.Description, p.FriendlyName, p.Labels
	}
	switch f := strings.ToUpper(orDefault(l.SourceFormat, "CSV")); f {
	case "CSV":
	case "NEWLINE_DELIMITED_JSON", "PARQUET", "AVRO", "ORC", "DATASTORE_BACKUP":
		return w, o, apierr.NotImplemented("loading %s is not supported by the local BigQuery", f)
	default:
		return w, o, apierr.Invalid("Invalid value for sourceFormat: %s", f)
	}
	for what, set := range map[string]bool{
		"maxBadRecords": l.MaxBadRecords != 0, "sourceUris": len(l.SourceUris) > 0,
		"schemaUpdateOptions": len(l.SchemaUpdateOptions) > 0, "hivePartitioningOptions": l.HivePartitioningOptions != nil,
		"nullMarkers": len(l.NullMarkers) > 0, "preserveAsciiControlCharacters": l.PreserveAsciiControlCharacters,
		"timeZone, dateFormat, datetimeFormat, timeFormat or timestampFormat": l.TimeZone+l.DateFormat+l.DatetimeFormat+l.TimeFormat+l.TimestampFormat != "",
		"encoding " + l.Encoding:      l.Encoding != "" && !strings.EqualFold(l.Encoding, "UTF-8") && !strings.EqualFold(l.Encoding, "UTF8"),
		"autodetect without a schema": l.Autodetect && l.Schema == nil,
	} {
		if set {
			return w, o, apierr.NotImplemented("loading with %s is not supported by the local BigQuery", what)
		}
	}
	o = load.Options{Delimiter: ',', Quote: '"', SkipRows: l.SkipLeadingRows, NullMarker: l.NullMarker,
		QuotedNewlines: l.AllowQuotedNewlines, JaggedRows: l.AllowJaggedRows, IgnoreUnknown: l.IgnoreUnknownValues}
	if l.FieldDelimiter != "" {
		delim := l.FieldDelimiter
		if delim == `\t` || strings.EqualFold(delim, "tab") {
			delim = "\t"
		}
		if len(delim) != 1 || delim[0] >= 0x80 || delim == "\n" || delim == "\r" {
			return w, o, apierr.NotImplemented("a field delimiter other than one ASCII character is not supported by the local BigQuery")
		}
		o.Delimiter = delim[0]
	}
	if l.Quote != nil {
		switch len(*l.Quote) {
		case 0:
			o.Quote = 0
		case 1:
			o.Quote = (*l.Quote)[0]
		default:
			return w, o, apierr.Invalid("Value of quote must be one character")
		}
	}
	return w, o, nil
}
