package auth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/session"
)

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func apiOptions() api.Options {
	return api.Options{Verifier: fakeVerifier{}, Log: slog.New(slog.DiscardHandler)}
}

// apiOptionsFor takes one person's uid for their token of level 1.
func apiOptionsFor(uid string) api.Options {
	o := apiOptions()
	o.Verifier = fakeVerifier{uid: principal(uid, session.SignedIn)}
	return o
}

// withAdmins makes accounts of ann (none), ben (another role) and admin.
func withAdmins(t *testing.T) *room {
	r := newRoom(t)
	for uid, roles := range map[string][]access.Role{"ann": nil, "ben": {access.SecurityAdmin}, "admin": {access.AccessAdmin}} {
		r.put(access.Accounts, uid, access.Account{UID: uid, Email: uid + "@university.example", Name: uid, InstitutionID: "university",
			AdminRoles: roles, Modules: map[string]access.ModuleFact{}, CreatedAt: morning, SchemaVersion: 1})
	}
	return r
}

func TestAdminActsTable(t *testing.T) {
	r := withAdmins(t)
	act := func(name, reason, evidence string) map[string]any {
		m := map[string]any{"act": name, "reason": reason}
		if evidence != "" {
			m["evidence"] = evidence
		}
		return m
	}
	for _, c := range []struct {
		name, token, uid, module string
		body                     map[string]any
		status                   int
		state                    string
	}{
		{"nobody", "", "ann", "training", act("complete", "r", "e"), 401, ""},
		{"an admin without a second factor", "admin", "ann", "training", act("complete", "r", "e"), 403, ""},
		{"no admin", "ann2", "ben", "training", act("complete", "r", "e"), 403, ""},
		{"an admin of something else", "ben2", "ann", "training", act("complete", "r", "e"), 403, ""},
		{"oneself", "admin2", "admin", "training", act("complete", "r", "e"), 403, ""},
		{"no such account", "admin2", "carl", "training", act("complete", "r", "e"), 404, ""},
		{"a uid that is a path", "admin2", "ann%2Fx", "training", act("complete", "r", "e"), 404, ""},
		{"no such module", "admin2", "ann", "sudo", act("complete", "r", "e"), 404, ""},
		{"no reason", "admin2", "ann", "training", act("complete", "", "e"), 422, ""},
		{"no evidence", "admin2", "ann", "training", act("complete", "r", ""), 422, ""},
		{"no act", "admin2", "ann", "training", act("forge", "r", "e"), 422, ""},
		{"the researcher's own word", "admin2", "ann", "codeOfConduct", act("complete", "r", "e"), 422, ""},
		{"a factor that nobody has", "admin2", "ann", "twoFactor", act("complete", "r", "e"), 422, ""},
		{"training with evidence", "admin2", "ann", "training", act("complete", "r", "certificate 7"), 200, "complete"},
		{"a waiver", "admin2", "ann", "identity", act("bypass", "known in person", ""), 200, "bypassed"},
		{"a reset", "admin2", "ann", "identity", act("reset", "was a mistake", ""), 200, "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(r.acts())
			status, answer := r.do("PUT", "/v1/admin/accounts/"+c.uid+"/modules/"+c.module, c.token, c.body)
			if status != c.status {
				t.Fatalf("%d %v, want %d", status, answer, c.status)
			}
			wrote := len(r.acts()) - before
			if status != 200 {
				if wrote != 0 {
					t.Errorf("a refused act left %d audit entries", wrote)
				}
				return
			}
			if wrote != 1 {
				t.Errorf("%d audit entries", wrote)
			}
			for _, m := range answer["modules"].([]any) {
				if m := m.(map[string]any); m["module"] == c.module && m["state"] != c.state {
					t.Errorf("state %v, want %s", m["state"], c.state)
				}
			}
		})
	}
	snaps, err := r.client.Collection(audit.Collection).Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range snaps {
		var e audit.Entry
		if err := s.DataTo(&e); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{e.Actor, e.Act, e.Target, e.Reason, e.Before, e.After}, " | "))
	}
	slices.Sort(got)
	want := []string{
		"admin | module.bypass | accounts/ann/modules/identity | known in person | missing | bypassed: known in person",
		"admin | module.complete | accounts/ann/modules/training | r | missing | completed 2026-03-02T09:00:00Z: certificate 7",
		"admin | module.reset | accounts/ann/modules/identity | was a mistake | bypassed: known in person | missing",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestADisabledAdminIsNone(t *testing.T) {
	r := withAdmins(t)
	a := r.account("admin")
	a.Disabled = true
	r.put(access.Accounts, "admin", a)
	r.want(403, "PUT", "/v1/admin/accounts/ann/modules/training", "admin2", map[string]any{"act": "bypass", "reason": "r"})
}

func TestResettingTheSecondFactorRemovesItAndEndsTheSessions(t *testing.T) {
	r := withAdmins(t)
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	r.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", "ann", codeOf(r.code(e["secret"].(string))))
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/twoFactor", "admin2", map[string]any{"act": "reset", "reason": "lost the phone"})
	if d := cmp.Diff([]string{"ann"}, r.sessions.revoked); d != "" {
		t.Error(d)
	}
	r.clock.Advance(time.Minute)
	r.want(409, "POST", "/v1/session/second-factor", "ann", codeOf(r.code(e["secret"].(string))))
	r.want(201, "POST", "/v1/factors/totp", "ann", nil)
}

func TestTheFirstTierIsRemembered(t *testing.T) {
	r := withAdmins(t)
	a := r.account("ann")
	for _, q := range access.Requirements() {
		if q.Module != access.TwoFactor {
			a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: morning}
		}
	}
	r.put(access.Accounts, "ann", a)
	e := r.want(201, "POST", "/v1/factors/totp", "ann", nil)
	if at := r.account("ann").FirstTierAt; !at.IsZero() {
		t.Fatalf("a tier at %s without a second factor", at)
	}
	r.clock.Advance(time.Minute)
	first := r.clock.Now()
	r.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", "ann", codeOf(r.code(e["secret"].(string))))
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["tier"] != "controlled" {
		t.Errorf("tier %v, blocked %v", got["tier"], got["blocked"])
	}
	r.clock.Advance(time.Minute)
	r.want(200, "PUT", "/v1/admin/accounts/ann/modules/training", "admin2", map[string]any{"act": "bypass", "reason": "r"})
	if at := r.account("ann").FirstTierAt; !at.Equal(first) {
		t.Errorf("first tier at %s, want %s", at, first)
	}
}

