package review

import (
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
)

// Schema is the version of the form of the records of this package.
const Schema = 1

// Open is the record of OpenReviews: that a workspace has an open review, and
// what time alone brings about of it. It has no etag that anybody relies on, so
// that a reminder makes nobody's decision stale.
type Open struct {
	ReviewID    string `firestore:"reviewId"`
	WorkspaceID string `firestore:"workspaceId"`
	Name        string `firestore:"name"` // the workspace's, as in the review
	// DueAt is when the answer is due, of a review that is waiting.
	DueAt time.Time `firestore:"dueAt,omitempty"`
	// RemindAt is when the board is told next: a day before it is due, then when it
	// is overdue. Absent while the board has nothing to do, and afterwards.
	RemindAt time.Time `firestore:"remindAt,omitempty"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// RemindBefore is how long before an answer is due the board is told.
const RemindBefore = 24 * time.Hour

// OpenOf is the record of an open review.
func OpenOf(r Review) Open {
	o := Open{ReviewID: r.ID, WorkspaceID: r.WorkspaceID, Name: r.Name, SchemaVersion: Schema}
	if r.State == Waiting {
		o.DueAt, o.RemindAt = r.DueAt, r.DueAt.Add(-RemindBefore)
	}
	return o
}

// Opening is what a workspace's open review is, read in a transaction, and what
// opens one where there is none.
type Opening struct {
	client *firestore.Client
	// ReviewID is the open review's; "" where there is none.
	ReviewID string
}

// Plan reads whether a workspace has an open review. It comes before the
// transaction's writes; Open comes among them.
func Plan(tx *firestore.Transaction, c *firestore.Client, workspaceID string) (Opening, error) {
	snap, err := tx.Get(c.Collection(OpenReviews).Doc(workspaceID))
	there, _, err := firestorex.Decode[Open]("review.open", snap, err)
	return Opening{c, there.ReviewID}, err
}

// Asked is who asks for a review, and when.
type Asked struct {
	// Actor is the uid, or what audit.System gives where nobody is signed in.
	Actor string
	// Origin is OriginOwner or OriginPublic.
	Origin string
	At     time.Time
}

// Open opens a review of the workspace, or finds the one that is open. It gives
// the review's identifier and the events to send; none where one was open
// already. A review, its mark, its audit entry and its events come together.
func (o Opening) Open(tx *firestore.Transaction, w access.Workspace, by Asked, cal Calendar) (reviewID string, events []string, err error) {
	if o.ReviewID != "" {
		return o.ReviewID, nil, nil
	}
	r := Review{
		ID: id.New(id.Review, by.At), WorkspaceID: w.ID, Name: w.Name, Origin: by.Origin,
		OpenedAt: by.At, DueAt: cal.Due(by.At), SchemaVersion: Schema,
	}
	uid := by.Actor
	if audit.IsSystem(uid) {
		uid = ""
	}
	r = r.with(ActOpened, uid, "", Waiting, by.At)
	if err := tx.Create(o.client.Collection(Collection).Doc(r.ID), r); err != nil {
		return "", nil, fault.Wrap("review.create", err)
	}
	if err := tx.Create(o.client.Collection(OpenReviews).Doc(w.ID), OpenOf(r)); err != nil {
		return "", nil, fault.Wrap("review.create", err)
	}
	err = audit.Add(tx, o.client, audit.Entry{At: by.At, Actor: by.Actor, Act: "review.opened", Target: Collection + "/" + r.ID,
		After: "workspace " + w.ID + ", due " + r.DueAt.Format(time.RFC3339)})
	if err != nil {
		return "", nil, err
	}
	for _, kind := range []string{"review.opened", "review.queued"} { // to the owner, to the board
		e := r.Event(kind, by.At)
		e.UID = w.OwnerUID
		one, err := outbox.Add(tx, o.client, e)
		if err != nil {
			return "", nil, err
		}
		events = append(events, one)
	}
	return r.ID, events, nil
}

// Event is an event about the review, with what every text about one may use.
func (r Review) Event(kind string, at time.Time) outbox.Event {
	return outbox.Event{Type: kind, At: at, Target: Collection + "/" + r.ID, Data: map[string]string{
		"name": r.Name, "workspaceId": r.WorkspaceID, "review": r.ID, "due": DueText(r.DueAt)}}
}

// DueText says a due date in a text: the last moment at which an answer is in
// time is the minute before it.
func DueText(due time.Time) string {
	return due.Add(-time.Minute).UTC().Format("2 January 2006, 15:04") + " UTC"
}
