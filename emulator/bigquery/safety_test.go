package bigquery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// TestSQLReachesNothing holds that no statement reads or writes outside the data.
func TestSQLReachesNothing(t *testing.T) {
	c := startWithPersons(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT * FROM read_csv('%s')", "SELECT * FROM read_text('%s')", "SELECT * FROM read_blob('%s')", "SELECT * FROM '%s'", "SELECT * FROM `%s`",
		"SELECT read_text('%s')", "SELECT getenv('HOME')", "SELECT * FROM glob('/*')", "SELECT * FROM duckdb_settings()", "SELECT current_setting('memory_limit')",
		"SELECT * FROM sniff_csv('%s')", "SELECT * FROM parquet_scan('%s')", "SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')",
		"COPY cdm.person TO '%s.out'", "ATTACH '%s.out'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "SET memory_limit = '1TB'", "SET enable_external_access = true",
		"EXPORT DATA OPTIONS (uri = '%s*', format = 'CSV') AS SELECT 1 AS x", "LOAD DATA INTO cdm.x FROM FILES (format = 'CSV', uris = ['%s'])",
		"CREATE EXTERNAL TABLE cdm.e OPTIONS (format = 'CSV', uris = ['%s'])", "CREATE FUNCTION cdm.f() RETURNS STRING LANGUAGE js AS 'return 1'",
		"SELECT '%s'; COPY cdm.person TO '%s.out'", "SELECT * FROM hub_log", "SELECT * FROM main.hub_log", "SELECT * FROM information_schema.tables", "CALL pragma_version()",
		"SELECT 1 AS `x\"; ATTACH '%s.out' AS y; --`", "CREATE TABLE cdm.`x\"; DROP TABLE hub_log; --` AS SELECT 1 AS a",
	} {
		sql = strings.ReplaceAll(sql, "%s", secret)
		it, err := c.Query(sql).Read(ctxOf(t))
		if err != nil {
			if code := codeOf(err); code != 400 && code != 403 && code != 404 && code != 501 {
				t.Errorf("%s: %v", sql, err)
			}
			continue
		}
		if rows := strings.Join(textRows(t, it), "\n"); strings.Contains(rows, "s3cret") || strings.Contains(rows, "memory") {
			t.Errorf("%s gave %s", sql, rows)
		}
	}
	left, err := os.ReadDir(filepath.Dir(secret))
	if err != nil || len(left) != 1 {
		t.Errorf("files were written: %v, %v", left, err)
	}
	if got := rowsOf(t, c.Query("SELECT COUNT(*) FROM cdm.person")); got[0] != "4" {
		t.Errorf("persons: %v", got)
	}
}

