package auth

import (
	"slices"
	"time"

	"researchhub.example/hub/shared/fault"
)

// factorsCollection holds one record per account, named by the uid: all factors
// and the count of wrong codes stand in one document, so that one transaction
// on it decides.
const factorsCollection = "factors"

// factorSet is what is kept about an account's second factors.
type factorSet struct {
	UID  string       `firestore:"uid"`
	TOTP []totpFactor `firestore:"totp"`
	// Wrong counts wrong codes since the last accepted one.
	Wrong int `firestore:"wrong"`
	// LockedUntil is when codes are looked at again.
	LockedUntil   time.Time `firestore:"lockedUntil"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// totpFactor is one authenticator app.
type totpFactor struct {
	ID string `firestore:"id"`
	// Sealed is the secret, sealed for the place "uid/id".
	Sealed    []byte    `firestore:"sealed"`
	CreatedAt time.Time `firestore:"createdAt"`
	// ConfirmedAt is zero until a code has been verified.
	ConfirmedAt time.Time `firestore:"confirmedAt"`
	// LastStep is the last accepted step: it and those before it are used up.
	LastStep int64 `firestore:"lastStep"`
}

func (f totpFactor) confirmed() bool { return !f.ConfirmedAt.IsZero() }

func (s *factorSet) confirmed() int {
	n := 0
	for _, f := range s.TOTP {
		if f.confirmed() {
			n++
		}
	}
	return n
}

func (s *factorSet) find(factorID string) *totpFactor {
	i := slices.IndexFunc(s.TOTP, func(f totpFactor) bool { return f.ID == factorID })
	if i < 0 {
		return nil
	}
	return &s.TOTP[i]
}

// enrol adds an unconfirmed factor in the place of an earlier unconfirmed one.
func (s *factorSet) enrol(f totpFactor) {
	s.TOTP = slices.DeleteFunc(s.TOTP, func(old totpFactor) bool { return !old.confirmed() })
	s.TOTP = append(s.TOTP, f)
}

// verdict is what became of one code.
type verdict string

const (
	accepted verdict = "accepted"
	wrong    verdict = "wrong"
	used     verdict = "used"     // right for a step that is used up
	lockedIn verdict = "lockedIn" // wrong, and it was the last one before the lock
	locked   verdict = "locked"   // not looked at
)

// check tries a code on the named factors and changes the set: the accepted
// step, the count, the lock. The set must be stored whatever the verdict. It
// gives the accepted factor's identifier.
func (s *factorSet) check(r factorRules, code string, secrets map[string]string, now time.Time) (verdict, string, error) {
	if now.Before(s.LockedUntil) {
		return locked, "", nil
	}
	s.LockedUntil = time.Time{}
	result, by := wrong, ""
	for i := range s.TOTP {
		f := &s.TOTP[i]
		secret, tried := secrets[f.ID]
		if !tried {
			continue
		}
		step, ok, again, err := matchStep(r, secret, code, now, f.LastStep)
		if err != nil {
			return wrong, "", err
		}
		switch {
		case ok && by == "":
			f.LastStep, by, result = step, f.ID, accepted
		case again && by == "":
			result = used
		}
	}
	switch result {
	case accepted:
		s.Wrong = 0
	case wrong:
		if s.Wrong++; s.Wrong >= r.MaxWrong {
			s.Wrong, s.LockedUntil, result = 0, now.Add(r.LockFor), lockedIn
		}
	}
	return result, by, nil
}

// refusal is what the caller hears of a verdict; nil for an accepted code.
func (s *factorSet) refusal(v verdict) error {
	switch v {
	case accepted:
		return nil
	case used:
		return fault.New(fault.Invalid, "This code was used already. Wait for the next one.")
	case locked, lockedIn:
		return fault.New(fault.Limited, "Too many wrong codes. Codes are looked at again at %s.", s.LockedUntil.UTC().Format(time.RFC3339))
	default:
		return fault.New(fault.Invalid, "The code is not right. Check that the device's clock is, and send the code that it shows now.")
	}
}
