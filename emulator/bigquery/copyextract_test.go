package bigquery_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

func TestCopy(t *testing.T) {
	c := startWithPersons(t)
	ctx := ctxOf(t)
	copyTo := func(dst string, d bq.TableWriteDisposition, src ...string) (*bq.JobStatus, error) {
		var from []*bq.Table
		for _, s := range src {
			from = append(from, c.Dataset("cdm").Table(s))
		}
		k := c.Dataset("cdm").Table(dst).CopierFrom(from...)
		k.WriteDisposition = d
		job, err := k.Run(ctx)
		if err != nil {
			return nil, err
		}
		st, err := job.Wait(ctx)
		if err != nil {
			return nil, err
		}
		err = st.Err()
		return st, err
	}
	count := func(table, want string) {
		t.Helper()
		if diff := cmp.Diff([]string{want}, rowsOf(t, c.Query("SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT person_id)) FROM cdm."+table))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
	if _, err := copyTo("a", "", "person"); err != nil {
		t.Fatal(err)
	}
	count("a", "4 4")
	if _, err := copyTo("a", bq.WriteEmpty, "person"); err == nil || !strings.Contains(err.Error(), "Already Exists") {
		t.Errorf("WRITE_EMPTY: %v", err)
	}
	if _, err := copyTo("a", bq.WriteAppend, "person", "a"); err != nil {
		t.Fatal(err)
	}
	count("a", "12 4")
	if _, err := copyTo("a", bq.WriteTruncate, "person", "person"); err != nil {
		t.Fatal(err)
	}
	count("a", "8 4")
	md, err := c.Dataset("cdm").Table("a").Metadata(ctx)
	if err != nil || !md.Schema[0].Required || md.NumRows != 8 {
		t.Errorf("description: %+v, %v", md, err)
	}
	for _, tc := range []struct {
		name, dst, want string
		src             []string
	}{
		{"other columns", "b", "different schemas", []string{"person", "visit"}},
		{"into other columns", "a", "does not match", []string{"visit"}},
		{"no table", "b", "Not found: Table", []string{"nope"}},
	} {
		if _, err := copyTo(tc.dst, bq.WriteAppend, tc.src...); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	count("a", "8 4")
}

func TestExtract(t *testing.T) {
	dir := t.TempDir()
	c, _ := bqtest.StartIn(t, dir)
	ctx := ctxOf(t)
	if err := c.Dataset("cdm").Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := loadData(t, c, "j", bq.JSON, `{"id":1,"name":"a, \"b\"","tags":["p"],"at":"2020-01-02 03:04:05.5","day":"2020-02-29","n":"1.50","r":{"x":1},"list":[{"k":"é"}]}
{"id":2,"name":""}`, nestedSchema, nil); err != nil {
		t.Fatal(err)
	}
	flat := c.Query("SELECT id, name, `at`, day, n, id / 2 AS half, id = 1 AS one, DATETIME(`at`) AS dt, b'hi' AS b FROM cdm.j ORDER BY id")
	flat.Dst = c.Dataset("cdm").Table("flat")
	rowsOf(t, flat)
	extract := func(table, uri string, set func(*bq.Extractor, *bq.GCSReference)) error {
		ref := bq.NewGCSReference(uri)
		e := c.Dataset("cdm").Table(table).ExtractorTo(ref)
		if set != nil {
			set(e, ref)
		}
		job, err := e.Run(ctx)
		if err != nil {
			return err
		}
		st, err := job.Wait(ctx)
		if err != nil {
			return err
		}
		return st.Err()
	}
	root := bqtest.ExtractDir(dir)
	read := func(name string) string {
		t.Helper()
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var in io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const csv = "id,name,at,day,n,half,one,dt,b\n" +
		"1,\"a, \"\"b\"\"\",2020-01-02 03:04:05.5 UTC,2020-02-29,1.5,0.5,true,2020-01-02T03:04:05.5,aGk=\n" +
		"2,\"\",,,,1.0,false,,aGk=\n"
	if err := extract("flat", "gs://bucket/a/b.csv", nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(csv, read("bucket/a/b.csv")); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	if err := extract("flat", "gs://bucket/z-*.gz", func(e *bq.Extractor, g *bq.GCSReference) { e.DisableHeader, g.Compression = true, bq.Gzip }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(csv[strings.Index(csv, "\n")+1:], read("bucket/z-000000000000.gz")); diff != "" {
		t.Errorf("gzip, no header (-want +got):\n%s", diff)
	}
	if err := extract("j", "gs://bucket/j.json", func(_ *bq.Extractor, g *bq.GCSReference) { g.DestinationFormat = bq.JSON }); err != nil {
		t.Fatal(err)
	}
	const lines = `{"id":"1","name":"a, \"b\"","tags":["p"],"at":"2020-01-02 03:04:05.5 UTC","day":"2020-02-29","n":"1.5","r":{"x":1.0,"b":[]},"list":[{"k":"é"}]}` + "\n" +
		`{"id":"2","name":"","tags":[],"list":[]}` + "\n"
	if diff := cmp.Diff(lines, read("bucket/j.json")); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	// What was extracted is what can be loaded.
	if _, err := loadData(t, c, "back", bq.JSON, lines, nestedSchema, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rowsOf(t, c.Query("SELECT * FROM cdm.j ORDER BY id")), rowsOf(t, c.Query("SELECT * FROM cdm.back ORDER BY id"))); diff != "" {
		t.Errorf("loaded again (-want +got):\n%s", diff)
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "bucket", "link")); err != nil {
		t.Fatal(err)
	}
	for uri, want := range map[string]string{
		"gs://bucket/../../x": "must not have the part", "gs://bucket/a/../x": "must not have the part", "gs://../x": "is no bucket's name", "gs://bucket//x": "must not have the part",
		"gs://bucket/./x": "must not have the part", "file:///tmp/x": "Google Cloud Storage location", "/tmp/x": "Google Cloud Storage location", "gs://bucket/": "Google Cloud Storage location",
		"gs://bucket/link/x.csv": "cannot be written", "gs://bucket/*/*": "one *", "gs://a..b/x": "is no bucket's name", "gs://bucket/a\\..\\x": "must not have the part",
	} {
		if err := extract("flat", uri, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", uri, err, want)
		}
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 0 {
		t.Errorf("outside the folder: %v, %v", left, err)
	}
	if err := extract("j", "gs://bucket/n.csv", nil); err == nil || !strings.Contains(err.Error(), "nested schema") {
		t.Errorf("nested fields as CSV: %v", err)
	}
	for _, f := range []bq.DataFormat{bq.Avro, bq.Parquet} {
		if err := extract("flat", "gs://bucket/n.x", func(_ *bq.Extractor, g *bq.GCSReference) { g.DestinationFormat = f }); err == nil || !strings.Contains(err.Error(), "not supported") {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "bucket", "n.csv")); err == nil {
		t.Error("a refused extract left a file")
	}
}
