package circe

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/testkit"
)

var testOptions = Options{Data: omop.Dataset{Project: "demo-test", ID: "cdr"}, Sets: map[int64][]int64{0: {201820, 201826}, 1: {1503297}, 2: {8507}}}

// golden is a statement's SQL with its parameters below it, one a line.
func golden(t *testing.T, st statement.Statement) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(st.SQL + "\n")
	for _, p := range st.Params {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- " + string(line) + "\n")
	}
	return b.Bytes()
}

// TestGoldens are also given to the GoogleSQL analyzer, by functions/query.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"drug_after_condition", "everything", "dates"} {
		d, err := Parse([]byte(definition(t, name+".json")))
		if err != nil {
			t.Fatal(err)
		}
		compatible := testOptions
		compatible.Compatible = true
		for suffix, compile := range map[string]func() (statement.Statement, error){
			"":            func() (statement.Statement, error) { return d.Compile(testOptions) },
			"_compatible": func() (statement.Statement, error) { return d.Compile(compatible) },
			"_count":      func() (statement.Statement, error) { return d.Count(testOptions) },
			"_attrition":  func() (statement.Statement, error) { return d.Attrition(testOptions) },
			"_explain":    func() (statement.Statement, error) { return d.Explain(testOptions, 7) },
			"_demographics": func() (statement.Statement, error) {
				f, err := d.Fragment(testOptions)
				return f.Demographics(testOptions.Data, 10), err
			},
			"_resolve": func() (statement.Statement, error) {
				r, err := Resolve(d.ConceptSets, testOptions.Data)
				return r.Statement, err
			},
		} {
			st, err := compile()
			if err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, "testdata/"+name+suffix+".sql", golden(t, st))
			again, err := compile()
			if err != nil || again.SQL != st.SQL {
				t.Errorf("%s%s compiles differently the second time: %v", name, suffix, err)
			}
		}
	}
}

// forbidden would make the same definition give other rows another day.
var forbidden = regexp.MustCompile(`(?i)CURRENT_|RAND\(|GENERATE_UUID|SESSION_USER`)

func TestNothingOfTheCallersIsInTheSQL(t *testing.T) {
	raw := definition(t, "everything.json")
	for old, evil := range map[string]string{`50%_done\\`: "EVIL'", `"x"`: `"EVIL\"--"`, `"one"`: `"EVIL"`, `"a"`: `"EVIL"`} {
		raw = strings.Replace(raw, old, evil, 1)
	}
	if strings.Count(raw, "EVIL") != 4 {
		t.Fatal("the definition does not hold the words")
	}
	d, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	st, err := d.Compile(testOptions)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(st.SQL, "EVIL") || forbidden.MatchString(st.SQL) {
		t.Errorf("the SQL holds what it must not:\n%s", st.SQL)
	}
	names := map[string]bool{}
	for _, p := range st.Params {
		if names[p.Name] || !strings.Contains(st.SQL, "@"+p.Name) {
			t.Errorf("the parameter %s is there twice, or not used", p.Name)
		}
		names[p.Name] = true
	}
}

// TestLegacy asks for what CDM v5.4 does not have: it is warned of, and compiled
// only for a release that has it.
func TestLegacy(t *testing.T) {
	for name, c := range map[string]struct{ criterion, path, sql string }{
		"a criteria type":        {`{"LocationRegion":{"CodesetId":0}}`, "LocationRegion", "h.domain_id = 'PERSON'"},
		"a column of drugs":      {`{"DrugExposure":{"EffectiveDrugDose":{"Value":1,"Op":"gt"}}}`, "DrugExposure.EffectiveDrugDose", "t.effective_drug_dose"},
		"a unit of drugs":        {`{"DrugExposure":{"DoseUnitCS":{"CodesetId":0}}}`, "DrugExposure.DoseUnitCS", "t.dose_unit_concept_id"},
		"a column of specimens":  {`{"Specimen":{"SpecimenSourceConcept":0}}`, "Specimen.SpecimenSourceConcept", "t.specimen_source_concept_id IN"},
		"a care site's region":   {`{"VisitOccurrence":{"PlaceOfServiceLocation":0}}`, "VisitOccurrence.PlaceOfServiceLocation", "h.domain_id = 'CARE_SITE'"},
		"a detail's care site's": {`{"VisitDetail":{"PlaceOfServiceLocation":0}}`, "VisitDetail.PlaceOfServiceLocation", "t.visit_detail_start_date >= h.start_date"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse([]byte(`{"ConceptSets":[{"id":0,"expression":{"items":[{"concept":{"CONCEPT_ID":1}}]}}],"PrimaryCriteria":{"CriteriaList":[` + c.criterion + `]}}`))
			if err != nil {
				t.Fatal(err)
			}
			path := "$.PrimaryCriteria.CriteriaList[0]." + c.path
			if w := d.Warnings(); len(w) == 0 || w[0].Path != path {
				t.Errorf("warnings %v, want the first at %s", w, path)
			}
			_, err = d.Compile(testOptions)
			if fields := fault.FieldsOf(err); !fault.Is(err, fault.Invalid) || len(fields) != 1 || fields[0].Path != path {
				t.Errorf("without the old tables: %v", err)
			}
			o := testOptions
			o.Legacy = true
			st, err := d.Compile(o)
			if err != nil || !strings.Contains(st.SQL, c.sql) {
				t.Errorf("%v\n%s\nhas no %s", err, st.SQL, c.sql)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	d, err := Parse([]byte(definition(t, "drug_after_condition.json")))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"a dataset that is none": {Data: omop.Dataset{Project: "demo-test", ID: "a`; DROP"}},
		"a project that is none": {Data: omop.Dataset{Project: "p`", ID: "a"}},
		"a prefix that is none":  {Data: testOptions.Data, Prefix: "a b"},
		"too many concepts":      {Data: testOptions.Data, Sets: map[int64][]int64{0: make([]int64, MaxConcepts+1)}},
	} {
		if _, err := d.Compile(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := d.Compile(Options{Data: testOptions.Data, Sets: map[int64][]int64{0: make([]int64, MaxConcepts+1)}}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many concepts: %v", err)
	}
}

// TestCombinationGolden is given to the analyzer as well.
func TestCombinationGolden(t *testing.T) {
	d, err := Parse([]byte(definition(t, "drug_after_condition.json")))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Parse([]byte(definition(t, "dates.json")))
	if err != nil {
		t.Fatal(err)
	}
	find := func(_ context.Context, cohort string, _ int) (Stored, error) {
		return Stored{Definition: map[string]*Definition{"a": d, "b": other}[cohort]}, nil
	}
	c, err := ParseCombination([]byte(`{"op":"difference","of":[{"cohort":"a","version":1},{"op":"intersection","of":[{"cohort":"b","version":2},{"cohort":"a","version":1}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	w, err := Expand(t.Context(), c, find)
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions
	o.Prefix = "x"
	st, err := w.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/combination.sql", golden(t, st))
}
