package cohort

import (
	"testing"

	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/testkit"
)

// A field that nobody has thought of would be missing in duplicates of a
// workspace, without a word.
func TestEveryFieldIsCopied(t *testing.T) {
	for name, c := range map[string]struct {
		collection string
		version    bool
		record     any
	}{
		"cohorts":                {"cohorts", false, record{}},
		"their versions as well": {"cohorts", true, record{}},
		"concept sets":           {"conceptSets", false, conceptSet{}},
		"their versions":         {"conceptSets", true, conceptSetVersion{}},
		"data sets":              {dataset.DataSets, false, dataset.DataSet{}},
	} {
		for _, field := range copying.Missing(c.collection, c.version, testkit.FirestoreFields(c.record)) {
			t.Errorf("%s: shared/copying/layout.go says nothing of the field %q", name, field)
		}
	}
}