// TestNoFaultOfTheServer sends broken and changed requests everywhere: each is the
// caller's fault, told in the API's form.
func TestNoFaultOfTheServer(t *testing.T) {
	_, s := bqtest.StartIn(t, t.TempDir())
	send := func(method, path string, body []byte) (int, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctxOf(t), method, s.URL()+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, b
	}
	const p = "/bigquery/v2/projects/demo-test"
	if code, b := send("POST", p+"/datasets", []byte(`{"datasetReference":{"datasetId":"cdm"}}`)); code != 200 {
		t.Fatalf("%d %s", code, b)
	}
	bodies := []string{
		`{"datasetReference":{"datasetId":"d2"},"labels":{"a":"b"},"access":[{"role":"READER"}],"defaultTableExpirationMs":"3600000"}`,
		`{"tableReference":{"tableId":"t"},"schema":{"fields":[{"name":"i","type":"INTEGER","mode":"REQUIRED"},{"name":"r","type":"RECORD","mode":"REPEATED","fields":[{"name":"x","type":"STRING"}]}]},"timePartitioning":{"type":"DAY","field":"i"},"clustering":{"fields":["i"]},"expirationTime":"99999999999999"}`,
		`{"rows":[{"insertId":"a","json":{"i":1,"r":[{"x":"y"}]}}],"skipInvalidRows":true,"ignoreUnknownValues":false}`,
		`{"query":"SELECT @p","useLegacySql":false,"parameterMode":"NAMED","queryParameters":[{"name":"p","parameterType":{"type":"ARRAY","arrayType":{"type":"STRUCT","structTypes":[{"name":"a","type":{"type":"DATE"}}]}},"parameterValue":{"arrayValues":[{"structValues":{"a":{"value":"2020-01-01"}}}]}}],"maxResults":1,"timeoutMs":1000,"formatOptions":{"useInt64Timestamp":true}}`,
		`{"jobReference":{"jobId":"j"},"configuration":{"query":{"query":"SELECT 1 AS a","useLegacySql":false,"destinationTable":{"projectId":"demo-test","datasetId":"cdm","tableId":"o"},"writeDisposition":"WRITE_TRUNCATE"},"jobTimeoutMs":"5000"}}`,
		`{"configuration":{"copy":{"sourceTable":{"datasetId":"cdm","tableId":"t"},"destinationTable":{"datasetId":"cdm","tableId":"c"}}}}`,
		`{"configuration":{"extract":{"sourceTable":{"datasetId":"cdm","tableId":"t"},"destinationUris":["gs://bucket/x"]}}}`,
		`{"configuration":{"load":{"sourceUris":["gs://bucket/x"],"destinationTable":{"datasetId":"cdm","tableId":"t"},"schema":{"fields":[{"name":"i","type":"INTEGER"}]}}}}`,
	}
	paths := []string{"POST " + p + "/datasets", "PATCH " + p + "/datasets/cdm", "PUT " + p + "/datasets/cdm", "POST " + p + "/datasets/cdm/tables", "PATCH " + p + "/datasets/cdm/tables/t",
		"PUT " + p + "/datasets/cdm/tables/t", "POST " + p + "/datasets/cdm/tables/t/insertAll", "POST " + p + "/queries", "POST " + p + "/jobs",
		"POST /upload/bigquery/v2/projects/demo-test/jobs?uploadType=multipart", "POST /upload/bigquery/v2/projects/demo-test/jobs?uploadType=x"}
	random := rand.New(rand.NewPCG(3, 4))
	check := func(what string, code int, b []byte) {
		t.Helper()
		if code < 400 {
			return
		}
		var e struct {
			Error struct {
				Message string
				Errors  []struct{ Reason string }
			}
		}
		if json.Unmarshal(b, &e) != nil || len(e.Error.Errors) != 1 || e.Error.Errors[0].Reason == "" || e.Error.Message == "" {
			t.Errorf("%s: %d %s is no error of the API", what, code, b)
		}
		if code >= 500 && code != 501 {
			t.Errorf("%s: %d %s", what, code, b)
		}
	}
	for round := range 600 {
		method, path, _ := strings.Cut(paths[random.IntN(len(paths))], " ")
		body := changed(random, bodies[random.IntN(len(bodies))])
		code, b := send(method, path, body)
		check(fmt.Sprintf("round %d: %s %s %s", round, method, path, body), code, b)
	}
	for _, query := range []string{"maxResults=x", "maxResults=-1", "pageToken=%00", "pageToken=zz", "startIndex=99999999999999999999", "startIndex=-1", "timeoutMs=x", "stateFilter=x", "filter=x", "projection=x", "minCreationTime=x", "location=EU", "maxResults=0"} {
		for _, path := range []string{"/datasets", "/datasets/cdm/tables", "/datasets/cdm/tables/t/data", "/jobs", "/jobs/j", "/queries/j", "/datasets/cdm/tables/t", "/datasets/no%00pe", "/jobs/%2e%2e"} {
			code, b := send("GET", p+path+"?"+query, nil)
			check("GET "+path+"?"+query, code, b)
		}
	}
	if code, b := send("POST", p+"/queries", bytes.Repeat([]byte(" "), 11<<20)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 11 MB: %d %.200s", code, b)
	}
	deep := strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	code, b := send("POST", p+"/datasets/cdm/tables/t/insertAll", []byte(`{"rows":[{"json":`+deep+`}]}`))
	check("a deep row", code, b)
}

// changed makes small changes to a request: cuts, other bytes, other values.
func changed(random *rand.Rand, body string) []byte {
	b := []byte(body)
	values := []string{"null", "0", "-1", `""`, "[]", "{}", "true", "1e400", `"\u0000"`, `"x"`, "99999999999999999999"}
	for range random.IntN(3) + 1 {
		if len(b) == 0 {
			break
		}
		at := random.IntN(len(b))
		switch random.IntN(4) {
		case 0:
			b = b[:at]
		case 1:
			b[at] = byte(random.IntN(256))
		default: // another value for the next field
			if colon := bytes.IndexByte(b[at:], ':'); colon >= 0 {
				from := at + colon + 1
				end := from + bytes.IndexAny(b[from:], ",}")
				if end >= from {
					b = []byte(string(b[:from]) + values[random.IntN(len(values))] + string(b[end:]))
				}
			}
		}
	}
	return b
}
