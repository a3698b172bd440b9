package query

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

func TestEstimate(t *testing.T) {
	h := newHouse(t)
	var got struct {
		Bytes   int64
		Cost    struct{ Value, Currency string }
		Left    struct{ Value string }
		Columns []column
	}
	h.want(200, "POST", base+"/estimates", "writer", map[string]any{"sql": "SELECT gender_concept_id, COUNT(*) AS n, [1.5] AS x FROM person GROUP BY gender_concept_id"}, &got)
	if got.Bytes != 8*tinycdr.Persons || got.Cost.Currency != "USD" || got.Left.Value != "300.00" {
		t.Errorf("got %+v: want 480 bytes, USD, 300.00 left", got)
	}
	if diff := cmp.Diff([]column{{"gender_concept_id", "INT64"}, {"n", "INT64"}, {"x", "ARRAY<FLOAT64>"}}, got.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if held, spent := h.standing(); held != "0.00" || spent != "0.00" {
		t.Errorf("an estimate holds %s and spends %s", held, spent)
	}
	for _, body := range []string{`{}`, `{"sql":"SELECT 1","dataSetId":"ds_01JBBBBBBBBBBBBBBBBBBBBBBB"}`, `{"sq":"SELECT 1"}`} {
		h.want(422, "POST", base+"/estimates", "writer", body, nil)
	}
	h.want(404, "POST", base+"/estimates", "writer", `{"dataSetId":"ds_01JBBBBBBBBBBBBBBBBBBBBBBB"}`, nil)
}

func TestRunFromStartToRows(t *testing.T) {
	h := newHouse(t)
	sql := "SELECT person_id, year_of_birth, IF(person_id = 2, NULL, 'a \"b\",\\n' || gender_concept_id) AS note FROM person ORDER BY person_id"
	body := map[string]any{"sql": sql, "requestId": "first-1"}
	var run, again result
	h.want(202, "POST", base+"/runs", "writer", body, &run)
	h.want(202, "POST", base+"/runs", "writer", body, &again)
	if run.ID != again.ID {
		t.Errorf("one request made the runs %s and %s", run.ID, again.ID)
	}
	h.want(409, "POST", base+"/runs", "writer", map[string]any{"sql": "SELECT 1 AS one", "requestId": "first-1"}, nil)
	end := h.done(run.ID)
	if end.State != dataset.Done || end.Rows != tinycdr.Persons || end.BytesBilled <= 0 || end.Cost == nil {
		t.Fatalf("ended as %+v", end)
	}
	held, spent := h.standing()
	if held != "0.00" || spent != end.Cost.Value {
		t.Errorf("held %s, spent %s, the run cost %s", held, spent, end.Cost.Value)
	}
	h.done(run.ID)
	if _, twice := h.standing(); twice != spent {
		t.Errorf("reading the run again spent %s, before %s", twice, spent)
	}

	rec := h.call("GET", base+"/runs/"+run.ID+"/results.csv", "reader", nil)
	if rec.Code != 200 || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/csv") {
		t.Fatalf("csv: %d %s", rec.Code, rec.Header().Get("Content-Type"))
	}
	lines, err := csv.NewReader(rec.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"person_id", "year_of_birth", "note"}, {"1", "1951", "a \"b\",\n8507"}, {"2", "1952", ""}}
	if diff := cmp.Diff(want, lines[:3]); diff != "" || len(lines) != 1+tinycdr.Persons {
		t.Errorf("%d lines, first ones (-want +got):\n%s", len(lines), diff)
	}

	var page struct {
		Rows  [][]*string
		Total int64
		Next  string
	}
	seen := map[string]bool{}
	path := base + "/runs/" + run.ID + "/results?limit=25"
	for n := 0; n < 10; n++ {
		page.Next, page.Rows = "", nil
		h.want(200, "GET", path, "reader", nil, &page)
		for _, r := range page.Rows {
			seen[*r[0]] = true
			if (r[2] == nil) != (*r[0] == "2") {
				t.Errorf("person %s: NULL is shown as %v", *r[0], r[2])
			}
		}
		if page.Next == "" {
			break
		}
		path = base + "/runs/" + run.ID + "/results?limit=25&cursor=" + page.Next
	}
	if len(seen) != tinycdr.Persons || page.Total != tinycdr.Persons {
		t.Errorf("the pages hold %d persons of %d", len(seen), page.Total)
	}
	h.want(422, "GET", base+"/runs/"+run.ID+"/results?cursor=nonsense", "reader", nil, nil)

	var list struct{ Items []result }
	h.want(200, "GET", base+"/runs", "reader", nil, &list)
	if len(list.Items) != 1 || list.Items[0].ID != run.ID {
		t.Errorf("the list holds %+v", list.Items)
	}
}

