package auth

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
)

// Two instances, each with its own limiter, count in one place.
func TestALimitHoldsOverInstances(t *testing.T) {
	r := newRoom(t)
	one, two := r.service.limits, r.instance(r.sessions).limits
	one.rules.MailAddress, two.rules.MailAddress = 4, 4
	for i, l := range []*limiter{one, two, one, two} {
		if err := l.allow(t.Context(), limitSignUpAddress, "ann@university.example"); err != nil {
			t.Fatalf("number %d: %v", i+1, err)
		}
	}
	for _, l := range []*limiter{one, two} {
		err := l.allow(t.Context(), limitSignUpAddress, "ann@university.example")
		if !fault.Is(err, fault.Limited) || fault.RetryAfterOf(err) != time.Hour {
			t.Errorf("number 5: %v, to try again after %s", err, fault.RetryAfterOf(err))
		}
	}
	// Another key, another limit and the next window have counts of their own.
	for _, c := range []struct {
		what limited
		key  string
		wait time.Duration
	}{{limitSignUpAddress, "ben@university.example", 0}, {limitResetAddress, "ann@university.example", 0}, {limitSignUpAddress, "ann@university.example", time.Hour}} {
		r.clock.Advance(c.wait)
		if err := two.allow(t.Context(), c.what, c.key); err != nil {
			t.Errorf("%s of %s after %s: %v", c.what, c.key, c.wait, err)
		}
	}
}

// Many at the same moment, from two instances, get no more through than one
// after the other.
func TestALimitHoldsAtOnce(t *testing.T) {
	r := newRoom(t)
	one, two := r.service.limits, r.instance(r.sessions).limits
	one.rules.MailAddress, two.rules.MailAddress = 2, 2
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[fault.Kind]int{}
	for _, l := range []*limiter{one, two, one, two} {
		wg.Go(func() {
			err := l.allow(t.Context(), limitSignUpAddress, "ann@university.example")
			mu.Lock()
			defer mu.Unlock()
			got[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	// A counter that cannot be had in time refuses as well.
	if n := got[""]; n < 1 || n > 2 || n+got[fault.Limited]+got[fault.Unavailable] != 4 {
		t.Errorf("by kind: %v; want 1 or 2 let through and the others refused", got)
	}
}

// The counters name nobody, and go away by themselves.
func TestACounterTellsNothing(t *testing.T) {
	r := newRoom(t)
	if err := r.service.limits.allow(t.Context(), limitSignUpAddress, "ann@university.example"); err != nil {
		t.Fatal(err)
	}
	snaps, err := r.client.Collection(limitsCollection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Fatalf("%d counters, %v", len(snaps), err)
	}
	want := map[string]any{"count": int64(1), "expireAt": morning.Add(2 * time.Hour), "schemaVersion": int64(1)}
	if d := cmp.Diff(want, snaps[0].Data()); d != "" || len(snaps[0].Ref.ID) != 64 {
		t.Errorf("%s: %s", snaps[0].Ref.ID, d)
	}
}

// A store that is away lets nobody through: the limits are a protection.
func TestALimitThatCannotBeCountedRefuses(t *testing.T) {
	r := newRoom(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.service.limits.allow(ctx, limitSignUpAddress, "a"); err == nil {
		t.Error("let through without a count")
	}
}

func TestTheClientsNetwork(t *testing.T) {
	for name, c := range map[string]struct {
		hops   int
		remote string
		lines  []string
		want   string
	}{
		"the connection's own":                  {0, "203.0.113.77:4711", nil, "203.0.113.0/24"},
		"what a client says counts for nothing": {0, "203.0.113.77:4711", []string{"198.51.100.1"}, "203.0.113.0/24"},
		"IPv6":                                  {0, "[2001:db8:1:2::3]:4711", nil, "2001:db8:1::/48"},
		"IPv4 in IPv6":                          {0, "[::ffff:203.0.113.77]:4711", nil, "203.0.113.0/24"},
		"a zone":                                {0, "[fe80::1%eth0]:1", nil, "fe80::/48"},
		"behind the load balancer":              {2, "10.0.0.1:1", []string{"203.0.113.77, 35.191.0.1"}, "203.0.113.0/24"},
		"behind it, with lies before":           {2, "10.0.0.1:1", []string{"198.51.100.1, 192.0.2.1,203.0.113.77,35.191.0.1"}, "203.0.113.0/24"},
		"lies on a line of their own":           {2, "10.0.0.1:1", []string{"198.51.100.1", "203.0.113.77, 35.191.0.1"}, "203.0.113.0/24"},
		"past the load balancer":                {2, "10.0.0.1:1", nil, unknownNetwork},
		"nonsense":                              {2, "10.0.0.1:1", []string{"drop table, x"}, unknownNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			l := limiter{rules: limitRules{ForwardedHops: c.hops}}
			caller := Caller{remote: c.remote}
			for _, line := range c.lines {
				caller.add("X-Forwarded-For", line)
			}
			if got := l.network(caller); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

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

// A crowd from one network is counted to the last one, and nobody waits in vain.
func TestALimitHoldsInACrowd(t *testing.T) {
	r := newRoom(t)
	l := r.service.limits
	l.rules.LookNetwork = 30
	var through atomic.Int64
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			switch err := l.allow(t.Context(), limitMatchNetwork, "203.0.113.0/24"); {
			case err == nil:
				through.Add(1)
			case !fault.Is(err, fault.Limited):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := through.Load(); n != 30 {
		t.Errorf("%d came through, want 30", n)
	}
}
