package workspace

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
)

// memory is files that lie nowhere.
type memory struct {
	mu    sync.Mutex
	files map[string]string
}

func (m *memory) Create(_ context.Context, object string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.files[object]; there {
		return fault.New(fault.Conflict, "There is one already.")
	}
	m.files[object] = string(body)
	return nil
}

func (m *memory) Read(_ context.Context, object string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, there := m.files[object]
	if !there {
		return nil, fault.New(fault.NotFound, "The notebook's file is not there any more.")
	}
	return []byte(body), nil
}

func (m *memory) Delete(_ context.Context, prefix string, most int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	removed := 0
	for object := range m.files {
		if removed < most && strings.HasPrefix(object, prefix) {
			delete(m.files, object)
			removed++
		}
	}
	return removed, nil
}

const (
	aCohort   = "co_01JAAAAAAAAAAAAAAAAAAAAAA1"
	aDataSet  = "ds_01JAAAAAAAAAAAAAAAAAAAAAA2"
	aNotebook = "nb_01JAAAAAAAAAAAAAAAAAAAAAA3"
	aRun      = "run_01JAAAAAAAAAAAAAAAAAAAAAA4"
)

// filled puts a cohort, a data set, a notebook, a run and a note into a workspace,
// with a secret in every field that is no definition.
func (r *room) filled(workspaceID string) {
	r.t.Helper()
	at := access.Workspaces + "/" + workspaceID + "/"
	record := map[string]any{"workspaceId": workspaceID, "createdBy": "SECRETuid", "updatedBy": "SECRETuid", "createdAt": morning, "reviewerEmail": "SECRET@university.example", "lastRun": aRun}
	put := func(kind, name string, more map[string]any) {
		m := map[string]any{"id": name}
		for _, from := range []map[string]any{record, more} {
			for k, v := range from {
				m[k] = v
			}
		}
		r.put(at+kind, name, m)
	}
	put("cohorts", aCohort, map[string]any{"name": "Diabetes", "definition": `{"Title":"x"}`, "definitionHash": "ha"})
	put("cohorts/"+aCohort+"/versions", "1", map[string]any{"cohortId": aCohort, "definition": `{"Title":"old"}`})
	put("dataSets", aDataSet, map[string]any{"name": "Rows", "cohortIds": []string{aCohort}})
	object := access.Workspaces + "/" + workspaceID + "/notebooks/" + aNotebook + ".ipynb"
	put("notebooks", aNotebook, map[string]any{"name": "Look", "runId": aRun, "object": object})
	r.files.files[object] = `{"cells":[{"cell_type":"code","source":"run('` + aRun + `')","outputs":[{"text":"SECRET row"}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`
	put("runs", aRun, map[string]any{"memberUid": "SECRETuid", "cost": "12.00"})
	put("notes", "nt_1", map[string]any{"title": "SECRET note", "author": "SECRETuid"})
}

func duplicateBody(name string) map[string]any {
	return map[string]any{"name": name, "reviewRequested": false, "policies": newBody()["policies"]}
}

// ended polls a copy until it has ended.
func (r *room) ended(token string, a answered) answered {
	r.t.Helper()
	for range 20 {
		if a.body["state"] == "done" || a.body["state"] == "failed" {
			return a
		}
		a = r.want(200, "GET", "/duplications/"+a.body["id"].(string), token, "", nil)
	}
	r.t.Fatalf("the copy does not end: %v", a.body)
	return a
}

