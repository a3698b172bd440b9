package bigquery_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// loadData loads data of any format and waits.
func loadData(t testing.TB, c *bq.Client, table string, format bq.DataFormat, data string, schema bq.Schema, set func(*bq.Loader, *bq.ReaderSource)) (*bq.JobStatus, error) {
	t.Helper()
	src := bq.NewReaderSource(strings.NewReader(data))
	src.SourceFormat, src.Schema = format, schema
	l := c.Dataset("cdm").Table(table).LoaderFrom(src)
	if set != nil {
		set(l, src)
	}
	job, err := l.Run(ctxOf(t))
	if err != nil {
		return nil, err
	}
	st, err := job.Wait(ctxOf(t))
	if err != nil {
		return nil, err
	}
	err = st.Err()
	return st, err
}

var nestedSchema = bq.Schema{
	{Name: "id", Type: bq.IntegerFieldType, Required: true},
	{Name: "name", Type: bq.StringFieldType},
	{Name: "tags", Type: bq.StringFieldType, Repeated: true},
	{Name: "at", Type: bq.TimestampFieldType},
	{Name: "day", Type: bq.DateFieldType},
	{Name: "n", Type: bq.NumericFieldType},
	{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{
		{Name: "x", Type: bq.FloatFieldType}, {Name: "b", Type: bq.BooleanFieldType, Repeated: true}}},
	{Name: "list", Type: bq.RecordFieldType, Repeated: true, Schema: bq.Schema{{Name: "k", Type: bq.StringFieldType, Required: true}, {Name: "v", Type: bq.BytesFieldType}}},
}

