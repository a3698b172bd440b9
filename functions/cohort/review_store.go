package cohort

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

func (r room) reviewRef(workspace, reviewID string) *firestore.DocumentRef {
	return r.collection(workspace, participantReviews).Doc(reviewID)
}

// review reads one.
func (r room) review(ctx context.Context, workspace, reviewID string) (review, error) {
	missing := fault.New(fault.NotFound, "There is no such review in this workspace.")
	if id.Check(id.ParticipantReview, reviewID) != nil {
		return review{}, missing
	}
	snap, err := r.reviewRef(workspace, reviewID).Get(ctx)
	rv, found, err := firestorex.Decode[review]("review.get", snap, err)
	return rv, orMissing(err, found, missing)
}

// openReview reads one that is whole.
func (r room) openReview(ctx context.Context, workspace, reviewID string) (review, error) {
	rv, err := r.review(ctx, workspace, reviewID)
	if err == nil && rv.State != ready {
		err = fault.New(fault.Conflict, "The sample of this review is not complete yet: resume it.")
	}
	return rv, err
}

// addReview keeps a new one, before its sample is drawn.
func (r room) addReview(ctx context.Context, rv review) error {
	return firestorex.Fault("review.create", r.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if err := r.within(ctx, tx, rv.WorkspaceID, participantReviews, r.bounds.Reviews, "participant reviews"); err != nil {
			return err
		}
		return tx.Create(r.reviewRef(rv.WorkspaceID, rv.ID), rv)
	}))
}

// writeBatch is how many participants are written before the next are thought of.
const writeBatch = 500

// fill writes a sample's participants and makes the review ready. Each document
// is made only where it is not there yet, so whoever fills a second time, after a
// death or at the same moment, changes nothing of what is there.
func (r room) fill(ctx context.Context, rv review, persons []int64) (review, error) {
	for from := 0; from < len(persons); from += writeBatch {
		w := r.client.BulkWriter(ctx)
		var jobs []*firestore.BulkWriterJob
		for i, person := range persons[from:min(from+writeBatch, len(persons))] {
			p := participant{Place: from + i + 1, PersonID: person, Status: notReviewed, Annotations: map[string]string{}, SchemaVersion: 1}
			p.ID = placeName(p.Place)
			job, err := w.Create(r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Doc(p.ID), p)
			if err != nil {
				return rv, firestorex.Fault("review.fill", err)
			}
			jobs = append(jobs, job)
		}
		w.End()
		for _, job := range jobs {
			if _, err := job.Results(); err != nil && status.Code(err) != codes.AlreadyExists {
				return rv, firestorex.Fault("review.fill", err)
			}
		}
	}
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(r.reviewRef(rv.WorkspaceID, rv.ID))
		now, found, err := firestorex.Decode[review]("review.ready", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.Conflict, "The review was deleted in the meantime.")
		}
		if now.State == ready {
			rv = now
			return nil
		}
		rv.State, rv.Sampled = ready, len(persons)
		return tx.Set(snap.Ref, rv)
	})
	return rv, firestorex.Fault("review.ready", err)
}

// progress counts a review's participants by status.
func (r room) progress(ctx context.Context, rv review) (map[string]int64, error) {
	out := map[string]int64{}
	for _, s := range statuses {
		q := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Where("status", "==", s)
		result, err := q.NewAggregationQuery().WithCount("n").Get(ctx)
		if err != nil {
			return nil, firestorex.Fault("review.progress", err)
		}
		n, ok := result["n"].(*firestorepb.Value)
		if !ok {
			return nil, fault.New(fault.Internal, "a count without a number")
		}
		out[s] = n.GetIntegerValue()
	}
	return out, nil
}

// page reads a review's participants in the sample's order, those of one status
// or all.
func (r room) page(ctx context.Context, rv review, of string, limit int, cursor string) ([]participant, string, error) {
	q := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).OrderBy(firestore.DocumentID, firestore.Asc)
	if of != "" {
		q = q.Where("status", "==", of)
	}
	return firestorex.Page[participant](ctx, q, limit, cursor)
}

var noParticipant = fault.New(fault.NotFound, "The sample has no participant at this place.")

// participant reads one, with the etag.
func (r room) participant(ctx context.Context, rv review, place int) (participant, string, error) {
	snap, err := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Doc(placeName(place)).Get(ctx)
	p, found, err := firestorex.Decode[participant]("review.participant", snap, err)
	if err != nil || !found {
		return p, "", orMissing(err, found, noParticipant)
	}
	return p, firestorex.ETag(snap.UpdateTime), nil
}

// judge changes what is said of a participant.
func (r room) judge(ctx context.Context, rv review, place int, ifMatch string, change func(*participant)) (participant, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return participant{}, "", err
	}
	ref := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Doc(placeName(place))
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(ref)
		p, found, err := firestorex.Decode[participant]("review.judge", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return noParticipant
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		change(&p)
		return tx.Set(ref, p)
	})
	if err != nil {
		return participant{}, "", firestorex.Fault("review.judge", err)
	}
	return r.participant(ctx, rv, place)
}

// drop deletes a review: the participants first, so that a death in between
// leaves a review that can be deleted again.
func (r room) drop(ctx context.Context, rv review, actor string) error {
	all := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants)
	for {
		w := r.client.BulkWriter(ctx)
		var jobs []*firestore.BulkWriterJob
		it := all.Limit(writeBatch).Documents(ctx)
		for {
			snap, err := it.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				it.Stop()
				return firestorex.Fault("review.drop", err)
			}
			job, err := w.Delete(snap.Ref)
			if err != nil {
				it.Stop()
				return firestorex.Fault("review.drop", err)
			}
			jobs = append(jobs, job)
		}
		it.Stop()
		w.End()
		for _, job := range jobs {
			if _, err := job.Results(); err != nil {
				return firestorex.Fault("review.drop", err)
			}
		}
		if len(jobs) < writeBatch {
			break
		}
	}
	return firestorex.Fault("review.drop", r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		if err := tx.Delete(r.reviewRef(rv.WorkspaceID, rv.ID)); err != nil {
			return err
		}
		return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: actor, Act: "participantReview.deleted",
			Target: access.Workspaces + "/" + rv.WorkspaceID + "/" + participantReviews + "/" + rv.ID})
	}))
}
