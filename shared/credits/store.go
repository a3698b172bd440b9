package credits

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/money"
)

// Store keeps purses in Firestore.
type Store struct {
	Client *firestore.Client
	Rules  Rules
	Clock  clock.Clock
}

// Standing reads how the owner's credits stand. A researcher who never spent
// has the initial credits.
func (s *Store) Standing(ctx context.Context, ownerUID string) (Standing, error) {
	p, err := s.purse(ownerUID, func(ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, error) { return ref.Get(ctx) })
	if err != nil {
		return Standing{}, err
	}
	return p.standing(s.Rules.Validity, s.Clock.Now())
}

// Hold is HoldFor of a claim with no member or workspace of its own.
func (s *Store) Hold(ctx context.Context, ownerUID, id string, amount money.Amount) error {
	return s.HoldFor(ctx, Claim{ID: id, OwnerUID: ownerUID}, amount)
}

// HoldFor keeps amount back for a job before it starts. It fails with
// fault.Budget, and says how much is left, when that does not cover it. A
// second hold of the same id replaces the first; one of an id that has been
// settled is fault.Conflict.
func (s *Store) HoldFor(ctx context.Context, c Claim, amount money.Amount) error {
	if !nameForm.MatchString(c.ID) || amount.Negative() {
		return fault.New(fault.Invalid, "A hold has a name and an amount that is not negative.")
	}
	id := c.ID
	c.At = s.Clock.Now()
	return s.change(ctx, c.OwnerUID, func(tx *firestore.Transaction, p *purse) error {
		if settled, err := exists(tx, s.Client.Collection(Spends).Doc(id)); err != nil {
			return err
		} else if settled {
			return fault.New(fault.Conflict, "This has been paid for already.")
		}
		p.drop(id)
		st, err := p.standing(s.Rules.Validity, s.Clock.Now())
		if err != nil {
			return err
		}
		if st.Expired {
			return fault.New(fault.Budget, "The credits ended on %s. Attach a billing account to go on.", st.ExpiresAt.Format(time.DateOnly))
		}
		if more, err := amount.Cmp(st.Left); err != nil {
			return fault.Wrap("credits.hold", err)
		} else if more > 0 {
			return fault.New(fault.Budget, "This may cost %s, and %s is left. Ask for less, or attach a billing account.", amount, st.Left)
		}
		p.Held[id], p.HeldFor[id] = amount.Value().String(), c
		return nil
	})
}

// Release gives back what was held for a job that did not run.
func (s *Store) Release(ctx context.Context, ownerUID, id string) error {
	return s.change(ctx, ownerUID, func(_ *firestore.Transaction, p *purse) error {
		p.drop(id)
		return nil
	})
}

// Stale gives at most limit of the owner's holds that were made before a moment:
// no process settles them any more.
func (s *Store) Stale(ctx context.Context, ownerUID string, before time.Time, limit int) ([]Claim, error) {
	p, err := s.purse(ownerUID, func(ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, error) { return ref.Get(ctx) })
	if err != nil {
		return nil, err
	}
	return p.stale(before, limit), nil
}

// Settle turns a hold into a spend and counts it into the workspace's total.
// The same spend settled again changes nothing. What a job really cost is
// booked even where it is more than what was held or left.
func (s *Store) Settle(ctx context.Context, sp Spend) error {
	amount, err := sp.check()
	if err != nil {
		return fault.Wrap("credits.settle", err)
	}
	sp.SchemaVersion = 1
	ref, totalRef := s.Client.Collection(Spends).Doc(sp.ID), s.total(sp.WorkspaceID)
	err = s.Client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if settled, err := exists(tx, ref); err != nil || settled {
			return err
		}
		p, err := s.purse(sp.OwnerUID, tx.Get)
		if err != nil {
			return err
		}
		total, err := readTotal(sp.WorkspaceID, p.Currency, totalRef, tx.Get)
		if err != nil {
			return err
		}
		spent, err := money.Parse(p.Spent, p.Currency)
		if err != nil {
			return fault.Wrap("credits.settle", err)
		}
		sum, err := spent.Add(amount)
		if err != nil {
			return fault.Wrap("credits.settle", err)
		}
		p.Spent = sum.Value().String()
		p.drop(sp.ID)
		if err := tx.Create(ref, sp); err != nil {
			return err
		}
		if totalRef != nil {
			if err := total.add(sp, amount); err != nil {
				return err
			}
			if err := tx.Set(totalRef, total); err != nil {
				return err
			}
		}
		return tx.Set(s.Client.Collection(Purses).Doc(sp.OwnerUID), p)
	})
	f := firestorex.Fault("credits.settle", err)
	if fault.Is(f, fault.Conflict) {
		return nil // settled by another process in between
	}
	return f
}

