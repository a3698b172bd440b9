package auth

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// enrolment is what a researcher needs to set an authenticator app up. It is
// shown once.
type enrolment struct {
	FactorID   string `json:"factorId" doc:"The factor, to confirm it."`
	Secret     string `json:"secret" doc:"The secret in base 32, to type in by hand. Shown once."`
	OtpauthURI string `json:"otpauthUri" doc:"The same as an otpauth address, for a QR code."`
}

// enrolTOTP begins an enrolment. The factor counts once it is confirmed; an
// earlier one that never was is dropped.
func (s *service) enrolTOTP(ctx context.Context, p session.Principal) (enrolment, error) {
	secret, uri, err := newSecret(s.factors, p.Email)
	if err != nil {
		return enrolment{}, err
	}
	factorID := id.New(id.Factor, s.gate.Clock.Now())
	sealed, err := s.sealer.Seal(ctx, []byte(secret), place(p.UID, factorID))
	if err != nil {
		return enrolment{}, fault.Wrap("factor.enrol", err)
	}
	err = s.inspect(ctx, "factor.enrol", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		set, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		if err := mayAdd(set, c.account.Level(p), s.factors); err != nil {
			return err
		}
		set.enrol(totpFactor{ID: factorID, Sealed: sealed, CreatedAt: c.now})
		if err := c.setFactors(set); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "factor.enrol", Target: factorPath(p.UID, factorID)})
	})
	if err != nil {
		return enrolment{}, err
	}
	return enrolment{factorID, secret, uri}, nil
}

// mayAdd says whether this session may add a factor: the first one with the
// primary sign-in alone, every other one only after a factor that is there.
func mayAdd(set factorSet, level session.Level, r factorRules) error {
	n := set.confirmed()
	switch {
	case n > 0 && level < session.SecondFactor:
		return fault.New(fault.Assurance, "This account has a second factor: verify a code of it in this session before you add another.")
	case n >= r.MaxConfirmed:
		return fault.New(fault.Conflict, "An account has at most %d second factors.", r.MaxConfirmed)
	default:
		return nil
	}
}

// confirmTOTP confirms an enrolled factor with a code of it, completes the
// twoFactor module in the same transaction, and gives the token of a level 2
// session.
func (s *service) confirmTOTP(ctx context.Context, p session.Principal, factorID, code string) (string, error) {
	if err := id.Check(id.Factor, factorID); err != nil {
		return "", errNoFactor()
	}
	secrets, err := s.secrets(ctx, p.UID, func(f totpFactor) bool { return f.ID == factorID && !f.confirmed() })
	if err != nil {
		return "", err
	}
	var refused error
	var at time.Time
	_, err = s.change(ctx, "factor.confirm", p.UID, func(c *change) error {
		refused, at = nil, c.now
		if err := c.enabled(); err != nil {
			return err
		}
		set, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		if err := mayConfirm(set, c.account.Level(p), s.factors, factorID); err != nil {
			return err
		}
		v, _, err := set.check(s.factors, code, secrets, c.now)
		if err != nil {
			return err
		}
		if v != accepted {
			refused = set.refusal(v)
			return c.refuse(p, set, v)
		}
		set.find(factorID).ConfirmedAt = c.now
		before := c.account.Modules[string(access.TwoFactor)]
		if before.CompletedAt.IsZero() {
			setModule(&c.account, access.TwoFactor, access.ModuleFact{CompletedAt: c.now, Evidence: factorID})
		}
		if err := c.setFactors(set); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "factor.confirm", Target: factorPath(p.UID, factorID),
			Before: "twoFactor " + describe(before), After: "twoFactor " + describe(c.account.Modules[string(access.TwoFactor)])})
	})
	if err != nil {
		return "", err
	}
	if refused != nil {
		return "", refused
	}
	return s.raise(ctx, p, at, factorID, "pwd", "otp")
}

// mayConfirm repeats mayAdd: another factor may have been confirmed since the
// enrolment began.
func mayConfirm(set factorSet, level session.Level, r factorRules, factorID string) error {
	f := set.find(factorID)
	switch {
	case f == nil:
		return errNoFactor()
	case f.confirmed():
		return fault.New(fault.Conflict, "This factor is confirmed already.")
	default:
		return mayAdd(set, level, r)
	}
}

// verifySession verifies a code of any confirmed factor and gives the token of
// a level 2 session.
func (s *service) verifySession(ctx context.Context, p session.Principal, code string) (string, error) {
	secrets, err := s.secrets(ctx, p.UID, totpFactor.confirmed)
	if err != nil {
		return "", err
	}
	var refused error
	var at time.Time
	var factorID string
	err = s.inspect(ctx, "session.secondFactor", p.UID, func(c *change) error {
		refused, at = nil, c.now
		if err := c.enabled(); err != nil {
			return err
		}
		set, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		if set.confirmed() == 0 {
			return fault.New(fault.Conflict, "This account has no second factor yet: enrol one with POST /auth/v1/factors/totp.")
		}
		v, by, err := set.check(s.factors, code, secrets, c.now)
		if err != nil {
			return err
		}
		factorID = by
		if v != accepted {
			refused = set.refusal(v)
			return c.refuse(p, set, v)
		}
		if err := c.setFactors(set); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "session.secondFactor", Target: factorPath(p.UID, by)})
	})
	if err != nil {
		return "", err
	}
	if refused != nil {
		return "", refused
	}
	return s.raise(ctx, p, at, factorID, "pwd", "otp")
}

// refuse commits the count of a code that was not accepted, and the lock with
// an audit entry. Codes that were not looked at change nothing.
func (c *change) refuse(p session.Principal, set factorSet, v verdict) error {
	switch v {
	case wrong:
		return c.setFactors(set)
	case lockedIn:
		if err := c.setFactors(set); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "factor.lock", Target: factorsCollection + "/" + p.UID,
			After: "locked until " + set.LockedUntil.Format(time.RFC3339)})
	default:
		return nil
	}
}

// secrets opens the secrets of those factors that are wanted, ahead of the
// transaction: opening one may be a remote call, and a transaction is repeated.
func (s *service) secrets(ctx context.Context, uid string, want func(totpFactor) bool) (map[string]string, error) {
	snap, err := s.gate.Client.Collection(factorsCollection).Doc(uid).Get(ctx)
	set, err := decodeFactors(uid, snap, err)
	if err != nil {
		return nil, err
	}
	open := map[string]string{}
	for _, f := range set.TOTP {
		if !want(f) {
			continue
		}
		secret, err := s.sealer.Open(ctx, f.Sealed, place(uid, f.ID))
		if err != nil {
			return nil, fault.Wrap("factor.open", err)
		}
		open[f.ID] = string(secret)
	}
	return open, nil
}

func errNoFactor() error {
	return fault.New(fault.NotFound, "There is no such factor. Begin again with POST /auth/v1/factors/totp.")
}

// place is where a factor's secret belongs: what it is sealed for.
func place(uid, factorID string) string { return uid + "/" + factorID }

func factorPath(uid, factorID string) string {
	return factorsCollection + "/" + uid + "/totp/" + factorID
}
