package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
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
	sum := sha256.Sum256([]byte(ownerUID + "\n" + canonical(name)))
	return hex.EncodeToString(sum[:])
}

// canonical is a name with letter case and runs of spaces levelled.
func canonical(name string) string {
	return strings.ToLower(strings.ToUpper(tidy(name)))
}

// tidy takes away the space around a name and makes runs of it one.
func tidy(name string) string { return strings.Join(strings.Fields(name), " ") }

// validName checks a name and gives it as it is kept.
func (l limits) validName(f *form, name string) string {
	const at = "body.name"
	name = tidy(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		f.say(at, "Give the workspace a name.")
	case n > l.Name:
		f.say(at, "Use at most %d characters; there are %d.", l.Name, n)
	case !printable(name):
		f.say(at, "Use characters that can be seen.")
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
