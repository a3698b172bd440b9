package auth

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// The whole way with real sign-ins: the assurance is of one session.
func TestOneSessionReachesLevel2(t *testing.T) {
	emulator := testkit.Auth(t)
	ctx := t.Context()
	admin, err := session.NewAdmin(ctx, emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	r := newRoom(t)
	r.clock.Set(clock.System{}.Now())
	s := r.instance(admin)
	verifier, err := s.gate.Verifier(ctx, emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	h := newAPI(s, api.Options{Verifier: verifier, Log: slog.New(slog.DiscardHandler)}).Handler()
	want := func(status int, method, path, token string, body any) map[string]any {
		t.Helper()
		got, answer := do(t, h, method, path, token, body)
		if got != status {
			t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
		}
		return answer
	}

	email := emulator.Email("university.example")
	uid, token := emulator.SignUp(email, "correct horse")
	want(403, "POST", "/v1/account", token, wholeProfile("Ann Example")) // not confirmed
	emulator.Verify(uid)
	_, token = emulator.SignIn(email, "correct horse")
	want(201, "POST", "/v1/account", token, wholeProfile("Ann Example"))

	e := want(201, "POST", "/v1/factors/totp", token, nil)
	secret := e["secret"].(string)
	code := func() map[string]any {
		t.Helper()
		c, err := totp.GenerateCode(secret, r.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return codeOf(c)
	}
	confirmed := want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", token, code())
	raised := emulator.SignInCustom(confirmed["customToken"].(string))
	p, err := verifier.Verify(ctx, raised)
	if err != nil || p.UID != uid || p.Level != session.SecondFactor || len(p.Methods) != 2 || p.SecondFactorAt.Sub(r.clock.Now()).Abs() > time.Second {
		t.Fatalf("principal %+v, %v", p, err)
	}
	if got := want(200, "GET", "/v1/account", raised, nil)["session"].(map[string]any); got["level"] != 2.0 {
		t.Errorf("session %v", got)
	}
	// The first session has stayed at level 1, and so does a new sign-in.
	if got := want(200, "GET", "/v1/account", token, nil)["session"].(map[string]any); got["level"] != 1.0 {
		t.Errorf("the first session: %v", got)
	}
	_, other := emulator.SignIn(email, "correct horse")
	want(http.StatusForbidden, "PUT", "/v1/admin/accounts/x/modules/training", other, map[string]any{"act": "reset", "reason": "r"})
	r.clock.Advance(30 * time.Second)
	again := want(200, "POST", "/v1/session/second-factor", other, code())
	if p, err := verifier.Verify(ctx, emulator.SignInCustom(again["customToken"].(string))); err != nil || p.Level != session.SecondFactor {
		t.Errorf("after a code: %+v, %v", p, err)
	}

	emulator.Disable(uid, true)
	if _, err := verifier.Verify(ctx, raised); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a disabled account's session: %v", err)
	}
	want(401, "GET", "/v1/account", raised, nil)
}
