package copying

import (
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/review"
)

// Reviews opens the review that the owner of a new workspace asks for, as creating
// one does.
func Reviews(c *firestore.Client, cal review.Calendar) Reviewing {
	return func(tx *firestore.Transaction, w access.Workspace, at time.Time) (func(*firestore.Transaction) ([]string, error), error) {
		opening, err := review.Plan(tx, c, w.ID)
		return func(tx *firestore.Transaction) ([]string, error) {
			_, events, err := opening.Open(tx, w, review.Asked{Actor: w.OwnerUID, Origin: review.OriginOwner, At: at}, cal)
			return events, err
		}, err
	}
}
