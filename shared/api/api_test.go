package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

type fakeVerifier map[string]session.Principal

func (f fakeVerifier) Verify(_ context.Context, raw string) (session.Principal, error) {
	p, ok := f[raw]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	return p, nil
}

type echoIn struct {
	Body struct {
		Name string `json:"name" minLength:"3" maxLength:"10"`
		Age  int    `json:"age,omitempty" minimum:"0"`
	}
}
type echoOut struct {
	Body struct {
		UID string `json:"uid"`
	}
}

func testAPI(log io.Writer) http.Handler {
	a := New(Options{Function: "room", Title: "Room", Log: slog.New(slog.NewTextHandler(log, nil)), MaxBodyBytes: 100, Authorizer: &judge{},
		Verifier: fakeVerifier{"one": {UID: "u1", Level: session.SignedIn}, "two": {UID: "u2", Level: session.SecondFactor}}})
	Handle(a, Operation{Method: "POST", Path: "/v1/echo", ID: "echo", Summary: "Echo", Access: SecondFactor, Rule: access.Enabled()},
		func(ctx context.Context, in *echoIn) (*echoOut, error) {
			switch in.Body.Name {
			case "internal":
				return nil, fault.Wrap("store", errors.New("password=hunter2"))
			case "panic":
				panic("password=hunter2")
			case "plain":
				return nil, fault.New(fault.Conflict, "There is one already.")
			}
			out := &echoOut{}
			out.Body.UID = session.Must(ctx).UID
			return out, nil
		})
	a.NotBuilt(Operation{Method: "GET", Path: "/v1/later", ID: "later", Summary: "Later", Access: Public, Rule: access.Anyone})
	return a.Handler()
}

func do(h http.Handler, method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		name, method, path, token, body string
		status                          int
		holds                           string
	}{
		{"ok", "POST", "/room/v1/echo", "two", `{"name":"anna"}`, 200, `"uid":"u2"`},
		{"nobody", "POST", "/room/v1/echo", "", `{"name":"anna"}`, 401, `"code":"unauthenticated"`},
		{"bad token before bad body", "POST", "/room/v1/echo", "zero", `{`, 401, "Sign in again"},
		{"level 1", "POST", "/room/v1/echo", "one", `{"name":"anna"}`, 403, `"code":"assurance"`},
		{"conflict", "POST", "/room/v1/echo", "two", `{"name":"plain"}`, 409, "There is one already."},
		{"too short", "POST", "/room/v1/echo", "two", `{"name":"a"}`, 422, "body.name"},
		{"not json", "POST", "/room/v1/echo", "two", `{"name":`, 400, `"code":"invalid"`},
		{"too large", "POST", "/room/v1/echo", "two", `{"name":"` + strings.Repeat("x", 200) + `"}`, 413, `"code":"tooLarge"`},
		{"internal", "POST", "/room/v1/echo", "two", `{"name":"internal"}`, 500, `"instance":"rq_`},
		{"panic", "POST", "/room/v1/echo", "two", `{"name":"panic"}`, 500, `"instance":"rq_`},
		{"not built", "GET", "/room/v1/later", "", "", 501, "does not have it yet"},
		{"no such route", "GET", "/room/v1/nothing", "", "", 404, "/room/docs"},
		{"wrong method", "DELETE", "/room/v1/echo", "", "", 405, "This route takes POST."},
		{"health", "GET", "/room/healthz", "", "", 200, `"ok"`},
		{"openapi", "GET", "/room/openapi.json", "", "", 200, `"/room/v1/echo"`},
		{"docs", "GET", "/room/docs", "", "", 200, "second factor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			w := do(testAPI(&log), c.method, c.path, c.token, c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) {
				t.Errorf("%d %s; want %d with %q", w.Code, w.Body, c.status, c.holds)
			}
			if strings.Contains(w.Body.String(), "hunter2") {
				t.Error("an internal error leaks into the answer")
			}
			if c.status >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("content type %q", w.Header().Get("Content-Type"))
			}
			if w.Header().Get("X-Request-Id") == "" {
				t.Error("no request id")
			}
			if c.status == 500 && !strings.Contains(log.String(), "hunter2") {
				t.Error("the cause is not in the log")
			}
		})
	}
}

func TestRejectedValuesAreNotEchoed(t *testing.T) {
	for _, body := range []string{`{"name":"s3cr3t-s3cr3t"}`, `{"name":"anna","age":"s3cr3t"}`, `{"name":s3cr3t}`, `{"name":"anna","s3cr3t":1,"age":-1}`} {
		w := do(testAPI(io.Discard), "POST", "/room/v1/echo", "two", body)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Errors {
			if strings.Contains(f.Message, "s3cr3t") {
				t.Errorf("%s: the answer echoes the value: %s", body, w.Body)
			}
		}
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: status %d", body, w.Code)
		}
	}
}

func TestARouteMustSayItsAccess(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a route without an access level is registered")
		}
	}()
	Handle(New(Options{Function: "room"}), Operation{Method: "GET", Path: "/v1/x", ID: "x", Rule: access.Anyone},
		func(context.Context, *struct{}) (*echoOut, error) { return nil, nil })
}

func TestEveryKindHasAStatus(t *testing.T) {
	for _, k := range []fault.Kind{fault.Internal, fault.Invalid, fault.Unauthenticated, fault.Assurance, fault.Denied,
		fault.NotFound, fault.Conflict, fault.Stale, fault.NoPrecondition, fault.TooLarge, fault.Limited, fault.Budget,
		fault.Unavailable, fault.NotBuilt} {
		if got := ProblemOf(fault.New(k, "x"), "rq"); got.Code != string(k) {
			t.Errorf("%s becomes %s", k, got.Code)
		}
	}
}

func TestAPanicInTheMiddleOfAnAnswerBreaksItOff(t *testing.T) {
	a := New(Options{Function: "room", Title: "Room", Log: slog.New(slog.DiscardHandler)})
	a.HandleRaw("GET /room/half", "a test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("person_id\n1\n"))
		panic("the second row")
	}))
	s := httptest.NewServer(a.Handler())
	defer s.Close()
	resp, err := s.Client().Get(s.URL + "/room/half")
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("half an answer looks like a whole one")
	}
}

// TestACallerWhoHasGoneIsNoFailure: what fails because nobody waits for it any
// more is in the log, and not among what somebody must look at.
func TestACallerWhoHasGoneIsNoFailure(t *testing.T) {
	for name, gone := range map[string]bool{"gone": true, "waiting": false} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if gone {
				cancel()
			}
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/room/v1/echo", strings.NewReader(`{"name":"internal"}`))
			r.Header.Set("Authorization", "Bearer two")
			r.Header.Set("Content-Type", "application/json")
			testAPI(&log).ServeHTTP(httptest.NewRecorder(), r)
			if failed := strings.Contains(log.String(), "level=ERROR"); failed == gone {
				t.Errorf("the log:\n%s", log.String())
			}
		})
	}
}
