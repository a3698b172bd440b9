package workspace

import (
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
			for _, b := range f.broken {
				got = append(got, strings.TrimPrefix(b.Path, "body.purpose."))
				if b.Message == "" {
					t.Errorf("%s has no message", b.Path)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("broken fields: %s", d)
			}
			if (f.err() == nil) != (c.want == nil) || f.err() != nil && !fault.Is(f.err(), fault.Invalid) {
				t.Errorf("error %v", f.err())
			}
		})
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
		if (f.err() == nil) != c.ok || c.ok && got != c.kept {
			t.Errorf("%q: %q, %v", c.in, got, f.err())
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
