package cohort

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"

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
	if id.Check(id.ParticipantReview, reviewID) != nil {
		return review{}, errNoReview
	}
	snap, err := r.reviewRef(workspace, reviewID).Get(ctx)
	rv, found, err := firestorex.Decode[review]("review.get", snap, err)
	return rv, orMissing(err, found, errNoReview)
}

var errNoReview = fault.New(fault.NotFound, "There is no such review in this workspace.")

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

// sampleOf is where a review's sample lies: one document beside the participants of
// whom something was said.
func (r room) sampleOf(rv review) *firestore.DocumentRef {
	return r.reviewRef(rv.WorkspaceID, rv.ID).Collection(samples).Doc(theSample)
}

// fill keeps a sample and makes the review ready, both or neither. Whoever fills a
// second time, after a death or at the same moment, changes nothing.
func (r room) fill(ctx context.Context, rv review, persons []int64) (review, error) {
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
		if err := tx.Set(r.sampleOf(rv), sampleRecord{Persons: packedPersons(persons), SchemaVersion: 1}); err != nil {
			return err
		}
		return tx.Set(snap.Ref, rv)
	})
	return rv, firestorex.Fault("review.ready", err)
}

// persons reads a review's sample: person_ids in its order.
func (r room) persons(ctx context.Context, rv review) ([]int64, error) {
	snap, err := r.sampleOf(rv).Get(ctx)
	s, found, err := firestorex.Decode[sampleRecord]("review.sample", snap, err)
	if err != nil {
		return nil, firestorex.Fault("review.sample", err)
	}
	if !found {
		return nil, errNoReview // both go together
	}
	persons, ok := unpackedPersons(s.Persons)
	if !ok || len(persons) != rv.Sampled {
		return nil, fault.New(fault.Internal, "a review whose sample is not whole")
	}
	return persons, nil
}

// progress counts a review's participants by status. Those of whom nothing was said
// have no record.
func (r room) progress(ctx context.Context, rv review) (map[string]int64, error) {
	out := map[string]int64{notReviewed: int64(rv.Sampled)}
	for _, s := range []string{included, excluded, furtherView} {
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
		out[notReviewed] -= out[s]
	}
	return out, nil
}

// page reads a review's participants in the sample's order, those of one status
// or all.
func (r room) page(ctx context.Context, rv review, of string, limit int, cursor string) ([]participant, string, error) {
	if of != "" && of != notReviewed {
		q := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Where("status", "==", of).OrderBy(firestore.DocumentID, firestore.Asc)
		return firestorex.Page[participant](ctx, q, limit, cursor)
	}
	limit = min(max(limit, 1), firestorex.MaxPage)
	from, err := placeAfter(cursor)
	if err != nil {
		return nil, "", err
	}
	persons, err := r.persons(ctx, rv)
	if err != nil {
		return nil, "", err
	}
	list := []participant{}
	for from < len(persons) {
		to := min(from+limit, len(persons))
		if of != "" {
			to = min(from+window, len(persons))
		}
		said, err := r.saidOf(ctx, rv, from+1, to)
		if err != nil {
			return nil, "", err
		}
		for ; from < to; from++ {
			p, there := said[from+1]
			if !there {
				p = unsaid(from+1, persons[from])
			}
			if of != "" && p.Status != of {
				continue
			}
			if len(list) == limit {
				return list, list[limit-1].ID, nil
			}
			list = append(list, p)
		}
		if of == "" {
			break
		}
	}
	if of == "" && from < len(persons) {
		return list, list[len(list)-1].ID, nil
	}
	return list, "", nil
}

// saidOf reads the records of those at places from one to another of whom something
// was said.
func (r room) saidOf(ctx context.Context, rv review, from, to int) (map[int]participant, error) {
	snaps, err := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).OrderBy(firestore.DocumentID, firestore.Asc).
		StartAt(placeName(from)).EndAt(placeName(to)).Documents(ctx).GetAll()
	if err != nil {
		return nil, firestorex.Fault("review.said", err)
	}
	said := map[int]participant{}
	for _, snap := range snaps {
		var p participant
		if err := snap.DataTo(&p); err != nil {
			return nil, fault.Wrap("review.said", err)
		}
		said[p.Place] = p
	}
	return said, nil
}

