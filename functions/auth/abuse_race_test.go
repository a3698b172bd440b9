package auth

import (
	"net/http"
	"sync"
	"testing"

	"researchhub.example/hub/shared/session"
)

// atOnce runs two requests at the same moment and waits for both.
func atOnce(one, two func()) {
	var wg sync.WaitGroup
	wg.Go(one)
	wg.Go(two)
	wg.Wait()
}

// TestARaiseDoesNotOutliveTheSignOut verifies a code on one instance while the
// other signs out everywhere: whichever wins, no token of before comes in after.
func TestARaiseDoesNotOutliveTheSignOut(t *testing.T) {
	l := newLife(t)
	ann := l.researcher("Ann Example")
	for range 4 {
		l.nextSecond()
		raising, leaving := ann.another(), ann.another()
		code := codeOf(ann.code())
		var status int
		var raised map[string]any
		atOnce(
			func() { status, raised = raising.do("POST", "/v1/session/second-factor", code) },
			func() {
				if status, answer := do(t, l.two, "DELETE", "/v1/sessions", leaving.id, nil); status != 204 {
					t.Errorf("sign out everywhere: %d %v", status, answer)
				}
			},
		)
		raising.out("a session that was signed out while it was raised")
		switch status {
		case http.StatusOK:
			raising.raised(raised)
			raising.out("a token that was minted while the session was signed out")
		case http.StatusUnauthorized:
		default:
			t.Errorf("the code: %d %v", status, raised)
		}
	}
}

// TestARequestOnItsWayKeepsNoEndedSession is about a request that was let in
// before its session was ended and gets to the store after: whatever it does, the
// session stays out, and it ends nobody else's.
func TestARequestOnItsWayKeepsNoEndedSession(t *testing.T) {
	l := newLife(t)
	ann := l.researcher("Ann Example")
	for name, act := range map[string]func(p session.Principal, owner string) error{
		"to be kept":       func(p session.Principal, _ string) error { return l.service.endSessions(t.Context(), p, true) },
		"to end the other": func(p session.Principal, owner string) error { return l.service.endSession(t.Context(), p, owner) },
		"to end itself":    func(p session.Principal, _ string) error { return l.service.endSession(t.Context(), p, p.Session) },
		"to be raised": func(p session.Principal, _ string) error {
			_, err := l.service.verifySession(t.Context(), p, ann.code())
			return err
		},
	} {
		for _, ending := range []string{"everywhere", "this one"} {
			t.Run(name+", ended "+ending, func(t *testing.T) {
				l.t, l.room.t = t, t
				l.nextSecond()
				thief := ann.another()
				p, err := l.verifier.Verify(t.Context(), thief.id)
				if err != nil {
					t.Fatal(err)
				}
				l.nextSecond()
				owner := ann.another()
				if ending == "everywhere" {
					owner.want(204, "DELETE", "/v1/sessions", nil)
					l.nextSecond()
					owner = ann.another()
				} else {
					owner.want(204, "DELETE", "/v1/sessions/"+p.Session, nil)
				}
				own, err := l.verifier.Verify(t.Context(), owner.id)
				if err != nil {
					t.Fatal(err)
				}
				if err := act(p, own.Session); err == nil && name != "to end itself" {
					t.Error("it is done")
				}
				thief.out("the ended session")
				owner.want(200, "GET", "/v1/account", nil)
			})
		}
	}
}
