package auth

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// enrolment is what a researcher needs to set an authenticator app up. It is
// shown once.
type enrolment struct {
	FactorID   string `json:"factorId" doc:"The factor, to confirm it."`
	Secret     string `json:"secret" doc:"The secret in base 32, to type in by hand. Shown once."`
	OtpauthURI string `json:"otpauthUri" doc:"The same as an otpauth address."`
	QRPNG      string `json:"qrPng" doc:"The address as a QR code: a PNG as a data URI, to show and not to keep."`
}

// enrolTOTP begins an enrolment. The factor counts once it is confirmed; an
// earlier one that never was is dropped.
func (s *service) enrolTOTP(ctx context.Context, p session.Principal, name string) (enrolment, error) {
	name, err := factorName(name, defaultTOTPName)
	if err != nil {
		return enrolment{}, err
	}
	secret, uri, err := newSecret(s.factors, p.Email)
	if err != nil {
		return enrolment{}, err
	}
	qr, err := qrPNG(uri)
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
		if err := s.standing(c, p); err != nil {
			return err
		}
		set, err := c.factorsToAddTo(p, s.factors)
		if err != nil {
			return err
		}
		set.enrol(totpFactor{ID: factorID, Name: name, Sealed: sealed, CreatedAt: c.now})
		if err := c.setFactors(set); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "factor.enrol", Target: factorPath(p.UID, kindTOTP, factorID)})
	})
	if err != nil {
		return enrolment{}, err
	}
	return enrolment{factorID, secret, uri, qr}, nil
}

// factorsToAddTo reads the account's factors for a session that may add one.
func (c *change) factorsToAddTo(p session.Principal, r factorRules) (factorSet, error) {
	set, err := c.factors(p.UID)
	if err != nil {
		return set, err
	}
	return set, mayAdd(set, c.account.Level(p), r)
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
	done, err := s.turns.Take(ctx, p.UID)
	if err != nil {
		return "", err
	}
	defer done()
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
		if err := s.standing(c, p); err != nil {
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
		f := set.find(factorID)
		f.ConfirmedAt = c.now
		if err := c.setFactors(set); err != nil {
			return err
		}
		if err := c.tell(p.UID, "totpAdded", map[string]string{"name": f.Name}); err != nil {
			return err
		}
		return c.confirmed(p.UID, kindTOTP, factorID)
	})
	if err != nil {
		return "", err
	}
	if refused != nil {
		return "", refused
	}
	return s.raise(ctx, p, at, factorID, "pwd", "otp")
}

// confirmed completes the twoFactor module, where it is not complete yet, with
// the audit entry of the factor that was confirmed.
func (c *change) confirmed(uid, kind, factorID string) error {
	before := c.account.Modules[string(access.TwoFactor)]
	if before.CompletedAt.IsZero() {
		setModule(&c.account, access.TwoFactor, access.ModuleFact{CompletedAt: c.now, Evidence: factorID})
	}
	return c.audit(audit.Entry{Actor: uid, Act: "factor.confirm", Target: factorPath(uid, kind, factorID),
		Before: "twoFactor " + describe(before), After: "twoFactor " + describe(c.account.Modules[string(access.TwoFactor)])})
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
	done, err := s.turns.Take(ctx, p.UID)
	if err != nil {
		return "", err
	}
	defer done()
	secrets, err := s.secrets(ctx, p.UID, totpFactor.confirmed)
	if err != nil {
		return "", err
	}
	var by string
	at, err := s.verify(ctx, p, func(c *change, set *factorSet) (verdict, error) {
		var v verdict
		var err error
		v, by, err = set.check(s.factors, code, secrets, c.now)
		if err != nil || v != accepted {
			return v, err
		}
		return v, c.audit(audit.Entry{Actor: p.UID, Act: "session.secondFactor", Target: factorPath(p.UID, kindTOTP, by)})
	})
	if err != nil {
		return "", err
	}
	return s.raise(ctx, p, at, by, "pwd", "otp")
}

// verify runs a check of a code in a transaction on the account's factors,
// stores what it changed, and gives the moment of an accepted one. A code that
// is not accepted is refused after its count is committed.
func (s *service) verify(ctx context.Context, p session.Principal, check func(*change, *factorSet) (verdict, error)) (time.Time, error) {
	var refused error
	var at time.Time
	err := s.inspect(ctx, "session.secondFactor", p.UID, func(c *change) error {
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
		v, err := check(c, &set)
		if err != nil {
			return err
		}
		if v != accepted {
			refused = set.refusal(v)
			return c.refuse(p, set, v)
		}
		return c.setFactors(set)
	})
	if err == nil {
		err = refused
	}
	return at, err
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
		if err := c.tell(p.UID, "locked", map[string]string{"until": set.LockedUntil.Format(time.RFC3339)}); err != nil {
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
// Where the account's codes are locked it says so, so that further guesses cost
// one read and no transaction.
func (s *service) secrets(ctx context.Context, uid string, want func(totpFactor) bool) (map[string]string, error) {
	set, err := s.open(ctx, uid)
	if err != nil {
		return nil, err
	}
	secrets := map[string]string{}
	for _, f := range set.TOTP {
		if !want(f) {
			continue
		}
		secret, err := s.sealer.Open(ctx, f.Sealed, place(uid, f.ID))
		if err != nil {
			return nil, fault.Wrap("factor.open", err)
		}
		secrets[f.ID] = string(secret)
	}
	return secrets, nil
}

// open reads an account's factors and refuses where its codes are locked.
func (s *service) open(ctx context.Context, uid string) (factorSet, error) {
	set, err := s.readFactors(ctx, uid)
	if err == nil && set.closed(s.gate.Clock.Now()) {
		err = set.refusal(locked)
	}
	return set, err
}

// readFactors reads an account's factors outside a transaction.
func (s *service) readFactors(ctx context.Context, uid string) (factorSet, error) {
	snap, err := s.gate.Client.Collection(factorsCollection).Doc(uid).Get(ctx)
	set, err := decodeFactors(uid, snap, err)
	return set, firestorex.Fault("factors", err)
}

func errNoFactor() error {
	return fault.New(fault.NotFound, "There is no such factor. The factors are listed at GET /auth/v1/factors.")
}

// place is where a factor's secret belongs: what it is sealed for.
func place(uid, factorID string) string { return uid + "/" + factorID }

func factorPath(uid, kind, factorID string) string {
	return factorsCollection + "/" + uid + "/" + kind + "/" + factorID
}
