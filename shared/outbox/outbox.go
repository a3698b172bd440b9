// Package outbox carries domain events out of Firestore transactions: the
// transaction that changes a record writes the event beside it, a publisher
// sends it after the commit, and a sweep sends what was left behind by a
// process that died in between. Delivery is at least once, so a receiver keys
// its effects by the event's identifier.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// Collection holds the events, sent and unsent.
const Collection = "outbox"

// Topic is where domain events go; the notify function listens.
const Topic = "hub-events"

// Event is something that happened to a record.
type Event struct {
	ID   string    `firestore:"id" json:"id"`
	Type string    `firestore:"type" json:"type"` // such as "billing.alertRaised"
	At   time.Time `firestore:"at" json:"at"`
	// UID is whom it concerns: who gets the mail or the notice.
	UID string `firestore:"uid" json:"uid"`
	// Target is the record's path, such as "reports/rep_...".
	Target string `firestore:"target" json:"target"`
	// Data holds the few values that a message about it needs; no secrets.
	Data map[string]string `firestore:"data" json:"data"`
	Sent bool              `firestore:"sent" json:"-"`

	SchemaVersion int `firestore:"schemaVersion" json:"schemaVersion"`
}

// Add writes an event inside a transaction and gives its identifier for Send.
func Add(tx *firestore.Transaction, c *firestore.Client, e Event) (string, error) {
	e.ID, e.Sent, e.SchemaVersion = id.New(id.Event, e.At), false, 1
	return e.ID, fault.Wrap("outbox.add", tx.Create(c.Collection(Collection).Doc(e.ID), e))
}

// Publisher is what sends: pubsubx.Publisher, or a fake.
type Publisher interface {
	Publish(ctx context.Context, topic string, data []byte, attributes map[string]string) error
}

// Sender publishes events that have been committed.
type Sender struct {
	Client    *firestore.Client
	Publisher Publisher
	Log       *slog.Logger
	Clock     clock.Clock
}

// Send publishes the named events now. A failure is only logged: the record is
// committed and the sweep sends the event later.
func (s *Sender) Send(ctx context.Context, ids ...string) {
	for _, one := range ids {
		snap, err := s.Client.Collection(Collection).Doc(one).Get(ctx)
		if err == nil {
			err = s.send(ctx, snap)
		}
		if err != nil {
			s.Log.WarnContext(ctx, "event stays in the outbox for the sweep", "event", one, "error", err.Error())
		}
	}
}

// Sweep sends events that are older than age and unsent, at most limit of them,
// and says how many it sent.
func (s *Sender) Sweep(ctx context.Context, age time.Duration, limit int) (int, error) {
	it := s.Client.Collection(Collection).Where("sent", "==", false).
		Where("at", "<=", s.Clock.Now().Add(-age)).OrderBy("at", firestore.Asc).Limit(limit).Documents(ctx)
	defer it.Stop()
	sent := 0
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return sent, nil
		}
		if err != nil {
			return sent, firestorex.Fault("outbox.sweep", err)
		}
		if err := s.send(ctx, snap); err != nil {
			return sent, err
		}
		sent++
	}
}

// send publishes first and marks after: a death in between sends twice, never not at all.
func (s *Sender) send(ctx context.Context, snap *firestore.DocumentSnapshot) error {
	var e Event
	if err := snap.DataTo(&e); err != nil {
		return fault.Wrap("outbox.send", err)
	}
	if e.Sent {
		return nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fault.Wrap("outbox.send", err)
	}
	if err := s.Publisher.Publish(ctx, Topic, body, map[string]string{"type": e.Type, "event": e.ID}); err != nil {
		return err
	}
	_, err = snap.Ref.Update(ctx, []firestore.Update{{Path: "sent", Value: true}})
	return firestorex.Fault("outbox.mark", err)
}