func TestLoadJSON(t *testing.T) {
	c := start(t)
	rows := func() []string { return rowsOf(t, c.Query("SELECT * FROM cdm.j ORDER BY id")) }
	data := `{"id": 1, "name": "a\n\"b\" é", "tags": ["p", "q"], "at": "2020-01-02 03:04:05+02", "day": "2020-02-29", "n": 1.5, "r": {"x": 1e2, "b": [true, false]}, "list": [{"k": "one", "v": "aGk="}, {"k": "two"}]}

{"ID": "2", "r": {"x": null}, "tags": null}
 {"id":3,"n":"-0.000000001","r":null,"list":[],"name":7}`
	st, err := loadData(t, c, "j", bq.JSON, data, nestedSchema, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1|a\n\"b\" é|[p q]|2020-01-02 01:04:05 +0000 UTC|2020-02-29|3/2|[100 [true false]]|[[one [104 105]] [two <nil>]]",
		"2|<nil>|[]|<nil>|<nil>|<nil>|[<nil> []]|[]",
		"3|7|[]|<nil>|<nil>|-1/1000000000|<nil>|[]",
	}
	if diff := cmp.Diff(want, rows()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := st.Statistics.Details.(*bq.LoadStatistics); got.OutputRows != 3 || got.InputFileBytes != int64(len(data)) {
		t.Errorf("statistics: %+v", got)
	}
	for _, tc := range []struct{ name, data, want string }{
		{"unknown field", `{"id": 4, "other": 1}`, "no such field: other.; row: 1"},
		{"unknown field within", `{"id": 4, "r": {"y": 1}}`, "no such field: r.y."},
		{"no JSON", "{\"id\": 4}\n{\"id\": ", "JSON parsing error: the row is no JSON object; row: 2"},
		{"no object", `[1]`, "no JSON object"},
		{"REQUIRED", `{"name": "x"}`, "Missing required field: id."},
		{"REQUIRED within", `{"id": 4, "list": [{"v": "aGk="}]}`, "Missing required field: list.k."},
		{"NULL element", `{"id": 4, "tags": ["a", null]}`, "Only optional fields can be set to NULL"},
		{"no array", `{"id": 4, "tags": "a"}`, "Repeated field must be imported as a JSON array"},
		{"an array", `{"id": [4]}`, "Array specified for non-repeated field: id."},
		{"an object", `{"id": 4, "name": {"a": 1}}`, "This field: name is not a record."},
		{"no record", `{"id": 4, "r": 1}`, "This field: r is not a record."},
		{"bad value", `{"id": 4.5}`, "Cannot convert value to int64 (bad value): 4.5"},
		{"too large", `{"id": 9223372036854775808}`, "Cannot convert value to int64"},
		{"bad date", `{"id": 4, "day": "2020-02-30"}`, "Cannot convert value to date"},
		{"twice", `{"id": 4, "Id": 5}`, "given twice"},
		{"a number for a timestamp", `{"id": 4, "at": 1577934245}`, "not supported"},
	} {
		_, err := loadData(t, c, "j", bq.JSON, tc.data, nestedSchema, nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	if diff := cmp.Diff(want, rows()); diff != "" {
		t.Errorf("a bad load changed the rows (-want +got):\n%s", diff)
	}
	st, err = loadData(t, c, "j", bq.JSON, "{\"id\":10,\"zz\":[{}]}\nnonsense\n{\"id\":11}", nestedSchema, func(l *bq.Loader, s *bq.ReaderSource) {
		l.WriteDisposition = bq.WriteTruncate
		s.IgnoreUnknownValues, s.MaxBadRecords = true, 1
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, c.Query("SELECT id FROM cdm.j ORDER BY id")); cmp.Diff([]string{"10", "11"}, got) != "" || len(st.Errors) != 1 {
		t.Errorf("with one bad record allowed: %v, %v", got, st.Errors)
	}
	if _, err = loadData(t, c, "j", bq.JSON, "x\ny\n{\"id\":12}", nestedSchema, func(_ *bq.Loader, s *bq.ReaderSource) { s.MaxBadRecords = 1 }); err == nil || !strings.Contains(err.Error(), "too many errors") {
		t.Errorf("two bad records: %v", err)
	}
}

func TestLoadCSVBadRecords(t *testing.T) {
	c := start(t)
	schema := bq.Schema{{Name: "i", Type: bq.IntegerFieldType, Required: true}, {Name: "s", Type: bq.StringFieldType}}
	const data = "1,a\nx,b\n,c\n4,\n5,e,f\n6,\xff\n7,g\n"
	st, err := loadData(t, c, "x", bq.CSV, data, schema, func(_ *bq.Loader, s *bq.ReaderSource) { s.MaxBadRecords = 4 })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1|a", "4|<nil>", "7|g"}, rowsOf(t, c.Query("SELECT * FROM cdm.x ORDER BY i"))); diff != "" || len(st.Errors) != 4 {
		t.Errorf("%d errors, rows (-want +got):\n%s", len(st.Errors), diff)
	}
	if _, err := loadData(t, c, "x", bq.CSV, data, schema, func(_ *bq.Loader, s *bq.ReaderSource) { s.MaxBadRecords = 3 }); err == nil || !strings.Contains(err.Error(), "too many errors") {
		t.Errorf("one too many: %v", err)
	}
	// Several gzip members are one file.
	var zipped bytes.Buffer
	for _, part := range []string{"10,x\n", "11,y\n"} {
		z := gzip.NewWriter(&zipped)
		fmt.Fprint(z, part)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := loadData(t, c, "z", bq.CSV, zipped.String(), schema, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10|x", "11|y"}, rowsOf(t, c.Query("SELECT * FROM cdm.z ORDER BY i"))); diff != "" {
		t.Errorf("gzip members (-want +got):\n%s", diff)
	}
}

func TestLoadSchemaUpdates(t *testing.T) {
	c := start(t)
	first := bq.Schema{{Name: "i", Type: bq.IntegerFieldType, Required: true}, {Name: "s", Type: bq.StringFieldType, Required: true},
		{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "a", Type: bq.IntegerFieldType}}}}
	if _, err := loadData(t, c, "e", bq.JSON, `{"i":1,"s":"x","r":{"a":1}}`, first, nil); err != nil {
		t.Fatal(err)
	}
	next := bq.Schema{{Name: "i", Type: bq.IntegerFieldType, Required: true}, {Name: "s", Type: bq.StringFieldType},
		{Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "a", Type: bq.IntegerFieldType}, {Name: "b", Type: bq.StringFieldType}}},
		{Name: "more", Type: bq.FloatFieldType, Repeated: true}}
	const row = `{"i":2,"r":{"a":2,"b":"y"},"more":[0.5]}`
	for _, tc := range []struct {
		options []string
		want    string
	}{
		{nil, "Cannot add fields (field: "}, {[]string{"ALLOW_FIELD_RELAXATION"}, "Cannot add fields (field: "},
		{[]string{"ALLOW_FIELD_ADDITION"}, "Field s has changed mode from REQUIRED to NULLABLE"},
	} {
		_, err := loadData(t, c, "e", bq.JSON, row, next, func(l *bq.Loader, _ *bq.ReaderSource) { l.SchemaUpdateOptions = tc.options })
		if tc.options == nil && err != nil && strings.Contains(err.Error(), "changed mode") {
			continue // the first difference
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: %v, want %q", tc.options, err, tc.want)
		}
	}
	if _, err := loadData(t, c, "e", bq.JSON, row, next, func(l *bq.Loader, _ *bq.ReaderSource) {
		l.SchemaUpdateOptions = []string{"ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"}
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"1|x|[1 <nil>]|[]", "2|<nil>|[2 y]|[0.5]"}
	if diff := cmp.Diff(want, rowsOf(t, c.Query("SELECT * FROM cdm.e ORDER BY i"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	md, err := c.Dataset("cdm").Table("e").Metadata(ctxOf(t))
	if err != nil || len(md.Schema) != 4 || md.Schema[1].Required || len(md.Schema[2].Schema) != 2 || !md.Schema[0].Required {
		t.Errorf("schema: %v, %v", md, err)
	}
}

type parquetRow struct {
	ID     int64      `parquet:"id"`
	Name   *string    `parquet:"name,optional"`
	Score  float64    `parquet:"score"`
	Day    int32      `parquet:"day,date"`
	At     int64      `parquet:"at,timestamp(microsecond)"`
	Price  int64      `parquet:"price,decimal(2:9)"`
	Tags   []string   `parquet:"tags"`
	Inner  *innerRow  `parquet:"inner,optional"`
	Many   []innerRow `parquet:"many"`
	Listed []int64    `parquet:"listed,list"`
}

type innerRow struct {
	A int32   `parquet:"a"`
	B []int32 `parquet:"b"`
}

func TestLoadParquet(t *testing.T) {
	c := start(t)
	name := "é"
	rows := []parquetRow{
		{1, &name, 1.5, 18262, 1577934245000006, -1234, []string{"a", "b"}, &innerRow{5, []int32{1, 2}}, []innerRow{{1, nil}, {2, []int32{3}}}, []int64{7, 8}},
		{2, nil, -0.25, -1, -1, 0, nil, nil, nil, nil},
	}
	for i := range 3000 {
		rows = append(rows, parquetRow{ID: int64(i + 3), Tags: []string{fmt.Sprint(i)}, Many: []innerRow{{A: int32(i), B: []int32{1, 2, 3}}}})
	}
	for codec, o := range map[string]parquet.WriterOption{"snappy": parquet.Compression(&parquet.Snappy), "zstd": parquet.Compression(&parquet.Zstd), "gzip": parquet.Compression(&parquet.Gzip)} {
		var b bytes.Buffer
		w := parquet.NewGenericWriter[parquetRow](&b, o, parquet.MaxRowsPerRowGroup(1000))
		if _, err := w.Write(rows); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := loadData(t, c, "p"+codec, bq.Parquet, b.String(), nil, func(_ *bq.Loader, s *bq.ReaderSource) {
			s.ParquetOptions = &bq.ParquetOptions{EnableListInference: true}
		}); err != nil {
			t.Fatalf("%s: %v", codec, err)
		}
		want := []string{
			"1|é|1.5|2020-01-01|2020-01-02 03:04:05.000006 +0000 UTC|-617/50|[a b]|[5 [1 2]]|[[1 []] [2 [3]]]|[7 8]",
			"2|<nil>|-0.25|1969-12-31|1969-12-31 23:59:59.999999 +0000 UTC|0/1|[]|<nil>|[]|[]",
		}
		if diff := cmp.Diff(want, rowsOf(t, c.Query("SELECT * FROM cdm.p"+codec+" WHERE id < 3 ORDER BY id"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", codec, diff)
		}
		if diff := cmp.Diff([]string{"3002|4507500|9000"}, rowsOf(t, c.Query("SELECT COUNT(*), SUM(IF(id > 2, id, 0)), (SELECT COUNT(*) FROM cdm.p"+codec+" q, q.many m, m.b WHERE q.id > 2) FROM cdm.p"+codec))); diff != "" {
			t.Errorf("%s sums (-want +got):\n%s", codec, diff)
		}
		// A broken file is the caller's fault, and loads nothing.
		for _, cut := range []int{b.Len() / 2, b.Len() - 3} {
			if _, err := loadData(t, c, "broken", bq.Parquet, b.String()[:cut], nil, nil); err == nil || !strings.Contains(err.Error(), "Parquet") {
				t.Errorf("%s cut at %d: %v", codec, cut, err)
			}
		}
		torn := append([]byte{}, b.Bytes()...)
		for i := 100; i < 400; i++ {
			torn[i] ^= 0x5a
		}
		if _, err := loadData(t, c, "broken", bq.Parquet, string(torn), nil, nil); err == nil {
			t.Logf("%s: changed bytes were not noticed", codec)
		}
	}
	// Without list inference a LIST is the record that it is made of.
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b)
	if _, err := w.Write(rows[:1]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := loadData(t, c, "plain", bq.Parquet, b.String(), nil, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"8"}, rowsOf(t, c.Query("SELECT listed.list[OFFSET(1)].element FROM cdm.plain"))); diff != "" {
		t.Errorf("a LIST as a record (-want +got):\n%s", diff)
	}
	// By name into a table that has more columns in another order.
	if err := c.Dataset("cdm").Table("byname").Create(ctxOf(t), &bq.TableMetadata{Schema: bq.Schema{
		{Name: "score", Type: bq.FloatFieldType}, {Name: "extra", Type: bq.StringFieldType}, {Name: "id", Type: bq.IntegerFieldType}}}); err != nil {
		t.Fatal(err)
	}
	type small struct {
		ID    int64   `parquet:"id"`
		Score float64 `parquet:"score"`
	}
	var sb bytes.Buffer
	sw := parquet.NewGenericWriter[small](&sb)
	if _, err := sw.Write([]small{{4, 2.5}}); err != nil {
		t.Fatal(err)
	}
	if err := sw.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := loadData(t, c, "byname", bq.Parquet, sb.String(), nil, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2.5|<nil>|4"}, rowsOf(t, c.Query("SELECT * FROM cdm.byname"))); diff != "" {
		t.Errorf("by name (-want +got):\n%s", diff)
	}
	if _, err := loadData(t, c, "byname", bq.Parquet, sb.String(), bq.Schema{{Name: "id", Type: bq.StringFieldType}, {Name: "score", Type: bq.FloatFieldType}}, nil); err == nil || !strings.Contains(err.Error(), "does not match the target type STRING") {
		t.Errorf("another type: %v", err)
	}
}

// TestLoadFromStorage loads gs:// objects from a local Cloud Storage, and nothing
// else by a URI.
func TestLoadFromStorage(t *testing.T) {
	objects := map[string]string{"a/1.csv": "1\n2\n", "a/2.csv": "3\n", "b.csv": "9\n"}
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const root = "/storage/v1/b/bucket/o"
		name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, root), "/")
		if name == "" {
			var page struct {
				Items []map[string]string `json:"items"`
			}
			for n := range objects {
				if strings.HasPrefix(n, r.URL.Query().Get("prefix")) {
					page.Items = append(page.Items, map[string]string{"name": n})
				}
			}
			_ = json.NewEncoder(w).Encode(page)
			return
		}
		data, ok := objects[name]
		if !ok || r.URL.Query().Get("alt") != "media" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, data)
	}))
	defer storage.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(storage.URL, "http://"))
	c := start(t)
	load := func(uris ...string) error {
		ref := bq.NewGCSReference(uris...)
		ref.Schema = bq.Schema{{Name: "i", Type: bq.IntegerFieldType}}
		l := c.Dataset("cdm").Table("g").LoaderFrom(ref)
		l.WriteDisposition = bq.WriteTruncate
		job, err := l.Run(ctxOf(t))
		if err != nil {
			return err
		}
		st, err := job.Wait(ctxOf(t))
		if err != nil {
			return err
		}
		return st.Err()
	}
	if err := load("gs://bucket/a/*.csv", "gs://bucket/b.csv"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"4|15"}, rowsOf(t, c.Query("SELECT COUNT(*), SUM(i) FROM cdm.g"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for uri, want := range map[string]string{
		"gs://bucket/none.csv": "Not found: URI", "gs://bucket/z*": "Not found: Uris", "file:///etc/passwd": "must be a Google Cloud Storage location",
		"/etc/passwd": "must be a Google Cloud Storage location", "https://example.com/x": "must be a Google Cloud Storage location", "gs://bucket": "must be a Google Cloud Storage location",
	} {
		if err := load(uri); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", uri, err, want)
		}
	}
}

