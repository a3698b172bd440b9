package auth

import "slices"

// choice is one answer of a list, as clients show it.
type choice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

func (c choice) same(other choice) bool { return c.ID == other.ID }

// The choices that go with a text of their own, or with none other.
const (
	choiceOther        = "other"
	choiceNone         = "none"
	choiceSilent       = "preferNotToAnswer"
	choiceSelfDescribe = "selfDescribe"
)

// roles are what researchers do where they work.
var roles = []choice{
	{"undergraduate", "Undergraduate student"},
	{"graduateTrainee", "Graduate student or trainee"},
	{"researchFellow", "Research fellow or postdoctoral researcher"},
	{"earlyCareerResearcher", "Early-career tenure-track researcher"},
	{"midCareerResearcher", "Mid-career tenured researcher"},
	{"lateCareerResearcher", "Late-career tenured researcher"},
	{"projectPersonnel", "Project personnel, such as a research assistant or coordinator"},
	{"researchAssociate", "Research associate, pre- or post-doctoral, with an own salary"},
	{"dataScientist", "Data scientist, statistician or bioinformatician"},
	{"clinician", "Clinician"},
	{"teacher", "Teacher, instructor or professor"},
	{"administrator", "Administrator"},
	{"citizenScientist", "Citizen scientist"},
	{choiceOther, "Other"},
}

// degrees are what they have studied.
var degrees = []choice{
	{"phd", "PhD"}, {"md", "MD"}, {"do", "DO"}, {"jd", "JD"}, {"edd", "EdD"}, {"drph", "DrPH"}, {"pharmd", "PharmD"},
	{"dds", "DDS or DMD"}, {"dnp", "DNP"}, {"mph", "MPH"}, {"ms", "MS"}, {"ma", "MA"}, {"mba", "MBA"}, {"msn", "MSN"},
	{"msw", "MSW"}, {"me", "ME or MEng"}, {"bs", "BS"}, {"ba", "BA"}, {"bsn", "BSN"},
	{choiceNone, "None"}, {choiceOther, "Other"},
}

// question is one of the demographic survey.
type question struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Multiple bool     `json:"multiple" doc:"Whether several choices may be made."`
	Choices  []choice `json:"choices"`
}

// describes reports whether the question may be answered in one's own words.
func (q question) describes() bool {
	return slices.ContainsFunc(q.Choices, choice{ID: choiceSelfDescribe}.same)
}

var (
	noAnswer = choice{choiceSilent, "Prefer not to answer"}
	ownWords = choice{choiceSelfDescribe, "In my own words"}
)

// questions are the demographic survey. It asks what funders of research report
// on in total; the categories of race and ethnicity are those of the United
// States' Statistical Policy Directive No. 15 (2024).
var questions = []question{
	{"raceEthnicity", "What is your race or ethnicity?", true, []choice{
		{"americanIndianAlaskaNative", "American Indian or Alaska Native"}, {"asian", "Asian"}, {"black", "Black or African American"},
		{"hispanic", "Hispanic or Latino"}, {"middleEasternNorthAfrican", "Middle Eastern or North African"},
		{"pacificIslander", "Native Hawaiian or Pacific Islander"}, {"white", "White"}, ownWords, noAnswer}},
	{"genderIdentity", "What is your gender?", true, []choice{
		{"woman", "Woman"}, {"man", "Man"}, {"nonBinary", "Non-binary"}, {"transgender", "Transgender"}, ownWords, noAnswer}},
	{"sexAtBirth", "What sex were you assigned at birth?", false, []choice{
		{"female", "Female"}, {"male", "Male"}, {"intersex", "Intersex"}, noAnswer}},
	{"sexualOrientation", "How do you think of yourself?", true, []choice{
		{"straight", "Straight"}, {"gay", "Gay"}, {"lesbian", "Lesbian"}, {"bisexual", "Bisexual"}, {"queer", "Queer"}, {"asexual", "Asexual"}, ownWords, noAnswer}},
	{"disability", "Do you have a disability?", true, []choice{
		{"none", "None"}, {"hearing", "Hearing"}, {"seeing", "Seeing"}, {"concentrating", "Concentrating, remembering or deciding"},
		{"walking", "Walking or climbing stairs"}, {"dressing", "Dressing or bathing"}, {"errands", "Doing errands alone"}, ownWords, noAnswer}},
	{"education", "What is the highest education of your parents or guardians?", false, []choice{
		{"school", "Less than a completed school"}, {"highSchool", "High school"}, {"college", "Some college"}, {"bachelor", "A bachelor's degree"},
		{"advanced", "An advanced degree"}, {"unknown", "I do not know"}, noAnswer}},
	{"disadvantaged", "Do you come from a disadvantaged background?", false, []choice{
		{"yes", "Yes"}, {"no", "No"}, {"unknown", "I do not know"}, noAnswer}},
}
