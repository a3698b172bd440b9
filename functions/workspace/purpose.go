package workspace

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/project"
)

// limits are the numbers of the workspace's rules; lengths are in characters.
type limits struct {
	// Grace is how long a deleted workspace can be restored.
	Grace time.Duration `env:"HUB_WORKSPACE_GRACE, default=720h"`
	// Members bounds a workspace's members: they lie in its record.
	Members int `env:"HUB_WORKSPACE_MEMBERS_MAX, default=100"`
	// Note and NoteTitle bound a note's text and title.
	Note      int `env:"HUB_WORKSPACE_NOTE_MAX, default=20000"`
	NoteTitle int `env:"HUB_WORKSPACE_NOTE_TITLE_MAX, default=120"`
	// Name bounds a workspace's name.
	Name int `env:"HUB_WORKSPACE_NAME_MAX, default=80"`
	// Text bounds each of the three free texts of a purpose.
	Text int `env:"HUB_PURPOSE_TEXT_MAX, default=1000"`
	// Disease bounds the disease's name.
	Disease int `env:"HUB_PURPOSE_DISEASE_MAX, default=80"`
	// OtherKind bounds the description of another kind of purpose.
	OtherKind int `env:"HUB_PURPOSE_OTHER_MAX, default=500"`
	// Other bounds another channel and another population.
	Other int `env:"HUB_PURPOSE_OTHER_SHORT_MAX, default=100"`
}

// defaultLimits are the programme's numbers.
func defaultLimits() limits {
	return limits{Grace: 30 * 24 * time.Hour, Members: 100, Note: 20000, NoteTitle: 120, Name: 80, Text: 1000, Disease: 80, OtherKind: 500, Other: 100}
}

// The codes of a purpose's choices; package project has them with their labels.
const (
	kindDisease  = project.KindDisease
	other        = project.Other
	outcomesNone = project.OutcomesNone
)

var (
	kinds       = project.Codes(project.Kinds())
	channels    = project.Codes(project.Channels())
	outcomes    = project.Codes(project.Outcomes())
	populations = project.Codes(project.Populations())
)

// purposeIn is a purpose as it is sent. Nothing is required by its form, so that
// validPurpose alone says what is missing, all at once.
type purposeIn struct {
	Kinds               []string `json:"kinds,omitempty" maxItems:"20" doc:"One or more of disease, methodsDevelopment, controlSet, genetic, socialBehavioral, populationHealth, ethicalLegalSocial, drugDevelopment, educational, commercial, other."`
	Disease             string   `json:"disease,omitempty" doc:"With kind disease: which, at most 80 characters."`
	OtherKind           string   `json:"otherKind,omitempty" doc:"With kind other: what, at most 500 characters."`
	IntendedStudy       string   `json:"intendedStudy,omitempty" doc:"Required, at most 1,000 characters."`
	ScientificApproach  string   `json:"scientificApproach,omitempty" doc:"Required, at most 1,000 characters."`
	AnticipatedFindings string   `json:"anticipatedFindings,omitempty" doc:"Required, at most 1,000 characters."`
	Channels            []string `json:"channels,omitempty" maxItems:"20" doc:"One or more of journals, socialMedia, conferences, communityForums, press, communityBlog, personalBlog, other."`
	OtherChannel        string   `json:"otherChannel,omitempty" doc:"With channel other: which, at most 100 characters."`
	Outcomes            []string `json:"outcomes,omitempty" maxItems:"20" doc:"One or more of healthierLiving, healthEquity, riskAndPrevention, earlierDiagnosis, precisionIntervention; or none."`
	FocusOnPopulations  *bool    `json:"focusOnPopulations,omitempty" doc:"Required: whether the project focuses on under-represented populations."`
	Populations         []string `json:"populations,omitempty" maxItems:"20" doc:"With focusOnPopulations: one or more of raceEthnicity, age0to11, age12to17, age65to74, age75plus, sex, genderIdentity, sexualOrientation, geography, disability, accessToCare, education, income, other."`
	OtherPopulation     string   `json:"otherPopulation,omitempty" doc:"With population other: which, at most 100 characters."`
	ReviewRequested     *bool    `json:"reviewRequested,omitempty" doc:"Required: whether the review board is asked to look at the purpose."`
}

// form checks the fields of a workspace and its purpose.
type form struct{ fault.Form }

// text checks a free text and gives it without the space around it. A text that
// is not wanted must be empty: what a form hides is not published.
func (f *form) text(path, s string, most int, wanted bool) string {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case !wanted && n > 0:
		f.Say(path, "Leave this empty unless the choice that it belongs to is made.")
	case wanted && n == 0:
		f.Say(path, "Write something here.")
	case n > most:
		f.Say(path, "Use at most %d characters; there are %d.", most, n)
	case !printable(s):
		f.Say(path, "Use characters that can be seen, spaces and line breaks.")
	}
	return s
}

// choices checks a list of choices: known ones, each once, at least one.
func (f *form) choices(path string, got, known []string) {
	if len(got) == 0 {
		f.Say(path, "Choose at least one.")
	}
	for i, c := range got {
		switch {
		case !slices.Contains(known, c):
			f.Say(fmt.Sprintf("%s[%d]", path, i), "Choose among %s.", strings.Join(known, ", "))
		case slices.Index(got, c) != i:
			f.Say(fmt.Sprintf("%s[%d]", path, i), "Choose it once.")
		}
	}
}

// validPurpose checks a research purpose whole and gives it as it is kept.
func (l limits) validPurpose(f *form, in purposeIn) access.Purpose {
	const at = "body.purpose."
	f.choices(at+"kinds", in.Kinds, kinds)
	f.choices(at+"channels", in.Channels, channels)
	f.choices(at+"outcomes", in.Outcomes, outcomes)
	if slices.Contains(in.Outcomes, outcomesNone) && len(in.Outcomes) > 1 {
		f.Say(at+"outcomes", "Choose either none or some of the others.")
	}
	focus := in.FocusOnPopulations != nil && *in.FocusOnPopulations
	switch {
	case in.FocusOnPopulations == nil:
		f.Say(at+"focusOnPopulations", "Say yes or no.")
	case focus:
		f.choices(at+"populations", in.Populations, populations)
	case len(in.Populations) > 0:
		f.Say(at+"populations", "Leave this empty unless the project focuses on under-represented populations.")
	}
	if in.ReviewRequested == nil {
		f.Say(at+"reviewRequested", "Say yes or no.")
	}
	return access.Purpose{
		Kinds:               in.Kinds,
		Disease:             f.text(at+"disease", in.Disease, l.Disease, slices.Contains(in.Kinds, kindDisease)),
		OtherKind:           f.text(at+"otherKind", in.OtherKind, l.OtherKind, slices.Contains(in.Kinds, other)),
		IntendedStudy:       f.text(at+"intendedStudy", in.IntendedStudy, l.Text, true),
		ScientificApproach:  f.text(at+"scientificApproach", in.ScientificApproach, l.Text, true),
		AnticipatedFindings: f.text(at+"anticipatedFindings", in.AnticipatedFindings, l.Text, true),
		Channels:            in.Channels,
		OtherChannel:        f.text(at+"otherChannel", in.OtherChannel, l.Other, slices.Contains(in.Channels, other)),
		Outcomes:            in.Outcomes,
		FocusOnPopulations:  focus,
		Populations:         in.Populations,
		OtherPopulation:     f.text(at+"otherPopulation", in.OtherPopulation, l.Other, slices.Contains(in.Populations, other)),
		ReviewRequested:     in.ReviewRequested != nil && *in.ReviewRequested,
	}
}
