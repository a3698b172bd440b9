package main

// representative are definitions of growing kinds of work, over concepts that the
// made-up populations have.
var representative = []struct{ name, json string }{
	{"every visit, joined within 30 days", `{"PrimaryCriteria":{"CriteriaList":[{"VisitOccurrence":{}}],"PrimaryCriteriaLimit":{"Type":"All"}},
		"ExpressionLimit":{"Type":"All"},"EndStrategy":{"DateOffset":{"DateField":"EndDate","Offset":0}},"CollapseSettings":{"CollapseType":"ERA","EraPad":30}}`},
	{"type 2 diabetes, first, a year observed before", `{"ConceptSets":[` + diabetes + `],
		"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":0}}],"ObservationWindow":{"PriorDays":365,"PostDays":0},"PrimaryCriteriaLimit":{"Type":"First"}},
		"ExpressionLimit":{"Type":"First"}}`},
	{"diabetes or metformin, age, no insulin before", `{"ConceptSets":[` + diabetes + `,` + metformin + `,` + insulin + `],
		"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":0}},{"DrugExposure":{"CodesetId":1}}],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"},
		"InclusionRules":[{"name":"adult","expression":{"Type":"ALL","DemographicCriteriaList":[{"Age":{"Value":18,"Op":"gte"}}]}},
		{"name":"no insulin","expression":{"Type":"ALL","CriteriaList":[{"Criteria":{"DrugExposure":{"CodesetId":2}},"StartWindow":{"Start":{"Coeff":-1},"End":{"Days":1,"Coeff":-1}},"Occurrence":{"Type":0,"Count":0}}]}}],
		"EndStrategy":{"DateOffset":{"DateField":"StartDate","Offset":90}},"CollapseSettings":{"CollapseType":"ERA","EraPad":0}}`},
	{"diabetes with two visits within a year", `{"ConceptSets":[` + diabetes + `],
		"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":0}}],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"First"},
		"InclusionRules":[{"name":"seen","expression":{"Type":"ALL","CriteriaList":[{"Criteria":{"VisitOccurrence":{}},"StartWindow":{"Start":{"Days":1,"Coeff":1},"End":{"Days":365,"Coeff":1}},"Occurrence":{"Type":2,"Count":2}}]}}]}`},
	{"metformin, to the end of its era", `{"ConceptSets":[` + metformin + `],
		"PrimaryCriteria":{"CriteriaList":[{"DrugExposure":{"CodesetId":1,"First":true}}],"PrimaryCriteriaLimit":{"Type":"All"}},"ExpressionLimit":{"Type":"All"},
		"EndStrategy":{"CustomEra":{"DrugCodesetId":1,"GapDays":30,"Offset":0}}}`},
}

const (
	diabetes  = `{"id":0,"name":"Type 2 diabetes mellitus","expression":{"items":[{"concept":{"CONCEPT_ID":201826},"includeDescendants":true}]}}`
	metformin = `{"id":1,"name":"Metformin","expression":{"items":[{"concept":{"CONCEPT_ID":1503297},"includeDescendants":true}]}}`
	insulin   = `{"id":2,"name":"Insulin glargine","expression":{"items":[{"concept":{"CONCEPT_ID":1502905},"includeDescendants":true}]}}`
)
