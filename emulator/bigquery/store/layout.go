package store

import (
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/shared/googlesql"
)

// maxClustering is how many columns a table may be clustered by, and maxRanges
// how many integer ranges it may be partitioned into.
const (
	maxClustering = 4
	maxRanges     = 10_000
)

// clusterable are the types that a table may be clustered by
// (cloud.google.com/bigquery/docs/clustered-tables).
var clusterable = map[googlesql.Kind]bool{
	googlesql.KindBigNumeric: true, googlesql.KindBool: true, googlesql.KindDate: true, googlesql.KindDatetime: true,
	googlesql.KindInt64: true, googlesql.KindNumeric: true, googlesql.KindString: true, googlesql.KindTimestamp: true,
}

// CheckLayout checks a table's partitioning and clustering against its columns.
func CheckLayout(m *bq.Table, cols []googlesql.Column) error {
	if m.TimePartitioning != nil && m.RangePartitioning != nil {
		return apierr.Invalid("Only one of timePartitioning and rangePartitioning may be set.")
	}
	if p := m.TimePartitioning; p != nil {
		if err := checkTimePartitioning(p, cols); err != nil {
			return err
		}
	}
	if p := m.RangePartitioning; p != nil {
		if err := checkRangePartitioning(p, cols); err != nil {
			return err
		}
	}
	if m.RequirePartitionFilter && m.TimePartitioning == nil && m.RangePartitioning == nil {
		return apierr.Invalid("requirePartitionFilter can only be set on a partitioned table.")
	}
	if c := m.Clustering; c != nil {
		return checkClustering(c, cols)
	}
	return nil
}

func checkClustering(c *bq.Clustering, cols []googlesql.Column) error {
	if len(c.Fields) > maxClustering {
		return apierr.Invalid("Too many fields are specified for clustering: %d; at most %d are allowed.", len(c.Fields), maxClustering)
	}
	seen := map[string]bool{}
	for _, name := range c.Fields {
		col, ok := columnNamed(cols, name)
		if !ok {
			return apierr.Invalid("The field specified for clustering cannot be found in the schema: %s.", name)
		}
		if seen[strings.ToLower(name)] {
			return apierr.Invalid("The field %s is specified for clustering more than once.", name)
		}
		seen[strings.ToLower(name)] = true
		if !clusterable[col.Type.Kind] {
			return apierr.Invalid("Field %s of type %s is not supported for clustering; it must be a top-level, non-repeated field of a supported type.", name, col.Type)
		}
	}
	return nil
}

func checkTimePartitioning(p *bq.TimePartitioning, cols []googlesql.Column) error {
	switch p.Type {
	case "DAY", "HOUR", "MONTH", "YEAR":
	default:
		return apierr.Invalid("Invalid value for timePartitioning.type: %q; it must be DAY, HOUR, MONTH or YEAR.", p.Type)
	}
	if p.Field == "" {
		return apierr.NotImplemented("partitioning by the time of ingestion is not supported by the local BigQuery; name a field in timePartitioning")
	}
	if p.ExpirationMs != 0 {
		return apierr.NotImplemented("the expiration of partitions is not supported by the local BigQuery")
	}
	col, ok := columnNamed(cols, p.Field)
	if !ok {
		return apierr.Invalid("The field specified for partitioning cannot be found in the schema: %s.", p.Field)
	}
	switch col.Type.Kind {
	case googlesql.KindTimestamp, googlesql.KindDatetime:
	case googlesql.KindDate:
		if p.Type == "HOUR" {
			return apierr.Invalid("The field %s of type DATE cannot be partitioned by HOUR.", p.Field)
		}
	default:
		return apierr.Invalid("The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME. The type found is: %s.", col.Type)
	}
	return nil
}

func checkRangePartitioning(p *bq.RangePartitioning, cols []googlesql.Column) error {
	col, ok := columnNamed(cols, p.Field)
	if !ok {
		return apierr.Invalid("The field specified for partitioning cannot be found in the schema: %s.", p.Field)
	}
	if col.Type.Kind != googlesql.KindInt64 {
		return apierr.Invalid("The field specified for range partitioning can only be of type INTEGER. The type found is: %s.", col.Type)
	}
	r := p.Range
	if r == nil || r.Interval <= 0 || r.Start >= r.End {
		return apierr.Invalid("Invalid value for rangePartitioning.range: the start must be below the end, and the interval above 0.")
	}
	if ranges := uint64(r.End-r.Start-1)/uint64(r.Interval) + 1; ranges > maxRanges {
		return apierr.Invalid("rangePartitioning.range makes %d partitions; at most %d are allowed.", ranges, maxRanges)
	}
	return nil
}

// columnNamed finds a top-level column.
func columnNamed(cols []googlesql.Column, name string) (googlesql.Column, bool) {
	for _, c := range cols {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return googlesql.Column{}, false
}

// sameLayout tells whether two descriptions are partitioned alike.
func sameLayout(a, b *bq.Table) bool {
	ap, bp := a.TimePartitioning, b.TimePartitioning
	if (ap == nil) != (bp == nil) || ap != nil && (ap.Type != bp.Type || !strings.EqualFold(ap.Field, bp.Field)) {
		return false
	}
	ar, br := a.RangePartitioning, b.RangePartitioning
	if (ar == nil) != (br == nil) {
		return false
	}
	return ar == nil || strings.EqualFold(ar.Field, br.Field) && ar.Range != nil && br.Range != nil &&
		ar.Range.Start == br.Range.Start && ar.Range.End == br.Range.End && ar.Range.Interval == br.Range.Interval
}
