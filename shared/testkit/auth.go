package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	authemulator "researchhub.example/hub/emulator/auth"
	"researchhub.example/hub/emulator/toolcache"
)

// authProject is the project that the emulator takes requests with only an API
// key for: the sign-ins of web clients.
const authProject = "demo-testkit"

var authHost = sync.OnceValues(func() (string, error) {
	if host := os.Getenv("FIREBASE_AUTH_EMULATOR_HOST"); host != "" {
		return host, nil
	}
	ctx := context.Background()
	node, err := authemulator.Node(ctx)
	if err != nil {
		return "", err
	}
	dir, err := authemulator.Install(ctx, toolcache.Dir(), io.Discard, func(string) {})
	if err != nil {
		return "", err
	}
	e, err := authemulator.Start(ctx, authemulator.Options{Node: node, Dir: dir, Project: authProject})
	if err != nil {
		return "", err
	}
	return e.Host(), nil
})

// AuthEmulator is the Firebase Auth emulator as one test sees it. All tests of a
// binary share one project: each makes its own accounts, by addresses that no
// other test uses (see Email).
type AuthEmulator struct {
	// Host is the address for FIREBASE_AUTH_EMULATOR_HOST, "127.0.0.1:port".
	Host string
	// Project is the project whose accounts the helpers make, the one that the
	// emulator was started for: the audience of their ID tokens.
	Project string
	t       testing.TB
}

// Auth gives the emulator that FIREBASE_AUTH_EMULATOR_HOST names (project
// GOOGLE_CLOUD_PROJECT), else one of this test binary's own. It sets
// FIREBASE_AUTH_EMULATOR_HOST for the rest of the test, as firebase.NewApp's
// clients want it; so the test cannot be parallel.
func Auth(t testing.TB) AuthEmulator {
	t.Helper()
	host, err := authHost()
	if err != nil {
		Unavailable(t, "the Auth emulator", err)
	}
	project := authProject
	if os.Getenv("FIREBASE_AUTH_EMULATOR_HOST") == host && os.Getenv("GOOGLE_CLOUD_PROJECT") != "" {
		project = os.Getenv("GOOGLE_CLOUD_PROJECT")
	}
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", host)
	return AuthEmulator{Host: host, Project: project, t: t}
}

// AuthAt gives the helpers for an emulator that the test started itself, for
// that project.
func AuthAt(t testing.TB, host, project string) AuthEmulator {
	return AuthEmulator{Host: host, Project: project, t: t}
}

// Email gives an address that no other test uses, at that domain.
func (a AuthEmulator) Email(domain string) string {
	a.t.Helper()
	return Project(a.t)[len("demo-"):] + "@" + domain
}

// SignUp makes an account with a password and gives its uid and an ID token. Its
// address is not verified; see Verify.
func (a AuthEmulator) SignUp(email, password string) (uid, idToken string) {
	a.t.Helper()
	return a.session("accounts:signUp", map[string]any{"email": email, "password": password, "returnSecureToken": true})
}

// SignIn signs an account in by its password.
func (a AuthEmulator) SignIn(email, password string) (uid, idToken string) {
	a.t.Helper()
	return a.session("accounts:signInWithPassword", map[string]any{"email": email, "password": password, "returnSecureToken": true})
}

// SignInCustom exchanges a custom token for an ID token that carries its claims.
func (a AuthEmulator) SignInCustom(token string) (idToken string) {
	a.t.Helper()
	_, idToken = a.session("accounts:signInWithCustomToken", map[string]any{"token": token, "returnSecureToken": true})
	return idToken
}

// Verify marks an account's address as verified; ID tokens made after it say so.
func (a AuthEmulator) Verify(uid string) {
	a.t.Helper()
	a.admin("accounts:update", map[string]any{"localId": uid, "emailVerified": true})
}

// Disable switches an account off, or on again.
func (a AuthEmulator) Disable(uid string, off bool) {
	a.t.Helper()
	a.admin("accounts:update", map[string]any{"localId": uid, "disableUser": off})
}

// admin calls a method of the project as its owner.
func (a AuthEmulator) admin(method string, body map[string]any) {
	a.t.Helper()
	path := "/identitytoolkit.googleapis.com/v1/projects/" + url.PathEscape(a.Project) + "/" + method
	if _, err := a.post(path, body, true); err != nil {
		a.t.Fatalf("Auth emulator: %s: %v", method, err)
	}
}

// session calls a method of a web client that answers with a new session.
func (a AuthEmulator) session(method string, body map[string]any) (uid, idToken string) {
	a.t.Helper()
	b, err := a.post("/identitytoolkit.googleapis.com/v1/"+method+"?key=any", body, false)
	if err != nil {
		a.t.Fatalf("Auth emulator: %s: %v", method, err)
	}
	var answer struct {
		LocalID string `json:"localId"`
		IDToken string `json:"idToken"`
	}
	if err := json.Unmarshal(b, &answer); err != nil || answer.IDToken == "" {
		a.t.Fatalf("Auth emulator: %s: no ID token in the answer (%v)", method, err)
	}
	return answer.LocalID, answer.IDToken
}

func (a AuthEmulator) post(path string, body map[string]any, owner bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+a.Host+path, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if owner {
		req.Header.Set("Authorization", "Bearer owner")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", resp.StatusCode, bytes.TrimSpace(b))
	}
	return b, nil
}
