package authorization

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
)

// coveted are the fields that somebody would raise themselves by: those of the
// records and of the session's claims, in other spellings too, since Go's JSON
// does not mind letter case.
var coveted = map[string]any{
	"uid": "somebody", "UID": "somebody", "email": "ann@elsewhere.example", "institutionId": "elsewhere", "disabled": false, "Disabled": false,
	"adminRoles": []string{"accessAdmin", "securityAdmin"}, "AdminRoles": []string{"accessAdmin"}, "roles": []string{"securityAdmin"},
	"tier": "controlled", "Tier": "controlled", "modules": map[string]any{"training": map[string]any{"completedAt": "2026-01-01T00:00:00Z"}},
	"assuranceAfter": "2000-01-01T00:00:00Z", "firstTierAt": "2000-01-01T00:00:00Z", "createdAt": "2000-01-01T00:00:00Z", "schemaVersion": 99,
	"level": 2, "aal": 2, "aam": []string{"otp"}, "aat": 4102444800, "sid": "s_1", "session": map[string]any{"level": 2},
	"ownerUid": "somebody", "members": map[string]string{"somebody": "owner"}, "memberUids": []string{"somebody"}, "state": "active",
	"bypassedBy": "admin", "completedAt": "2026-01-01T00:00:00Z", "customClaims": map[string]any{"aal": 2}, "limit": 1000000,
}

// freeForm are the places that take JSON of another standard whole; what is done
// with it is their own parser's to say, which refuses what it does not know.
var freeForm = []string{
	"POST /cohort/v1/workspaces/{workspace}/cohorts body.definition", // OHDSI's cohort expression: shared/circe
	"POST /cohort/v1/workspaces/{workspace}/cohorts/validate body.definition",
	"PATCH /cohort/v1/workspaces/{workspace}/cohorts/{cohort} body.definition",
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/versions body.definition",
	"POST /cohort/v1/workspaces/{workspace}/cohorts/import body", // a file that ATLAS exported
	// Operations on cohorts, in each other as deep as one likes: circe.ParseCombination.
	"POST /cohort/v1/workspaces/{workspace}/cohorts/combine body.combination",
	"POST /cohort/v1/workspaces/{workspace}/cohorts/validate body.combination",
	"PATCH /cohort/v1/workspaces/{workspace}/cohorts/{cohort} body.combination",
	"POST /cohort/v1/workspaces/{workspace}/cohorts/{cohort}/versions body.combination",
	"POST /cohort/v1/workspaces/{workspace}/datasets body.conceptSet", // OHDSI's concept set: shared/circe
	"POST /cohort/v1/workspaces/{workspace}/concept-sets body.expression",
	"PUT /cohort/v1/workspaces/{workspace}/concept-sets/{conceptSet} body.expression",
	// WebAuthn's credentials, with whatever a browser adds: go-webauthn's.
	"POST /auth/v1/factors/passkeys/{challenge}/confirmation body.credential",
	"POST /auth/v1/session/second-factor body.credential",
	"POST /auth/v1/passkey-login body.credential",
}

// No route takes a field that it does not name, at any depth.
func TestNoBodyTakesUnlistedFields(t *testing.T) {
	h := open(t)
	n := 0
	for _, r := range h.routes {
		d := h.document(t, r.function)
		body := d.body(r)
		if body == nil {
			continue
		}
		n++
		for _, place := range d.open(body, "body", map[*schema]bool{}) {
			if !slices.Contains(freeForm, r.name()+" "+place) {
				t.Errorf("%s takes any field in %s: name its fields, or add it to freeForm with the reason", r.name(), place)
			}
		}
	}
	if n < 15 {
		t.Errorf("%d routes with bodies", n)
	}
}

