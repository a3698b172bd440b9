package billingalerts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/money"
	"researchhub.example/hub/shared/outbox"
)

// messages is the collection of notifications that raised something.
const messages = "budgetMessages"

// message is one of them. Firestore's time-to-live policy on expiresAt removes
// it once Pub/Sub cannot deliver it any more.
type message struct {
	ID        string    `firestore:"id"`
	At        time.Time `firestore:"at"`
	ExpiresAt time.Time `firestore:"expiresAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// store raises alerts in Firestore.
type store struct {
	client     *firestore.Client
	clock      clock.Clock
	thresholds Thresholds
	retention  time.Duration
}

// raise records what a notification crosses and gives the events to send. All
// of it is one transaction; a message or a threshold that has been there
// changes nothing.
func (s *store) raise(ctx context.Context, messageID string, n notification) ([]string, error) {
	crossed := s.thresholds.crossed(n)
	if len(crossed) == 0 {
		return nil, s.known(ctx, n.budgetName)
	}
	var events []string
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		events = nil // the function runs again when another process was faster
		seen, there, err := s.read(tx, messageID, n, crossed)
		if err != nil || seen {
			return err
		}
		b, w, err := s.target(tx, n.budgetName)
		if err != nil {
			return err
		}
		d := decide(crossed, func(t budget.Threshold) bool { return there[t] })
		if len(d.record) == 0 {
			return nil
		}
		now := s.clock.Now()
		notified := map[budget.Threshold]bool{}
		for _, t := range d.notify {
			notified[t] = true
			one, err := outbox.Add(tx, s.client, event(n, b, w, t, now))
			if err != nil {
				return err
			}
			events = append(events, one)
		}
		for _, t := range d.record {
			a := alertOf(n, b, t, messageID, now)
			a.Notified = notified[t]
			if err := tx.Create(s.client.Collection(budget.Alerts).Doc(a.ID), a); err != nil {
				return err
			}
		}
		return tx.Create(s.message(messageID), message{ID: messageID, At: now, ExpiresAt: now.Add(s.retention), SchemaVersion: 1})
	})
	f := firestorex.Fault("billingalerts.raise", err)
	if fault.Is(f, fault.Conflict) {
		// Another process recorded one of them in between. What else this
		// notification crosses must not be lost with it: let it come again.
		return nil, fault.Because(fault.Unavailable, f, "Another notification of this budget was faster. Try again.")
	}
	if f != nil {
		return nil, f
	}
	return events, nil
}

// read says whether the message has been handled, and which thresholds have an
// alert. One call for all, before the transaction writes.
func (s *store) read(tx *firestore.Transaction, messageID string, n notification, crossed []budget.Threshold) (bool, map[budget.Threshold]bool, error) {
	refs := []*firestore.DocumentRef{s.message(messageID)}
	for _, t := range crossed {
		refs = append(refs, s.client.Collection(budget.Alerts).Doc(budget.AlertName(n.budgetName, n.intervalStart, t)))
	}
	snaps, err := tx.GetAll(refs)
	if err != nil {
		return false, nil, firestorex.Fault("billingalerts.read", err)
	}
	there := map[budget.Threshold]bool{}
	for i, t := range crossed {
		there[t] = snaps[i+1].Exists()
	}
	return snaps[0].Exists(), there, nil
}

var errUnknown = fault.New(fault.NotFound, "The budget of this notification watches no workspace.")

// target is the budget and the workspace that it watches.
func (s *store) target(tx *firestore.Transaction, budgetName string) (budget.Budget, access.Workspace, error) {
	var b budget.Budget
	var w access.Workspace
	if err := load(tx, s.client.Collection(budget.Collection).Doc(budgetName), &b); err != nil {
		return b, w, err
	}
	err := load(tx, s.client.Collection(access.Workspaces).Doc(b.WorkspaceID), &w)
	return b, w, err
}

func load(tx *firestore.Transaction, ref *firestore.DocumentRef, v any) error {
	snap, err := tx.Get(ref)
	f := firestorex.Fault("billingalerts.load", err)
	switch {
	case fault.Is(f, fault.NotFound):
		return errUnknown
	case f != nil:
		return f
	}
	return fault.Wrap("billingalerts.load", snap.DataTo(v))
}

// known is nil for a budget that watches a workspace. A notification of any
// other is kept as a dead letter even when it crosses nothing, so that a
// mapping that was forgotten shows before the money is gone.
func (s *store) known(ctx context.Context, budgetName string) error {
	_, err := s.client.Collection(budget.Collection).Doc(budgetName).Get(ctx)
	f := firestorex.Fault("billingalerts.known", err)
	if fault.Is(f, fault.NotFound) {
		return errUnknown
	}
	return f
}

// message is named by a hash, because nothing bounds what Pub/Sub may call a message.
func (s *store) message(messageID string) *firestore.DocumentRef {
	sum := sha256.Sum256([]byte(messageID))
	return s.client.Collection(messages).Doc(hex.EncodeToString(sum[:]))
}

func alertOf(n notification, b budget.Budget, t budget.Threshold, messageID string, now time.Time) budget.Alert {
	return budget.Alert{
		ID: budget.AlertName(n.budgetName, n.intervalStart, t), BudgetID: n.budgetName, WorkspaceID: b.WorkspaceID,
		Threshold: t, IntervalStart: n.intervalStart, Cost: n.cost.String(), Amount: n.budget.String(), Currency: n.currency,
		MessageID: messageID, At: now, SchemaVersion: 1,
	}
}

// event tells the workspace's owner, whose money it is.
func event(n notification, b budget.Budget, w access.Workspace, t budget.Threshold, now time.Time) outbox.Event {
	return outbox.Event{
		Type: "billing.alertRaised", At: now, UID: w.OwnerUID,
		Target: budget.Alerts + "/" + budget.AlertName(n.budgetName, n.intervalStart, t),
		Data: map[string]string{
			"basis": string(t.Basis), "percent": strconv.Itoa(t.Percent),
			"cost": shown(n.cost.String(), n.currency), "amount": shown(n.budget.String(), n.currency),
			"budget": n.displayName, "workspace": w.Name, "workspaceId": b.WorkspaceID,
			"intervalStart": n.intervalStart.Format(time.DateOnly),
		},
	}
}

// shown is an amount for people.
func shown(value, currency string) string {
	if m, err := money.Parse(value, currency); err == nil {
		return m.String()
	}
	return value + " " + currency
}
