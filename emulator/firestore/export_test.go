package firestore_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	client "cloud.google.com/go/firestore"

	"researchhub.example/hub/emulator/firestore"
	"researchhub.example/hub/emulator/java"
	"researchhub.example/hub/shared/testkit"
)

// launch starts an emulator of this test's own.
func launch(t *testing.T, seed string) *firestore.Emulator {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	javaPath, major, err := java.Find(ctx)
	if err != nil {
		testkit.Unavailable(t, "the Firestore emulator", err)
	}
	jar, err := firestore.Obtain(ctx, firestore.NewFinder(), major, func(string) {})
	if err != nil {
		testkit.Unavailable(t, "the Firestore emulator", err)
	}
	e, err := firestore.Start(ctx, firestore.Options{Java: javaPath, Jar: jar, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Kill)
	return e
}

func open(t *testing.T, e *firestore.Emulator, project string) *client.Client {
	t.Helper()
	t.Setenv("FIRESTORE_EMULATOR_HOST", e.Host())
	c, err := client.NewClient(context.Background(), project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestExportComesBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	const project = "demo-export"
	want := map[string]any{
		"name": "Größe", "n": int64(7), "at": time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC),
		"tags": []any{"a", "b"}, "nested": map[string]any{"yes": true}, "bytes": []byte{0, 1, 255}, "nothing": nil,
	}
	first := launch(t, "")
	if _, err := open(t, first, project).Doc("workspaces/ws_1/runs/run_1").Set(ctx, want); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "export")
	if err := firestore.Export(ctx, first.Host(), project, dir); err != nil {
		t.Fatal(err)
	}
	first.Kill()

	second := launch(t, dir)
	got, err := open(t, second, project).Doc("workspaces/ws_1/runs/run_1").Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Data()); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func TestSeedThatIsNone(t *testing.T) {
	_, err := firestore.Start(context.Background(), firestore.Options{Java: "java", Jar: "jar", Seed: t.TempDir()})
	if err == nil {
		t.Error("a folder without an export was taken")
	}
}
