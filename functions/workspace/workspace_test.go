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
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
)

func TestCreateAndRead(t *testing.T) {
	r := newRoom(t)
	a := r.want(201, "POST", "/workspaces", "ann", "", newBody())
	ws := a.body["id"].(string)
	if err := id.Check(id.Workspace, ws); err != nil || a.body["role"] != "owner" || a.body["state"] != "active" || a.body["tier"] != "registered" {
		t.Errorf("created %v, %v", a.body, err)
	}
	b := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil)
	a.status = b.status
	if d := cmp.Diff(a, b, cmp.AllowUnexported(answered{})); d != "" || a.etag == "" {
		t.Errorf("read differs from created: %s", d)
	}
	w := r.workspace(ws)
	if w.OwnerUID != "ann" || !maps.Equal(w.Members, map[string]string{"ann": "owner"}) || !slices.Equal(w.MemberUIDs, []string{"ann"}) ||
		!maps.Equal(w.Policies, map[string]string{"stigmatizingResearch": "1", "ethicalConduct": "1"}) {
		t.Errorf("record %+v", w)
	}
	snap, err := r.client.Collection(project.Collection).Doc(ws).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var face project.Project
	if err := snap.DataTo(&face); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(project.Of(w, "Name of ann", "Example University"), face, sameButWritten); d != "" {
		t.Errorf("public face: %s", d)
	}
	for collection, n := range map[string]int{audit.Collection: 1, outbox.Collection: 1, namesCollection: 1} {
		if got := r.count(collection); got != n {
			t.Errorf("%d records in %s, want %d", got, collection, n)
		}
	}
	if d := cmp.Diff([]string{"workspace.created"}, r.publisher.sent); d != "" {
		t.Error(d)
	}
}

func TestWhatCannotBeCreated(t *testing.T) {
	r := newRoom(t)
	for _, c := range []struct {
		name, token string
		change      func(map[string]any)
		status      int
		holds       []string
	}{
		{"nobody", "", nil, 401, nil},
		{"level 1", "ann1", nil, 403, []string{"assurance"}},
		{"not signed up", "nobody", nil, 404, []string{"create its profile"}},
		{"no tier", "carl", nil, 403, []string{"twoFactor", "training"}},
		{"a tier above one's own", "ben", func(b map[string]any) { b["tier"] = "controlled" }, 403, []string{"controlledTraining"}},
		{"the public tier", "ann", func(b map[string]any) { b["tier"] = "public" }, 422, []string{"body.tier"}},
		{"a release that is loading", "ann", func(b map[string]any) { b["releaseId"] = "loading" }, 422, []string{"body.releaseId"}},
		{"a release without the tier", "ann", func(b map[string]any) { b["releaseId"], b["tier"] = "half", "controlled" }, 422, []string{"body.releaseId", "controlled"}},
		{"a release that is none", "ann", func(b map[string]any) { b["releaseId"] = "r1999" }, 422, []string{"body.releaseId"}},
		{"a release that is a path", "ann", func(b map[string]any) { b["releaseId"] = "../accounts/ann" }, 422, []string{"body.releaseId"}},
		{"no policies", "ann", func(b map[string]any) { delete(b, "policies") }, 422, []string{"stigmatizingResearch", "ethicalConduct"}},
		{"an older policy", "ann", func(b map[string]any) {
			b["policies"] = []map[string]any{{"id": "stigmatizingResearch", "version": "0"}, {"id": "ethicalConduct", "version": "1"}}
		}, 422, []string{"in force"}},
		{"everything wrong at once", "ann", func(b map[string]any) { clear(b) }, 422,
			[]string{"body.name", "body.tier", "body.policies", "body.purpose.kinds", "body.purpose.intendedStudy", "body.purpose.reviewRequested"}},
		{"smuggled members", "ann", func(b map[string]any) { b["members"] = map[string]string{"eve": "owner"} }, 422, []string{"unexpected"}},
		{"smuggled owner", "ann", func(b map[string]any) { b["ownerUid"] = "eve" }, 422, []string{"unexpected"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := newBody()
			if c.change != nil {
				c.change(body)
			}
			a := r.do("POST", "/workspaces", c.token, "", body)
			text, err := json.Marshal(a.body)
			if err != nil {
				t.Fatal(err)
			}
			if a.status != c.status {
				t.Fatalf("%d %s, want %d", a.status, text, c.status)
			}
			for _, want := range c.holds {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s does not say %s", text, want)
				}
			}
		})
	}
	for _, collection := range []string{access.Workspaces, project.Collection, namesCollection, audit.Collection, outbox.Collection} {
		if n := r.count(collection); n != 0 {
			t.Errorf("%d records in %s", n, collection)
		}
	}
}

