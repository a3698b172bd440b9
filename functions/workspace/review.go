package workspace

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/session"
)

// maxComment bounds a decision's comment and an owner's answer, in characters.
const maxComment = 2000

// caseFile is what an act on a review finds: the review and its workspace.
type caseFile struct {
	review    review.Review
	workspace access.Workspace
	// there is false where the workspace has been removed, or is being removed.
	there bool
}

// verdict is what an act on a review makes of both.
type verdict struct {
	review review.Review
	// workspace is the workspace afterwards, nil where nothing of it changes.
	workspace *access.Workspace
	// deed tells the change of the workspace.
	deed deed
	// event is told where nothing of the workspace changes: to its owner, or to
	// the board.
	event string
}

// act changes a review, with what that does to its workspace, in one transaction:
// both records, the mark of the open review, audit entries, the event. may says
// who may do such things at all, before anybody learns whether the etag is
// current; do says what comes of it.
func (s *service) act(ctx context.Context, p session.Principal, reviewID, ifMatch string, may func(caseFile) error, do func(caseFile) (verdict, error)) (review.Review, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return review.Review{}, "", err
	}
	if id.Check(id.Review, reviewID) != nil {
		return review.Review{}, "", errNoReview()
	}
	var v verdict
	var event string
	var answer firestore.CommitResponse
	err = s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		event = ""
		snap, c, err := s.caseFile(tx, reviewID)
		if err != nil {
			return err
		}
		err = may(c)
		if err == nil {
			err = firestorex.CheckETag(snap, want)
		}
		if err == nil {
			v, err = do(c)
		}
		if err != nil {
			return err
		}
		if v.workspace != nil {
			event, err = s.commit(tx, p.UID, c.workspace, v.workspace, v.deed)
		} else {
			event, err = s.tell(tx, c, v)
		}
		if err != nil {
			return err
		}
		return s.writeReview(tx, p.UID, c.review, v.review)
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return review.Review{}, "", firestorex.Fault("review.act", err)
	}
	if event != "" {
		s.events.Send(ctx, event)
	}
	etag, err := lastETag(&answer)
	return v.review, etag, err
}

func errNoReview() error { return fault.New(fault.NotFound, "There is no such review.") }

// caseFile reads a review and its workspace inside a transaction.
func (s *service) caseFile(tx *firestore.Transaction, reviewID string) (*firestore.DocumentSnapshot, caseFile, error) {
	var c caseFile
	snap, err := tx.Get(s.gate.Client.Collection(review.Collection).Doc(reviewID))
	r, found, err := firestorex.Decode[review.Review]("review", snap, err)
	if err == nil && !found {
		err = errNoReview()
	}
	if err != nil {
		return nil, c, err
	}
	wsnap, err := tx.Get(s.gate.Client.Collection(access.Workspaces).Doc(r.WorkspaceID))
	w, found, err := firestorex.Decode[access.Workspace]("review.workspace", wsnap, err)
	return snap, caseFile{r, w, found && w.State != access.Purging}, err
}

// tell writes the event of an act that changes nothing of the workspace. Nobody
// owns a workspace that is gone.
func (s *service) tell(tx *firestore.Transaction, c caseFile, v verdict) (string, error) {
	if !c.there {
		return "", nil
	}
	last := v.review.History[len(v.review.History)-1]
	e := v.review.Event(v.event, last.At)
	e.UID, e.Data["name"] = c.workspace.OwnerUID, c.workspace.Name
	e.Data["decision"], e.Data["comment"] = last.Act, last.Comment
	return outbox.Add(tx, s.gate.Client, e)
}

// writeReview writes the review last of all, so that its etag is that of the
// transaction's last write. The mark of the open review changes with state and
// due date only: what the board has been reminded of stays.
func (s *service) writeReview(tx *firestore.Transaction, actor string, before, after review.Review) error {
	client := s.gate.Client
	last := after.History[len(after.History)-1]
	err := audit.Add(tx, client, audit.Entry{At: last.At, Actor: actor, Act: "review." + last.Act, Target: review.Collection + "/" + after.ID,
		Reason: last.Comment, Before: string(before.State), After: string(after.State)})
	if err != nil {
		return err
	}
	mark := client.Collection(review.OpenReviews).Doc(after.WorkspaceID)
	switch {
	case after.State.Ended():
		err = tx.Delete(mark)
	case after.State != before.State || !after.DueAt.Equal(before.DueAt):
		err = tx.Set(mark, review.OpenOf(after))
	}
	if err != nil {
		return err
	}
	return tx.Set(client.Collection(review.Collection).Doc(after.ID), after)
}

// lastETag is the etag of the last record that a transaction wrote.
func lastETag(answer *firestore.CommitResponse) (string, error) {
	results, err := answer.WriteResults()
	if err == nil && len(results) == 0 {
		err = errors.New("no write result")
	}
	if err != nil {
		return "", fault.Wrap("review.etag", err)
	}
	return firestorex.ETag(results[len(results)-1].UpdateTime), nil
}
