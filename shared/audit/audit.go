// Package audit is the append-only log of acts that matter: collection "audit".
// An entry is written in the same transaction as what it records, and there is
// no function that changes or deletes one.
package audit

import (
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

// Collection holds the entries.
const Collection = "audit"

// Entry is one act. Add fills in what is derived: the identifier, the area, the
// subject where the target tells it, and the people.
type Entry struct {
	ID     string    `firestore:"id"`
	At     time.Time `firestore:"at"`
	Actor  string    `firestore:"actor"`  // uid of who acted, or what System gives
	Act    string    `firestore:"act"`    // such as "module.bypass"
	Target string    `firestore:"target"` // path of what it was done to, such as "accounts/u1"
	Reason string    `firestore:"reason"` // why, in the actor's words
	Before string    `firestore:"before"` // how it was, without secrets
	After  string    `firestore:"after"`  // how it is now, without secrets

	// Area is the act's first word, such as "module": what it is about.
	Area string `firestore:"area"`
	// Subject is the uid of whom it was done to, "" where it concerns no account.
	// Give it where the target does not begin with the account's path.
	Subject string `firestore:"subject"`
	// UIDs are the people in it, actor and subject: those may read the entry.
	UIDs []string `firestore:"uids"`
	// Request is the request's identifier, as the logs have it; "" where none is known.
	Request string `firestore:"request"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// systemPrefix begins the actors that are no people. No uid has a colon.
const systemPrefix = "system:"

// System names an actor that is no person, such as the training provider.
func System(name string) string { return systemPrefix + name }

// IsSystem reports whether an actor is no person.
func IsSystem(actor string) bool { return strings.HasPrefix(actor, systemPrefix) }

// ofAccounts are the collections whose documents are named by the uid that they
// belong to.
var ofAccounts = []string{"accounts", "factors", "sessions", "demographics"}

// subjectOf is the uid that a target tells, "" for none.
func subjectOf(target string) string {
	parts := strings.Split(target, "/")
	if len(parts) < 2 || !slices.Contains(ofAccounts, parts[0]) {
		return ""
	}
	return parts[1]
}

// filled derives what is derived.
func (e Entry) filled() Entry {
	e.ID, e.SchemaVersion = id.New(id.Audit, e.At), 2
	e.Area, _, _ = strings.Cut(e.Act, ".")
	if e.Subject == "" {
		e.Subject = subjectOf(e.Target)
	}
	e.UIDs = []string{}
	for _, uid := range []string{e.Actor, e.Subject} {
		if uid != "" && !IsSystem(uid) && !slices.Contains(e.UIDs, uid) {
			e.UIDs = append(e.UIDs, uid)
		}
	}
	return e
}

// Add writes an entry inside the transaction that does the act.
func Add(tx *firestore.Transaction, c *firestore.Client, e Entry) error {
	e = e.filled()
	return fault.Wrap("audit", tx.Create(c.Collection(Collection).Doc(e.ID), e))
}
