package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// namesCollection holds one claim per owner and name.
const namesCollection = "workspaceNames"

// claim says that an owner uses a name.
type claim struct {
	OwnerUID      string `firestore:"ownerUid"`
	Name          string `firestore:"name"`
	WorkspaceID   string `firestore:"workspaceId"`
	SchemaVersion int    `firestore:"schemaVersion"`
}

// claimID names the claim: the same for names that differ in letter case and
// spaces only.
func claimID(ownerUID, name string) string {
	sum := sha256.Sum256([]byte(ownerUID + "\n" + access.NameKey(name)))
	return hex.EncodeToString(sum[:])
}

// tidy takes away the space around a name and makes runs of it one.
func tidy(name string) string { return strings.Join(strings.Fields(name), " ") }

// validName checks a name and gives it as it is kept.
func (l limits) validName(f *form, name string) string {
	const at = "body.name"
	name = tidy(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		f.Say(at, "Give the workspace a name.")
	case n > l.Name:
		f.Say(at, "Use at most %d characters; there are %d.", l.Name, n)
	case !printable(name):
		f.Say(at, "Use characters that can be seen.")
	}
	return name
}

// printable refuses what cannot be seen, such as control characters and
// zero-width ones, which would make two names look the same.
func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// claimed names the claim that a workspace holds, "" for none: a deleted one
// gives its name free, and claims it again when it is restored.
func claimed(w access.Workspace) string {
	if w.ID == "" || w.State == access.Deleted || w.State == access.Purging {
		return ""
	}
	return claimID(w.OwnerUID, w.Name)
}

// planName reads the claim that a change takes and gives what writes it. Reading
// it takes part in the transaction, so that of two at once one waits and then
// sees the other's.
func (s *service) planName(tx *firestore.Transaction, before, after access.Workspace) (write, error) {
	names := s.gate.Client.Collection(namesCollection)
	gives, takes := claimed(before), claimed(after)
	if gives == takes {
		return nothing, nil
	}
	if takes != "" {
		_, err := tx.Get(names.Doc(takes))
		switch f := firestorex.Fault("name", err); {
		case err == nil && before.ID != "" && before.OwnerUID != after.OwnerUID:
			return nil, fault.New(fault.Conflict, "The new owner has a workspace of this name already: rename this one first.")
		case err == nil:
			return nil, errName(nil)
		case !fault.Is(f, fault.NotFound):
			return nil, err
		}
	}
	return func(tx *firestore.Transaction) error {
		if gives != "" {
			if err := tx.Delete(names.Doc(gives)); err != nil {
				return err
			}
		}
		if takes == "" {
			return nil
		}
		return tx.Create(names.Doc(takes), claim{OwnerUID: after.OwnerUID, Name: access.NameKey(after.Name), WorkspaceID: after.ID, SchemaVersion: 1})
	}, nil
}

// errName is what the second of two workspaces of one name hears.
func errName(cause error) error {
	return &fault.Error{Kind: fault.Conflict, Message: "You have a workspace of this name already.", Err: cause,
		Fields: []fault.Field{{Path: "body.name", Message: "Choose a name that none of your workspaces has."}}}
}
