package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/seal"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// fakeVerifier maps a token to a principal.
type fakeVerifier map[string]session.Principal

func (f fakeVerifier) Verify(_ context.Context, raw string) (session.Principal, error) {
	p, ok := f[raw]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "The session is not valid or has ended. Sign in again.")
	}
	return p, nil
}

// fakeSessions mints tokens that say what they hold, counts revocations, and
// keeps whose sign-in is closed.
type fakeSessions struct {
	revoked  []string
	disabled map[string]bool
}

func (f *fakeSessions) SetDisabled(_ context.Context, uid string, disabled bool) error {
	if f.disabled == nil {
		f.disabled = map[string]bool{}
	}
	f.disabled[uid] = disabled
	return nil
}

func (f *fakeSessions) CustomTokenWithClaims(_ context.Context, uid string, claims map[string]any) (string, error) {
	return fmt.Sprintf("%s aal=%v", uid, claims["aal"]), nil
}

func (f *fakeSessions) RevokeRefreshTokens(_ context.Context, uid string) error {
	f.revoked = append(f.revoked, uid)
	return nil
}

// room is the function with a store of its own and a clock that the test moves.
type room struct {
	t        *testing.T
	service  *service
	handler  http.Handler
	client   *firestore.Client
	clock    *clock.Manual
	sessions *fakeSessions
	// published are the events that have left.
	published *fakePublisher
}

// fakePublisher keeps what is published.
type fakePublisher struct {
	mu     sync.Mutex
	events []outbox.Event
}

func (f *fakePublisher) Publish(_ context.Context, _ string, data []byte, _ map[string]string) error {
	var e outbox.Event
	err := json.Unmarshal(data, &e)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	return err
}

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func principal(uid string, level session.Level) session.Principal {
	p := session.Principal{UID: uid, Email: uid + "@university.example", EmailVerified: true, Level: level, Methods: []string{"pwd"}}
	if level == session.SecondFactor {
		p.SecondFactorAt = morning
	}
	return p
}

// newRoom serves tokens "<uid>" (level 1) and "<uid>2" (level 2) of ann, ben and admin.
func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, client: testkit.Firestore(t), clock: clock.NewManual(morning), sessions: &fakeSessions{}, published: &fakePublisher{}}
	verifier := fakeVerifier{"unverified": {UID: "ann", Email: "ann@university.example", Level: session.SignedIn}}
	for _, uid := range []string{"ann", "ben", "admin"} {
		verifier[uid] = principal(uid, session.SignedIn)
		verifier[uid+"2"] = principal(uid, session.SecondFactor)
	}
	r.service = r.instance(r.sessions)
	r.handler = newAPI(r.service, api.Options{Verifier: verifier, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}).Handler()
	r.put(access.Institutions, "university", access.Institution{ID: "university", Name: "Example University", Kind: "academic",
		Rules: map[string]access.TierRule{
			"registered": {Kind: "domains", List: []string{"university.example"}},
			"controlled": {Kind: "addresses", List: []string{"ann@university.example"}},
		}})
	return r
}

// instance is one more instance of the function on the same store.
func (r *room) instance(tokens sessions) *service {
	r.t.Helper()
	sealer, err := seal.Open(r.t.Context(), seal.Config{StateDir: r.t.TempDir()})
	if r.service != nil {
		sealer, err = r.service.sealer, nil
	}
	if err != nil {
		r.t.Fatal(err)
	}
	party, err := newRelyingParty("http://127.0.0.1:8080", "Research Hub", 5*time.Minute)
	if err != nil {
		r.t.Fatal(err)
	}
	return &service{
		party:   party,
		gate:    access.Gate{Client: r.client, Rules: access.DefaultRules(), Clock: r.clock, SessionClock: r.clock},
		sealer:  sealer,
		tokens:  tokens,
		events:  outbox.Sender{Client: r.client, Publisher: r.published, Log: slog.New(slog.DiscardHandler), Clock: r.clock},
		limits:  newLimiter(r.client, r.clock, defaultLimitRules()),
		signUps: signUpRules{PasswordMin: 8, PasswordMax: 4096},
		factors: defaultFactorRules(),

		signIns:    r.sessions,
		training:   webhookSecrets{testSecret},
		identities: localProvider{clock: r.clock},
	}
}

func (r *room) put(collection, name string, v any) {
	r.t.Helper()
	if _, err := r.client.Collection(collection).Doc(name).Set(r.t.Context(), v); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) account(uid string) access.Account {
	r.t.Helper()
	a, err := r.service.gate.Account(r.t.Context(), uid)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// acts lists what the audit log holds, in order.
func (r *room) acts() []string {
	r.t.Helper()
	snaps, err := r.client.Collection(audit.Collection).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	var acts []string
	for _, s := range snaps {
		var e audit.Entry
		if err := s.DataTo(&e); err != nil {
			r.t.Fatal(err)
		}
		acts = append(acts, e.Actor+" "+e.Act)
	}
	return acts
}

// do sends a request and gives status and body.
func do(t *testing.T, h http.Handler, method, path, token string, body any) (int, map[string]any) {
	t.Helper()
	status, _, answer := doWith(t, h, method, path, token, body)
	return status, answer
}

// doWith is do with headers: pairs of names and values go in, those of the answer come out.
func doWith(t *testing.T, h http.Handler, method, path, token string, body any, headers ...string) (int, http.Header, map[string]any) {
	t.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	req := httptest.NewRequest(method, "/auth"+path, payload)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %s: %s", method, path, w.Body)
		}
	}
	return w.Code, w.Header(), answer
}

func (r *room) do(method, path, token string, body any) (int, map[string]any) {
	r.t.Helper()
	return do(r.t, r.handler, method, path, token, body)
}

// want sends a request and fails on another status.
func (r *room) want(status int, method, path, token string, body any) map[string]any {
	r.t.Helper()
	got, answer := r.do(method, path, token, body)
	if got != status {
		r.t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
	}
	return answer
}

func (r *room) signUp(uid, name string) {
	r.t.Helper()
	r.want(http.StatusCreated, "POST", "/v1/account", uid, wholeProfile(name))
}

// code is what an authenticator app shows now.
func (r *room) code(secret string) string {
	r.t.Helper()
	code, err := totp.GenerateCode(secret, r.clock.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}

// enrolled signs up and confirms a factor; it gives the secret.
func (r *room) enrolled(uid string) string {
	r.t.Helper()
	r.signUp(uid, "Ann Example")
	e := r.want(http.StatusCreated, "POST", "/v1/factors/totp", uid, nil)
	secret := e["secret"].(string)
	r.want(http.StatusOK, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", uid, codeOf(r.code(secret)))
	r.clock.Advance(30 * time.Second)
	return secret
}

func codeOf(code string) map[string]any { return map[string]any{"code": code} }
