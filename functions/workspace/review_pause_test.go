package workspace

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
)

// The whole way: changes asked, answered, paused, corrected, answered, resumed,
// approved; the owner hears each, and the workspace is what the board says.
func TestTheWayOfAReview(t *testing.T) {
	r := newBoard(t)
	ws, rv, etag := r.reviewed("Asthma")
	path := "/reviews/" + rv
	say := func(status int, token, act string, body map[string]any) {
		t.Helper()
		if a := r.want(status, "POST", path+"/"+act, token, etag, body); status == 200 {
			etag = a.etag
		}
	}
	state := func(of review.State, workspace string) {
		t.Helper()
		one := r.review(rv)
		if w := r.workspace(ws); one.State != of || w.State != workspace {
			t.Fatalf("the review is %s, the workspace %s; want %s and %s", one.State, w.State, of, workspace)
		}
	}
	say(422, "dora", "decision", map[string]any{"decision": "askForChanges"})
	say(422, "dora", "decision", map[string]any{"decision": "pause", "comment": strings.Repeat("é", 2001)})
	say(422, "dora", "decision", map[string]any{"decision": "forget", "comment": "So."})
	say(200, "dora", "decision", map[string]any{"decision": "askForChanges", "comment": "Say whom it may harm."})
	state(review.ChangesAsked, access.Active)
	r.clock.Set(time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC))
	say(422, "ann", "answer", map[string]any{"text": " "})
	say(200, "ann", "answer", map[string]any{"text": "Done."})
	state(review.Waiting, access.Active)
	if due := r.review(rv).DueAt; !due.Equal(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("due %s", due)
	}
	say(200, "eve", "decision", map[string]any{"decision": "pause", "comment": "Not yet."})
	state(review.Paused, access.Paused)
	// Its purpose can be corrected meanwhile.
	w := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil)
	if w.body["state"] != "paused" {
		t.Errorf("%v", w.body)
	}
	r.want(200, "PATCH", "/workspaces/"+ws, "ann", w.etag, map[string]any{"name": "Asthma, with care"})
	say(200, "ann", "answer", map[string]any{"text": "Corrected."})
	state(review.Waiting, access.Paused)
	say(200, "dora", "decision", map[string]any{"decision": "pause", "comment": "Still not."})
	state(review.Paused, access.Paused)
	say(200, "dora", "resume", map[string]any{"comment": "Well enough to go on."})
	state(review.Waiting, access.Active)
	say(200, "dora", "decision", map[string]any{"decision": "pause", "comment": "No, it was not."})
	say(200, "dora", "decision", map[string]any{"decision": "approve"})
	state(review.Approved, access.Active)
	var acts []string
	for _, a := range r.review(rv).History {
		acts = append(acts, a.UID+" "+a.Act)
	}
	want := []string{"ann opened", "dora askForChanges", "ann answered", "eve pause", "ann answered", "dora pause", "dora resumed", "dora pause", "dora approve"}
	if d := cmp.Diff(want, acts); d != "" {
		t.Error(d)
	}
	told := map[string]int{"workspace.created ann": 1, "workspace.changed ann": 1, "review.opened ann": 1, "review.queued ann": 1,
		"review.decided ann": 2, "review.answered ann": 2, "workspace.paused ann": 2, "workspace.resumed ann": 2}
	if d := cmp.Diff(told, r.told()); d != "" {
		t.Error(d)
	}
	if len(r.open()) != 0 {
		t.Error("an ended review is marked as open")
	}
}

// A workspace that was paused through the board's route can be read, described,
// left and deleted, and nothing else: by the routes of this room, and for all
// rooms by the rule that each asks.
func TestAPausedWorkspaceIsReadOnly(t *testing.T) {
	r := newBoard(t)
	ws, rv, etag := r.reviewed("Asthma")
	path := "/workspaces/" + ws
	wsETag := r.share(ws, "ann", r.want(200, "GET", path, "ann", "", nil).etag, "ben", access.Owner)
	if a := r.decide("dora", rv, etag, "pause"); a.status != 200 {
		t.Fatalf("%+v", a)
	}
	// What a member read before the pause is stale: nobody changes it unknowing.
	r.want(412, "PATCH", path, "ann", wsETag, map[string]any{"name": "Other"})
	wsETag = r.want(200, "GET", path, "ann", "", nil).etag
	for _, c := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/members", nil, 200},
		{"GET", "/resources", nil, 200},
		{"GET", "/notes", nil, 200},
		{"POST", "/notes", map[string]any{"title": "A", "text": "B"}, 403},
		{"PUT", "/members", map[string]any{"uid": "carl", "role": "reader"}, 403},
		{"POST", "/transfer", map[string]any{"uid": "ben"}, 403},
		{"POST", "/archive", nil, 403},
		{"POST", "/restore", nil, 403},
		{"PUT", "/policies", map[string]any{"policies": newBody()["policies"]}, 403},
		{"PATCH", "", map[string]any{"name": "Asthma, with care"}, 200},
	} {
		if a := r.do(c.method, path+c.path, "ann", wsETag, c.body); a.status != c.status {
			t.Errorf("%s %s: %d %v, want %d", c.method, c.path, a.status, a.body, c.status)
		}
	}
	w := r.workspace(ws)
	for act, open := range map[access.Action]bool{
		access.Inspect: true, access.Read: true, access.Describe: true, access.Leave: true, access.Delete: true,
		access.Edit: false, access.Run: false, access.Manage: false, access.Archive: false, access.Restore: false,
	} {
		if err := access.May(w, "ann", access.Controlled, act); (err == nil) != open {
			t.Errorf("%s: %v", act, err)
		}
	}
	var face project.Project
	r.read(project.Collection, ws, &face) // it stays in the directory
	if face.Name != "Asthma, with care" {
		t.Errorf("%+v", face)
	}
}

