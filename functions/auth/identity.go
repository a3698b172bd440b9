package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// identityProvider proves who a person is. The person is sent to its address
// with a state, comes back with the state and a code, and the code is exchanged
// for the result.
type identityProvider interface {
	// Name tells providers apart in records: the issuer.
	Name() string
	// Start gives the address to send the person to.
	Start(ctx context.Context, a identityAttempt) (url string, err error)
	// Result exchanges what the person came back with. What does not prove
	// anything is fault.Denied or fault.Invalid; a provider that does not answer is
	// fault.Unavailable.
	Result(ctx context.Context, a identityAttempt, code string) (identityResult, error)
}

// identityResult is what a provider has verified.
type identityResult struct {
	// Subject names the person at the provider, for ever.
	Subject string
	// Level is the identity assurance level (NIST SP 800-63A) in the provider's
	// own words.
	Level string
	// Name is the person's, "" where the provider does not tell.
	Name string
	// VerifiedAt is when the provider verified it.
	VerifiedAt time.Time
	// Reference is the provider's mark of this result, "" for none.
	Reference string
}

// The collections of the identity module.
const (
	attemptsCollection   = "identityAttempts"
	identitiesCollection = "identities"
)

// attemptLife is how long a person has at the provider.
const attemptLife = 10 * time.Minute

// identityAttempt is one way to the provider and back. It is named by a hash of
// its state, so that who reads the store cannot come back in another's place.
type identityAttempt struct {
	Name string `firestore:"name"`
	UID  string `firestore:"uid"`
	// State is what the person carries to the provider and back; it is not kept.
	State string `firestore:"-"`
	// Nonce binds the provider's answer to the attempt, Verifier the exchange of
	// the code (PKCE, RFC 7636).
	Nonce    string `firestore:"nonce"`
	Verifier string `firestore:"verifier"`
	// ReturnTo is the page of the hub to come back to.
	ReturnTo  string    `firestore:"returnTo"`
	StartedAt time.Time `firestore:"startedAt"`
	// ExpireAt is when it is worth nothing any more, and when Firestore's
	// time-to-live policy may remove it.
	ExpireAt time.Time `firestore:"expireAt"`
	// Used is true once somebody has come back with it.
	Used          bool `firestore:"used"`
	SchemaVersion int  `firestore:"schemaVersion"`
}

