package bigquery_test

import (
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

// TestJSONColumns holds that JSON goes into a table by every way and comes out as
// its canonical text.
func TestJSONColumns(t *testing.T) {
	c := start(t)
	schema := bq.Schema{{Name: "id", Type: bq.IntegerFieldType}, {Name: "j", Type: bq.JSONFieldType}, {Name: "list", Type: bq.JSONFieldType, Repeated: true}}
	src := bq.NewReaderSource(strings.NewReader(
		`{"id": 1, "j": {"b": [1, 2.50, "x"], "a": null, "b": 2}}` + "\n" +
			`{"id": 2, "j": "a string", "list": [1, {"z": 1, "y": 2}]}` + "\n" + `{"id": 3}` + "\n"))
	src.SourceFormat, src.Schema = bq.JSON, schema
	job, err := c.Dataset("cdm").Table("docs").LoaderFrom(src).Run(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if st, err := job.Wait(ctxOf(t)); err != nil || st.Err() != nil {
		t.Fatal(err, st.Err())
	}
	if err := loadCSV(t, c, "cdm", "flat", "id,j\n4,\"{\"\"k\"\": 1e2}\"\n5,\n", schema[:2], nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`4|{"k":100.0}`, "5|<nil>"}, rowsOf(t, c.Query("SELECT id, j FROM cdm.flat ORDER BY id"))); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	if err := loadCSV(t, c, "cdm", "flat", "id,j\n6,{\n", schema[:2], nil); err == nil || !strings.Contains(err.Error(), "Could not parse '{' as JSON") {
		t.Errorf("CSV with broken JSON: %v", err)
	}
	ins := c.Dataset("cdm").Table("docs").Inserter()
	if err := ins.Put(ctxOf(t), &bq.ValuesSaver{Schema: schema, Row: []bq.Value{5, `{"n": "\u00e9"}`, []bq.Value{}}}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`1|{"a":null,"b":[1,2.5,"x"]}|[]|<nil>`, `2|"a string"|[1 {"y":2,"z":1}]|2`, `3|<nil>|[]|<nil>`, `5|{"n":"é"}|[]|<nil>`,
	}
	if diff := cmp.Diff(want, rowsOf(t, c.Query("SELECT id, j, list, list[SAFE_OFFSET(1)].y FROM cdm.docs ORDER BY id"))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	md, err := c.Dataset("cdm").Table("docs").Metadata(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if md.Schema[1].Type != bq.JSONFieldType || md.NumBytes == 0 {
		t.Errorf("metadata: %v, %d bytes", md.Schema[1].Type, md.NumBytes)
	}
	q := c.Query("SELECT @j.a[0], @j")
	q.Parameters = []bq.QueryParameter{{Name: "j", Value: bq.NullJSON{JSONVal: `{"b": 1, "a": [7]}`, Valid: true}}}
	if diff := cmp.Diff([]string{`7|{"a":[7],"b":1}`}, rowsOf(t, q)); diff != "" {
		t.Errorf("a parameter (-want +got):\n%s", diff)
	}
}

// TestJSONIsNotCompared holds what BigQuery refuses of JSON.
func TestJSONIsNotCompared(t *testing.T) {
	c := start(t)
	for _, sql := range []string{
		"SELECT JSON '1' = JSON '1'", "SELECT j FROM (SELECT JSON '1' AS j) ORDER BY j", "SELECT DISTINCT j FROM (SELECT JSON '1' AS j)",
		"SELECT j FROM (SELECT JSON '1' AS j) GROUP BY j", "SELECT JSON '1' IN (JSON '1')", "SELECT MAX(JSON '1')",
		"SELECT JSON '1.00000000000000000001'", "SELECT PARSE_JSON('{')", "SELECT TO_JSON(NUMERIC '12345678901234567.123456789')",
	} {
		it, err := c.Query(sql).Read(ctxOf(t))
		if err == nil {
			var row []bq.Value
			t.Errorf("%s: got %v (%v)", sql, row, it.Next(&row))
		} else if !strings.Contains(err.Error(), "invalidQuery") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
