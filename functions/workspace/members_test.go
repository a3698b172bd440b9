package workspace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/project"
)

// share gives somebody a role and gives the new etag.
func (r *room) share(ws, token, etag, uid, role string) string {
	r.t.Helper()
	return r.want(200, "PUT", "/workspaces/"+ws+"/members", token, etag, map[string]any{"uid": uid, "role": role}).etag
}

func TestShareByAddress(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	path := "/workspaces/" + ws + "/members"
	a := r.want(200, "PUT", path, "ann", etag, map[string]any{"email": " Carl@University.example ", "role": "writer"})
	want := map[string]any{"uid": "carl", "name": "Name of carl", "email": "carl@university.example", "role": "writer", "pays": false, "canOpen": false}
	if d := cmp.Diff(want, a.body); d != "" {
		t.Error(d)
	}
	// A member without the tier sees the line and does not open it.
	r.want(403, "GET", "/workspaces/"+ws, "carl", "", nil)
	if lines := r.want(200, "GET", "/workspaces", "carl", "", nil).body["items"].([]any); len(lines) != 1 || lines[0].(map[string]any)["canOpen"] != false {
		t.Errorf("carl's list: %v", lines)
	}
	etag = r.share(ws, "ann", a.etag, "ben", access.Reader)
	if got := r.share(ws, "ann", etag, "ben", access.Reader); got != etag {
		t.Error("giving the role that is held already changes the workspace")
	}
	list := r.want(200, "GET", path+"?limit=2", "ben", "", nil)
	if list.etag != etag || list.body["next"] == nil {
		t.Errorf("the list's etag %s, want %s: %v", list.etag, etag, list.body)
	}
	rest := r.want(200, "GET", path+"?limit=2&cursor="+list.body["next"].(string), "ben", "", nil)
	var told []string
	for _, e := range append(list.body["items"].([]any), rest.body["items"].([]any)...) {
		m := e.(map[string]any)
		told = append(told, fmt.Sprintf("%v %v %v %v", m["uid"], m["role"], m["pays"], m["canOpen"]))
	}
	if d := cmp.Diff([]string{"ann owner true true", "ben reader false true", "carl writer false false"}, told); d != "" || rest.body["next"] != nil {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"workspace.created", "workspace.shared", "workspace.shared"}, r.publisher.sent); d != "" {
		t.Error(d)
	}
	if n := r.count(audit.Collection); n != 3 {
		t.Errorf("%d audit entries", n)
	}
}

func TestWhoCannotBeMadeAMember(t *testing.T) {
	r := newRoom(t)
	off := account("off", access.Controlled)
	off.Disabled = true
	r.put(access.Accounts, "off", off)
	twin := account("ben", access.Controlled)
	twin.UID = "twin"
	r.put(access.Accounts, "twin", twin)
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "dora", access.Writer)
	for _, c := range []struct {
		name, token, etag string
		body              map[string]any
		status            int
		says              string
	}{
		{"no etag", "ann", "", map[string]any{"uid": "eve", "role": "reader"}, 428, "If-Match"},
		{"a stale one", "ann", `"2020-01-01T00:00:00Z"`, map[string]any{"uid": "eve", "role": "reader"}, 412, "read it again"},
		{"nobody named", "ann", etag, map[string]any{"role": "reader"}, 422, "body.email"},
		{"named twice", "ann", etag, map[string]any{"uid": "eve", "email": "eve@university.example", "role": "reader"}, 422, "body.email"},
		{"no role", "ann", etag, map[string]any{"uid": "eve"}, 422, "body.role"},
		{"a role that is none", "ann", etag, map[string]any{"uid": "eve", "role": "admin"}, 422, "body.role"},
		{"an unknown address", "ann", etag, map[string]any{"email": "nobody@university.example", "role": "reader"}, 422, "body.email"},
		{"an unknown uid", "ann", etag, map[string]any{"uid": "nobody", "role": "reader"}, 422, "body.uid"},
		{"a uid that is a path", "ann", etag, map[string]any{"uid": "../workspaces/x", "role": "reader"}, 422, "body.uid"},
		{"a disabled account", "ann", etag, map[string]any{"email": "off@university.example", "role": "reader"}, 422, "body.email"},
		{"a disabled account by uid", "ann", etag, map[string]any{"uid": "off", "role": "reader"}, 422, "body.uid"},
		{"an address of two", "ann", etag, map[string]any{"email": "ben@university.example", "role": "reader"}, 422, "body.email"},
		{"the payer's own role", "ann", etag, map[string]any{"uid": "ann", "role": "writer"}, 409, "transfer"},
		{"by a writer", "dora", etag, map[string]any{"uid": "eve", "role": "reader"}, 403, "writer"},
		{"a writer for themselves", "dora", etag, map[string]any{"uid": "dora", "role": "owner"}, 403, "writer"},
		{"by a stranger", "eve", etag, map[string]any{"uid": "eve", "role": "owner"}, 404, "no such workspace"},
		{"by a stranger, of an address", "eve", etag, map[string]any{"email": "nobody@university.example", "role": "owner"}, 404, "no such workspace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := r.do("PUT", "/workspaces/"+ws+"/members", c.token, c.etag, c.body)
			if text := fmt.Sprint(a.body); a.status != c.status || !strings.Contains(text, c.says) {
				t.Errorf("%d %s, want %d that says %q", a.status, text, c.status, c.says)
			}
		})
	}
	if w := r.workspace(ws); !maps.Equal(w.Members, map[string]string{"ann": "owner", "dora": "writer"}) {
		t.Errorf("a refused change changed the members: %v", w.Members)
	}
}

