package outbox_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"researchhub.example/hub/shared/outbox"
)

// The field alone removes nothing: Firestore needs the policy that infra declares.
func TestTheTimeToLiveIsDeclared(t *testing.T) {
	text, err := os.ReadFile("../../infra/firestore.indexes.json")
	if err != nil {
		t.Fatal(err)
	}
	type override struct {
		CollectionGroup, FieldPath string
		TTL                        bool
	}
	var file struct{ FieldOverrides []override }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []override{{outbox.Collection, "expireAt", true}, {"budgetMessages", "expiresAt", true}} {
		if !slices.Contains(file.FieldOverrides, want) {
			t.Errorf("infra/firestore.indexes.json declares no %+v", want)
		}
	}
}
