package workspace

import (
	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/review"
)

// planReview reads what a change asks of the review board and gives what writes
// it: a purpose that asks for a review opens one where none is open. A duplicate's
// is opened by package copying, when it comes to be seen. The events of the
// opening go out with the sweep of the outbox.
func (s *service) planReview(tx *firestore.Transaction, actor string, before, after access.Workspace) (write, error) {
	if !asks(before, after) {
		return nothing, nil
	}
	opening, err := review.Plan(tx, s.gate.Client, after.ID)
	if err != nil {
		return nil, err
	}
	return func(tx *firestore.Transaction) error {
		_, _, err := opening.Open(tx, after, review.Asked{Actor: actor, Origin: review.OriginOwner, At: after.UpdatedAt}, s.calendar)
		return err
	}, nil
}

// asks reports whether a change is one that asks for a review.
func asks(before, after access.Workspace) bool {
	return after.Shown() && after.Purpose.ReviewRequested && !before.Purpose.ReviewRequested
}
