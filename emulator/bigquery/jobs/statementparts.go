package jobs

import (
	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// maxClustering is BigQuery's limit on clustering columns.
const maxClustering = 4

// partitioning describes PARTITION BY and CLUSTER BY
// (cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#partition_expression).
func partitioning(m *bq.Table, s *googlesql.CreateTable) error {
	if len(s.PartitionBy) > 1 {
		return apierr.InvalidQuery("Only a single PARTITION BY expression is supported").At("query")
	}
	for _, e := range s.PartitionBy {
		if err := partitionBy(m, e); err != nil {
			return err
		}
	}
	if len(s.ClusterBy) > maxClustering {
		return apierr.InvalidQuery("Too many clustering columns: %d; at most %d are allowed", len(s.ClusterBy), maxClustering).At("query")
	}
	for _, e := range s.ClusterBy {
		c, ok := e.(*googlesql.ColRef)
		if !ok {
			return apierr.InvalidQuery("CLUSTER BY expression must be a column").At("query")
		}
		if c.Type().Is(googlesql.KindArray, googlesql.KindStruct, googlesql.KindFloat64, googlesql.KindBytes, googlesql.KindJSON, googlesql.KindTime, googlesql.KindInterval) {
			return apierr.InvalidQuery("CLUSTER BY column %s has the type %s, which is not supported", c.Col.Name, c.Type()).At("query")
		}
		if m.Clustering == nil {
			m.Clustering = &bq.Clustering{}
		}
		m.Clustering.Fields = append(m.Clustering.Fields, c.Col.Name)
	}
	return nil
}

// truncations are the functions that PARTITION BY may round with, by the type of
// what they round.
var truncations = map[string]googlesql.Kind{
	"date_trunc": googlesql.KindDate, "datetime_trunc": googlesql.KindDatetime, "timestamp_trunc": googlesql.KindTimestamp,
}

func partitionBy(m *bq.Table, e googlesql.Expr) error {
	refused := &translate.Unsupported{What: "this PARTITION BY expression"}
	switch e := e.(type) {
	case *googlesql.ColRef:
		if !e.Type().Is(googlesql.KindDate) {
			return apierr.InvalidQuery("PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))").At("query")
		}
		m.TimePartitioning = &bq.TimePartitioning{Type: "DAY", Field: e.Col.Name}
		return nil
	case *googlesql.Call:
		if len(e.Args) == 0 {
			return refused
		}
		c, ok := e.Args[0].(*googlesql.ColRef)
		if !ok {
			return refused
		}
		switch {
		case e.Name == "date" && len(e.Args) == 1 && c.Type().Is(googlesql.KindTimestamp, googlesql.KindDatetime):
			m.TimePartitioning = &bq.TimePartitioning{Type: "DAY", Field: c.Col.Name}
			return nil
		case truncations[e.Name] != 0 && c.Type().Is(truncations[e.Name]) && len(e.Args) == 2:
			part, ok := e.Args[1].(*googlesql.Literal)
			if !ok {
				return refused
			}
			unit, _ := part.Value.V.(string)
			if unit == "DAY" || unit == "MONTH" || unit == "YEAR" || unit == "HOUR" && !c.Type().Is(googlesql.KindDate) {
				m.TimePartitioning = &bq.TimePartitioning{Type: unit, Field: c.Col.Name}
				return nil
			}
		case e.Name == "range_bucket" && len(e.Args) == 2 && c.Type().Is(googlesql.KindInt64):
			return rangePartition(m, c.Col.Name, e.Args[1])
		}
	}
	return refused
}

// rangePartition reads the bounds of GENERATE_ARRAY(start, end[, step]).
func rangePartition(m *bq.Table, column string, e googlesql.Expr) error {
	refused := &translate.Unsupported{What: "this PARTITION BY expression"}
	g, ok := e.(*googlesql.Call)
	if !ok || g.Name != "generate_array" {
		return refused
	}
	bounds := []int64{0, 0, 1}
	for i, a := range g.Args {
		v, ok := constant(a)
		n, isInt := v.V.(int64)
		if !ok || !isInt || i > 2 {
			return refused
		}
		bounds[i] = n
	}
	if bounds[2] <= 0 || bounds[0] >= bounds[1] {
		return apierr.InvalidQuery("Invalid range for PARTITION BY RANGE_BUCKET").At("query")
	}
	m.RangePartitioning = &bq.RangePartitioning{Field: column, Range: &bq.RangePartitioningRange{Start: bounds[0], End: bounds[1], Interval: bounds[2]}}
	return nil
}