// Total reads what a workspace has spent; empty for one that never spent.
func (s *Store) Total(ctx context.Context, workspaceID string) (Total, error) {
	return readTotal(workspaceID, money.USD, s.total(workspaceID),
		func(ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, error) { return ref.Get(ctx) })
}

// Spends reads one page of what a workspace has spent, and the next page's cursor.
// Spends are in the order of what they paid for, each kind newest first.
func (s *Store) Spends(ctx context.Context, workspaceID string, limit int, cursor string) ([]Spend, string, error) {
	q := s.Client.Collection(Spends).Where("workspaceId", "==", workspaceID)
	return firestorex.Newest[Spend](ctx, q, limit, cursor)
}

// total is nil for a spend that belongs to no workspace.
func (s *Store) total(workspaceID string) *firestore.DocumentRef {
	if workspaceID == "" {
		return nil
	}
	return s.Client.Collection(Totals).Doc(workspaceID)
}

// get reads a document, inside a transaction or outside.
type get func(*firestore.DocumentRef) (*firestore.DocumentSnapshot, error)

func readTotal(workspaceID, currency string, ref *firestore.DocumentRef, read get) (Total, error) {
	t := Total{WorkspaceID: workspaceID, Currency: currency, Members: map[string]map[string]string{}, SchemaVersion: 1}
	if ref == nil {
		return t, nil
	}
	snap, err := read(ref)
	switch f := firestorex.Fault("credits.total", err); {
	case fault.Is(f, fault.NotFound):
		return t, nil
	case f != nil:
		return t, f
	}
	if err := snap.DataTo(&t); err != nil {
		return t, fault.Wrap("credits.total", err)
	}
	if t.Members == nil {
		t.Members = map[string]map[string]string{}
	}
	return t, nil
}

func exists(tx *firestore.Transaction, ref *firestore.DocumentRef) (bool, error) {
	_, err := tx.Get(ref)
	f := firestorex.Fault("credits.exists", err)
	if fault.Is(f, fault.NotFound) {
		return false, nil
	}
	return f == nil, f
}

func (s *Store) change(ctx context.Context, uid string, f func(*firestore.Transaction, *purse) error) error {
	if uid == "" {
		return fault.New(fault.Invalid, "Credits belong to somebody.")
	}
	ref := s.Client.Collection(Purses).Doc(uid)
	err := s.Client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		p, err := s.purse(uid, tx.Get)
		if err != nil {
			return err
		}
		if err := f(tx, &p); err != nil {
			return err
		}
		return tx.Set(ref, p)
	})
	return firestorex.Fault("credits", err)
}

// purse reads a purse, or opens a fresh one: its credits count from when the
// account first reached a tier, from now where that is not known.
func (s *Store) purse(uid string, read get) (purse, error) {
	p := purse{UID: uid, Limit: s.Rules.Initial.String(), Spent: "0", Currency: money.USD,
		StartedAt: s.Clock.Now(), Held: map[string]string{}, HeldFor: map[string]Claim{}, SchemaVersion: 1}
	snap, err := read(s.Client.Collection(Purses).Doc(uid))
	f := firestorex.Fault("credits.read", err)
	switch {
	case f == nil:
		if err := snap.DataTo(&p); err != nil {
			return p, fault.Wrap("credits.read", err)
		}
		if p.Held == nil {
			p.Held = map[string]string{}
		}
		if p.HeldFor == nil {
			p.HeldFor = map[string]Claim{}
		}
		return p, nil
	case !fault.Is(f, fault.NotFound):
		return p, f
	}
	snap, err = read(s.Client.Collection(access.Accounts).Doc(uid))
	switch f := firestorex.Fault("credits.account", err); {
	case fault.Is(f, fault.NotFound):
		return p, nil
	case f != nil:
		return p, f
	}
	var a access.Account
	if err := snap.DataTo(&a); err != nil {
		return p, fault.Wrap("credits.account", err)
	}
	if !a.FirstTierAt.IsZero() {
		p.StartedAt = a.FirstTierAt
	}
	return p, nil
}
