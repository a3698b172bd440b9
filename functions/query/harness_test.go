package query

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

const (
	wsID     = "ws_01JBBBBBBBBBBBBBBBBBBBBBBB"
	pausedWS = "ws_01JDDDDDDDDDDDDDDDDDDDDDDD"
	base     = "/query/v1/workspaces/" + wsID
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// tokens maps a bearer token to its principal: the name of an account, with
// "@1" behind it for a session without a second factor.
type tokens struct{}

func (tokens) Verify(_ context.Context, raw string) (session.Principal, error) {
	uid, weak := strings.CutSuffix(raw, "@1")
	if uid == "bad" {
		return session.Principal{}, fault.New(fault.Unauthenticated, "Sign in again.")
	}
	p := session.Principal{UID: uid, Level: session.SecondFactor}
	if weak {
		p.Level = session.SignedIn
	}
	return p, nil
}

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
	d := deps{verifier: tokens{}, log: slog.New(slog.DiscardHandler), client: h.client, clock: h.clock,
		limits:   limits{StartGrace: 2 * time.Minute, CSVRows: 1000, Timeout: time.Minute},
		gate:     &access.Gate{Client: h.client, Rules: access.DefaultRules(), Clock: h.clock},
		releases: &release.Store{Client: h.client, Project: project},
		desk: &metered.Desk{BigQuery: bq, Rules: metered.DefaultRules(), Clock: h.clock,
			Credits: &credits.Store{Client: h.client, Rules: credits.DefaultRules(), Clock: h.clock}}}
	h.room = room{d}
	h.api = newAPI(d)
	h.handler = h.api.Handler()
	h.people()
	return h
}

// people writes accounts that differ by what they have completed, and two
// workspaces of the registered tier, one of them paused.
func (h *house) people() {
	h.t.Helper()
	h.set("institutions/university", access.Institution{ID: "university", Rules: map[string]access.TierRule{
		"registered": {Kind: "domains", List: []string{"university.example"}}}})
	complete, expired := map[string]access.ModuleFact{}, map[string]access.ModuleFact{}
	for _, q := range access.Requirements() {
		complete[string(q.Module)] = access.ModuleFact{CompletedAt: start.Add(-time.Hour)}
		expired[string(q.Module)] = access.ModuleFact{CompletedAt: start.AddDate(-2, 0, 0)}
	}
	members := map[string]string{"owner": access.Owner, "writer": access.Writer, "reader": access.Reader, "lapsed": access.Owner}
	for _, uid := range []string{"owner", "writer", "reader", "stranger", "lapsed"} {
		a := access.Account{UID: uid, Email: uid + "@university.example", InstitutionID: "university", Modules: complete, FirstTierAt: start}
		if uid == "lapsed" {
			a.Modules = expired
		}
		h.set("accounts/"+uid, a)
	}
	w := access.Workspace{ID: wsID, Tier: access.Registered, ReleaseID: tinycdr.ReleaseID, OwnerUID: "owner", Members: members, State: access.Active}
	h.set("workspaces/"+wsID, w)
	w.ID, w.State = pausedWS, access.Paused
	h.set("workspaces/"+pausedWS, w)
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
