// Package audit is the append-only log of acts that matter: collection "audit".
// An entry is written in the same transaction as what it records, and there is
// no function that changes or deletes one.
package audit

import (
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

// Collection holds the entries.
const Collection = "audit"

// Entry is one act.
type Entry struct {
	ID     string    `firestore:"id"`
	At     time.Time `firestore:"at"`
	Actor  string    `firestore:"actor"`  // uid of who acted
	Act    string    `firestore:"act"`    // such as "module.bypass"
	Target string    `firestore:"target"` // path of what it was done to, such as "accounts/u1"
	Reason string    `firestore:"reason"` // why, in the actor's words
	Before string    `firestore:"before"` // how it was, without secrets
	After  string    `firestore:"after"`  // how it is now, without secrets

	SchemaVersion int `firestore:"schemaVersion"`
}

// Add writes an entry inside the transaction that does the act.
func Add(tx *firestore.Transaction, c *firestore.Client, e Entry) error {
	e.ID, e.SchemaVersion = id.New(id.Audit, e.At), 1
	return fault.Wrap("audit", tx.Create(c.Collection(Collection).Doc(e.ID), e))
}
