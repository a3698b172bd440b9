package auth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
)

// begin starts an attempt and gives its state.
func (r *room) begin(uid string) string {
	r.t.Helper()
	got := r.want(200, "POST", "/v1/modules/identity/start", uid, map[string]any{"returnTo": "/portal/steps"})
	u, err := url.Parse(got["url"].(string))
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Query().Get("state")
}

func result(state, code string) map[string]any { return map[string]any{"state": state, "code": code} }

func TestIdentityThroughTheLocalProvider(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.signUp("ben", "Ben Example")
	const done = "/v1/modules/identity/result"

	state := r.begin("ann")
	for name, c := range map[string]struct {
		token  string
		body   map[string]any
		status int
	}{
		"nobody":            {"", result(state, "s1"), 401},
		"another person":    {"ben", result(state, "s1"), 403},
		"another state":     {"ann", result(state+"x", "s1"), 403},
		"no state":          {"ann", map[string]any{"code": "s1"}, 422},
		"a smuggled result": {"ann", map[string]any{"state": state, "code": "s1", "subject": "s2"}, 422},
	} {
		if status, answer := r.do("POST", done, c.token, c.body); status != c.status {
			t.Errorf("%s: %d %v, want %d", name, status, answer, c.status)
		}
	}
	got := r.want(200, "POST", done, "ann", result(state, "s1"))
	if got["returnTo"] != "/portal/steps" {
		t.Errorf("return to %v", got["returnTo"])
	}
	if f := r.account("ann").Modules["identity"]; !f.CompletedAt.Equal(morning) || !strings.Contains(f.Evidence, "at level IAL2") || strings.Contains(f.Evidence, "s1") {
		t.Errorf("fact %+v", f)
	}
	r.want(403, "POST", done, "ann", result(state, "s1")) // once
	r.want(409, "POST", "/v1/modules/identity/start", "ann", map[string]any{})

	// A person has one account.
	r.clock.Advance(time.Second)
	r.want(409, "POST", done, "ben", result(r.begin("ben"), "s1"))
	if f := r.account("ben").Modules["identity"]; !f.CompletedAt.IsZero() {
		t.Errorf("ben's fact %+v", f)
	}
	lines := r.lines()
	if last := lines[len(lines)-1]; last != "ben identity.refused accounts/ben/modules/identity |  | missing > the identity is that of another account" {
		t.Errorf("last entry %q", last)
	}
	// A reset lets the identity go, and the person verifies it where they want.
	r.put(access.Accounts, "admin", access.Account{UID: "admin", AdminRoles: []access.Role{access.AccessAdmin}})
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/identity", "admin2", map[string]any{"act": "reset", "reason": "two accounts"})
	r.want(200, "POST", done, "ben", result(r.begin("ben"), "s1"))

	// Ten minutes, and not one second more.
	state = r.begin("ann")
	r.clock.Advance(attemptLife)
	r.want(403, "POST", done, "ann", result(state, "s2"))
	state = r.begin("ann")
	r.clock.Advance(attemptLife - time.Second)
	r.want(422, "POST", done, "ann", result(state, "a subject"))
	r.want(403, "POST", done, "ann", result(state, "s2")) // used up, though nothing came of it
	state = r.begin("ann")
	r.want(200, "POST", done, "ann", result(state, "s2"))
}

