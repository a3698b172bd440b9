package circe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// TestCanonicalIsPinned keeps the form stable: stored hashes depend on it.
func TestCanonicalIsPinned(t *testing.T) {
	for _, name := range []string{"drug_after_condition", "everything", "dates"} {
		d, err := Parse([]byte(definition(t, name+".json")))
		if err != nil {
			t.Fatal(err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, d.Canonical(), "", " "); err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/"+name+".canonical", pretty.Bytes())
	}
}

// rewrite changes how a definition is written and not what it means: spelling,
// order and defaults at random, until the random source is used up.
type rewrite struct{ *rand.Rand }

func (r rewrite) chance() bool { return r.IntN(2) == 0 }

// value rewrites one value; key is the field that it stands in.
func (r rewrite) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		r.object(key, v)
		for k := range maps.Clone(v) {
			v[k] = r.value(k, v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = r.value("", v[i])
		}
		switch key {
		case "items", "Gender", "ConditionType", "VisitType", "Unit":
			v = append(v, v[r.IntN(len(v))]) // once more
			fallthrough
		case "ConceptSets", "Groups", "CensoringCriteria", "DemographicCriteriaList":
			r.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
		}
		return v
	case json.Number:
		if r.chance() && key != "CodesetId" && !strings.Contains(v.String(), ".") && (key == "Value" || key == "Extent") {
			return json.Number(v.String() + ".0")
		}
	}
	return v
}

// object writes out defaults.
func (r rewrite) object(key string, v map[string]any) {
	add := func(field string, value any) {
		if _, there := v[field]; !there && r.chance() {
			v[field] = value
		}
	}
	switch {
	case v["CONCEPT_ID"] != nil:
		add("CONCEPT_NAME", fmt.Sprint("a name ", r.IntN(9)))
	case v["concept"] != nil:
		add("isExcluded", false)
		add("includeMapped", nil)
	case key == "StartWindow":
		add("UseEventEnd", false)
	case key == "EndWindow":
		add("UseEventEnd", true)
		add("UseIndexEnd", false)
	case v["Occurrence"] != nil:
		add("RestrictVisit", false)
		add("IgnoreObservationPeriod", false)
	case v["CriteriaList"] != nil && v["Type"] != nil:
		add("Groups", []any{})
		if v["Type"] == "ALL" || v["Type"] == "ANY" {
			add("Count", json.Number("3"))
			v["Type"] = strings.ToLower(v["Type"].(string))
		}
	case v["PrimaryCriteria"] != nil:
		add("Title", "a title")
		add("CensorWindow", map[string]any{})
		if r.chance() {
			r.renumber(v)
		}
	}
}

