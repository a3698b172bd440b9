package bigquery_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	bqapi "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"researchhub.example/hub/emulator/bigquery"
	"researchhub.example/hub/emulator/bigquery/bqtest"
)

// rawClient is the API's own client, for what the other one hides.
func rawClient(t testing.TB, s *bigquery.Server) *bqapi.Service {
	t.Helper()
	svc, err := bqapi.NewService(ctxOf(t), option.WithEndpoint(s.URL()+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func startRaw(t testing.TB) (*bq.Client, *bqapi.Service) {
	t.Helper()
	c, s := bqtest.StartIn(t, t.TempDir())
	if err := c.Dataset("cdm").Create(ctxOf(t), nil); err != nil {
		t.Fatal(err)
	}
	return c, rawClient(t, s)
}

// reasonOf is the reason of an API error.
func reasonOf(err error) string {
	var e *googleapi.Error
	if errors.As(err, &e) && len(e.Errors) > 0 {
		return e.Errors[0].Reason
	}
	return fmt.Sprint(err)
}

func TestJobList(t *testing.T) {
	c, raw := startRaw(t)
	ctx := ctxOf(t)
	for i := range 5 {
		q := c.Query(fmt.Sprintf("SELECT %d", i))
		q.JobID = fmt.Sprintf("j%d", i)
		rowsOf(t, q)
	}
	slow := c.Query(slowQuery)
	slow.JobID = "slow"
	job, err := slow.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	list := func(set func(*bqapi.JobsListCall)) []string {
		t.Helper()
		call := raw.Jobs.List(bqtest.Project)
		set(call)
		var ids []string
		for {
			l, err := call.Do()
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range l.Jobs {
				ids = append(ids, j.JobReference.JobId)
			}
			if l.NextPageToken == "" {
				return ids
			}
			call.PageToken(l.NextPageToken)
			// A job that begins between two pages does not shift them.
			rowsOf(t, c.Query("SELECT 'between'"))
		}
	}
	all := []string{"slow", "j4", "j3", "j2", "j1", "j0"}
	if diff := cmp.Diff(all, list(func(l *bqapi.JobsListCall) { l.MaxResults(2) })); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"slow"}, list(func(l *bqapi.JobsListCall) { l.StateFilter("pending", "running") })); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	j2, err := raw.Jobs.Get(bqtest.Project, "j2").Do()
	if err != nil {
		t.Fatal(err)
	}
	at := j2.Statistics.CreationTime
	got := list(func(l *bqapi.JobsListCall) { l.MinCreationTime(uint64(at)).MaxCreationTime(uint64(at)) })
	if !strings.Contains(strings.Join(got, ","), "j2") || strings.Contains(strings.Join(got, ","), "slow") && j2.Statistics.EndTime == at {
		t.Errorf("by creation: %v", got)
	}
	if got := list(func(l *bqapi.JobsListCall) { l.MaxCreationTime(uint64(at - 60_000)) }); len(got) != 0 {
		t.Errorf("a minute before: %v", got)
	}
	if got := list(func(l *bqapi.JobsListCall) { l.ParentJobId("j1") }); len(got) != 0 {
		t.Errorf("children of a query: %v", got)
	}
	l, err := raw.Jobs.List(bqtest.Project).Projection("full").MaxResults(1).Do()
	if err != nil || l.Jobs[0].Configuration == nil {
		t.Errorf("projection full: %+v, %v", l, err)
	}
	if l, err = raw.Jobs.List(bqtest.Project).MaxResults(1).Do(); err != nil || l.Jobs[0].Configuration != nil {
		t.Errorf("projection minimal: %+v, %v", l, err)
	}
	// Elsewhere there is no such job.
	if _, err := raw.Jobs.Get(bqtest.Project, "j2").Location("EU").Do(); reasonOf(err) != "notFound" {
		t.Errorf("another location: %v", err)
	}
	// A running job is not deleted; a finished one is, and its id is free.
	if err := raw.Jobs.Delete(bqtest.Project, "slow").Do(); reasonOf(err) != "invalid" {
		t.Errorf("delete a running job: %v", err)
	}
	if err := raw.Jobs.Delete(bqtest.Project, "j2").Do(); err != nil {
		t.Error(err)
	}
	if _, err := raw.Jobs.Get(bqtest.Project, "j2").Do(); reasonOf(err) != "notFound" {
		t.Errorf("a deleted job: %v", err)
	}
	began := time.Now()
	if err := job.Cancel(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := job.Wait(ctx); reasonOf(err) != "stopped" {
		t.Errorf("a cancelled job: %v", err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("a cancelled cross join ended after %v", d)
	}
}

func TestJobsQuery(t *testing.T) {
	c, raw := startRaw(t)
	no := false
	query := func(q *bqapi.QueryRequest) (*bqapi.QueryResponse, error) {
		q.UseLegacySql = &no
		return raw.Jobs.Query(bqtest.Project, q).Do()
	}
	// The same request is one job; another request of the same id is not.
	first, err := query(&bqapi.QueryRequest{Query: "SELECT 1", RequestId: "r-1"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := query(&bqapi.QueryRequest{Query: "SELECT 1", RequestId: "r-1", TimeoutMs: 5000})
	if err != nil || again.JobReference.JobId != first.JobReference.JobId {
		t.Errorf("the same request: %+v, %v", again, err)
	}
	other, err := query(&bqapi.QueryRequest{Query: "SELECT 2", RequestId: "r-1"})
	if err != nil || other.JobReference.JobId == first.JobReference.JobId || other.Rows[0].F[0].V != "2" {
		t.Errorf("another request of the id: %+v, %v", other, err)
	}
	// An answer that does not wait.
	res, err := query(&bqapi.QueryRequest{Query: slowQuery, TimeoutMs: 1})
	if err != nil || res.JobComplete {
		t.Fatalf("a slow query: %+v, %v", res, err)
	}
	page, err := raw.Jobs.GetQueryResults(bqtest.Project, res.JobReference.JobId).TimeoutMs(1).Do()
	if err != nil || page.JobComplete {
		t.Errorf("its results: %+v, %v", page, err)
	}
	if _, err := raw.Jobs.Cancel(bqtest.Project, res.JobReference.JobId).Do(); err != nil {
		t.Error(err)
	}
	if _, err := raw.Jobs.GetQueryResults(bqtest.Project, res.JobReference.JobId).TimeoutMs(30_000).Do(); reasonOf(err) != "stopped" {
		t.Errorf("the results of a cancelled job: %v", err)
	}
	// Timestamps as numbers of microseconds, and as seconds.
	const ts = "SELECT TIMESTAMP '2020-01-02 03:04:05.000006+00', DATE '2020-01-02'"
	for ints, want := range map[bool]string{true: "1577934245000006", false: "1577934245.000006"} {
		res, err := query(&bqapi.QueryRequest{Query: ts, FormatOptions: &bqapi.DataFormatOptions{UseInt64Timestamp: ints}})
		if err != nil || res.Rows[0].F[0].V != want {
			t.Errorf("integers %v: %v, %v, want %s", ints, res, err, want)
		}
	}
	// Pages.
	res, err = query(&bqapi.QueryRequest{Query: "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 5)) x ORDER BY x", MaxResults: 2})
	if err != nil || len(res.Rows) != 2 || res.PageToken == "" || res.TotalRows != 5 {
		t.Fatalf("a page: %+v, %v", res, err)
	}
	page, err = raw.Jobs.GetQueryResults(bqtest.Project, res.JobReference.JobId).PageToken(res.PageToken).MaxResults(10).Do()
	if err != nil || len(page.Rows) != 3 || page.Rows[0].F[0].V != "3" || page.PageToken != "" {
		t.Errorf("the next: %+v, %v", page, err)
	}
	for name, tc := range map[string]struct {
		q            *bqapi.QueryRequest
		code         int
		reason, want string
	}{
		"legacy SQL, left out": {&bqapi.QueryRequest{Query: "SELECT 1"}, 501, "notImplemented", "legacy SQL"},
		"legacy SQL, by text":  {&bqapi.QueryRequest{Query: "#legacySQL\nSELECT 1", UseLegacySql: &no}, 501, "notImplemented", "legacy SQL"},
		"no text":              {&bqapi.QueryRequest{UseLegacySql: &no}, 400, "invalid", "query"},
		"a long request id":    {&bqapi.QueryRequest{Query: "SELECT 1", UseLegacySql: &no, RequestId: strings.Repeat("x", 37)}, 400, "invalid", "requestId"},
		"elsewhere":            {&bqapi.QueryRequest{Query: "SELECT 1", UseLegacySql: &no, Location: "EU"}, 501, "notImplemented", "location"},
		"a session":            {&bqapi.QueryRequest{Query: "SELECT 1", UseLegacySql: &no, CreateSession: true}, 501, "notImplemented", "sessions"},
	} {
		_, err := raw.Jobs.Query(bqtest.Project, tc.q).Do()
		if codeOf(err) != tc.code || reasonOf(err) != tc.reason || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	bad := c.Query("SELECT 1")
	bad.JobID = "no/such.id"
	if _, err := bad.Run(ctxOf(t)); codeOf(err) != http.StatusBadRequest {
		t.Errorf("a malformed job id: %v", err)
	}
	timed := c.Query(slowQuery)
	timed.JobTimeout = 50 * time.Millisecond
	if _, err := timed.Read(ctxOf(t)); reasonOf(err) != "stopped" || !strings.Contains(err.Error(), "timed out") {
		t.Errorf("a job with a timeout: %v", err)
	}
}
