package circe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/testkit"
)

// place is a value inside decoded JSON, with what puts another there.
type place struct {
	path, key string
	old       any
	set       func(any)
}

// places are all values of some JSON, from the outside in.
func places(v any, path, key string, set func(any)) []place {
	list := []place{{path, key, v, set}}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			list = append(list, places(v[k], path+"."+k, k, func(n any) { v[k] = n })...)
		}
	case []any:
		for i := range v {
			list = append(list, places(v[i], fmt.Sprintf("%s[%d]", path, i), key+"[]", func(n any) { v[i] = n })...)
		}
	}
	return list
}

// TestEachFieldTakesItsOwnKindAlone puts values of every kind in the place of each
// value of definitions that hold every field. What is taken stands in the golden
// file, to be read by people; what is not is refused where it stands.
func TestEachFieldTakesItsOwnKindAlone(t *testing.T) {
	values := []string{`null`, `true`, `"x"`, `""`, `0`, `1`, `-1`, `1.5`, `9223372036854775808`, `[]`, `{}`, `[null]`, `{"a":1}`}
	taken := map[string]map[string]bool{}
	raws := []string{definition(t, "everything.json"), definition(t, "dates.json")}
	for _, name := range domainNames() {
		raws = append(raws, whole(domains[name].fullest(0)))
	}
	tried := 0
	for i, raw := range raws {
		var root any
		dec := json.NewDecoder(strings.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&root); err != nil {
			t.Fatal(err)
		}
		for _, p := range places(root, "$", "the definition", func(n any) { root = n }) {
			if i > 1 && !strings.HasPrefix(p.path, "$.PrimaryCriteria.CriteriaList") {
				continue // the first two have the rest
			}
			kind := map[string]string{"string": "text", "json.Number": "number", "bool": "flag", "[]interface {}": "list"}[fmt.Sprintf("%T", p.old)]
			if kind == "" {
				kind = "object"
			}
			for _, v := range values {
				p.set(json.RawMessage(v))
				changed, err := json.Marshal(root)
				p.set(p.old)
				if err != nil {
					t.Fatal(err)
				}
				tried++
				_, err = Parse(changed)
				if err == nil {
					key := p.key + " (" + kind + ")"
					if taken[key] == nil {
						taken[key] = map[string]bool{}
					}
					taken[key][v] = true
					continue
				}
				// One thing is wrong: it is said where it stands, or where it is missing.
				fields := fault.FieldsOf(err)
				if len(fields) == 0 || len(fields) > 3 || !fault.Is(err, fault.Invalid) {
					t.Errorf("%s at %s: %v, %v", v, p.path, err, fields)
					continue
				}
				parent := p.path[:max(strings.LastIndexAny(p.path, ".["), 1)]
				if at := fields[0].Path; !strings.HasPrefix(at, p.path) && at != parent && p.key != "id" { // of two ids the later is refused
					t.Errorf("%s at %s is refused at %s: %s", v, p.path, at, fields[0].Message)
				}
			}
		}
	}
	if tried < 8_000 {
		t.Errorf("only %d changes were tried", tried)
	}
	var lines bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(taken)) {
		fmt.Fprintf(&lines, "%s: %s\n", key, strings.Join(slices.Sorted(maps.Keys(taken[key])), " "))
	}
	testkit.Golden(t, "testdata/taken.txt", lines.Bytes())
}