// What one would raise oneself by is refused by name, wherever a body is taken,
// and changes nothing that is kept.
func TestNobodyRaisesThemselvesByAField(t *testing.T) {
	h := open(t)
	h.settle(t)
	token := h.allPowers(t)
	before := h.kept(t)
	for _, r := range h.routes {
		body := h.document(t, r.function).body(r)
		if body == nil || !r.Built {
			continue
		}
		sent := map[string]any{}
		for name, value := range coveted {
			if !body.names(name) {
				sent[name] = value
			}
		}
		b, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		a := h.send(t, request{method: r.Method, path: r.at(h.places()), token: token, body: b})
		var p api.Problem
		if err := json.Unmarshal(a.body, &p); err != nil || a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", r.name(), a.status, a.body)
			continue
		}
		if slices.Contains(freeForm, r.name()+" body") {
			continue // refused for what it is not; no field of it has a name
		}
		refusedFields := map[string]bool{}
		for _, f := range p.Errors {
			if f.Message == "unexpected property" {
				refusedFields[f.Location] = true
			}
		}
		for name := range sent {
			if !refusedFields["body."+name] {
				t.Errorf("%s does not refuse the field %s: %s", r.name(), name, a.body)
			}
		}
	}
	if d := cmp.Diff(before, h.kept(t)); d != "" {
		t.Errorf("something changed: %s", d)
	}
}

// What people may change about themselves changes nothing that decides on their
// access; and with one such field beside it, a change that is fine is refused
// whole.
func TestOwnChangesRaiseNobody(t *testing.T) {
	h := open(t)
	h.settle(t)
	p := person{"public", ""}
	token := h.token(p.uid(), "level2")
	before := account(p)
	for _, c := range []struct {
		method, path string
		body         map[string]any
	}{
		{"PATCH", "/auth/v1/account", map[string]any{"name": "Ann B. Example"}},
		{"POST", "/auth/v1/account/terms", map[string]any{"version": "1"}},
		{"PUT", "/auth/v1/account/demographics", map[string]any{"answers": map[string]any{}}},
		{"POST", "/auth/v1/factors/totp", map[string]any{"name": "My phone"}},
	} {
		for name, value := range coveted {
			with := map[string]any{name: value}
			for k, v := range c.body {
				with[k] = v
			}
			if a := h.change(t, c.method, c.path, token, with); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %s with %s: %d %s", c.method, c.path, name, a.status, a.body)
			}
		}
		if d := cmp.Diff(before, h.account(t, p.uid())); d != "" {
			t.Errorf("%s %s: a refused change changed something: %s", c.method, c.path, d)
		}
	}
	// And without: it is done, and nothing that counts has changed.
	for _, c := range []struct {
		method, path string
		body         map[string]any
	}{
		{"PATCH", "/auth/v1/account", map[string]any{"name": "Ann B. Example"}},
		{"POST", "/auth/v1/account/terms", map[string]any{"version": "1"}},
	} {
		if a := h.change(t, c.method, c.path, token, c.body); a.status != http.StatusOK {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	after := h.account(t, p.uid())
	if after.Name != "Ann B. Example" {
		t.Errorf("the name is %q", after.Name)
	}
	after.Name, after.Terms, after.Profile = before.Name, before.Terms, before.Profile
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("more than the name and the terms changed: %s", d)
	}
}

// change sends a body with the etag of the caller's account.
func (h *hub) change(t testing.TB, method, path, token string, body map[string]any) answer {
	t.Helper()
	etag := h.send(t, request{method: "GET", path: "/auth/v1/account", token: token}).etag
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return h.send(t, request{method: method, path: path, token: token, ifMatch: etag, body: b})
}

func (h *hub) account(t testing.TB, uid string) access.Account {
	t.Helper()
	snap, err := h.client.Collection(access.Accounts).Doc(uid).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var a access.Account
	if err := snap.DataTo(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// kept is everything that decides on people's access, as it is stored.
func (h *hub) kept(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, collection := range []string{access.Accounts, access.Institutions, access.Workspaces} {
		snaps, err := h.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snaps {
			all[s.Ref.Path] = show(s)
		}
	}
	return all
}

func show(s *firestore.DocumentSnapshot) string {
	b, err := json.MarshalIndent(s.Data(), "", " ")
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}