func TestMembersAreBounded(t *testing.T) {
	r := newRoom(t)
	r.service.limits.Members = 2
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "ben", access.Reader)
	r.want(409, "PUT", "/workspaces/"+ws+"/members", "ann", etag, map[string]any{"uid": "eve", "role": "reader"})
	r.share(ws, "ann", etag, "ben", access.Owner) // another role takes no more room
}

func TestLeaveAndRemove(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	for _, uid := range []string{"ben", "carl", "dora"} {
		etag = r.share(ws, "ann", etag, uid, access.Owner)
	}
	etag = r.share(ws, "ann", etag, "eve", access.Writer)
	path := "/workspaces/" + ws + "/members/"
	r.want(428, "DELETE", path+"ben", "ben", "", nil)
	r.want(412, "DELETE", path+"ben", "ben", `"2020-01-01T00:00:00Z"`, nil)
	r.want(409, "DELETE", path+"ann", "ann", etag, nil) // who pays cannot leave
	r.want(409, "DELETE", path+"ann", "ben", etag, nil) // nor be removed
	r.want(403, "DELETE", path+"ben", "eve", etag, nil) // a writer removes nobody
	r.want(404, "DELETE", path+"nobody", "ann", etag, nil)
	etag = r.want(204, "DELETE", path+"eve", "eve", etag, nil).etag   // a writer leaves
	etag = r.want(204, "DELETE", path+"carl", "carl", etag, nil).etag // leaving takes no tier
	etag = r.want(204, "DELETE", path+"dora", "ben", etag, nil).etag  // an owner removes an owner
	r.want(404, "GET", "/workspaces/"+ws, "dora", "", nil)
	r.want(404, "DELETE", path+"dora", "dora", etag, nil)
	if lines := r.want(200, "GET", "/workspaces", "dora", "", nil).body["items"].([]any); len(lines) != 0 {
		t.Errorf("dora's list: %v", lines)
	}
	if w := r.workspace(ws); !maps.Equal(w.Members, map[string]string{"ann": "owner", "ben": "owner"}) || !slices.Equal(w.MemberUIDs, []string{"ann", "ben"}) {
		t.Errorf("members %v, %v", w.Members, w.MemberUIDs)
	}
	sent := r.publisher.sent[len(r.publisher.sent)-3:]
	if d := cmp.Diff([]string{"workspace.left", "workspace.left", "workspace.unshared"}, sent); d != "" {
		t.Error(d)
	}
}

func TestTransfer(t *testing.T) {
	r := newRoom(t)
	body := newBody()
	body["tier"] = "controlled"
	a := r.want(201, "POST", "/workspaces", "ann", "", body)
	ws, etag := a.body["id"].(string), a.etag
	for uid, role := range map[string]string{"ben": access.Owner, "dora": access.Owner, "eve": access.Writer} {
		etag = r.share(ws, "ann", etag, uid, role)
	}
	path := "/workspaces/" + ws + "/transfer"
	to := func(uid string) map[string]any { return map[string]any{"uid": uid} }
	r.want(428, "POST", path, "ann", "", to("dora"))
	r.want(412, "POST", path, "ann", `"2020-01-01T00:00:00Z"`, to("dora"))
	r.want(422, "POST", path, "ann", etag, to("eve"))    // a writer
	r.want(422, "POST", path, "ann", etag, to("nobody")) // no member
	r.want(409, "POST", path, "ann", etag, to("ben"))    // an owner without the tier
	r.want(403, "POST", path, "eve", etag, to("eve"))    // a writer takes nothing
	body["name"] = "asthma IN cities"
	r.want(201, "POST", "/workspaces", "dora", "", body)
	if a := r.want(409, "POST", path, "ann", etag, to("dora")); !strings.Contains(fmt.Sprint(a.body), "rename") {
		t.Errorf("the clash of names says %v", a.body)
	}
	etag = r.want(200, "PATCH", "/workspaces/"+ws, "ann", etag, map[string]any{"name": "Asthma in towns"}).etag
	a = r.want(200, "POST", path, "ann", etag, to("dora"))
	if a.body["ownerUid"] != "dora" || a.body["role"] != "owner" {
		t.Errorf("transferred: %v", a.body)
	}
	// Another owner hands it to nobody else, and may take it over; then the first
	// may leave.
	etag = r.share(ws, "ann", a.etag, "eve", access.Owner)
	r.want(403, "POST", path, "ann", etag, to("eve"))
	etag = r.want(200, "POST", path, "eve", etag, to("eve")).etag
	r.want(204, "DELETE", "/workspaces/"+ws+"/members/ann", "ann", etag, nil)
	w := r.workspace(ws)
	if w.OwnerUID != "eve" || !maps.Equal(w.Members, map[string]string{"ben": "owner", "dora": "owner", "eve": "owner"}) {
		t.Errorf("record %+v", w)
	}
	var face project.Project
	r.read(project.Collection, ws, &face)
	if d := cmp.Diff(project.Of(w, "Name of eve", "Example University"), face, sameButUpdated); d != "" {
		t.Errorf("public face: %s", d)
	}
	// The name went along: ann has it free again, eve not.
	body["name"] = "Asthma in Towns"
	r.want(409, "POST", "/workspaces", "eve", "", body)
	r.want(201, "POST", "/workspaces", "ann", "", body)
}
