package bigquery_test

import (
	"fmt"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// BenchmarkSelectOne is the fixed cost of a query through the client.
func BenchmarkSelectOne(b *testing.B) {
	c, _ := bqtest.Start(b)
	for b.Loop() {
		rowsOf(b, c.Query("SELECT 1"))
	}
}

// BenchmarkLoadCSV loads 200,000 rows of ten columns.
func BenchmarkLoadCSV(b *testing.B) {
	c, _ := bqtest.Start(b)
	if err := c.Dataset("cdm").Create(ctxOf(b), nil); err != nil {
		b.Fatal(err)
	}
	const rows = 200_000
	var s strings.Builder
	s.WriteString("header\n")
	for i := range rows {
		fmt.Fprintf(&s, "%d,%d,320128,2010-01-%02d,2010-01-01 00:00:00,2011-02-03,32020,,\"code %d\",1.5\n", i, i/10, i%28+1, i)
	}
	var schema bq.Schema
	for i, t := range []bq.FieldType{bq.IntegerFieldType, bq.IntegerFieldType, bq.IntegerFieldType, bq.DateFieldType, bq.TimestampFieldType,
		bq.DateFieldType, bq.IntegerFieldType, bq.IntegerFieldType, bq.StringFieldType, bq.FloatFieldType} {
		schema = append(schema, &bq.FieldSchema{Name: fmt.Sprintf("c%d", i), Type: t})
	}
	for b.Loop() {
		if err := loadCSV(b, c, "cdm", "x", s.String(), schema, func(l *bq.Loader) { l.WriteDisposition = bq.WriteTruncate }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkFetch fetches 100,000 rows of three columns.
func BenchmarkFetch(b *testing.B) {
	c, _ := bqtest.Start(b)
	for b.Loop() {
		got := rowsOf(b, c.Query("SELECT x, CAST(x AS STRING), x / 2 FROM UNNEST(GENERATE_ARRAY(1, 100000)) x"))
		if len(got) != 100_000 {
			b.Fatal(len(got))
		}
	}
}
