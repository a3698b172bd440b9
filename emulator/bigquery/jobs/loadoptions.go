package jobs

import (
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/load"
	"researchhub.example/hub/emulator/bigquery/store"
)

// planLoad checks a load's configuration: what is not supported is refused.
func planLoad(project string, l *bq.JobConfigurationLoad, uploaded bool) (*loading, error) {
	d := l.DestinationTable
	if d == nil || d.DatasetId == "" || d.TableId == "" {
		return nil, apierr.Invalid("Required parameter is missing: destinationTable")
	}
	p := &loading{format: strings.ToUpper(orDefault(l.SourceFormat, "CSV"))}
	p.write = store.Write{Key: store.Key{Project: orDefault(d.ProjectId, project), Dataset: d.DatasetId, Table: d.TableId}, Schema: l.Schema,
		Disposition: orDefault(l.WriteDisposition, "WRITE_APPEND"), Create: orDefault(l.CreateDisposition, "CREATE_IF_NEEDED"),
		ByName: true, Exact: true,
		Describe: &bq.Table{Clustering: l.Clustering, TimePartitioning: l.TimePartitioning, RangePartitioning: l.RangePartitioning}}
	if dp := l.DestinationTableProperties; dp != nil {
		p.write.Describe.Description, p.write.Describe.FriendlyName, p.write.Describe.Labels = dp.Description, dp.FriendlyName, dp.Labels
	}
	if l.Schema != nil && len(l.Schema.Fields) == 0 {
		p.write.Schema = nil
	}
	for _, o := range l.SchemaUpdateOptions {
		switch strings.ToUpper(o) {
		case "ALLOW_FIELD_ADDITION":
			p.write.Add = true
		case "ALLOW_FIELD_RELAXATION":
			p.write.Relax = true
		default:
			return nil, apierr.Invalid("Invalid value for schemaUpdateOptions: %s", clip(o))
		}
	}
	if (p.write.Add || p.write.Relax) && p.write.Disposition != "WRITE_APPEND" {
		return nil, apierr.Invalid("Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.")
	}
	if uploaded && len(l.SourceUris) > 0 {
		return nil, apierr.Invalid("A load job takes uploaded data or sourceUris, not both.")
	}
	if !uploaded && len(l.SourceUris) == 0 {
		return nil, apierr.Invalid("Required parameter is missing: sourceUris")
	}
	if err := checkLoadOptions(p.format, l); err != nil {
		return nil, err
	}
	p.lists = l.ParquetOptions != nil && l.ParquetOptions.EnableListInference
	var err error
	p.opts, err = csvOptions(l)
	return p, err
}

// checkLoadOptions refuses the options that are not supported.
func checkLoadOptions(format string, l *bq.JobConfigurationLoad) error {
	switch format {
	case "CSV", "NEWLINE_DELIMITED_JSON", "PARQUET":
	case "AVRO", "ORC", "DATASTORE_BACKUP":
		return apierr.NotImplemented("loading %s is not supported by the local BigQuery", format)
	default:
		return apierr.Invalid("Invalid value for sourceFormat: %s", clip(format))
	}
	for what, set := range map[string]bool{
		"hivePartitioningOptions":        l.HivePartitioningOptions != nil,
		"nullMarkers":                    len(l.NullMarkers) > 0,
		"preserveAsciiControlCharacters": l.PreserveAsciiControlCharacters,
		"timeZone, dateFormat, datetimeFormat, timeFormat or timestampFormat": l.TimeZone+l.DateFormat+l.DatetimeFormat+l.TimeFormat+l.TimestampFormat != "",
		"encoding " + clip(l.Encoding):                                        l.Encoding != "" && !strings.EqualFold(l.Encoding, "UTF-8") && !strings.EqualFold(l.Encoding, "UTF8"),
		"autodetect without a schema":                                         l.Autodetect && (l.Schema == nil || len(l.Schema.Fields) == 0) && format != "PARQUET",
		"jsonExtension":                                                       l.JsonExtension != "",
		"decimalTargetTypes":                                                  len(l.DecimalTargetTypes) > 0 && (len(l.DecimalTargetTypes) > 1 || !strings.EqualFold(l.DecimalTargetTypes[0], "NUMERIC")),
		"columnNameCharacterMap":                                              l.ColumnNameCharacterMap != "" && !strings.EqualFold(l.ColumnNameCharacterMap, "STRICT"),
		"createSession":                                                       l.CreateSession || len(l.ConnectionProperties) > 0,
		"fileSetSpecType":                                                     l.FileSetSpecType != "" && !strings.EqualFold(l.FileSetSpecType, "FILE_SET_SPEC_TYPE_FILE_SYSTEM_MATCH"),
		"a reference file":                                                    l.ReferenceFileSchemaUri != "",
		"projectionFields":                                                    len(l.ProjectionFields) > 0,
		"copyFilesOnly":                                                       l.CopyFilesOnly,
		"an encryption key":                                                   l.DestinationEncryptionConfiguration != nil,
		"enumAsString":                                                        l.ParquetOptions != nil && l.ParquetOptions.EnumAsString,
		"an inline schema":                                                    l.SchemaInline != "" || l.SchemaInlineFormat != "",
		"maxBadRecords of Parquet":                                            format == "PARQUET" && l.MaxBadRecords != 0,
		"sourceColumnMatch":                                                   l.SourceColumnMatch != "" && !strings.EqualFold(l.SourceColumnMatch, "POSITION"),
	} {
		if set {
			return apierr.NotImplemented("loading with %s is not supported by the local BigQuery", what)
		}
	}
	if l.MaxBadRecords < 0 || l.SkipLeadingRows < 0 {
		return apierr.Invalid("maxBadRecords and skipLeadingRows must not be negative")
	}
	return nil
}

func csvOptions(l *bq.JobConfigurationLoad) (load.Options, error) {
	o := load.Options{Delimiter: ',', Quote: '"', SkipRows: l.SkipLeadingRows, NullMarker: l.NullMarker, MaxBad: l.MaxBadRecords,
		QuotedNewlines: l.AllowQuotedNewlines, JaggedRows: l.AllowJaggedRows, IgnoreUnknown: l.IgnoreUnknownValues}
	if l.FieldDelimiter != "" {
		delim := l.FieldDelimiter
		if delim == `\t` || strings.EqualFold(delim, "tab") {
			delim = "\t"
		}
		if len(delim) != 1 || delim[0] >= 0x80 || delim == "\n" || delim == "\r" {
			return o, apierr.NotImplemented("a field delimiter other than one ASCII character is not supported by the local BigQuery")
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
			return o, apierr.Invalid("Value of quote must be one character")
		}
	}
	return o, nil
}
