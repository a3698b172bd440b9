package auth

import (
	"net/http"
	"sync"
	"testing"

	"researchhub.example/hub/shared/fault"
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

// TestARequestOfAnEndedSessionDoesNothing is about a request that was let in before
// its session was ended and gets to the store after: the session stays out, it
// ends nobody else's, and no factor comes or goes.
func TestARequestOfAnEndedSessionDoesNothing(t *testing.T) {
	l := newLife(t)
	ann := l.researcher("Ann Example")
	e := ann.want(201, "POST", "/v1/factors/totp", nil)
	second := e["factorId"].(string)
	ann.want(200, "POST", "/v1/factors/totp/"+second+"/confirmation", codeOf(l.room.code(e["secret"].(string))))
	for name, act := range map[string]func(p session.Principal, owner string) error{
		"to be kept":       func(p session.Principal, _ string) error { return l.service.endSessions(t.Context(), p, true) },
		"to end the other": func(p session.Principal, owner string) error { return l.service.endSession(t.Context(), p, owner) },
		"to be raised": func(p session.Principal, _ string) error {
			_, err := l.service.verifySession(t.Context(), p, ann.code())
			return err
		},
		"to make recovery codes": func(p session.Principal, _ string) error {
			_, err := l.service.makeRecoveryCodes(t.Context(), p)
			return err
		},
		"to confirm a factor": func(p session.Principal, _ string) error {
			e, err := l.service.enrolTOTP(t.Context(), p, "Mine")
			if err != nil {
				return err
			}
			_, err = l.service.confirmTOTP(t.Context(), p, e.FactorID, l.room.code(e.Secret))
			return err
		},
		"to rename a factor": func(p session.Principal, _ string) error {
			_, err := l.service.renameFactor(t.Context(), p, second, "Mine")
			return err
		},
		"to remove a factor": func(p session.Principal, _ string) error { return l.service.removeFactor(t.Context(), p, second) },
	} {
		endings := []string{"everywhere"}
		if name == "to be kept" || name == "to be raised" {
			endings = append(endings, "this one")
		}
		for _, ending := range endings {
			t.Run(name+", ended "+ending, func(t *testing.T) {
				l.t, l.room.t = t, t
				l.nextSecond()
				thief := ann.another()
				thief.steps()
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
				if err := act(p, own.Session); !fault.Is(err, fault.Unauthenticated) {
					t.Errorf("it is told %v", err)
				}
				thief.out("the ended session")
				if n := len(owner.want(200, "GET", "/v1/factors", nil)["items"].([]any)); n != 2 {
					t.Errorf("%d factors, of two", n)
				}
				owner.want(200, "GET", "/v1/account", nil)
			})
		}
	}
}
