package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/outbox"
)

// round is how far the day's look at all accounts came: sweeps/moduleExpiry.
type round struct {
	Date   string `firestore:"date"`
	Cursor string `firestore:"cursor"` // the last account that was looked at
	Done   bool   `firestore:"done"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// expiry warns about modules that expire.
type expiry struct {
	client      *firestore.Client
	clock       clock.Clock
	log         *slog.Logger
	rules       access.Rules
	days        []int
	page, pages int
}

// run goes on with the day's round for some pages and gives the events to send.
// A round that two instances go on with at once does the same work twice and
// nothing else: the events' names see to that.
func (x *expiry) run(ctx context.Context) ([]string, error) {
	ref := x.client.Collection("sweeps").Doc("moduleExpiry")
	today := x.clock.Now().Format(time.DateOnly)
	r, err := read(ctx, ref)
	if err != nil {
		return nil, err
	}
	if r.Date != today {
		r = round{Date: today, SchemaVersion: 1}
	}
	var events []string
	for i := 0; i < x.pages && !r.Done; i++ {
		added, err := x.onePage(ctx, &r)
		events = append(events, added...)
		if err != nil {
			return events, err
		}
		if _, err := ref.Set(ctx, r); err != nil {
			return events, firestorex.Fault("reminders.round", err)
		}
	}
	return events, nil
}

func read(ctx context.Context, ref *firestore.DocumentRef) (round, error) {
	snap, err := ref.Get(ctx)
	r, _, err := firestorex.Decode[round]("reminders.round", snap, err)
	return r, firestorex.Fault("reminders.round", err)
}

// onePage looks at one page of accounts, in the order of their names.
func (x *expiry) onePage(ctx context.Context, r *round) ([]string, error) {
	q := x.client.Collection(access.Accounts).OrderBy(firestore.DocumentID, firestore.Asc)
	if r.Cursor != "" {
		q = q.StartAfter(r.Cursor)
	}
	snaps, err := q.Limit(x.page).Documents(ctx).GetAll()
	if err != nil {
		return nil, firestorex.Fault("reminders.accounts", err)
	}
	var events []string
	for _, snap := range snaps {
		added, err := x.account(ctx, snap)
		events = append(events, added...)
		if err != nil {
			return events, err
		}
		r.Cursor = snap.Ref.ID
	}
	r.Done = len(snaps) < x.page
	return events, nil
}

// account writes the warnings that are due for one account. A record that
// cannot be read is logged and passed over: it must not keep the others waiting.
func (x *expiry) account(ctx context.Context, snap *firestore.DocumentSnapshot) ([]string, error) {
	var a access.Account
	if err := snap.DataTo(&a); err != nil {
		x.log.ErrorContext(ctx, "account cannot be read", "account", snap.Ref.ID, "error", err.Error())
		return nil, nil
	}
	if a.Disabled {
		return nil, nil
	}
	now := x.clock.Now()
	var events []string
	var failed error
	for _, w := range warnings(access.Evaluate(a, access.Institution{}, x.rules, now).Modules, x.days, now) {
		one, added, err := outbox.AddOnce(ctx, x.client, w.key(snap.Ref.ID), w.event(snap.Ref.ID))
		if added {
			events = append(events, one)
		}
		failed = errors.Join(failed, err)
	}
	return events, failed
}
