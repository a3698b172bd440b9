package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"researchhub.example/hub/shared/clock"
)

// issuer is a small OpenID provider: discovery, keys and the token endpoint. The
// test plays the person at the authorization endpoint.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	signer jose.Signer
	keys   jose.JSONWebKeySet
	// claims are those of the next ID token, over the sound ones.
	claims map[string]any
	// nonce and challenge are those of the authorization request.
	nonce, challenge string
	away             atomic.Bool
}

const goodACR = "http://idmanagement.gov/ns/assurance/ial/2"

func newSigner(t *testing.T) (jose.Signer, jose.JSONWebKey) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer, jose.JSONWebKey{Key: private.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{t: t}
	var public jose.JSONWebKey
	i.signer, public = newSigner(t)
	i.keys.Keys = []jose.JSONWebKey{public}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if i.away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		answer(w, map[string]any{"issuer": i.server.URL, "authorization_endpoint": i.server.URL + "/authorize", "token_endpoint": i.server.URL + "/token",
			"jwks_uri": i.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { answer(w, i.keys) })
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		switch {
		case i.away.Load():
			http.Error(w, "away", http.StatusServiceUnavailable)
		case id != "hub" || secret != "a-secret" || r.FormValue("code") != "good" || r.FormValue("redirect_uri") != "https://hub.example"+callbackPath,
			base64.RawURLEncoding.EncodeToString(challenge[:]) != i.challenge:
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"error": "invalid_grant"})
		default:
			out := map[string]any{"access_token": "x", "token_type": "Bearer"}
			if token := i.token(); token != "" {
				out["id_token"] = token
			}
			answer(w, out)
		}
	})
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	return i
}

