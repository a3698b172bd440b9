package bigquery_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

// TestBrokenCSVLoadsNothing holds that a fault is named by row and field, and
// that neither a new table nor old rows are touched.
func TestBrokenCSVLoadsNothing(t *testing.T) {
	c := startWithPersons(t)
	before := rowsOf(t, c.Query("SELECT * FROM cdm.person ORDER BY person_id"))
	for _, tc := range []struct{ name, csv, want string }{
		{"bad integer", "h\n1,F,1980-01-01,1\nx2,F,1980-01-01,1\n", "Could not parse 'x2' as INT64 for field person_id (position 0); row: 3"},
		{"bad date", "h\n1,F,1980-02-30,1\n", "Could not parse '1980-02-30' as DATE for field born (position 2); row: 2"},
		{"bad float", "h\n1,F,1980-01-01,heavy\n", "Could not parse 'heavy' as FLOAT64 for field weight (position 3); row: 2"},
		{"missing REQUIRED", "h\n,F,1980-01-01,1\n", "Missing a value of a REQUIRED field for field person_id (position 0); row: 2"},
		{"too few", "h\n1,F\n", "Too few values in row: 2 fields, 4 expected (the first one missing is born); row: 2"},
		{"too many", "h\n1,F,1980-01-01,1,9\n", "Too many values in row: 5 fields, 4 expected; row: 2"},
		{"open quote", "h\n1,\"F,1980-01-01,1\n", "allowQuotedNewlines is not set; row: 2"},
		{"text after quote", "h\n1,\"F\"x,1980-01-01,1\n", "Data between close quote character (\") and field separator; row: 2"},
		{"not UTF-8", "h\n1,\xff,1980-01-01,1\n", "Invalid UTF-8; row: 2"},
		{"late in the file", "h\n" + strings.Repeat("1,F,1980-01-01,1\n", 50000) + "1,F,1980-13-01,1\n", "as DATE for field born (position 2); row: 50002"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, table := range []string{"person", "brandnew"} {
				err := loadCSV(t, c, "cdm", table, tc.csv, personSchema, func(l *bq.Loader) { l.WriteDisposition = bq.WriteTruncate })
				var e *bq.Error
				if !errors.As(err, &e) || e.Reason != "invalid" || !strings.Contains(e.Message, tc.want) {
					t.Errorf("%s: got %v, want %q", table, err, tc.want)
				}
			}
			if diff := cmp.Diff(before, rowsOf(t, c.Query("SELECT * FROM cdm.person ORDER BY person_id"))); diff != "" {
				t.Errorf("the old rows changed (-want +got):\n%s", diff)
			}
			if _, err := c.Dataset("cdm").Table("brandnew").Metadata(ctxOf(t)); codeOf(err) != http.StatusNotFound {
				t.Errorf("the new table: %v", err)
			}
		})
	}
}

