package query

import (
	"fmt"
	"strings"
	"testing"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/omop"
)

// criteriaTypes are Circe's, each with what it may be asked beside its concepts.
var criteriaTypes = map[string]string{
	"ConditionOccurrence": `"ConditionTypeExclude":true,"ConditionType":[{"CONCEPT_ID":1}],"StopReason":{"Text":"a","Op":"contains"},"Age":{"Value":1,"Op":"bt","Extent":9}`,
	"DrugExposure":        `"Refills":{"Value":1,"Op":"gte"},"Quantity":{"Value":1.5,"Op":"!bt","Extent":2},"LotNumber":{"Text":"x","Op":"!endsWith"}`,
	"ProcedureOccurrence": `"Quantity":{"Value":1,"Op":"eq"},"Modifier":[{"CONCEPT_ID":1}]`,
	"VisitOccurrence":     `"VisitLength":{"Value":2,"Op":"lt"},"PlaceOfServiceCS":{"CodesetId":0}`,
	"VisitDetail":         `"VisitDetailLength":{"Value":2,"Op":"lte"},"VisitDetailTypeCS":{"CodesetId":0,"IsExclusion":true}`,
	"Observation":         `"ValueAsString":{"Text":"x","Op":"startsWith"},"ValueAsNumber":{"Value":1,"Op":"gt"},"UnitCS":{"CodesetId":0}`,
	"Measurement":         `"Abnormal":true,"RangeHighRatio":{"Value":1,"Op":"gt"},"ValueAsConcept":[{"CONCEPT_ID":1}]`,
	"DeviceExposure":      `"UniqueDeviceId":{"Text":"x","Op":"eq"}`,
	"Specimen":            `"SourceId":{"Text":"x","Op":"!eq"},"Quantity":{"Value":1,"Op":"gt"}`,
	"Death":               `"Age":{"Value":60,"Op":"gt"}`,
	"ConditionEra":        `"OccurrenceCount":{"Value":2,"Op":"gte"},"EraLength":{"Value":2,"Op":"gt"}`,
	"DrugEra":             `"GapDays":{"Value":2,"Op":"lt"},"AgeAtEnd":{"Value":2,"Op":"gt"}`,
	"DoseEra":             `"DoseValue":{"Value":2,"Op":"lt"}`,
	"ObservationPeriod":   `"PeriodLength":{"Value":30,"Op":"gt"},"UserDefinedPeriod":{"StartDate":"2010-01-01"}`,
	"PayerPlanPeriod":     `"PayerConcept":0`,
	"LocationRegion":      ``,
}

// criterion writes a criterion of a type.
func criterion(name, with string) string {
	fields := []string{}
	if name != "ObservationPeriod" && name != "PayerPlanPeriod" {
		fields = append(fields, `"CodesetId":0`)
	}
	if with != "" {
		fields = append(fields, with)
	}
	return `{"` + name + `":{` + strings.Join(fields, ",") + `}}`
}

