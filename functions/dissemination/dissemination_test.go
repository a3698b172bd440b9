package dissemination

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
)

func TestWhoMayDoWhat(t *testing.T) {
	p := open(t)
	path, _ := p.draft()
	const stale = `"2020-01-01T00:00:00Z"`
	routes := []struct {
		method, path string
		body         any
	}{
		{"POST", "/reports", p.body()},
		{"GET", "/reports", nil},
		{"GET", path, nil},
		{"GET", path + "/versions", nil},
		{"PATCH", path, map[string]string{"venue": "Elsewhere"}},
		{"POST", path + "/submission", map[string]any{}},
		{"POST", path + "/withdrawal", map[string]any{"reason": "x"}},
		{"POST", path + "/review", map[string]any{}},
	}
	for token, want := range map[string][8]int{ // with a stale etag, so that 412 is "allowed"
		"":            {401, 401, 401, 401, 401, 401, 401, 401},
		"forged":      {401, 401, 401, 401, 401, 401, 401, 401},
		"owner1":      {403, 403, 403, 403, 403, 403, 403, 403},
		"owner":       {201, 200, 200, 200, 412, 412, 412, 403},
		"author":      {201, 200, 200, 200, 403, 403, 403, 403},
		"member":      {201, 200, 404, 404, 404, 404, 404, 403},
		"low":         {403, 200, 404, 404, 404, 404, 404, 403},
		"board":       {404, 200, 200, 200, 403, 403, 403, 501},
		"formerBoard": {403, 403, 403, 403, 403, 403, 403, 403},
		"stranger":    {404, 200, 404, 404, 404, 404, 404, 403},
		"noAccount":   {404, 404, 404, 404, 404, 404, 404, 404},
	} {
		for i, r := range routes {
			if w := p.do(r.method, r.path, token, r.body, stale); w.Code != want[i] {
				t.Errorf("%q %s %s: %d, want %d: %s", token, r.method, r.path, w.Code, want[i], w.Body)
			}
		}
	}
}

// A disabled account keeps its Firebase session until that is ended: it must not
// act on what it owned.
func TestADisabledOwnerNeitherReadsNorWithdraws(t *testing.T) {
	p := open(t)
	path, etag := p.draft()
	if _, err := p.client.Collection(access.Accounts).Doc("owner").Update(t.Context(), []firestore.Update{{Path: "disabled", Value: true}}); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*httptest.ResponseRecorder{
		p.do("GET", path, "owner", nil, ""), p.do("GET", "/reports", "owner", nil, ""), p.do("GET", path+"/versions", "owner", nil, ""),
		p.do("POST", path+"/withdrawal", "owner", map[string]any{"reason": "x"}, etag),
	} {
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "disabled") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if w := p.do("GET", path, "author", nil, ""); read[view](t, w).State != Draft {
		t.Errorf("the report became %s", w.Body)
	}
}

func TestADraftNeedsWorkspacesThatTheWriterCanRead(t *testing.T) {
	p := open(t)
	for _, c := range []struct {
		name, token string
		workspaces  []string
		tier        string
		status      int
	}{
		{"own", "owner", []string{p.ws}, "registered", 201},
		{"both tiers", "owner", []string{p.ws, p.secret}, "controlled", 201},
		{"tier too low", "owner", []string{p.ws, p.secret}, "registered", 422},
		{"one of two is not the author's", "author", []string{p.ws, p.secret}, "controlled", 404},
		{"no such workspace", "owner", []string{"ws_01J9ZK3V5N8Q2T4R6W8Y0A1B2C"}, "", 404},
		{"path", "owner", []string{"../accounts/owner"}, "", 422},
		{"none", "owner", []string{}, "", 422},
	} {
		b := p.body()
		b.WorkspaceIDs, b.Tier = c.workspaces, c.tier
		if w := p.do("POST", "/reports", c.token, b, ""); w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
	}
}

