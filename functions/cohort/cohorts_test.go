package cohort

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

// match sends a request with If-Match and gives status, body and ETag.
func (h *house) match(method, path, token, etag, body string) (int, string, string) {
	h.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String(), rec.Header().Get("ETag")
}

// etag reads a cohort's.
func (h *house) etag(path string) string {
	h.t.Helper()
	status, text, etag := h.match("GET", path, "reader", "", "")
	if status != 200 || etag == "" {
		h.t.Fatalf("GET %s: %d, etag %q: %s", path, status, etag, text)
	}
	return etag
}

func TestAVersionThatRanStaysAsItIs(t *testing.T) {
	h := newHouse(t)
	path := base + "/cohorts/" + h.cohort(withDrug(tinycdr.Metformin, 30))
	change := func(etag string, days int) (int, string) {
		status, text, _ := h.match("PATCH", path, "writer", etag, `{"definition":`+withDrug(tinycdr.Metformin, days)+`}`)
		return status, text
	}
	first := h.etag(path)
	if status, text := change(first, 31); status != 200 || !strings.Contains(text, `"version":1`) {
		t.Fatalf("a definition that never ran is changed in place: %d %s", status, text)
	}
	if status, _ := change(first, 32); status != 412 {
		t.Errorf("with a stale etag: %d, want 412", status)
	}
	if status, _ := change("", 32); status != 428 {
		t.Errorf("without an etag: %d, want 428", status)
	}
	h.want(200, "POST", path+"/count", "owner", nil, nil)
	if status, text := change(h.etag(path), 90); status != 200 || !strings.Contains(text, `"version":2`) || strings.Contains(text, "ranAt") {
		t.Fatalf("after a run there is a second version: %d %s", status, text)
	}
	if status, text, _ := h.match("POST", path+"/versions", "writer", h.etag(path), `{"definition":`+withDrug(tinycdr.Insulin, 90)+`}`); status != 201 || !strings.Contains(text, `"version":3`) {
		t.Fatalf("a third version: %d %s", status, text)
	}
	for version, want := range map[int]string{1: "30", 2: "40", 0: "≤ 20"} {
		var got counts
		h.want(200, "POST", fmt.Sprintf("%s/count?version=%d", path, version), "owner", nil, &got)
		if got.Persons.Text != want {
			t.Errorf("version %d has %s persons, want %s", version, got.Persons.Text, want)
		}
	}
	var page struct {
		Items []struct{ Version int }
		Next  int
	}
	h.want(200, "GET", path+"/versions?limit=2", "reader", nil, &page)
	if len(page.Items) != 2 || page.Items[0].Version != 3 || page.Next != 1 {
		t.Errorf("the first page of versions: %+v", page)
	}
	h.want(200, "GET", path+"/versions?cursor=1", "reader", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Version != 1 {
		t.Errorf("the second page of versions: %+v", page)
	}
	h.want(404, "GET", path+"?version=4", "reader", nil, nil)
	// A name is no part of what a version says.
	if status, text, _ := h.match("PATCH", path, "owner", h.etag(path), `{"name":"another"}`); status != 200 || !strings.Contains(text, `"version":3`) || !strings.Contains(text, `"another"`) {
		t.Errorf("a new name: %d %s", status, text)
	}
}

func TestCombinedCohorts(t *testing.T) {
	h := newHouse(t)
	soon, late, insulin := h.cohort(withDrug(tinycdr.Metformin, 30)), h.cohort(withDrug(tinycdr.Metformin, 90)), h.cohort(withDrug(tinycdr.Insulin, 90))
	named := func(cohort string) string { return fmt.Sprintf(`{"cohort":%q,"version":1}`, cohort) }
	combine := func(op string, of ...string) string {
		var made struct{ ID string }
		h.want(201, "POST", base+"/cohorts/combine", "writer", fmt.Sprintf(`{"name":"c","combination":{"op":%q,"of":[%s]}}`, op, strings.Join(of, ",")), &made)
		return made.ID
	}
	without := combine("difference", named(late), named(insulin))
	for _, c := range []struct {
		cohort, want string
	}{
		{without, "35"}, {combine("intersection", named(soon), named(insulin)), "≤ 20"}, {combine("union", named(soon), named(insulin)), "30"},
		{combine("union", named(without), named(insulin)), "40"},
	} {
		var got counts
		h.want(200, "POST", base+"/cohorts/"+c.cohort+"/count", "owner", nil, &got)
		if got.Persons.Text != c.want {
			t.Errorf("%s: %s persons, want %s", c.cohort, got.Persons.Text, c.want)
		}
	}
	// What it is made of does not change under it.
	if status, text, _ := h.match("PATCH", base+"/cohorts/"+late, "owner", h.etag(base+"/cohorts/"+late), `{"definition":`+withDrug(tinycdr.Metformin, 1)+`}`); status != 200 || !strings.Contains(text, `"version":2`) {
		t.Errorf("a cohort that another is made of: %d %s", status, text)
	}
	if status, text, _ := h.match("DELETE", base+"/cohorts/"+late, "owner", h.etag(base+"/cohorts/"+late), ""); status != 409 || !strings.Contains(text, without) {
		t.Errorf("deleting a cohort that another is made of: %d %s", status, text)
	}
	// Not of itself: its next version names the current one, which is another.
	next := fmt.Sprintf(`{"combination":{"op":"difference","of":[%s,{"cohort":%q,"version":2}]}}`, named(soon), without)
	if status, text, _ := h.match("POST", base+"/cohorts/"+without+"/versions", "owner", h.etag(base+"/cohorts/"+without), next); status != 422 || !strings.Contains(text, "$.of[1]") {
		t.Errorf("a cohort of a version that is not there: %d %s", status, text)
	}
	for _, body := range []string{
		fmt.Sprintf(`{"name":"c","combination":{"op":"union","of":[%s,%s]}}`, named(soon), named("co_01JBBBBBBBBBBBBBBBBBBBBBBB")),
		fmt.Sprintf(`{"name":"c","combination":{"op":"union","of":[%s]}}`, named(soon)),
	} {
		h.want(422, "POST", base+"/cohorts/combine", "owner", body, nil)
	}
	h.want(409, "GET", base+"/cohorts/"+without+"/export", "owner", nil, nil)
	for _, cohort := range []string{insulin, soon, late} {
		if status, _, _ := h.match("DELETE", base+"/cohorts/"+cohort, "owner", h.etag(base+"/cohorts/"+cohort), ""); status != 409 {
			t.Errorf("%s goes though others are made of it: %d", cohort, status)
		}
	}
	unused := h.cohort(withDrug(tinycdr.Metformin, 30))
	// Not by somebody who has not read how it is now, nor by a reader.
	stale := h.etag(base + "/cohorts/" + unused)
	if status, text, _ := h.match("PATCH", base+"/cohorts/"+unused, "writer", stale, `{"name":"read me again"}`); status != 200 {
		t.Fatal(text)
	}
	for token, c := range map[string]struct {
		etag string
		want int
	}{"owner": {stale, 412}, "writer": {"", 428}, "reader": {h.etag(base + "/cohorts/" + unused), 403}} {
		if status, text, _ := h.match("DELETE", base+"/cohorts/"+unused, token, c.etag, ""); status != c.want {
			t.Errorf("deleting a cohort as %s with etag %q: %d, want %d: %s", token, c.etag, status, c.want, text)
		}
	}
	if status, text, _ := h.match("DELETE", base+"/cohorts/"+unused, "owner", h.etag(base+"/cohorts/"+unused), ""); status != 204 {
		t.Errorf("deleting a cohort: %d %s", status, text)
	}
	h.want(404, "GET", base+"/cohorts/"+unused, "owner", nil, nil)
}

// TestImportAndExportAreByteForByte: numbers, spaces and escapes come back as
// they were sent.
func TestImportAndExportAreByteForByte(t *testing.T) {
	h := newHouse(t)
	odd := strings.NewReplacer(`"PriorDays":0`, "\"PriorDays\" :\t0", `"name":"drug"`, `"name":"a <b> \u0026 \u00e9 é"`).Replace(withDrug(tinycdr.Metformin, 30))
	for name, body := range map[string]string{
		"the expression":   "\n" + odd + "\n",
		"WebAPI's object":  `{"id":7,"name":"from ATLAS","expressionType":"SIMPLE_EXPRESSION","expression":` + odd + `}`,
		"WebAPI's as text": fmt.Sprintf(`{"name":"from ATLAS","expression":%s}`, quoted(odd)),
	} {
		t.Run(name, func(t *testing.T) {
			var made struct{ ID, Name string }
			h.want(201, "POST", base+"/cohorts/import?name=imported", "writer", body, &made)
			if got := h.want(200, "GET", base+"/cohorts/"+made.ID+"/export", "reader", nil, nil); got != odd {
				t.Errorf("exported\n%q\nwant\n%q", got, odd)
			}
		})
	}
	h.want(422, "POST", base+"/cohorts/import", "writer", odd, nil)
	h.want(422, "POST", base+"/cohorts/import?name=n", "writer", `{"expression":"{}"}`, nil)
	h.want(400, "POST", base+"/cohorts/import?name=n", "writer", `not JSON`, nil)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\n", `\n`).Replace(s) + `"`
}

func TestValidate(t *testing.T) {
	h := newHouse(t)
	type answer struct {
		Valid            bool
		DefinitionHash   string
		Errors, Warnings []warning
	}
	good := withDrug(tinycdr.Metformin, 30)
	for name, c := range map[string]struct {
		body          string
		valid         bool
		errors, warns string
	}{
		"a good one":      {`{"definition":` + good + `}`, true, "", ""},
		"one with quirks": {`{"definition":` + strings.Replace(good, `"ConditionOccurrence":{`, `"ConditionOccurrence":{"StopReason":{"Text":"%","Op":"contains"},`, 1) + `}`, true, "", "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.StopReason"},
		"two mistakes":    {`{"definition":` + strings.NewReplacer(`"PriorDays":0`, `"PriorDays":-1`, `"EraPad":0`, `"EraPod":0`).Replace(good) + `}`, false, "$.PrimaryCriteria.ObservationWindow.PriorDays $.CollapseSettings.EraPod", ""},
		"a combination":   {`{"combination":{"op":"union","of":[{"cohort":"x","version":1}]}}`, false, "$", ""},
		"both":            {`{"definition":` + good + `,"combination":{}}`, false, "body.combination", ""},
		"none":            {`{}`, false, "$", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got answer
			h.want(200, "POST", base+"/cohorts/validate", "reader", c.body, &got)
			paths := func(list []warning) string {
				var all []string
				for _, w := range list {
					all = append(all, w.Path)
				}
				return strings.Join(all, " ")
			}
			if got.Valid != c.valid || paths(got.Errors) != c.errors || paths(got.Warnings) != c.warns || got.Valid != (got.DefinitionHash != "") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestExplainRoute(t *testing.T) {
	h := newHouse(t)
	path := base + "/cohorts/" + h.cohort(expression(`{"DrugExposure":{}}`, `,"InclusionRules":[`+within("soon after", 0, 10)+`]`)) + "/explain"
	var got struct {
		In      bool
		Periods []periodView
		Events  []eventView
	}
	h.want(200, "POST", path, "writer", `{"participant":5}`, &got)
	if !got.In || len(got.Events) != 2 || len(got.Periods) != 1 || got.Periods[0].Start != "2015-02-11" {
		t.Fatalf("person 5: %+v", got)
	}
	first, second := got.Events[0], got.Events[1]
	if !first.Starts || first.Start != "2015-02-11" || len(first.Ends) != 1 || !first.Ends[0].Decides || first.Ends[0].What != "observationPeriod" {
		t.Errorf("the first event: %+v", first)
	}
	zero := int64(0)
	want := []checkView{{Says: "observationPeriod", Passed: true}, {Says: "rule", Rule: "soon after"}, {Says: "rule", Rule: "soon after", Part: &zero}}
	if diff := cmp.Diff(want, second.Checks); diff != "" || len(second.Ends) > 0 {
		t.Errorf("the second event's checks (-want +got):\n%s", diff)
	}
	got.Periods, got.Events = nil, nil
	h.want(200, "POST", path, "writer", `{"participant":55}`, &got)
	if got.In || len(got.Events) > 0 {
		t.Errorf("person 55: %+v", got)
	}
	entries, err := h.client.Collection(audit.Collection).Where("act", "==", "cohort.explained").Documents(t.Context()).GetAll()
	if err != nil || len(entries) != 2 || entries[0].Data()["actor"] != "writer" || strings.Contains(fmt.Sprint(entries[0].Data()), "participant 5") {
		t.Errorf("audit: %d entries, %v", len(entries), err)
	}
}

func TestMaterialise(t *testing.T) {
	h := newHouse(t)
	cohort := h.cohort(withDrug(tinycdr.Metformin, 30))
	path := base + "/cohorts/" + cohort
	run := id.New(id.Run, start)
	var first, again struct {
		Run, Table string
		Rows       int
		Cost       struct{ Value string }
	}
	h.want(200, "POST", path+"/materialise", "writer", `{"run":"`+run+`"}`, &first)
	h.want(200, "POST", path+"/materialise", "writer", `{"run":"`+run+`"}`, &again)
	if first.Rows != 30 || again.Rows != 30 || again.Run != first.Run || again.Table != first.Table || again.Cost.Value != "0.00" {
		t.Errorf("first %+v, the same run again %+v", first, again)
	}
	// Another member's word for a run is another run, though it is the same word.
	h.want(200, "POST", path+"/materialise", "owner", `{"run":"`+run+`"}`, &again)
	if again.Run == first.Run || again.Cost.Value == "0.00" {
		t.Errorf("the owner joins the writer's run: %+v", again)
	}
	table := h.room.desk.BigQuery.Dataset(dataset.OfWorkspace(wsID)).Table(dataset.CohortTable(cohort))
	meta, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var columns, want []string
	for _, f := range meta.Schema {
		columns = append(columns, f.Name+" "+string(f.Type))
	}
	for _, c := range dataset.CohortColumns() {
		want = append(want, c.Name+" "+strings.Replace(c.Type, omop.Int64, "INTEGER", 1))
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Another version takes its place as a whole.
	if status, text, _ := h.match("PATCH", path, "writer", h.etag(path), `{"definition":`+withDrug(tinycdr.Metformin, 90)+`}`); status != 200 {
		t.Fatal(text)
	}
	h.want(200, "POST", path+"/materialise", "writer", `{}`, &again)
	if again.Rows != 40 || again.Run == first.Run {
		t.Errorf("the second version: %+v", again)
	}
	job, err := h.room.desk.BigQuery.JobFromID(t.Context(), again.Run)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := job.Config()
	if err != nil {
		t.Fatal(err)
	}
	q := cfg.(*bigquery.QueryConfig)
	if q.Labels["purpose"] != "materialise" || q.Labels["workspace"] != dataset.OfWorkspace(wsID) || q.MaxBytesBilled <= 0 {
		t.Errorf("labels %v, cap %d", q.Labels, q.MaxBytesBilled)
	}
	st, err := h.room.desk.Credits.Standing(t.Context(), "owner")
	if err != nil || !st.Held.Value().IsZero() {
		t.Errorf("held %v, %v", st.Held, err)
	}
	// It goes with its cohort, and no other's table does.
	gone, other := h.cohort(withDrug(tinycdr.Insulin, 30)), base+"/cohorts/"
	h.want(200, "POST", other+gone+"/materialise", "writer", `{}`, nil)
	if status, text, _ := h.match("DELETE", other+gone, "writer", h.etag(other+gone), ""); status != 204 {
		t.Errorf("%d %s", status, text)
	}
	for name, there := range map[string]bool{dataset.CohortTable(gone): false, table.TableID: true} {
		if _, err := h.room.desk.BigQuery.Dataset(table.DatasetID).Table(name).Metadata(t.Context()); (err == nil) != there {
			t.Errorf("%s after a cohort was deleted: %v", name, err)
		}
	}
	// It goes with the workspace: with its tables, once or again, and no other.
	bq := h.room.desk.BigQuery
	if err := bq.Dataset("ws_another").Create(t.Context(), &bigquery.DatasetMetadata{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := bigqueryx.NewDatasets(bq).Remove(t.Context(), dataset.OfWorkspace(wsID)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := table.Metadata(t.Context()); !fault.Is(bigqueryx.Fault("", err), fault.NotFound) {
		t.Errorf("the table of a removed data set: %v", err)
	}
	if _, err := bq.Dataset("ws_another").Metadata(t.Context()); err != nil {
		t.Errorf("another data set went too: %v", err)
	}
	h.want(422, "POST", path+"/materialise", "writer", `{"run":"x"}`, nil)
	h.want(403, "POST", path+"/materialise", "reader", `{}`, nil)
}

// TestKeptAnswersAreNeverStale asks in several ways: an answer is kept for what
// it means on that data, and for nothing else.
func TestKeptAnswersAreNeverStale(t *testing.T) {
	h := newHouse(t)
	definition := withDrug(tinycdr.Metformin, 30)
	type answer struct {
		counts
		Kept bool
	}
	ask := func(cohort, what string) (got answer) {
		t.Helper()
		h.want(200, "POST", base+"/cohorts/"+cohort+"/"+what, "owner", nil, &got)
		return got
	}
	one := h.cohort(definition)
	if got := ask(one, "count"); got.Kept || got.Cost.Value == "0.00" {
		t.Errorf("the first time: %+v", got)
	}
	if got := ask(one, "count"); !got.Kept || got.Cost.Value != "0.00" || got.Persons.Text != "30" {
		t.Errorf("the second time: %+v", got)
	}
	if got := ask(h.cohort(strings.Replace(definition, `"name":"drug"`, `"name":"a drug"`, 1)), "count"); !got.Kept {
		t.Error("another cohort of the same meaning is asked for again")
	}
	if got := ask(one, "attrition"); got.Kept {
		t.Error("the attrition is answered with the count")
	}
	if got := ask(h.cohort(withDrug(tinycdr.Metformin, 31)), "count"); got.Kept {
		t.Error("another meaning is answered with this one")
	}
	ref := h.client.Collection(omop.ReleasesCollection).Doc(tinycdr.ReleaseID)
	snap, err := ref.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var release omop.Release
	if err := snap.DataTo(&release); err != nil {
		t.Fatal(err)
	}
	release.VocabularyVersion = "v6"
	if _, err := ref.Set(t.Context(), release); err != nil {
		t.Fatal(err)
	}
	if got := ask(one, "count"); got.Kept {
		t.Error("another vocabulary is answered with the old one")
	}
	release.Datasets[string(access.Registered)] = release.Datasets[string(access.Controlled)]
	if _, err := ref.Set(t.Context(), release); err != nil {
		t.Fatal(err)
	}
	if got := ask(one, "count"); got.Kept {
		t.Error("another load of the release is answered with the old one")
	}
}

// TestOneInstanceAsksAtATime: two that want the same at once pay once; a lease
// whose holder died runs out.
func TestOneInstanceAsksAtATime(t *testing.T) {
	h := newHouse(t)
	calls, started, finish := 0, make(chan struct{}), make(chan struct{})
	key := strings.Repeat("a", 64)
	type result struct {
		rows []int
		kept bool
		err  error
	}
	results := make(chan result, 2)
	go func() {
		rows, kept, err := ask(t.Context(), h.room, key, func() ([]int, error) {
			calls++
			close(started)
			<-finish
			return []int{7}, nil
		})
		results <- result{rows, kept, err}
	}()
	<-started
	go func() {
		rows, kept, err := ask(t.Context(), newRoom(h.room.deps), key, func() ([]int, error) {
			calls++
			return []int{8}, nil
		})
		results <- result{rows, kept, err}
	}()
	close(finish)
	kept := 0
	for range 2 {
		got := <-results
		if got.err != nil || len(got.rows) != 1 || got.rows[0] != 7 {
			t.Errorf("%+v", got)
		}
		if got.kept {
			kept++
		}
	}
	if calls != 1 || kept != 1 {
		t.Errorf("asked %d times, kept for %d", calls, kept)
	}
	// Somebody who died while asking.
	ref := h.client.Collection(countsCollection).Doc(strings.Repeat("b", 64))
	if _, err := ref.Set(t.Context(), keptAnswer{Key: ref.ID, Holder: "dead", LeaseUntil: h.clock.Now().Add(countLease)}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(countLease + time.Second)
	rows, was, err := ask(t.Context(), h.room, ref.ID, func() ([]int, error) { return []int{9}, nil })
	if err != nil || was || len(rows) != 1 {
		t.Errorf("after the lease: %v %v %v", rows, was, err)
	}
	// Who comes back after it does not overwrite the answer.
	if err := h.room.keepAnswer(t.Context(), ref, "dead", []int{1}); err != nil {
		t.Fatal(err)
	}
	if rows, was, err = ask(t.Context(), h.room, ref.ID, func() ([]int, error) { return nil, nil }); err != nil || !was || rows[0] != 9 {
		t.Errorf("kept %v %v %v", rows, was, err)
	}
}

// TestTwoAtOnceAskOnce: where two find nothing at the same moment, one of them has
// the lease.
func TestTwoAtOnceAskOnce(t *testing.T) {
	h := newHouse(t)
	for round := range 2 {
		ref := h.client.Collection(countsCollection).Doc(fmt.Sprintf("%064d", round))
		var wg sync.WaitGroup
		mine := make([]bool, 2)
		for i := range mine {
			wg.Go(func() {
				var err error
				if _, mine[i], err = h.room.lease(t.Context(), ref, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, m := range mine {
			if m {
				n++
			}
		}
		if n != 1 {
			t.Errorf("round %d: %d have the lease", round, n)
		}
	}
}

// TestAChangeWhileItIsRun: what was read and is about to be run is what the version
// will say for ever, or it is not run.
func TestAChangeWhileItIsRun(t *testing.T) {
	h := newHouse(t)
	id := h.cohort(withDrug(tinycdr.Metformin, 30))
	path := base + "/cohorts/" + id
	read, err := h.room.cohort(t.Context(), wsID, id)
	if err != nil {
		t.Fatal(err)
	}
	if status, text, _ := h.match("PATCH", path, "writer", h.etag(path), `{"definition":`+withDrug(tinycdr.Metformin, 90)+`}`); status != 200 {
		t.Fatal(text)
	}
	if err := h.room.markRun(t.Context(), read); !fault.Is(err, fault.Stale) {
		t.Errorf("what was read before the change: %v", err)
	}
	if now, err := h.room.cohort(t.Context(), wsID, id); err != nil || !now.RanAt.IsZero() {
		t.Errorf("it counts as run at %v, %v", now.RanAt, err)
	}
	// A new name is no change of what it says.
	if read, err = h.room.cohort(t.Context(), wsID, id); err != nil {
		t.Fatal(err)
	}
	if status, text, _ := h.match("PATCH", path, "writer", h.etag(path), `{"name":"another"}`); status != 200 {
		t.Fatal(text)
	}
	if err := h.room.markRun(t.Context(), read); err != nil {
		t.Errorf("after a new name: %v", err)
	}
	now, err := h.room.cohort(t.Context(), wsID, id)
	if err != nil || now.RanAt.IsZero() || now.Name != "another" {
		t.Errorf("%+v, %v", now, err)
	}
}