// lost is a Firebase that does not hear of the revocation: as if the function
// had died after its commit.
type lost struct{ *fakeSessions }

func (lost) RevokeRefreshTokens(context.Context, string) error { return errors.New("away") }

func TestAResetTakesLevel2FromSessionsThatAreNotEnded(t *testing.T) {
	r := withAdmins(t)
	set := func(uid string) {
		e := r.want(201, "POST", "/v1/factors/totp", uid, nil)
		r.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", uid, codeOf(r.code(e["secret"].(string))))
	}
	ben := r.account("ben")
	ben.AdminRoles = []access.Role{access.AccessAdmin}
	r.put(access.Accounts, "ben", ben)
	set("ben")
	r.clock.Advance(time.Minute)
	dying := newAPI(r.instance(lost{r.sessions}), api.Options{Verifier: fakeVerifier{"admin2": principal("admin", session.SecondFactor)}, Log: slog.New(slog.DiscardHandler)}).Handler()
	act := map[string]any{"act": "reset", "reason": "lost the phone"}
	if status, answer := do(t, dying, "PUT", "/v1/admin/accounts/ben/modules/twoFactor", "admin2", act); status != 503 {
		t.Fatalf("%d %v", status, answer)
	}
	if at := r.account("ben").AssuranceAfter; !at.Equal(r.clock.Now()) {
		t.Errorf("assurance after %s, want %s", at, r.clock.Now())
	}
	// The token of a level 2 session is still good, and counts for level 1.
	bypass := map[string]any{"act": "bypass", "reason": "r"}
	stale := r.want(403, "PUT", "/v1/admin/accounts/ann/modules/training", "ben2", bypass)
	if detail, _ := stale["detail"].(string); !strings.Contains(detail, "reset") {
		t.Errorf("the refusal says %v", stale)
	}
	if got := r.want(200, "GET", "/v1/account", "ben2", nil)["session"].(map[string]any); got["level"] != 1.0 {
		t.Errorf("session %v", got)
	}
	// It enrols the first new factor as every primary sign-in may, and no other.
	r.clock.Advance(time.Minute)
	set("ben")
	r.want(403, "POST", "/v1/factors/totp", "ben2", nil)
	// A session that verified the new factor has level 2 again.
	fresh := principal("ben", session.SecondFactor)
	fresh.SecondFactorAt = r.clock.Now()
	now := newAPI(r.service, api.Options{Verifier: fakeVerifier{"fresh": fresh}, Log: slog.New(slog.DiscardHandler)}).Handler()
	if status, answer := do(t, now, "PUT", "/v1/admin/accounts/ann/modules/training", "fresh", bypass); status != 200 {
		t.Errorf("%d %v", status, answer)
	}
}
