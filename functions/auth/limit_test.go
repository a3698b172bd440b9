package auth

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Over HTTP: 429 says when to try again, counts the same whether or not the
// address has an account, and comes without the work.
func TestLimitsOverHTTP(t *testing.T) {
	r := newSignUps(t)
	r.service.limits.rules.MailAddress, r.service.limits.rules.MailNetwork, r.service.limits.rules.LookNetwork = 2, 100, 3
	taken, free := r.emulator.Email("university.example"), "free-"+r.emulator.Email("university.example")
	r.emulator.SignUp(taken, somePassword)
	type answer struct {
		Status     int
		RetryAfter string
		Code       any
	}
	ask := func(path, email string) answer {
		t.Helper()
		body := map[string]any{"email": email}
		if path == "/v1/sign-up" {
			body["password"] = somePassword
		}
		status, h, a := doWith(t, r.handler, "POST", path, "", body)
		return answer{status, h.Get("Retry-After"), a["code"]}
	}
	for _, path := range []string{"/v1/sign-up", "/v1/password-reset"} {
		for i, want := range []answer{{202, "", nil}, {202, "", nil}, {429, "3600", "limited"}} {
			for _, email := range []string{taken, free} {
				if d := cmp.Diff(want, ask(path, email)); d != "" {
					t.Errorf("%s, number %d, %s:\n%s", path, i+1, email, d)
				}
			}
		}
	}
	for i, want := range []int{200, 200, 200, 429} {
		if got := ask("/v1/institutions/match", taken); got.Status != want {
			t.Errorf("match number %d: %+v", i+1, got)
		}
	}
	r.service.limits.rules.MailNetwork = 1
	for _, email := range []string{"x" + taken, "y" + free} {
		if got := ask("/v1/sign-up", email); got.Status != http.StatusTooManyRequests {
			t.Errorf("over the network's limit: %+v", got)
		}
	}
	if n := len(r.told()); n != 8 {
		t.Errorf("%d events; what was refused has none", n)
	}
}
