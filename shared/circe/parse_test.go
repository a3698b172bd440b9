package circe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
)

func definition(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRefusalsNameThePath(t *testing.T) {
	good := definition(t, "everything.json")
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, old, new string
		kind           fault.Kind
		path           string
	}{
		{"unknown field", `"First":true`, `"Furst":true`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Furst"},
		{"unknown type", `"Death":{"CodesetId":0`, `"Deaths":{"CodesetId":0`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[3].Deaths"},
		{"no such date", `"First":true,"OccurrenceStartDate"`, `"DateAdjustment":{"StartWith":"TODAY"},"OccurrenceStartDate"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.DateAdjustment.StartWith"},
		{"a period of its own where there is none", `"Death":{"CodesetId":0`, `"Death":{"UserDefinedPeriod":{}`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[3].Death.UserDefinedPeriod"},
		{"no date", `"2010-01-01"`, `"2010-02-30"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.OccurrenceStartDate.Value"},
		{"no number", `"Value":18`, `"Value":"18"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Age.Value"},
		{"no such operator", `"Op":"gte"`, `"Op":">="`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Age.Op"},
		{"between without an extent", `,"Extent":60`, ``, fault.Invalid, "$.PrimaryCriteria.CriteriaList[2].DrugEra.EraLength"},
		{"a group of no kind", `"Type":"AT_MOST"`, `"Type":"MOST"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[5].VisitOccurrence.CorrelatedCriteria.Type"},
		{"AT_MOST without a count", `"AT_MOST","Count":1`, `"AT_MOST"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[5].VisitOccurrence.CorrelatedCriteria"},
		{"counted by what it lacks", `"CountColumn":"START_DATE"`, `"CountColumn":"REFILLS"`, fault.Invalid, "$.PrimaryCriteria.CriteriaList[5].VisitOccurrence.CorrelatedCriteria.CriteriaList[0].Occurrence.CountColumn"},
		{"no limit", `"Type":"Last"`, `"Type":"Latest"`, fault.Invalid, "$.PrimaryCriteria.PrimaryCriteriaLimit.Type"},
		{"two sets of one id", `"id":1`, `"id":0`, fault.Invalid, "$.ConceptSets[1].id"},
		{"twice the same field", `"PriorDays":30`, `"PriorDays":30,"PriorDays":30`, fault.Invalid, "$.PrimaryCriteria.ObservationWindow.PriorDays"},
		{"days out of bounds", `"PriorDays":30`, `"PriorDays":100001`, fault.Invalid, "$.PrimaryCriteria.ObservationWindow.PriorDays"},
		{"null in a list", `[{"Death":{}}]`, `[null]`, fault.Invalid, "$.CensoringCriteria[0]"},
		{"two types in one", `[{"Death":{}}]`, `[{"Death":{},"Specimen":{}}]`, fault.Invalid, "$.CensoringCriteria[0]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := strings.Replace(good, tc.old, tc.new, 1)
			if raw == good {
				t.Fatal("nothing was replaced")
			}
			_, err := Parse([]byte(raw))
			if !fault.Is(err, tc.kind) {
				t.Fatalf("kind %s, want %s: %v", fault.KindOf(err), tc.kind, err)
			}
			fields := fault.FieldsOf(err)
			if len(fields) == 0 || fields[0].Path != tc.path {
				t.Errorf("fields %v, want the path %s", fields, tc.path)
			}
		})
	}
}

// TestUnknownFields: the hub refuses them; where a definition is run as OHDSI's SQL
// runs it they are passed over, each with a warning.
func TestUnknownFields(t *testing.T) {
	good := definition(t, "everything.json")
	odd := strings.NewReplacer(`"First":true,"Occ`, `"Bogus":{"a":[1]},"First":true,"Occ`, `"EraPad":14`, `"EraPad":14,"EraPod":1`).Replace(good)
	if _, err := Parse([]byte(odd)); !fault.Is(err, fault.Invalid) || len(fault.FieldsOf(err)) != 2 {
		t.Errorf("strictly: %v, want two fields refused", err)
	}
	d, err := ParseCompatible([]byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	var warned []string
	for _, w := range d.Warnings() {
		if strings.Contains(w.Message, "passes it over") {
			warned = append(warned, w.Path)
		}
	}
	if len(warned) != 2 || warned[0] != "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Bogus" || warned[1] != "$.CollapseSettings.EraPod" {
		t.Errorf("warned of %v", warned)
	}
	same, err := Parse([]byte(good))
	if err != nil || same.Hash() != d.Hash() {
		t.Errorf("the unknown fields change the meaning: %v", err)
	}
	if _, err := ParseCompatible([]byte(strings.Replace(good, `"Op":"gte"`, `"Op":">="`, 1))); !fault.Is(err, fault.Invalid) {
		t.Errorf("what is known and wrong: %v", err)
	}
}

func TestBounds(t *testing.T) {
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	item := `{"concept":{"CONCEPT_ID":1}}`
	for name, tc := range map[string]struct {
		raw  string
		kind fault.Kind
	}{
		"size":         {strings.Repeat(" ", MaxBytes+1), fault.TooLarge},
		"values":       {`{"a":[` + many(maxValues, "0") + `]}`, fault.TooLarge},
		"depth":        {strings.Repeat(`{"Groups":[`, MaxDepth), fault.TooLarge},
		"criteria":     {`{"PrimaryCriteria":{"CriteriaList":[` + many(MaxCriteria+1, `{"Death":{}}`) + `]}}`, fault.Invalid},
		"concept sets": {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}]},"ConceptSets":[` + many(MaxConceptSets+1, `{"id":1}`) + `]}`, fault.Invalid},
		"items":        {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}]},"ConceptSets":[{"id":1,"expression":{"items":[` + many(MaxItems+1, item) + `]}}]}`, fault.Invalid},
		"not JSON":     {`{"PrimaryCriteria":`, fault.Invalid},
		"after it":     {`{} {}`, fault.Invalid},
		"null":         {`null`, fault.Invalid},
		"a list":       {`[]`, fault.Invalid},
		"empty":        {``, fault.Invalid},
	} {
		_, err := Parse([]byte(tc.raw))
		if !fault.Is(err, tc.kind) {
			t.Errorf("%s: kind %s, want %s: %.200v", name, fault.KindOf(err), tc.kind, err)
		}
		if n := len(fault.FieldsOf(err)); n > maxProblems {
			t.Errorf("%s: %d problems are named", name, n)
		}
	}
}

func TestHashIsOfTheMeaning(t *testing.T) {
	hash := func(raw string) string {
		t.Helper()
		d, err := Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		var any any
		if json.Unmarshal(d.Canonical(), &any) != nil {
			t.Fatalf("the canonical form is no JSON: %s", d.Canonical())
		}
		again, err := Parse(d.Canonical())
		if err != nil {
			t.Fatalf("the canonical form is refused: %v", err)
		}
		if again.Hash() != d.Hash() {
			t.Error("the canonical form has another hash")
		}
		return d.Hash()
	}
	base := definition(t, "everything.json")
	for _, same := range [][2]string{
		{`"name":"one"`, `"name":"uno"`}, {`"description":"first rule",`, ``}, {`"PriorDays":30,"PostDays":10`, `"PostDays":10, "PriorDays":30`},
		{`{"CONCEPT_ID":8532}`, `{"CONCEPT_ID":8532,"CONCEPT_NAME":"FEMALE"}`}, {`"RestrictVisit":true`, `"RestrictVisit":true,"IgnoreObservationPeriod":false`},
		{`{"Death":{}}`, `{"Death":{"DeathTypeExclude":false,"Gender":[],"Age":null}}`},
	} {
		if changed := strings.Replace(base, same[0], same[1], 1); changed == base || hash(changed) != hash(base) {
			t.Errorf("%s for %s changes the hash, or nothing", same[1], same[0])
		}
	}
	for _, other := range [][2]string{
		{`"UseEventEnd":false`, `"UseEventEnd":true`}, {`"UseEventEnd":false},"RestrictVisit"`, `"UseIndexEnd":false},"RestrictVisit"`},
		{`"EraPad":14`, `"EraPad":15`}, {`"CONCEPT_ID":8532`, `"CONCEPT_ID":8507`}, {`"isExcluded"`, `"isExcluded"`},
	} {
		if changed := strings.Replace(base, other[0], other[1], 1); changed != base && hash(changed) == hash(base) {
			t.Errorf("%s for %s keeps the hash", other[1], other[0])
		}
	}
}

func TestWarnsOfAMissingSet(t *testing.T) {
	d, err := Parse([]byte(`{"PrimaryCriteria":{"CriteriaList":[{"Specimen":{"CodesetId":77}}],"PrimaryCriteriaLimit":{"Type":"First"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if w := d.Warnings(); len(w) != 1 || w[0].Path != "$.PrimaryCriteria.CriteriaList[0].Specimen.CodesetId" {
		t.Errorf("warnings %v", w)
	}
}
