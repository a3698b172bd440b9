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
	"researchhub.example/hub/shared/session"
)

// createAccount makes the caller's account. The address must be confirmed: the
// institution is matched by it.
func (s *service) createAccount(ctx context.Context, p session.Principal, name string) error {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return fault.InvalidFields(fault.Field{Path: "body.name", Message: "Give your full name."})
	}
	if strings.ContainsFunc(name, unseen) {
		return fault.InvalidFields(fault.Field{Path: "body.name", Message: "Use characters that can be seen."})
	}
	if p.Email == "" || !p.EmailVerified {
		return fault.New(fault.Denied, "Confirm your e-mail address first: open the link in the mail, sign in again, then create the account.")
	}
	inst, err := s.matchInstitution(ctx, p.Email)
	if err != nil {
		return err
	}
	client := s.gate.Client
	err = client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		now := s.gate.Clock.Now()
		a := access.Account{
			UID: p.UID, Email: p.Email, Name: name, InstitutionID: inst.ID,
			Modules: map[string]access.ModuleFact{}, CreatedAt: now, SchemaVersion: 1,
		}
		if err := tx.Create(client.Collection(access.Accounts).Doc(p.UID), a); err != nil {
			return err
		}
		return audit.Add(tx, client, audit.Entry{
			At: now, Actor: p.UID, Act: "account.create", Target: access.Accounts + "/" + p.UID,
			After: "institution " + orNone(inst.ID),
		})
	})
	if f := firestorex.Fault("account.create", err); fault.Is(f, fault.Conflict) {
		return fault.Because(fault.Conflict, err, "This account is set up already.")
	} else if f != nil {
		return f
	}
	return nil
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
