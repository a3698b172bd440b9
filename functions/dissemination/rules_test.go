package dissemination

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/fn"
	"researchhub.example/hub/shared/id"
)

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTwoWeeksAhead(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-p")
	cfg, err := fn.ReadConfig[Config](t.Context())
	if err != nil {
		t.Fatal(err)
	}
	planned, err := parseDate("2026-12-15")
	if err != nil {
		t.Fatal(err)
	}
	const never = ""
	for _, c := range []struct {
		name, now, first string
		marked           bool
		reason           string
		late             bool
		kind             fault.Kind
		says             string
	}{
		{"14 days, first moment", "2026-12-01T00:00:00Z", never, false, "", false, "", ""},
		{"14 days, last moment", "2026-12-01T23:59:59.999999Z", never, false, "", false, "", ""},
		{"13 days, first moment", "2026-12-02T00:00:00Z", never, false, "", true, fault.Invalid, "13 days ahead, and the policy asks for 14. Mark it late and give a reason"},
		{"one second before midnight in UTC, past it elsewhere", "2026-12-02T01:59:59+02:00", never, false, "", false, "", ""},
		{"past midnight in UTC, before it elsewhere", "2026-12-01T19:00:00-05:00", never, false, "", true, fault.Invalid, "13 days"},
		{"15 days", "2026-11-30T12:00:00Z", never, false, "", false, "", ""},
		{"13 days, marked with a reason", "2026-12-02T00:00:00Z", never, true, "Invited yesterday.", true, "", ""},
		{"13 days, marked without a reason", "2026-12-02T00:00:00Z", never, true, "", true, fault.Invalid, ""},
		{"13 days, a reason of blanks", "2026-12-02T00:00:00Z", never, true, " \n\t", true, fault.Invalid, ""},
		{"13 days, a reason without the mark", "2026-12-02T00:00:00Z", never, false, "Invited yesterday.", true, fault.Invalid, "Mark it late"},
		{"in time though marked", "2026-12-01T12:00:00Z", never, true, "To be safe.", false, "", ""},
		{"on the day", "2026-12-15T12:00:00Z", never, false, "", true, fault.Invalid, "0 days ahead"},
		{"past", "2026-12-16T00:00:00Z", never, false, "", true, fault.Invalid, "has passed"},
		{"past, marked", "2026-12-16T00:00:00Z", never, true, "Forgotten.", true, "", ""},
		{"comes back after changes were asked", "2026-12-10T00:00:00Z", "2026-12-01T12:00:00Z", false, "", false, "", ""},
		{"comes back, and was late the first time", "2026-12-10T00:00:00Z", "2026-12-02T12:00:00Z", false, "", true, fault.Invalid, "13 days"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var first time.Time
			if c.first != never {
				first = moment(t, c.first)
			}
			late, err := isLate(planned, moment(t, c.now), first, cfg.Rules, c.marked, c.reason)
			if late != c.late || fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.says) {
				t.Errorf("late %v, %v; want late %v, %q, %q", late, err, c.late, c.kind, c.says)
			}
		})
	}
	if late, err := isLate(planned, moment(t, "2026-12-10T00:00:00Z"), time.Time{}, Rules{NoticeDays: 5}, false, ""); late || err != nil {
		t.Errorf("five days' notice where the rule says 5: %v, %v", late, err)
	}
}

func TestStates(t *testing.T) {
	all := []State{Draft, Submitted, ChangesAsked, Cleared, Published, Deposited, Withdrawn}
	want := map[act]string{ // per act, what each state becomes; "-" is refused
		edit:       "draft - changesAsked - - - -",
		submit:     "submitted - submitted - - - -",
		withdraw:   "withdrawn withdrawn withdrawn withdrawn - - -",
		askChanges: "- changesAsked - - - - -",
		clearIt:    "- cleared - - - - -",
		publish:    "- - - published - - -",
		deposit:    "- - - - deposited - -",
	}
	for a, line := range want {
		var got []string
		for _, from := range all {
			to, err := next(from, a)
			switch {
			case err == nil:
				got = append(got, string(to))
			case fault.Is(err, fault.Conflict) && to == from:
				got = append(got, "-")
			default:
				t.Errorf("%s from %s: %s, %v", a, from, to, err)
			}
		}
		if diff := cmp.Diff(line, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", a, diff)
		}
		if inWords[a] == "" {
			t.Errorf("%s has no words", a)
		}
	}
	if len(want) != len(transitions) {
		t.Errorf("%d acts are tested of %d", len(want), len(transitions))
	}
}