func TestRunOfADataSet(t *testing.T) {
	h := newHouse(t)
	d := tinycdr.Dataset(t, h.client, h.project, "registered")
	ds := dataset.DataSet{ID: id.New(id.DataSet, start), WorkspaceID: wsID, DefinitionHash: "h", Statement: statement.Statement{
		SQL:    "SELECT person_id FROM " + d.Table("condition_occurrence") + " WHERE condition_concept_id IN UNNEST(@set)",
		Params: []statement.Param{statement.IntsParam("set", []int64{tinycdr.Type2})}}}
	h.set("workspaces/"+wsID+"/dataSets/"+ds.ID, ds)
	var run result
	h.want(202, "POST", base+"/runs", "owner", map[string]any{"dataSetId": ds.ID}, &run)
	if end := h.done(run.ID); end.State != dataset.Done || end.Rows != tinycdr.WithType2 {
		t.Errorf("ended as %+v, want %d rows", end, tinycdr.WithType2)
	}
	// It belongs to its workspace alone.
	h.want(404, "POST", "/query/v1/workspaces/"+pausedWS+"/runs", "stranger", map[string]any{"dataSetId": ds.ID}, nil)
}

func TestFailedRunSaysWhy(t *testing.T) {
	h := newHouse(t)
	var run result
	h.want(202, "POST", base+"/runs", "owner", map[string]any{"sql": "SELECT 1 / (person_id - person_id) AS x FROM person"}, &run)
	end := h.done(run.ID)
	if end.State != dataset.Failed || !strings.Contains(end.Problem, "division by zero") {
		t.Errorf("ended as %+v", end)
	}
	if held, _ := h.standing(); held != "0.00" {
		t.Errorf("a failed run still holds %s", held)
	}
	h.want(409, "GET", base+"/runs/"+run.ID+"/results", "owner", nil, nil)
	h.want(409, "GET", base+"/runs/"+run.ID+"/results.csv", "owner", nil, nil)
}