// token is the ID token of the claims; "" for a provider that sends none.
func (i *issuer) token() string {
	claims := map[string]any{"iss": i.server.URL, "aud": "hub", "sub": "person-1", "nonce": i.nonce, "acr": goodACR, "given_name": "Ann", "family_name": "Example",
		"iat": morning.Unix(), "exp": morning.Add(time.Hour).Unix(), "verified_at": morning.Add(-time.Hour).Unix(), "jti": "ref-7"}
	maps.Copy(claims, i.claims)
	if claims["none"] != nil {
		return ""
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		i.t.Fatal(err)
	}
	if claims["unsigned"] != nil {
		enc := base64.RawURLEncoding.EncodeToString
		return enc([]byte(`{"alg":"none"}`)) + "." + enc(payload) + "."
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// withIssuer is a room whose identities are verified there.
func withIssuer(t *testing.T) (*room, *issuer) {
	r, i := newRoom(t), newIssuer(t)
	p, err := newIdentityProvider(identityConfig{Provider: "oidc", BaseURL: "https://hub.example/", Issuer: i.server.URL, ClientID: "hub",
		ClientSecret: "a-secret", Levels: []string{goodACR}}, clock.Clock(r.clock), func(string) string { return "auth" })
	if err != nil {
		t.Fatal(err)
	}
	r.service.identities = p
	r.signUp("ann", "Ann Example")
	return r, i
}

// authorize begins an attempt and gives what the provider was asked for.
func (r *room) authorize(i *issuer) url.Values {
	r.t.Helper()
	got := r.want(200, "POST", "/v1/modules/identity/start", "ann", map[string]any{})
	u, err := url.Parse(got["url"].(string))
	if err != nil || !strings.HasPrefix(u.String(), i.server.URL+"/authorize?") {
		r.t.Fatalf("url %v, %v", u, err)
	}
	q := u.Query()
	i.nonce, i.challenge = q.Get("nonce"), q.Get("code_challenge")
	return q
}

func TestIdentityByOpenIDConnect(t *testing.T) {
	r, i := withIssuer(t)
	q := r.authorize(i)
	for name, want := range map[string]string{"response_type": "code", "client_id": "hub", "redirect_uri": "https://hub.example" + callbackPath,
		"code_challenge_method": "S256", "acr_values": goodACR, "scope": "openid profile"} {
		if q.Get(name) != want {
			t.Errorf("%s %q, want %q", name, q.Get(name), want)
		}
	}
	if len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 || q.Get("state") == q.Get("nonce") {
		t.Errorf("state and nonce %q, %q", q.Get("state"), q.Get("nonce"))
	}
	r.want(200, "POST", "/v1/modules/identity/result", "ann", result(q.Get("state"), "good"))
	f := r.account("ann").Modules["identity"]
	want := "verified by " + i.server.URL + " at level " + goodACR + " on 2026-03-02T08:00:00Z, reference ref-7"
	if f.Evidence != want || !f.CompletedAt.Equal(morning) {
		t.Errorf("fact %+v, want %s", f, want)
	}
}

func TestIdentityTokensThatProveNothing(t *testing.T) {
	r, i := withIssuer(t)
	own := i.signer
	foreign, _ := newSigner(t)
	for _, c := range []struct {
		name   string
		claims map[string]any
		code   string
		change func()
		status int
	}{
		{"another nonce", map[string]any{"nonce": "another"}, "good", nil, 403},
		{"no nonce", map[string]any{"nonce": nil}, "good", nil, 403},
		{"another audience", map[string]any{"aud": "another"}, "good", nil, 403},
		{"another issuer", map[string]any{"iss": "https://evil.example"}, "good", nil, 403},
		{"expired", map[string]any{"exp": morning.Add(-time.Second).Unix()}, "good", nil, 403},
		{"a level that is too low", map[string]any{"acr": "http://idmanagement.gov/ns/assurance/ial/1"}, "good", nil, 403},
		{"no level", map[string]any{"acr": nil}, "good", nil, 403},
		{"an unsigned token", map[string]any{"unsigned": true}, "good", nil, 403},
		{"another's key", nil, "good", func() { i.signer = foreign }, 403},
		{"no token", map[string]any{"none": true}, "good", nil, 403},
		{"another code", nil, "bad", nil, 403},
		{"the verifier of another attempt", nil, "good", func() { i.challenge = "another" }, 403},
		{"a provider that is away", nil, "good", func() { i.away.Store(true) }, 503},
		{"sound", nil, "good", nil, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.claims, i.signer = c.claims, own
			i.away.Store(false)
			state := r.authorize(i).Get("state")
			if c.change != nil {
				c.change()
			}
			acts := len(r.acts())
			status, answer := r.do("POST", "/v1/modules/identity/result", "ann", result(state, c.code))
			if status != c.status {
				t.Fatalf("%d %v, want %d", status, answer, c.status)
			}
			if done := !r.account("ann").Modules["identity"].CompletedAt.IsZero(); done != (status == 200) {
				t.Errorf("completed: %t", done)
			}
			if wrote := len(r.acts()) - acts; (wrote == 1) != (status != 503) {
				t.Errorf("%d audit entries", wrote)
			}
			// Whatever became of it, the state is used up.
			i.away.Store(false)
			if status, _ := r.do("POST", "/v1/modules/identity/result", "ann", result(state, "good")); status != 403 {
				t.Errorf("the state again: %d", status)
			}
		})
	}
}

// The function starts while the provider is away, and finds it later.
func TestTheProviderIsFoundAtTheFirstNeed(t *testing.T) {
	r, i := withIssuer(t)
	i.away.Store(true)
	r.want(503, "POST", "/v1/modules/identity/start", "ann", map[string]any{})
	snaps, err := r.client.Collection(attemptsCollection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 0 {
		t.Errorf("%d attempts are left (%v)", len(snaps), err)
	}
	i.away.Store(false)
	r.authorize(i)
}

// Who reads the store cannot come back in another's place.
func TestTheStateIsNotKept(t *testing.T) {
	r, i := withIssuer(t)
	state := r.authorize(i).Get("state")
	snaps, err := r.client.Collection(attemptsCollection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Fatalf("%d attempts (%v)", len(snaps), err)
	}
	if text := string(mustJSON(t, snaps[0].Data())) + snaps[0].Ref.ID; strings.Contains(text, state) {
		t.Error("the attempt's record holds the state")
	}
}
