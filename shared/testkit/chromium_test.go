package testkit_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// site serves one page and gives its address by the name "localhost", which
// browsers take for a secure context.
func site(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "script-src 'self'")
		_, _ = w.Write([]byte(`<!doctype html><title>Example</title><link rel="icon" href="data:,"><script>never()</script>`))
	}))
	t.Cleanup(srv.Close)
	return strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
}

const (
	create = `async (user) => {
		const c = await navigator.credentials.create({publicKey: {
			challenge: new Uint8Array([1, 2, 3]), rp: {id: "localhost", name: "Example"},
			user: {id: new Uint8Array([user]), name: "ann", displayName: "Ann"},
			pubKeyCredParams: [{type: "public-key", alg: -7}],
			authenticatorSelection: {residentKey: "required", userVerification: "required"}}});
		return c.toJSON();
	}`
	get = `async (allow) => {
		const c = await navigator.credentials.get({publicKey: {
			challenge: new Uint8Array([4, 5, 6]), rpId: "localhost", userVerification: "required", timeout: 2000,
			allowCredentials: allow.map((id) => ({type: "public-key", id: Uint8Array.fromBase64(id, {alphabet: "base64url"})}))}});
		return c.toJSON();
	}`
)

type credential struct {
	ID       string `json:"id"`
	Response struct {
		UserHandle string `json:"userHandle"`
		Signature  string `json:"signature"`
	} `json:"response"`
}

func TestPasskeysInChromium(t *testing.T) {
	url := site(t)
	browser := testkit.Chromium(t)
	page := browser.Open(url)
	authenticator := page.Authenticator()

	var made credential
	page.Call(create, &made, 7)
	held := authenticator.Credentials()
	if len(held) != 1 || held[0].RelyingParty != "localhost" || !held[0].Discoverable || !bytes.Equal(held[0].UserHandle, []byte{7}) {
		t.Fatalf("the authenticator holds %+v", held)
	}
	for name, allow := range map[string][]string{"named": {made.ID}, "discovered": {}} {
		var got credential
		page.Call(get, &got, allow)
		if got.ID != made.ID || got.Response.UserHandle != "Bw" || got.Response.Signature == "" {
			t.Errorf("%s: %+v, want a signature of %s", name, got, made.ID)
		}
	}
	if n := authenticator.Credentials()[0].SignCount; n <= held[0].SignCount {
		t.Errorf("the count stays at %d", n)
	}

	refused := func(why string) {
		t.Helper()
		var thrown *testkit.Thrown
		if err := page.TryCall(get, nil, []string{}); !errors.As(err, &thrown) || !strings.Contains(thrown.Text, "NotAllowedError") {
			t.Errorf("%s: %v", why, err)
		}
	}
	authenticator.UserVerified(false)
	refused("a user who is not verified")
	authenticator.UserVerified(true)

	// Another tab has none of it, until the credential is copied.
	other := browser.Open(url)
	copied := other.Authenticator()
	if list := copied.Credentials(); len(list) != 0 {
		t.Errorf("another tab's authenticator holds %d credentials", len(list))
	}
	copied.Add(held[0])
	var got credential
	other.Call(get, &got, []string{})
	if got.ID != made.ID {
		t.Errorf("the copy signs as %s", got.ID)
	}

	authenticator.Remove(held[0].ID)
	if list := authenticator.Credentials(); len(list) != 0 {
		t.Errorf("%d credentials after the removal", len(list))
	}
	refused("an authenticator without credentials")
}

func TestPagesInChromium(t *testing.T) {
	page := testkit.Chromium(t).Open(site(t))
	var title string
	page.Eval(`document.title`, &title)
	if title != "Example" {
		t.Errorf("title %q", title)
	}
	var sum struct{ N int }
	page.Call(`async (a, b) => ({n: a + b})`, &sum, 2, 3)
	if sum.N != 5 {
		t.Errorf("a promise gives %+v", sum)
	}
	var thrown *testkit.Thrown
	if err := page.Try(`Promise.reject(new TypeError("no"))`, nil); !errors.As(err, &thrown) || !strings.Contains(thrown.Text, "TypeError: no") {
		t.Errorf("a rejected promise gives %v", err)
	}
	page.Eval(`setTimeout(() => { document.title = "Later" }, 50)`, nil)
	page.Until(`document.title === "Later"`)
	page.Eval(`console.warn("careful")`, nil)
	console := page.Console()
	for _, want := range []string{"Content Security Policy", `warning: "careful"`} {
		if !slices.ContainsFunc(console, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("the console does not say %s: %q", want, console)
		}
	}
}
