package auth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
)

// withInstitutionAdmin is a room in which "admin2" is an institution admin at
// level 2, "ben2" an access admin, and ann a researcher of the university.
func withInstitutionAdmin(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	for uid, roles := range map[string][]access.Role{"ann": nil, "ben": {access.AccessAdmin, access.SecurityAdmin}, "admin": {access.InstitutionAdmin}} {
		r.put(access.Accounts, uid, access.Account{UID: uid, Email: uid + "@university.example", Name: uid, InstitutionID: "university",
			AdminRoles: roles, Modules: map[string]access.ModuleFact{}, CreatedAt: morning, SchemaVersion: 1})
	}
	return r
}

func rulesOf(registered, controlled any) map[string]any {
	return map[string]any{"registered": registered, "controlled": controlled}
}

func domains(list ...string) map[string]any { return map[string]any{"kind": "domains", "list": list} }
func addresses(list ...string) map[string]any {
	return map[string]any{"kind": "addresses", "list": list}
}
func nobody() map[string]any { return map[string]any{"kind": "none", "list": []string{}} }

func institutionBody(rules map[string]any) map[string]any {
	return map[string]any{"name": "Harvard University", "kind": "academic", "rules": rules, "reason": "agreement signed"}
}

func TestTheLifeOfAnInstitution(t *testing.T) {
	r := withInstitutionAdmin(t)
	call := func(status int, method, path, token, etag string, body any) (string, map[string]any) {
		t.Helper()
		got, h, answer := doWith(t, r.handler, method, path, token, body, "If-Match", etag)
		if got != status {
			t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
		}
		return h.Get("ETag"), answer
	}
	etag, made := call(201, "POST", "/v1/institutions", "admin2", "", institutionBody(rulesOf(domains(" Harvard.EDU", "mail.harvard.edu", "harvard.edu"), addresses("Ann@harvard.edu"))))
	want := map[string]any{"id": made["id"], "name": "Harvard University", "kind": "academic", "rules": map[string]any{
		"registered": map[string]any{"kind": "domains", "list": []any{"harvard.edu", "mail.harvard.edu"}},
		"controlled": map[string]any{"kind": "addresses", "list": []any{"ann@harvard.edu"}}}}
	if d := cmp.Diff(want, made); d != "" || etag == "" {
		t.Errorf("made: etag %q\n%s", etag, d)
	}
	path := "/v1/institutions/" + made["id"].(string)
	again, read := call(200, "GET", path, "admin2", "", nil)
	if d := cmp.Diff(made, read); d != "" || again != etag {
		t.Errorf("read: etag %q, then %q\n%s", etag, again, d)
	}
	call(428, "PATCH", path, "admin2", "", map[string]any{"name": "X", "reason": "r"})
	call(412, "PATCH", path, "admin2", `"2020-01-01T00:00:00Z"`, map[string]any{"name": "X", "reason": "r"})
	call(422, "PATCH", path, "admin2", etag, map[string]any{"reason": "r"})
	call(422, "PATCH", path, "admin2", etag, map[string]any{"name": "X"})
	newer, changed := call(200, "PATCH", path, "admin2", etag, map[string]any{"name": "Harvard", "rules": rulesOf(domains("harvard.edu"), nobody()), "reason": "renamed"})
	if changed["name"] != "Harvard" || changed["kind"] != "academic" {
		t.Errorf("changed: %v", changed)
	}
	call(412, "PATCH", path, "admin2", etag, map[string]any{"name": "Stale", "reason": "r"})

	call(428, "DELETE", path+"?reason=closed", "admin2", "", nil)
	call(422, "DELETE", path, "admin2", newer, nil)
	a := r.account("ann")
	a.InstitutionID = made["id"].(string)
	r.put(access.Accounts, "ann", a)
	if _, answer := call(409, "DELETE", path+"?reason=closed", "admin2", newer, nil); !strings.Contains(answer["detail"].(string), "1 account") {
		t.Errorf("refused: %v", answer)
	}
	a.InstitutionID = ""
	r.put(access.Accounts, "ann", a)
	call(204, "DELETE", path+"?reason=closed", "admin2", newer, nil)
	call(404, "GET", path, "admin2", "", nil)
	call(404, "DELETE", path+"?reason=closed", "admin2", newer, nil)
	call(404, "PATCH", path, "admin2", newer, map[string]any{"name": "X", "reason": "r"})
	call(404, "GET", "/v1/institutions/a%2Fb", "admin2", "", nil)

	type act struct{ Actor, Reason, Before, After string }
	var got []act
	for _, name := range []string{"institution.create", "institution.change", "institution.delete"} {
		for _, e := range r.entriesOf(name) {
			if e.Target != "institutions/"+made["id"].(string) {
				t.Errorf("target %s", e.Target)
			}
			got = append(got, act{e.Actor, e.Reason, e.Before, e.After})
		}
	}
	first := `name "Harvard University", kind academic, registered domains harvard.edu mail.harvard.edu; controlled addresses ann@harvard.edu`
	second := `name "Harvard", kind academic, registered domains harvard.edu; controlled none`
	if d := cmp.Diff([]act{{"admin", "agreement signed", "", first}, {"admin", "renamed", first, second}, {"admin", "closed", second, ""}}, got); d != "" {
		t.Errorf("audit:\n%s", d)
	}
}

