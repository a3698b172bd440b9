package query

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// pending is a run as it is recorded before its job starts.
func (h *house) pending(sql string) dataset.Run {
	h.t.Helper()
	d := tinycdr.Dataset(h.t, h.client, h.project, "registered")
	now := h.clock.Now()
	run := dataset.Run{ID: id.New(id.Run, now), WorkspaceID: wsID, OwnerUID: "owner", MemberUID: "writer", State: dataset.Pending,
		Statement: statement.Statement{SQL: sql, Project: d.Project, Dataset: d.ID}, BytesCap: 1 << 30, CreatedAt: now, SchemaVersion: 1}
	h.set("workspaces/"+wsID+"/runs/"+run.ID, run)
	return run
}

// TestHoldsThatOutlivedTheirProcess: nobody ever reads the run, or there is none
// to read, as with a count.
func TestHoldsThatOutlivedTheirProcess(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	hold := func() metered.Order {
		o := metered.Order{ID: id.New(id.Run, h.clock.Now()), OwnerUID: "owner", MemberUID: "writer", WorkspaceID: wsID, Purpose: "count"}
		if err := h.room.desk.Hold(ctx, o, 1<<30); err != nil {
			t.Fatal(err)
		}
		return o
	}
	ends := func(o metered.Order, job string) {
		d := tinycdr.Dataset(t, h.client, h.project, "registered")
		st := statement.Statement{SQL: "SELECT person_id FROM " + d.Table("person")}
		if _, err := bigqueryx.Run(ctx, h.room.desk.BigQuery, h.room.desk.Job(o, job, st, 1<<30)); err != nil {
			t.Fatal(err)
		}
	}
	hold() // its job never began
	counted := hold()
	ends(counted, counted.SetsJob())
	ends(counted, counted.ID)
	before, _ := h.standing()
	h.want(200, "GET", base+"/runs", "reader", nil, nil)
	if held, spent := h.standing(); held != before || spent != "0.00" {
		t.Fatalf("young holds: held %s, then %s, spent %s", before, held, spent)
	}
	h.clock.Advance(h.room.desk.Rules.HoldStale + time.Minute)
	young := hold()
	ends(young, young.ID) // finished, yet its process may be about to settle it
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { h.call("GET", base+"/runs", "reader", nil) })
	}
	both.Wait()
	// One of two at once may have been told to try again.
	h.want(200, "GET", base+"/runs", "reader", nil, nil)
	cost, err := h.room.desk.Cost(2 * bigqueryx.MinBytesPerTable)
	if err != nil {
		t.Fatal(err)
	}
	most, err := h.room.desk.Cost(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	if held, spent := h.standing(); held != most.Decimal() || spent != cost.Decimal() {
		t.Errorf("held %s and spent %s, want the young hold of %s and the two jobs' %s", held, spent, most.Decimal(), cost.Decimal())
	}
	total, err := h.room.desk.Credits.Total(ctx, wsID)
	if err != nil || total.Members["writer"]["query"] != cost.Value().String() {
		t.Errorf("the workspace's total is %v, %v: want the cost with the member who caused it", total.Members, err)
	}
}

// TestRetryStartsWhatADeathLeft goes through both places where the first request
// can have died: before its hold and before its job.
func TestRetryStartsWhatADeathLeft(t *testing.T) {
	for _, held := range []bool{false, true} {
		h := newHouse(t)
		body := map[string]any{"sql": "SELECT person_id FROM person", "requestId": "again"}
		var first, run result
		h.want(202, "POST", base+"/runs", "writer", body, &first)
		h.done(first.ID)
		left := h.pending("SELECT person_id FROM person")
		ref := h.room.requestRef(wsID, "writer", "again")
		snap, err := ref.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		record := snap.Data()
		record["runId"] = left.ID
		h.set("workspaces/"+wsID+"/runRequests/"+ref.ID, record)
		if held {
			if err := h.room.desk.Hold(t.Context(), order(left), left.BytesCap); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Advance(h.room.limits.StartGrace * 2)
		h.want(202, "POST", base+"/runs", "writer", body, &run)
		if run.ID != left.ID || run.State == dataset.Pending {
			t.Fatalf("the retry gives %+v, want %s started", run, left.ID)
		}
		if end := h.done(run.ID); end.State != dataset.Done || end.Rows != tinycdr.Persons {
			t.Errorf("ended as %+v", end)
		}
		if now, _ := h.standing(); now != "0.00" {
			t.Errorf("%s is still held", now)
		}
	}
}

// TestCancelBeforeTheStart: the job is not there yet when its end is asked for.
func TestCancelBeforeTheStart(t *testing.T) {
	h := newHouse(t)
	run := h.pending("SELECT COUNT(*) AS n FROM person a, person b, person c, person d, person e, person f, person g " +
		"WHERE a.person_id + b.person_id + c.person_id + d.person_id + e.person_id + f.person_id + g.person_id = 9")
	h.want(202, "POST", base+"/runs/"+run.ID+"/cancel", "writer", nil, nil)
	if _, err := h.room.begin(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if end := h.done(run.ID); end.State != dataset.Cancelled {
		t.Errorf("ended as %+v", end)
	}
}

// TestRowsDroppedBeforeTheFirstLook: the local BigQuery keeps results, so one
// that has dropped them stands in for it.
func TestRowsDroppedBeforeTheFirstLook(t *testing.T) {
	h := newHouse(t)
	run := h.pending("SELECT person_id FROM person")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "/queries/") {
			w.WriteHeader(404)
			_, _ = w.Write([]byte(`{"error":{"code":404,"message":"Not found: Table anon","errors":[{"reason":"notFound"}]}}`))
			return
		}
		_, _ = w.Write([]byte(`{"jobReference":{"projectId":"demo-test","jobId":"` + run.ID + `"},"status":{"state":"DONE"},
			"configuration":{"jobType":"QUERY","query":{"query":"SELECT 1","useLegacySql":false,"destinationTable":{"projectId":"demo-test","datasetId":"_anon","tableId":"anon"}}},
			"statistics":{"query":{"statementType":"SELECT","totalBytesBilled":"10485760"}}}`))
	}))
	t.Cleanup(server.Close)
	bq, err := bigquery.NewClient(t.Context(), h.project, option.WithEndpoint(server.URL), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	h.room.desk.BigQuery = bq
	for range 2 {
		var got result
		h.want(200, "GET", base+"/runs/"+run.ID, "reader", nil, &got)
		if got.State != dataset.Failed || got.Problem != rowsGone || got.BytesBilled != bigqueryx.MinBytesPerTable {
			t.Errorf("ended as %+v", got)
		}
	}
	cost, err := h.room.desk.Cost(bigqueryx.MinBytesPerTable)
	if err != nil {
		t.Fatal(err)
	}
	if held, spent := h.standing(); held != "0.00" || spent != cost.Decimal() {
		t.Errorf("held %s, spent %s, want %s settled", held, spent, cost.Decimal())
	}
	done := run
	done.State = dataset.Done
	for _, state := range []string{dataset.Failed, dataset.Done} {
		if state == dataset.Done {
			h.set("workspaces/"+wsID+"/runs/"+run.ID, done)
		}
		for _, route := range []string{"/results", "/results.csv"} {
			if text := h.want(404, "GET", base+"/runs/"+run.ID+route, "reader", nil, nil); !strings.Contains(text, rowsGone) {
				t.Errorf("%s of a run that is %s: %s", route, state, text)
			}
		}
	}
}
