package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// passkeysCollection says whose a credential is, by its identifier's digest: a
// sign-in finds its account there, and no identifier is registered twice
// (WebAuthn level 3, section 7.1, step 26).
const passkeysCollection = "passkeys"

// passkeyOwner is one of its records.
type passkeyOwner struct {
	UID           string    `firestore:"uid"`
	FactorID      string    `firestore:"factorId"`
	CreatedAt     time.Time `firestore:"createdAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

func (s *service) passkeyDoc(credentialID []byte) *firestore.DocumentRef {
	return s.gate.Client.Collection(passkeysCollection).Doc(credentialName(credentialID))
}

// beginPasskey begins to enrol a passkey. The account's own are excluded: an
// authenticator that holds one of them says so instead of making another.
func (s *service) beginPasskey(ctx context.Context, p session.Principal, name string) (begun, error) {
	name, err := factorName(name, defaultPasskeyName)
	if err != nil {
		return begun{}, err
	}
	var out begun
	err = s.inspect(ctx, "passkey.begin", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		set, err := c.factorsToAddTo(p, s.factors)
		if err != nil {
			return err
		}
		u := passkeyUser{email: c.account.Email, name: c.account.Name, set: set}
		options, ceremony, err := s.party.BeginRegistration(u,
			webauthn.WithExclusions(webauthn.Credentials(u.WebAuthnCredentials()).CredentialDescriptors()))
		if err != nil {
			return fault.Wrap("passkey.begin", err)
		}
		kept, shown, err := newChallenge(s.factors, toEnrol, p, options.Response, ceremony, c.now)
		if err != nil {
			return err
		}
		kept.FactorName, out = name, shown
		return c.tx.Create(s.challengeDoc(kept.ID), kept)
	})
	return out, err
}

// confirmPasskey stores the passkey that a registration proves, completes the
// twoFactor module in the same transaction, and gives the token of a level 2
// session.
func (s *service) confirmPasskey(ctx context.Context, p session.Principal, challengeID, name string, credential json.RawMessage) (factorID, token string, err error) {
	if err := id.Check(id.Challenge, challengeID); err != nil {
		return "", "", errNoChallenge()
	}
	name, err = factorName(name, "")
	if err != nil {
		return "", "", err
	}
	answer, err := parseRegistration(credential)
	if err != nil {
		return "", "", err
	}
	done, err := s.turns.Take(ctx, passkeyTurn(p.UID))
	if err != nil {
		return "", "", err
	}
	defer done()
	var refused error
	var added passkeyFactor
	var at time.Time
	_, err = s.change(ctx, "passkey.confirm", p.UID, func(c *change) error {
		refused, at = nil, c.now
		if err := c.enabled(); err != nil {
			return err
		}
		if err := s.standing(c, p); err != nil {
			return err
		}
		kept, ceremony, err := s.use(c, challengeID, toEnrol, p)
		if err != nil {
			return err
		}
		set, err := c.factorsToAddTo(p, s.factors)
		if err != nil {
			return err
		}
		made, err := register(s.party, passkeyUser{email: c.account.Email, name: c.account.Name, set: set}, ceremony, answer)
		if err == nil {
			refused, err = s.taken(c, made.ID)
			if err != nil {
				return err
			}
		} else {
			refused = err
		}
		if err := c.tx.Delete(s.challengeDoc(challengeID)); err != nil || refused != nil {
			return err
		}
		added = newPasskey(made, id.New(id.Factor, c.now), cmp.Or(name, kept.FactorName), c.now)
		set.Passkeys = append(set.Passkeys, added)
		if err := c.setFactors(set); err != nil {
			return err
		}
		if err := c.tx.Create(s.passkeyDoc(made.ID), passkeyOwner{UID: p.UID, FactorID: added.ID, CreatedAt: c.now, SchemaVersion: 1}); err != nil {
			return err
		}
		if err := c.tell(p.UID, "passkeyAdded", map[string]string{"name": added.Name}); err != nil {
			return err
		}
		return c.confirmed(p.UID, kindPasskey, added.ID)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return "", "", err
	}
	token, err = s.raise(ctx, p, at, added.ID, added.methods("pwd")...)
	return added.ID, token, err
}

// taken refuses a credential that is registered already, anybody's.
func (s *service) taken(c *change, credentialID []byte) (refused, err error) {
	_, err = c.tx.Get(s.passkeyDoc(credentialID))
	switch f := firestorex.Fault("passkey", err); {
	case fault.Is(f, fault.NotFound):
		return nil, nil
	case f != nil:
		return nil, err
	default:
		return fault.New(fault.Conflict, "This passkey is registered already."), nil
	}
}

// sessionChallenge is with what a session can be raised.
type sessionChallenge struct {
	Factors     []usable   `json:"factors" doc:"The confirmed second factors; none for an account that has to enrol its first."`
	Passkey     *begun     `json:"passkey,omitempty" doc:"A WebAuthn ceremony with the account's passkeys, where there are any."`
	Recovery    bool       `json:"recovery" doc:"Whether recovery codes are left."`
	LockedUntil *time.Time `json:"lockedUntil,omitempty" doc:"Until when codes are not looked at; passkeys are."`
}

// usable is a factor to choose.
type usable struct {
	ID   string `json:"id"`
	Kind string `json:"kind" enum:"totp,passkey"`
	Name string `json:"name"`
}

// challengeSession begins to raise the caller's session.
func (s *service) challengeSession(ctx context.Context, p session.Principal) (sessionChallenge, error) {
	var out sessionChallenge
	err := s.inspect(ctx, "session.challenge", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		set, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		out = sessionChallenge{Factors: []usable{}, Recovery: set.Recovery.left() > 0, LockedUntil: set.lockedUntil(c.now)}
		for _, v := range set.list() {
			if v.Confirmed {
				out.Factors = append(out.Factors, usable{v.ID, v.Kind, v.Name})
			}
		}
		if len(set.Passkeys) == 0 {
			return nil
		}
		options, ceremony, err := s.party.BeginLogin(passkeyUser{set: set})
		if err != nil {
			return fault.Wrap("session.challenge", err)
		}
		kept, shown, err := newChallenge(s.factors, toRaise, p, options.Response, ceremony, c.now)
		if err != nil {
			return err
		}
		out.Passkey = &shown
		return c.tx.Create(s.challengeDoc(kept.ID), kept)
	})
	return out, err
}

// verifyPasskey verifies an assertion as the caller's second factor and gives
// the token of a level 2 session.
func (s *service) verifyPasskey(ctx context.Context, p session.Principal, challengeID string, credential json.RawMessage) (string, error) {
	if err := id.Check(id.Challenge, challengeID); err != nil {
		return "", errNoChallenge()
	}
	answer, err := parseAssertion(credential)
	if err != nil {
		return "", err
	}
	good, at, err := s.judge(ctx, p.UID, challengeID, toRaise, p, answer)
	if err != nil {
		return "", err
	}
	return s.raise(ctx, p, at, good.factor.ID, good.factor.methods("pwd")...)
}

// passkeyTurn is the turn of an account's passkeys, which do not wait behind a
// flood of wrong codes.
func passkeyTurn(uid string) string { return "passkeys " + uid }

// judge judges an assertion on an account's passkeys in a transaction, deletes
// the challenge there, and gives the moment of an accepted one.
func (s *service) judge(ctx context.Context, uid, challengeID string, why purpose, by session.Principal, answer *protocol.ParsedCredentialAssertionData) (assertion, time.Time, error) {
	done, err := s.turns.Take(ctx, passkeyTurn(uid))
	if err != nil {
		return assertion{}, time.Time{}, err
	}
	defer done()
	var refused error
	var good assertion
	var at time.Time
	err = s.inspect(ctx, "session."+string(why), uid, func(c *change) error {
		refused, at = nil, c.now
		if err := c.enabled(); err != nil {
			return err
		}
		_, ceremony, err := s.use(c, challengeID, why, by)
		if err != nil {
			return err
		}
		set, err := c.factors(uid)
		if err != nil {
			return err
		}
		if err := c.tx.Delete(s.challengeDoc(challengeID)); err != nil {
			return err
		}
		if good, refused = set.assert(s.party, ceremony, answer, c.now); refused != nil {
			return nil //nolint:nilerr // told after the commit, which uses the challenge up
		}
		if err := c.setFactors(set); err != nil {
			return err
		}
		act := audit.Entry{Actor: uid, Act: "session." + string(why), Target: factorPath(uid, kindPasskey, good.factor.ID)}
		if good.cloned {
			refused = fault.New(fault.Denied, "This passkey's counter went back, so it may have been copied: it was not accepted. Use another factor, remove this one and enrol it anew.")
			act.Act, act.After = "factor.cloneWarning", "refused"
			if err := c.tell(uid, "passkeySuspected", map[string]string{"name": good.factor.Name}); err != nil {
				return err
			}
		}
		return c.audit(act)
	})
	if err == nil {
		err = refused
	}
	return good, at, err
}

// errNoSignIn is one answer for everything that a sign-in by passkey can be
// wrong about: nobody learns which credentials there are.
func errNoSignIn(cause error) error {
	return fault.Because(fault.Unauthenticated, cause, "The passkey was not accepted. Ask for a new challenge and try again, or sign in with your password.")
}

// beginSignIn begins a sign-in by passkey. Whose it will be is not known yet.
func (s *service) beginSignIn(ctx context.Context) (begun, error) {
	options, ceremony, err := s.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return begun{}, fault.Wrap("passkeyLogin.begin", err)
	}
	kept, shown, err := newChallenge(s.factors, toSignIn, session.Principal{}, options.Response, ceremony, s.gate.Clock.Now())
	if err != nil {
		return begun{}, err
	}
	if _, err := s.challengeDoc(kept.ID).Create(ctx, kept); err != nil {
		return begun{}, firestorex.Fault("passkeyLogin.begin", err)
	}
	return shown, nil
}

// signIn signs in whoever holds the passkey, at level 2 at once: a passkey with
// user verification is two factors by itself. An answer is judged by what is
// stored before any transaction touches an account, so that strangers cannot
// make one wait.
func (s *service) signIn(ctx context.Context, challengeID string, credential json.RawMessage) (string, error) {
	if err := id.Check(id.Challenge, challengeID); err != nil {
		return "", errNoSignIn(err)
	}
	answer, err := parseAssertion(credential)
	if err != nil {
		return "", err
	}
	uid, err := s.owner(ctx, challengeID, answer)
	if err != nil {
		return "", err
	}
	good, at, err := s.judge(ctx, uid, challengeID, toSignIn, session.Principal{}, answer)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		err = errNoSignIn(err)
	}
	if err != nil {
		return "", err
	}
	return s.raise(ctx, session.Principal{UID: uid}, at, good.factor.ID, good.factor.methods()...)
}

// owner gives the account whose passkey answered the challenge. A refused answer
// uses the challenge up.
func (s *service) owner(ctx context.Context, challengeID string, answer *protocol.ParsedCredentialAssertionData) (string, error) {
	snap, err := s.challengeDoc(challengeID).Get(ctx)
	kept, err := decodeChallenge(snap, err)
	if err != nil {
		return "", signInFault(err)
	}
	now := s.gate.Clock.Now()
	ceremony, err := kept.ceremony(toSignIn, session.Principal{}, now)
	if err != nil {
		return "", signInFault(err)
	}
	uid, refused := s.holder(ctx, ceremony, answer, now)
	if refused == nil {
		return uid, nil
	}
	if fault.Is(refused, fault.Unauthenticated) {
		if err := s.drop(ctx, challengeID); err != nil {
			return "", err
		}
	}
	return "", refused
}

// holder finds the account of a credential and judges the answer by what is
// stored of it.
func (s *service) holder(ctx context.Context, ceremony webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData, now time.Time) (string, error) {
	snap, err := s.passkeyDoc(answer.RawID).Get(ctx)
	var of passkeyOwner
	if err == nil {
		err = snap.DataTo(&of)
	}
	if err != nil {
		return "", signInFault(err)
	}
	set, err := s.readFactors(ctx, of.UID)
	if err != nil {
		return "", err
	}
	if _, err := set.assert(s.party, ceremony, answer, now); err != nil {
		return "", signInFault(err)
	}
	return of.UID, nil
}

// signInFault hides what was wrong with a sign-in; what is the store's stays.
func signInFault(err error) error {
	f := firestorex.Fault("passkeyLogin", err)
	if fault.Is(f, fault.Invalid) || fault.Is(f, fault.NotFound) {
		return errNoSignIn(err)
	}
	return f
}

// forgetPasskeys takes credentials off the list of owners.
func (s *service) forgetPasskeys(c *change, gone []passkeyFactor) error {
	for _, f := range gone {
		if err := c.tx.Delete(s.passkeyDoc(f.CredentialID)); err != nil {
			return err
		}
	}
	return nil
}