// TestInterruptedUpload sends a resumable upload in pieces that break off and
// repeat.
func TestInterruptedUpload(t *testing.T) {
	c, s := bqtest.StartIn(t, t.TempDir())
	if err := c.Dataset("cdm").Create(ctxOf(t), nil); err != nil {
		t.Fatal(err)
	}
	const data = "1\n2\n3\n4\n"
	send := func(method, url, body string, header map[string]string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(ctxOf(t), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	res := send("POST", s.URL()+"/upload/bigquery/v2/projects/demo-test/jobs?uploadType=resumable",
		`{"jobReference":{"jobId":"up"},"configuration":{"load":{"destinationTable":{"datasetId":"cdm","tableId":"u"},"schema":{"fields":[{"name":"i","type":"INTEGER"}]}}}}`, nil)
	at := res.Header.Get("Location")
	for _, step := range []struct {
		name, body, span string
		code             int
		have             string
	}{
		{"ask at first", "", "bytes */*", 308, ""},
		{"a gap", data[4:], "bytes 4-7/8", 400, ""},
		{"nonsense", data, "bytes x-y/8", 400, ""},
		{"the wrong way round", data, "bytes 7-0/8", 400, ""},
		{"beyond the end", data, "bytes 0-7/4", 400, ""},
		{"not what the body holds", data, "bytes 0-3/8", 400, ""},
		{"the first piece", data[:4], "bytes 0-3/8", 308, "bytes=0-3"},
		{"another size", data[4:], "bytes 4-7/9", 400, ""},
		{"how much is there", "", "bytes */8", 308, "bytes=0-3"},
		{"a piece again", data[2:6], "bytes 2-5/8", 308, "bytes=0-5"},
		{"the rest", data[6:], "bytes 6-7/8", 200, ""},
		{"after the end", data[6:], "bytes 6-7/8", 404, ""},
	} {
		res := send("PUT", at, step.body, map[string]string{"Content-Range": step.span})
		if res.StatusCode != step.code || res.Header.Get("Range") != step.have && step.code == 308 {
			t.Errorf("%s: %d, %q, want %d, %q", step.name, res.StatusCode, res.Header.Get("Range"), step.code, step.have)
		}
	}
	j, err := c.JobFromID(ctxOf(t), "up")
	if err != nil {
		t.Fatal(err)
	}
	if st, err := j.Wait(ctxOf(t)); err != nil || st.Err() != nil {
		t.Fatal(err, st)
	}
	if diff := cmp.Diff([]string{"4|10"}, rowsOf(t, c.Query("SELECT COUNT(*), SUM(i) FROM cdm.u"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInsertAll(t *testing.T) {
	c := start(t)
	ctx := ctxOf(t)
	table := c.Dataset("cdm").Table("s")
	schema := bq.Schema{{Name: "i", Type: bq.IntegerFieldType, Required: true}, {Name: "at", Type: bq.TimestampFieldType}}
	create := func() {
		t.Helper()
		if err := table.Create(ctx, &bq.TableMetadata{Schema: schema}); err != nil {
			t.Fatal(err)
		}
	}
	create()
	row := func(id string, v map[string]bq.Value) *bq.ValuesSaver {
		return &bq.ValuesSaver{InsertID: id, Schema: schema, Row: []bq.Value{v["i"], v["at"]}}
	}
	count := func(want string) {
		t.Helper()
		if diff := cmp.Diff([]string{want}, rowsOf(t, c.Query("SELECT CONCAT(COUNT(*), ' ', IFNULL(SUM(i), 0)) FROM cdm.s"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	put := func(skip, ignore bool, rows ...bq.ValueSaver) bq.PutMultiError {
		t.Helper()
		ins := table.Inserter()
		ins.SkipInvalidRows, ins.IgnoreUnknownValues = skip, ignore
		err := ins.Put(ctx, rows)
		var multi bq.PutMultiError
		if errors.As(err, &multi) {
			return multi
		}
		if err != nil {
			t.Fatal(err)
		}
		return nil
	}
	good := func(ignore bool, rows ...bq.ValueSaver) {
		t.Helper()
		if bad := put(false, ignore, rows...); bad != nil {
			t.Errorf("rows were refused: %v", bad)
		}
	}
	when := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	good(false, row("a", map[string]bq.Value{"i": 1, "at": when}), row("b", map[string]bq.Value{"i": 2}), row("a", map[string]bq.Value{"i": 1}))
	count("2 3")
	good(false, row("b", map[string]bq.Value{"i": 2}), row("c", map[string]bq.Value{"i": 3}), row("", map[string]bq.Value{"i": 4}))
	count("4 10")
	// A bad row stops the others, unless they are to be skipped; the id of a row
	// that was not written is not taken.
	bad := put(false, false, row("d", map[string]bq.Value{"i": 5}), row("e", map[string]bq.Value{"i": "x"}), row("f", map[string]bq.Value{}))
	if len(bad) != 3 {
		t.Errorf("errors: %v", bad)
	}
	count("4 10")
	if bad = put(true, false, row("d", map[string]bq.Value{"i": 5}), row("e", map[string]bq.Value{"i": "x"})); len(bad) != 1 || bad[0].RowIndex != 1 || bad[0].InsertID != "e" {
		t.Errorf("errors: %+v", bad)
	}
	count("5 15")
	unknown := func() bq.ValueSaver {
		return &bq.ValuesSaver{Schema: append(bq.Schema{{Name: "zz", Type: bq.IntegerFieldType}}, schema...), Row: []bq.Value{1, 6, nil}}
	}
	if bad = put(false, false, unknown()); len(bad) != 1 || !strings.Contains(bad.Error(), "1 row insertion") {
		t.Errorf("an unknown field: %v", bad)
	}
	good(true, unknown())
	count("6 21")
	// A table that is made anew knows no ids.
	if err := table.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	for again := time.Now(); time.Now().UnixMilli() == again.UnixMilli(); {
		continue // a table is told apart by the millisecond of its creation
	}
	create()
	good(false, row("a", map[string]bq.Value{"i": 1}))
	count("1 1")
}
