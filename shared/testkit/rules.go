package testkit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	firestoreemulator "researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/java"
)

// FirestoreUnderRules starts a Firestore emulator of this test's own that holds
// web clients to these security rules, and gives its address. Emulators that
// others started are not used: nobody knows under which rules they run.
func FirestoreUnderRules(t testing.TB, rules string) (host string) {
	t.Helper()
	ctx := context.Background()
	javaPath, major, err := java.Find(ctx)
	if err != nil {
		Unavailable(t, "the Firestore emulator", err)
	}
	jar, err := firestoreemulator.Obtain(ctx, firestoreemulator.NewFinder(), major, func(string) {})
	if err != nil {
		Unavailable(t, "the Firestore emulator", err)
	}
	path := filepath.Join(t.TempDir(), "firestore.rules")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := firestoreemulator.Start(ctx, firestoreemulator.Options{Java: javaPath, Jar: jar, Rules: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Kill)
	return e.Host()
}
