package session_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
	"researchhub.example/hub/shared/testkit/issuer"
)

// lookUp answers the SDK's GetUser: every account is there and enabled.
func lookUp(w http.ResponseWriter, r *http.Request) {
	var in struct {
		LocalID []string `json:"localId"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.LocalID) != 1 {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"users": []any{map[string]any{"localId": in.LocalID[0], "email": "a@b.example", "emailVerified": true}}})
}

const project = "demo-signed"

// signed is the verifier on the real Admin SDK, and who signs for it.
func signed(t *testing.T) (*issuer.Issuer, *session.Firebase) {
	t.Helper()
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", "")
	i, err := issuer.New(t.Context(), project, http.HandlerFunc(lookUp))
	if err != nil {
		t.Fatal(err)
	}
	restore, err := i.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
	f, err := session.NewFirebase(t.Context(), project, session.Options{
		Sessions: &session.Store{Client: testkit.Firestore(t), Longest: 12 * time.Hour},
		Clock:    clock.System{},
		Idle:     session.Idle{Shortest: 6 * time.Hour, Longest: 12 * time.Hour, Of: sixHours},
	})
	if err != nil {
		t.Fatal(err)
	}
	return i, f
}

func sixHours(context.Context, string) (time.Duration, error) { return 6 * time.Hour, nil }

// What the signature, the project and the times of a token decide, by the real
// SDK with real RS256. Every refusal reads the same.
func TestTokens(t *testing.T) {
	i, f := signed(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	with := func(change map[string]any) map[string]any {
		c := i.Claims("u1", now)
		maps.Copy(c, change)
		return c
	}
	plain := with(nil)
	good := i.Token(plain)
	parts := strings.Split(good, ".")
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, c := range []struct {
		name, token string
		ok          bool
	}{
		{"valid", good, true},
		{"issued two minutes ahead: clocks differ", i.Token(with(map[string]any{"iat": at(2 * time.Minute)})), true},
		{"expired two minutes ago: clocks differ", i.Token(with(map[string]any{"exp": at(-2 * time.Minute)})), true},
		{"expired", i.Token(with(map[string]any{"exp": at(-10 * time.Minute)})), false},
		{"no expiry", i.Token(with(map[string]any{"exp": nil})), false},
		{"not yet valid", i.Token(with(map[string]any{"iat": at(10 * time.Minute)})), false},
		{"signed by another key", i.Sign(nil, plain, i.RS256(other)), false},
		{"a key nobody knows", i.Sign(map[string]any{"kid": "other"}, plain, i.RS256(i.Key)), false},
		{"no key named", i.Sign(map[string]any{"kid": nil}, plain, i.RS256(i.Key)), false},
		{"unsigned", i.Sign(map[string]any{"alg": "none"}, plain, func([]byte) []byte { return nil }), false},
		{"RS256 with no signature", i.Sign(nil, plain, func([]byte) []byte { return nil }), false},
		{"HS256 by the certificate", i.Sign(map[string]any{"alg": "HS256"}, plain, issuer.HS256(i.Certificate())), false},
		{"RS256 that is HS256 by the certificate", i.Sign(nil, plain, issuer.HS256(i.Certificate())), false},
		{"another project's audience", i.Token(with(map[string]any{"aud": "elsewhere"})), false},
		{"another project's issuer", i.Token(with(map[string]any{"iss": "https://securetoken.google.com/elsewhere"})), false},
		{"a custom token", i.Token(with(map[string]any{"aud": "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"})), false},
		{"nobody", i.Token(with(map[string]any{"sub": ""})), false},
		{"no subject", i.Token(with(map[string]any{"sub": nil})), false},
		{"a long subject", i.Token(with(map[string]any{"sub": strings.Repeat("u", 129)})), false},
		{"another's claims under this signature", parts[0] + "." + strings.Split(i.Token(with(map[string]any{"sub": "u2"})), ".")[1] + "." + parts[2], false},
		{"without its signature", parts[0] + "." + parts[1] + ".", false},
		{"two parts", parts[0] + "." + parts[1], false},
		{"four parts", good + ".x", false},
		{"no base64", "!!!." + parts[1] + "." + parts[2], false},
		{"no JSON", "e30.bm90IGpzb24.e30", false},
		{"a number for a name", i.Token(with(map[string]any{"sub": 7})), false},
		{"garbage", "garbage", false},
		{"empty", "", false},
		{"level 2 of its own making, unsigned", i.Sign(map[string]any{"alg": "none"}, with(map[string]any{"aal": 2, "sid": session.IDOf("u1", now)}), func([]byte) []byte { return nil }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := f.Verify(t.Context(), c.token)
			if c.ok {
				if err != nil || p.UID != "u1" || p.Level != session.SignedIn || p.Session == "" || !p.StartedAt.Equal(now.Truncate(time.Second)) {
					t.Errorf("%+v, %v", p, err)
				}
				return
			}
			if !fault.Is(err, fault.Unauthenticated) || fault.Message(err) != "The session is not valid or has ended. Sign in again." || p.UID != "" {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	if n := i.Fetched.Load(); n != 1 {
		t.Errorf("the certificates were fetched %d times", n)
	}
}

// Somebody who cannot be checked does not come in, and hears that it is not their
// token's fault.
func TestNoCertificates(t *testing.T) {
	i, f := signed(t)
	i.Away.Store(true)
	token := i.Token(i.Claims("u1", time.Now()))
	if _, err := f.Verify(t.Context(), token); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without certificates: %v", err)
	}
	i.Away.Store(false)
	if _, err := f.Verify(t.Context(), token); err != nil {
		t.Errorf("with them again: %v", err)
	}
}

// A token of any length that a header may hold is refused before it is parsed.
func TestAnOversizedToken(t *testing.T) {
	i, _ := signed(t)
	claims := i.Claims("u1", time.Now())
	claims["more"] = strings.Repeat("x", 8<<10)
	h := http.Header{"Authorization": {"Bearer " + i.Token(claims)}}
	if raw, err := session.Bearer(h); raw != "" || !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