func TestLoadForms(t *testing.T) {
	c := start(t)
	schema := bq.Schema{{Name: "i", Type: bq.IntegerFieldType}, {Name: "s", Type: bq.StringFieldType}}
	rows := func() []string { return rowsOf(t, c.Query("SELECT i, s FROM cdm.x ORDER BY i")) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(loadCSV(t, c, "cdm", "x", "i,s\n1,a\n", schema, nil))
	must(loadCSV(t, c, "cdm", "x", "i,s\n2,\"\"\n3,\n", schema, nil))
	if diff := cmp.Diff([]string{"1|a", "2|", "3|<nil>"}, rows()); diff != "" {
		t.Errorf("append, empty and NULL (-want +got):\n%s", diff)
	}
	if err := loadCSV(t, c, "cdm", "x", "i,s\n4,d\n", schema, func(l *bq.Loader) { l.WriteDisposition = bq.WriteEmpty }); err == nil || !strings.Contains(err.Error(), "Already Exists") {
		t.Errorf("WRITE_EMPTY into a table with rows: %v", err)
	}
	if err := loadCSV(t, c, "cdm", "y", "i,s\n4,d\n", schema, func(l *bq.Loader) { l.CreateDisposition = bq.CreateNever }); err == nil || !strings.Contains(err.Error(), "Not found") {
		t.Errorf("CREATE_NEVER of a missing table: %v", err)
	}
	must(loadCSV(t, c, "cdm", "x", "i|s\r\n5|'a|b'\r\n6|x y\r\n", schema, func(l *bq.Loader) {
		l.WriteDisposition = bq.WriteTruncate
		src := l.Src.(*bq.ReaderSource)
		src.FieldDelimiter = "|"
		src.Quote = "'"
	}))
	if diff := cmp.Diff([]string{"5|a|b", "6|x y"}, rows()); diff != "" {
		t.Errorf("delimiter, quote, CRLF (-want +got):\n%s", diff)
	}
	must(loadCSV(t, c, "cdm", "x", "i,s\n7,\"two\nlines\"\n", schema, func(l *bq.Loader) {
		l.WriteDisposition = bq.WriteTruncate
		l.Src.(*bq.ReaderSource).AllowQuotedNewlines = true
	}))
	if diff := cmp.Diff([]string{"7|two\nlines"}, rows()); diff != "" {
		t.Errorf("quoted newline (-want +got):\n%s", diff)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, "i,s\n8,z\n")
	must(z.Close())
	must(loadCSV(t, c, "cdm", "x", zipped.String(), schema, func(l *bq.Loader) { l.WriteDisposition = bq.WriteTruncate }))
	if diff := cmp.Diff([]string{"8|z"}, rows()); diff != "" {
		t.Errorf("gzip (-want +got):\n%s", diff)
	}
	half := zipped.String()[:zipped.Len()-10]
	if err := loadCSV(t, c, "cdm", "x", half, schema, nil); err == nil || !strings.Contains(err.Error(), "gzip") {
		t.Errorf("a torn gzip: %v", err)
	}
}

// TestResumableUpload loads more than one chunk of the client's uploader.
func TestResumableUpload(t *testing.T) {
	c := start(t)
	const n = 1_200_000
	var b strings.Builder
	b.WriteString("i,s\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,text of row %d\n", i, i)
	}
	if b.Len() < 20<<20 {
		t.Fatalf("only %d bytes: one chunk", b.Len())
	}
	schema := bq.Schema{{Name: "i", Type: bq.IntegerFieldType}, {Name: "s", Type: bq.StringFieldType}}
	if err := loadCSV(t, c, "cdm", "big", b.String(), schema, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{fmt.Sprintf("%d|%d|%d", n, n, n*(n-1)/2)}, rowsOf(t, c.Query("SELECT COUNT(*), COUNT(DISTINCT s), SUM(i) FROM cdm.big"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTypesThroughLoadAndBack(t *testing.T) {
	c := start(t)
	schema := bq.Schema{
		{Name: "b", Type: bq.BooleanFieldType}, {Name: "n", Type: bq.NumericFieldType}, {Name: "x", Type: bq.BytesFieldType},
		{Name: "ts", Type: bq.TimestampFieldType}, {Name: "dt", Type: bq.DateTimeFieldType}, {Name: "tm", Type: bq.TimeFieldType},
	}
	csv := "h\ntrue,-12345678901234567890.123456789,aGk=,2020-01-02 03:04:05.000006 UTC,2020-01-02T03:04:05,10:20:30.5\n" +
		"0,0.5,,2020-01-02 03:04:05+02:00,2020-01-02,\n"
	if err := loadCSV(t, c, "cdm", "x", csv, schema, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"false|1/2|<nil>|2020-01-02 01:04:05 +0000 UTC|2020-01-02T00:00:00|<nil>",
		"true|-12345678901234567890123456789/1000000000|[104 105]|2020-01-02 03:04:05.000006 +0000 UTC|2020-01-02T03:04:05|10:20:30.500000000",
	}
	if diff := cmp.Diff(want, rowsOf(t, c.Query("SELECT * FROM cdm.x ORDER BY b"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(2, len(textRows(t, c.Dataset("cdm").Table("x").Read(ctxOf(t))))); diff != "" {
		t.Errorf("tabledata.list (-want +got):\n%s", diff)
	}
}
