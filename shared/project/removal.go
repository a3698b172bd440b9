package project

import "time"

// Removals holds what was taken out of Collection, by the same names, so that
// whoever keeps a copy of it hears of that.
const Removals = "directoryRemovals"

// keepRemovals is how long: nobody keeps a copy that long without reading the
// whole anew.
const keepRemovals = 7 * 24 * time.Hour

// Removal says that a project is not public any more. It is written in the
// transaction that deletes the project's record.
type Removal struct {
	ID string `firestore:"id"`
	// ChangedAt is the store's time of the removal.
	ChangedAt time.Time `firestore:"changedAt,serverTimestamp"`
	// ExpireAt is when Firestore removes this record.
	ExpireAt      time.Time `firestore:"expireAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// Removed makes the record of a removal at that moment.
func Removed(id string, at time.Time) Removal {
	return Removal{ID: id, ExpireAt: at.Add(keepRemovals), SchemaVersion: SchemaVersion}
}
