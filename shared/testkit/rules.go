package testkit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	firestoreemulator "researchhub.example/hub/emulator/firestore"
)

// FirestoreUnderRules starts a Firestore emulator of this test's own that holds
// web clients to these security rules, and gives its address. Emulators that
// others started are not used: nobody knows under which rules they run.
func FirestoreUnderRules(t testing.TB, rules string) (host string) {
	t.Helper()
	var o firestoreemulator.Options
	if err := o.Complete(t.Context()); err != nil {
		Unavailable(t, "the Firestore emulator", err)
	}
	path := filepath.Join(t.TempDir(), "firestore.rules")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Rules = path
	e, err := firestoreemulator.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Kill)
	return e.Host()
}