func TestIdentityStartRefuses(t *testing.T) {
	r := newRoom(t)
	r.want(404, "POST", "/v1/modules/identity/start", "ann", map[string]any{})
	r.signUp("ann", "Ann Example")
	for _, to := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example", "portal", "/portal/?next=https://evil.example", "/portal/#x", "/\tportal", "/" + strings.Repeat("a", 250)} {
		r.want(422, "POST", "/v1/modules/identity/start", "ann", map[string]any{"returnTo": to})
	}
	if got := r.want(200, "POST", "/v1/modules/identity/start", "ann", map[string]any{})["url"].(string); !strings.HasPrefix(got, localPath+"?") {
		t.Errorf("url %s", got)
	}
	a := r.account("ann")
	a.Disabled = true
	r.put(access.Accounts, "ann", a)
	r.want(403, "POST", "/v1/modules/identity/start", "ann", map[string]any{})

	r.signUp("ben", "Ben Example")
	none := r.instance(r.sessions)
	none.identities = nil
	h := newAPI(none, apiOptionsFor("ben")).Handler()
	for _, path := range []string{"start", "result"} {
		status, answer := do(t, h, "POST", "/v1/modules/identity/"+path, "ben", map[string]any{"state": "s", "code": "c"})
		if path == "start" {
			status, answer = do(t, h, "POST", "/v1/modules/identity/"+path, "ben", map[string]any{})
		}
		if status != 409 || !strings.Contains(fmt.Sprint(answer["detail"]), "access admin") {
			t.Errorf("%s without a provider: %d %v", path, status, answer)
		}
	}
}

// Two tabs come back with one state at the same moment: one is let through.
func TestOneStateTwiceAtOnce(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	state := r.begin("ann")
	statuses := make([]int, 2)
	var wg sync.WaitGroup
	for i := range statuses {
		h := newAPI(r.instance(r.sessions), apiOptionsFor("ann")).Handler()
		wg.Go(func() {
			statuses[i], _ = do(t, h, "POST", "/v1/modules/identity/result", "ann", result(state, "s1"))
		})
	}
	wg.Wait()
	if statuses[0]+statuses[1] != 200+403 {
		t.Errorf("statuses %v", statuses)
	}
}

