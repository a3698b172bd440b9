package auth

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/session"
)

// notHere are the routes that change something and are not walked below: those
// that need what only another test has, and those that decide nothing.
var notHere = map[string]string{
	"POST /v1/sign-up":                                   "signup_test.go, with the Auth emulator",
	"POST /v1/password-reset":                            "signup_test.go, with the Auth emulator",
	"POST /v1/institutions/match":                        "it reads",
	"POST /v1/modules/identity/start":                    "it begins; what comes of it is in the log",
	"POST /v1/session/challenge":                         "it begins; what comes of it is in the log",
	"POST /v1/factors/passkeys":                          "it begins; what comes of it is in the log",
	"POST /v1/factors/passkeys/{challenge}/confirmation": "passkey_test.go, with an authenticator",
	"POST /v1/passkey-login/challenge":                   "it begins; what comes of it is in the log",
	"POST /v1/passkey-login":                             "passkey_test.go, with an authenticator",
}

// Every route that changes something leaves its act in the audit log, once, in
// the transaction that does it. A new one fails here until it is walked.
func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	r := withAdmins(t)
	for uid, roles := range map[string][]access.Role{"ben": {access.SecurityAdmin}, "admin": {access.AccessAdmin, access.InstitutionAdmin}} {
		r.setRoles(uid, roles...)
	}
	if _, err := r.client.Collection(access.Accounts).Doc("ann").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	walked := map[string]bool{}
	step := func(route, act string, do func()) {
		t.Helper()
		walked[route] = true
		before := r.acts()
		r.clock.Advance(time.Minute)
		do()
		got := r.acts()
		var names []string
		for _, one := range got[len(before):] {
			names = append(names, one[strings.Index(one, " ")+1:])
		}
		if d := cmp.Diff([]string{act}, names); d != "" {
			t.Errorf("%s: %s", route, d)
		}
	}
	raised := func() session.Principal { return r.raised("ann", 0) }

	step("POST /v1/account", "account.create", func() { r.signUp("ann", "Ann Example") })
	step("PATCH /v1/account", "account.change", func() {
		if status, answer := r.patch("ann", r.etag("ann"), map[string]any{"affiliation": "Elsewhere"}); status != 200 {
			t.Errorf("%d %v", status, answer)
		}
	})
	a := r.account("ann")
	a.Terms = access.Terms{}
	r.put(access.Accounts, "ann", a)
	step("POST /v1/account/terms", "account.terms", func() { r.want(200, "POST", "/v1/account/terms", "ann", map[string]any{"version": "1"}) })
	moved := principal("ann", session.SignedIn)
	moved.Email = "ann.example@university.example"
	step("POST /v1/account/email", "account.email", func() { r.as(moved, 200, "POST", "/v1/account/email", nil) })
	step("PUT /v1/account/demographics", "demographics.change", func() {
		r.want(200, "PUT", "/v1/account/demographics", "ann", map[string]any{"answers": map[string][]string{}})
	})
	step("DELETE /v1/account/demographics", "demographics.delete", func() { r.want(204, "DELETE", "/v1/account/demographics", "ann", nil) })
	step("POST /v1/modules/{module}/completion", "module.complete", func() {
		r.want(200, "POST", "/v1/modules/codeOfConduct/completion", "ann", map[string]any{"fullName": "Ann Example", "initials": "AE", "version": "1"})
	})
	step("POST /v1/training/completions", "module.complete", func() {
		body := completed("c1", "ann", "training", r.clock.Now(), "")
		if status, answer := report(r.handler, signedAt(r.clock.Now(), body, testSecret), body); status != 200 {
			t.Errorf("%d %s", status, answer)
		}
	})
	state := r.begin("ann")
	step("POST /v1/modules/identity/result", "module.complete", func() { r.want(200, "POST", "/v1/modules/identity/result", "ann", result(state, "s1")) })

	var e map[string]any
	step("POST /v1/factors/totp", "factor.enrol", func() { e = r.want(201, "POST", "/v1/factors/totp", "ann", nil) })
	secret := e["secret"].(string)
	step("POST /v1/factors/totp/{factor}/confirmation", "factor.confirm", func() {
		r.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", "ann", codeOf(r.code(secret)))
	})
	step("POST /v1/session/second-factor", "session.secondFactor", func() { r.want(200, "POST", "/v1/session/second-factor", "ann", codeOf(r.code(secret))) })
	step("POST /v1/factors/recovery-codes", "recovery.make", func() { r.as(raised(), 200, "POST", "/v1/factors/recovery-codes", nil) })
	second, _ := r.another("ann", "Tablet")
	step("PATCH /v1/factors/{factor}", "factor.rename", func() { r.as(raised(), 200, "PATCH", "/v1/factors/"+second, map[string]any{"name": "Old tablet"}) })
	step("DELETE /v1/factors/{factor}", "factor.remove", func() { r.as(raised(), 204, "DELETE", "/v1/factors/"+second, nil) })

	other := raised()
	other.Session, other.StartedAt = session.IDOf("ann", r.clock.Now()), r.clock.Now()
	step("DELETE /v1/sessions/{session}", "session.end", func() { r.as(other, 204, "DELETE", "/v1/sessions/current", nil) })
	step("DELETE /v1/sessions", "session.endAll", func() { r.want(204, "DELETE", "/v1/sessions", "ann", nil) })

	step("PUT /v1/admin/accounts/{uid}/modules/{module}", "module.bypass", func() {
		r.want(200, "PUT", "/v1/admin/accounts/ann/modules/controlledTraining", "admin2", map[string]any{"act": "bypass", "reason": "r"})
	})
	step("POST /v1/admin/accounts/{uid}/factors/reset", "module.reset", func() { r.want(200, "POST", "/v1/admin/accounts/ann/factors/reset", "admin2", reason("r")) })
	step("POST /v1/admin/accounts/{uid}/disable", "account.disable", func() { r.want(200, "POST", "/v1/admin/accounts/ann/disable", "admin2", reason("r")) })
	step("POST /v1/admin/accounts/{uid}/enable", "account.enable", func() { r.want(200, "POST", "/v1/admin/accounts/ann/enable", "admin2", reason("r")) })
	step("PUT /v1/admin/accounts/{uid}/roles", "account.roles", func() {
		r.want(200, "PUT", "/v1/admin/accounts/ann/roles", "ben2", map[string]any{"roles": []string{"reviewBoard"}, "reason": "r"})
	})

	var institution string
	etag := ""
	step("POST /v1/institutions", "institution.create", func() {
		status, h, answer := doWith(t, r.handler, "POST", "/v1/institutions", "admin2", map[string]any{"name": "Zeta", "kind": "industry", "rules": map[string]any{}, "reason": "r"})
		if status != http.StatusCreated {
			t.Fatalf("%d %v", status, answer)
		}
		institution, etag = answer["id"].(string), h.Get("ETag")
	})
	step("PATCH /v1/institutions/{institution}", "institution.change", func() {
		status, h, answer := doWith(t, r.handler, "PATCH", "/v1/institutions/"+institution, "admin2", map[string]any{"name": "Eta", "reason": "r"}, "If-Match", etag)
		if status != 200 {
			t.Fatalf("%d %v", status, answer)
		}
		etag = h.Get("ETag")
	})
	step("DELETE /v1/institutions/{institution}", "institution.delete", func() {
		if status, _, answer := doWith(t, r.handler, "DELETE", "/v1/institutions/"+institution+"?reason=r", "admin2", nil, "If-Match", etag); status != 204 {
			t.Fatalf("%d %v", status, answer)
		}
	})

	for _, route := range newAPI(r.service, apiOptions()).Routes() {
		name := route.Method + " " + strings.TrimPrefix(route.Path, "/auth")
		_, elsewhere := notHere[name]
		if route.Method != "GET" && route.Built && route.Raw == "" && !elsewhere && !walked[name] {
			t.Errorf("%s changes something and is not walked here", name)
		}
		delete(walked, name)
	}
	if len(walked) > 0 {
		t.Errorf("walked, and no routes: %v", walked)
	}
	// Who reads the log sees whom each entry concerns, and no secret.
	for _, entry := range r.entries() {
		text := strings.Join([]string{entry.Target, entry.Reason, entry.Before, entry.After}, "\n")
		if strings.Contains(text, secret) || strings.Contains(text, "s1") && entry.Act == "module.complete" {
			t.Errorf("%s holds a secret: %s", entry.Act, text)
		}
		if strings.HasPrefix(entry.Target, access.Accounts+"/ann") && !slices.Contains(entry.UIDs, "ann") {
			t.Errorf("%s of ann is not hers to read: %v", entry.Act, entry.UIDs)
		}
	}
}
