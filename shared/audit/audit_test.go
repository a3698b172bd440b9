package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/testkit"
)

func TestAnEntryStandsOrFallsWithItsAct(t *testing.T) {
	c := testkit.Firestore(t)
	entry := audit.Entry{At: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Actor: "u1", Act: "module.bypass",
		Target: "accounts/u2", Reason: "Trained on site.", Before: "missing", After: "bypassed"}
	failed := errors.New("the act fails")
	for _, want := range []error{failed, nil} {
		err := c.RunTransaction(t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
			if err := audit.Add(tx, c, entry); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
	}
	snaps, err := c.Collection(audit.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Fatalf("%d entries, want 1 (%v)", len(snaps), err)
	}
	var got audit.Entry
	if err := snaps[0].DataTo(&got); err != nil {
		t.Fatal(err)
	}
	if err := id.Check(id.Audit, got.ID); err != nil || got.ID != snaps[0].Ref.ID {
		t.Errorf("named %s, holds %s (%v)", snaps[0].Ref.ID, got.ID, err)
	}
	entry.ID, entry.SchemaVersion = got.ID, 1
	if diff := cmp.Diff(entry, got); diff != "" {
		t.Error(diff)
	}
}
