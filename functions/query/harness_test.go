package query

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/testkit"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

const (
	wsID     = tinycdr.Workspace
	pausedWS = tinycdr.PausedWorkspace
	base     = "/query/v1/workspaces/" + wsID
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { os.Exit(tinycdr.Main(m)) }

// house is the function on the Firestore emulator and the local BigQuery.
type house struct {
	t       *testing.T
	client  *firestore.Client
	clock   *clock.Manual
	room    room
	api     *api.API
	handler http.Handler
	project string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, client: testkit.Firestore(t), clock: clock.NewManual(start)}
	bq, project := tinycdr.Load(t, h.client)
	h.project = project
	d := deps{verifier: tinycdr.Tokens{}, log: slog.New(slog.DiscardHandler), client: h.client, clock: h.clock,
		limits:   limits{StartGrace: 2 * time.Minute, CSVRows: 1000, Timeout: time.Minute},
		gate:     &access.Gate{Client: h.client, Rules: access.DefaultRules(), Clock: h.clock},
		releases: &release.Store{Client: h.client, Project: project},
		desk: &metered.Desk{BigQuery: bq, Rules: metered.DefaultRules(), Clock: h.clock,
			Credits: &credits.Store{Client: h.client, Rules: credits.DefaultRules(), Clock: h.clock}}}
	h.room = room{d}
	h.api = newAPI(d)
	h.handler = h.api.Handler()
	tinycdr.People(t, h.client, start)
	return h
}

func (h *house) set(path string, v any) {
	h.t.Helper()
	if _, err := h.client.Doc(path).Set(context.Background(), v); err != nil {
		h.t.Fatal(err)
	}
}

// call sends a request and gives the answer.
func (h *house) call(method, path, token string, body any) *httptest.ResponseRecorder {
	h.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			h.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, req)
	return rec
}

// want is call that fails the test on any other status and decodes into out.
func (h *house) want(status int, method, path, token string, body, out any) string {
	h.t.Helper()
	rec := h.call(method, path, token, body)
	if rec.Code != status {
		h.t.Fatalf("%s %s as %q: status %d, want %d\n%s", method, path, token, rec.Code, status, rec.Body)
	}
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			h.t.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
		}
	}
	return rec.Body.String()
}

// result is a run as the function shows it.
type result struct {
	ID, State, Problem string
	Rows, BytesBilled  int64
	Cost               *struct{ Value string }
}

// done follows a run to its end.
func (h *house) done(id string) result {
	h.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		var got result
		h.want(200, "GET", base+"/runs/"+id, "reader", nil, &got)
		if ended(got.State) {
			return got
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the run is still %s", got.State)
		}
	}
}

// standing is what the owner holds and has spent, as text.
func (h *house) standing() (held, spent string) {
	h.t.Helper()
	st, err := h.room.desk.Credits.Standing(h.t.Context(), "owner")
	if err != nil {
		h.t.Fatal(err)
	}
	return st.Held.Decimal(), st.Spent.Decimal()
}
