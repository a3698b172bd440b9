// Package credits keeps what a researcher may spend: initial credits, what has
// been spent, and what running jobs hold. A job's cost is held before it starts
// and settled when it ends, so that two jobs started at the same moment cannot
// spend the same dollar, and a settlement that comes twice counts once.
package credits

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/money"
)

// Collections of this package.
const (
	Purses = "purses"
	Spends = "spends"
)

// Rules are the numbers of the credit rules.
type Rules struct {
	// Initial is what a researcher starts with, in USD.
	Initial decimal.Decimal `env:"HUB_INITIAL_CREDITS_USD, default=300"`
	// Validity is how long credits last from first reaching any tier.
	Validity time.Duration `env:"HUB_CREDITS_VALIDITY, default=8760h"`
}

// DefaultRules are the programme's: 300 USD for 365 days.
func DefaultRules() Rules {
	return Rules{Initial: decimal.NewFromInt(300), Validity: 365 * 24 * time.Hour}
}

// purse is one researcher's credits: document uid of collection "purses".
// Amounts are decimal text, because Firestore's numbers are floats.
type purse struct {
	UID       string            `firestore:"uid"`
	Limit     string            `firestore:"limit"`
	Spent     string            `firestore:"spent"`
	Currency  string            `firestore:"currency"`
	Held      map[string]string `firestore:"held"`
	StartedAt time.Time         `firestore:"startedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// The kinds of spend.
const (
	Query   = "query"
	Storage = "storage"
	Compute = "compute"
)

// Spend is one settled cost: collection "spends", named by what it paid for.
type Spend struct {
	// ID names what was paid for, such as a run's identifier: it settles once.
	ID          string    `firestore:"id"`
	OwnerUID    string    `firestore:"ownerUid"`  // who pays
	MemberUID   string    `firestore:"memberUid"` // who caused it
	WorkspaceID string    `firestore:"workspaceId"`
	Kind        string    `firestore:"kind"`
	Amount      string    `firestore:"amount"` // decimal text
	Currency    string    `firestore:"currency"`
	At          time.Time `firestore:"at"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Standing is how a researcher's credits stand at one moment.
type Standing struct {
	Limit, Spent, Held, Left money.Amount
	ExpiresAt                time.Time
	Expired                  bool
}

// Store keeps purses in Firestore.
type Store struct {
	Client *firestore.Client
	Rules  Rules
	Clock  clock.Clock
}

// Standing reads how the owner's credits stand. A researcher who never spent
// has the initial credits.
func (s *Store) Standing(ctx context.Context, ownerUID string) (Standing, error) {
	snap, err := s.Client.Collection(Purses).Doc(ownerUID).Get(ctx)
	p, err := s.decode(ownerUID, snap, err)
	if err != nil {
		return Standing{}, err
	}
	return s.standing(p)
}

// Hold keeps amount back for a job before it starts. It fails with
// fault.Budget, and says how much is left, when that does not cover it. A
// second hold of the same id replaces the first.
func (s *Store) Hold(ctx context.Context, ownerUID, id string, amount money.Amount) error {
	return s.change(ctx, ownerUID, func(_ *firestore.Transaction, p *purse) error {
		delete(p.Held, id)
		st, err := s.standing(*p)
		if err != nil {
			return err
		}
		if st.Expired {
			return fault.New(fault.Budget, "The credits ended on %s. Attach a billing account to go on.", st.ExpiresAt.Format(time.DateOnly))
		}
		if c, err := amount.Cmp(st.Left); err != nil {
			return fault.Wrap("credits.hold", err)
		} else if c > 0 {
			return fault.New(fault.Budget, "This may cost %s, and %s is left. Ask for less, or attach a billing account.", amount, st.Left)
		}
		p.Held[id] = amount.Value().String()
		return nil
	})
}

// Release gives back what was held for a job that did not run.
func (s *Store) Release(ctx context.Context, ownerUID, id string) error {
	return s.change(ctx, ownerUID, func(_ *firestore.Transaction, p *purse) error {
		delete(p.Held, id)
		return nil
	})
}

// Settle turns a hold into a spend. The same spend settled again changes nothing.
func (s *Store) Settle(ctx context.Context, sp Spend) error {
	amount, err := money.Parse(sp.Amount, sp.Currency)
	if err != nil {
		return fault.Wrap("credits.settle", err)
	}
	ref := s.Client.Collection(Spends).Doc(sp.ID)
	err = s.Client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if _, err := tx.Get(ref); err == nil {
			return nil
		} else if f := firestorex.Fault("credits.settle", err); !fault.Is(f, fault.NotFound) {
			return f
		}
		snap, err := tx.Get(s.Client.Collection(Purses).Doc(sp.OwnerUID))
		p, err := s.decode(sp.OwnerUID, snap, err)
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
		delete(p.Held, sp.ID)
		sp.SchemaVersion = 1
		if err := tx.Create(ref, sp); err != nil {
			return err
		}
		return tx.Set(s.Client.Collection(Purses).Doc(sp.OwnerUID), p)
	})
	return firestorex.Fault("credits.settle", err)
}

func (s *Store) change(ctx context.Context, uid string, f func(*firestore.Transaction, *purse) error) error {
	ref := s.Client.Collection(Purses).Doc(uid)
	err := s.Client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		p, err := s.decode(uid, snap, err)
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

// decode gives the purse, a fresh one where there is none.
func (s *Store) decode(uid string, snap *firestore.DocumentSnapshot, err error) (purse, error) {
	p := purse{UID: uid, Limit: s.Rules.Initial.String(), Spent: "0", Currency: money.USD,
		StartedAt: s.Clock.Now(), Held: map[string]string{}, SchemaVersion: 1}
	if err != nil {
		if f := firestorex.Fault("credits.read", err); !fault.Is(f, fault.NotFound) {
			return p, f
		}
		return p, nil
	}
	if err := snap.DataTo(&p); err != nil {
		return p, fault.Wrap("credits.read", err)
	}
	if p.Held == nil {
		p.Held = map[string]string{}
	}
	return p, nil
}

func (s *Store) standing(p purse) (Standing, error) {
	var st Standing
	var err error
	if st.Limit, err = money.Parse(p.Limit, p.Currency); err != nil {
		return st, fault.Wrap("credits.limit", err)
	}
	if st.Spent, err = money.Parse(p.Spent, p.Currency); err != nil {
		return st, fault.Wrap("credits.spent", err)
	}
	st.Held = money.MustParse("0", p.Currency)
	for _, h := range p.Held {
		one, err := money.Parse(h, p.Currency)
		if err == nil {
			st.Held, err = st.Held.Add(one)
		}
		if err != nil {
			return st, fault.Wrap("credits.held", err)
		}
	}
	left := st.Limit.Value().Sub(st.Spent.Value()).Sub(st.Held.Value())
	if left.IsNegative() {
		left = decimal.Zero
	}
	if st.Left, err = money.New(left, p.Currency); err != nil {
		return st, fault.Wrap("credits.left", err)
	}
	st.ExpiresAt = p.StartedAt.Add(s.Rules.Validity)
	st.Expired = !s.Clock.Now().Before(st.ExpiresAt)
	return st, nil
}
