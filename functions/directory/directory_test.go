package directory

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/testkit"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func get(t *testing.T, h http.Handler, path, have string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", "/directory"+path, nil)
	if have != "" {
		r.Header.Set("If-None-Match", have)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func newRoom(t *testing.T) (*service, http.Handler) {
	t.Helper()
	return roomOn(t, testkit.Firestore(t))
}

// rules are the index's in tests: every answer first asks for what has changed.
var rules = Freshness{Check: time.Hour, Rebuild: 24 * time.Hour, Stale: 5 * time.Minute, MaxProjects: 1000}

// roomOn is one instance of the function on that store.
func roomOn(t *testing.T, client *firestore.Client) (*service, http.Handler) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	s := newService(Config{MaxAge: time.Minute, Freshness: rules}, client, clock.NewManual(morning), log)
	return s, newAPI(s, api.Options{Log: log}).Handler()
}

// workspace has a secret in each field that is not public.
func workspace(n int) access.Workspace {
	at := morning.Add(time.Duration(n) * time.Second)
	return access.Workspace{
		ID: id.New(id.Workspace, at), Name: fmt.Sprintf("Project %d", n), Tier: access.Registered, ReleaseID: "r2026",
		OwnerUID: "secret-owner-uid", Members: map[string]string{"secret-owner-uid": access.Owner, "secret-member": access.Reader},
		MemberUIDs: []string{"secret-owner-uid", "secret-member"},
		Purpose: access.Purpose{Kinds: []string{"disease"}, Disease: "asthma", IntendedStudy: "study", ScientificApproach: "approach",
			AnticipatedFindings: "findings", Channels: []string{"journals"}, Outcomes: []string{"healthEquity"}, ReviewRequested: true},
		Policies: map[string]string{"stigmatizingResearch": "secret-version"}, State: "secret-state", CreatedAt: at, UpdatedAt: at, SchemaVersion: 1,
	}
}

func (s *service) seed(t *testing.T, n int) []string {
	t.Helper()
	var names []string
	for i := range n {
		w := workspace(i)
		batch := map[string]any{
			access.Workspaces + "/" + w.ID:        w,
			project.Collection + "/" + w.ID:       project.Of(w, "Ann Example", "Example University"),
			access.Accounts + "/secret-owner-uid": access.Account{UID: "secret-owner-uid", Email: "secret@university.example", Name: "Ann Example"},
		}
		for path, v := range batch {
			if _, err := s.client.Doc(path).Set(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
		names = append(names, w.ID)
	}
	return names
}

func TestPagesNewestFirst(t *testing.T) {
	s, h := newRoom(t)
	names := s.seed(t, 3)
	var got []string
	cursor := ""
	for range 3 {
		w := get(t, h, "/v1/projects?limit=2&cursor="+cursor, "")
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var page projectPage
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Projects {
			got = append(got, p.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if want := []string{names[2], names[1], names[0]}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, want %v", got, want)
	}
	for path, want := range map[string]int{
		"/v1/projects?limit=0": 422, "/v1/projects?limit=101": 422, "/v1/projects?cursor=../x": 422,
		"/v1/projects/" + names[0]: 200, "/v1/projects/" + id.New(id.Workspace, morning): 404, "/v1/projects/x": 404,
		"/v1/search": 200, "/v1/community": 200, "/v1/downloads/csv": 200, "/v1/downloads/xls": 422, "/v1/community?category=x": 422, "/v1/community?cursor=../x": 422,
	} {
		if w := get(t, h, path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestAnEmptyDirectoryIsAList(t *testing.T) {
	_, h := newRoom(t)
	if w := get(t, h, "/v1/projects", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"items":[]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNothingPrivateIsShown(t *testing.T) {
	s, h := newRoom(t)
	names := s.seed(t, 2)
	for _, path := range []string{"/v1/projects", "/v1/projects?limit=1", "/v1/projects/" + names[0], "/v1/policies"} {
		w := get(t, h, path, "")
		text := w.Body.String()
		if w.Code != 200 || strings.HasPrefix(path, "/v1/projects") && !strings.Contains(text, "asthma") {
			t.Errorf("%s: %d %s", path, w.Code, text)
		}
		for _, private := range []string{"secret", "@", "ownerUid", "members", "reviewRequested", "policies\":{"} {
			if strings.Contains(text, private) {
				t.Errorf("%s shows %q: %s", path, private, text)
			}
		}
	}
	// Not in the record either: what is not there cannot be shown by mistake.
	snap, err := s.client.Collection(project.Collection).Doc(names[0]).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record, err := json.Marshal(snap.Data())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(record), "secret") || strings.Contains(string(record), `"reviewRequested":true`) {
		t.Errorf("the public record holds something private: %s", record)
	}
}

func TestAnswersMayBeKept(t *testing.T) {
	s, h := newRoom(t)
	names := s.seed(t, 1)
	for _, path := range []string{"/v1/projects", "/v1/projects/" + names[0], "/v1/policies"} {
		first := get(t, h, path, "")
		etag := first.Header().Get("ETag")
		if etag == "" || first.Header().Get("Cache-Control") != "public, max-age=60" {
			t.Fatalf("%s: %v", path, first.Header())
		}
		for _, have := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
			if w := get(t, h, path, have); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != etag {
				t.Errorf("%s with %s: %d %s %v", path, have, w.Code, w.Body, w.Header())
			}
		}
		if w := get(t, h, path, `"other"`); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s with another etag: %d", path, w.Code)
		}
	}
	etag := get(t, h, "/v1/projects/"+names[0], "").Header().Get("ETag")
	w := workspace(0)
	w.ID, w.Name = names[0], "Renamed"
	if _, err := s.client.Collection(project.Collection).Doc(w.ID).Set(t.Context(), project.Of(w, "Ann Example", "Example University")); err != nil {
		t.Fatal(err)
	}
	if got := get(t, h, "/v1/projects/"+names[0], etag); got.Code != 200 || !strings.Contains(got.Body.String(), "Renamed") {
		t.Errorf("after a change: %d %s", got.Code, got.Body)
	}
	if got := get(t, h, "/v1/projects/x", ""); got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a problem may be kept: %v", got.Header())
	}
}

func TestPoliciesInForce(t *testing.T) {
	_, h := newRoom(t)
	var list policyList
	if err := json.Unmarshal(get(t, h, "/v1/policies", "").Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, p := range list.Policies {
		versions[p.ID] = p.Version
		if p.Title == "" || p.Summary == "" || p.Source == "" {
			t.Errorf("%s lacks words", p.ID)
		}
		if _, err := time.Parse(time.DateOnly, p.EffectiveAt); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
	for _, want := range []string{policy.StigmatizingResearch, policy.EthicalConduct, policy.CodeOfConduct} {
		if current, _ := policy.CurrentOf(want, morning); versions[want] != current.Version {
			t.Errorf("%s: version %q, want %q", want, versions[want], current.Version)
		}
	}
}