func TestADraftIsRefusedWhereItBreaksTheForm(t *testing.T) {
	p := open(t)
	for _, b := range []string{`{}`, `null`, `{"kind":"song","title":"T","workspaceIds":["` + p.ws + `"]}`,
		`{"kind":"talk","title":"","workspaceIds":["` + p.ws + `"]}`, `{"kind":"talk","title":"T","workspaceIds":["` + p.ws + `"],"state":"cleared"}`,
		`{"kind":"talk","title":"` + strings.Repeat("x", 301) + `","workspaceIds":["` + p.ws + `"]}`} {
		if w := p.do("POST", "/reports", "owner", b, ""); w.Code != 422 && w.Code != 400 {
			t.Errorf("%.80s: %d %s", b, w.Code, w.Body)
		}
	}
	w := p.do("POST", "/reports", "owner", `{"kind":"talk","title":"T","workspaceIds":["`+p.ws+`"]}`, "")
	got := read[view](t, w)
	if w.Code != 201 || got.State != Draft || len(got.Authors) != 1 || got.Authors[0].UID != "owner" {
		t.Errorf("the least draft: %d %s", w.Code, w.Body)
	}
}

func TestFourteenDaysAheadIsAcceptedThirteenIsNot(t *testing.T) {
	p := open(t)
	p.clock.Set(time.Date(2026, 12, 1, 23, 59, 59, 0, time.UTC))
	path, etag := p.draft()
	w := p.do("POST", path+"/submission", "owner", map[string]any{}, etag)
	if got := read[view](t, w); w.Code != 200 || got.State != Submitted || got.Late || got.FirstSubmittedAt == nil {
		t.Errorf("14 days: %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"report.submitted"}, p.events()); diff != "" {
		t.Error(diff)
	}
	path, etag = p.draft()
	p.clock.Advance(time.Second) // midnight
	w = p.do("POST", path+"/submission", "owner", map[string]any{}, etag)
	if w.Code != 422 || !strings.Contains(w.Body.String(), "Mark it late and give a reason") {
		t.Errorf("13 days: %d %s", w.Code, w.Body)
	}
	w = p.do("POST", path+"/submission", "owner", map[string]any{"late": true, "lateReason": " "}, etag)
	if w.Code != 422 || !strings.Contains(w.Body.String(), "lateReason") {
		t.Errorf("late without a reason: %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"report.submitted"}, p.events()); diff != "" {
		t.Errorf("a refusal tells somebody: %s", diff)
	}
	w = p.do("POST", path+"/submission", "owner", map[string]any{"late": true, "lateReason": "Invited yesterday."}, etag)
	if got := read[view](t, w); w.Code != 200 || got.State != Submitted || !got.Late || got.LateReason != "Invited yesterday." {
		t.Errorf("late with a reason: %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"report.late", "report.submitted", "report.submitted"}, p.events()); diff != "" {
		t.Error(diff)
	}
}

func TestAnIncompleteReportIsNotSubmitted(t *testing.T) {
	p := open(t)
	b := p.body()
	b.LaySummary, b.Attestations.Ethics = "", false
	w := p.do("POST", "/reports", "owner", b, "")
	path := "/reports/" + read[view](t, w).ID
	w = p.do("POST", path+"/submission", "owner", map[string]any{}, w.Header().Get("ETag"))
	problem := read[api.Problem](t, w)
	if w.Code != 422 || len(problem.Errors) != 2 || problem.Errors[0].Location != "laySummary" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEveryVersionIsKept(t *testing.T) {
	p := open(t)
	path, etag := p.draft()
	w := p.do("PATCH", path, "owner", map[string]any{"title": "Second", "authors": []Author{{Name: "Owner", UID: "owner"}}}, etag)
	second := read[view](t, w)
	if w.Code != 200 || second.Title != "Second" || second.Venue != "A journal" || second.Version != 2 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := p.do("GET", path, "owner", nil, ""); got.Header().Get("ETag") != w.Header().Get("ETag") {
		t.Errorf("the etag of the answer is %s, that of the record %s", w.Header().Get("ETag"), got.Header().Get("ETag"))
	}
	if got := p.do("GET", path, "author", nil, ""); got.Code != 404 {
		t.Errorf("an author who was taken off still reads it: %d", got.Code)
	}
	w = p.do("POST", path+"/submission", "owner", map[string]any{}, w.Header().Get("ETag"))
	if got := p.do("PATCH", path, "owner", map[string]any{"title": "Third"}, w.Header().Get("ETag")); got.Code != 409 {
		t.Errorf("a submitted report is changed: %d %s", got.Code, got.Body)
	}
	w = p.do("POST", path+"/withdrawal", "owner", map[string]any{"reason": "Rejected."}, w.Header().Get("ETag"))
	if got := read[view](t, w); w.Code != 200 || got.State != Withdrawn || got.WithdrawnReason != "Rejected." {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	page := read[api.Page[kept]](t, p.do("GET", path+"/versions?limit=3", "owner", nil, ""))
	rest := read[api.Page[kept]](t, p.do("GET", path+"/versions?limit=3&cursor="+page.Next, "owner", nil, ""))
	var got []string
	for _, v := range append(page.Items, rest.Items...) {
		got = append(got, v.Act+" "+v.Report.Title+" "+string(v.Report.State))
	}
	want := []string{"report.withdrawn Second withdrawn", "report.submitted Second submitted", "report.changed Second draft", "report.created Sleep and sugar draft"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantAudit := []string{"report.changed by owner: draft -> draft, version 2", "report.created by owner:  -> draft, version 1",
		"report.submitted by owner: draft -> submitted, version 3", "report.withdrawn by owner: submitted -> withdrawn, version 4"}
	if diff := cmp.Diff(wantAudit, p.audited()); diff != "" {
		t.Error(diff)
	}
}

func TestAStaleEtagChangesNothing(t *testing.T) {
	p := open(t)
	path, first := p.draft()
	if w := p.do("PATCH", path, "owner", map[string]any{"title": "Second"}, first); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, c := range []struct {
		ifMatch string
		status  int
	}{{first, 412}, {"", 428}, {"junk", 412}} {
		for _, r := range []struct {
			method, path string
			body         any
		}{{"PATCH", path, map[string]any{"title": "Third"}}, {"POST", path + "/submission", map[string]any{}}, {"POST", path + "/withdrawal", map[string]any{"reason": "x"}}} {
			if w := p.do(r.method, r.path, "owner", r.body, c.ifMatch); w.Code != c.status {
				t.Errorf("%s %s with %q: %d, want %d", r.method, r.path, c.ifMatch, w.Code, c.status)
			}
		}
	}
	if got := read[view](t, p.do("GET", path, "owner", nil, "")); got.Title != "Second" || got.Version != 2 || got.State != Draft {
		t.Errorf("%+v", got)
	}
}

func TestOfTwoSubmittersOneWins(t *testing.T) {
	p := open(t)
	path, etag := p.draft()
	codes := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			w := p.do("POST", path+"/submission", "owner", map[string]any{}, etag)
			mu.Lock()
			defer mu.Unlock()
			codes[w.Code]++
		})
	}
	wg.Wait()
	if codes[http.StatusOK] != 1 || codes[http.StatusPreconditionFailed] != 1 {
		t.Errorf("answers %v, want one 200 and one 412", codes)
	}
	if diff := cmp.Diff([]string{"report.submitted"}, p.events()); diff != "" {
		t.Error(diff)
	}
}

func TestAWorkspaceThatIsLostStopsSubmittingNotWithdrawing(t *testing.T) {
	p := open(t)
	path, etag := p.draft()
	if _, err := p.client.Collection("workspaces").Doc(p.ws).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := p.do("POST", path+"/submission", "owner", map[string]any{}, etag); w.Code != 404 {
		t.Errorf("submission: %d %s", w.Code, w.Body)
	}
	if w := p.do("POST", path+"/withdrawal", "owner", map[string]any{"reason": "x"}, etag); w.Code != 200 {
		t.Errorf("withdrawal: %d %s", w.Code, w.Body)
	}
}

func TestListHoldsOnesOwnAndCoauthored(t *testing.T) {
	p := open(t)
	for range 3 {
		p.draft()
		p.clock.Advance(time.Millisecond)
	}
	count := func(token string) int {
		n, cursor := 0, ""
		for range 5 {
			page := read[api.Page[view]](t, p.do("GET", "/reports?limit=2&cursor="+cursor, token, nil, ""))
			n += len(page.Items)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		return n
	}
	for token, want := range map[string]int{"owner": 3, "author": 3, "member": 0, "stranger": 0, "board": 0} {
		if got := count(token); got != want {
			t.Errorf("%s sees %d reports, want %d", token, got, want)
		}
	}
}
