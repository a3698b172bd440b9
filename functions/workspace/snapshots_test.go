package workspace

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/project"
)

func snapshotBody(title string) map[string]any {
	return map[string]any{"category": "community", "title": title, "description": "What is in it.", "all": true}
}

// published publishes a snapshot of a workspace and gives its identifier.
func (r *room) published(token, ws string, body map[string]any) string {
	r.t.Helper()
	a := r.ended(token, r.want(202, "POST", "/workspaces/"+ws+"/snapshots", token, "", body))
	if a.body["state"] != "done" {
		r.t.Fatalf("%v", a.body)
	}
	return a.body["snapshotId"].(string)
}

func (r *room) titles(token, query string) []string {
	r.t.Helper()
	list := []string{}
	for _, item := range r.want(200, "GET", "/snapshots?"+query, token, "", nil).body["items"].([]any) {
		list = append(list, item.(map[string]any)["title"].(string))
	}
	return list
}

func TestWhatCanBePublished(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma in cities")
	empty, _ := r.created("ann", "Empty")
	r.filled(ws)
	for name, c := range map[string]struct {
		ws, token string
		body      map[string]any
		want      int
		says      string
	}{
		"nothing":               {ws, "ann", map[string]any{}, 422, "body.description"},
		"no such category":      {ws, "ann", map[string]any{"category": "x", "description": "d", "all": true}, 422, "body.category"},
		"the programme's":       {ws, "ann", map[string]any{"category": "demo", "description": "d", "all": true}, 403, ""},
		"all and some":          {ws, "ann", map[string]any{"category": "community", "description": "d", "all": true, "include": map[string]any{"cohorts": []string{aCohort}}}, 422, "body.include"},
		"what is not there":     {ws, "ann", map[string]any{"category": "community", "description": "d", "include": map[string]any{"cohorts": []string{"co_01JZZZZZZZZZZZZZZZZZZZZZZZ"}}}, 422, "is not in this workspace"},
		"what is no identifier": {ws, "ann", map[string]any{"category": "community", "description": "d", "include": map[string]any{"cohorts": []string{"../x"}}}, 422, "body.include.cohorts[0]"},
		"a riddle":              {ws, "ann", map[string]any{"category": "community", "description": "d", "include": map[string]any{"dataSets": []string{aDataSet}}}, 422, "include that as well"},
		"an address":            {ws, "ann", map[string]any{"category": "community", "description": "Ask me@university.example", "all": true}, 422, "e-mail address"},
		"nothing in it":         {empty, "ann", snapshotBody("x"), 409, "nothing in this workspace"},
		"somebody else's":       {ws, "eve", snapshotBody("x"), 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.do("POST", "/workspaces/"+c.ws+"/snapshots", c.token, "", c.body)
			text, err := json.Marshal(a.body)
			if err != nil || a.status != c.want || !strings.Contains(string(text), c.says) {
				t.Errorf("%d %s", a.status, text)
			}
		})
	}
	sn := r.published("ann", ws, map[string]any{"category": "community", "description": "d", "include": map[string]any{"cohorts": []string{aCohort}, "dataSets": []string{aDataSet}}})
	if got := r.want(200, "GET", "/snapshots/"+sn, "ann", "", nil); len(got.body["items"].([]any)) != 2 {
		t.Errorf("%v", got.body)
	}

	// What the check refuses is not shown, and nothing of it is left.
	r.put(access.Workspaces+"/"+ws+"/cohorts", aCohort, map[string]any{"id": aCohort, "name": "Mine", "description": "by me@university.example"})
	a := r.ended("ann", r.want(202, "POST", "/workspaces/"+ws+"/snapshots", "ann", "", snapshotBody("Refused")))
	text, err := json.Marshal(a.body)
	if err != nil || a.body["state"] != "failed" || !strings.Contains(string(text), `"refuses":true`) || !strings.Contains(string(text), `"name":"Mine"`) {
		t.Errorf("%s", text)
	}
	if n := r.count("snapshots"); n != 1 {
		t.Errorf("%d snapshots", n)
	}
	if n := r.count(project.Listings); n != 1 {
		t.Errorf("%d public", n)
	}
}