// renumber gives the concept sets other ids, and adds one that nothing uses.
func (r rewrite) renumber(v map[string]any) {
	shift := func(n any) any {
		i, _ := n.(json.Number).Int64()
		return json.Number(fmt.Sprint(i*3 + 11))
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				if _, number := e.(json.Number); number && (k == "CodesetId" || k == "DrugCodesetId" || strings.HasSuffix(k, "Concept")) {
					v[k] = shift(e)
				} else {
					walk(e)
				}
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	for _, s := range v["ConceptSets"].([]any) {
		s.(map[string]any)["id"] = shift(s.(map[string]any)["id"])
	}
	v["ConceptSets"] = append(v["ConceptSets"].([]any), map[string]any{"id": json.Number("7"), "name": "unused"})
}

// TestHashStaysHoweverItIsWritten writes definitions anew in many ways; keys come
// out in another order as well, because json.Marshal sorts them.
func TestHashStaysHoweverItIsWritten(t *testing.T) {
	for _, name := range []string{"everything", "drug_after_condition", "dates"} {
		raw := []byte(definition(t, name+".json"))
		want, err := Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		written := map[string]bool{}
		for seed := range uint64(200) {
			var v any
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.UseNumber()
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
			other, err := json.Marshal(rewrite{rand.New(rand.NewPCG(seed, 1))}.value("", v))
			if err != nil {
				t.Fatal(err)
			}
			written[string(other)] = true
			got, err := Parse(other)
			if err != nil {
				t.Fatalf("%s, seed %d: %v\n%s", name, seed, err, other)
			}
			if got.Hash() != want.Hash() {
				t.Fatalf("%s, seed %d: another hash of the same meaning\n%s\n%s", name, seed, want.Canonical(), got.Canonical())
			}
		}
		if len(written) < 50 {
			t.Errorf("%s: only %d ways of writing were tried", name, len(written))
		}
	}
}

// TestHashTellsMeaningsApart changes one thing at a time.
func TestHashTellsMeaningsApart(t *testing.T) {
	base := definition(t, "everything.json")
	hash := func(raw string) string {
		t.Helper()
		d, err := Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		return d.Hash()
	}
	seen := map[string]string{hash(base): "nothing"}
	for _, c := range [][2]string{
		{`"includeDescendants":true`, `"includeDescendants":false`}, {`"CONCEPT_ID":201820`, `"CONCEPT_ID":201821`},
		{`"Type":"Last"`, `"Type":"All"`}, {`"Type":"last"`, `"Type":"All"`}, {`"ExpressionLimit":{"Type":"First"}`, `"ExpressionLimit":{"Type":"All"}`},
		{`"PriorDays":30`, `"PriorDays":31`}, {`"Value":7.12345`, `"Value":7.12346`}, {`"Op":"gte"`, `"Op":"gt"`},
		{`"ConditionTypeExclude":true`, `"ConditionTypeExclude":false`}, {`"IsDistinct":true`, `"IsDistinct":false`},
		{`"CountColumn":"START_DATE"`, `"CountColumn":"END_DATE"`}, {`"Offset":7`, `"Offset":8`}, {`[{"Death":{}}]`, `[{"Death":{"CodesetId":1}}]`},
		{`"StartDate":"2011-01-01"`, `"StartDate":"2011-01-02"`}, {`"Type":"AT_LEAST","Count":1`, `"Type":"AT_LEAST","Count":2`},
		{`"UseIndexEnd":true`, `"UseIndexEnd":false`}, {`"DaysSupplyOverride":28`, `"DaysSupplyOverride":0`}, {`,"DaysSupplyOverride":28`, ``},
		{`"First":true,"Occ`, `"Occ`}, {`"Exclude":true`, `"Exclude":true`},
	} {
		changed := strings.Replace(base, c[0], c[1], 1)
		if changed == base {
			continue
		}
		h := hash(changed)
		if was, there := seen[h]; there {
			t.Errorf("%s for %s: the hash of %s", c[1], c[0], was)
		}
		seen[h] = c[1]
	}
	if len(seen) < 18 {
		t.Errorf("only %d changes were made", len(seen))
	}
}

// TestCanonicalOfTheLibrary reads each canonical form of OHDSI's library again.
func TestCanonicalOfTheLibrary(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.TestData(t, "circe"), "definitions", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(b); err != nil {
			refused++
		}
		d, err := ParseCompatible(b)
		if err != nil {
			t.Errorf("%s is refused: %v", filepath.Base(file), err)
			continue
		}
		again, err := Parse(d.Canonical())
		if err != nil || again.Hash() != d.Hash() {
			t.Errorf("%s: the canonical form is read as something else: %v", filepath.Base(file), err)
		}
	}
	// One definition there has a field that nobody knows.
	if refused > 1 {
		t.Errorf("%d of %d definitions are refused strictly", refused, len(files))
	}
}

