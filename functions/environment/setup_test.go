package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/fsouza/fake-gcs-server/fakestorage"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/notebook"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

const (
	wsID     = "ws_01JBBBBBBBBBBBBBBBBBBBBBBB"
	otherWS  = "ws_01JDDDDDDDDDDDDDDDDDDDDDDD"
	runID    = "run_01JAAAAAAAAAAAAAAAAAAAAAAA"
	failedID = "run_01JEEEEEEEEEEEEEEEEEEEEEEE"
	bucketID = "hub-notebooks"
	maxBytes = 1 << 20
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// room is the function on the real Firestore emulator and a Cloud Storage in
// process.
type room struct {
	t       *testing.T
	client  *firestore.Client
	storage *fakestorage.Server
	clock   *clock.Manual
	service *service
	handler http.Handler
}

// tokens maps a bearer token to its principal: the name of an account, with
// "@1" behind it for a session without a second factor.
type tokens struct{}

func (tokens) Verify(_ context.Context, raw string) (session.Principal, error) {
	uid, weak := strings.CutSuffix(raw, "@1")
	if uid == "" || uid == "bad" {
		return session.Principal{}, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	p := session.Principal{UID: uid, Level: session.SecondFactor}
	if weak {
		p.Level = session.SignedIn
	}
	return p, nil
}

func newStorage(t *testing.T) *fakestorage.Server {
	t.Helper()
	srv, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Stop)
	srv.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: bucketID})
	return srv
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, client: testkit.Firestore(t), storage: newStorage(t), clock: clock.NewManual(start)}
	t.Setenv("STORAGE_EMULATOR_HOST", r.storage.URL())
	files, err := notebook.OpenBucket(t.Context(), bucketID, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	r.service = &service{
		gate:    &access.Gate{Client: r.client, Rules: access.DefaultRules(), Clock: r.clock},
		records: notebookRecords{r.client}, files: files, clock: r.clock,
	}
	r.handler = newAPI(r.service, api.Options{Verifier: tokens{}, Log: slog.New(slog.DiscardHandler)}).Handler()
	r.seed()
	return r
}

// seed writes an institution, accounts that differ by what they have completed,
// a workspace of the registered tier with its members, and three runs.
func (r *room) seed() {
	r.t.Helper()
	r.set("institutions/university", access.Institution{ID: "university", Rules: map[string]access.TierRule{
		"registered": {Kind: "domains", List: []string{"university.example"}}}})
	complete := map[string]access.ModuleFact{}
	for _, q := range access.Requirements() {
		complete[string(q.Module)] = access.ModuleFact{CompletedAt: start.Add(-time.Hour)}
	}
	expired := map[string]access.ModuleFact{}
	for name, fact := range complete {
		expired[name] = access.ModuleFact{CompletedAt: fact.CompletedAt.AddDate(-2, 0, 0)}
	}
	members := map[string]string{"owner": access.Owner, "writer": access.Writer, "reader": access.Reader, "lapsed": access.Owner}
	for _, uid := range []string{"owner", "writer", "reader", "stranger", "lapsed"} {
		a := access.Account{UID: uid, Email: uid + "@university.example", InstitutionID: "university", Modules: complete}
		if uid == "lapsed" {
			a.Modules = expired
		}
		r.set("accounts/"+uid, a)
	}
	for _, ws := range []string{wsID, otherWS} {
		r.set("workspaces/"+ws, access.Workspace{ID: ws, Tier: access.Registered, OwnerUID: "owner", Members: members, State: access.Active})
	}
	r.set("workspaces/"+wsID+"/dataSets/ds_01JCCCCCCCCCCCCCCCCCCCCCCC", dataset.DataSet{ID: "ds_01JCCCCCCCCCCCCCCCCCCCCCCC", Name: "Diabetes cohort"})
	run := dataset.Run{ID: runID, WorkspaceID: wsID, DataSetID: "ds_01JCCCCCCCCCCCCCCCCCCCCCCC", State: dataset.Done, Rows: 12, ReleaseID: "synthetic_1"}
	r.set("workspaces/"+wsID+"/runs/"+runID, run)
	run.ID, run.State = failedID, dataset.Failed
	r.set("workspaces/"+wsID+"/runs/"+failedID, run)
}

func (r *room) set(path string, v any) {
	r.t.Helper()
	if _, err := r.client.Doc(path).Set(r.t.Context(), v); err != nil {
		r.t.Fatal(err)
	}
}

// call sends one request as the holder of a token and gives the answer.
func (r *room) call(token, method, path, body string) (*http.Response, []byte) {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	res := rec.Result()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res, b
}

func notebooksPath(ws string) string { return "/environment/v1/workspaces/" + ws + "/notebooks" }

func decode[T any](t *testing.T, body []byte) (v T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}