func TestSnapshotsAreListed(t *testing.T) {
	r := newRoom(t)
	admin := account("dora", access.Controlled)
	admin.AdminRoles = []access.Role{access.CommunityAdmin}
	r.put(access.Accounts, "dora", admin)
	ws, _ := r.created("ann", "Registered")
	r.filled(ws)
	body := newBody()
	body["name"], body["tier"] = "Controlled", "controlled"
	r.put("releases", "r2026", map[string]any{"id": "r2026", "state": "published", "datasets": map[string]string{"registered": "a", "controlled": "b"}})
	secret := r.want(201, "POST", "/workspaces", "dora", "", body).body["id"].(string)
	r.filled(secret)
	r.published("ann", ws, snapshotBody("First"))
	r.clock.Advance(1e9)
	r.published("ann", ws, snapshotBody("Second"))
	r.clock.Advance(1e9)
	demo := snapshotBody("First steps")
	demo["category"] = "demo"
	hidden := r.published("dora", secret, demo)
	for name, c := range map[string]struct {
		token, query string
		want         []string
	}{
		"all, newest first":       {"ann", "", []string{"First steps", "Second", "First"}},
		"those of one's tier":     {"ben", "", []string{"Second", "First"}},
		"a category":              {"ann", "category=demo", []string{"First steps"}},
		"a tier":                  {"ann", "tier=registered", []string{"Second", "First"}},
		"a tier that is not held": {"ben", "tier=controlled", []string{}},
		"a project":               {"ann", "workspace=" + ws, []string{"Second", "First"}},
		"a title, by title":       {"ann", "title=first", []string{"First", "First steps"}},
		"a title of one's tier":   {"ben", "title=FIRST", []string{"First"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, r.titles(c.token, c.query)); d != "" {
				t.Error(d)
			}
		})
	}
	for _, query := range []string{"limit=1", "limit=1&title=first"} {
		page := r.want(200, "GET", "/snapshots?"+query, "ann", "", nil)
		next := r.want(200, "GET", "/snapshots?"+query+"&cursor="+url.QueryEscape(page.body["next"].(string)), "ann", "", nil)
		first, second := page.body["items"].([]any)[0].(map[string]any)["title"], next.body["items"].([]any)[0].(map[string]any)["title"]
		if first == second || page.body["next"] == next.body["next"] {
			t.Errorf("%s: %v, then %v", query, first, second)
		}
	}
	r.want(403, "GET", "/snapshots/"+hidden, "ben", "", nil)
	r.want(403, "POST", "/snapshots/"+hidden+"/duplications", "ben", "", map[string]any{})
	r.want(403, "GET", "/snapshots", "carl", "", nil)
	r.want(404, "GET", "/snapshots/sn_01JAAAAAAAAAAAAAAAAAAAAAA1", "ann", "", nil)

	// Versions count what was published of one workspace.
	if v := r.want(200, "GET", "/snapshots?workspace="+ws, "ann", "", nil).body["items"].([]any)[0].(map[string]any)["version"]; v != 2.0 {
		t.Errorf("version %v", v)
	}
	// Everyone with the tier makes a workspace of it, with a purpose of their own.
	sn := r.want(200, "GET", "/snapshots?title=second", "ben", "", nil).body["items"].([]any)[0].(map[string]any)["id"].(string)
	duplicate := duplicateBody("Mine")
	r.want(422, "POST", "/snapshots/"+sn+"/duplications", "ben", "", duplicate)
	duplicate["purpose"] = newPurpose()
	a := r.ended("ben", r.want(202, "POST", "/snapshots/"+sn+"/duplications", "ben", "", duplicate))
	if w := r.workspace(a.body["workspaceId"].(string)); w.OwnerUID != "ben" || w.State != access.Active || len(w.Members) != 1 {
		t.Errorf("%+v", w)
	}
	duplicate["name"], duplicate["withMembers"] = "Other", true
	r.want(422, "POST", "/snapshots/"+sn+"/duplications", "ben", "", duplicate)
}

func TestWhoTakesASnapshotBack(t *testing.T) {
	r := newRoom(t)
	admin := account("dora", access.Controlled)
	admin.AdminRoles = []access.Role{access.CommunityAdmin}
	r.put(access.Accounts, "dora", admin)
	ws, etag := r.created("ann", "Asthma in cities")
	etag = r.want(200, "PUT", "/workspaces/"+ws+"/members", "ann", etag, map[string]any{"uid": "eve", "role": "owner"}).etag
	r.want(200, "PUT", "/workspaces/"+ws+"/members", "ann", etag, map[string]any{"uid": "ben", "role": "writer"})
	r.filled(ws)
	for _, c := range []struct {
		token, reason string
		want          int
	}{{"ben", "", 403}, {"carl", "", 403}, {"dora", "", 422}, {"ann", "", 204}, {"eve", "", 204}, {"dora", "It names a site.", 204}} {
		sn := r.published("ann", ws, snapshotBody("T"))
		etag := r.want(200, "GET", "/snapshots/"+sn, "ann", "", nil).etag
		path := "/snapshots/" + sn + "?reason=" + url.QueryEscape(c.reason)
		r.want(c.want, "DELETE", path, c.token, etag, nil)
		if c.want != 204 {
			r.want(200, "GET", "/snapshots/"+sn, "ben", "", nil)
			r.want(428, "DELETE", path, "ann", "", nil)
			r.want(412, "DELETE", path, "ann", `"2026-01-01T00:00:00Z"`, nil)
			r.want(204, "DELETE", path, "ann", etag, nil)
		}
		r.want(404, "GET", "/snapshots/"+sn, "ann", "", nil)
		r.want(404, "DELETE", path, "ann", etag, nil)
		if left := r.count("snapshots/" + sn + "/cohorts"); left != 0 {
			t.Errorf("%d cohorts of it are left", left)
		}
		for object := range r.files.files {
			if strings.HasPrefix(object, "snapshots/") {
				t.Errorf("%s is left", object)
			}
		}
	}
	if n := r.count(project.Listings); n != 0 || len(r.titles("ann", "")) != 0 {
		t.Errorf("%d are public", n)
	}
	entries, err := r.client.Collection(audit.Collection).Where("act", "==", "snapshot.withdrawn").Documents(t.Context()).GetAll()
	if err != nil || len(entries) != 6 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}
