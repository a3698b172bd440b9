package testkit_test

import (
	"context"
	"testing"
	"time"

	"researchhub.example/hub/shared/testkit"
)

func TestFirestoreKeepsProjectsApart(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	one, two := testkit.Firestore(t), testkit.Firestore(t)
	if _, err := one.Doc("things/a").Set(ctx, map[string]any{"n": 1}); err != nil {
		t.Fatal(err)
	}
	if got, err := one.Doc("things/a").Get(ctx); err != nil || got.Data()["n"] != int64(1) {
		t.Errorf("own record: %v, %v", got, err)
	}
	all, err := two.Collection("things").Documents(ctx).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 0 {
		t.Errorf("another test's records are visible: %d", len(all))
	}
}
