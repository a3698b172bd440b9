package loader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/omop"
)

// ErrChanged says that another load changed the release record meanwhile.
var ErrChanged = errors.New("another load of this release came between: nothing was changed by this one, run it again if it is the one that should count")

// version is the state of a release record that a write expects: its update time,
// zero for a record that is not there.
type version time.Time

// records keeps release records.
type records interface {
	// get returns the record and its version; without a record the zero version.
	get(ctx context.Context, id string) (omop.Release, version, error)
	// put writes the record whole if it still has that version, else ErrChanged.
	put(ctx context.Context, r omop.Release, expect version) error
}

// firestoreRecords keeps them in Firestore.
type firestoreRecords struct{ client *firestore.Client }

// callTimeout bounds one call to Firestore or one small call to BigQuery.
const callTimeout = 30 * time.Second

func (f firestoreRecords) get(ctx context.Context, id string) (omop.Release, version, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	snap, err := f.client.Collection(omop.ReleasesCollection).Doc(id).Get(ctx)
	if status.Code(err) == codes.NotFound {
		return omop.Release{}, version{}, nil
	}
	if err != nil {
		return omop.Release{}, version{}, fmt.Errorf("read the release record: %w", err)
	}
	var r omop.Release
	if err := snap.DataTo(&r); err != nil {
		return omop.Release{}, version{}, fmt.Errorf("read the release record: %w", err)
	}
	return r, version(snap.UpdateTime), nil
}

func (f firestoreRecords) put(ctx context.Context, r omop.Release, expect version) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	doc := f.client.Collection(omop.ReleasesCollection).Doc(r.ID)
	err := f.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(doc)
		if err != nil && status.Code(err) != codes.NotFound {
			return err
		}
		// A document that is not there has no update time.
		if !snap.UpdateTime.Equal(time.Time(expect)) {
			return ErrChanged
		}
		return tx.Set(doc, r)
	})
	if err != nil && !errors.Is(err, ErrChanged) {
		return fmt.Errorf("write the release record: %w", err)
	}
	return err
}
