package auth

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/policy"
)

func TestSignUp(t *testing.T) {
	r := newRoom(t)
	r.want(404, "GET", "/v1/account", "ann", nil)
	r.want(403, "POST", "/v1/account", "unverified", wholeProfile("Ann Example"))
	for _, name := range []string{"  ", "Ann\u0000", "Ann \u202eelpmaxE", "Ann\u200b Example", "Ann\ufeff"} {
		r.want(422, "POST", "/v1/account", "ann", wholeProfile(name))
	}
	r.want(404, "GET", "/v1/account", "ann", nil)

	got := r.want(201, "POST", "/v1/account", "ann", wholeProfile(" Ann   Example "))
	if got["name"] != "Ann Example" || got["institutionId"] != "university" || got["tier"] != "public" {
		t.Errorf("account %v", got)
	}
	if s := got["session"].(map[string]any); s["level"] != 1.0 {
		t.Errorf("session %v", s)
	}
	if n := len(got["modules"].([]any)); n != len(access.Requirements()) {
		t.Errorf("%d modules", n)
	}
	r.want(409, "POST", "/v1/account", "ann", wholeProfile("Somebody Else"))
	if a := r.account("ann"); a.Name != "Ann Example" || len(a.AdminRoles) != 0 {
		t.Errorf("after the second sign-up: %+v", a)
	}
	if d := cmp.Diff([]string{"ann account.create"}, r.acts()); d != "" {
		t.Error(d)
	}
}

func TestInstitutionIsMatchedByTheWholeDomain(t *testing.T) {
	r := newRoom(t)
	for email, want := range map[string]string{
		"x@university.example":          "university",
		"X@University.EXAMPLE":          "university",
		"x@evil-university.example":     "",
		"x@university.example.evil.com": "",
		"x@cs.university.example":       "",
		"university.example@evil.com":   "",
		"ann@university.example":        "university",
	} {
		got, err := r.service.matchInstitution(t.Context(), email)
		if err != nil || got.ID != want {
			t.Errorf("%s: %q, %v; want %q", email, got.ID, err, want)
		}
	}
}

func TestInstitutionsShowNobody(t *testing.T) {
	r := newRoom(t)
	r.put(access.Institutions, "zeta", access.Institution{ID: "zeta", Name: "Zeta Lab", Kind: "industry"})
	got := r.want(200, "GET", "/v1/institutions?limit=1", "", nil)
	if d := cmp.Diff(map[string]any{"items": []any{map[string]any{"id": "zeta", "name": "Zeta Lab", "kind": "industry"}}, "next": "zeta"}, got); d != "" {
		t.Error(d)
	}
	got = r.want(200, "GET", "/v1/institutions?cursor=zeta", "", nil)
	if d := cmp.Diff(map[string]any{"items": []any{map[string]any{"id": "university", "name": "Example University", "kind": "academic"}}}, got); d != "" {
		t.Error(d)
	}
}

func TestSelfServiceModules(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	current, _ := policy.CurrentOf(policy.CodeOfConduct, morning)
	sign := func(name, initials, version string) map[string]any {
		return map[string]any{"fullName": name, "initials": initials, "version": version}
	}
	for _, c := range []struct {
		name, module string
		body         map[string]any
		status       int
		holds        string
	}{
		{"a name that is not the account's", "codeOfConduct", sign("Ann Exampel", "AE", current.Version), 422, "body.fullName"},
		{"no initials", "codeOfConduct", sign("Ann Example", " ", current.Version), 422, "body.initials"},
		{"an older version", "codeOfConduct", sign("Ann Example", "AE", "0"), 422, "body.version"},
		{"nothing", "codeOfConduct", map[string]any{}, 422, "body.version"},
		{"signed", "codeOfConduct", sign("Ann Example", "AE", current.Version), 200, `"complete"`},
		{"signed again at once", "codeOfConduct", sign("Ann Example", "AE", current.Version), 409, "renewed from"},
		{"profile", "profileConfirmation", map[string]any{}, 200, `"complete"`},
		{"reports that are none", "publicationConfirmation", map[string]any{"reports": []string{"x"}}, 422, "body.reports"},
		{"publications", "publicationConfirmation", map[string]any{}, 200, `"complete"`},
		{"second factor", "twoFactor", map[string]any{}, 422, "/factors/totp"},
		{"identity", "identity", map[string]any{}, 422, "identity provider"},
		{"training", "training", map[string]any{}, 422, "training provider"},
		{"controlled training", "controlledTraining", map[string]any{}, 422, "training provider"},
		{"no module", "sudo", map[string]any{}, 404, "no such module"},
		{"a smuggled fact", "profileConfirmation", map[string]any{"bypassedBy": "ann"}, 422, "unexpected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := r.do("POST", "/v1/modules/"+c.module+"/completion", "ann", c.body)
			if text := string(mustJSON(t, answer)); status != c.status || !strings.Contains(text, c.holds) {
				t.Errorf("%d %s; want %d with %s", status, text, c.status, c.holds)
			}
		})
	}
	want := []string{"codeOfConduct", "profileConfirmation", "publicationConfirmation"}
	var done []string
	for m, f := range r.account("ann").Modules {
		if !f.CompletedAt.IsZero() {
			done = append(done, m)
		}
	}
	slices.Sort(done)
	if d := cmp.Diff(want, done); d != "" {
		t.Error(d)
	}

	if got := r.account("ann").Modules["codeOfConduct"].Version; got != current.Version {
		t.Errorf("the signature names version %q, want %q", got, current.Version)
	}

	rules := access.DefaultRules()
	r.clock.Set(morning.Add(rules.ModuleValidity - rules.RenewalWindow - time.Second))
	r.want(409, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	r.clock.Advance(time.Second)
	r.want(200, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	if got := r.account("ann").Modules["profileConfirmation"].CompletedAt; !got.Equal(r.clock.Now()) {
		t.Errorf("renewed at %s, want %s", got, r.clock.Now())
	}
}

func TestADisabledAccountDoesNothing(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	a := r.account("ann")
	a.Disabled = true
	r.put(access.Accounts, "ann", a)
	if got := r.want(200, "GET", "/v1/account", "ann", nil); got["disabled"] != true || got["tier"] != "public" {
		t.Errorf("account %v", got)
	}
	r.want(403, "POST", "/v1/modules/profileConfirmation/completion", "ann", map[string]any{})
	r.want(403, "POST", "/v1/factors/totp", "ann", nil)
	r.want(403, "POST", "/v1/session/second-factor", "ann", codeOf("123456"))
}

func TestEveryRouteKeepsItsLevel(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	api := newAPI(r.service, apiOptions())
	if len(api.Routes()) < 15 {
		t.Fatalf("%d routes", len(api.Routes()))
	}
	for _, route := range api.Routes() {
		if route.Raw != "" {
			continue // pages, no operations
		}
		path := strings.TrimPrefix(strings.NewReplacer("{module}", "training", "{factor}", "x", "{uid}", "ben", "{institution}", "x").Replace(route.Path), "/auth")
		for level, token := range []string{"", "ann", "ann2"} {
			status, answer := r.do(route.Method, path, token, nil)
			refused := status == http.StatusUnauthorized || status == http.StatusForbidden && answer["code"] == "assurance"
			if refused != (level < int(route.Access)) {
				t.Errorf("%s %s at level %d: %d %v; the route's level is %d", route.Method, path, level, status, answer["code"], route.Access)
			}
		}
	}
}
