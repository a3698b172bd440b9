package cloud

import (
	"context"
	"io"
	"testing"
	"time"

	"researchhub.example/hub/emulator/auth"
	"researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/java"
	"researchhub.example/hub/emulator/toolcache"
	"researchhub.example/hub/shared/testkit"
)

// needEmulators skips a test on a machine that has no Java, Node.js or network
// for them; with CI set it fails instead.
func needEmulators(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	_, major, err := java.Find(ctx)
	if err == nil {
		_, err = firestore.Obtain(ctx, firestore.NewFinder(), major, func(string) {})
	}
	if err == nil {
		_, err = auth.Node(ctx)
	}
	if err == nil {
		_, err = auth.Install(ctx, toolcache.Dir(), io.Discard, func(string) {})
	}
	if err != nil {
		testkit.Unavailable(t, "the emulators", err)
	}
}
