package auth

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// forged is an ID token with other claims; nil removes one. The emulator's tokens
// carry no signature and none is asked for: what refuses these is everything
// behind the signature's check, which package session tests with real keys.
func forged(t *testing.T, token string, change map[string]any) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString(mustJSON(t, claims)) + "." + parts[2]
}

func TestForgedTokensAreRefused(t *testing.T) {
	l := newLife(t)
	ann, ben := l.researcher("Ann Example"), l.researcher("Ben Example")
	l.nextSecond() // a session of its own, not the one that was raised
	plain := ann.another()
	now := time.Now()
	level2 := map[string]any{"aal": 2, "aam": []string{"pwd", "otp"}, "aat": now.Unix()}
	with := func(more map[string]any) map[string]any {
		all := maps.Clone(level2)
		maps.Copy(all, more)
		return all
	}
	own := session.IDOf(ann.uid, authTime(t, plain.id))
	plain.want(200, "GET", "/v1/account", nil) // now it is on record
	for name, c := range map[string]struct {
		token  string
		status int
		level  float64
	}{
		"a token as it is":                   {plain.id, 200, 1},
		"no token at all":                    {"", 401, 0},
		"words":                              {"not.a.token", 401, 0},
		"half a token":                       {plain.id[:len(plain.id)/2], 401, 0},
		"two tokens":                         {plain.id + "." + plain.id, 401, 0},
		"a token of 9 KiB":                   {forged(t, plain.id, map[string]any{"x": strings.Repeat("x", 9<<10)}), 401, 0},
		"expired":                            {forged(t, plain.id, map[string]any{"exp": now.Add(-10 * time.Minute).Unix()}), 401, 0},
		"issued in the future":               {forged(t, plain.id, map[string]any{"iat": now.Add(time.Hour).Unix(), "exp": now.Add(2 * time.Hour).Unix()}), 401, 0},
		"for another project":                {forged(t, plain.id, map[string]any{"aud": "demo-other"}), 401, 0},
		"from another project":               {forged(t, plain.id, map[string]any{"iss": "https://securetoken.google.com/demo-other"}), 401, 0},
		"of nobody":                          {forged(t, plain.id, map[string]any{"sub": "nobody", "user_id": "nobody"}), 401, 0},
		"without a subject":                  {forged(t, plain.id, map[string]any{"sub": nil}), 401, 0},
		"level 2 without a session":          {forged(t, plain.id, level2), 401, 0},
		"level 2 of a session at level 1":    {forged(t, plain.id, with(map[string]any{"sid": own})), 200, 1},
		"level 2 of somebody else's session": {forged(t, plain.id, with(map[string]any{"sid": session.IDOf(ben.uid, authTime(t, ben.id))})), 401, 0},
		"level 2 of a session of no record":  {forged(t, plain.id, with(map[string]any{"sid": id.New(id.Session, now)})), 401, 0},
		"a session that is a path":           {forged(t, plain.id, with(map[string]any{"sid": "../" + own})), 401, 0},
		"a session of another type":          {forged(t, plain.id, with(map[string]any{"sid": 7})), 401, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for i, h := range []http.Handler{l.one, l.two} {
				status, answer := do(t, h, "GET", "/v1/account", c.token, nil)
				if status != c.status {
					t.Fatalf("instance %d: %d %v, want %d", i+1, status, answer, c.status)
				}
				if status == 200 && answer["session"].(map[string]any)["level"] != c.level {
					t.Errorf("instance %d: session %v, want level %v", i+1, answer["session"], c.level)
				}
			}
		})
	}
}

// authTime is when the sign-in of a token was.
func authTime(t *testing.T, token string) time.Time {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		AuthTime int64 `json:"auth_time"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil || claims.AuthTime == 0 {
		t.Fatalf("no auth_time: %v", err)
	}
	return time.Unix(claims.AuthTime, 0).UTC()
}

// TestNobodyRaisesThemselves sends what an account would be raised by to every
// route: no answer is a success that changed it.
func TestNobodyRaisesThemselves(t *testing.T) {
	r := newRoom(t)
	r.enrolled("ann")
	before := r.account("ann")
	raise := map[string]any{
		"uid": "ann", "adminRoles": []string{"accessAdmin", "securityAdmin"}, "roles": []string{"accessAdmin", "securityAdmin"},
		"tier": "controlled", "disabled": false, "level": 2, "aal": 2, "institutionId": "university", "email": "root@university.example",
		"emailVerified": true, "act": "bypass", "reason": "because", "evidence": "mine", "bypassedBy": "ann", "completedAt": "2026-01-01T00:00:00Z",
		"modules":        map[string]any{"training": map[string]any{"completedAt": "2026-01-01T00:00:00Z", "bypassedBy": "ann"}},
		"firstTierAt":    "2026-01-01T00:00:00Z",
		"assuranceAfter": "2020-01-01T00:00:00Z",
	}
	tried := 0
	for _, route := range newAPI(r.service, apiOptions()).Routes() {
		if route.Method == "GET" || route.Method == "DELETE" || !route.Built {
			continue
		}
		path := strings.TrimPrefix(strings.NewReplacer("{uid}", "ann", "{module}", "training", "{factor}", "x", "{challenge}", "x", "{institution}", "university", "{session}", "x").Replace(route.Path), "/auth")
		for _, token := range []string{"ann", "ann2"} {
			tried++
			if status, answer := r.do(route.Method, path, token, raise); status >= 500 {
				t.Errorf("%s %s: %d %v", route.Method, path, status, answer)
			}
		}
	}
	if tried < 10 {
		t.Fatalf("%d attempts", tried)
	}
	after := r.account("ann")
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("the account has changed: %s", d)
	}
	if st, err := r.service.gate.StatusOf(t.Context(), after); err != nil || st.Tier != access.PublicTier {
		t.Errorf("tier %s, %v", st.Tier, err)
	}
}

// TestOneStepOfSkewAtTheDoor sends the codes of clocks that go wrong.
func TestOneStepOfSkewAtTheDoor(t *testing.T) {
	r := newRoom(t)
	secret := r.enrolled("ann")
	step := r.service.factors.Period
	for off := -3; off <= 3; off++ {
		// Far enough from the round before that no step is used up.
		r.clock.Advance(10 * step)
		code, err := totp.GenerateCode(secret, r.clock.Now().Add(time.Duration(off)*step))
		if err != nil {
			t.Fatal(err)
		}
		want := 422
		if off >= -1 && off <= 1 {
			want = 200
		}
		if status, answer := r.do("POST", verify, "ann", codeOf(code)); status != want {
			t.Errorf("a clock %+d steps off: %d %v, want %d", off, status, answer, want)
		}
	}
}
