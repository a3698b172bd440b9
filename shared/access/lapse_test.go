package access

import (
	"testing"
	"time"

	"researchhub.example/hub/shared/policy"
)

// A later version of the code of conduct makes older signatures lapse from its
// effective date on, whatever is left of their year.
func TestANewVersionMakesOlderSignaturesLapse(t *testing.T) {
	second := noon.AddDate(0, 2, 0)
	policies := []policy.Policy{
		{ID: policy.CodeOfConduct, Version: "1", EffectiveAt: noon.AddDate(0, -6, 0)},
		{ID: policy.CodeOfConduct, Version: "2", EffectiveAt: second},
		{ID: policy.EthicalConduct, Version: "7", EffectiveAt: noon.AddDate(0, 1, 0)},
	}
	year := rules.ModuleValidity
	old := noon.AddDate(0, -5, 0)
	for _, c := range []struct {
		name    string
		fact    ModuleFact
		at      time.Time
		state   ModuleState
		expires time.Time
		tier    Tier
	}{
		{"long before", ModuleFact{CompletedAt: noon, Version: "1"}, noon, Complete, second, Controlled},
		{"renewal is open", ModuleFact{CompletedAt: noon, Version: "1"}, second.Add(-rules.RenewalWindow), Renewing, second, Controlled},
		{"the last moment", ModuleFact{CompletedAt: noon, Version: "1"}, second.Add(-1), Renewing, second, Controlled},
		{"the effective date", ModuleFact{CompletedAt: noon, Version: "1"}, second, Expired, second, PublicTier},
		{"long after", ModuleFact{CompletedAt: noon, Version: "1"}, second.Add(year), Expired, second, PublicTier},
		{"signed ahead", ModuleFact{CompletedAt: noon, Version: "2"}, second, Complete, noon.Add(year), Controlled},
		{"the new one, then a year", ModuleFact{CompletedAt: second, Version: "2"}, second.Add(year), Expired, second.Add(year), PublicTier},
		{"the year ends first", ModuleFact{CompletedAt: second.Add(-year), Version: "1"}, second.Add(-1), Renewing, second, Controlled},
		{"the old one, signed after it lapsed", ModuleFact{CompletedAt: second.Add(time.Hour), Version: "1"}, second.Add(2 * time.Hour), Expired, second, PublicTier},
		{"no version, by date, before", ModuleFact{CompletedAt: old}, second.Add(-1), Renewing, second, Controlled},
		{"no version, by date, lapsed", ModuleFact{CompletedAt: old}, second, Expired, second, PublicTier},
		{"no version, done since", ModuleFact{CompletedAt: second}, second.Add(time.Hour), Complete, second.Add(year), Controlled},
		{"bypassed", ModuleFact{CompletedAt: noon, Version: "1", BypassedBy: "admin"}, second.Add(year), Bypassed, time.Time{}, Controlled},
		{"missing", ModuleFact{}, second, Missing, time.Time{}, PublicTier},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := complete()
			for m := range a.Modules {
				a.Modules[m] = ModuleFact{CompletedAt: c.at} // the others are young, and no signatures
			}
			a.Modules[string(CodeOfConduct)] = c.fact
			got := evaluate(a, harvard(), rules, policies, c.at)
			if st := state(got, CodeOfConduct); st.State != c.state || !st.ExpiresAt.Equal(c.expires) {
				t.Errorf("%s until %s, want %s until %s", st.State, st.ExpiresAt, c.state, c.expires)
			}
			if got.Tier != c.tier {
				t.Errorf("tier %s, want %s; blocked %v", got.Tier, c.tier, got.Blocked)
			}
		})
	}
}
