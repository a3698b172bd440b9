package portal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"researchhub.example/hub/shared/testkit"
)

// relyingParty verifies passkeys for real, with the library that the auth
// function uses, and keeps them for one account.
type relyingParty struct {
	t *testing.T
	w *webauthn.WebAuthn

	mu       sync.Mutex
	keys     []webauthn.Credential
	sessions map[string]*webauthn.SessionData
}

func (*relyingParty) WebAuthnID() []byte          { return []byte("u") }
func (*relyingParty) WebAuthnName() string        { return "u@university.example" }
func (*relyingParty) WebAuthnDisplayName() string { return "Ada Researcher" }
func (r *relyingParty) WebAuthnCredentials() []webauthn.Credential {
	return r.keys
}

// passkeys answers the site's routes of passkeys by a relying party at its
// address.
func passkeys(t *testing.T, h *hubSite) *relyingParty {
	t.Helper()
	w, err := webauthn.New(&webauthn.Config{RPID: "localhost", RPDisplayName: "Research Hub", RPOrigins: []string{h.url}})
	if err != nil {
		t.Fatal(err)
	}
	r := &relyingParty{t: t, w: w, sessions: map[string]*webauthn.SessionData{}}
	h.handle("POST /auth/v1/factors/passkeys", r.answer(func([]byte) (any, error) {
		creation, session, err := w.BeginRegistration(r, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
			webauthn.WithExclusions(webauthn.Credentials(r.keys).CredentialDescriptors()))
		if err != nil {
			return nil, err
		}
		r.sessions["reg"] = session
		return map[string]any{"challengeId": "ch_reg", "publicKey": creation.Response}, nil
	}))
	h.handle("POST /auth/v1/factors/passkeys/ch_reg/confirmation", r.answer(func(body []byte) (any, error) {
		parsed, err := protocol.ParseCredentialCreationResponseBytes(body)
		if err != nil {
			return nil, err
		}
		key, err := w.CreateCredential(r, *r.sessions["reg"], parsed)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, *key)
		return map[string]any{"factorId": "fac_3", "customToken": "raised"}, nil
	}))
	h.handle("POST /auth/v1/session/challenge", r.answer(func([]byte) (any, error) {
		assertion, session, err := w.BeginLogin(r)
		if err != nil {
			return nil, err
		}
		r.sessions["step"] = session
		return map[string]any{"factors": []any{map[string]any{"id": "fac_3", "kind": "passkey", "name": "Laptop"}},
			"passkey": map[string]any{"challengeId": "ch_step", "publicKey": assertion.Response}}, nil
	}))
	h.handle("POST /auth/v1/session/second-factor", r.answer(func(body []byte) (any, error) {
		parsed, err := protocol.ParseCredentialRequestResponseBytes(body)
		if err != nil {
			return nil, err
		}
		if _, err := w.ValidateLogin(r, *r.sessions["step"], parsed); err != nil {
			return nil, err
		}
		h.set("POST /auth/v1/factors/recovery-codes", `201 {"codes":["abcd-efgh"]}`)
		return map[string]any{"customToken": "raised"}, nil
	}))
	h.handle("POST /auth/v1/passkey-login/challenge", r.answer(func([]byte) (any, error) {
		assertion, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return nil, err
		}
		r.sessions["login"] = session
		return map[string]any{"challengeId": "ch_login", "publicKey": assertion.Response}, nil
	}))
	h.handle("POST /auth/v1/passkey-login", r.answer(func(body []byte) (any, error) {
		parsed, err := protocol.ParseCredentialRequestResponseBytes(body)
		if err != nil {
			return nil, err
		}
		owner := func(_, handle []byte) (webauthn.User, error) {
			if string(handle) != "u" {
				t.Errorf("the passkey is for %q", handle)
			}
			return r, nil
		}
		if _, err := w.ValidateDiscoverableLogin(owner, *r.sessions["login"], parsed); err != nil {
			return nil, err
		}
		return map[string]any{"customToken": "raised"}, nil
	}))
	return r
}

// answer serves one act; what it takes from the body is the credential.
func (r *relyingParty) answer(act func(credential []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		var body struct {
			Credential json.RawMessage `json:"credential"`
		}
		var raw bytes.Buffer
		if _, err := raw.ReadFrom(req.Body); err != nil {
			r.t.Error(err)
		}
		if raw.Len() > 0 {
			if err := json.Unmarshal(raw.Bytes(), &body); err != nil {
				r.t.Errorf("%s: %v", req.URL.Path, err)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		out, err := act(body.Credential)
		if err != nil {
			r.t.Errorf("%s refuses: %v", req.URL.Path, err)
			w.WriteHeader(http.StatusUnprocessableEntity)
			out = map[string]any{"detail": "The passkey is not right."}
		}
		if err := json.NewEncoder(w).Encode(out); err != nil {
			r.t.Error(err)
		}
	}
}

// passkeysAreUsed enrols a passkey, uses it as the second step, and signs
// in with it alone; every credential is verified as the hub verifies it.
func passkeysAreUsed(t *testing.T, browser *testkit.Browser) {
	h := newSite(t, routes, answers{"POST /auth/v1/factors/recovery-codes": `403 {"detail":"Verify a code again.","code":"assurance"}`, "DELETE /auth/v1/sessions/current": "204"})
	r := passkeys(t, h)
	b := open(t, browser, h.url+"/enter1?to=/portal/security")
	key := b.Authenticator()
	b.Type("#passkey-name", "Laptop")
	b.Click("#passkey-begin")
	b.Shows("The passkey is set up, and this session has its second factor.")
	if held := key.Credentials(); len(held) != 1 || !held[0].Discoverable || len(r.keys) != 1 {
		t.Fatalf("the authenticator holds %+v, the hub %d", held, len(r.keys))
	}
	if got := h.body("POST /auth/v1/factors/passkeys/ch_reg/confirmation ")["name"]; got != "Laptop" {
		t.Errorf("named %v", got)
	}

	// A second one on the same authenticator is excluded.
	b.Click("#passkey-begin")
	b.Shows("already has a passkey for your account")

	b.Click("#recovery-make")
	b.Click("#sure-yes")
	b.there("#step-passkey")
	b.shot("second-step-passkey")
	b.Click("#step-passkey")
	b.Shows("abcd-efgh")
	b.Click("#recovery-kept")
	b.Shows("The recovery codes are in force.")

	b.Click("#sign-out")
	b.Shows("You are signed out.")
	b.Click("#passkey-sign-in")
	b.Shows("You are signed in with your passkey.")
	b.there("#sign-out", "#factors")
	if n := key.Credentials()[0].SignCount; n < 2 {
		t.Errorf("the passkey has signed %d times", n)
	}

	b.Click("#sign-out")
	b.there("#passkey-sign-in")
	key.Remove(key.Credentials()[0].ID)
	b.Click("#passkey-sign-in")
	b.Shows("The passkey was not used")
}
