package dissemination

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) // 14 days before the 15th

// people maps a token to a principal: "owner", or "owner1" for one without a second factor.
type people struct{}

func (people) Verify(_ context.Context, raw string) (session.Principal, error) {
	uid, one := strings.CutSuffix(raw, "1")
	p := session.Principal{UID: uid, Level: session.SecondFactor}
	if one {
		p.Level = session.SignedIn
	}
	if raw == "forged" {
		return p, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	return p, nil
}

// press is one room over the emulator.
type press struct {
	t       *testing.T
	client  *firestore.Client
	clock   *clock.Manual
	handler http.Handler
	ws      string // registered, release r1: owner, author
	secret  string // controlled: owner only
	mu      sync.Mutex
	sent    []string
}

func open(t *testing.T) *press {
	t.Helper()
	c, now := testkit.Firestore(t), clock.NewManual(t0)
	p := &press{t: t, client: c, clock: now}
	p.handler = newAPI(deps{verifier: people{}, log: slog.New(slog.NewTextHandler(io.Discard, nil)), rules: Rules{NoticeDays: 14},
		gate:  &access.Gate{Client: c, Rules: access.DefaultRules(), Clock: now},
		store: &store{client: c, clock: now},
		send: func(_ context.Context, events ...string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.sent = append(p.sent, events...)
		}}).Handler()
	list := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	p.put(access.Institutions, "inst", access.Institution{ID: "inst", Rules: map[string]access.TierRule{"registered": list, "controlled": list}})
	for _, uid := range []string{"owner", "author", "member", "low", "board", "formerBoard", "stranger"} {
		a := access.Account{UID: uid, Name: "Name of " + uid, Email: uid + "@university.example", InstitutionID: "inst", Modules: map[string]access.ModuleFact{}}
		for _, r := range access.Requirements() {
			if uid != "low" {
				a.Modules[string(r.Module)] = access.ModuleFact{CompletedAt: t0}
			}
		}
		if uid == "board" || uid == "formerBoard" {
			a.AdminRoles, a.Disabled = []access.Role{access.ReviewBoard}, uid == "formerBoard"
		}
		p.put(access.Accounts, uid, a)
	}
	p.ws = p.workspace(access.Registered, "owner", "author", "member", "low")
	p.secret = p.workspace(access.Controlled, "owner")
	return p
}

func (p *press) workspace(tier access.Tier, members ...string) string {
	p.t.Helper()
	w := access.Workspace{ID: id.New(id.Workspace, t0), Tier: tier, ReleaseID: "r1", OwnerUID: members[0], State: access.Active, Members: map[string]string{}}
	for _, m := range members {
		w.Members[m] = access.Reader
	}
	p.put(access.Workspaces, w.ID, w)
	return w.ID
}

func (p *press) put(collection, name string, v any) {
	p.t.Helper()
	if _, err := p.client.Collection(collection).Doc(name).Set(p.t.Context(), v); err != nil {
		p.t.Fatal(err)
	}
}

func (p *press) do(method, path, token string, body any, ifMatch string) *httptest.ResponseRecorder {
	p.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	text := string(b)
	if raw, ok := body.(string); ok {
		text = raw
	}
	r := httptest.NewRequest(method, "/dissemination/v1"+path, strings.NewReader(text))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w
}

// body is a report in that workspace that may be submitted for the 15th.
func (p *press) body() Content {
	c := content()
	c.WorkspaceIDs = []string{p.ws}
	c.Authors = []Author{{Name: "Owner", UID: "owner"}, {Name: "Author", UID: "author"}, {Name: "Guest"}}
	return c
}

// draft makes a report and gives its path and etag.
func (p *press) draft() (string, string) {
	p.t.Helper()
	w := p.do("POST", "/reports", "owner", p.body(), "")
	if w.Code != http.StatusCreated {
		p.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return "/reports/" + read[view](p.t, w).ID, w.Header().Get("ETag")
}

func read[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return v
}

// events lists the types in the outbox, and checks that each was handed to the sender.
func (p *press) events() []string {
	p.t.Helper()
	snaps, err := p.client.Collection(outbox.Collection).Documents(p.t.Context()).GetAll()
	if err != nil {
		p.t.Fatal(err)
	}
	var list []string
	for _, s := range snaps {
		var e outbox.Event
		if err := s.DataTo(&e); err != nil {
			p.t.Fatal(err)
		}
		if !slices.Contains(p.sent, e.ID) || e.UID != "owner" {
			p.t.Errorf("%+v was not sent, or not to the owner", e)
		}
		list = append(list, e.Type)
	}
	slices.Sort(list)
	return list
}

// audited lists the acts in the audit log.
func (p *press) audited() []string {
	p.t.Helper()
	snaps, err := p.client.Collection(audit.Collection).Documents(p.t.Context()).GetAll()
	if err != nil {
		p.t.Fatal(err)
	}
	var list []string
	for _, s := range snaps {
		var e audit.Entry
		if err := s.DataTo(&e); err != nil {
			p.t.Fatal(err)
		}
		list = append(list, e.Act+" by "+e.Actor+": "+e.Before+" -> "+e.After)
	}
	slices.Sort(list)
	return list
}
