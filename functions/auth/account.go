package auth

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

// createAccount makes the caller's account. The address must be confirmed: the
// institution is matched by it.
func (s *service) createAccount(ctx context.Context, p session.Principal, in profileIn) error {
	now := s.gate.Clock.Now()
	a, err := in.apply(access.Account{
		UID: p.UID, Email: p.Email, Modules: map[string]access.ModuleFact{}, CreatedAt: now, SchemaVersion: 1,
	}, now)
	if err != nil {
		return err
	}
	if err := confirmed(p); err != nil {
		return err
	}
	inst, err := s.matchInstitution(ctx, p.Email)
	if err != nil {
		return err
	}
	a.InstitutionID = inst.ID
	client := s.gate.Client
	err = client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		if err := tx.Create(client.Collection(access.Accounts).Doc(p.UID), a); err != nil {
			return err
		}
		return audit.Add(tx, client, audit.Entry{
			At: now, Request: o11y.RequestID(ctx), Actor: p.UID, Act: "account.create", Target: access.Accounts + "/" + p.UID,
			After: "institution " + orNone(inst.ID) + ", terms of service " + a.Terms.Version,
		})
	})
	if f := firestorex.Fault("account.create", err); fault.Is(f, fault.Conflict) {
		return fault.Because(fault.Conflict, err, "This account is set up already.")
	} else if f != nil {
		return f
	}
	return nil
}

// confirmed refuses a session whose address nobody has confirmed.
func confirmed(p session.Principal) error {
	if p.Email == "" || !p.EmailVerified {
		return fault.New(fault.Denied, "Confirm your e-mail address first: open the link in the mail, sign in again, then go on.")
	}
	return nil
}

// changeProfile changes what of the profile was sent, when nothing of the
// account has changed since the caller read it. A signature under the code of
// conduct names who signed it and when, so it outlives a change of name.
func (s *service) changeProfile(ctx context.Context, p session.Principal, ifMatch string, in profileIn) error {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return err
	}
	if in.nothing() {
		return errNothing()
	}
	_, err = s.change(ctx, "account.change", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		if !c.updated.Equal(want) {
			return fault.New(fault.Stale, "It was changed in the meantime: read it again, then change it.")
		}
		after, err := in.apply(c.account, c.now)
		if err != nil {
			return err
		}
		was, is := difference(c.account, after)
		c.account = after
		return c.audit(audit.Entry{Actor: p.UID, Act: "account.change", Target: access.Accounts + "/" + p.UID, Before: was, After: is})
	})
	return err
}

// acceptTerms records that the caller accepts a version of the terms of service.
func (s *service) acceptTerms(ctx context.Context, p session.Principal, version string) error {
	_, err := s.change(ctx, "account.terms", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		var f form
		before := c.account.Terms
		c.account.Terms = accept(&f, "body.version", before, version, c.now)
		if err := f.Err(); err != nil {
			return err
		}
		if c.unchanged = c.account.Terms == before; c.unchanged {
			return nil
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "account.terms", Target: access.Accounts + "/" + p.UID,
			Before: orNone(before.Version), After: c.account.Terms.Version})
	})
	return err
}

// takeEmail takes over the address that the caller's sign-in has now, once it
// is confirmed, and matches the institution anew: the tiers may fall at once.
// An account with a second factor asks for it, because the address is where the
// way back into an account leads.
func (s *service) takeEmail(ctx context.Context, p session.Principal) error {
	if err := confirmed(p); err != nil {
		return err
	}
	inst, err := s.matchInstitution(ctx, p.Email)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, "account.email", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		before := c.account
		if before.Email == p.Email && before.InstitutionID == inst.ID {
			c.unchanged = true
			return nil
		}
		factors, err := c.factors(p.UID)
		if err != nil {
			return err
		}
		if factors.confirmed() > 0 && before.Level(p) < session.SecondFactor {
			return fault.New(fault.Assurance, "This account has a second factor: verify it in this session before you change the address.")
		}
		c.account.Email, c.account.InstitutionID, c.institution = p.Email, inst.ID, &inst
		if err := c.securityChanged(p.UID, "emailChanged"); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "account.email", Target: access.Accounts + "/" + p.UID,
			Before: before.Email + ", institution " + orNone(before.InstitutionID), After: p.Email + ", institution " + orNone(inst.ID)})
	})
	return err
}

// unseen reports what a name must not hold, because the directory shows it to
// everybody: control characters, those that turn the direction of writing, and
// zero-width ones that make two names look the same. Joiners are letters' business
// in some scripts.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r == utf8.RuneError || !unicode.IsPrint(r) && r != nonJoiner && r != joiner
}

// matchInstitution finds the institution whose rule for some tier takes the
// address; the zero Institution where none does. The store narrows it down to
// those that list the address or its domain, and access.Institution decides.
// Lists are kept in lower case.
func (s *service) matchInstitution(ctx context.Context, email string) (access.Institution, error) {
	email = strings.ToLower(email)
	domain := email[strings.LastIndexByte(email, '@')+1:]
	for _, tier := range []access.Tier{access.Controlled, access.Registered} {
		it := s.gate.Client.Collection(access.Institutions).
			Where("rules."+string(tier)+".list", "array-contains-any", []string{email, domain}).Limit(maxCandidates).Documents(ctx)
		found, err := firstAllowing(it, email, tier)
		it.Stop()
		if err != nil || found.ID != "" {
			return found, err
		}
	}
	return access.Institution{}, nil
}

// maxCandidates bounds how many institutions may list one address or domain.
const maxCandidates = 20

func firstAllowing(it *firestore.DocumentIterator, email string, tier access.Tier) (access.Institution, error) {
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return access.Institution{}, nil
		}
		if err != nil {
			return access.Institution{}, firestorex.Fault("institutions", err)
		}
		var inst access.Institution
		if err := snap.DataTo(&inst); err != nil {
			return access.Institution{}, fault.Wrap("institutions", err)
		}
		if inst.Allows(email, tier) {
			return inst, nil
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