func content() Content {
	return Content{Kind: "manuscript", Title: "Sleep and sugar", WorkspaceIDs: []string{id.New(id.Workspace, time.Unix(0, 0))},
		Authors: []Author{{Name: "Ada"}}, Venue: "A journal", PlannedDate: "2026-12-15", LaySummary: "Sleep matters.", Tier: "registered", ReleaseID: "r1",
		AcknowledgementIncluded: true, DataStatement: "Ask the hub.", Attestations: Attestations{true, true}, Links: []string{"https://journal.example/1"}}
}

// fields lists what a fault says is wrong.
func fields(err error) string {
	var list []string
	for _, f := range fault.FieldsOf(err) {
		list = append(list, strings.TrimPrefix(f.Path, "body."))
	}
	return strings.Join(list, " ")
}

func TestContentIsChecked(t *testing.T) {
	for _, c := range []struct {
		change func(*Content)
		want   string
	}{
		{func(*Content) {}, ""},
		{func(c *Content) { c.Title = "a\nb" }, "title"},
		{func(c *Content) { c.Title = "  " }, "title"},
		{func(c *Content) { c.Venue = "a\tb" }, "venue"},
		{func(c *Content) { c.WorkspaceIDs = []string{"ws_1/../x"} }, "workspaceIds[0]"},
		{func(c *Content) { c.WorkspaceIDs = append(c.WorkspaceIDs, c.WorkspaceIDs[0]) }, "workspaceIds[1]"},
		{func(c *Content) {
			c.Authors = []Author{{Name: " "}, {Name: "B", Email: "B <b@x.example>"}, {Name: "C", UID: "a/b"}}
		}, "authors[0].name authors[1].email authors[2].uid"},
		{func(c *Content) { c.PlannedDate = "2026-02-30" }, "plannedDate"},
		{func(c *Content) { c.PlannedDate = "15.12.2026" }, "plannedDate"},
		{func(c *Content) { c.PlannedDate = "" }, ""},
		{func(c *Content) {
			c.Links = []string{"http://a.example", "javascript:alert(1)", "https://", "https://u:p@a.example", "https://a.example/" + strings.Repeat("x", 500), "https://a.example/x"}
		}, "links[0] links[1] links[2] links[3] links[4]"},
	} {
		one := content()
		c.change(&one)
		if got := fields(one.check()); got != c.want {
			t.Errorf("%+v: %q, want %q", one, got, c.want)
		}
	}
}

func TestCompleteNamesAllThatIsMissing(t *testing.T) {
	if err := content().complete(); err != nil {
		t.Error(err)
	}
	bare := Content{Kind: "talk", Title: "T", WorkspaceIDs: []string{"w"}, LaySummary: " "}
	want := "venue plannedDate laySummary tier releaseId dataStatement acknowledgementIncluded attestations.stigmatizing attestations.ethics"
	if got := fields(bare.complete()); got != want {
		t.Errorf("missing: %q, want %q", got, want)
	}
}

func TestTierAndReleaseFitTheWorkspaces(t *testing.T) {
	low := access.Workspace{Tier: access.Registered, ReleaseID: "r1"}
	high := access.Workspace{Tier: access.Controlled, ReleaseID: "r2"}
	for _, c := range []struct {
		tier, release string
		in            []access.Workspace
		want          string
	}{
		{"registered", "r1", []access.Workspace{low}, ""},
		{"controlled", "r1", []access.Workspace{low}, "tier"},
		{"registered", "r2", []access.Workspace{low, high}, "tier"},
		{"registered", "r2", []access.Workspace{high, low}, "tier"},
		{"controlled", "r1", []access.Workspace{low, high}, ""},
		{"controlled", "r3", []access.Workspace{low, high}, "releaseId"},
		{"", "", []access.Workspace{high}, ""},
	} {
		if got := fields((Content{Tier: c.tier, ReleaseID: c.release}).fits(c.in)); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.tier, c.release, got, c.want)
		}
	}
}

func TestPatchAppliesEveryField(t *testing.T) {
	full, other := content(), Content{Kind: "talk", Title: "Other", WorkspaceIDs: []string{"x"}, Authors: []Author{{Name: "B"}}, Venue: "V", PlannedDate: "2027-01-01",
		LaySummary: "L", Tier: "controlled", ReleaseID: "r9", AcknowledgementIncluded: false, DataStatement: "D", Attestations: Attestations{}, Links: []string{}}
	got := full
	patch{}.apply(&got)
	if diff := cmp.Diff(full, got); diff != "" {
		t.Errorf("an empty patch changes: %s", diff)
	}
	patch{&other.Kind, &other.Title, &other.WorkspaceIDs, &other.Authors, &other.Venue, &other.PlannedDate, &other.LaySummary, &other.Tier, &other.ReleaseID,
		&other.AcknowledgementIncluded, &other.DataStatement, &other.Attestations, &other.Links}.apply(&got)
	if diff := cmp.Diff(other, got); diff != "" {
		t.Error(diff)
	}
}
