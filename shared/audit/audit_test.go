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
	entry.ID, entry.SchemaVersion = got.ID, 2
	entry.Area, entry.Subject, entry.UIDs = "module", "u2", []string{"u1", "u2"}
	if diff := cmp.Diff(entry, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhomAnEntryConcerns(t *testing.T) {
	for _, c := range []struct {
		name  string
		entry audit.Entry
		want  []string // subject, then the people
	}{
		{"oneself", audit.Entry{Actor: "u1", Target: "accounts/u1/modules/training"}, []string{"u1", "u1"}},
		{"somebody's factor", audit.Entry{Actor: "u1", Target: "factors/u2/totp/fa"}, []string{"u2", "u1", "u2"}},
		{"somebody's session", audit.Entry{Actor: "u1", Target: "sessions/u2"}, []string{"u2", "u1", "u2"}},
		{"a program", audit.Entry{Actor: audit.System("trainingProvider"), Target: "accounts/u2/modules/training"}, []string{"u2", "u2"}},
		{"no account", audit.Entry{Actor: "u1", Target: "workspaces/ws_1"}, []string{"", "u1"}},
		{"a collection", audit.Entry{Actor: "u1", Target: "accounts"}, []string{"", "u1"}},
		{"a subject that is given", audit.Entry{Actor: "u1", Target: "workspaces/ws_1", Subject: "u3"}, []string{"u3", "u1", "u3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := testkit.Firestore(t)
			c.entry.Act, c.entry.At = "a.b.c", time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
			if err := client.RunTransaction(t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
				return audit.Add(tx, client, c.entry)
			}); err != nil {
				t.Fatal(err)
			}
			snaps, err := client.Collection(audit.Collection).Documents(t.Context()).GetAll()
			if err != nil || len(snaps) != 1 {
				t.Fatalf("%d entries (%v)", len(snaps), err)
			}
			var got audit.Entry
			if err := snaps[0].DataTo(&got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, append([]string{got.Subject}, got.UIDs...)); diff != "" {
				t.Error(diff)
			}
			if got.Area != "a" {
				t.Errorf("area %q", got.Area)
			}
		})
	}
}
