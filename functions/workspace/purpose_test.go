package workspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// everything is a purpose with every choice made.
func everything() purposeIn {
	return purposeIn{
		Kinds: slices.Clone(kinds), Disease: strings.Repeat("é", 80), OtherKind: strings.Repeat("é", 500),
		IntendedStudy: strings.Repeat("é", 1000), ScientificApproach: "line\nline", AnticipatedFindings: " x ",
		Channels: slices.Clone(channels), OtherChannel: strings.Repeat("é", 100),
		Outcomes:           []string{"healthierLiving", "healthEquity", "riskAndPrevention", "earlierDiagnosis", "precisionIntervention"},
		FocusOnPopulations: yes(), Populations: slices.Clone(populations), OtherPopulation: strings.Repeat("é", 100), ReviewRequested: yes(),
	}
}

func TestPurpose(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*purposeIn)
		want   []string // the broken fields, without "body.purpose."
	}{
		{"everything", func(*purposeIn) {}, nil},
		{"one kind", func(p *purposeIn) { p.Kinds, p.Disease, p.OtherKind = []string{"educational"}, "", "" }, nil},
		{"no focus", func(p *purposeIn) { p.FocusOnPopulations, p.Populations, p.OtherPopulation = no(), nil, "" }, nil},
		{"no outcome", func(p *purposeIn) { p.Outcomes = []string{"none"} }, nil},
		{"no kind", func(p *purposeIn) { p.Kinds, p.Disease, p.OtherKind = nil, "", "" }, []string{"kinds"}},
		{"an unknown kind", func(p *purposeIn) { p.Kinds[1] = "espionage" }, []string{"kinds[1]"}},
		{"a kind twice", func(p *purposeIn) { p.Kinds[2] = p.Kinds[1] }, []string{"kinds[2]"}},
		{"disease not named", func(p *purposeIn) { p.Disease = " " }, []string{"disease"}},
		{"disease too long", func(p *purposeIn) { p.Disease += "é" }, []string{"disease"}},
		{"a disease without the kind", func(p *purposeIn) { p.Kinds = []string{"other"} }, []string{"disease"}},
		{"other kind not named", func(p *purposeIn) { p.OtherKind = "" }, []string{"otherKind"}},
		{"other kind too long", func(p *purposeIn) { p.OtherKind += "é" }, []string{"otherKind"}},
		{"no study", func(p *purposeIn) { p.IntendedStudy = "" }, []string{"intendedStudy"}},
		{"study too long", func(p *purposeIn) { p.IntendedStudy += "é" }, []string{"intendedStudy"}},
		{"no approach", func(p *purposeIn) { p.ScientificApproach = "\n" }, []string{"scientificApproach"}},
		{"approach too long", func(p *purposeIn) { p.ScientificApproach = strings.Repeat("a", 1001) }, []string{"scientificApproach"}},
		{"no findings", func(p *purposeIn) { p.AnticipatedFindings = "" }, []string{"anticipatedFindings"}},
		{"findings too long", func(p *purposeIn) { p.AnticipatedFindings = strings.Repeat("a", 1001) }, []string{"anticipatedFindings"}},
		{"what cannot be seen", func(p *purposeIn) { p.IntendedStudy = "a\x00b" }, []string{"intendedStudy"}},
		{"no channel", func(p *purposeIn) { p.Channels, p.OtherChannel = nil, "" }, []string{"channels"}},
		{"other channel not named", func(p *purposeIn) { p.OtherChannel = "" }, []string{"otherChannel"}},
		{"other channel too long", func(p *purposeIn) { p.OtherChannel += "é" }, []string{"otherChannel"}},
		{"a channel's text without it", func(p *purposeIn) { p.Channels = []string{"press"} }, []string{"otherChannel"}},
		{"outcomes not said", func(p *purposeIn) { p.Outcomes = nil }, []string{"outcomes"}},
		{"none and one more", func(p *purposeIn) { p.Outcomes = []string{"none", "healthEquity"} }, []string{"outcomes"}},
		{"focus not said", func(p *purposeIn) { p.FocusOnPopulations, p.Populations, p.OtherPopulation = nil, nil, "" }, []string{"focusOnPopulations"}},
		{"focus on nobody", func(p *purposeIn) { p.Populations, p.OtherPopulation = nil, "" }, []string{"populations"}},
		{"populations without focus", func(p *purposeIn) { p.FocusOnPopulations = no() }, []string{"populations"}},
		{"an unknown population", func(p *purposeIn) { p.Populations[0] = "martians" }, []string{"populations[0]"}},
		{"other population not named", func(p *purposeIn) { p.OtherPopulation = "" }, []string{"otherPopulation"}},
		{"other population too long", func(p *purposeIn) { p.OtherPopulation += "é" }, []string{"otherPopulation"}},
		{"review not said", func(p *purposeIn) { p.ReviewRequested = nil }, []string{"reviewRequested"}},
		{"nothing", func(p *purposeIn) { *p = purposeIn{} }, []string{"kinds", "channels", "outcomes", "focusOnPopulations", "reviewRequested",
			"intendedStudy", "scientificApproach", "anticipatedFindings"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := everything()
			c.change(&in)
			var f form
			defaultLimits().validPurpose(&f, in)
			var got []string
			for _, b := range fault.FieldsOf(f.Err()) {
				got = append(got, strings.TrimPrefix(b.Path, "body.purpose."))
				if b.Message == "" {
					t.Errorf("%s has no message", b.Path)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("broken fields: %s", d)
			}
			if (f.Err() == nil) != (c.want == nil) || f.Err() != nil && !fault.Is(f.Err(), fault.Invalid) {
				t.Errorf("error %v", f.Err())
			}
		})
	}
}