// circesFields are those of each criteria type in OHDSI's circe-be 1.12, beside
// DateAdjustment and CorrelatedCriteria, which every one has. LocationRegion's
// StartDate and EndDate, which its SQL never looks at, are not among them.
var circesFields = map[string]string{
	"ConditionEra":        "AgeAtEnd AgeAtStart CodesetId EraEndDate EraLength EraStartDate First Gender GenderCS OccurrenceCount",
	"ConditionOccurrence": "Age CodesetId ConditionSourceConcept ConditionStatus ConditionStatusCS ConditionType ConditionTypeCS ConditionTypeExclude First Gender GenderCS OccurrenceEndDate OccurrenceStartDate ProviderSpecialty ProviderSpecialtyCS StopReason VisitType VisitTypeCS",
	"Death":               "Age CodesetId DeathSourceConcept DeathType DeathTypeCS DeathTypeExclude Gender GenderCS OccurrenceStartDate",
	"DeviceExposure":      "Age CodesetId DeviceSourceConcept DeviceType DeviceTypeCS DeviceTypeExclude First Gender GenderCS OccurrenceEndDate OccurrenceStartDate ProviderSpecialty ProviderSpecialtyCS Quantity UniqueDeviceId VisitType VisitTypeCS",
	"DoseEra":             "AgeAtEnd AgeAtStart CodesetId DoseValue EraEndDate EraLength EraStartDate First Gender GenderCS Unit UnitCS",
	"DrugEra":             "AgeAtEnd AgeAtStart CodesetId EraEndDate EraLength EraStartDate First GapDays Gender GenderCS OccurrenceCount",
	"DrugExposure": "Age CodesetId DaysSupply DoseUnit DoseUnitCS DrugSourceConcept DrugType DrugTypeCS DrugTypeExclude EffectiveDrugDose First Gender GenderCS LotNumber OccurrenceEndDate OccurrenceStartDate " +
		"ProviderSpecialty ProviderSpecialtyCS Quantity Refills RouteConcept RouteConceptCS StopReason VisitType VisitTypeCS",
	"LocationRegion": "CodesetId",
	"Measurement": "Abnormal Age CodesetId First Gender GenderCS MeasurementSourceConcept MeasurementType MeasurementTypeCS MeasurementTypeExclude OccurrenceStartDate Operator OperatorCS ProviderSpecialty ProviderSpecialtyCS " +
		"RangeHigh RangeHighRatio RangeLow RangeLowRatio Unit UnitCS ValueAsConcept ValueAsConceptCS ValueAsNumber VisitType VisitTypeCS",
	"Observation": "Age CodesetId First Gender GenderCS ObservationSourceConcept ObservationType ObservationTypeCS ObservationTypeExclude OccurrenceStartDate ProviderSpecialty ProviderSpecialtyCS Qualifier QualifierCS Unit UnitCS " +
		"ValueAsConcept ValueAsConceptCS ValueAsNumber ValueAsString VisitType VisitTypeCS",
	"ObservationPeriod":   "AgeAtEnd AgeAtStart First PeriodEndDate PeriodLength PeriodStartDate PeriodType PeriodTypeCS UserDefinedPeriod",
	"PayerPlanPeriod":     "AgeAtEnd AgeAtStart First Gender GenderCS PayerConcept PayerSourceConcept PeriodEndDate PeriodLength PeriodStartDate PlanConcept PlanSourceConcept SponsorConcept SponsorSourceConcept StopReasonConcept StopReasonSourceConcept UserDefinedPeriod",
	"ProcedureOccurrence": "Age CodesetId First Gender GenderCS Modifier ModifierCS OccurrenceStartDate ProcedureSourceConcept ProcedureType ProcedureTypeCS ProcedureTypeExclude ProviderSpecialty ProviderSpecialtyCS Quantity VisitType VisitTypeCS",
	"Specimen":            "Age AnatomicSite AnatomicSiteCS CodesetId DiseaseStatus DiseaseStatusCS First Gender GenderCS OccurrenceStartDate Quantity SourceId SpecimenSourceConcept SpecimenType SpecimenTypeCS SpecimenTypeExclude Unit UnitCS",
	"VisitOccurrence":     "Age CodesetId First Gender GenderCS OccurrenceEndDate OccurrenceStartDate PlaceOfService PlaceOfServiceCS PlaceOfServiceLocation ProviderSpecialty ProviderSpecialtyCS VisitLength VisitSourceConcept VisitType VisitTypeCS VisitTypeExclude",
	"VisitDetail":         "Age CodesetId First GenderCS PlaceOfServiceCS PlaceOfServiceLocation ProviderSpecialtyCS VisitDetailEndDate VisitDetailLength VisitDetailSourceConcept VisitDetailStartDate VisitDetailTypeCS",
}

