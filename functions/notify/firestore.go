package notify

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
)

// noticesCollection holds what people have been told; the portal shows it.
const noticesCollection = "notices"

// notice is one thing that one person has been told. Its name is made of event
// and person, and sorts by time.
type notice struct {
	ID      string    `firestore:"id"`
	UID     string    `firestore:"uid"`
	EventID string    `firestore:"eventId"`
	Type    string    `firestore:"type"`
	Title   string    `firestore:"title"`
	Text    string    `firestore:"text"`
	Target  string    `firestore:"target"`
	At      time.Time `firestore:"at"`
	// MailedAt is zero until the mail has gone, and for ever where none goes.
	MailedAt time.Time `firestore:"mailedAt"`
	// Read is set by the portal.
	Read bool `firestore:"read"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// noticeOf is what one person is told about an event.
func noticeOf(e outbox.Event, uid, title, text string) notice {
	return notice{ID: id.Derived(id.Notice, e.At, e.ID+"/"+uid), UID: uid, EventID: e.ID, Type: e.Type,
		Title: title, Text: text, Target: e.Target, At: e.At, SchemaVersion: 1}
}

// notices keeps them in Firestore.
type notices struct {
	client        *firestore.Client
	clock         clock.Clock
	maxRecipients int
}

func (s *notices) ref(noticeID string) *firestore.DocumentRef {
	return s.client.Collection(noticesCollection).Doc(noticeID)
}

// recipients are the accounts that an event is told to.
func (s *notices) recipients(ctx context.Context, e outbox.Event, k kind) ([]access.Account, error) {
	accounts := s.client.Collection(access.Accounts)
	var snaps []*firestore.DocumentSnapshot
	var err error
	if k.role != "" {
		snaps, err = accounts.Where("adminRoles", "array-contains", string(k.role)).Limit(s.maxRecipients).Documents(ctx).GetAll()
	} else {
		snaps = make([]*firestore.DocumentSnapshot, 1)
		snaps[0], err = accounts.Doc(e.UID).Get(ctx)
	}
	if err != nil {
		return nil, firestorex.Fault("notify.recipients", err)
	}
	list := make([]access.Account, len(snaps))
	for i, snap := range snaps {
		if err := snap.DataTo(&list[i]); err != nil {
			return nil, fault.Wrap("notify.recipients", err)
		}
	}
	return list, nil
}

// create writes a notice, or says whether the one that is there has been mailed.
func (s *notices) create(ctx context.Context, n notice) (mailed bool, err error) {
	ref := s.ref(n.ID)
	_, err = ref.Create(ctx, n)
	switch f := firestorex.Fault("notice.create", err); {
	case f == nil:
		return false, nil
	case !fault.Is(f, fault.Conflict):
		return false, f
	}
	snap, err := ref.Get(ctx)
	if err != nil {
		return false, firestorex.Fault("notice.read", err)
	}
	var there notice
	if err := snap.DataTo(&there); err != nil {
		return false, fault.Wrap("notice.read", err)
	}
	return !there.MailedAt.IsZero(), nil
}

func (s *notices) markMailed(ctx context.Context, noticeID string) error {
	_, err := s.ref(noticeID).Update(ctx, []firestore.Update{{Path: "mailedAt", Value: s.clock.Now()}})
	return firestorex.Fault("notice.mark", err)
}
