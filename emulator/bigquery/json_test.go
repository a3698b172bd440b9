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

// TestJSONQueries holds what SQL makes of the functions of JSON.
func TestJSONQueries(t *testing.T) {
	c := start(t)
	for sql, want := range map[string]string{
		`SELECT j.a[1].b, j['a'][0], j.n, j.zz FROM (SELECT JSON '{"a":[1,{"b":"x"}],"n":null}' AS j)`:                                                                        `"x"|1|null|<nil>`,
		`SELECT TO_JSON(t), TO_JSON_STRING(t) FROM (SELECT 2 AS b, [STRUCT(TRUE AS y, 1.0 AS x)] AS a, CAST(NULL AS ARRAY<INT64>) AS n) AS t`:                                 `{"a":[{"x":1.0,"y":true}],"b":2,"n":null}|{"b":2,"a":[{"y":true,"x":1}],"n":null}`,
		`SELECT TO_JSON_STRING(STRUCT(1 AS id, [10] AS c), TRUE)`:                                                                                                             "{\n  \"id\": 1,\n  \"c\": [\n    10\n  ]\n}",
		`SELECT TO_JSON([9007199254740993], stringify_wide_numbers=>TRUE), TO_JSON_STRING(NUMERIC '1.50')`:                                                                    `["9007199254740993"]|"1.5"`,
		`SELECT TO_JSON(STRUCT(TIMESTAMP '2020-01-02 03:04:05.123456+00' AS t, DATETIME '0001-01-01 00:00:00' AS c, b'abc' AS x, INTERVAL 1 MONTH AS v))`:                     `{"c":"0001-01-01T00:00:00","t":"2020-01-02T03:04:05.123456Z","v":"P1M","x":"YWJj"}`,
		`SELECT SAFE.PARSE_JSON('{'), SAFE.INT64(JSON '"a"'), SAFE.TO_JSON(NUMERIC '12345678901234567.123456789'), SAFE.JSON_ARRAY(1, NUMERIC '12345678901234567.123456789')`: "<nil>|<nil>|<nil>|<nil>",
		`SELECT JSON_SET(JSON 'null', '$.a[1]', [1], '$.b', NULL), JSON_SET(JSON '{}', '$.a', 1, create_if_missing=>FALSE)`:                                                   `{"a":[null,[1]],"b":null}|{}`,
		`SELECT JSON_ARRAY_APPEND(JSON '[]', '$', [1, 2], '$', JSON '[3]'), JSON_ARRAY_INSERT(JSON '[1]', '$[0]', [5], insert_each_element=>FALSE)`:                           `[1,2,[3]]|[[5],1]`,
		`SELECT JSON_OBJECT('b', 1, 'a', NULL, 'b', 2), JSON_OBJECT(['x'], [STRUCT(1 AS k)]), JSON_ARRAY(), JSON_REMOVE(JSON '{"a":1}', '$.a')`:                               `{"a":null,"b":1}|{"x":{"k":1}}|[]|{}`,
		`SELECT LAX_INT64(JSON '"1.5"'), LAX_STRING(JSON '1.0'), JSON_KEYS(JSON '{"a":{"b":1}}'), JSON_TYPE(JSON '[]'), JSON_VALUE('{"a": 1.50', '$.a')`:                      `2|1|[a a.b]|array|1.50`,
		`SELECT SUM(INT64(j.x)) FROM (SELECT JSON_OBJECT('x', i, 'long', REPEAT('a', 20)) AS j FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS i)`:                                    "12502500",
		`SELECT IF(JSON_TYPE(j) = 'number', INT64(j), 0) FROM UNNEST([JSON '"a"']) AS j`:                                                                                      "0",
	} {
		if diff := cmp.Diff([]string{want}, rowsOf(t, c.Query(sql))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
}

// TestJSONRefused holds what of JSON is an error in BigQuery.
func TestJSONRefused(t *testing.T) {
	c := start(t)
	for _, sql := range []string{
		"SELECT JSON '1' = JSON '1'", "SELECT j FROM (SELECT JSON '1' AS j) ORDER BY j", "SELECT DISTINCT j FROM (SELECT JSON '1' AS j)",
		"SELECT j FROM (SELECT JSON '1' AS j) GROUP BY j", "SELECT JSON '1' IN (JSON '1')", "SELECT MAX(JSON '1')",
		"SELECT INT64_ARRAY(JSON '[1]')", "SELECT JSON_CONTAINS(JSON '1', JSON '1')", "SELECT JSON_VALUE('{}', 'a')", "SELECT JSON_OBJECT(NULL, 1)",
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
