package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

type passed struct{}

// judge lets through who is named "u2", and notes what it was asked.
type judge struct{ asked []string }

func (j *judge) Authorize(ctx context.Context, p session.Principal, need session.Level, r access.Rule, workspace string) (context.Context, error) {
	j.asked = append(j.asked, p.UID+" "+string(r.Kind())+" "+workspace)
	if from, ok := session.From(ctx); !ok || from.UID != p.UID || need != session.SecondFactor {
		return ctx, errors.New("the judge was told something else")
	}
	if p.UID != "u2" {
		return ctx, fault.New(fault.Denied, "Not you.")
	}
	return context.WithValue(ctx, passed{}, true), nil
}

// body fails the test when anybody reads it.
type body struct{ t *testing.T }

func (b body) Read([]byte) (int, error) {
	b.t.Error("the body was read before the rule was asked")
	return 0, errors.New("read")
}

func ruled(j *judge) *API {
	a := New(Options{Function: "room", Title: "Room", Log: slog.New(slog.DiscardHandler), Authorizer: j,
		Verifier: fakeVerifier{"two": {UID: "u2", Level: session.SecondFactor}, "three": {UID: "u3", Level: session.SecondFactor}, "one": {UID: "u1", Level: session.SignedIn}}})
	Handle(a, Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/runs", ID: "run", Summary: "Run", Access: SecondFactor, Rule: access.MemberOf(access.Run)},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"40"`
			Body      struct {
				Name string `json:"name"`
			}
		}) (*echoOut, error) {
			if ctx.Value(passed{}) == nil {
				return nil, errors.New("the judge's context got lost")
			}
			return &echoOut{}, nil
		})
	a.NotBuilt(Operation{Method: "GET", Path: "/v1/queue", ID: "queue", Summary: "Queue", Access: SecondFactor, Rule: access.HasRole(access.ReviewBoard)})
	a.NotBuilt(Operation{Method: "GET", Path: "/v1/open", ID: "open", Summary: "Open", Access: Public, Rule: access.Anyone})
	a.HandleRaw("GET /room/page", "a page", http.NotFoundHandler())
	return a
}

func TestTheRuleIsAskedBeforeTheBodyIsRead(t *testing.T) {
	for _, c := range []struct {
		token  string
		status int
		code   string
		asked  []string
	}{
		{"", 401, "unauthenticated", nil},
		{"wrong", 401, "unauthenticated", nil},
		{"one", 403, "assurance", nil},
		{"three", 403, "denied", []string{"u3 memberOf ws_1"}},
	} {
		j := &judge{}
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/room/v1/workspaces/ws_1/runs", body{t})
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		w := httptest.NewRecorder()
		ruled(j).Handler().ServeHTTP(w, r)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.status || p.Code != c.code || p.Instance == "" {
			t.Errorf("%q: %d %+v", c.token, w.Code, p)
		}
		if d := cmp.Diff(c.asked, j.asked); d != "" {
			t.Errorf("%q: %s", c.token, d)
		}
	}
	j := &judge{}
	if w := do(ruled(j).Handler(), "POST", "/room/v1/workspaces/ws_1/runs", "two", `{"name":"x"}`); w.Code != 200 {
		t.Errorf("let through: %d %s", w.Code, w.Body)
	}
	// A route of a later version is guarded as it will be; a public one asks nobody.
	for token, status := range map[string]int{"two": 501, "three": 403} {
		if w := do(ruled(j).Handler(), "GET", "/room/v1/queue", token, ""); w.Code != status {
			t.Errorf("a later route for %s: %d, want %d", token, w.Code, status)
		}
	}
	asked := len(j.asked)
	if w := do(ruled(j).Handler(), "GET", "/room/v1/open", "three", ""); w.Code != 501 || len(j.asked) != asked {
		t.Errorf("a public route: %d, asked %v", w.Code, j.asked)
	}
}

func TestTheRuleIsShown(t *testing.T) {
	h := ruled(&judge{}).Handler()
	var doc struct {
		Paths map[string]map[string]struct {
			Access access.Shown `json:"x-access"`
		}
	}
	if err := json.Unmarshal(do(h, "GET", "/room/openapi.json", "", "").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	want := access.MemberOf(access.Run).Show(session.SecondFactor)
	if d := cmp.Diff(want, doc.Paths["/room/v1/workspaces/{workspace}/runs"]["post"].Access); d != "" {
		t.Error(d)
	}
	if got := doc.Paths["/room/v1/queue"]["get"].Access; len(got.Roles) != 1 || got.Roles[0] != access.ReviewBoard {
		t.Errorf("%+v", got)
	}
	page := do(h, "GET", "/room/docs", "", "").Body.String()
	for _, words := range []string{"a member of the workspace who holds its tier and may run", "the admin role reviewBoard", "anyone"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
}

func TestEveryRouteIsListed(t *testing.T) {
	served, ok := ruled(&judge{}).Handler().(Served)
	if !ok {
		t.Fatal("the handler does not say its routes")
	}
	var got []string
	for _, r := range served.Routes() {
		got = append(got, strings.TrimSpace(r.Method+" "+r.Path+" "+string(r.Rule.Kind())+" "+r.Raw))
	}
	if d := cmp.Diff([]string{"POST /room/v1/workspaces/{workspace}/runs memberOf", "GET /room/v1/queue hasRole", "GET /room/v1/open anyone", "GET /room/page anyone a page"}, got); d != "" {
		t.Error(d)
	}
}

func TestRoutesThatCannotBeGuardedAreNotRegistered(t *testing.T) {
	op := func(a Access, r access.Rule) Operation {
		return Operation{Method: "GET", Path: "/v1/x", ID: "x", Summary: "X", Access: a, Rule: r}
	}
	with, without := Options{Function: "room", Verifier: fakeVerifier{}, Authorizer: &judge{}}, Options{Function: "room", Verifier: fakeVerifier{}}
	for name, register := range map[string]func(){
		"a rule that does not fit": func() { New(with).NotBuilt(op(SecondFactor, access.MemberOf(access.Read))) },
		"a session for anyone":     func() { New(with).NotBuilt(op(SignedIn, access.Anyone)) },
		"no rule":                  func() { New(with).NotBuilt(op(SecondFactor, access.Rule{})) },
		"no rule, public":          func() { New(with).NotBuilt(op(Public, access.Rule{})) },
		"nobody to decide":         func() { New(without).NotBuilt(op(SecondFactor, access.Enabled())) },
		"unique items": func() {
			type in struct {
				Body struct {
					Tags []string `json:"tags" uniqueItems:"true"`
				}
			}
			Handle(New(with), op(SecondFactor, access.Enabled()), func(context.Context, *in) (*echoOut, error) { return nil, nil })
		},
		"a raw route without a why": func() { New(with).HandleRaw("GET /room/x", "", http.NotFoundHandler()) },
		"a raw route of any method": func() { New(with).HandleRaw("/room/x", "x", http.NotFoundHandler()) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is registered")
				}
			}()
			register()
		})
	}
}