// TestTypesKnowCircesFieldsAlone tries every field of any type on each type: the
// lenient reader, which warns of those that it does not know, tells them apart
// whatever stands in them.
func TestTypesKnowCircesFieldsAlone(t *testing.T) {
	all := map[string]bool{"DateAdjustment": true, "CorrelatedCriteria": true, "StartDate": true, "Race": true, "Codesetid": true}
	for _, fields := range circesFields {
		for field := range strings.FieldsSeq(fields) {
			all[field] = true
		}
	}
	if len(circesFields) != 16 || len(domains) != 16 {
		t.Fatalf("%d and %d types", len(circesFields), len(domains))
	}
	for name, fields := range circesFields {
		known := append(strings.Fields(fields), "DateAdjustment", "CorrelatedCriteria")
		for field := range all {
			path := "$.PrimaryCriteria.CriteriaList[0]." + name + "." + field
			// No field takes this, so that one which is known is refused in other words.
			_, err := Parse([]byte(whole(fmt.Sprintf(`{%q:{%q:[[]]}}`, name, field))))
			found := fault.FieldsOf(err)
			if len(found) != 1 || !strings.HasPrefix(found[0].Path, path) {
				t.Errorf("%s.%s: %v with %v", name, field, err, found)
				continue
			}
			if unknown := strings.HasSuffix(found[0].Message, "there is no such field here"); unknown == slices.Contains(known, field) {
				t.Errorf("%s.%s is known: %t (%s)", name, field, !unknown, found[0].Message)
			}
		}
	}
}

