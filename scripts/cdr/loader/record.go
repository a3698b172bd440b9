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

// ErrChanged says that something else wrote the release record meanwhile.
var ErrChanged = errors.New("the release record was changed while this load was at work: nothing was changed by it, run it again if it is the one that should count")

// version is the state of a release record that a write expects: its update time,
// zero for a record that is not there.
type version time.Time

// records keeps release records and the holds on releases.
type records interface {
	// get returns the record and its version; without a record the zero version.
	get(ctx context.Context, id string) (omop.Release, version, error)
	// put writes the record whole if it still has that version, else ErrChanged, and
	// if the attempt still holds the release, else errHoldLost.
	put(ctx context.Context, r omop.Release, expect version, attempt string) error
	// take makes the hold this load's, if it is free or its own; else *BusyError.
	take(ctx context.Context, id string, mine holding, now time.Time) error
	// renew puts the end of the attempt's own hold off, else errHoldLost.
	renew(ctx context.Context, id, attempt string, until time.Time) error
	// leave ends the attempt's own hold, and does nothing to another's.
	leave(ctx context.Context, id, attempt string) error
}

// firestoreRecords keeps them in Firestore.
type firestoreRecords struct{ client *firestore.Client }

// callTimeout bounds one call to Firestore or one small call to BigQuery.
const callTimeout = 30 * time.Second

// loadsCollection holds one holding per release that is being loaded.
const loadsCollection = "releaseLoads"

func (f firestoreRecords) record(id string) *firestore.DocumentRef {
	return f.client.Collection(omop.ReleasesCollection).Doc(id)
}

func (f firestoreRecords) get(ctx context.Context, id string) (omop.Release, version, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	snap, err := f.record(id).Get(ctx)
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

func (f firestoreRecords) put(ctx context.Context, r omop.Release, expect version, attempt string) error {
	return f.withHold(ctx, "write the release record", r.ID, func(tx *firestore.Transaction, held holding, _ *firestore.DocumentRef) error {
		snap, err := tx.Get(f.record(r.ID))
		if err != nil && status.Code(err) != codes.NotFound {
			return err
		}
		if held.Attempt != attempt {
			return errHoldLost
		}
		// A document that is not there has no update time.
		if !snap.UpdateTime.Equal(time.Time(expect)) {
			return ErrChanged
		}
		return tx.Set(f.record(r.ID), r)
	})
}

func (f firestoreRecords) take(ctx context.Context, id string, mine holding, now time.Time) error {
	return f.withHold(ctx, "take hold of the release", id, func(tx *firestore.Transaction, held holding, doc *firestore.DocumentRef) error {
		if err := mine.over(id, held, now); err != nil {
			return err
		}
		return tx.Set(doc, mine)
	})
}

// over reports whether a load may take a release over from whoever holds it; a hold
// without an attempt is none.
func (h holding) over(id string, held holding, now time.Time) error {
	if held.Attempt == "" || held.Attempt == h.Attempt || held.free(now, h.Host, h.PID) {
		return nil
	}
	return &BusyError{Release: id, Host: held.Host, PID: held.PID, Since: held.Since, Until: held.Until}
}

func (f firestoreRecords) renew(ctx context.Context, id, attempt string, until time.Time) error {
	return f.withHold(ctx, "renew the hold on the release", id, func(tx *firestore.Transaction, held holding, doc *firestore.DocumentRef) error {
		if held.Attempt != attempt {
			return errHoldLost
		}
		held.Until = until
		return tx.Set(doc, held)
	})
}

func (f firestoreRecords) leave(ctx context.Context, id, attempt string) error {
	return f.withHold(ctx, "let go of the release", id, func(tx *firestore.Transaction, held holding, doc *firestore.DocumentRef) error {
		if held.Attempt != attempt {
			return nil
		}
		return tx.Delete(doc)
	})
}

// withHold runs a transaction that begins with reading the hold on a release.
func (f firestoreRecords) withHold(ctx context.Context, what, id string, do func(*firestore.Transaction, holding, *firestore.DocumentRef) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	doc := f.client.Collection(loadsCollection).Doc(id)
	err := f.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(doc)
		if err != nil && status.Code(err) != codes.NotFound {
			return err
		}
		var held holding
		if err == nil {
			if err := snap.DataTo(&held); err != nil {
				return err
			}
		}
		return do(tx, held, doc)
	})
	var busy *BusyError
	if err == nil || errors.Is(err, ErrChanged) || errors.Is(err, errHoldLost) || errors.As(err, &busy) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