func TestNamesAreUniquePerOwner(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma in cities")
	body := newBody()
	body["name"] = "ASTHMA  in cities "
	if a := r.want(409, "POST", "/workspaces", "ann", "", body); a.body["errors"] == nil {
		t.Errorf("the conflict names no field: %v", a.body)
	}
	r.created("ben", "asthma in cities") // another owner
	other, otherTag := r.created("ann", "Something else")
	r.want(409, "PATCH", "/workspaces/"+other, "ann", otherTag, map[string]any{"name": "asthma IN cities"})
	// Another letter case of one's own name, then another name: it is free again.
	a := r.want(200, "PATCH", "/workspaces/"+ws, "ann", etag, map[string]any{"name": "Asthma In Cities"})
	r.want(200, "PATCH", "/workspaces/"+ws, "ann", a.etag, map[string]any{"name": "Asthma in towns"})
	r.want(200, "PATCH", "/workspaces/"+other, "ann", otherTag, map[string]any{"name": "asthma in cities"})
	if n := r.count(namesCollection); n != 3 {
		t.Errorf("%d claims for 3 workspaces", n)
	}
}

func TestChange(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Before")
	path := "/workspaces/" + ws
	r.clock.Advance(time.Hour)
	r.want(428, "PATCH", path, "ann", "", map[string]any{"name": "After"})
	r.want(412, "PATCH", path, "ann", `"2020-01-01T00:00:00Z"`, map[string]any{"name": "After"})
	r.want(412, "PATCH", path, "ann", "*", map[string]any{"name": "After"})
	r.want(422, "PATCH", path, "ann", etag, map[string]any{})
	r.want(422, "PATCH", path, "ann", etag, map[string]any{"name": ""})
	r.want(422, "PATCH", path, "ann", etag, map[string]any{"tier": "controlled"})
	r.want(422, "PATCH", path, "ann", etag, map[string]any{"purpose": map[string]any{}})
	if got := r.want(200, "GET", path, "ann", "", nil); got.etag != etag || got.body["name"] != "Before" {
		t.Fatalf("a refused change changed it: %v", got)
	}
	purpose := newPurpose()
	purpose["disease"] = "Diabetes"
	a := r.want(200, "PATCH", path, "ann", etag, map[string]any{"name": "After", "purpose": purpose})
	if a.etag == etag {
		t.Error("the etag stays")
	}
	b := r.want(200, "GET", path, "ann", "", nil)
	if d := cmp.Diff(a, b, cmp.AllowUnexported(answered{})); d != "" {
		t.Errorf("read differs from changed: %s", d)
	}
	w := r.workspace(ws)
	if w.Name != "After" || w.Purpose.Disease != "Diabetes" || !w.UpdatedAt.Equal(r.clock.Now()) || !w.CreatedAt.Equal(morning) || w.Tier != "registered" {
		t.Errorf("record %+v", w)
	}
	var face project.Project
	snap, err := r.client.Collection(project.Collection).Doc(ws).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.DataTo(&face); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(project.Of(w, "Name of ann", "Example University"), face, sameButWritten); d != "" {
		t.Errorf("public face: %s", d)
	}
	if d := cmp.Diff([]string{"workspace.created", "workspace.changed"}, r.publisher.sent); d != "" {
		t.Error(d)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	r := newRoom(t)
	body := newBody()
	body["tier"] = "controlled"
	ws := r.want(201, "POST", "/workspaces", "ann", "", body).body["id"].(string)
	w := r.workspace(ws)
	// ben has the registered tier only, carl none.
	w.Members = map[string]string{"ann": "owner", "ben": "owner", "carl": "writer", "dora": "reader"}
	w.MemberUIDs = []string{"ann", "ben", "carl", "dora"}
	r.put(access.Workspaces, ws, w)
	path := "/workspaces/" + ws
	for _, c := range []struct {
		token               string
		read, change, lines int
		canOpen             bool
	}{
		{"", 401, 401, -1, false},
		{"ann1", 403, 403, -1, false},
		{"nobody", 404, 404, -1, false},
		{"ann", 200, 200, 1, true},
		{"ben", 403, 403, 1, false},
		{"carl", 403, 403, 1, false},
		{"dora", 200, 403, 1, true},
		{"eve", 404, 404, 0, false},
	} {
		t.Run(c.token, func(t *testing.T) {
			etag := r.do("GET", path, "ann", "", nil).etag
			if a := r.do("GET", path, c.token, "", nil); a.status != c.read {
				t.Errorf("read: %d %v, want %d", a.status, a.body, c.read)
			}
			if a := r.do("PATCH", path, c.token, etag, map[string]any{"name": "Renamed"}); a.status != c.change {
				t.Errorf("change: %d %v, want %d", a.status, a.body, c.change)
			}
			list := r.do("GET", "/workspaces", c.token, "", nil)
			if c.lines < 0 {
				if list.status == 200 {
					t.Errorf("list: %v", list.body)
				}
				return
			}
			lines := list.body["items"].([]any)
			if len(lines) != c.lines {
				t.Fatalf("list: %v", lines)
			}
			if c.lines == 1 && lines[0].(map[string]any)["canOpen"] != c.canOpen {
				t.Errorf("line %v", lines[0])
			}
		})
	}
	for _, path := range []string{"/workspaces/x", "/workspaces/" + id.New(id.Workspace, morning), "/workspaces/" + id.New(id.Cohort, morning)} {
		r.want(404, "GET", path, "ann", "", nil)
		r.want(404, "PATCH", path, "ann", `"2020-01-01T00:00:00Z"`, map[string]any{"name": "x"})
	}
	// Modules expire: the role stays, the door closes.
	r.clock.Advance(access.DefaultRules().ModuleValidity)
	r.want(403, "GET", path, "ann", "", nil)
}

func TestListIsPagedNewestFirst(t *testing.T) {
	r := newRoom(t)
	var want []string
	for i := range 5 {
		ws, _ := r.created("ann", fmt.Sprintf("Project %d", i))
		want = append([]string{ws}, want...)
		r.clock.Advance(time.Second)
	}
	r.created("ben", "Not ann's")
	var got []string
	cursor := ""
	for range 4 {
		a := r.want(200, "GET", "/workspaces?limit=2&cursor="+cursor, "ann", "", nil)
		for _, e := range a.body["items"].([]any) {
			got = append(got, e.(map[string]any)["id"].(string))
		}
		next, more := a.body["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTwoWritersOfOneWorkspace(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Before")
	for round := range 3 {
		results := make([]answered, 2)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				results[i] = r.do("PATCH", "/workspaces/"+ws, "ann", etag, map[string]any{"name": fmt.Sprintf("Writer %d of round %d", i, round)})
			})
		}
		wg.Wait()
		winner := slices.IndexFunc(results, func(a answered) bool { return a.status == 200 })
		if winner < 0 || results[1-winner].status != 412 {
			t.Fatalf("round %d: %d and %d, want one 200 and one 412", round, results[0].status, results[1].status)
		}
		if w := r.workspace(ws); w.Name != results[winner].body["name"] {
			t.Errorf("round %d: the name is %q, the winner's is %v", round, w.Name, results[winner].body["name"])
		}
		etag = results[winner].etag
	}
	if n := r.count(audit.Collection); n != 4 {
		t.Errorf("%d audit entries for one creation and three changes", n)
	}
	if n := r.count(namesCollection); n != 1 {
		t.Errorf("%d claims for one workspace", n)
	}
}

func TestTheSameNameAtOnce(t *testing.T) {
	r := newRoom(t)
	for round := range 3 {
		results := make([]answered, 2)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				body := newBody()
				body["name"] = []string{"round %d", "ROUND  %d"}[i]
				body["name"] = fmt.Sprintf(body["name"].(string), round)
				results[i] = r.do("POST", "/workspaces", "ann", "", body)
			})
		}
		wg.Wait()
		statuses := []int{results[0].status, results[1].status}
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{201, 409}) {
			t.Fatalf("round %d: %v, want one 201 and one 409: %v", round, statuses, results)
		}
	}
	for _, collection := range []string{access.Workspaces, project.Collection, namesCollection, outbox.Collection} {
		if n := r.count(collection); n != 3 {
			t.Errorf("%d records in %s, want 3", n, collection)
		}
	}
}

func TestAnEventThatCannotBeSentStays(t *testing.T) {
	r := newRoom(t)
	r.publisher.down = true
	r.created("ann", "Asthma")
	r.publisher.down = false
	r.clock.Advance(time.Minute)
	if n, err := r.service.events.Sweep(t.Context(), time.Second, 10); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if d := cmp.Diff([]string{"workspace.created"}, r.publisher.sent); d != "" {
		t.Error(d)
	}
}
