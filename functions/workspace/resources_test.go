package workspace

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
)

// in writes a thing of another room into a workspace.
func (r *room) in(ws, kind, name string, fields map[string]any) {
	r.t.Helper()
	fields["id"] = name
	if _, err := r.client.Collection(access.Workspaces).Doc(ws).Collection(kind).Doc(name).Set(r.t.Context(), fields); err != nil {
		r.t.Error(err)
	}
}

// counts are those of a workspace's resources.
func (r *room) counts(ws, token string) map[string]float64 {
	r.t.Helper()
	got := map[string]float64{}
	for _, k := range r.want(200, "GET", "/workspaces/"+ws+"/resources", token, "", nil).body["items"].([]any) {
		got[k.(map[string]any)["kind"].(string)] = k.(map[string]any)["count"].(float64)
	}
	return got
}

func TestResources(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma")
	other, _ := r.created("ann", "Another")
	none := map[string]float64{"cohorts": 0, "conceptSets": 0, "dataSets": 0, "notebooks": 0, "runs": 0, "notes": 0}
	if d := cmp.Diff(none, r.counts(ws, "ann")); d != "" {
		t.Error(d)
	}
	for i := range 4 {
		at := morning.Add(time.Duration(i) * time.Second)
		r.in(ws, "cohorts", id.New(id.Cohort, at), map[string]any{"name": fmt.Sprintf("Cohort %d", i), "createdBy": "ann", "createdAt": at, "definition": "{}"})
	}
	r.in(ws, "runs", id.New(id.Run, morning), map[string]any{"memberUid": "dora", "state": "succeeded", "createdAt": morning})
	r.in(other, "dataSets", id.New(id.DataSet, morning), map[string]any{"name": "Elsewhere", "createdAt": morning})
	r.want(201, "POST", "/workspaces/"+ws+"/notes", "ann", "", map[string]any{"title": "A note", "text": "secret words"})
	want := map[string]float64{"cohorts": 4, "conceptSets": 0, "dataSets": 0, "notebooks": 0, "runs": 1, "notes": 1}
	if d := cmp.Diff(want, r.counts(ws, "ann")); d != "" {
		t.Error(d)
	}
	var recent []string
	for _, k := range r.want(200, "GET", "/workspaces/"+ws+"/resources", "ann", "", nil).body["items"].([]any) {
		for _, one := range k.(map[string]any)["recent"].([]any) {
			m := one.(map[string]any)
			recent = append(recent, fmt.Sprint(m["name"], " ", m["state"], " ", m["createdBy"]))
		}
	}
	if d := cmp.Diff([]string{"Cohort 3 <nil> ann", "Cohort 2 <nil> ann", "Cohort 1 <nil> ann", "<nil> succeeded dora", "A note <nil> ann"}, recent); d != "" {
		t.Error(d)
	}
	r.want(404, "GET", "/workspaces/"+ws+"/resources", "eve", "", nil)
	r.want(403, "GET", "/workspaces/"+ws+"/resources", "ann1", "", nil)
}

// Two who write at once: the counts hold all that both wrote.
func TestCountsAreRightUnderConcurrency(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	r.share(ws, "ann", etag, "dora", access.Writer)
	const each = 10
	var wg sync.WaitGroup
	for _, who := range []string{"ann", "dora"} {
		wg.Go(func() {
			for i := range each {
				r.in(ws, "cohorts", id.New(id.Cohort, morning), map[string]any{"createdBy": who, "createdAt": morning})
				if i%5 != 0 {
					continue
				}
				if a := r.do("POST", "/workspaces/"+ws+"/notes", who, "", map[string]any{"title": "T", "text": who}); a.status != 201 {
					t.Errorf("note: %d %v", a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
	got := r.counts(ws, "ann")
	if got["cohorts"] != 2*each || got["notes"] != 2*each/5 {
		t.Errorf("counts %v, want %d cohorts and %d notes", got, 2*each, 2*each/5)
	}
}
