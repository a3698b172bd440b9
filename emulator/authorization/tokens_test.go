package authorization

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// No protected route takes a token that is not one, or not good enough: whoever
// holds it may do everything otherwise.
func TestTokensThatOpenNothing(t *testing.T) {
	h := open(t)
	h.settle(t)
	h.allPowers(t)
	uid := person{"controlled", "all"}.uid()
	ended := session.Record{UID: uid, SchemaVersion: 1, NotBefore: signedIn, Sessions: map[string]session.Entry{
		sessionID(uid, "ended"): {StartedAt: signedIn, LastUsedAt: now, Level: session.SecondFactor, EndedAt: now, EndedBy: uid},
		sessionID(uid, "weak"):  {StartedAt: signedIn, LastUsedAt: now.Add(time.Hour), Level: session.SignedIn},
		sessionID(uid, "idle"):  {StartedAt: signedIn.Add(-48 * time.Hour), LastUsedAt: now.Add(-47 * time.Hour), Level: session.SecondFactor},
		sessionID(uid, "good"):  {StartedAt: signedIn, LastUsedAt: now.Add(time.Hour), Level: session.SecondFactor},
	}}
	h.put(t, session.Collection, uid, ended)

	// claims is a token of level 2 with some claims changed; nil takes one away.
	claims := func(change map[string]any) string {
		all := map[string]any{"iss": "https://securetoken.google.com/" + h.project, "aud": h.project, "sub": uid, "user_id": uid,
			"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": signedIn.Unix(),
			"firebase": map[string]any{"sign_in_provider": "password"}}
		maps.Copy(all, session.AssuranceClaims(sessionID(uid, "good"), verified, "pwd", "otp"))
		for name, value := range change {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
		return part(map[string]any{"alg": "none", "typ": "JWT"}) + "." + part(all) + "."
	}
	if a := h.send(t, request{method: "GET", path: "/auth/v1/audit", token: claims(nil)}); a.status != 200 {
		t.Fatalf("the good one: %d %s", a.status, a.body)
	}
	for name, c := range map[string]struct {
		token  string
		level  int // the least level of the routes that must refuse it
		status int
		code   string
	}{
		"no token at all":              {"", 1, 401, "unauthenticated"},
		"no JWT":                       {"abc", 1, 401, "unauthenticated"},
		"half a JWT":                   {strings.SplitAfter(claims(nil), ".")[0] + "x.", 1, 401, "unauthenticated"},
		"longer than any token":        {strings.Repeat("x", 9<<10), 1, 401, "unauthenticated"},
		"another project's":            {claims(map[string]any{"aud": "demo-other", "iss": "https://securetoken.google.com/demo-other"}), 1, 401, "unauthenticated"},
		"another issuer's":             {claims(map[string]any{"iss": "https://evil.example/" + h.project}), 1, 401, "unauthenticated"},
		"expired":                      {claims(map[string]any{"iat": now.Add(-3 * time.Hour).Unix(), "exp": now.Add(-2 * time.Hour).Unix()}), 1, 401, "unauthenticated"},
		"of nobody":                    {claims(map[string]any{"sub": nil}), 1, 401, "unauthenticated"},
		"of an ended session":          {claims(map[string]any{"sid": sessionID(uid, "ended")}), 1, 401, "unauthenticated"},
		"of a session long idle":       {claims(map[string]any{"sid": sessionID(uid, "idle")}), 1, 401, "unauthenticated"},
		"of a session not on record":   {claims(map[string]any{"sid": sessionID(uid, "invented")}), 1, 401, "unauthenticated"},
		"of no session, with a level":  {claims(map[string]any{"sid": nil}), 1, 401, "unauthenticated"},
		"of no session's form":         {claims(map[string]any{"sid": 7}), 1, 401, "unauthenticated"},
		"of a plain sign-in, ended":    {claims(map[string]any{"sid": nil, "aal": nil}), 1, 401, "unauthenticated"},
		"of level 1":                   {claims(map[string]any{"sid": sessionID(uid, "weak"), "aal": nil}), 2, 403, "assurance"},
		"raised beyond its record":     {claims(map[string]any{"sid": sessionID(uid, "weak")}), 2, 403, "assurance"},
		"with a level of another form": {claims(map[string]any{"aal": "2"}), 2, 403, "assurance"},
		"with too high a level":        {claims(map[string]any{"aal": 3}), 2, 403, "assurance"},
	} {
		n := 0
		for _, r := range h.routes {
			if int(r.Access) < c.level || c.level == 0 {
				continue
			}
			n++
			req := request{method: r.Method, path: r.at(h.places()), token: c.token}
			if r.takesBody() {
				req.body = []byte(`{"malformed`)
			}
			if a := h.send(t, req); a.status != c.status || a.code != c.code {
				t.Errorf("a token %s at %s: %d %s, want %d %s", name, r.name(), a.status, a.body, c.status, c.code)
			}
		}
		if n < 60 {
			t.Errorf("%s: %d routes only", name, n)
		}
	}
}

// A line of the table that leaves the decision to a record names the room's test
// that holds it: that test is there.
func TestRecordsAreTestedWhereTheTableSays(t *testing.T) {
	root, err := testkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`^(functions/[a-z]+) (Test\w+)$`)
	for route, e := range expectations() {
		m := named.FindStringSubmatch(e.record)
		if m == nil {
			if e.record != "" && !strings.HasPrefix(e.record, later) {
				t.Errorf("%s: %q names no test as 'functions/<room> Test<Name>'", route, e.record)
			}
			continue
		}
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(m[1]), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(b), "\nfunc "+m[2]+"(t *testing.T)")
		}
		if !found {
			t.Errorf("%s: %s has no %s", route, m[1], m[2])
		}
	}
}
