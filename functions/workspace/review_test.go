package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
)

// newBoard is a room with a review board: dora and eve. ann owns what is reviewed.
func newBoard(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.service.calendar = review.DefaultCalendar()
	for _, uid := range []string{"dora", "eve"} {
		a := account(uid, access.Controlled)
		a.AdminRoles = []access.Role{access.ReviewBoard}
		r.put(access.Accounts, uid, a)
	}
	return r
}

// reviewed makes a workspace that asks for a review, and gives both identifiers
// and the review's etag.
func (r *room) reviewed(name string) (ws, rv, etag string) {
	r.t.Helper()
	body := newBody()
	body["name"] = name
	body["purpose"].(map[string]any)["reviewRequested"] = true
	ws = r.want(201, "POST", "/workspaces", "ann", "", body).body["id"].(string)
	items := r.want(200, "GET", "/workspaces/"+ws+"/reviews", "ann", "", nil).body["items"].([]any)
	if len(items) != 1 {
		r.t.Fatalf("%d reviews", len(items))
	}
	rv = items[0].(map[string]any)["id"].(string)
	return ws, rv, r.etagOf(rv)
}

func (r *room) etagOf(rv string) string {
	r.t.Helper()
	return r.want(200, "GET", "/reviews/"+rv, "dora", "", nil).etag
}

func (r *room) decide(token, rv, etag, decision string) answered {
	r.t.Helper()
	return r.do("POST", "/reviews/"+rv+"/decision", token, etag, map[string]any{"decision": decision, "comment": "Say more of " + decision + "."})
}

func (r *room) review(rv string) review.Review {
	r.t.Helper()
	var one review.Review
	r.read(review.Collection, rv, &one)
	return one
}

// told counts the events by type and person.
func (r *room) told() map[string]int {
	r.t.Helper()
	snaps, err := r.client.Collection(outbox.Collection).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	list := map[string]int{}
	for _, snap := range snaps {
		list[snap.Data()["type"].(string)+" "+snap.Data()["uid"].(string)]++
	}
	return list
}

// open lists the marks of open reviews, by workspace.
func (r *room) open() map[string]string {
	r.t.Helper()
	snaps, err := r.client.Collection(review.OpenReviews).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	list := map[string]string{}
	for _, snap := range snaps {
		list[snap.Ref.ID] = snap.Data()["reviewId"].(string)
	}
	return list
}

// A purpose that asks for a review opens one, once: at creation, and when the
// purpose comes to ask.
func TestAPurposeOpensOneReview(t *testing.T) {
	r := newBoard(t)
	ws, rv, _ := r.reviewed("Asthma")
	one := r.review(rv)
	if one.State != review.Waiting || one.Origin != review.OriginOwner || !one.DueAt.Equal(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", one)
	}
	if d := cmp.Diff(map[string]int{"workspace.created ann": 1, "review.opened ann": 1, "review.queued ann": 1}, r.told()); d != "" {
		t.Error(d)
	}
	// Said again, or taken back and said again, while it is open: the same one.
	for _, asks := range []bool{true, false, true} {
		purpose := newPurpose()
		purpose["reviewRequested"] = asks
		etag := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag
		r.want(200, "PATCH", "/workspaces/"+ws, "ann", etag, map[string]any{"purpose": purpose})
	}
	if d := cmp.Diff(map[string]string{ws: rv}, r.open()); d != "" || r.count(review.Collection) != 1 {
		t.Errorf("%d reviews, %s", r.count(review.Collection), d)
	}
	// When it has ended, a purpose that comes to ask opens another; one that has
	// asked all along does not.
	if a := r.decide("dora", rv, r.etagOf(rv), "approve"); a.status != 200 {
		t.Fatalf("%+v", a)
	}
	for i, c := range []struct {
		asks bool
		want int
	}{{true, 1}, {false, 1}, {true, 2}} {
		purpose := newPurpose()
		purpose["reviewRequested"] = c.asks
		etag := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag
		r.want(200, "PATCH", "/workspaces/"+ws, "ann", etag, map[string]any{"purpose": purpose})
		if n := r.count(review.Collection); n != c.want {
			t.Errorf("change %d: %d reviews, want %d", i, n, c.want)
		}
	}
	// Archived and restored, deleted and restored: nothing asks anew.
	etag := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag
	for _, act := range []string{"archive", "restore"} {
		etag = r.want(200, "POST", "/workspaces/"+ws+"/"+act, "ann", etag, nil).etag
	}
	etag = r.want(200, "DELETE", "/workspaces/"+ws, "ann", etag, nil).etag
	r.want(200, "POST", "/workspaces/"+ws+"/restore", "ann", etag, nil)
	if n := r.count(review.Collection); n != 2 {
		t.Errorf("%d reviews", n)
	}
	// One that asks for none has none.
	r.created("ann", "Quiet")
	if n := r.count(review.Collection); n != 2 {
		t.Errorf("%d reviews", n)
	}
}