// What the programme's rules say of each field, spelled out apart from the code:
// the choices, the bounds, and the words that a form shows beside the field.
func TestPurposeByTheProgrammesRules(t *testing.T) {
	for name, c := range map[string]struct{ got, want []string }{
		"kinds":       {kinds, strings.Fields("disease methodsDevelopment controlSet genetic socialBehavioral populationHealth ethicalLegalSocial drugDevelopment educational commercial other")},
		"channels":    {channels, strings.Fields("journals socialMedia conferences communityForums press communityBlog personalBlog other")},
		"outcomes":    {outcomes, strings.Fields("healthierLiving healthEquity riskAndPrevention earlierDiagnosis precisionIntervention none")},
		"populations": {populations, strings.Fields("raceEthnicity age0to11 age12to17 age65to74 age75plus sex genderIdentity sexualOrientation geography disability accessToCare education income other")},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		field   string
		most    int // characters; 0 for a field that is no text
		set     func(*purposeIn, string)
		missing string // what a form shows where it is needed and missing
	}{
		{"disease", 80, func(p *purposeIn, s string) { p.Disease = s }, "Write something here."},
		{"otherKind", 500, func(p *purposeIn, s string) { p.OtherKind = s }, "Write something here."},
		{"intendedStudy", 1000, func(p *purposeIn, s string) { p.IntendedStudy = s }, "Write something here."},
		{"scientificApproach", 1000, func(p *purposeIn, s string) { p.ScientificApproach = s }, "Write something here."},
		{"anticipatedFindings", 1000, func(p *purposeIn, s string) { p.AnticipatedFindings = s }, "Write something here."},
		{"otherChannel", 100, func(p *purposeIn, s string) { p.OtherChannel = s }, "Write something here."},
		{"otherPopulation", 100, func(p *purposeIn, s string) { p.OtherPopulation = s }, "Write something here."},
		{"kinds", 0, func(p *purposeIn, _ string) { p.Kinds, p.Disease, p.OtherKind = nil, "", "" }, "Choose at least one."},
		{"channels", 0, func(p *purposeIn, _ string) { p.Channels, p.OtherChannel = nil, "" }, "Choose at least one."},
		{"outcomes", 0, func(p *purposeIn, _ string) { p.Outcomes = nil }, "Choose at least one."},
		{"populations", 0, func(p *purposeIn, _ string) { p.Populations, p.OtherPopulation = nil, "" }, "Choose at least one."},
		{"focusOnPopulations", 0, func(p *purposeIn, _ string) { p.FocusOnPopulations, p.Populations, p.OtherPopulation = nil, nil, "" }, "Say yes or no."},
		{"reviewRequested", 0, func(p *purposeIn, _ string) { p.ReviewRequested = nil }, "Say yes or no."},
	} {
		says := func(text string) []fault.Field {
			in := everything()
			c.set(&in, text)
			var f form
			defaultLimits().validPurpose(&f, in)
			return fault.FieldsOf(f.Err())
		}
		at := "body.purpose." + c.field
		if d := cmp.Diff([]fault.Field{{Path: at, Message: c.missing}}, says("")); d != "" {
			t.Errorf("%s missing: %s", c.field, d)
		}
		if c.most == 0 {
			continue
		}
		if got := says(long(c.most)); got != nil {
			t.Errorf("%s of %d characters: %v", c.field, c.most, got)
		}
		want := []fault.Field{{Path: at, Message: fmt.Sprintf("Use at most %d characters; there are %d.", c.most, c.most+1)}}
		if d := cmp.Diff(want, says(long(c.most+1))); d != "" {
			t.Errorf("%s one too long: %s", c.field, d)
		}
		want[0].Message = "Use characters that can be seen, spaces and line breaks."
		if d := cmp.Diff(want, says("a\x07b")); d != "" {
			t.Errorf("%s with what cannot be seen: %s", c.field, d)
		}
	}
}

