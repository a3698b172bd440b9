package session

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// Store keeps the records of sessions in Firestore. Every instance of every
// function reads the record at each request, so that a session ended on one is
// refused on all at once.
type Store struct {
	Client *firestore.Client
	// Longest is the longest idle limit: what has not been used for so long is
	// taken off the record.
	Longest time.Duration
}

func (s *Store) doc(uid string) *firestore.DocumentRef {
	return s.Client.Collection(Collection).Doc(uid)
}

// Get reads the record of an account, an empty one where there is none.
func (s *Store) Get(ctx context.Context, uid string) (Record, error) {
	r, _, err := s.get(ctx, uid)
	return r, err
}

// get reads the record and when it was last written, zero for never.
func (s *Store) get(ctx context.Context, uid string) (Record, time.Time, error) {
	snap, err := s.doc(uid).Get(ctx)
	return decode(uid, snap, err)
}

// Read reads the record inside a transaction, which makes its whole change with
// Write: as ever in Firestore, all reads come before the first write.
func (s *Store) Read(tx *firestore.Transaction, uid string) (Record, error) {
	snap, err := tx.Get(s.doc(uid))
	r, _, err := decode(uid, snap, err)
	return r, err
}

// Write stores the record inside the transaction that read it.
func (s *Store) Write(tx *firestore.Transaction, r Record, now time.Time) error {
	r.tidy(now, s.Longest)
	return fault.Wrap("sessions", tx.Set(s.doc(r.UID), r))
}

// save stores a record that was read outside a transaction, unless anybody has
// written it since: then it is fault.Stale or fault.Conflict.
func (s *Store) save(ctx context.Context, r Record, read, now time.Time) error {
	r.tidy(now, s.Longest)
	if read.IsZero() {
		_, err := s.doc(r.UID).Create(ctx, r)
		return firestorex.Fault("sessions", err)
	}
	_, err := s.doc(r.UID).Update(ctx, []firestore.Update{
		{Path: "notBefore", Value: r.NotBefore},
		{Path: "sessions", Value: r.Sessions},
		{Path: "goneFactors", Value: r.GoneFactors},
	}, firestore.LastUpdateTime(read))
	return firestorex.Fault("sessions", err)
}

func decode(uid string, snap *firestore.DocumentSnapshot, err error) (Record, time.Time, error) {
	r, found, err := firestorex.Decode[Record]("sessions", snap, err)
	if err != nil || !found {
		return Record{UID: uid, SchemaVersion: 1}, time.Time{}, err
	}
	return r, snap.UpdateTime, nil
}
