package project

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
)

func TestEveryChoiceHasItsOwnCodeAndLabel(t *testing.T) {
	for name, list := range map[string][]Choice{"kinds": Kinds(), "channels": Channels(), "outcomes": Outcomes(), "populations": Populations()} {
		codes, labels := map[string]bool{}, map[string]bool{}
		for _, c := range list {
			if c.Code == "" || c.Label == "" || codes[c.Code] || labels[c.Label] {
				t.Errorf("%s: %+v is empty or there twice", name, c)
			}
			codes[c.Code], labels[c.Label] = true, true
		}
	}
}

func TestRender(t *testing.T) {
	got := Render(access.Purpose{
		Kinds: []string{"other", "disease", "fromTheFuture"}, Disease: "Asthma", OtherKind: "A survey of methods",
		IntendedStudy: "S", ScientificApproach: "A", AnticipatedFindings: "F",
		Channels: []string{"journals"}, OtherChannel: "", Outcomes: []string{"none"},
		FocusOnPopulations: true, Populations: []string{"other", "age0to11"}, OtherPopulation: "Night workers", ReviewRequested: true,
	})
	want := Statement{
		Kinds:   []Choice{{"disease", "Disease-focused research"}, {"other", "Other purpose: A survey of methods"}, {"fromTheFuture", "fromTheFuture"}},
		Disease: "Asthma", IntendedStudy: "S", ScientificApproach: "A", AnticipatedFindings: "F",
		Channels: []Choice{{"journals", "Publication in scientific journals"}}, Outcomes: []Choice{{"none", "None of these"}},
		FocusOnPopulations: true, Populations: []Choice{{"age0to11", "Children (0–11)"}, {"other", "Other group: Night workers"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// Rendering one purpose changes no label of the next.
	if d := cmp.Diff(Choice{"other", "Other purpose"}, Render(access.Purpose{Kinds: []string{"other"}}).Kinds[0]); d != "" {
		t.Error(d)
	}
	text, err := json.Marshal(Render(access.Purpose{ReviewRequested: true}))
	if err != nil || strings.Contains(string(text), "eview") || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}
