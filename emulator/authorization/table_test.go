package authorization

import (
	"flag"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var full = flag.Bool("full", false, "try the whole product of situations, not only what a route's rule can tell apart")

// TestEveryDoor is the authorization table: every route as everybody.
func TestEveryDoor(t *testing.T) {
	h := open(t)
	h.settle(t)
	table := expectations()
	var knocks, last []knock
	for _, r := range h.routes {
		if r.Raw != "" {
			continue // pages and pushes: TestRawRoutesArePublic
		}
		e, ok := table[r.name()]
		if !ok {
			t.Errorf("%s is not in the table of expectations: add a line to emulator/authorization/expectations_test.go that says who may call it, from the policy", r.name())
			continue
		}
		for _, s := range situations(e, len(knocks)) {
			k := knock{r, e, s}
			if k.endsSessions() {
				last = append(last, k)
			} else {
				knocks = append(knocks, k)
			}
		}
	}
	var refusals atomic.Int64
	f := newFailures(t)
	try := func(k knock) {
		if h.try(t, f, k) {
			refusals.Add(1)
		}
	}
	each(knocks, try)
	for _, k := range last {
		try(k)
	}
	t.Logf("%d requests to %d routes, %d of them refused", len(knocks)+len(last), len(h.routes), refusals.Load())
	for _, line := range h.faults(t) {
		t.Errorf("a function failed: %s", line)
	}
}

// knock is one request.
type knock struct {
	route route
	want  expectation
	situation
}

// endsSessions reports whether a request that is let in ends the caller's session:
// such ones wait until nobody else needs it, and are followed by a new one.
func (k knock) endsSessions() bool {
	return strings.HasPrefix(k.route.name(), "DELETE /auth/v1/sessions") && k.want.verdict(k.situation) == mayPass
}

// situations lists those that an expectation tells apart. What it does not look
// at takes every value in turn.
func situations(e expectation, turn int) []situation {
	roles, places := adminRoles[:1], []situation{{}}
	if e.roles != nil || *full {
		roles = adminRoles
	}
	if e.memberships != nil {
		places = nil
		for _, membership := range memberships {
			for _, tier := range workspaceTiers {
				places = append(places, situation{membership: membership, tier: tier})
			}
		}
	}
	var list []situation
	for _, standing := range standings {
		for _, assurance := range assurances {
			for _, role := range roles {
				for _, s := range places {
					s.standing, s.assurance, s.role = standing, assurance, role
					if len(roles) == 1 {
						turn++
						s.role = adminRoles[turn%len(adminRoles)]
					}
					list = append(list, s)
				}
			}
		}
	}
	return list
}

// try sends one request and compares; it reports whether it was to be refused.
func (h *hub) try(t *testing.T, f *failures, k knock) bool {
	values := map[string]string{"workspace": workspaceID("registered", "owner"), "uid": "nobody-there"}
	if k.membership != "" {
		values["workspace"] = workspaceID(k.tier, k.membership)
	}
	r := request{method: k.route.Method, path: k.route.at(values), token: h.token(k.uid(), k.assurance)}
	if k.route.takesBody() {
		r.body = []byte("{}")
	}
	a, want := h.send(t, r), k.want.verdict(k.situation)
	if want == mayPass {
		if wrong := k.want.closed(k.route, a); wrong != "" {
			f.say(k.route.name(), "%+v: %d %s %s; it must let them in", k.situation, a.status, wrong, a.detail)
		}
	} else if a.status != want.status || a.code != want.code || !strings.Contains(a.detail, want.about) {
		f.say(k.route.name(), "%+v: %d %s %q; want %d %s %q", k.situation, a.status, a.code, a.detail, want.status, want.code, want.about)
	}
	if k.endsSessions() {
		h.putSessions(t, k.uid())
	}
	return want != mayPass
}

// closed says why an answer is not that of a door which let somebody in; "" where
// it is.
func (e expectation) closed(r route, a answer) string {
	switch {
	case e.unsigned != 0:
		if a.status != e.unsigned {
			return "the handler believes it"
		}
	case !r.Built:
		if a.status != http.StatusNotImplemented {
			return "it is not in this version"
		}
	case a.status >= http.StatusInternalServerError:
		return "failed"
	case a.status == http.StatusUnauthorized:
		return a.code
	case a.status == http.StatusForbidden && (e.record == "" || a.code != "denied"):
		return a.code
	case a.status == http.StatusNotFound && (strings.Contains(a.detail, notThere.about) || strings.Contains(a.detail, notSetUp.about) && e.account == "enabled"):
		return a.code
	}
	return ""
}

// failures bounds what is said of one route: a wrong rule fails many requests.
type failures struct {
	t  *testing.T
	mu sync.Mutex
	n  map[string]int
}

func newFailures(t *testing.T) *failures {
	f := &failures{t: t, n: map[string]int{}}
	t.Cleanup(func() {
		for route, n := range f.n {
			if n > maxFailures {
				t.Errorf("%s: and %d more", route, n-maxFailures)
			}
		}
	})
	return f
}

const maxFailures = 3

func (f *failures) say(route, format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n[route]++; f.n[route] <= maxFailures {
		f.t.Errorf("%s as "+format, append([]any{route}, args...)...)
	}
}

func TestTheTableHasNoLineTooMany(t *testing.T) {
	h := open(t)
	var names []string
	for _, r := range h.routes {
		names = append(names, r.name())
	}
	for name := range expectations() {
		if !slices.Contains(names, name) {
			t.Errorf("no function has the route %s: take its line out of the table", name)
		}
	}
}

// Raw routes state why they are public, and are public.
func TestRawRoutesArePublic(t *testing.T) {
	h := open(t)
	table := expectations()
	n := 0
	for _, r := range h.routes {
		if r.Raw == "" {
			continue
		}
		n++
		if _, ok := table[r.name()]; !ok && r.function != "portal" {
			t.Errorf("%s is not in the table of expectations: say there that it is public, because of: %s", r.name(), r.Raw)
		}
		a := h.send(t, request{method: r.Method, path: r.at(nil), body: []byte("x")})
		if a.status >= 500 || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusNotFound {
			t.Errorf("%s: %d %s", r.name(), a.status, a.body)
		}
	}
	if n == 0 {
		t.Error("no function has a raw route")
	}
}
