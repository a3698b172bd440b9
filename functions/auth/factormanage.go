package auth

import (
	"context"
	"slices"
	"strconv"
	"time"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

// factorsView is an account's second factors as their owner sees them.
type factorsView struct {
	Items             []factorView `json:"items" doc:"Every factor, the oldest first; an account has at most ten."`
	RecoveryCodesLeft int          `json:"recoveryCodesLeft" doc:"How many recovery codes were not used yet."`
	LockedUntil       *time.Time   `json:"lockedUntil,omitempty" doc:"Until when codes are not looked at; passkeys are."`
}

// listFactors gives the caller's factors. A session of level 1 may look: it has
// to know with what it can be raised.
func (s *service) listFactors(ctx context.Context, p session.Principal) (factorsView, error) {
	set, err := s.readFactors(ctx, p.UID)
	if err != nil {
		return factorsView{}, err
	}
	return factorsView{Items: set.list(), RecoveryCodesLeft: set.Recovery.left(), LockedUntil: set.lockedUntil(s.gate.Clock.Now())}, nil
}

// lockedUntil is the end of a lock that is in force.
func (s *factorSet) lockedUntil(now time.Time) *time.Time {
	if !s.closed(now) {
		return nil
	}
	return &s.LockedUntil
}

// onFactors runs fn on the caller's factors in a transaction and stores them
// after it. The session must have proved a second factor that was not reset.
func (s *service) onFactors(ctx context.Context, op string, p session.Principal, fn func(*change, *factorSet) error) error {
	return s.inspect(ctx, op, p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		if c.account.Level(p) < session.SecondFactor {
			return fault.New(fault.Assurance, "This session needs a second factor: verify a code, then try again.")
		}
		if err := s.standing(c, p); err != nil {
			return err
		}
		set, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		if err := fn(c, &set); err != nil {
			return err
		}
		return c.setFactors(set)
	})
}

// fresh refuses a session whose second factor was verified too long ago for a
// sensitive act (NIST 800-63B-4, section 2.2.3: reauthentication). The time is
// the one that the raised token carries.
func fresh(p session.Principal, r factorRules, now time.Time) error {
	if p.SecondFactorAt.IsZero() || now.Sub(p.SecondFactorAt) > r.SensitiveWindow {
		return fault.New(fault.Assurance, "This needs a second factor of the last %s: verify a code again, then try again.", r.SensitiveWindow)
	}
	return nil
}

// renameFactor gives one of the caller's factors another name.
func (s *service) renameFactor(ctx context.Context, p session.Principal, factorID, name string) (factorView, error) {
	if err := id.Check(id.Factor, factorID); err != nil {
		return factorView{}, errNoFactor()
	}
	name, err := factorName(name, "")
	if err != nil {
		return factorView{}, err
	}
	if name == "" {
		return factorView{}, fault.InvalidFields(fault.Field{Path: "body.name", Message: "Give a name."})
	}
	var view factorView
	err = s.onFactors(ctx, "factor.rename", p, func(c *change, set *factorSet) error {
		former, err := set.rename(factorID, name)
		if err != nil {
			return err
		}
		for _, v := range set.list() {
			if v.ID == factorID {
				view = v
			}
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "factor.rename", Target: factorPath(p.UID, view.Kind, factorID), Before: former, After: name})
	})
	return view, err
}

// endRaisedBy ends, in the transaction that takes a factor away, the sessions
// that it raised, but for the caller's own. It reads before it writes, so it
// comes before every other write.
func (s *service) endRaisedBy(c *change, p session.Principal, factorID string) error {
	store, now := s.gate.Sessions(), s.gate.SessionTime().Now()
	record, err := store.Read(c.tx, p.UID)
	if err != nil {
		return err
	}
	record.EndByFactor(factorID, p.Session, p.UID, now)
	return store.Write(c.tx, record, now)
}