// TestHostileDefinitions: what is refused says where and why, what is accepted and
// hardly meant is warned of.
func TestHostileDefinitions(t *testing.T) {
	const head = `"PrimaryCriteria":{"CriteriaList":[{"Death":{}}],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"}`
	const first = "$.PrimaryCriteria.CriteriaList[0]"
	group := func(g string) string {
		return `{` + head + `,"QualifiedLimit":{"Type":"All"},"AdditionalCriteria":` + g + `}`
	}
	member := func(m string) string {
		return group(`{"Type":"ALL","CriteriaList":[{"Criteria":{"ConditionOccurrence":{}},` + m + `}]}`)
	}
	one := func(c string) string { return whole(c) }
	age := func(v string) string { return one(`{"Death":{"Age":` + v + `}}`) }
	deep := strings.Repeat(`{"Type":"ALL","Groups":[`, 60) + strings.Repeat(`]}`, 60)
	for name, c := range map[string]struct{ raw, path, says string }{
		"a number beyond all":             {age(`{"Value":1e309,"Op":"gt"}`), first + ".Death.Age.Value", "fifteen digits"},
		"a number of sixteen digits":      {age(`{"Value":1000000000000001,"Op":"gt"}`), first + ".Death.Age.Value", "fifteen digits"},
		"not a number":                    {age(`{"Value":NaN,"Op":"gt"}`), "", "near byte"},
		"not a number as a text":          {age(`{"Value":"NaN","Op":"gt"}`), first + ".Death.Age.Value", "a number"},
		"infinity":                        {age(`{"Value":-Infinity,"Op":"gt"}`), "", "near byte"},
		"a hexadecimal":                   {age(`{"Value":0x10,"Op":"gt"}`), "", "near byte"},
		"no operator":                     {age(`{"Value":1}`), first + ".Death.Age", "Op"},
		"an operator of SQL":              {age(`{"Value":1,"Op":"> 0 OR 1="}`), first + ".Death.Age.Op", "Op"},
		"an operator in capitals":         {age(`{"Value":1,"Op":"GT"}`), first + ".Death.Age.Op", "Op"},
		"no value":                        {age(`{"Op":"gt"}`), first + ".Death.Age", "Value"},
		"an extent of another kind":       {age(`{"Value":1,"Op":"gt","Extent":"2"}`), first + ".Death.Age.Extent", "a number"},
		"warned: no text":                 {one(`{"Specimen":{"SourceId":{"Op":"eq"}}}`), "warned " + first + ".Specimen.SourceId", "no Text"},
		"a long text":                     {one(`{"Specimen":{"SourceId":{"Op":"eq","Text":"` + strings.Repeat("a", MaxText+1) + `"}}}`), first + ".Specimen.SourceId", "at most"},
		"a day that is none":              {one(`{"Death":{"OccurrenceStartDate":{"Value":"2021-02-29","Op":"gt"}}}`), first + ".Death.OccurrenceStartDate.Value", "date of the form"},
		"a date with a time":              {one(`{"Death":{"OccurrenceStartDate":{"Value":"2021-02-01T00:00:00Z","Op":"gt"}}}`), first + ".Death.OccurrenceStartDate.Value", "date of the form"},
		"the year 10000":                  {one(`{"Death":{"OccurrenceStartDate":{"Value":"10000-01-01","Op":"gt"}}}`), first + ".Death.OccurrenceStartDate.Value", "date of the form"},
		"other digits":                    {one(`{"Death":{"OccurrenceStartDate":{"Value":"２０２１-01-01","Op":"gt"}}}`), first + ".Death.OccurrenceStartDate.Value", "date of the form"},
		"a concept id as a text":          {one(`{"Death":{"Gender":[{"CONCEPT_ID":"8507"}]}}`), first + ".Death.Gender[0].CONCEPT_ID", "whole number"},
		"a negative concept id":           {one(`{"Death":{"Gender":[{"CONCEPT_ID":-1}]}}`), first + ".Death.Gender[0].CONCEPT_ID", "whole number"},
		"a concept without an id":         {one(`{"Death":{"Gender":[{"CONCEPT_NAME":"MALE"}]}}`), first + ".Death.Gender[0]", "CONCEPT_ID"},
		"a set number that is a text":     {one(`{"PayerPlanPeriod":{"PayerConcept":"1"}}`), first + ".PayerPlanPeriod.PayerConcept", "whole number"},
		"a set number out of bounds":      {one(`{"Death":{"CodesetId":2147483648}}`), first + ".Death.CodesetId", "whole number"},
		"a negative window":               {member(`"StartWindow":{"Start":{"Days":-1,"Coeff":-1},"End":{"Coeff":1}},"Occurrence":{"Type":2,"Count":1}`), "$.AdditionalCriteria.CriteriaList[0].StartWindow.Start.Days", "from 0"},
		"a window without a direction":    {member(`"StartWindow":{"Start":{"Days":1,"Coeff":0},"End":{"Coeff":1}},"Occurrence":{"Type":2,"Count":1}`), "$.AdditionalCriteria.CriteriaList[0].StartWindow.Start.Coeff", "before"},
		"a window without an end":         {member(`"StartWindow":{"Start":{"Days":1,"Coeff":1}},"Occurrence":{"Type":2,"Count":1}`), "$.AdditionalCriteria.CriteriaList[0].StartWindow", "Start and End"},
		"a negative count":                {member(`"Occurrence":{"Type":2,"Count":-1}`), "$.AdditionalCriteria.CriteriaList[0].Occurrence.Count", "from 0"},
		"a kind of count that is none":    {member(`"Occurrence":{"Type":3,"Count":1}`), "$.AdditionalCriteria.CriteriaList[0].Occurrence.Type", "from 0 to 2"},
		"a column of SQL":                 {member(`"Occurrence":{"Type":2,"Count":1,"CountColumn":"person_id"}`), "$.AdditionalCriteria.CriteriaList[0].Occurrence.CountColumn", "not one of"},
		"no occurrence":                   {member(`"RestrictVisit":true`), "$.AdditionalCriteria.CriteriaList[0]", "Occurrence is missing"},
		"a group of another kind":         {group(`{"Type":"NONE"}`), "$.AdditionalCriteria.Type", "AT_MOST"},
		"a group of no kind":              {group(`{}`), "$.AdditionalCriteria", "AT_MOST"},
		"a group in Turkish":              {group(`{"Type":"at_leaſt","Count":1,"Groups":["x"]}`), "$.AdditionalCriteria.Groups[0]", "object"},
		"groups too deep":                 {group(deep), "", "deeper than"},
		"two types":                       {one(`{"Death":{},"Specimen":{}}`), first, "exactly one"},
		"no type":                         {one(`{}`), first, "exactly one"},
		"a type in other letters":         {one(`{"death":{}}`), first + ".death", "no such criteria type"},
		"a type of other letters":         {one(`{"Dеath":{}}`), first + `."D\u0435ath"`, "no such criteria type"},
		"two sets of one id":              {`{` + head + `,"ConceptSets":[{"id":3},{"id":4},{"id":3}]}`, "$.ConceptSets[2].id", "two concept sets"},
		"sets without ids":                {`{` + head + `,"ConceptSets":[{"name":"a"},{"name":"b"}]}`, "$.ConceptSets[0]", "has no id"},
		"a key twice, once escaped":       {`{` + head + `,"Title":"a","\u0054itle":"b"}`, "$.Title", "twice"},
		"null and then a value":           {`{` + head + `,"Title":null,"Title":"b"}`, "$.Title", "twice"},
		"a key of a thousand letters":     {`{` + head + `,"` + strings.Repeat("k", 1000) + `":1}`, `$."` + strings.Repeat("k", 196), "no such field"},
		"a key with a line break":         {`{` + head + `,"a\nb":1}`, `$."a\nb"`, "no such field"},
		"an end of two kinds":             {`{` + head + `,"EndStrategy":{"DateOffset":{},"CustomEra":{"DrugCodesetId":1}}}`, "$.EndStrategy", "not both"},
		"an end of none":                  {`{` + head + `,"EndStrategy":{}}`, "$.EndStrategy", "DateOffset or CustomEra"},
		"an offset out of bounds":         {`{` + head + `,"EndStrategy":{"DateOffset":{"Offset":100001}}}`, "$.EndStrategy.DateOffset.Offset", "100000"},
		"a negative era pad":              {`{` + head + `,"CollapseSettings":{"EraPad":-1}}`, "$.CollapseSettings.EraPad", "from 0"},
		"another collapse":                {`{` + head + `,"CollapseSettings":{"CollapseType":"NO_COLLAPSE"}}`, "$.CollapseSettings.CollapseType", "ERA"},
		"a rule without an expression":    {`{` + head + `,"InclusionRules":[{"name":"r"}]}`, "$.InclusionRules[0]", "no expression"},
		"warned: a set that is not there": {one(`{"Death":{"CodesetId":77}}`), "warned " + first + ".Death.CodesetId", "no concept set"},
		"warned: a set of nothing":        {one(`{"Death":{"DeathTypeCS":{"CodesetId":2}}}`), "warned " + first + ".Death.DeathTypeCS.CodesetId", "names no concept"},
		"warned: an occurrence of 0":      {member(`"Occurrence":{}`), "warned $.AdditionalCriteria.CriteriaList[0].Occurrence", "taken for 0"},
		"warned: an empty text":           {one(`{"Specimen":{"SourceId":{"Text":"","Op":"contains"}}}`), "warned " + first + ".Specimen.SourceId", "every text"},
	} {
		t.Run(name, func(t *testing.T) {
			c.raw = strings.Replace(c.raw, `"ConceptSets":[{"id":0,`, `"ConceptSets":[{"id":2,"name":"only excluded","expression":{"items":[{"concept":{"CONCEPT_ID":5},"isExcluded":true}]}},{"id":0,`, 1)
			d, err := Parse([]byte(c.raw))
			var notes []fault.Field
			path, warned := strings.CutPrefix(c.path, "warned ")
			switch {
			case warned && err == nil:
				notes = d.Warnings()
			case warned || err == nil:
				t.Fatalf("refused: %v", err)
			case c.path == "":
				notes = []fault.Field{{Message: err.Error()}}
			default:
				notes = fault.FieldsOf(err)
			}
			if !slices.ContainsFunc(notes, func(f fault.Field) bool {
				return strings.HasPrefix(f.Path, path) && strings.Contains(f.Message, c.says)
			}) {
				t.Errorf("%v with %v, want %q at %s", err, notes, c.says, path)
			}
		})
	}
}
