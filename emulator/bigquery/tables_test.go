package bigquery_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	bqapi "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/emulator/bigquery/bqtest"
)

func TestTableUpdates(t *testing.T) {
	c, raw := startRaw(t)
	ctx := ctxOf(t)
	insert := &bqapi.Table{TableReference: &bqapi.TableReference{ProjectId: bqtest.Project, DatasetId: "cdm", TableId: "p"},
		Description: "d", Labels: map[string]string{"a": "b"}, TimePartitioning: &bqapi.TimePartitioning{Type: "MONTH", Field: "day"},
		Clustering: &bqapi.Clustering{Fields: []string{"id", "s"}},
		Schema: &bqapi.TableSchema{Fields: []*bqapi.TableFieldSchema{{Name: "id", Type: "INT64", Mode: "REQUIRED"}, {Name: "day", Type: "DATE"}, {Name: "s", Type: "STRING"},
			{Name: "r", Type: "RECORD", Mode: "REPEATED", Fields: []*bqapi.TableFieldSchema{{Name: "x", Type: "INTEGER"}}}}}}
	made, err := raw.Tables.Insert(bqtest.Project, "cdm", insert).Do()
	if err != nil {
		t.Fatal(err)
	}
	ins := c.Dataset("cdm").Table("p").Inserter()
	schema := bq.Schema{{Name: "id", Type: bq.IntegerFieldType}, {Name: "day", Type: bq.DateFieldType}, {Name: "s", Type: bq.StringFieldType},
		{Name: "r", Type: bq.RecordFieldType, Repeated: true, Schema: bq.Schema{{Name: "x", Type: bq.IntegerFieldType}}}}
	if err := ins.Put(ctx, &bq.ValuesSaver{Schema: schema, Row: []bq.Value{1, "2020-01-02", "x", []bq.Value{[]bq.Value{7}}}}); err != nil {
		t.Fatal(err)
	}
	patch := func(change *bqapi.Table, etag string) (*bqapi.Table, error) {
		call := raw.Tables.Patch(bqtest.Project, "cdm", "p", change)
		if etag != "" {
			call.Header().Set("If-Match", etag)
		}
		return call.Do()
	}
	if _, err := patch(&bqapi.Table{Description: "new"}, made.Etag); codeOf(err) != http.StatusPreconditionFailed {
		t.Errorf("the etag of before the rows: %v", err) // a write is a new version
	}
	now, err := raw.Tables.Get(bqtest.Project, "cdm", "p").Do()
	if err != nil {
		t.Fatal(err)
	}
	grown := append([]*bqapi.TableFieldSchema{}, insert.Schema.Fields...)
	id := *grown[0]
	id.Mode, id.Description = "NULLABLE", "the id"
	r := *grown[3]
	r.Fields = append(append([]*bqapi.TableFieldSchema{}, r.Fields...), &bqapi.TableFieldSchema{Name: "y", Type: "STRING", Mode: "REPEATED"})
	grown[0], grown[3] = &id, &r
	grown = append(grown, &bqapi.TableFieldSchema{Name: "more", Type: "FLOAT"}, &bqapi.TableFieldSchema{Name: "list", Type: "DATE", Mode: "REPEATED"})
	got, err := patch(&bqapi.Table{Schema: &bqapi.TableSchema{Fields: grown}, Labels: map[string]string{"c": "d"}}, now.Etag)
	if err != nil {
		t.Fatal(err)
	}
	if got.Description != "d" || got.Labels["a"] != "b" || got.Labels["c"] != "d" || got.NumRows != 1 || got.NumBytes == 0 || got.Clustering == nil || got.TimePartitioning == nil {
		t.Errorf("after a patch: %+v", got)
	}
	if err := ins.Put(ctx, &bq.ValuesSaver{Schema: bq.Schema{{Name: "more", Type: bq.FloatFieldType}}, Row: []bq.Value{0.5}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"<nil>|<nil>|<nil>|[]|0.5|[]", "1|2020-01-02|x|[[7 []]]|<nil>|[]"}
	if diff := cmp.Diff(want, rowsOf(t, c.Query("SELECT * FROM cdm.p ORDER BY id"))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	drop := func(fields ...*bqapi.TableFieldSchema) *bqapi.Table {
		return &bqapi.Table{Schema: &bqapi.TableSchema{Fields: fields}}
	}
	field := func(name, kind, mode string) *bqapi.TableFieldSchema {
		return &bqapi.TableFieldSchema{Name: name, Type: kind, Mode: mode}
	}
	for _, tc := range []struct {
		name, reason, want string
		change             *bqapi.Table
	}{
		{"drop a column", "invalid", "Field more is missing in new schema", drop(grown[:4]...)},
		{"change a type", "invalid", "has changed type from INTEGER to STRING", drop(append([]*bqapi.TableFieldSchema{field("id", "STRING", "")}, grown[1:]...)...)},
		{"tighten", "invalid", "has changed mode from NULLABLE to REQUIRED", drop(append([]*bqapi.TableFieldSchema{field("id", "INTEGER", "REQUIRED")}, grown[1:]...)...)},
		{"add a REQUIRED one", "invalid", "Cannot add required fields", drop(append(append([]*bqapi.TableFieldSchema{}, grown...), field("z", "STRING", "REQUIRED"))...)},
		{"add one twice", "invalid", "Duplicate", drop(append(append([]*bqapi.TableFieldSchema{}, grown...), field("ID", "STRING", ""))...)},
		{"other partitions", "invalid", "partitioning", &bqapi.Table{TimePartitioning: &bqapi.TimePartitioning{Type: "DAY", Field: "day"}}},
		{"cluster by nothing", "invalid", "cannot be found", &bqapi.Table{Clustering: &bqapi.Clustering{Fields: []string{"nope"}}}},
		{"cluster by FLOAT64", "invalid", "not supported for clustering", &bqapi.Table{Clustering: &bqapi.Clustering{Fields: []string{"more"}}}},
		{"a past expiration", "invalid", "past", &bqapi.Table{ExpirationTime: 1}},
		{"a key", "notImplemented", "encryptionConfiguration", &bqapi.Table{EncryptionConfiguration: &bqapi.EncryptionConfiguration{KmsKeyName: "k"}}},
		{"a label in capitals", "invalid", "Label", &bqapi.Table{Labels: map[string]string{"A": "b"}}},
		{"a policy tag", "notImplemented", "policy tags", drop(append(append([]*bqapi.TableFieldSchema{}, grown...), &bqapi.TableFieldSchema{Name: "z", Type: "STRING", PolicyTags: &bqapi.TableFieldSchemaPolicyTags{Names: []string{"x"}}})...)},
		{"a default", "notImplemented", "default values", drop(append(append([]*bqapi.TableFieldSchema{}, grown...), &bqapi.TableFieldSchema{Name: "z", Type: "STRING", DefaultValueExpression: "'x'"})...)},
	} {
		if _, err := patch(tc.change, ""); reasonOf(err) != tc.reason || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s %q", tc.name, err, tc.reason, tc.want)
		}
	}
	// PUT of what GET gave changes nothing; what it leaves out is reset.
	now, err = raw.Tables.Get(bqtest.Project, "cdm", "p").Do()
	if err != nil {
		t.Fatal(err)
	}
	same, err := raw.Tables.Update(bqtest.Project, "cdm", "p", now).Do()
	if err != nil || same.Description != "d" || len(same.Labels) != 2 {
		t.Errorf("PUT of the whole: %+v, %v", same, err)
	}
	bare, err := raw.Tables.Update(bqtest.Project, "cdm", "p", &bqapi.Table{FriendlyName: "f"}).Do()
	if err != nil || bare.Description != "" || len(bare.Labels) != 0 || bare.FriendlyName != "f" || bare.Clustering != nil || len(bare.Schema.Fields) != 6 {
		t.Errorf("PUT of one field: %+v, %v", bare, err)
	}
	for _, tc := range []struct {
		want  string
		table *bqapi.Table
	}{
		{"INTEGER", &bqapi.Table{RangePartitioning: &bqapi.RangePartitioning{Field: "s", Range: &bqapi.RangePartitioningRange{Start: 0, End: 10, Interval: 1}}}},
		{"start must be below", &bqapi.Table{RangePartitioning: &bqapi.RangePartitioning{Field: "i", Range: &bqapi.RangePartitioningRange{Start: 10, End: 0, Interval: 1}}}},
		{"at most 10000", &bqapi.Table{RangePartitioning: &bqapi.RangePartitioning{Field: "i", Range: &bqapi.RangePartitioningRange{Start: 0, End: 10001, Interval: 1}}}},
		{"TIMESTAMP, DATE or DATETIME", &bqapi.Table{TimePartitioning: &bqapi.TimePartitioning{Type: "DAY", Field: "i"}}},
		{"time of ingestion", &bqapi.Table{TimePartitioning: &bqapi.TimePartitioning{Type: "DAY"}}},
		{"timePartitioning.type", &bqapi.Table{TimePartitioning: &bqapi.TimePartitioning{Type: "WEEK", Field: "d"}}},
		{"by HOUR", &bqapi.Table{TimePartitioning: &bqapi.TimePartitioning{Type: "HOUR", Field: "d"}}},
		{"partitioned table", &bqapi.Table{RequirePartitionFilter: true}},
		{"materializedView", &bqapi.Table{MaterializedView: &bqapi.MaterializedViewDefinition{Query: "SELECT 1"}}},
	} {
		tc.table.TableReference = &bqapi.TableReference{TableId: "bad"}
		tc.table.Schema = &bqapi.TableSchema{Fields: []*bqapi.TableFieldSchema{field("i", "INTEGER", ""), field("s", "STRING", ""), field("d", "DATE", "")}}
		if _, err := raw.Tables.Insert(bqtest.Project, "cdm", tc.table).Do(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
	}
}

func TestDatasetUpdates(t *testing.T) {
	_, raw := startRaw(t)
	get := func() *bqapi.Dataset {
		t.Helper()
		d, err := raw.Datasets.Get(bqtest.Project, "cdm").Do()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	access := []*bqapi.DatasetAccess{{Role: "READER", UserByEmail: "a@example.org"}}
	d, err := raw.Datasets.Patch(bqtest.Project, "cdm", &bqapi.Dataset{Description: "x", Labels: map[string]string{"tier": "controlled", "active": ""}, Access: access, DefaultTableExpirationMs: 3600_000}).Do()
	if err != nil || d.Access[0].UserByEmail != "a@example.org" || d.Etag == "" {
		t.Fatalf("patch: %+v, %v", d, err)
	}
	stale := raw.Datasets.Patch(bqtest.Project, "cdm", &bqapi.Dataset{Description: "y"})
	stale.Header().Set("If-Match", `"old"`)
	if _, err := stale.Do(); codeOf(err) != http.StatusPreconditionFailed {
		t.Errorf("a stale etag: %v", err)
	}
	if d := get(); d.Description != "x" || d.DefaultTableExpirationMs != 3600_000 || d.Location != "US" {
		t.Errorf("data set: %+v", d)
	}
	if _, err := raw.Datasets.Update(bqtest.Project, "cdm", &bqapi.Dataset{FriendlyName: "f"}).Do(); err != nil {
		t.Error(err)
	}
	if d := get(); d.Description != "" || d.FriendlyName != "f" || len(d.Labels) != 0 || d.DefaultTableExpirationMs != 0 {
		t.Errorf("after PUT: %+v", d)
	}
	for i := range 5 {
		labels := map[string]string{"n": fmt.Sprint(i % 2)}
		if _, err := raw.Datasets.Insert(bqtest.Project, &bqapi.Dataset{DatasetReference: &bqapi.DatasetReference{DatasetId: fmt.Sprintf("d%d", i)}, Labels: labels}).Do(); err != nil {
			t.Fatal(err)
		}
	}
	list := func(filter string) (out []string) {
		t.Helper()
		call := raw.Datasets.List(bqtest.Project).Filter(filter).MaxResults(2)
		for {
			l, err := call.Do()
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range l.Datasets {
				out = append(out, d.DatasetReference.DatasetId)
			}
			if l.NextPageToken == "" {
				return out
			}
			call.PageToken(l.NextPageToken)
		}
	}
	for filter, want := range map[string][]string{"": {"cdm", "d0", "d1", "d2", "d3", "d4"}, "labels.n:0": {"d0", "d2", "d4"}, "labels.n": {"d0", "d1", "d2", "d3", "d4"}, "labels.n:1 labels.m": nil} {
		if diff := cmp.Diff(want, list(filter)); diff != "" {
			t.Errorf("filter %q (-want +got):\n%s", filter, diff)
		}
	}
	if _, err := raw.Datasets.List(bqtest.Project).Filter("name:x").Do(); reasonOf(err) != "invalid" {
		t.Errorf("a filter of another form: %v", err)
	}
	if _, err := raw.Datasets.Insert(bqtest.Project, &bqapi.Dataset{DatasetReference: &bqapi.DatasetReference{DatasetId: "eu"}, Location: "EU"}).Do(); reasonOf(err) != "notImplemented" {
		t.Errorf("another location: %v", err)
	}
	p, err := raw.Projects.List().Do()
	if err != nil || len(p.Projects) != 1 || p.Projects[0].Id != bqtest.Project {
		t.Errorf("projects: %+v, %v", p, err)
	}
	if a, err := raw.Projects.GetServiceAccount(bqtest.Project).Do(); err != nil || a.Email == "" {
		t.Errorf("service account: %+v, %v", a, err)
	}
}

// TestExpiration holds that a table is gone from its time on, also after a
// restart, and that its name is free.
func TestExpiration(t *testing.T) {
	var ahead atomic.Int64
	dir := t.TempDir()
	serve := func() (*bq.Client, *bigquery.Server) {
		t.Helper()
		s, err := bigquery.Start(context.Background(), bigquery.Config{Dir: dir, MemoryLimit: "1GB", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c, err := bq.NewClient(ctxOf(t), bqtest.Project, option.WithEndpoint(s.URL()), option.WithoutAuthentication())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c, s
	}
	c, s := serve()
	ctx := ctxOf(t)
	if err := c.Dataset("cdm").Create(ctx, &bq.DatasetMetadata{DefaultTableExpiration: time.Hour}); err != nil {
		t.Fatal(err)
	}
	schema := bq.Schema{{Name: "i", Type: bq.IntegerFieldType}}
	if err := c.Dataset("cdm").Table("short").Create(ctx, &bq.TableMetadata{Schema: schema}); err != nil {
		t.Fatal(err)
	}
	if err := c.Dataset("cdm").Table("long").Create(ctx, &bq.TableMetadata{Schema: schema, ExpirationTime: time.Now().Add(10 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	md, err := c.Dataset("cdm").Table("short").Metadata(ctx)
	if err != nil || md.ExpirationTime.IsZero() {
		t.Fatalf("the data set's default: %+v, %v", md, err)
	}
	ahead.Store(int64(61 * time.Minute))
	gone := func(c *bq.Client) {
		t.Helper()
		if _, err := c.Dataset("cdm").Table("short").Metadata(ctx); codeOf(err) != http.StatusNotFound {
			t.Errorf("an expired table: %v", err)
		}
		if _, err := c.Query("SELECT * FROM cdm.short").Read(ctx); codeOf(err) != http.StatusNotFound {
			t.Errorf("a query of it: %v", err)
		}
		if _, err := c.Dataset("cdm").Table("long").Metadata(ctx); err != nil {
			t.Errorf("one that lives longer: %v", err)
		}
	}
	gone(c)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ = serve()
	gone(c)
	if err := c.Dataset("cdm").Table("short").Create(ctx, &bq.TableMetadata{Schema: bq.Schema{{Name: "s", Type: bq.StringFieldType}}}); err != nil {
		t.Errorf("its name: %v", err)
	}
	if diff := cmp.Diff([]string{"0"}, rowsOf(t, c.Query("SELECT COUNT(s) FROM cdm.short"))); diff != "" {
		t.Error(diff)
	}
}

// TestSizes holds the bytes of a value of each type
// (cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes).
func TestSizes(t *testing.T) {
	c := start(t)
	for _, tc := range []struct {
		sql  string
		want int64
	}{
		{"SELECT 1 AS x", 8}, {"SELECT 1.5 AS x", 8}, {"SELECT TRUE AS x", 1}, {"SELECT 'é' AS x", 4}, {"SELECT b'abc' AS x", 5}, {"SELECT DATE '2020-01-01' AS x", 8},
		{"SELECT TIMESTAMP '2020-01-01 00:00:00+00' AS x", 8}, {"SELECT NUMERIC '1' AS x", 16}, {"SELECT CAST(NULL AS STRING) AS x", 0}, {"SELECT [1, 2] AS x", 16},
		{"SELECT STRUCT(1 AS a, 'b' AS b) AS x", 11}, {"SELECT JSON '{\"a\":1}' AS x", 7}, {"SELECT INTERVAL 1 DAY AS x", 16},
	} {
		q := c.Query(tc.sql)
		q.Dst, q.WriteDisposition = c.Dataset("cdm").Table("size"), bq.WriteTruncate
		rowsOf(t, q)
		md, err := c.Dataset("cdm").Table("size").Metadata(ctxOf(t))
		if err != nil || md.NumBytes != tc.want {
			t.Errorf("%s: %d bytes, %v, want %d", tc.sql, md.NumBytes, err, tc.want)
		}
	}
}
