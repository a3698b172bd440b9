package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// university is an institution whose people may have both tiers.
var university = access.Institution{ID: "university", Rules: map[string]access.TierRule{
	"registered": {Kind: "domains", List: []string{"university.example"}},
	"controlled": {Kind: "domains", List: []string{"university.example"}},
}}

// completed is an account whose modules were completed that long ago, but for
// those named.
func completed(ago time.Duration, except ...access.Module) access.Account {
	a := access.Account{UID: "u", Email: "u@university.example", InstitutionID: "university", Modules: map[string]access.ModuleFact{}}
	for _, r := range access.Requirements() {
		a.Modules[string(r.Module)] = access.ModuleFact{CompletedAt: now.Add(-ago)}
	}
	for _, m := range except {
		delete(a.Modules, string(m))
	}
	return a
}

func status(a access.Account) access.Status {
	return access.Evaluate(a, university, access.DefaultRules(), now)
}

const (
	aDay = 24 * time.Hour
	year = 365 * aDay
)

func TestJourney(t *testing.T) {
	nobody := access.Evaluate(access.Account{}, access.Institution{}, access.DefaultRules(), now)
	disabled := completed(aDay)
	disabled.Disabled = true
	for name, c := range map[string]struct {
		facts facts
		// want maps a step to its state and, after a colon, what blocks it.
		want map[string]string
	}{
		"signed up a moment ago": {facts{Status: nobody}, map[string]string{
			"address": "todo", "profile": "blocked:address", "twoFactor": "blocked:profile", "codeOfConduct": "blocked:profile",
			"browserProfile": "todo", "look": "todo", "explore": "todo", "policies": "todo",
			"tier":      "blocked:profile twoFactor identity training codeOfConduct profileConfirmation publicationConfirmation",
			"workspace": "blocked:tier", "cohort": "blocked:workspace", "credits": "blocked:tier", "report": "blocked:workspace",
			"environments": "notYet", "billingAccount": "notYet", "deposit": "notYet", "community": "notYet",
		}},
		"address confirmed": {facts{Address: true, Status: nobody}, map[string]string{
			"address": "done", "profile": "todo", "twoFactor": "blocked:profile",
		}},
		"profile, nothing completed": {facts{Address: true, HasAccount: true, Status: status(completed(0, access.TwoFactor, access.Identity, access.Training,
			access.ControlledTraining, access.CodeOfConduct, access.ProfileConfirmation, access.PublicationConfirmation))}, map[string]string{
			"profile": "done", "twoFactor": "todo", "identity": "todo", "codeOfConduct": "todo", "workspace": "blocked:tier",
		}},
		"one module is missing": {facts{Address: true, HasAccount: true, Status: status(completed(aDay, access.Training))}, map[string]string{
			"training": "todo", "codeOfConduct": "done", "tier": "blocked:training", "workspace": "blocked:tier",
		}},
		"only the controlled training is missing": {facts{Address: true, HasAccount: true, Status: status(completed(aDay, access.ControlledTraining))}, map[string]string{
			"controlledTraining": "todo", "tier": "done", "workspace": "todo",
		}},
		"the renewal is open": {facts{Address: true, HasAccount: true, Status: status(completed(year - 20*aDay))}, map[string]string{
			"codeOfConduct": "todo", "twoFactor": "done", "tier": "done", "workspace": "todo",
		}},
		"a year has passed": {facts{Address: true, HasAccount: true, Workspaces: 1, Cohorts: true, Status: status(completed(year))}, map[string]string{
			"codeOfConduct": "todo", "twoFactor": "done", "workspace": "done", "cohort": "done", "dataSet": "todo",
			"tier": "blocked:training codeOfConduct profileConfirmation publicationConfirmation",
		}},
		"disabled": {facts{Address: true, HasAccount: true, Status: status(disabled)}, map[string]string{
			"tier": "todo", "workspace": "blocked:tier",
		}},
		"all the way": {facts{Address: true, HasAccount: true, Workspaces: 2, Cohorts: true, DataSets: true, Runs: true, Notebooks: true, Reports: true,
			CreditsEnd: now.Add(aDay), Status: status(completed(aDay))}, map[string]string{
			"look": "done", "policies": "done", "workspace": "done", "cohort": "done", "dataSet": "done", "run": "done", "notebook": "done", "report": "done", "credits": "done",
		}},
		"a data set was deleted after its run": {facts{Address: true, HasAccount: true, Workspaces: 1, Cohorts: true, Runs: true, Status: status(completed(aDay))}, map[string]string{
			"dataSet": "todo", "run": "done", "notebook": "todo",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]string{}
			for _, s := range journey(c.facts) {
				if _, asked := c.want[s.ID]; !asked {
					continue
				}
				got[s.ID] = string(s.State)
				if len(s.BlockedBy) > 0 {
					got[s.ID] += ":" + strings.Join(s.BlockedBy, " ")
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJourneyHolds(t *testing.T) {
	every := facts{Address: true, HasAccount: true, Workspaces: 1, CreditsEnd: now.Add(aDay), Status: status(completed(year - 20*aDay))}
	steps := journey(every)
	ids := map[string]bool{}
	for _, s := range steps {
		if ids[s.ID] {
			t.Errorf("two steps are called %s", s.ID)
		}
		ids[s.ID] = true
		if !strings.HasPrefix(s.Link, "/") || s.Title == "" || s.Stage == "" {
			t.Errorf("step %+v", s)
		}
	}
	for _, r := range access.Requirements() {
		if !ids[string(r.Module)] {
			t.Errorf("module %s is not on the map", r.Module)
		}
	}
	for _, s := range journey(facts{}) {
		for _, b := range s.BlockedBy {
			if !ids[b] {
				t.Errorf("%s is blocked by %s, which is no step", s.ID, b)
			}
		}
		if (s.State == Blocked) != (len(s.BlockedBy) > 0) {
			t.Errorf("%s is %s by %v", s.ID, s.State, s.BlockedBy)
		}
	}
}

func TestJourneyDues(t *testing.T) {
	end := now.Add(20 * aDay)
	for _, s := range journey(facts{Address: true, HasAccount: true, CreditsEnd: end, Status: status(completed(year - 20*aDay))}) {
		wants := s.ID == "credits" || s.ID == "training" || s.ID == "controlledTraining" || s.ID == "codeOfConduct" ||
			s.ID == "profileConfirmation" || s.ID == "publicationConfirmation"
		if wants != (s.Due != nil) || wants && !s.Due.Equal(end) {
			t.Errorf("%s is due %v", s.ID, s.Due)
		}
	}
}