var noParticipant = fault.New(fault.NotFound, "The sample has no participant at this place.")

// participant reads one, with the etag. Of whom nothing was said, the review's own
// time is the etag.
func (r room) participant(ctx context.Context, rv review, place int) (participant, string, error) {
	snap, err := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Doc(placeName(place)).Get(ctx)
	p, found, err := firestorex.Decode[participant]("review.participant", snap, err)
	if err != nil {
		return p, "", firestorex.Fault("review.participant", err)
	}
	if found {
		return p, firestorex.ETag(snap.UpdateTime), nil
	}
	persons, err := r.persons(ctx, rv)
	if err != nil {
		return p, "", err
	}
	if place > len(persons) {
		return p, "", noParticipant
	}
	return unsaid(place, persons[place-1]), firestorex.ETag(rv.CreatedAt), nil
}

// judge changes what is said of a participant. It reads the review in the same
// transaction: nothing is said in one that was deleted a moment before.
func (r room) judge(ctx context.Context, rv review, place int, ifMatch string, change func(*participant)) (participant, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return participant{}, "", err
	}
	persons, err := r.persons(ctx, rv)
	if err != nil {
		return participant{}, "", err
	}
	if place > len(persons) {
		return participant{}, "", noParticipant
	}
	ref := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants).Doc(placeName(place))
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		head, err := tx.Get(r.reviewRef(rv.WorkspaceID, rv.ID))
		if _, found, err := firestorex.Decode[review]("review.judge", head, err); err != nil {
			return err
		} else if !found {
			return errNoReview
		}
		snap, err := tx.Get(ref)
		p, found, err := firestorex.Decode[participant]("review.judge", snap, err)
		if err != nil {
			return err
		}
		if !found {
			p = unsaid(place, persons[place-1])
			if !want.Equal(rv.CreatedAt) {
				return errStaleParticipant
			}
		} else if err := firestorex.CheckETag(snap, want); err != nil {
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

var errStaleParticipant = fault.New(fault.Stale, "If-Match is not an etag of this record: read it again, then change it.")

// dropBatch is how many participants are deleted before the next are read.
const dropBatch = 500

// drop deletes a review: the participants first, so that a death in between
// leaves a review that can be deleted again. Of whom something is said meanwhile,
// the record is found by the transaction that deletes the review.
func (r room) drop(ctx context.Context, rv review, actor string) error {
	all := r.reviewRef(rv.WorkspaceID, rv.ID).Collection(participants)
	for left := true; left; {
		if err := r.dropParticipants(ctx, all); err != nil {
			return err
		}
		err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
			some, err := tx.Documents(all.Limit(1)).GetAll()
			if left = len(some) > 0; left || err != nil {
				return err
			}
			if err := tx.Delete(r.sampleOf(rv)); err != nil {
				return err
			}
			if err := tx.Delete(r.reviewRef(rv.WorkspaceID, rv.ID)); err != nil {
				return err
			}
			return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: actor, Act: "participantReview.deleted",
				Target: access.Workspaces + "/" + rv.WorkspaceID + "/" + participantReviews + "/" + rv.ID})
		})
		if err != nil {
			return firestorex.Fault("review.drop", err)
		}
	}
	return nil
}

// dropParticipants deletes those of whom something was said.
func (r room) dropParticipants(ctx context.Context, all *firestore.CollectionRef) error {
	for {
		w := r.client.BulkWriter(ctx)
		var jobs []*firestore.BulkWriterJob
		it := all.Limit(dropBatch).Documents(ctx)
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
		if len(jobs) < dropBatch {
			return nil
		}
	}
}