// removeFactor removes one of the caller's factors and ends the other sessions
// that it raised.
func (s *service) removeFactor(ctx context.Context, p session.Principal, factorID string) error {
	if err := id.Check(id.Factor, factorID); err != nil {
		return errNoFactor()
	}
	return s.onFactors(ctx, "factor.remove", p, func(c *change, set *factorSet) error {
		if err := fresh(p, s.factors, c.now); err != nil {
			return err
		}
		gone := slices.DeleteFunc(slices.Clone(set.Passkeys), func(f passkeyFactor) bool { return f.ID != factorID })
		removed, err := set.remove(factorID)
		if err != nil {
			return err
		}
		if err := s.endRaisedBy(c, p, factorID); err != nil {
			return err
		}
		if err := s.forgetPasskeys(c, gone); err != nil {
			return err
		}
		if err := c.audit(audit.Entry{Actor: p.UID, Act: "factor.remove", Target: factorPath(p.UID, removed.Kind, factorID), Before: removed.Name}); err != nil {
			return err
		}
		return c.tell(p.UID, "factorRemoved", map[string]string{"name": removed.Name})
	})
}

// makeRecoveryCodes makes ten recovery codes in the place of all earlier ones
// and gives them, this once. They stand in for a factor that is there. Whoever
// found an earlier one is put out with it: the sessions that recovery codes
// raised end, but for the caller's own.
func (s *service) makeRecoveryCodes(ctx context.Context, p session.Principal) ([]string, error) {
	var codes []string
	err := s.onFactors(ctx, "recovery.make", p, func(c *change, set *factorSet) error {
		if err := fresh(p, s.factors, c.now); err != nil {
			return err
		}
		if set.confirmed() == 0 {
			return fault.New(fault.Conflict, "Recovery codes stand in for a second factor, and this account has none. Enrol one first.")
		}
		if err := s.endRaisedBy(c, p, recoveryFactor); err != nil {
			return err
		}
		before := set.Recovery.left()
		codes, set.Recovery = newRecoveryCodes(c.now)
		if err := c.audit(audit.Entry{Actor: p.UID, Act: "recovery.make", Target: recoveryPath(p.UID),
			Before: strconv.Itoa(before) + " left", After: strconv.Itoa(len(codes)) + " new"}); err != nil {
			return err
		}
		return c.tell(p.UID, "recoveryCodesMade", nil)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// recoveryFactor is what stands for the recovery codes where a factor is named.
const recoveryFactor = "recovery"

// verifyRecovery verifies a recovery code, uses it up, and gives the token of a
// level 2 session. RFC 8176 has no name for look-up secrets; "otp", a password
// for one use, is the one that says what they are.
func (s *service) verifyRecovery(ctx context.Context, p session.Principal, text string) (string, error) {
	raw, err := parseRecoveryCode(text)
	if err != nil {
		return "", err
	}
	done, err := s.turns.Take(ctx, p.UID)
	if err != nil {
		return "", err
	}
	defer done()
	if _, err := s.open(ctx, p.UID); err != nil {
		return "", err
	}
	at, err := s.verify(ctx, p, func(c *change, set *factorSet) (verdict, error) {
		v := set.useRecovery(s.factors, raw, c.now)
		if v != accepted {
			return v, nil
		}
		left := strconv.Itoa(set.Recovery.left())
		if err := c.audit(audit.Entry{Actor: p.UID, Act: "recovery.use", Target: recoveryPath(p.UID), After: left + " left"}); err != nil {
			return v, err
		}
		return v, c.tell(p.UID, "recoveryCodeUsed", map[string]string{"left": left})
	})
	if err != nil {
		return "", err
	}
	return s.raise(ctx, p, at, recoveryFactor, "pwd", "otp")
}

func recoveryPath(uid string) string { return factorsCollection + "/" + uid + "/recovery" }

// tell writes the event that makes notify tell the account's owner what changed
// in its security. Data holds no secret.
func (c *change) tell(uid, what string, data map[string]string) error {
	e := outbox.Event{Type: "account.securityChanged", UID: uid, Target: factorsCollection + "/" + uid, Data: map[string]string{"what": what}}
	for k, v := range data {
		e.Data[k] = v
	}
	return c.event(e)
}
