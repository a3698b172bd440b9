package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/review"
)

// reviewsDue tells the review board of answers that are due within a day, and of
// those that are overdue: of each once. What is next told of a review, and when,
// stands in the mark of the open review, which moves on in the transaction that
// writes the event: so a death, a message that comes twice and two instances tell
// nothing twice, and what was missed is made up for.
type reviewsDue struct {
	client *firestore.Client
	clock  clock.Clock
	log    *slog.Logger
	// most bounds how many reviews one message tells of.
	most int
}

// run tells of what is due and gives the events to send.
func (x *reviewsDue) run(ctx context.Context) ([]string, error) {
	snaps, err := x.client.Collection(review.OpenReviews).Where("remindAt", "<=", x.clock.Now()).
		OrderBy("remindAt", firestore.Asc).Limit(x.most).Documents(ctx).GetAll()
	if err != nil {
		return nil, firestorex.Fault("reminders.reviews", err)
	}
	var events []string
	var failed error
	for _, snap := range snaps {
		// One that cannot be told of keeps none of the others.
		event, err := x.one(ctx, snap.Ref)
		if err != nil {
			x.log.ErrorContext(ctx, "review cannot be told of", "workspace", snap.Ref.ID, "error", err.Error())
			failed = errors.Join(failed, firestorex.Fault("reminders.review", err))
		}
		if event != "" {
			events = append(events, event)
		}
	}
	return events, failed
}

// one tells of one review, unless somebody else has or the board has answered.
func (x *reviewsDue) one(ctx context.Context, ref *firestore.DocumentRef) (event string, err error) {
	err = x.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		event = ""
		snap, err := tx.Get(ref)
		mark, found, err := firestorex.Decode[review.Open]("reminders.review", snap, err)
		now := x.clock.Now()
		if err != nil || !found || mark.RemindAt.IsZero() || now.Before(mark.RemindAt) {
			return err
		}
		kind, next := "review.due", mark.DueAt
		if !now.Before(mark.DueAt) {
			kind, next = "review.overdue", time.Time{}
		}
		about := review.Review{ID: mark.ReviewID, WorkspaceID: mark.WorkspaceID, Name: mark.Name, DueAt: mark.DueAt}
		if event, err = outbox.Add(tx, x.client, about.Event(kind, now)); err != nil {
			return err
		}
		mark.RemindAt = next
		return tx.Set(ref, mark)
	})
	if err != nil {
		return "", err
	}
	return event, nil
}