// The page that stands in for a provider, and the way back from one.
func TestTheLocalPageAndTheWayBack(t *testing.T) {
	r := newRoom(t)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	page := get(localPath + `?state="><script>alert(1)</script>&subject=local-ann`)
	if page.Code != 200 || strings.Contains(page.Body.String(), "<script") || !strings.Contains(page.Body.String(), `value="local-ann"`) ||
		!strings.Contains(page.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	back := get(callbackPath + "?state=a%26b&code=c&returnTo=https://evil.example/")
	if at := back.Header().Get("Location"); back.Code != 303 || at != "/portal/#identity?code=c&state=a%26b" {
		t.Errorf("%d to %s", back.Code, at)
	}
	if at := get(callbackPath + "?error=access_denied&state=s&code=" + strings.Repeat("x", maxCode+1)).Header().Get("Location"); at != "/portal/#identity?error=access_denied&state=s" {
		t.Errorf("to %s", at)
	}
	// Only the local provider has the page.
	s := r.instance(r.sessions)
	s.identities = nil
	w := httptest.NewRecorder()
	newAPI(s, apiOptions()).Handler().ServeHTTP(w, httptest.NewRequest("GET", localPath, nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("without the local provider: %d", w.Code)
	}
}

func TestIdentityConfigurations(t *testing.T) {
	whole := identityConfig{Provider: "oidc", BaseURL: "https://hub.example", Issuer: "https://id.example", ClientID: "hub", ClientSecret: "a secret", Levels: []string{"ial2"}}
	cloud := func(string) string { return "auth" }
	for _, c := range []struct {
		name   string
		change func(*identityConfig)
		getenv func(string) string
		want   string
	}{
		{"whole", func(*identityConfig) {}, cloud, ""},
		{"none", func(c *identityConfig) { *c = identityConfig{} }, cloud, ""},
		{"local", func(c *identityConfig) { c.Provider = "local" }, func(string) string { return "" }, ""},
		{"local in the cloud", func(c *identityConfig) { c.Provider = "local" }, cloud, "local is set in the cloud"},
		{"another", func(c *identityConfig) { c.Provider = "saml" }, cloud, "HUB_IDENTITY_PROVIDER"},
		{"no issuer", func(c *identityConfig) { c.Issuer = "" }, cloud, "HUB_OIDC_ISSUER"},
		{"an issuer without TLS", func(c *identityConfig) { c.Issuer = "http://id.example" }, cloud, "https"},
		{"an issuer here", func(c *identityConfig) { c.Issuer = "http://127.0.0.1:1" }, cloud, ""},
		{"no levels", func(c *identityConfig) { c.Levels = nil }, cloud, "HUB_OIDC_ACR"},
		{"no client", func(c *identityConfig) { c.ClientID = "" }, cloud, "HUB_OIDC_CLIENT_ID"},
		{"no secret", func(c *identityConfig) { c.ClientSecret = "" }, cloud, "HUB_OIDC_CLIENT_SECRET"},
		{"no address", func(c *identityConfig) { c.BaseURL = "" }, cloud, "HUB_BASE_URL"},
	} {
		cfg := whole
		c.change(&cfg)
		p, err := newIdentityProvider(cfg, nil, c.getenv)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err == nil && (p == nil) != (cfg.Provider == "") {
			t.Errorf("%s: provider %T", c.name, p)
		}
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", whole, "secret", whole.ClientSecret)
	if text := fmt.Sprintf("%v %+v %#v", whole, whole, whole) + log.String(); strings.Contains(text, "a secret") {
		t.Errorf("the secret shows: %s", text)
	}
}

func TestSignaturesAreKeptWhole(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	sign := map[string]any{"fullName": "Ann  Example ", "initials": " AE ", "version": "1"}
	r.want(200, "POST", "/v1/modules/codeOfConduct/completion", "ann", sign)
	r.want(409, "POST", "/v1/modules/codeOfConduct/completion", "ann", sign) // and no second record
	rules := access.DefaultRules()
	r.clock.Advance(rules.ModuleValidity - rules.RenewalWindow)
	r.want(200, "POST", "/v1/modules/codeOfConduct/completion", "ann", sign)
	items := r.want(200, "GET", "/v1/signatures", "ann", nil)["items"].([]any)
	if len(items) != 2 {
		t.Fatalf("%d signatures", len(items))
	}
	first := items[1].(map[string]any)
	if text, _ := first["text"].(string); len(text) != 64 {
		t.Errorf("text %q", text)
	}
	delete(first, "text")
	delete(first, "id")
	if d := cmp.Diff(map[string]any{"policy": "codeOfConduct", "version": "1", "title": "Data User Code of Conduct", "effectiveAt": "2026-01-01T00:00:00Z",
		"name": "Ann Example", "initials": "AE", "email": "ann@university.example", "at": "2026-03-02T09:00:00Z", "level": 1.0}, first); d != "" {
		t.Error(d)
	}
	if items := r.want(200, "GET", "/v1/signatures", "ben", nil)["items"].([]any); len(items) != 0 {
		t.Errorf("ben sees %v", items)
	}
}

func TestReportsToNameAreTheCallersOwn(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	const mine, other, nowhere = "rep_01J9ZK3V5N8Q2T4R6W8Y0A1B2C", "rep_01J9ZK3V5N8Q2T4R6W8Y0A1B2D", "rep_01J9ZK3V5N8Q2T4R6W8Y0A1B2E"
	r.put("reports", mine, map[string]any{"memberUids": []string{"ben", "ann"}})
	r.put("reports", other, map[string]any{"memberUids": []string{"ben"}})
	for _, bad := range []string{other, nowhere} {
		r.want(422, "POST", "/v1/modules/publicationConfirmation/completion", "ann", map[string]any{"reports": []string{mine, bad}})
	}
	r.want(200, "POST", "/v1/modules/publicationConfirmation/completion", "ann", map[string]any{"reports": []string{mine}})
	if f := r.account("ann").Modules["publicationConfirmation"]; f.Evidence != "reports: "+mine {
		t.Errorf("fact %+v", f)
	}
}
