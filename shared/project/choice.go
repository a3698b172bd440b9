package project

import (
	"slices"

	"researchhub.example/hub/shared/access"
)

// Choice is one answer that a purpose can give: its code in records and requests,
// and its label for people.
type Choice struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// The codes that go with a text of their own, or with no other.
const (
	KindDisease  = "disease"
	Other        = "other"
	OutcomesNone = "none"
)

// Kinds are the kinds of a purpose: one or more.
func Kinds() []Choice {
	return []Choice{
		{KindDisease, "Disease-focused research"},
		{"methodsDevelopment", "Methods development or validation study"},
		{"controlSet", "Research control"},
		{"genetic", "Genetic research"},
		{"socialBehavioral", "Social or behavioural research"},
		{"populationHealth", "Population health or public health research"},
		{"ethicalLegalSocial", "Ethical, legal and social implications research"},
		{"drugDevelopment", "Drug or therapeutics development research"},
		{"educational", "Educational purpose"},
		{"commercial", "For-profit purpose"},
		{Other, "Other purpose"},
	}
}

// Channels are the ways of dissemination: one or more.
func Channels() []Choice {
	return []Choice{
		{"journals", "Publication in scientific journals"},
		{"socialMedia", "Social media"},
		{"conferences", "Presentation at scientific conferences"},
		{"communityForums", "Presentation at community forums"},
		{"press", "Press release or media article"},
		{"communityBlog", "Publication in community-based blog"},
		{"personalBlog", "Publication in personal blog"},
		{Other, "Other channel"},
	}
}

// Outcomes are what a project hopes to bring about: one or more, or none.
func Outcomes() []Choice {
	return []Choice{
		{"healthierLiving", "Empower people to live healthier lives"},
		{"healthEquity", "Improve health equity"},
		{"riskAndPrevention", "Understand risk of disease and prevent it"},
		{"earlierDiagnosis", "Diagnose disease earlier and more precisely"},
		{"precisionIntervention", "Fit interventions to the person"},
		{OutcomesNone, "None of these"},
	}
}

// Populations are the under-represented groups that a project can focus on.
func Populations() []Choice {
	return []Choice{
		{"raceEthnicity", "Race and ethnicity groups"},
		{"age0to11", "Children (0–11)"},
		{"age12to17", "Adolescents (12–17)"},
		{"age65to74", "Older adults (65–74)"},
		{"age75plus", "Older adults (75 and over)"},
		{"sex", "Sex"},
		{"genderIdentity", "Gender identity"},
		{"sexualOrientation", "Sexual orientation"},
		{"geography", "Geography"},
		{"disability", "Disability status"},
		{"accessToCare", "Access to care"},
		{"education", "Education level"},
		{"income", "Income level"},
		{Other, "Other group"},
	}
}

// Codes are the codes of choices, in their order.
func Codes(choices []Choice) []string {
	codes := make([]string, len(choices))
	for i, c := range choices {
		codes[i] = c.Code
	}
	return codes
}

// Chosen gives the choices of these codes, in the order of the list. A code that
// is not in it, from a later version of the hub, is its own label.
func Chosen(choices []Choice, codes []string) []Choice {
	list := make([]Choice, 0, len(codes))
	for _, c := range choices {
		if slices.Contains(codes, c.Code) {
			list = append(list, c)
		}
	}
	for _, code := range codes {
		if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Code == code }) {
			list = append(list, Choice{code, code})
		}
	}
	return list
}

// Statement is a purpose as the public reads it: every choice with its label, and
// what was written to "other" in the label's place. It has no field for whether
// the review board was asked.
type Statement struct {
	Kinds               []Choice `json:"kinds"`
	Disease             string   `json:"disease,omitempty"`
	IntendedStudy       string   `json:"intendedStudy"`
	ScientificApproach  string   `json:"scientificApproach"`
	AnticipatedFindings string   `json:"anticipatedFindings"`
	Channels            []Choice `json:"channels"`
	Outcomes            []Choice `json:"outcomes"`
	FocusOnPopulations  bool     `json:"focusOnPopulations"`
	Populations         []Choice `json:"populations"`
}

// Render gives the public rendering of a purpose.
func Render(u access.Purpose) Statement {
	return Statement{
		Kinds: named(Chosen(Kinds(), u.Kinds), u.OtherKind), Disease: u.Disease,
		IntendedStudy: u.IntendedStudy, ScientificApproach: u.ScientificApproach, AnticipatedFindings: u.AnticipatedFindings,
		Channels: named(Chosen(Channels(), u.Channels), u.OtherChannel), Outcomes: Chosen(Outcomes(), u.Outcomes),
		FocusOnPopulations: u.FocusOnPopulations, Populations: named(Chosen(Populations(), u.Populations), u.OtherPopulation),
	}
}

// named puts what was written to "other" into its label.
func named(list []Choice, text string) []Choice {
	for i, c := range list {
		if c.Code == Other && text != "" {
			list[i].Label = c.Label + ": " + text
		}
	}
	return list
}