func TestDuplicate(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma in cities")
	r.filled(ws)
	r.want(200, "PUT", "/workspaces/"+ws+"/members", "ann", etag, map[string]any{"uid": "ben", "role": "reader"})

	a := r.ended("ben", r.want(202, "POST", "/workspaces/"+ws+"/duplications", "ben", "", duplicateBody("Mine")))
	if a.body["state"] != "done" || a.body["done"] != 3.0 || a.body["total"] != 3.0 {
		t.Fatalf("%v", a.body)
	}
	made := a.body["workspaceId"].(string)
	w := r.workspace(made)
	if d := cmp.Diff(map[string]string{"ben": access.Owner}, w.Members); d != "" || w.OwnerUID != "ben" || w.State != access.Active || w.ReleaseID != "r2026" || w.Tier != access.Registered || len(w.Policies) != 2 {
		t.Errorf("%s %+v", d, w)
	}
	r.want(404, "GET", "/workspaces/"+made, "ann", "", nil)
	r.want(200, "GET", "/workspaces/"+made, "ben", "", nil)
	if list := r.want(200, "GET", "/workspaces?role=owner", "ben", "", nil); len(list.body["items"].([]any)) != 1 {
		t.Errorf("%v", list.body)
	}
	counts := map[string]float64{}
	for _, kind := range r.want(200, "GET", "/workspaces/"+made+"/resources", "ben", "", nil).body["items"].([]any) {
		counts[kind.(map[string]any)["kind"].(string)] = kind.(map[string]any)["count"].(float64)
	}
	if d := cmp.Diff(map[string]float64{"cohorts": 1, "conceptSets": 0, "dataSets": 1, "notebooks": 1, "runs": 0, "notes": 0}, counts); d != "" {
		t.Error(d)
	}
	// Nobody else hears of the copy.
	r.want(404, "GET", "/duplications/"+a.body["id"].(string), "ann", "", nil)
	r.want(404, "GET", "/duplications/cp_01JAAAAAAAAAAAAAAAAAAAAAA1", "ben", "", nil)

	for name, c := range map[string]struct {
		token string
		body  func(map[string]any)
		want  int
		says  string
	}{
		"the same name":       {"ben", func(b map[string]any) { b["name"] = "  mine " }, 409, "body.name"},
		"no name":             {"ben", func(b map[string]any) { delete(b, "name") }, 422, "body.name"},
		"no word on a review": {"ben", func(b map[string]any) { delete(b, "reviewRequested") }, 422, "body.reviewRequested"},
		"no policies":         {"ben", func(b map[string]any) { delete(b, "policies") }, 422, "body.policies"},
		"a purpose not whole": {"ben", func(b map[string]any) { b["purpose"] = map[string]any{"kinds": []string{"educational"}} }, 422, "body.purpose.intendedStudy"},
		"nobody's workspace":  {"eve", func(map[string]any) {}, 404, ""},
		"without a tier":      {"carl", func(map[string]any) {}, 404, ""},
		"without level 2":     {"ben1", func(map[string]any) {}, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := duplicateBody("Other")
			c.body(body)
			a := r.do("POST", "/workspaces/"+ws+"/duplications", c.token, "", body)
			text, err := json.Marshal(a.body)
			if err != nil || a.status != c.want || !strings.Contains(string(text), c.says) {
				t.Errorf("%d %s", a.status, text)
			}
		})
	}
	if n := r.count(copying.Collection); n != 1 {
		t.Errorf("%d jobs", n)
	}

	// A paused workspace is not copied, an archived one is; a review is opened where
	// it is asked for.
	paused := r.workspace(ws)
	paused.State = access.Paused
	r.put(access.Workspaces, ws, paused.Keyed())
	r.want(403, "POST", "/workspaces/"+ws+"/duplications", "ben", "", duplicateBody("Other"))
	paused.State = access.Archived
	r.put(access.Workspaces, ws, paused.Keyed())
	body := duplicateBody("Asked")
	body["reviewRequested"], body["withMembers"] = true, true
	a = r.ended("ben", r.want(202, "POST", "/workspaces/"+ws+"/duplications", "ben", "", body))
	asked := r.workspace(a.body["workspaceId"].(string))
	if d := cmp.Diff(map[string]string{"ann": access.Owner, "ben": access.Owner}, asked.Members); d != "" || !asked.Purpose.ReviewRequested {
		t.Errorf("%s %+v", d, asked)
	}
	if n := r.count(review.Collection); n != 1 {
		t.Errorf("%d reviews", n)
	}
	if n := r.count(project.Collection); n != 3 {
		t.Errorf("%d public faces", n)
	}
}

