package environment

import (
	"testing"

	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/testkit"
)

// A field that nobody has thought of would be missing in duplicates of a
// workspace, without a word.
func TestEveryFieldIsCopied(t *testing.T) {
	for _, field := range copying.Missing(Notebooks, false, testkit.FirestoreFields(Notebook{})) {
		t.Errorf("shared/copying/layout.go says nothing of the field %q", field)
	}
}
