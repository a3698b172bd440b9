package auth

import (
	"context"
	"regexp"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
)

// uidForm is a Firebase uid as it may stand in a path.
var uidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// change is one transaction on one account. What it reads must be read before
// anything is written: Firestore asks for it.
type change struct {
	tx      *firestore.Transaction
	client  *firestore.Client
	now     time.Time
	account access.Account
	// unchanged is set by what finds that its effect is there already: the account
	// is not stored, and its etag stays.
	unchanged bool
	// request is the request's identifier, for the audit log.
	request string
	// updated is when the account's record was last written: its etag.
	updated time.Time
	// institution is the account's new one, where the change is of that too.
	institution *access.Institution
	// events are the domain events that this attempt wrote; they are sent once it
	// is committed.
	events []string
}

// event writes a domain event inside the transaction.
func (c *change) event(e outbox.Event) error {
	e.At = c.now
	eventID, err := outbox.Add(c.tx, c.client, e)
	c.events = append(c.events, eventID)
	return err
}

// errNoAccount is what somebody hears who has signed in but not signed up.
func errNoAccount() error {
	return fault.New(fault.NotFound, "This account is not set up yet: create its profile first.")
}

// change runs fn on the account in a transaction and stores the account after
// it. The moment when the account first reaches a tier is kept here, in one
// place: credits count from it.
func (s *service) change(ctx context.Context, op, uid string, fn func(*change) error) (access.Account, error) {
	var after access.Account
	err := s.inspect(ctx, op, uid, func(c *change) error {
		inst, err := s.institutionOf(c)
		if err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		if c.institution != nil {
			inst = *c.institution
		}
		if c.account.FirstTierAt.IsZero() && access.Evaluate(c.account, inst, s.gate.Rules, c.now).Tier != access.PublicTier {
			c.account.FirstTierAt = c.now
		}
		after = c.account
		if c.unchanged {
			return nil
		}
		return c.tx.Set(c.client.Collection(access.Accounts).Doc(uid), c.account)
	})
	return after, err
}

// inspect runs fn with the account in a transaction; the account is not stored.
func (s *service) inspect(ctx context.Context, op, uid string, fn func(*change) error) error {
	client := s.gate.Client
	var events []string
	err := client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		c := &change{tx: tx, client: client, now: s.gate.Clock.Now(), request: o11y.RequestID(ctx)}
		defer func() { events = c.events }()
		snap, err := tx.Get(client.Collection(access.Accounts).Doc(uid))
		account, found, err := firestorex.Decode[access.Account]("account", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return errNoAccount()
		}
		c.account = account
		c.updated = snap.UpdateTime
		return fn(c)
	})
	if err == nil {
		s.events.Send(ctx, events...)
	}
	return firestorex.Fault(op, err)
}

func (s *service) institutionOf(c *change) (access.Institution, error) {
	if c.account.InstitutionID == "" {
		return access.Institution{}, nil
	}
	snap, err := c.tx.Get(c.client.Collection(access.Institutions).Doc(c.account.InstitutionID))
	// One that is gone is the zero one: with it go the tiers.
	inst, _, err := firestorex.Decode[access.Institution]("institution", snap, err)
	return inst, err
}

// factors reads the account's factors inside the transaction.
func (c *change) factors(uid string) (factorSet, error) {
	snap, err := c.tx.Get(c.client.Collection(factorsCollection).Doc(uid))
	return decodeFactors(uid, snap, err)
}

func (c *change) setFactors(set factorSet) error {
	return c.tx.Set(c.client.Collection(factorsCollection).Doc(set.UID), set)
}

// audit writes an entry at the change's time.
func (c *change) audit(e audit.Entry) error {
	e.At, e.Request = c.now, c.request
	return audit.Add(c.tx, c.client, e)
}

// enabled refuses a disabled account: it can look at itself and do nothing.
func (c *change) enabled() error {
	if c.account.Disabled {
		return fault.New(fault.Denied, "This account is disabled. Ask the programme's access team.")
	}
	return nil
}

func decodeFactors(uid string, snap *firestore.DocumentSnapshot, err error) (factorSet, error) {
	set, found, err := firestorex.Decode[factorSet]("factors", snap, err)
	if !found {
		set = factorSet{UID: uid, SchemaVersion: 1}
	}
	return set, err
}
