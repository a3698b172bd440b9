package cohort

import (
	"context"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// within refuses one more record in a workspace's collection that holds the most
// already. In a transaction it reads first, and of two that add the last one at
// once, one is refused; without one (tx nil) it spares a caller what would be
// refused later.
func (r room) within(ctx context.Context, tx *firestore.Transaction, workspace, collection string, most int, nouns string) error {
	q := r.collection(workspace, collection).NewAggregationQuery().WithCount("n")
	if tx != nil {
		q = q.Transaction(tx)
	}
	result, err := q.Get(ctx)
	if err != nil {
		if tx != nil {
			return err // as it is: a transaction tries again on some
		}
		return firestorex.Fault("cohort.bound", err)
	}
	n, ok := result["n"].(*firestorepb.Value)
	if !ok {
		return fault.New(fault.Internal, "a count without a number")
	}
	if n.GetIntegerValue() >= int64(most) {
		return fault.New(fault.Conflict, "A workspace has at most %d %s: delete one that nobody needs, or go on in another workspace.", most, nouns)
	}
	return nil
}
