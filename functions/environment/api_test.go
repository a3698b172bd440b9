package environment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

func newNotebook(name, language, run string) string {
	b, err := json.Marshal(map[string]string{"name": name, "language": language, "runId": run})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestNotebookFromARun(t *testing.T) {
	r := newRoom(t)
	for _, language := range []string{"python", "r"} {
		res, body := r.call("writer", "POST", notebooksPath(wsID), newNotebook("Metformin & \"diabetes\"", language, runID))
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %d %s", language, res.StatusCode, body)
		}
		made := decode[notebookView](t, body)
		if made.Language != language || made.RunID != runID || made.CreatedBy != "writer" || !made.CreatedAt.Equal(start) {
			t.Errorf("made %+v", made)
		}
		res, file := r.call("reader", "GET", made.Content, "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("content: %d %s", res.StatusCode, file)
		}
		if ct := res.Header.Get("Content-Type"); ct != "application/x-ipynb+json" {
			t.Errorf("content type %q", ct)
		}
		if got, want := res.Header.Get("Content-Disposition"), "attachment; filename=Metformin-diabetes-"+made.ID+".ipynb"; got != want {
			t.Errorf("disposition %q, want %q", got, want)
		}
		if int64(len(file)) != made.Bytes || !json.Valid(file) || !strings.Contains(string(file), "/runs/"+runID+"/results.csv") || !strings.Contains(string(file), "Diabetes cohort") {
			t.Errorf("the file is not the notebook of the run: %.200s", file)
		}
		object, err := r.storage.GetObject(bucketID, "workspaces/"+wsID+"/notebooks/"+made.ID+".ipynb")
		if err != nil || !bytes.Equal(object.Content, file) {
			t.Errorf("object: %v", err)
		}
		_, one := r.call("reader", "GET", notebooksPath(wsID)+"/"+made.ID, "")
		if diff := cmp.Diff(made, decode[notebookView](t, one)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNotebookRequests(t *testing.T) {
	r := newRoom(t)
	for name, c := range map[string]struct {
		workspace, body string
		status          int
	}{
		"a failed run":                  {wsID, newNotebook("n", "python", failedID), http.StatusConflict},
		"a run of another workspace":    {otherWS, newNotebook("n", "python", runID), http.StatusNotFound},
		"a run that is no identifier":   {wsID, newNotebook("n", "python", "../x"), http.StatusNotFound},
		"SAS comes later":               {wsID, newNotebook("n", "sas", runID), http.StatusNotImplemented},
		"an unknown language":           {wsID, newNotebook("n", "cobol", runID), http.StatusUnprocessableEntity},
		"a blank name":                  {wsID, newNotebook("  ", "python", runID), http.StatusUnprocessableEntity},
		"a long name":                   {wsID, newNotebook(strings.Repeat("x", 81), "python", runID), http.StatusUnprocessableEntity},
		"an unknown property":           {wsID, `{"name":"n","language":"r","runId":"` + runID + `","x":1}`, http.StatusUnprocessableEntity},
		"a workspace that is not there": {"ws_01JFFFFFFFFFFFFFFFFFFFFFFF", newNotebook("n", "python", runID), http.StatusNotFound},
	} {
		if res, body := r.call("owner", "POST", notebooksPath(c.workspace), c.body); res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, res.StatusCode, c.status, body)
		}
	}
	if left, err := r.storage.ListObjectsWithOptionsPaginated(bucketID, fakestorage.ListOptions{}); err != nil || len(left.Objects) != 0 {
		t.Errorf("refused requests left %d objects (%v)", len(left.Objects), err)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	r := newRoom(t)
	_, body := r.call("owner", "POST", notebooksPath(wsID), newNotebook("n", "python", runID))
	made := decode[notebookView](t, body)
	const ok, made201, weak, gone, denied = http.StatusOK, http.StatusCreated, http.StatusForbidden, http.StatusNotFound, http.StatusForbidden
	for token, want := range map[string]struct{ read, create int }{
		"owner":    {ok, made201},
		"writer":   {ok, made201},
		"reader":   {ok, denied},
		"stranger": {gone, gone},
		"lapsed":   {denied, denied},
		"owner@1":  {weak, weak},
		"bad":      {http.StatusUnauthorized, http.StatusUnauthorized},
		"":         {http.StatusUnauthorized, http.StatusUnauthorized},
	} {
		for _, path := range []string{notebooksPath(wsID), notebooksPath(wsID) + "/" + made.ID, made.Content} {
			if res, body := r.call(token, "GET", path, ""); res.StatusCode != want.read {
				t.Errorf("%q reads %s: %d, want %d: %s", token, path, res.StatusCode, want.read, body)
			}
		}
		if res, body := r.call(token, "POST", notebooksPath(wsID), newNotebook("n", "r", runID)); res.StatusCode != want.create {
			t.Errorf("%q creates: %d, want %d: %s", token, res.StatusCode, want.create, body)
		}
	}
	if res, _ := r.call("owner", "GET", notebooksPath(otherWS)+"/"+made.ID, ""); res.StatusCode != gone {
		t.Errorf("a notebook is seen through another workspace: %d", res.StatusCode)
	}
}

func TestListIsPagedNewestFirst(t *testing.T) {
	r := newRoom(t)
	for i := range 3 {
		r.clock.Advance(time.Minute)
		r.call("owner", "POST", notebooksPath(wsID), newNotebook(fmt.Sprintf("n%d", i), "python", runID))
	}
	type page struct {
		Notebooks []notebookView `json:"items"`
		Next      string
	}
	var names []string
	path := notebooksPath(wsID) + "?limit=2"
	for range 2 {
		res, body := r.call("reader", "GET", path, "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", path, res.StatusCode, body)
		}
		p := decode[page](t, body)
		for _, n := range p.Notebooks {
			names = append(names, n.Name)
		}
		path = notebooksPath(wsID) + "?limit=2&cursor=" + p.Next
	}
	if diff := cmp.Diff([]string{"n2", "n1", "n0"}, names); diff != "" {
		t.Error(diff)
	}
	if !strings.HasSuffix(path, "cursor=") {
		t.Errorf("the last page gives a cursor: %s", path)
	}
}

func TestRoutesNeedASecondFactor(t *testing.T) {
	built := map[bool]int{}
	for _, route := range newAPI(&service{gate: &access.Gate{}}, api.Options{Verifier: tokens{}}).Routes() {
		if route.Access != session.SecondFactor {
			t.Errorf("%s %s has access level %d", route.Method, route.Path, route.Access)
		}
		built[route.Built]++
	}
	if diff := cmp.Diff(map[bool]int{true: 4, false: 4}, built); diff != "" {
		t.Error(diff)
	}
}
