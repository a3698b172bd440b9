package portal

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// noticesCollection holds the in-app notices that the notify function writes.
const noticesCollection = "notices"

// notice is one message to one researcher.
type notice struct {
	ID      string    `firestore:"id"`
	UID     string    `firestore:"uid"`
	EventID string    `firestore:"eventId"`
	Title   string    `firestore:"title"`
	Text    string    `firestore:"text"`
	At      time.Time `firestore:"at"`
	Read    bool      `firestore:"read"`
}

// notices gives one page of somebody's notices, newest first.
func (s *service) notices(ctx context.Context, uid string, limit int, cursor string) ([]notice, string, error) {
	q := s.client.Collection(noticesCollection).Where("uid", "==", uid)
	return firestorex.Newest[notice](ctx, q, limit, cursor)
}

// markRead marks a notice of that person as read; again changes nothing.
func (s *service) markRead(ctx context.Context, uid, noticeID string) error {
	missing := fault.New(fault.NotFound, "There is no such notice.")
	if id.Check(id.Notice, noticeID) != nil {
		return missing
	}
	ref := s.client.Collection(noticesCollection).Doc(noticeID)
	err := s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		if err != nil {
			return err
		}
		var n notice
		if err := snap.DataTo(&n); err != nil {
			return err
		}
		if n.UID != uid {
			return missing
		}
		if n.Read {
			return nil
		}
		return tx.Update(ref, []firestore.Update{{Path: "read", Value: true}})
	})
	if f := firestorex.Fault("notice.read", err); fault.Is(f, fault.NotFound) {
		return missing
	} else if f != nil {
		return f
	}
	return nil
}
