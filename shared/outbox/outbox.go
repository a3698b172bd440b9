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
	// ExpireAt is when Firestore's time-to-live policy may remove a sent event;
	// an unsent one has none and stays.
	ExpireAt time.Time `firestore:"expireAt,omitempty" json:"-"`

	SchemaVersion int `firestore:"schemaVersion" json:"schemaVersion"`
}

// Retention is how long a sent event is kept, for looking into what was sent.
// Pub/Sub delivers nothing for longer than 31 days, and receivers keep their own
// record of what they have done.
const Retention = 31 * 24 * time.Hour

// Add writes an event inside a transaction and gives its identifier for Send.
func Add(tx *firestore.Transaction, c *firestore.Client, e Event) (string, error) {
	e.ID, e.Sent, e.SchemaVersion = id.New(id.Event, e.At), false, 1
	return e.ID, fault.Wrap("outbox.add", tx.Create(c.Collection(Collection).Doc(e.ID), e))
}

// AddOnce writes an event outside a transaction, for what time alone brings
// about, and gives its identifier. The key says what it means, such as
// "modexp-<uid>-training-2026-11-22-7": the identifier is made of key and
// e.At, so both must be the same on every attempt. added is false where the
// event is there already.
func AddOnce(ctx context.Context, c *firestore.Client, key string, e Event) (eventID string, added bool, err error) {
	e.ID, e.Sent, e.SchemaVersion = id.Derived(id.Event, e.At, key), false, 1
	_, err = c.Collection(Collection).Doc(e.ID).Create(ctx, e)
	if f := firestorex.Fault("outbox.addOnce", err); f != nil {
		if fault.Is(f, fault.Conflict) {
			return e.ID, false, nil
		}
		return "", false, f
	}
	return e.ID, true, nil
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

// sendTimeout bounds Send: its caller has done its work and waits to answer. The
// publisher would otherwise wait for Pub/Sub until the request's own deadline.
const sendTimeout = 5 * time.Second

// Send publishes the named events now. A failure is only logged: the record is
// committed and the sweep sends the event later.
func (s *Sender) Send(ctx context.Context, ids ...string) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
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

// maxFailures ends a sweep whose publisher is away, instead of waiting for each event.
const maxFailures = 3

// Sweep sends events that are older than age and unsent, the oldest first, at
// most limit of them, and says how many it sent. An event that cannot be sent
// does not keep the others back; the first failure is given with the count.
func (s *Sender) Sweep(ctx context.Context, age time.Duration, limit int) (int, error) {
	it := s.Client.Collection(Collection).Where("sent", "==", false).
		Where("at", "<=", s.Clock.Now().Add(-age)).OrderBy("at", firestore.Asc).Limit(limit).Documents(ctx)
	defer it.Stop()
	sent, failures := 0, 0
	var first error
	for failures < maxFailures {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return sent, firestorex.Fault("outbox.sweep", err)
		}
		if err := s.send(ctx, snap); err != nil {
			s.Log.WarnContext(ctx, "event stays in the outbox", "event", snap.Ref.ID, "error", err.Error())
			if !errors.Is(err, errUnreadable) {
				failures++
			}
			if first == nil {
				first = err
			}
			continue
		}
		sent++
	}
	return sent, first
}

// errUnreadable marks an event whose document cannot be decoded. It stays at the
// head of every sweep and says nothing of the publisher, so it must not end one.
var errUnreadable = errors.New("the document is no event")

// send publishes first and marks after: a death in between sends twice, never not at all.
func (s *Sender) send(ctx context.Context, snap *firestore.DocumentSnapshot) error {
	var e Event
	if err := snap.DataTo(&e); err != nil {
		return fault.Wrap("outbox.send", errors.Join(errUnreadable, err))
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
	_, err = snap.Ref.Update(ctx, []firestore.Update{{Path: "sent", Value: true}, {Path: "expireAt", Value: s.Clock.Now().Add(Retention)}})
	return firestorex.Fault("outbox.mark", err)
}