// TestAfterADeath goes through what a death between two steps of a start leaves.
func TestAfterADeath(t *testing.T) {
	h := newHouse(t)
	d := tinycdr.Dataset(t, h.client, h.project, "registered")
	pending := func() dataset.Run {
		now := h.clock.Now()
		return dataset.Run{ID: id.New(id.Run, now), WorkspaceID: wsID, OwnerUID: "owner", MemberUID: "writer", State: dataset.Pending,
			Statement: statement.Statement{SQL: "SELECT person_id FROM " + d.Table("person")}, BytesCap: 1 << 30, CreatedAt: now, SchemaVersion: 1}
	}
	t.Run("before the job began", func(t *testing.T) {
		run := pending()
		h.set("workspaces/"+wsID+"/runs/"+run.ID, run)
		if err := h.room.desk.Hold(t.Context(), order(run), run.BytesCap); err != nil {
			t.Fatal(err)
		}
		var got result
		h.want(200, "GET", base+"/runs/"+run.ID, "reader", nil, &got)
		if got.State != dataset.Pending {
			t.Fatalf("young and without a job it is %s: its request may still start it", got.State)
		}
		h.clock.Advance(3 * time.Minute)
		h.want(200, "GET", base+"/runs/"+run.ID, "reader", nil, &got)
		if held, spent := h.standing(); got.State != dataset.Failed || held != "0.00" || spent != "0.00" {
			t.Errorf("state %s, held %s, spent %s: want failed, nothing held, nothing spent", got.State, held, spent)
		}
	})
	t.Run("after the job began", func(t *testing.T) {
		run := pending()
		h.set("workspaces/"+wsID+"/runs/"+run.ID, run)
		if err := h.room.desk.Hold(t.Context(), order(run), run.BytesCap); err != nil {
			t.Fatal(err)
		}
		if _, err := h.room.begin(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		h.set("workspaces/"+wsID+"/runs/"+run.ID, run) // as if the death came before the record's change
		end := h.done(run.ID)
		if held, spent := h.standing(); end.State != dataset.Done || held != "0.00" || spent != end.Cost.Value {
			t.Errorf("ended %+v, held %s, spent %s", end, held, spent)
		}
	})
	t.Run("after the settlement", func(t *testing.T) {
		_, before := h.standing()
		run := pending()
		h.set("workspaces/"+wsID+"/runs/"+run.ID, run)
		if _, err := h.room.begin(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		h.done(run.ID)
		_, once := h.standing()
		h.set("workspaces/"+wsID+"/runs/"+run.ID, run)
		h.done(run.ID)
		if _, twice := h.standing(); once == before || twice != once {
			t.Errorf("spent %s, then %s, after repeating %s", before, once, twice)
		}
	})
}

func TestNothingLeftNothingRuns(t *testing.T) {
	h := newHouse(t)
	h.room.desk.Credits.Rules.Initial = h.room.desk.Credits.Rules.Initial.Sub(h.room.desk.Credits.Rules.Initial)
	body := map[string]any{"sql": "SELECT person_id FROM person", "requestId": "poor"}
	h.want(402, "POST", base+"/runs", "owner", body, nil)
	var list struct{ Items []result }
	h.want(200, "GET", base+"/runs", "owner", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("a refused run left %+v", list.Items)
	}
	h.room.desk.Credits.Rules.Initial = h.room.desk.Credits.Rules.Initial.Add(h.room.desk.Rules.PricePerTiB)
	h.want(202, "POST", base+"/runs", "owner", body, nil)
}

func TestCapIsWhatIsLeft(t *testing.T) {
	h := newHouse(t)
	h.room.desk.Credits.Rules.Initial = h.room.desk.Rules.PricePerTiB.Shift(-6) // a millionth of a TiB
	got, err := h.room.desk.Cap(t.Context(), "owner", 1000)
	if want := int64(1 << 40 / 1_000_000); err != nil || got != want {
		t.Errorf("cap %d, %v; want %d, what is left buys", got, err, want)
	}
	if err := h.room.desk.Hold(t.Context(), order(dataset.Run{ID: "run_x", OwnerUID: "owner"}), 1<<40); !fault.Is(err, fault.Budget) {
		t.Errorf("holding a TiB: %v, want a budget fault", err)
	}
}

func TestCancel(t *testing.T) {
	h := newHouse(t)
	var run result
	h.want(202, "POST", base+"/runs", "owner", map[string]any{"sql": "SELECT COUNT(*) AS n FROM person a, person b, person c, person d, person e WHERE a.person_id + b.person_id + c.person_id + d.person_id + e.person_id = 7"}, &run)
	h.want(202, "POST", base+"/runs/"+run.ID+"/cancel", "writer", nil, nil)
	end := h.done(run.ID)
	// It may have been done before it could be ended.
	if end.State != dataset.Cancelled && end.State != dataset.Done {
		t.Errorf("ended as %+v", end)
	}
	if held, _ := h.standing(); held != "0.00" {
		t.Errorf("%s is still held", held)
	}
	h.want(404, "POST", base+"/runs/"+id.New(id.Run, start)+"/cancel", "owner", nil, nil)
}

func TestTooManyRowsForCSV(t *testing.T) {
	h := newHouse(t)
	var run result
	h.want(202, "POST", base+"/runs", "owner", map[string]any{"sql": "SELECT a.person_id FROM person a CROSS JOIN person b"}, &run)
	if end := h.done(run.ID); end.Rows != tinycdr.Persons*tinycdr.Persons {
		t.Fatalf("ended as %+v", end)
	}
	text := h.want(413, "GET", base+"/runs/"+run.ID+"/results.csv", "owner", nil, nil)
	if !strings.Contains(text, fmt.Sprint(h.room.limits.CSVRows)) {
		t.Errorf("the answer does not say the bound: %s", text)
	}
}
