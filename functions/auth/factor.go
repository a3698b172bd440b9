package auth

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"researchhub.example/hub/shared/fault"
)

// factorsCollection holds one record per account, named by the uid: all factors
// and the count of wrong codes stand in one document, so that one transaction
// on it decides.
const factorsCollection = "factors"

// factorSet is what is kept about an account's second factors. Its methods are
// the rules; they touch neither store nor clock.
type factorSet struct {
	UID      string          `firestore:"uid"`
	TOTP     []totpFactor    `firestore:"totp"`
	Passkeys []passkeyFactor `firestore:"passkeys"`
	Recovery recoveryCodes   `firestore:"recovery"`
	// Wrong counts wrong codes since the last accepted one.
	Wrong int `firestore:"wrong"`
	// LockedUntil is when codes are looked at again.
	LockedUntil   time.Time `firestore:"lockedUntil"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// totpFactor is one authenticator app.
type totpFactor struct {
	ID   string `firestore:"id"`
	Name string `firestore:"name"`
	// Sealed is the secret, sealed for the place "uid/id".
	Sealed    []byte    `firestore:"sealed"`
	CreatedAt time.Time `firestore:"createdAt"`
	// ConfirmedAt is zero until a code has been verified.
	ConfirmedAt time.Time `firestore:"confirmedAt"`
	LastUsedAt  time.Time `firestore:"lastUsedAt"`
	// LastStep is the last accepted step: it and those before it are used up.
	LastStep int64 `firestore:"lastStep"`
}

func (f totpFactor) confirmed() bool { return !f.ConfirmedAt.IsZero() }

// passkeyFactor is one WebAuthn credential: the credential record of WebAuthn
// level 3, section 4. It is stored by a registration that was verified, so it is
// confirmed from the start.
type passkeyFactor struct {
	ID   string `firestore:"id"`
	Name string `firestore:"name"`
	// CredentialID is the authenticator's name of the credential.
	CredentialID []byte `firestore:"credentialId"`
	// PublicKey is a COSE key.
	PublicKey []byte `firestore:"publicKey"`
	// SignCount is the authenticator's counter as last accepted; many keep it at 0.
	SignCount  int64    `firestore:"signCount"`
	Transports []string `firestore:"transports"`
	// AAGUID names the authenticator's model, zero where it does not tell.
	AAGUID []byte `firestore:"aaguid"`
	// Flags are the authenticator data's flags as last seen: user verification
	// and backup eligibility and state among them.
	Flags     int64     `firestore:"flags"`
	CreatedAt time.Time `firestore:"createdAt"`
	// LastUsedAt is when an assertion was last accepted.
	LastUsedAt time.Time `firestore:"lastUsedAt"`
	// CloneWarningAt is when the counter first went back: the key may have been
	// copied. Zero for never.
	CloneWarningAt time.Time `firestore:"cloneWarningAt"`
}

// The kinds of second factors.
const (
	kindTOTP    = "totp"
	kindPasskey = "passkey"
)

// factorView is a factor as its owner sees it: nothing that proves it.
type factorView struct {
	ID           string     `json:"id"`
	Kind         string     `json:"kind" enum:"totp,passkey"`
	Name         string     `json:"name"`
	CreatedAt    time.Time  `json:"createdAt"`
	LastUsedAt   *time.Time `json:"lastUsedAt,omitempty"`
	CloneWarning bool       `json:"cloneWarning,omitempty" doc:"The passkey's counter went back once: it may have been copied. Remove it and enrol it anew."`
	Confirmed    bool       `json:"confirmed" doc:"False until a code of it has been verified: it counts for nothing before."`
}

// list gives every factor, the oldest first.
func (s *factorSet) list() []factorView {
	views := make([]factorView, 0, len(s.TOTP)+len(s.Passkeys))
	for _, f := range s.TOTP {
		views = append(views, factorView{ID: f.ID, Kind: kindTOTP, Name: cmp.Or(f.Name, defaultTOTPName), CreatedAt: f.CreatedAt,
			LastUsedAt: known(f.LastUsedAt), Confirmed: f.confirmed()})
	}
	for _, f := range s.Passkeys {
		views = append(views, factorView{ID: f.ID, Kind: kindPasskey, Name: f.Name, CreatedAt: f.CreatedAt,
			LastUsedAt: known(f.LastUsedAt), CloneWarning: !f.CloneWarningAt.IsZero(), Confirmed: true})
	}
	slices.SortFunc(views, func(a, b factorView) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	return views
}

// known is a time for an answer: none where it is zero.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// confirmed counts the factors that verify a session. Recovery codes are none:
// they stand in for a factor and run out.
func (s *factorSet) confirmed() int {
	n := len(s.Passkeys)
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

func (s *factorSet) passkey(factorID string) *passkeyFactor {
	i := slices.IndexFunc(s.Passkeys, func(f passkeyFactor) bool { return f.ID == factorID })
	if i < 0 {
		return nil
	}
	return &s.Passkeys[i]
}

// enrol adds an unconfirmed factor in the place of an earlier unconfirmed one.
func (s *factorSet) enrol(f totpFactor) {
	s.TOTP = slices.DeleteFunc(s.TOTP, func(old totpFactor) bool { return !old.confirmed() })
	s.TOTP = append(s.TOTP, f)
}

// rename gives a factor another name and tells the former one.
func (s *factorSet) rename(factorID, name string) (former string, err error) {
	if f := s.find(factorID); f != nil {
		former, f.Name = cmp.Or(f.Name, defaultTOTPName), name
		return former, nil
	}
	if f := s.passkey(factorID); f != nil {
		former, f.Name = f.Name, name
		return former, nil
	}
	return "", errNoFactor()
}

// remove takes a factor out and gives what it was. The last confirmed one stays:
// without it the account would be back at what a password alone opens.
func (s *factorSet) remove(factorID string) (factorView, error) {
	views := s.list()
	i := slices.IndexFunc(views, func(v factorView) bool { return v.ID == factorID })
	switch {
	case i < 0:
		return factorView{}, errNoFactor()
	case views[i].Confirmed && s.confirmed() == 1:
		return factorView{}, fault.New(fault.Conflict, "This is the account's only second factor. Add another one first, then remove this one.")
	}
	s.TOTP = slices.DeleteFunc(s.TOTP, func(f totpFactor) bool { return f.ID == factorID })
	s.Passkeys = slices.DeleteFunc(s.Passkeys, func(f passkeyFactor) bool { return f.ID == factorID })
	return views[i], nil
}

// Names of factors where the researcher gives none.
const (
	defaultTOTPName    = "Authenticator app"
	defaultPasskeyName = "Passkey"
	maxFactorName      = 60
)

// factorName checks what a researcher calls a factor.
func factorName(name, otherwise string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return otherwise, nil
	case utf8.RuneCountInString(name) > maxFactorName:
		return "", fault.InvalidFields(fault.Field{Path: "body.name", Message: "Use at most 60 characters."})
	case strings.ContainsFunc(name, unseen):
		return "", fault.InvalidFields(fault.Field{Path: "body.name", Message: "Use characters that can be seen."})
	default:
		return name, nil
	}
}

// verdict is what became of one code.
type verdict string

const (
	accepted verdict = "accepted"
	wrong    verdict = "wrong"
	used     verdict = "used"     // right for a step that is used up, or a recovery code used before
	lockedIn verdict = "lockedIn" // wrong, and it was the last one before the lock
	locked   verdict = "locked"   // not looked at
)

// closed reports whether codes are not looked at now. Passkeys do not ask: a
// signature cannot be guessed, so counting attempts at it guards nothing, and
// whoever has the password alone could keep the owner out with wrong codes.
func (s *factorSet) closed(now time.Time) bool { return now.Before(s.LockedUntil) }

// check tries a code on the named factors and changes the set: the accepted
// step, the count, the lock. The set must be stored whatever the verdict. It
// gives the accepted factor's identifier.
func (s *factorSet) check(r factorRules, code string, secrets map[string]string, now time.Time) (verdict, string, error) {
	if s.closed(now) {
		return locked, "", nil
	}
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
			f.LastStep, f.LastUsedAt, by, result = step, now, f.ID, accepted
		case again && by == "":
			result = used
		}
	}
	return s.counted(r, result, now), by, nil
}

// counted counts a wrong code toward the lock, and begins again after an
// accepted one. A code that was right once is no guess: it changes nothing.
func (s *factorSet) counted(r factorRules, result verdict, now time.Time) verdict {
	s.LockedUntil = time.Time{}
	switch result {
	case accepted:
		s.Wrong = 0
	case wrong:
		if s.Wrong++; s.Wrong >= r.MaxWrong {
			s.Wrong, s.LockedUntil = 0, now.Add(r.LockFor)
			return lockedIn
		}
	}
	return result
}

// refusal is what the caller hears of a verdict; nil for an accepted code.
func (s *factorSet) refusal(v verdict) error {
	switch v {
	case accepted:
		return nil
	case used:
		return fault.New(fault.Invalid, "This code was used already. Wait for the app's next one; of recovery codes take another one.")
	case locked, lockedIn:
		return fault.New(fault.Limited, "Too many wrong codes. Codes are looked at again at %s.", s.LockedUntil.UTC().Format(time.RFC3339))
	default:
		return fault.New(fault.Invalid, "The code is not right. Check that the device's clock is, and send the code that it shows now.")
	}
}