func TestOnlyInstitutionAdminsSeeAndChangeRules(t *testing.T) {
	r := withInstitutionAdmin(t)
	for _, route := range []struct{ method, path string }{
		{"GET", "/v1/institutions/university"}, {"POST", "/v1/institutions"}, {"PATCH", "/v1/institutions/university"}, {"DELETE", "/v1/institutions/university?reason=r"},
	} {
		for token, want := range map[string]int{"": 401, "admin": 403, "ann2": 403, "ben2": 403} {
			status, _, answer := doWith(t, r.handler, route.method, route.path, token, institutionBody(rulesOf(domains("evil.example"), nobody())), "If-Match", `"2020-01-01T00:00:00Z"`)
			if status != want {
				t.Errorf("%s %s as %q: %d %v, want %d", route.method, route.path, token, status, answer, want)
			}
		}
	}
	if text := string(mustJSON(t, r.want(200, "GET", "/v1/institutions", "", nil))); strings.Contains(text, "rules") || strings.Contains(text, "@") {
		t.Errorf("the public list shows who is listed: %s", text)
	}
	// A role that is taken away between the look and the act counts in the act.
	a := r.account("admin")
	a.AdminRoles = nil
	r.put(access.Accounts, "admin", a)
	if status, _ := r.do("POST", "/v1/institutions", "admin2", institutionBody(rulesOf(nobody(), nobody()))); status != 403 {
		t.Errorf("without the role: %d", status)
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	r := withInstitutionAdmin(t)
	long := make([]string, 1001)
	for i := range long {
		long[i] = fmt.Sprintf("d%d.example.org", i)
	}
	const list = "body.rules.registered.list"
	for name, c := range map[string]struct {
		body map[string]any
		want []string
	}{
		"nothing":                {map[string]any{}, []string{"body.name", "body.kind", "body.reason"}},
		"an unknown tier":        {institutionBody(map[string]any{"secret": domains("harvard.edu")}), []string{"body.rules"}},
		"the public tier":        {institutionBody(map[string]any{"public": domains("harvard.edu")}), []string{"body.rules"}},
		"an unknown kind":        {institutionBody(rulesOf(map[string]any{"kind": "regexp", "list": []string{".*"}}, nobody())), []string{"body.rules.registered.kind"}},
		"a kind of institution":  {with(institutionBody(rulesOf(nobody(), nobody())), map[string]any{"kind": "kingdom"}), []string{"body.kind"}},
		"an empty list":          {institutionBody(rulesOf(domains(), nobody())), []string{list}},
		"none with a list":       {institutionBody(rulesOf(map[string]any{"kind": "none", "list": []string{"harvard.edu"}}, nobody())), []string{list}},
		"everybody":              {institutionBody(rulesOf(domains("*"), nobody())), []string{list + "[0]"}},
		"a wildcard":             {institutionBody(rulesOf(domains("*.harvard.edu"), nobody())), []string{list + "[0]"}},
		"an at sign":             {institutionBody(rulesOf(domains("@harvard.edu"), nobody())), []string{list + "[0]"}},
		"a top level":            {institutionBody(rulesOf(domains("com", "edu", "example"), nobody())), []string{list + "[0]", list + "[1]", list + "[2]"}},
		"public suffixes":        {institutionBody(rulesOf(domains("co.uk", "ac.jp", "github.io", "harvard.edu"), nobody())), []string{list + "[0]", list + "[1]", list + "[2]"}},
		"a trailing dot":         {institutionBody(rulesOf(domains("harvard.edu."), nobody())), []string{list + "[0]"}},
		"a leading dot":          {institutionBody(rulesOf(domains(".harvard.edu"), nobody())), []string{list + "[0]"}},
		"a look-alike":           {institutionBody(rulesOf(domains("h\u0430rvard.edu", "harvard.edu\u212a"), nobody())), []string{list + "[0]", list + "[1]"}},
		"a URL":                  {institutionBody(rulesOf(domains("https://harvard.edu/", "harvard.edu:25", "har vard.edu"), nobody())), []string{list + "[0]", list + "[1]", list + "[2]"}},
		"an IP address":          {institutionBody(rulesOf(domains("127.0.0.1"), nobody())), []string{list + "[0]"}},
		"a long label":           {institutionBody(rulesOf(domains(strings.Repeat("a", 64)+".edu"), nobody())), []string{list + "[0]"}},
		"addresses":              {institutionBody(rulesOf(nobody(), addresses("ann", "ann@harvard", `"a b"@harvard.edu`, "ann@@harvard.edu", "ok@harvard.edu"))), []string{"body.rules.controlled.list[0]", "body.rules.controlled.list[1]", "body.rules.controlled.list[2]", "body.rules.controlled.list[3]"}},
		"a domain as an address": {institutionBody(rulesOf(addresses("harvard.edu"), nobody())), []string{list + "[0]"}},
		"no reason":              {with(institutionBody(rulesOf(nobody(), nobody())), map[string]any{"reason": nil}), []string{"body.reason"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := r.do("POST", "/v1/institutions", "admin2", c.body)
			if d := cmp.Diff(c.want, broken(answer)); status != 422 || d != "" {
				t.Errorf("%d %v\n%s", status, answer, d)
			}
		})
	}
	r.want(422, "POST", "/v1/institutions", "admin2", institutionBody(rulesOf(domains(long...), nobody())))
	r.want(201, "POST", "/v1/institutions", "admin2", institutionBody(rulesOf(domains("xn--mnchen-3ya.de", "harvard.ac.uk"), nobody())))
}

// Over HTTP: what looks like a listed address is none.
func TestLookAlikesMatchNoInstitution(t *testing.T) {
	r := withInstitutionAdmin(t)
	r.want(201, "POST", "/v1/institutions", "admin2", institutionBody(rulesOf(domains("harvard.edu", "mail.harvard.edu", "xn--hrvard-4ve.edu"), addresses("ann@harvard.edu"))))
	for email, want := range map[string][]any{
		"ben@harvard.edu":      {"registered"},
		"BEN@Harvard.EDU":      {"registered"},
		"ben@harvard.edu\n":    {"registered"}, // the space around it does not count
		"ann@harvard.edu":      {"registered", "controlled"},
		"ann+x@harvard.edu":    {"registered"},
		"ann@mail.harvard.edu": {"registered"},

		"x@evil-harvard.edu":          {},
		"x@harvard.edu.evil.com":      {},
		"x@sub.harvard.edu":           {},
		"x@harvard.ed":                {},
		"x@arvard.edu":                {},
		"harvard.edu@evil.com":        {},
		"ann_harvard.edu@evil.com":    {},
		"ann%harvard.edu@evil.com":    {},
		"x@xn--harvard-9of.edu":       {}, // another look-alike in Punycode
		"x@harvard.edu.":              nil,
		"x@h\u0430rvard.edu":          nil, // Cyrillic a
		"x@harvard.ed\u1d58":          nil,
		"x@harvar\u0501.edu":          nil,
		"x@\uff48arvard.edu":          nil, // full-width h
		"\u212aate@harvard.edu":       nil, // Kelvin sign, whose lower case is k
		`"x@evil.com"@harvard.edu`:    nil,
		`"ann@harvard.edu"@evil.com`:  nil,
		"x@evil.com@harvard.edu":      nil,
		"<x@harvard.edu>":             nil,
		"x@evil.com,ann@harvard.edu":  nil,
		"x@evil.com\nann@harvard.edu": nil,
		"x@harvard.edu\x00.evil.com":  nil,
		"x@harvard..edu":              nil,
		"@harvard.edu":                nil,
		"x@[harvard.edu]":             nil,
		"x@(harvard.edu)evil.com":     nil,
		"":                            nil,
	} {
		status, answer := r.do("POST", "/v1/institutions/match", "", map[string]any{"email": email})
		switch {
		case want == nil && status != 422:
			t.Errorf("%q: %d %v, want 422", email, status, answer)
		case want != nil && (status != 200 || !cmp.Equal(want, answer["tiers"]) || (answer["institution"] == nil) != (len(want) == 0)):
			t.Errorf("%q: %d %v, want %v", email, status, answer, want)
		}
	}
	// It answers by the rules alone: with an account or without.
	taken := r.want(200, "POST", "/v1/institutions/match", "", map[string]any{"email": "ben@university.example"})
	free := r.want(200, "POST", "/v1/institutions/match", "", map[string]any{"email": "zoe@university.example"})
	if d := cmp.Diff(taken, free); d != "" {
		t.Errorf("an address with and one without an account are told apart:\n%s", d)
	}
}

// A domain belongs to one institution: else it would be chance which one's rules
// an address has.
func TestADomainBelongsToOneInstitution(t *testing.T) {
	r := withInstitutionAdmin(t)
	many := make([]string, 40) // more than one query takes
	for i := range many {
		many[i] = fmt.Sprintf("d%02d.example.org", i)
	}
	r.want(201, "POST", "/v1/institutions", "admin2", institutionBody(rulesOf(domains("clinic.example"), nobody())))
	for name, c := range map[string]struct {
		rules map[string]any
		want  []string
	}{
		"the same":         {rulesOf(domains("a.example", "clinic.example"), nobody()), []string{"body.rules.registered.list[1]"}},
		"in another tier":  {rulesOf(nobody(), domains("CLINIC.example")), []string{"body.rules.controlled.list[0]"}},
		"after many":       {rulesOf(domains(append(many[:39:39], "university.example")...), nobody()), []string{"body.rules.registered.list[39]"}},
		"the same address": {rulesOf(nobody(), addresses("ann@university.example")), []string{"body.rules.controlled.list[0]"}},
	} {
		status, answer := r.do("POST", "/v1/institutions", "admin2", institutionBody(c.rules))
		if d := cmp.Diff(c.want, broken(answer)); status != 422 || d != "" {
			t.Errorf("%s: %d %v\n%s", name, status, answer, d)
		}
	}
	made := r.want(201, "POST", "/v1/institutions", "admin2", institutionBody(rulesOf(domains("sub.clinic.example"), addresses("ben@clinic.example"))))
	// Its own do not stand in its own way.
	_, h, _ := doWith(t, r.handler, "GET", "/v1/institutions/"+made["id"].(string), "admin2", nil)
	status, _, answer := doWith(t, r.handler, "PATCH", "/v1/institutions/"+made["id"].(string), "admin2",
		map[string]any{"rules": rulesOf(domains("sub.clinic.example", "other.example"), nobody()), "reason": "r"}, "If-Match", h.Get("ETag"))
	if status != 200 {
		t.Errorf("its own: %d %v", status, answer)
	}
}

// Tiers are computed at each check, so new rules count at once.
func TestNewRulesCountAtOnce(t *testing.T) {
	r := withInstitutionAdmin(t)
	a := r.account("ann")
	for _, q := range access.Requirements() {
		a.Modules[string(q.Module)] = access.ModuleFact{CompletedAt: r.clock.Now(), Evidence: "e"}
	}
	r.put(access.Accounts, "ann", a)
	tier := func() any { return r.want(200, "GET", "/v1/account", "ann", nil)["tier"] }
	if tier() != "controlled" {
		t.Fatalf("before: %v", tier())
	}
	change := func(rules map[string]any) {
		t.Helper()
		_, h, _ := doWith(t, r.handler, "GET", "/v1/institutions/university", "admin2", nil)
		status, _, answer := doWith(t, r.handler, "PATCH", "/v1/institutions/university", "admin2", map[string]any{"rules": rules, "reason": "r"}, "If-Match", h.Get("ETag"))
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, answer)
		}
	}
	for _, c := range []struct {
		rules map[string]any
		want  string
	}{
		{rulesOf(domains("university.example"), addresses("ben@university.example")), "registered"},
		{rulesOf(nobody(), domains("university.example")), "public"}, // controlled implies registered
		{rulesOf(domains("cs.university.example"), nobody()), "public"},
		{rulesOf(addresses("ann@university.example"), domains("university.example")), "controlled"},
		{map[string]any{}, "public"},
	} {
		change(c.rules)
		if got := tier(); got != c.want {
			t.Errorf("with %v: %v, want %s", c.rules, got, c.want)
		}
	}
}