func TestPurposeIsKeptAsSent(t *testing.T) {
	in := everything()
	var f form
	got := defaultLimits().validPurpose(&f, in)
	want := access.Purpose{
		Kinds: in.Kinds, Disease: in.Disease, OtherKind: in.OtherKind, IntendedStudy: in.IntendedStudy, ScientificApproach: "line\nline",
		AnticipatedFindings: "x", Channels: in.Channels, OtherChannel: in.OtherChannel, Outcomes: in.Outcomes,
		FocusOnPopulations: true, Populations: in.Populations, OtherPopulation: in.OtherPopulation, ReviewRequested: true,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		in, kept string
		ok       bool
	}{
		{"Asthma", "Asthma", true},
		{"  Asthma   in\tcities ", "Asthma in cities", true},
		{strings.Repeat("é", 80), strings.Repeat("é", 80), true},
		{strings.Repeat("é", 81), "", false},
		{"", "", false},
		{" \n ", "", false},
		{"Asth\u200bma", "", false}, // zero width
		{"Asth\x00ma", "", false},
		{"Asth\u202ema", "", false}, // turns the text round
		{"Asth\xffma", "", false},
	} {
		var f form
		got := defaultLimits().validName(&f, c.in)
		if (f.Err() == nil) != c.ok || c.ok && got != c.kept {
			t.Errorf("%q: %q, %v", c.in, got, f.Err())
		}
	}
	for _, same := range [][2]string{{"Asthma", "ASTHMA"}, {"a  b", " A B "}, {"École", "école"}} {
		if claimID("u", same[0]) != claimID("u", same[1]) {
			t.Errorf("%q and %q are two names", same[0], same[1])
		}
	}
	if claimID("u", "a b") == claimID("u", "ab") || claimID("u", "a") == claimID("v", "a") || claimID("u\na", "b") == claimID("u", "a\nb") {
		t.Error("two names, or two owners, share a claim")
	}
}

func TestPurposeForm(t *testing.T) {
	r := newRoom(t)
	form := r.want(200, "GET", "/purpose-form", "carl", "", nil).body
	if n := len(form["kinds"].([]any)) + len(form["channels"].([]any)) + len(form["outcomes"].([]any)) + len(form["populations"].([]any)); n != 11+8+6+14 {
		t.Errorf("%d choices", n)
	}
	if got := form["limits"].(map[string]any)["otherKind"]; got != 500.0 {
		t.Errorf("the other kind's bound is %v", got)
	}
}