// A decision on a workspace that its owner has archived or deleted in the
// meantime, and on one that is gone.
func TestDecidingOnAWorkspaceThatHasGoneOn(t *testing.T) {
	r := newBoard(t)
	t.Run("archived", func(t *testing.T) {
		r := *r
		r.t = t
		ws, rv, etag := r.reviewed("Archived")
		r.want(200, "POST", "/workspaces/"+ws+"/archive", "ann", r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag, nil)
		a := r.decide("dora", rv, etag, "pause")
		if w := r.workspace(ws); a.status != 200 || w.State != access.Paused {
			t.Fatalf("%+v, %s", a, w.State)
		}
		a = r.decide("dora", rv, a.etag, "close")
		if w := r.workspace(ws); a.status != 200 || w.State != access.Archived {
			t.Errorf("%+v, %s", a, w.State)
		}
	})
	t.Run("deleted, then restored", func(t *testing.T) {
		r := *r
		r.t = t
		ws, rv, etag := r.reviewed("Deleted")
		wsETag := r.want(200, "DELETE", "/workspaces/"+ws, "ann", r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag, nil).etag
		a := r.decide("dora", rv, etag, "pause")
		if w := r.workspace(ws); a.status != 200 || w.State != access.Deleted || w.PurgeAt.IsZero() {
			t.Fatalf("%+v, %+v", a, w)
		}
		if n := r.do("POST", "/reviews/"+rv+"/answer", "ann", a.etag, map[string]any{"text": "Why?"}); n.status != 409 {
			t.Errorf("%+v", n)
		}
		r.want(412, "POST", "/workspaces/"+ws+"/restore", "ann", wsETag, nil)
		wsETag = r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag
		r.want(200, "POST", "/workspaces/"+ws+"/restore", "ann", wsETag, nil)
		if w := r.workspace(ws); w.State != access.Paused {
			t.Errorf("restored: %s", w.State)
		}
		r.want(200, "POST", "/reviews/"+rv+"/resume", "dora", a.etag, map[string]any{"comment": "Well."})
		if w := r.workspace(ws); w.State != access.Active {
			t.Errorf("resumed: %s", w.State)
		}
	})
	t.Run("paused, deleted, resumed, restored", func(t *testing.T) {
		r := *r
		r.t = t
		ws, rv, etag := r.reviewed("Both")
		a := r.decide("dora", rv, etag, "pause")
		r.want(200, "DELETE", "/workspaces/"+ws, "ann", r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag, nil)
		r.want(200, "POST", "/reviews/"+rv+"/resume", "dora", a.etag, map[string]any{"comment": "Well."})
		r.want(200, "POST", "/workspaces/"+ws+"/restore", "ann", r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag, nil)
		if w := r.workspace(ws); w.State != access.Active {
			t.Errorf("restored: %s", w.State)
		}
	})
	for name, gone := range map[string]func(r *room, ws string){
		"being purged": func(r *room, ws string) {
			w := r.workspace(ws)
			w.State = access.Purging
			r.put(access.Workspaces, ws, w.Keyed())
		},
		"gone": func(r *room, ws string) {
			if _, err := r.client.Collection(access.Workspaces).Doc(ws).Delete(r.t.Context()); err != nil {
				r.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := *r
			r.t = t
			ws, rv, etag := r.reviewed("Purged " + name)
			gone(&r, ws)
			for _, decision := range []string{"approve", "askForChanges", "pause"} {
				if a := r.decide("dora", rv, etag, decision); a.status != 409 {
					t.Errorf("%s: %+v", decision, a)
				}
			}
			r.want(404, "GET", "/reviews/"+rv, "ann", "", nil)
			if a := r.decide("dora", rv, etag, "close"); a.status != 200 || r.open()[ws] != "" {
				t.Errorf("closed: %+v, open %v", a, r.open())
			}
			if w, _ := r.client.Collection(access.Workspaces).Doc(ws).Get(t.Context()); w.Exists() != (name == "being purged") || w.Exists() && w.Data()["state"] != access.Purging {
				t.Errorf("the workspace: %v", w.Data())
			}
		})
	}
}