// While it is being copied nobody sees a workspace, and its name is taken.
func TestADuplicateUnderWay(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma in cities")
	r.filled(ws)
	r.service.copies.Rules.Lease = time.Minute
	down := r.service.copies.Files
	r.service.copies.Files = broken{r.files}
	a := r.want(202, "POST", "/workspaces/"+ws+"/duplications", "ann", "", duplicateBody("Mine"))
	if a.body["state"] != "copying" || a.body["workspaceId"] != nil {
		t.Fatalf("%v", a.body)
	}
	j, err := r.service.copies.Get(t.Context(), a.body["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	r.want(404, "GET", "/workspaces/"+target(j), "ann", "", nil)
	if list := r.want(200, "GET", "/workspaces", "ann", "", nil); len(list.body["items"].([]any)) != 1 {
		t.Errorf("%v", list.body)
	}
	r.want(409, "POST", "/workspaces/"+ws+"/duplications", "ann", "", duplicateBody("mine"))
	body := newBody()
	body["name"] = "MINE"
	r.want(409, "POST", "/workspaces", "ann", "", body)
	r.service.copies.Files = down
	if a = r.ended("ann", a); a.body["state"] != "done" {
		t.Errorf("%v", a.body)
	}
	r.want(200, "GET", "/workspaces/"+a.body["workspaceId"].(string), "ann", "", nil)
}

// broken is a bucket that does not answer.
type broken struct{ *memory }

func (broken) Read(context.Context, string) ([]byte, error) {
	return nil, fault.New(fault.Unavailable, "The store of notebooks does not answer right now. Try again.")
}

// What a workspace keeps for itself is in no answer about a snapshot, nor in any
// record of the community.
func TestASnapshotTellsNoSecrets(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma in cities")
	r.want(200, "PUT", "/workspaces/"+ws+"/members", "ann", etag, map[string]any{"uid": "ben", "role": "reader"})
	r.filled(ws)
	body := map[string]any{"category": "community", "description": "What is in it.", "all": true}
	a := r.ended("ann", r.want(202, "POST", "/workspaces/"+ws+"/snapshots", "ann", "", body))
	if a.body["state"] != "done" {
		t.Fatalf("%v", a.body)
	}
	sn := a.body["snapshotId"].(string)
	var seen []any
	one := r.want(200, "GET", "/snapshots/"+sn, "ben", "", nil)
	seen = append(seen, one.body, r.want(200, "GET", "/snapshots", "ben", "", nil).body)
	items := one.body["items"].([]any)
	if len(items) != 3 || one.body["version"] != 1.0 || one.body["title"] != "Asthma in cities" || one.body["ownerName"] != "Name of ann" {
		t.Errorf("%v", one.body)
	}
	definitions := 0
	for _, item := range items {
		path := "/snapshots/" + sn + "/items/" + item.(map[string]any)["id"].(string)
		got := r.want(200, "GET", path, "ben", "", nil).body
		versions := r.want(200, "GET", path+"/versions", "ben", "", nil).body
		seen = append(seen, got, versions)
		if record := got["record"].(map[string]any); record["definition"] == `{"Title":"x"}` && len(versions["items"].([]any)) == 1 {
			definitions++
		}
	}
	if definitions != 1 {
		t.Error("the cohort's definition or its version is not there")
	}
	for _, collection := range []string{"snapshots", project.Listings} {
		snaps, err := r.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil || len(snaps) != 1 {
			t.Fatalf("%d, %v", len(snaps), err)
		}
		data := snaps[0].Data()
		delete(data, "publisherUid") // for whoever takes it back; in no answer
		seen = append(seen, data)
	}
	text, err := json.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"SECRET", aRun, aCohort, "@university.example", "\"ann\"", "\"ben\"", "12.00", "memberUid", "members"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is told: %s", secret, text)
		}
	}
}
