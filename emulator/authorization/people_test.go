package authorization

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// The kinds of people, by what the hub keeps about them. One without an account
// has signed in and no more.
var standings = []string{"noAccount", "disabled", "public", "registered", "controlled"}

// The admin roles, "" for none.
var adminRoles = []string{"", "accessAdmin", "securityAdmin", "institutionAdmin", "reviewBoard", "communityAdmin"}

// The kinds of sessions: none, primary sign-in, a second factor, and one that was
// verified before the account's factors were reset.
var assurances = []string{"nobody", "level1", "level2", "beforeReset"}

// What somebody is to a workspace; paused, archived and deleted are owners of one
// in that state, and hidden is a reader of a deleted one.
var memberships = []string{"stranger", "reader", "writer", "owner", "paused", "archived", "deleted", "hidden"}

// The tiers that a workspace may have.
var workspaceTiers = []string{"registered", "controlled"}

// person is one of the people.
type person struct{ standing, role string }

// uid names the person's account. Somebody without one has no role.
func (p person) uid() string {
	if p.standing == "noAccount" || p.role == "" {
		return p.standing
	}
	return p.standing + "-" + p.role
}

func address(uid string) string { return strings.ToLower(uid) + "@university.example" }

func people() []person {
	var list []person
	for _, standing := range standings {
		for _, role := range adminRoles {
			list = append(list, person{standing, role})
		}
	}
	return list
}

// The times of the sessions, on the machine's clock as the verifier's is.
var (
	now      = time.Now().UTC().Truncate(time.Second)
	signedIn = now.Add(-45 * time.Minute)
	verified = now.Add(-5 * time.Second)
	early    = now.Add(-40 * time.Minute)
	reset    = now.Add(-30 * time.Minute)
)

func sessionID(uid, assurance string) string { return id.Derived(id.Session, signedIn, uid+assurance) }

// token is an ID token as the Auth emulator makes them, unsigned.
func (h *hub) token(uid, assurance string) string {
	if assurance == "nobody" {
		return ""
	}
	claims := map[string]any{
		"iss": "https://securetoken.google.com/" + h.project, "aud": h.project, "sub": uid, "user_id": uid,
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": signedIn.Unix(),
		"firebase": map[string]any{"sign_in_provider": "password"},
	}
	if assurance != "level1" {
		at := verified
		if assurance == "beforeReset" {
			at = early
		}
		for name, value := range session.AssuranceClaims(sessionID(uid, assurance), at, "pwd", "otp", "mfa") {
			claims[name] = value
		}
	}
	return part(map[string]any{"alg": "none", "typ": "JWT"}) + "." + part(claims) + "."
}

func part(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// settle writes the records of all people and workspaces.
func (h *hub) settle(t testing.TB) {
	t.Helper()
	h.put(t, access.Institutions, "university", access.Institution{ID: "university", Name: "Example University", Kind: "academic",
		Rules: map[string]access.TierRule{
			"registered": {Kind: "domains", List: []string{"university.example"}},
			"controlled": {Kind: "domains", List: []string{"university.example"}},
		}, SchemaVersion: 1})
	for _, p := range people() {
		h.putPerson(t, p)
	}
	for _, tier := range workspaceTiers {
		for _, membership := range memberships {
			w := access.Workspace{ID: workspaceID(tier, membership), Name: tier + " " + membership, Tier: access.Tier(tier), ReleaseID: "r1",
				OwnerUID: "somebody", State: access.Active, CreatedAt: signedIn, UpdatedAt: signedIn, SchemaVersion: 1,
				Members: map[string]string{"somebody": access.Owner}}
			role := membership
			switch membership {
			case "paused", "archived", "deleted":
				role, w.State = access.Owner, membership
			case "hidden":
				role, w.State = access.Reader, access.Deleted
			}
			for _, p := range people() {
				if membership != "stranger" {
					w.Members[p.uid()] = role
				}
			}
			h.put(t, access.Workspaces, w.ID, w.Keyed())
		}
	}
}

// workspaceID names the workspace in which everybody is that.
func workspaceID(tier, membership string) string {
	return id.Derived(id.Workspace, signedIn, tier+membership)
}

// putPerson writes what is kept about a person, sessions included.
func (h *hub) putPerson(t testing.TB, p person) {
	t.Helper()
	uid := p.uid()
	if p.standing == "noAccount" {
		if _, err := h.client.Collection(access.Accounts).Doc(uid).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	} else {
		h.put(t, access.Accounts, uid, account(p))
	}
	h.putSessions(t, uid)
}

func account(p person) access.Account {
	a := access.Account{UID: p.uid(), Email: address(p.uid()), Name: "Ann Example", InstitutionID: "university", Disabled: p.standing == "disabled",
		Modules: map[string]access.ModuleFact{}, CreatedAt: signedIn, FirstTierAt: signedIn, AssuranceAfter: reset, SchemaVersion: 1,
		Profile: access.Profile{Affiliation: "Example University", Role: "researchFellow", Degrees: []string{"phd"}, ResearchArea: "Hearts."},
		Terms:   access.Terms{Version: "1", AcceptedAt: signedIn}}
	if p.role != "" {
		a.AdminRoles = []access.Role{access.Role(p.role)}
	}
	for _, m := range []string{"twoFactor", "identity", "training", "controlledTraining", "codeOfConduct", "profileConfirmation", "publicationConfirmation"} {
		a.Modules[m] = access.ModuleFact{CompletedAt: signedIn, Evidence: "test"}
	}
	switch p.standing {
	case "registered":
		delete(a.Modules, "controlledTraining")
	case "public":
		delete(a.Modules, "training")
	}
	return a
}

// putSessions writes the person's sessions anew: those of level 2 are on record
// since they were raised.
func (h *hub) putSessions(t testing.TB, uid string) {
	t.Helper()
	r := session.Record{UID: uid, SchemaVersion: 1, Sessions: map[string]session.Entry{}}
	for _, assurance := range []string{"level2", "beforeReset"} {
		r.Sessions[sessionID(uid, assurance)] = session.Entry{StartedAt: signedIn, LastUsedAt: now.Add(time.Hour), Level: session.SecondFactor, Methods: []string{"pwd", "otp"}}
	}
	plain := session.IDOf(uid, signedIn)
	r.Sessions[plain] = session.Entry{StartedAt: signedIn, LastUsedAt: now.Add(time.Hour), Level: session.SignedIn}
	h.put(t, session.Collection, uid, r)
}

func (h *hub) put(t testing.TB, collection, name string, v any) {
	t.Helper()
	if _, err := h.client.Collection(collection).Doc(name).Set(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}