// What asks for a review.
func TestWhatAsksForAReview(t *testing.T) {
	type side struct {
		state string
		asked bool
	}
	for name, c := range map[string]struct {
		before, after side
		want          bool
	}{
		"made":                      {side{}, side{access.Active, true}, true},
		"made without":              {side{}, side{access.Active, false}, false},
		"the purpose comes to ask":  {side{access.Active, false}, side{access.Active, true}, true},
		"of a paused one as well":   {side{access.Paused, false}, side{access.Paused, true}, true},
		"it has asked all along":    {side{access.Active, true}, side{access.Active, true}, false},
		"it asks no more":           {side{access.Active, true}, side{access.Active, false}, false},
		"a copy that is begun":      {side{}, side{access.Copying, true}, false},
		"archived":                  {side{access.Active, true}, side{access.Archived, true}, false},
		"deleted":                   {side{access.Active, true}, side{access.Deleted, true}, false},
		"restored from the dustbin": {side{access.Deleted, true}, side{access.Active, true}, false},
	} {
		of := func(s side) access.Workspace {
			return access.Workspace{State: s.state, Purpose: access.Purpose{ReviewRequested: s.asked}}
		}
		if got := asks(of(c.before), of(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Who acts in which state: every role meets every state and every act, over HTTP.
func TestRolesStatesAndDecisions(t *testing.T) {
	r := newBoard(t)
	type act struct{ path, decision string }
	acts := []act{{"decision", "approve"}, {"decision", "askForChanges"}, {"decision", "pause"}, {"decision", "close"}, {"resume", ""}, {"answer", ""}}
	// What the right one hears, by state, in the order of acts; 0 marks 200.
	want := map[review.State][]int{
		review.Waiting:      {200, 200, 200, 200, 409, 409},
		review.ChangesAsked: {200, 409, 200, 200, 409, 200},
		review.Paused:       {200, 409, 409, 200, 200, 200},
		review.Approved:     {409, 409, 409, 409, 409, 409},
		review.Closed:       {409, 409, 409, 409, 409, 409},
	}
	// What the others hear: of the board's acts, and of the owner's.
	others := map[string][2]int{
		"":     {401, 401},
		"ann1": {403, 403}, // without a second factor
		"ann":  {403, 0},   // the owner
		"ben":  {403, 404}, // a writer
		"carl": {403, 404}, // nobody of it
		"dora": {0, 404},   // the board
		"eve":  {403, 404}, // of the board and a member
	}
	ws, rv, _ := r.reviewed("Asthma")
	w := r.workspace(ws)
	w.Members["ben"], w.Members["eve"] = access.Writer, access.Reader
	for _, state := range review.States() {
		for i, a := range acts {
			for _, token := range slices.Sorted(maps.Keys(others)) {
				one := r.review(rv)
				one.State, one.Lifts = state, ""
				w.State = access.Active
				if state == review.Paused {
					one.Lifts, w.State = access.Active, access.Paused
				}
				r.put(review.Collection, rv, one)
				r.put(review.OpenReviews, ws, review.OpenOf(one))
				r.put(access.Workspaces, ws, w.Keyed())
				etag := r.etagOf(rv)
				body := map[string]any{"comment": "So it is."}
				switch a.path {
				case "decision":
					body["decision"] = a.decision
				case "answer":
					body = map[string]any{"text": "So it is."}
				}
				status := others[token][0]
				if a.path == "answer" {
					status = others[token][1]
				}
				if status == 0 {
					status = want[state][i]
				}
				got := r.do("POST", "/reviews/"+rv+"/"+a.path, token, etag, body)
				if got.status != status {
					t.Errorf("%s by %q on %s: %d %v, want %d", a, token, state, got.status, got.body, status)
				}
				if changed := r.review(rv).UpdatedAt != one.UpdatedAt || r.etagOf(rv) != etag; changed != (status == 200) {
					t.Errorf("%s by %q on %s: %d, changed %v", a, token, state, status, changed)
				}
			}
		}
	}
	// Who reads it.
	for token, status := range map[string]int{"": 401, "ann": 200, "ben": 404, "carl": 404, "dora": 200, "eve": 200} {
		r.want(status, "GET", "/reviews/"+rv, token, "", nil)
		board := 403
		if token == "dora" || token == "eve" || token == "" {
			board = status
		}
		r.want(board, "GET", "/reviews", token, "", nil)
		r.want(board, "GET", "/reviews/"+rv+"/requests", token, "", nil)
	}
	r.want(403, "GET", "/workspaces/"+ws+"/reviews", "ben", "", nil)
	r.want(404, "GET", "/workspaces/"+ws+"/reviews", "dora", "", nil)
	for _, missing := range []string{"rv_" + strings.Repeat("0", 26), "x"} {
		r.want(404, "GET", "/reviews/"+missing, "dora", "", nil)
		if a := r.decide("dora", missing, `"2020-01-01T00:00:00Z"`, "approve"); a.status != 404 {
			t.Errorf("%+v", a)
		}
	}
}

// Two members of the board decide at once: one decision is made, the other hears
// 412 and has changed nothing, and nothing of the first is lost.
func TestTwoMembersOfTheBoardDecideAtOnce(t *testing.T) {
	r := newBoard(t)
	pairs := [][2]string{{"pause", "approve"}, {"pause", "pause"}, {"askForChanges", "close"}}
	for i, pair := range pairs {
		ws, rv, etag := r.reviewed(fmt.Sprintf("Project %d", i))
		entries, acts := r.count(audit.Collection), 1
		var results [2]answered
		var wg sync.WaitGroup
		for k, token := range []string{"dora", "eve"} {
			wg.Go(func() { results[k] = r.decide(token, rv, etag, pair[k]) })
		}
		wg.Wait()
		winner := slices.IndexFunc(results[:], func(a answered) bool { return a.status == 200 })
		if winner < 0 || results[1-winner].status != 412 {
			t.Fatalf("%v: %+v; want one 200 and one 412", pair, results)
		}
		one, w := r.review(rv), r.workspace(ws)
		if len(one.History) != 2 || one.History[1].Act != pair[winner] || one.History[1].UID != []string{"dora", "eve"}[winner] {
			t.Errorf("%v: history %+v", pair, one.History)
		}
		if (w.State == access.Paused) != (pair[winner] == "pause") {
			t.Errorf("%v, %s won: the workspace is %s", pair, pair[winner], w.State)
		}
		if pair[winner] == "pause" {
			acts++
		}
		if n := r.count(audit.Collection) - entries; n != acts {
			t.Errorf("%v, %s won: %d audit entries, want %d", pair, pair[winner], n, acts)
		}
		// The etag that the winner got is the one that counts.
		if a := r.decide("dora", rv, results[winner].etag, "close"); a.status != 200 && pair[winner] != "approve" && pair[winner] != "close" {
			t.Errorf("%v: with the winner's etag: %+v", pair, a)
		}
	}
}

// An owner is told nothing of who asked, nor of who decided.
func TestAnOwnerIsNotToldWhoAsked(t *testing.T) {
	r := newBoard(t)
	ws, rv, _ := r.reviewed("Asthma")
	one := r.review(rv)
	one.Origin = review.OriginPublic
	r.put(review.Collection, rv, one)
	r.put(review.Requests, "rr_1", review.Request{ID: "rr_1", ReviewID: rv, ProjectID: ws, Email: "secret@requester.example", Name: "Secret Name", Reason: "Secret reason", ConfirmedAt: morning})
	if a := r.decide("dora", rv, r.etagOf(rv), "askForChanges"); a.status != 200 {
		t.Fatalf("%+v", a)
	}
	for _, path := range []string{"/reviews/" + rv, "/workspaces/" + ws + "/reviews", "/workspaces/" + ws, "/workspaces"} {
		text, err := json.Marshal(r.want(200, "GET", path, "ann", "", nil).body)
		if err != nil {
			t.Fatal(err)
		}
		for _, private := range []string{"ecret", "requester", "public\"", "dora", "origin", "rr_1"} {
			if strings.Contains(string(text), private) {
				t.Errorf("%s shows an owner %q: %s", path, private, text)
			}
		}
	}
	r.want(403, "GET", "/reviews/"+rv+"/requests", "ann", "", nil)
	a := r.want(200, "GET", "/reviews/"+rv+"/requests", "dora", "", nil)
	if text := fmt.Sprint(a.body); !strings.Contains(text, "secret@requester.example") || !strings.Contains(text, "Secret reason") {
		t.Errorf("the board sees %s", text)
	}
	if b := r.want(200, "GET", "/reviews/"+rv, "dora", "", nil).body; b["origin"] != "public" || b["workspace"].(map[string]any)["purpose"] == nil {
		t.Errorf("the board sees %v", b)
	}
	// Nor do the events, the audit log and the public face hold anything of it.
	for _, collection := range []string{outbox.Collection, audit.Collection, project.Collection, review.OpenReviews} {
		snaps, err := r.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, snap := range snaps {
			if text := fmt.Sprint(snap.Data()); strings.Contains(text, "ecret") || strings.Contains(text, "requester") {
				t.Errorf("%s holds %s", collection, text)
			}
		}
	}
}

// The queue: one state, the soonest due first, by pages, overdue ones marked.
func TestQueue(t *testing.T) {
	r := newBoard(t)
	var want []string
	for i := range 5 {
		_, rv, _ := r.reviewed(fmt.Sprintf("Project %d", i))
		one := r.review(rv)
		one.DueAt = morning.Add(time.Duration([]int{3, 1, 1, -1, 2}[i]) * time.Hour)
		r.put(review.Collection, rv, one)
		want = append(want, rv)
	}
	tied := []string{want[1], want[2]}
	slices.Sort(tied)
	want = []string{want[3], tied[0], tied[1], want[4], want[0]}
	var got []string
	cursor, late := "", 0
	for range 3 {
		page := r.want(200, "GET", "/reviews?limit=2&cursor="+cursor, "dora", "", nil).body
		for _, one := range page["items"].([]any) {
			got = append(got, one.(map[string]any)["id"].(string))
			if one.(map[string]any)["overdue"] == true {
				late++
			}
		}
		cursor, _ = page["next"].(string)
	}
	if d := cmp.Diff(want, got); d != "" || cursor != "" || late != 1 {
		t.Errorf("%s; then %q; %d late", d, cursor, late)
	}
	if n := len(r.want(200, "GET", "/reviews?state=paused", "dora", "", nil).body["items"].([]any)); n != 0 {
		t.Errorf("%d paused", n)
	}
	for _, bad := range []string{"state=open", "cursor=x", "cursor=cnZfeCAy", "limit=0", "limit=101"} {
		if a := r.do("GET", "/reviews?"+bad, "dora", "", nil); a.status != 422 && a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
}