// TestMadeDefinitionsPassTheAnalyzer compiles definitions of every type of
// criterion, alone and correlated, with every limit, end, window and count.
func TestMadeDefinitionsPassTheAnalyzer(t *testing.T) {
	var all []string
	define := func(primary, limit, rest string) {
		all = append(all, `{"ConceptSets":[{"id":0,"name":"a","expression":{"items":[{"concept":{"CONCEPT_ID":1}}]}}],"PrimaryCriteria":{"CriteriaList":[`+
			primary+`],"ObservationWindow":{"PriorDays":10,"PostDays":5},"PrimaryCriteriaLimit":{"Type":"`+limit+`"}}`+rest+`}`)
	}
	window := `"StartWindow":{"Start":{"Days":30,"Coeff":-1},"End":{"Coeff":1},"UseIndexEnd":true},"EndWindow":{"Start":{"Coeff":-1},"End":{"Days":3,"Coeff":1},"UseEventEnd":false}`
	member := func(criterion, occurrence, more string) string {
		return `{"Criteria":` + criterion + `,` + window + more + `,"Occurrence":` + occurrence + `}`
	}
	rules := func(group string) string {
		return `,"InclusionRules":[{"name":"r","expression":` + group + `}]`
	}
	one := criterion("ConditionOccurrence", "")
	for name, with := range criteriaTypes {
		c := criterion(name, with)
		define(c, "All", `,"ExpressionLimit":{"Type":"All"}`)
		earliest := strings.TrimPrefix(with+`,"First":true`, ",")
		if name == "Death" || name == "LocationRegion" {
			earliest = with // there is one, or none is asked for
		}
		define(criterion(name, earliest), "Last", rules(`{"Type":"ALL","CriteriaList":[`+member(c, `{"Type":2,"Count":1}`, "")+`]}`))
		if name == "LocationRegion" {
			continue // it has no nested criteria
		}
		nested := `"CorrelatedCriteria":{"Type":"ANY","CriteriaList":[` + member(one, `{"Type":0,"Count":0}`, "") + `,` + member(one, `{"Type":2,"Count":2}`, `,"RestrictVisit":true`) + `]}`
		define(one, "All", `,"ExpressionLimit":{"Type":"Last"}`+rules(`{"Type":"ALL","CriteriaList":[`+member(criterion(name, nested), `{"Type":1,"Count":3,"IsDistinct":true,"CountColumn":"START_DATE"}`, `,"IgnoreObservationPeriod":true`)+`]}`))
	}
	demographic := `"DemographicCriteriaList":[{"Age":{"Value":18,"Op":"gte"},"Gender":[{"CONCEPT_ID":8507}],"OccurrenceEndDate":{"Value":"2010-01-01","Op":"gt"}}]`
	for _, group := range []string{`"ALL"`, `"ANY"`, `"AT_LEAST","Count":2`, `"AT_LEAST","Count":0`, `"AT_MOST","Count":1`} {
		g := `{"Type":` + group + `,"CriteriaList":[` + member(one, `{"Type":2,"Count":1}`, "") + `,` + member(one, `{"Type":1,"Count":2}`, "") + `],` + demographic +
			`,"Groups":[{"Type":"ALL"},{"Type":` + group + `,"CriteriaList":[` + member(one, `{"Type":0,"Count":0}`, "") + `]}]}`
		for _, end := range []string{``, `,"EndStrategy":{"DateOffset":{"DateField":"EndDate","Offset":7}}`, `,"EndStrategy":{"DateOffset":{"DateField":"StartDate","Offset":-7}}`,
			`,"EndStrategy":{"CustomEra":{"DrugCodesetId":0,"GapDays":30,"Offset":1}}`} {
			for _, limit := range []string{"All", "First", "Last"} {
				define(one+`,`+criterion("DrugExposure", ""), limit, `,"AdditionalCriteria":`+g+`,"QualifiedLimit":{"Type":"All"},"ExpressionLimit":{"Type":"All"}`+rules(g)+end+
					`,"CensoringCriteria":[`+one+`,`+criterion("Death", "")+`],"CollapseSettings":{"CollapseType":"ERA","EraPad":30},"CensorWindow":{"StartDate":"2010-01-01","EndDate":"2020-01-01"}`)
			}
		}
	}
	data := omop.Dataset{Project: "demo-test", ID: "cdr"}
	for i, raw := range all {
		d, err := circe.Parse([]byte(raw))
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		st, err := d.Compile(circe.Options{Data: data, Compatible: i%2 == 0, Legacy: strings.Contains(raw, "LocationRegion")})
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		if strings.Contains(raw, "LocationRegion") {
			continue // the CDM of today's catalog has no such table
		}
		analyze(t, fmt.Sprintf("definition %d (%s)", i, raw), st, data)
	}
	if len(all) < 100 {
		t.Errorf("only %d definitions are made", len(all))
	}
}
