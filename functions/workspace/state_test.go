package workspace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/project"
)

// sameButUpdated compares public faces apart from when they were changed.
var sameButUpdated = cmpopts.IgnoreFields(project.Project{}, "UpdatedAt", "ChangedAt")

// sameButWritten compares them apart from the store's own time of the write.
var sameButWritten = cmpopts.IgnoreFields(project.Project{}, "ChangedAt")

// read gets a record into a struct.
func (r *room) read(collection, name string, into any) {
	r.t.Helper()
	snap, err := r.client.Collection(collection).Doc(name).Get(r.t.Context())
	if err == nil {
		err = snap.DataTo(into)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// states of the caller's list, by name.
func (r *room) listed(token, query string) map[string]string {
	r.t.Helper()
	found := map[string]string{}
	for _, e := range r.want(200, "GET", "/workspaces?"+query, token, "", nil).body["items"].([]any) {
		found[e.(map[string]any)["name"].(string)] = e.(map[string]any)["state"].(string)
	}
	return found
}

func TestArchiveAndRestore(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "dora", access.Writer)
	path := "/workspaces/" + ws
	r.want(428, "POST", path+"/archive", "ann", "", nil)
	r.want(412, "POST", path+"/archive", "ann", `"2020-01-01T00:00:00Z"`, nil)
	r.want(403, "POST", path+"/archive", "dora", etag, nil)
	r.want(404, "POST", path+"/archive", "eve", etag, nil)
	r.want(409, "POST", path+"/restore", "ann", etag, nil)
	a := r.want(200, "POST", path+"/archive", "ann", etag, nil)
	if a.body["state"] != "archived" {
		t.Errorf("archived: %v", a.body)
	}
	r.want(200, "GET", path, "dora", "", nil)
	r.want(403, "PATCH", path, "ann", a.etag, map[string]any{"name": "Other"})
	r.want(403, "PUT", path+"/members", "ann", a.etag, map[string]any{"uid": "eve", "role": "reader"})
	r.want(403, "POST", path+"/archive", "ann", a.etag, nil)
	if d := cmp.Diff(map[string]string{"Asthma": "archived"}, r.listed("dora", "")); d != "" {
		t.Error(d)
	}
	r.want(403, "POST", path+"/restore", "dora", a.etag, nil)
	a = r.want(200, "POST", path+"/restore", "ann", a.etag, nil)
	if a.body["state"] != "active" {
		t.Errorf("restored: %v", a.body)
	}
	r.want(200, "PATCH", path, "ann", a.etag, map[string]any{"name": "Other"})
}

func TestDeleteAndRestore(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "dora", access.Writer)
	path := "/workspaces/" + ws
	r.want(428, "DELETE", path, "ann", "", nil)
	r.want(412, "DELETE", path, "ann", `"2020-01-01T00:00:00Z"`, nil)
	r.want(403, "DELETE", path, "dora", etag, nil)
	a := r.want(200, "DELETE", path, "ann", etag, nil)
	if a.body["state"] != "deleted" || a.body["purgeAt"] != morning.Add(30*24*time.Hour).Format(time.RFC3339) {
		t.Errorf("deleted: %v", a.body)
	}
	// Hidden from everybody but an owner who looks for it.
	r.want(404, "GET", path, "dora", "", nil)
	r.want(404, "GET", path+"/members", "ann", "", nil)
	r.want(404, "PATCH", path, "ann", a.etag, map[string]any{"name": "Other"})
	r.want(404, "DELETE", path, "ann", a.etag, nil)
	for token, want := range map[string]map[string]string{"ann": {"Asthma": "deleted"}, "dora": {}} {
		if d := cmp.Diff(map[string]string{}, r.listed(token, "")); d != "" {
			t.Errorf("%s's list: %s", token, d)
		}
		if d := cmp.Diff(want, r.listed(token, "state=deleted")); d != "" {
			t.Errorf("%s's list of deleted ones: %s", token, d)
		}
	}
	if n := r.count(project.Removals); n != 1 {
		t.Errorf("%d removals are told to the directory", n)
	}
	if n := r.count(project.Collection); n != 0 {
		t.Error("it is still in the public directory")
	}
	// The name is free at once; restoring then takes another.
	r.created("ann", "asthma")
	etag = r.want(200, "GET", path, "ann", "", nil).etag
	r.want(404, "POST", path+"/restore", "dora", etag, nil)
	r.want(409, "POST", path+"/restore", "ann", etag, nil)
	r.want(422, "POST", path+"/restore", "ann", etag, map[string]any{"name": "\u200b"})
	r.clock.Advance(30*24*time.Hour - time.Second)
	a = r.want(200, "POST", path+"/restore", "ann", etag, map[string]any{"name": "Asthma again"})
	if a.body["state"] != "active" || a.body["name"] != "Asthma again" || a.body["purgeAt"] != nil {
		t.Errorf("restored: %v", a.body)
	}
	w := r.workspace(ws)
	var face project.Project
	r.read(project.Collection, ws, &face)
	if d := cmp.Diff(project.Of(w, "Name of ann", "Example University"), face, sameButWritten); d != "" {
		t.Errorf("public face: %s", d)
	}
	r.want(200, "GET", path, "dora", "", nil)
	if snap, err := r.client.Collection(access.Workspaces).Doc(ws).Get(t.Context()); err != nil || snap.Data()["purgeAt"] != nil {
		t.Errorf("a restored workspace is still to be purged: %v", err)
	}
}

func TestGraceEnds(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	etag = r.want(200, "DELETE", "/workspaces/"+ws, "ann", etag, nil).etag
	r.clock.Advance(30 * 24 * time.Hour)
	r.want(404, "POST", "/workspaces/"+ws+"/restore", "ann", etag, nil)
}

// Neither archiving nor deleting is a way out of the review board's pause.
func TestAPauseOutlastsDeletion(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma")
	w := r.workspace(ws)
	w.State = access.Paused
	r.put(access.Workspaces, ws, w.Keyed())
	path := "/workspaces/" + ws
	etag := r.want(200, "GET", path, "ann", "", nil).etag
	r.want(403, "POST", path+"/archive", "ann", etag, nil)
	r.want(403, "POST", path+"/restore", "ann", etag, nil)
	etag = r.want(200, "PATCH", path, "ann", etag, map[string]any{"purpose": newPurpose()}).etag // what the board waits for
	etag = r.want(200, "DELETE", path, "ann", etag, nil).etag
	if a := r.want(200, "POST", path+"/restore", "ann", etag, nil); a.body["state"] != "paused" {
		t.Errorf("restored: %v", a.body)
	}
}