func TestWarningsOfQuirks(t *testing.T) {
	const all = `"PrimaryCriteriaLimit":{"Type":"All"}`
	primary := func(c string) string {
		return `{"PrimaryCriteria":{"CriteriaList":[` + c + `],` + all + `},"ExpressionLimit":{"Type":"All"}}`
	}
	group := func(member string) string {
		return `{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}],` + all + `},"ExpressionLimit":{"Type":"All"},"QualifiedLimit":{"Type":"All"},"AdditionalCriteria":` + member + `}`
	}
	one := func(member string) string { return group(`{"Type":"ALL","CriteriaList":[` + member + `]}`) }
	for name, c := range map[string]struct {
		raw, path, says string
	}{
		"a limit that does nothing":        {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}],` + all + `},"QualifiedLimit":{"Type":"First"},"ExpressionLimit":{"Type":"All"}}`, "$.QualifiedLimit", "does nothing"},
		"no primary limit":                 {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}]}}`, "$.PrimaryCriteria", "first event"},
		"no expression limit":              {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}],` + all + `}}`, "$", "no ExpressionLimit"},
		"no qualified limit":               {`{"PrimaryCriteria":{"CriteriaList":[{"Death":{}}],` + all + `},"ExpressionLimit":{"Type":"All"},"AdditionalCriteria":{"Type":"ALL"}}`, "$", "no QualifiedLimit"},
		"race by set":                      {group(`{"Type":"ALL","DemographicCriteriaList":[{"RaceCS":{"IsExclusion":true}}]}`), "$.AdditionalCriteria.DemographicCriteriaList[0].RaceCS", "gender"},
		"ethnicity by set":                 {group(`{"Type":"ALL","DemographicCriteriaList":[{"EthnicityCS":{}}]}`), "$.AdditionalCriteria.DemographicCriteriaList[0].EthnicityCS", "gender"},
		"a specimen's dates":               {primary(`{"Specimen":{"DateAdjustment":{"StartOffset":1}}}`), "$.PrimaryCriteria.CriteriaList[0].Specimen.DateAdjustment", "ignores"},
		"a drug's end":                     {primary(`{"DrugExposure":{"OccurrenceEndDate":{"Value":"2011-01-01","Op":"lt"}}}`), "$.PrimaryCriteria.CriteriaList[0].DrugExposure.OccurrenceEndDate", "start"},
		"gap days alone":                   {primary(`{"DrugEra":{"GapDays":{"Value":1,"Op":"lt"}}}`), "$.PrimaryCriteria.CriteriaList[0].DrugEra.GapDays", "does not run"},
		"gap days with a length":           {primary(`{"DrugEra":{"EraLength":{"Value":1,"Op":"lt"},"GapDays":{"Value":1,"Op":"lt"}}}`), "$.PrimaryCriteria.CriteriaList[0].DrugEra.GapDays", "EraLength"},
		"abnormal alone":                   {primary(`{"Measurement":{"Abnormal":true}}`), "$.PrimaryCriteria.CriteriaList[0].Measurement.Abnormal", "does not run"},
		"different ones with own criteria": {one(`{"Criteria":{"Death":{"CorrelatedCriteria":{"Type":"ALL"}}},"Occurrence":{"Type":2,"Count":1,"IsDistinct":true}}`), "$.AdditionalCriteria.CriteriaList[0].Occurrence", "does not run"},
		"an end window without more":       {one(`{"Criteria":{"Death":{}},"EndWindow":{"Start":{"Coeff":-1},"End":{"Coeff":1}},"Occurrence":{"Type":2,"Count":1}}`), "$.AdditionalCriteria.CriteriaList[0].EndWindow", "event's end"},
		"decimals of a whole number":       {primary(`{"ConditionOccurrence":{"Age":{"Value":17.5,"Op":"gt"}}}`), "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Age", "decimals"},
		"five decimals":                    {primary(`{"Measurement":{"ValueAsNumber":{"Value":7.12345,"Op":"gt"}}}`), "$.PrimaryCriteria.CriteriaList[0].Measurement.ValueAsNumber", "decimals"},
		"a wildcard":                       {primary(`{"ConditionOccurrence":{"StopReason":{"Text":"50%","Op":"contains"}}}`), "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.StopReason", "wildcards"},
		"a window the wrong way round":     {one(`{"Criteria":{"Death":{}},"StartWindow":{"Start":{"Days":9,"Coeff":1},"End":{"Days":3,"Coeff":1}},"Occurrence":{"Type":2,"Count":1}}`), "$.AdditionalCriteria.CriteriaList[0].StartWindow", "ends before"},
		"a range the wrong way round":      {primary(`{"ConditionOccurrence":{"Age":{"Value":60,"Op":"bt","Extent":18}}}`), "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Age", "no number"},
		"at least none":                    {one(`{"Criteria":{"Death":{}},"Occurrence":{"Type":2,"Count":0}}`), "$.AdditionalCriteria.CriteriaList[0].Occurrence", "always"},
		"more than there are":              {group(`{"Type":"AT_LEAST","Count":2,"DemographicCriteriaList":[{}]}`), "$.AdditionalCriteria", "nothing fulfils"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, w := range d.Warnings() {
				if w.Path == c.path {
					found = append(found, w.Message)
				}
			}
			if !slices.ContainsFunc(found, func(m string) bool { return strings.Contains(m, c.says) }) {
				t.Errorf("at %s: %q, want one that says %q; all: %v", c.path, found, c.says, d.Warnings())
			}
		})
	}
	quiet, err := Parse([]byte(primary(`{"ConditionOccurrence":{"Age":{"Value":17,"Op":"gt"},"StopReason":{"Text":"50%","Op":"eq"}}}`)))
	if err != nil || len(quiet.Warnings()) > 0 {
		t.Errorf("a definition without quirks: %v, %v", quiet.Warnings(), err)
	}
}