// identity is a provider's subject and the one account that it belongs to.
type identity struct {
	Key           string    `firestore:"key"`
	UID           string    `firestore:"uid"`
	Provider      string    `firestore:"provider"`
	Subject       string    `firestore:"subject"`
	Level         string    `firestore:"level"`
	Name          string    `firestore:"name"`
	VerifiedAt    time.Time `firestore:"verifiedAt"`
	Reference     string    `firestore:"reference"`
	At            time.Time `firestore:"at"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// hashName names something by a hash of what must not or cannot name a document.
func hashName(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}

// randomText gives 256 bits as text: a state, a nonce, a PKCE verifier.
func randomText() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// returnForm is a path of the hub: it begins with one slash, so that nobody is
// sent to another host.
var returnForm = regexp.MustCompile(`^/([A-Za-z0-9_~.-][A-Za-z0-9_~./-]{0,200})?$`)

// defaultReturn is where a person comes back to who named no page.
const defaultReturn = "/portal/"

// errNoProvider says who verifies identities where no provider is set up.
func errNoProvider() error {
	return fault.New(fault.Conflict, "No identity provider is set up here: an access admin enters the verified identity, with evidence.")
}

// startIdentity begins an attempt and gives the provider's address.
func (s *service) startIdentity(ctx context.Context, p session.Principal, returnTo string) (string, error) {
	if s.identities == nil {
		return "", errNoProvider()
	}
	if returnTo == "" {
		returnTo = defaultReturn
	}
	if !returnForm.MatchString(returnTo) {
		return "", fault.InvalidFields(fault.Field{Path: "body.returnTo", Message: "Give a path of the hub, such as /portal/."})
	}
	a := identityAttempt{UID: p.UID, State: randomText(), Nonce: randomText(), Verifier: randomText(), ReturnTo: returnTo, SchemaVersion: 1}
	a.Name = hashName(a.State)
	// The address first: a provider that is away leaves nothing behind.
	url, err := s.identities.Start(ctx, a)
	if err != nil {
		return "", err
	}
	err = s.inspect(ctx, "identity.start", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		if f := c.account.Modules[string(access.Identity)]; !f.CompletedAt.IsZero() {
			return fault.New(fault.Conflict, "Your identity is verified already.")
		}
		a.StartedAt, a.ExpireAt = c.now, c.now.Add(attemptLife)
		return c.tx.Create(c.client.Collection(attemptsCollection).Doc(a.Name), a)
	})
	return url, err
}

// errAttempt is one answer for a state that is unknown, used, late or another's.
func errAttempt() error {
	return fault.New(fault.Denied, "This way back from the identity provider is not yours, is used up or is older than %.0f minutes. Begin again from your access modules.", attemptLife.Minutes())
}

// useAttempt takes an attempt for its owner, once: before the code is exchanged,
// so that of two who come back at the same moment one is let through.
func (s *service) useAttempt(ctx context.Context, p session.Principal, state string) (identityAttempt, error) {
	var a identityAttempt
	err := s.inspect(ctx, "identity.return", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		ref := c.client.Collection(attemptsCollection).Doc(hashName(state))
		snap, err := c.tx.Get(ref)
		var found bool
		if a, found, err = firestorex.Decode[identityAttempt]("identity.return", snap, err); err != nil {
			return err
		}
		if !found || a.Used || a.UID != p.UID || !c.now.Before(a.ExpireAt) {
			return errAttempt()
		}
		a.State, a.Used = state, true
		return c.tx.Set(ref, a)
	})
	return a, err
}

// finishIdentity takes what the person came back with. It gives the page to
// return to. A subject that belongs to another account is refused, and that is
// in the audit log.
func (s *service) finishIdentity(ctx context.Context, p session.Principal, state, code string) (string, error) {
	if s.identities == nil {
		return "", errNoProvider()
	}
	attempt, err := s.useAttempt(ctx, p, state)
	if err != nil {
		return "", err
	}
	result, err := s.identities.Result(ctx, attempt, code)
	if fault.Is(err, fault.Denied) {
		return "", errors.Join(err, s.refuseIdentity(ctx, p, fault.Message(err)))
	} else if err != nil {
		return "", err
	}
	var refused error
	_, err = s.change(ctx, "identity.verify", p.UID, func(c *change) error {
		refused = nil
		if err := c.enabled(); err != nil {
			return err
		}
		before := c.account.Modules[string(access.Identity)]
		id := identity{Key: hashName(s.identities.Name(), result.Subject), UID: p.UID, Provider: s.identities.Name(), Subject: result.Subject,
			Level: result.Level, Name: result.Name, VerifiedAt: result.VerifiedAt, Reference: result.Reference, At: c.now, SchemaVersion: 1}
		ref := c.client.Collection(identitiesCollection).Doc(id.Key)
		owner, err := ownerOf(c.tx, ref)
		if err != nil {
			return err
		}
		if owner != "" && owner != p.UID {
			c.unchanged = true
			refused = fault.New(fault.Conflict, "This identity belongs to another account of the hub. One person has one account: ask the programme's access team.")
			return c.audit(audit.Entry{Actor: p.UID, Act: "identity.refused", Target: target(p.UID, access.Identity),
				Before: describe(before), After: "the identity is that of another account"})
		}
		if err := c.tx.Set(ref, id); err != nil {
			return err
		}
		after := before
		after.CompletedAt, after.Evidence = c.now, id.evidence()
		setModule(&c.account, access.Identity, after)
		return c.audit(audit.Entry{Actor: p.UID, Act: "module.complete", Target: target(p.UID, access.Identity),
			Before: describe(before), After: describe(after)})
	})
	if err == nil {
		err = refused
	}
	return attempt.ReturnTo, err
}

// refuseIdentity writes down that what came back proved nothing.
func (s *service) refuseIdentity(ctx context.Context, p session.Principal, why string) error {
	return s.inspect(ctx, "identity.refused", p.UID, func(c *change) error {
		return c.audit(audit.Entry{Actor: p.UID, Act: "identity.refused", Target: target(p.UID, access.Identity), After: why})
	})
}

// evidence is what the module's fact says that it rests on: no name, no subject.
func (i identity) evidence() string {
	s := "verified by " + i.Provider + " at level " + i.Level + " on " + i.VerifiedAt.Format(time.RFC3339)
	if i.Reference != "" {
		s += ", reference " + i.Reference
	}
	return s
}

// ownerOf is the account that an identity belongs to, "" for none.
func ownerOf(tx *firestore.Transaction, ref *firestore.DocumentRef) (string, error) {
	snap, err := tx.Get(ref)
	i, _, err := firestorex.Decode[identity]("identity", snap, err)
	return i.UID, err
}

// maxIdentities bounds the identities of one account: one a time it was reset.
const maxIdentities = 20

// forgetIdentity lets go of the identities of an account whose module is reset:
// the person may verify again, here or in another account.
func (c *change) forgetIdentity(uid string) error {
	snaps, err := c.tx.Documents(c.client.Collection(identitiesCollection).Where("uid", "==", uid).Limit(maxIdentities)).GetAll()
	if err != nil {
		return err
	}
	for _, snap := range snaps {
		if err := c.tx.Delete(snap.Ref); err != nil {
			return err
		}
	}
	return nil
}
