package authorization

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/review"
)

// looks are POSTs that change and run nothing: what is asked for is too large for
// an address.
var looks = []string{
	"POST /cohort/v1/workspaces/{workspace}/cohorts/validate",
	"POST /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet}/comparison",
}

// The board pauses a workspace by its route; at once its owner may read in every
// room and run, change and share in none; when the board resumes it, the owner
// may again. All by the routes that people use.
func TestAPauseClosesEveryRoom(t *testing.T) {
	h := open(t)
	h.settle(t)
	owner, board := person{"controlled", ""}, person{"controlled", "reviewBoard"}
	ws := id.Derived(id.Workspace, signedIn, "to be paused")
	h.put(t, access.Workspaces, ws, access.Workspace{ID: ws, Name: "To be paused", Tier: access.Registered, ReleaseID: "r1", OwnerUID: owner.uid(),
		Members: map[string]string{owner.uid(): access.Owner}, State: access.Active, CreatedAt: signedIn, UpdatedAt: signedIn}.Keyed())
	r := review.Review{ID: id.Derived(id.Review, signedIn, "pause"), WorkspaceID: ws, Name: "To be paused", State: review.Waiting, OpenedAt: signedIn,
		DueAt: now.AddDate(0, 0, 7), SchemaVersion: review.Schema}
	h.put(t, review.Collection, r.ID, r)
	h.put(t, review.OpenReviews, ws, review.OpenOf(r))

	ownerToken, boardToken := h.token(owner.uid(), "level2"), h.token(board.uid(), "level2")
	path := "/workspace/v1/reviews/" + r.ID
	etag := h.send(t, request{method: "GET", path: path, token: boardToken}).etag
	act := func(name string, body map[string]any) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		a := h.send(t, request{method: "POST", path: path + "/" + name, token: boardToken, ifMatch: etag, body: b})
		if a.status != 200 {
			t.Fatalf("%s: %d %s %s", name, a.status, a.detail, a.body)
		}
		etag = a.etag
	}
	// Reads and acts of every room that has workspaces, by the table of doors: what
	// an owner may do in an active one, and does not in a paused one, is closed.
	reads, acts, rooms := 0, 0, map[string]bool{}
	check := func(paused bool) {
		t.Helper()
		reads, acts = 0, 0
		for _, one := range h.routes {
			e, known := expectations()[one.name()]
			if one.Raw != "" || !one.Built || !known || e.memberships == nil || e.anyTier || strings.HasPrefix(e.record, "functions/") {
				continue
			}
			if fmt.Sprint(e.memberships) == fmt.Sprint(changes.memberships) {
				continue // the state is judged behind the etag: functions/workspace holds that
			}
			q := request{method: one.Method, path: one.at(map[string]string{"workspace": ws}), token: ownerToken}
			if one.takesBody() {
				q.body = []byte("{}")
			}
			a := h.send(t, q)
			open := one.Method == "GET" || slices.Contains(looks, one.name())
			if open {
				reads++
			} else {
				acts++
				rooms[one.function] = true
			}
			closed := a.status == 403 && a.code == "denied" && strings.Contains(a.detail, "The review board paused this workspace")
			if closed != (paused && !open) {
				t.Errorf("%s, paused %v: %d %s %s", one.name(), paused, a.status, a.code, a.detail)
			}
		}
	}
	check(false)
	act("decision", map[string]any{"decision": "pause", "comment": "Not yet."})
	check(true)
	act("resume", map[string]any{"comment": "Well enough."})
	check(false)
	if reads < 10 || acts < 10 || !rooms["cohort"] || !rooms["query"] || !rooms["environment"] || !rooms["billing"] || !rooms["workspace"] {
		t.Errorf("%d reads, %d acts in %v: the test looks at too little", reads, acts, rooms)
	}
	t.Logf("%d reads, %d acts of %d rooms", reads, acts, len(rooms))
}
