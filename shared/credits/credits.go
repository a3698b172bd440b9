// Package credits keeps what a researcher may spend: initial credits, what has
// been spent, and what running jobs hold. A job's cost is held before it starts
// and settled when it ends, so that two jobs started at the same moment cannot
// spend the same dollar, and a settlement that comes twice counts once.
package credits

import (
	"regexp"
	"time"

	"github.com/shopspring/decimal"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/money"
)

// Collections of this package.
const (
	Purses = "purses"
	Spends = "spends"
	Totals = "spendTotals"
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
	UID      string            `firestore:"uid"`
	Limit    string            `firestore:"limit"`
	Spent    string            `firestore:"spent"`
	Currency string            `firestore:"currency"`
	Held     map[string]string `firestore:"held"`
	// HeldFor says of every hold what finds and settles it when its process died.
	HeldFor   map[string]Claim `firestore:"heldFor"`
	StartedAt time.Time        `firestore:"startedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Claim is what a hold is kept for.
type Claim struct {
	// ID names what will be paid for, such as a run's identifier.
	ID          string `firestore:"id"`
	OwnerUID    string `firestore:"ownerUid"`  // who pays
	MemberUID   string `firestore:"memberUid"` // who caused it
	WorkspaceID string `firestore:"workspaceId"`
	// At is when it was held last; Store.Hold writes it.
	At time.Time `firestore:"at"`
}

// stale gives at most limit holds made before a moment, any of them: a map's
// order changes from call to call, so that one that cannot be settled does not
// keep the others waiting.
func (p purse) stale(before time.Time, limit int) []Claim {
	var list []Claim
	for id := range p.Held {
		c := p.HeldFor[id]
		if len(list) == limit {
			break
		}
		if c.At.Before(before) {
			// A hold written before claims were kept has none: its owner pays for it.
			c.ID, c.OwnerUID = id, p.UID
			if c.MemberUID == "" {
				c.MemberUID = p.UID
			}
			list = append(list, c)
		}
	}
	return list
}

// drop takes a hold off.
func (p purse) drop(id string) {
	delete(p.Held, id)
	delete(p.HeldFor, id)
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

// nameForm is what a hold and a spend may be called: they name documents and
// become cursors of lists.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// check gives the amount of a spend that may be settled.
func (sp Spend) check() (money.Amount, error) {
	amount, err := money.Parse(sp.Amount, sp.Currency)
	switch {
	case err != nil:
		return amount, fault.Because(fault.Invalid, err, "A spend is a decimal amount in one currency.")
	case amount.Negative():
		return amount, fault.New(fault.Invalid, "A spend is not negative.")
	case !nameForm.MatchString(sp.ID) || sp.OwnerUID == "":
		return amount, fault.New(fault.Invalid, "A spend names what was paid for and who pays.")
	case sp.Kind != Query && sp.Kind != Storage && sp.Kind != Compute:
		return amount, fault.New(fault.Invalid, "A spend is of the kind query, storage or compute.")
	}
	return amount, nil
}

// Total is what a workspace has spent since it exists: collection
// "spendTotals", named by the workspace. It is kept by the transaction that
// settles a spend, so it always equals the sum of the workspace's spends.
type Total struct {
	WorkspaceID string `firestore:"workspaceId"`
	Currency    string `firestore:"currency"`
	// Members maps uid to kind to decimal text.
	Members map[string]map[string]string `firestore:"members"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// add counts one spend in.
func (t *Total) add(sp Spend, amount money.Amount) error {
	kinds := t.Members[sp.MemberUID]
	if kinds == nil {
		kinds = map[string]string{}
		t.Members[sp.MemberUID] = kinds
	}
	before, err := money.Parse(orZero(kinds[sp.Kind]), t.Currency)
	if err != nil {
		return fault.Wrap("credits.total", err)
	}
	sum, err := before.Add(amount)
	if err != nil {
		return fault.Wrap("credits.total", err)
	}
	kinds[sp.Kind] = sum.Value().String()
	return nil
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// Standing is how a researcher's credits stand at one moment.
type Standing struct {
	Limit, Spent, Held, Left money.Amount
	ExpiresAt                time.Time
	Expired                  bool
}

// standing reckons how a purse stands at one moment.
func (p purse) standing(validity time.Duration, now time.Time) (Standing, error) {
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
	st.ExpiresAt = p.StartedAt.Add(validity)
	st.Expired = !now.Before(st.ExpiresAt)
	return st, nil
}
