package access

import (
	"testing"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit"
)

// How long a session may stay unused goes by the tier at that moment, with real
// sign-ins and the sessions' clock moved.
func TestIdleLimitsByTier(t *testing.T) {
	emulator := testkit.Auth(t)
	g := &Gate{Client: testkit.Firestore(t), Rules: DefaultRules(), Clock: clock.NewManual(noon)}
	if _, err := g.Client.Collection(Institutions).Doc("harvard").Set(t.Context(), harvard()); err != nil {
		t.Fatal(err)
	}
	registered := complete()
	delete(registered.Modules, string(ControlledTraining))
	lapsed := complete()
	f := lapsed.Modules[string(Training)]
	f.CompletedAt = noon.Add(-g.Rules.ModuleValidity)
	lapsed.Modules[string(Training)] = f
	disabled := complete()
	disabled.Disabled = true
	controlled := complete()
	for _, c := range []struct {
		name    string
		account *Account
		want    time.Duration
	}{
		{"no account", nil, 6 * time.Hour},
		{"no module", &Account{Email: "ann@harvard.edu", InstitutionID: "harvard"}, 6 * time.Hour},
		{"registered", &registered, 6 * time.Hour},
		{"controlled", &controlled, 12 * time.Hour},
		{"controlled until today", &lapsed, 6 * time.Hour},
		{"disabled", &disabled, 6 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			email := emulator.Email("harvard.edu")
			uid, token := emulator.SignUp(email, "correct horse")
			if c.account != nil {
				c.account.UID = uid
				if _, err := g.Client.Collection(Accounts).Doc(uid).Set(t.Context(), c.account); err != nil {
					t.Fatal(err)
				}
			}
			moved := clock.NewManual(clock.System{}.Now())
			g.SessionClock = moved
			v, err := g.Verifier(t.Context(), emulator.Project)
			if err != nil {
				t.Fatal(err)
			}
			use := func() error {
				t.Helper()
				_, err := v.Verify(t.Context(), token)
				return err
			}
			if err := use(); err != nil {
				t.Fatal(err)
			}
			// Every use begins the limit anew.
			for range 3 {
				moved.Advance(c.want)
				if err := use(); err != nil {
					t.Fatalf("unused for %s: %v", c.want, err)
				}
			}
			moved.Advance(c.want + time.Second)
			if err := use(); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("unused for more than %s: %v", c.want, err)
			}
			if err := use(); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("asked again: %v", err)
			}
		})
	}
}
