package project

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
)

func TestThePublicFaceHoldsNothingPrivate(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	purpose := access.Purpose{Kinds: []string{"disease"}, Disease: "asthma", IntendedStudy: "study", ReviewRequested: true}
	w := access.Workspace{
		ID: "ws_1", Name: "Asthma", Tier: access.Registered, ReleaseID: "r2026", OwnerUID: "secret",
		Members: map[string]string{"secret": access.Owner}, MemberUIDs: []string{"secret"}, Purpose: purpose,
		Policies: map[string]string{"p": "secret"}, State: "secret", CreatedAt: at, UpdatedAt: at.Add(time.Hour),
	}
	got := Of(w, "Ann Example", "Example University")
	purpose.ReviewRequested = false
	want := Project{
		ID: "ws_1", Name: "Asthma", Tier: access.Registered, ReleaseID: "r2026", OwnerName: "Ann Example", Institution: "Example University",
		Purpose: purpose, CreatedAt: at, UpdatedAt: at.Add(time.Hour), SchemaVersion: SchemaVersion,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	text, err := json.Marshal(got)
	if err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("%s, %v", text, err)
	}
	if !w.Purpose.ReviewRequested {
		t.Error("the workspace itself was changed")
	}
}
