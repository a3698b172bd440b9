package access

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	noon  = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	rules = DefaultRules()
)

func harvard() Institution {
	domains := TierRule{Kind: "domains", List: []string{"harvard.edu"}}
	return Institution{ID: "harvard", Rules: map[string]TierRule{"registered": domains, "controlled": domains}}
}

// complete is an account with every module done at noon.
func complete() Account {
	a := Account{UID: "u", Email: "ann@harvard.edu", InstitutionID: "harvard", Modules: map[string]ModuleFact{}}
	for _, r := range Requirements() {
		a.Modules[string(r.Module)] = ModuleFact{CompletedAt: noon}
	}
	return a
}

func TestRequirementsAreThePolicysTable(t *testing.T) {
	type row struct {
		Expires, Registered, Controlled, SelfService bool
	}
	want := map[Module]row{
		"twoFactor":               {false, true, true, false},
		"identity":                {false, true, true, false},
		"training":                {true, true, true, false},
		"controlledTraining":      {true, false, true, false},
		"codeOfConduct":           {true, true, true, true},
		"profileConfirmation":     {true, true, true, true},
		"publicationConfirmation": {true, true, true, true},
	}
	got := map[Module]row{}
	for _, r := range Requirements() {
		got[r.Module] = row{r.Expires, slices.Contains(r.Tiers, Registered), slices.Contains(r.Tiers, Controlled), r.SelfService}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if rules.ModuleValidity != 365*24*time.Hour || rules.RenewalWindow != 30*24*time.Hour {
		t.Errorf("rules %+v", rules)
	}
}

func TestEachModuleMissing(t *testing.T) {
	for _, r := range Requirements() {
		a := complete()
		delete(a.Modules, string(r.Module))
		want := Status{Tier: PublicTier, Blocked: []string{string(r.Module)}}
		if !slices.Contains(r.Tiers, Registered) {
			want.Tier = Registered
		}
		got := Evaluate(a, harvard(), rules, noon)
		got.Modules = nil
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("without %s: %s", r.Module, d)
		}
	}
	if got := Evaluate(complete(), harvard(), rules, noon); got.Tier != Controlled || got.Blocked != nil {
		t.Errorf("with every module: %s, blocked %v", got.Tier, got.Blocked)
	}
}

func TestEachModuleAgesByItself(t *testing.T) {
	end := noon.Add(rules.ModuleValidity)
	for _, r := range Requirements() {
		fresh := complete()
		for m, f := range fresh.Modules {
			if m != string(r.Module) {
				f.CompletedAt = end // the others are younger
				fresh.Modules[m] = f
			}
		}
		for _, c := range []struct {
			at    time.Time
			state ModuleState
		}{
			{noon, Complete},
			{end.Add(-rules.RenewalWindow - 1), Complete},
			{end.Add(-rules.RenewalWindow), Renewing},
			{end.Add(-1), Renewing},
			{end, Expired},
			{end.Add(rules.ModuleValidity), Expired},
			{noon.Add(-time.Hour), Complete}, // the clock was moved back
		} {
			want := c.state
			if !r.Expires {
				want = Complete
			}
			got := state(Evaluate(fresh, harvard(), rules, c.at), r.Module)
			if got.State != want || got.State.Complies() != (want != Expired) {
				t.Errorf("%s at %s: %s, want %s", r.Module, c.at, got.State, want)
			}
			if r.Expires != got.ExpiresAt.Equal(end) {
				t.Errorf("%s expires at %s", r.Module, got.ExpiresAt)
			}
		}
	}
}

func TestBypass(t *testing.T) {
	a := complete()
	for m := range a.Modules {
		a.Modules[m] = ModuleFact{BypassedBy: "admin", BypassReason: "r"}
	}
	got := Evaluate(a, harvard(), rules, noon.Add(100*rules.ModuleValidity))
	if got.Tier != Controlled {
		t.Errorf("bypassed modules give %s, blocked %v", got.Tier, got.Blocked)
	}
	for _, m := range got.Modules {
		if m.State != Bypassed || !m.ExpiresAt.IsZero() {
			t.Errorf("%s: %s until %s", m.Module, m.State, m.ExpiresAt)
		}
	}
	a.Disabled = true
	if got := Evaluate(a, harvard(), rules, noon); got.Tier != PublicTier || !slices.Contains(got.Blocked, "accountDisabled") {
		t.Errorf("disabled: %s, blocked %v", got.Tier, got.Blocked)
	}
}

func TestInstitutionLookAlikes(t *testing.T) {
	listed := Institution{Rules: map[string]TierRule{
		"registered": {Kind: "domains", List: []string{"harvard.edu", "med.harvard.edu"}},
		"controlled": {Kind: "addresses", List: []string{"ann@harvard.edu"}},
	}}
	for _, c := range []struct {
		email                  string
		registered, controlled bool
	}{
		{"ann@harvard.edu", true, true},
		{"ANN@Harvard.EDU", true, true},
		{"ben@harvard.edu", true, false},
		{"ben@med.harvard.edu", true, false},
		{"ben@cs.harvard.edu", false, false},
		{"ben@evil-harvard.edu", false, false},
		{"ben@evilharvard.edu", false, false},
		{"ben@harvard.edu.evil.com", false, false},
		{"ben@harvard.edu.", false, false},
		{"ben@.harvard.edu", false, false},
		{"ben@evil.com@harvard.edu", false, false},
		{`"ben@evil.com"@harvard.edu`, false, false},
		{`"ben@harvard.edu"@evil.com`, false, false},
		{"ben@@harvard.edu", false, false},
		{"ben+harvard.edu@evil.com", false, false},
		{"ben+ann@harvard.edu", true, false},
		{"ann+x@harvard.edu", true, false}, // another address, as far as anybody knows
		{"ben@HARVARD.EDU", true, false},
		{"ben@HARVARD.EDU.", false, false},
		{"ben@harvard.edu..", false, false},
		{"ben@harvard..edu", false, false},
		{"ben@xn--hrvard-5nf.edu", false, false}, // Punycode of the next line
		{"ben@h\u0430rvard.edu", false, false},
		{"ben@\uff48arvard.edu", false, false},  // a full-width h
		{"ben@harvard\u3002edu", false, false},  // an ideographic full stop
		{"ben@ha\u00adrvard.edu", false, false}, // a soft hyphen
		{"\u0430nn@harvard.edu", true, false},   // a Cyrillic a: her domain, not her
		{"ann\u200b@harvard.edu", true, false},  // nor with a zero-width space
		{"ben@harvard.edu\x00", false, false},
		{"ben@harvard.edu\x00.evil.com", false, false},
		{"ben@[harvard.edu]", false, false},
		{"ben@harvard.edu:25", false, false},
		{"ben@harvard.edu,evil.com", false, false},
		{"ben@harvard.edu;ben@evil.com", false, false},
		{"ben%evil.com@harvard.edu", true, false}, // the mail goes to harvard.edu
		{"ben@*.harvard.edu", false, false},
		{"harvard.edu@evil.com", false, false},
		{"ben@harvard.edu@evil.com", false, false},
		{"ann@harvard.edu <ben@evil.com>", false, false},
		{"ben@evil.com\n@harvard.edu", false, false},
		{"ben@harvar\u0064.edu", true, false},
		{"ben@harv\u0430rd.edu", false, false}, // Cyrillic a
		{"ben@med.harvard.edu\u200b", false, false},
		{"@harvard.edu", false, false},
		{"harvard.edu", false, false},
		{"ben@", false, false},
		{"", false, false},
	} {
		if r, k := listed.Allows(c.email, Registered), listed.Allows(c.email, Controlled); r != c.registered || k != c.controlled {
			t.Errorf("%q: registered %v, controlled %v", c.email, r, k)
		}
	}
	// Unicode's letter case holds these for k and s.
	folded := Institution{Rules: map[string]TierRule{"registered": {Kind: "domains", List: []string{"kings.edu"}}}}
	for _, email := range []string{"a@\u212aings.edu", "a@king\u017f.edu"} {
		if folded.Allows(email, Registered) {
			t.Errorf("%q counts as kings.edu", email)
		}
	}
	// A list knows no pattern, and an odd entry lets nobody in.
	odd := Institution{Rules: map[string]TierRule{"registered": {Kind: "domains", List: []string{"", "*", "*.edu", ".edu", "edu", "@harvard.edu", "harvard.edu."}}}}
	for _, email := range []string{"a@harvard.edu", "a@edu.example", "a@x.edu", "a@", "a@."} {
		if odd.Allows(email, Registered) {
			t.Errorf("%q is let in by an odd list", email)
		}
	}
	for _, kind := range []string{"none", "", "suffix"} {
		i := Institution{Rules: map[string]TierRule{"registered": {Kind: kind, List: []string{"harvard.edu", "ann@harvard.edu"}}}}
		if i.Allows("ann@harvard.edu", Registered) {
			t.Errorf("a rule of kind %q lets in", kind)
		}
	}
	if listed.Allows("ann@harvard.edu", PublicTier) {
		t.Error("an institution has no rule for the public tier")
	}
}

func TestInstitutionBlocksATier(t *testing.T) {
	i := harvard()
	i.Rules["controlled"] = TierRule{Kind: "none"}
	got := Evaluate(complete(), i, rules, noon)
	if d := cmp.Diff([]string{"institution"}, got.Blocked); got.Tier != Registered || d != "" {
		t.Errorf("%s, blocked %s", got.Tier, d)
	}
	i.Rules["registered"] = TierRule{Kind: "none"}
	i.Rules["controlled"] = TierRule{Kind: "domains", List: []string{"harvard.edu"}}
	if got := Evaluate(complete(), i, rules, noon); got.Tier != PublicTier {
		t.Errorf("controlled without registered: %s", got.Tier)
	}
}

func state(s Status, m Module) ModuleStatus {
	i := slices.IndexFunc(s.Modules, func(st ModuleStatus) bool { return st.Module == m })
	return s.Modules[i]
}

// complies is the rule said once more, in another way, to check the evaluator by.
func complies(f ModuleFact, expires bool, now time.Time) bool {
	if f.BypassedBy != "" {
		return true
	}
	return !f.CompletedAt.IsZero() && (!expires || now.Sub(f.CompletedAt) < rules.ModuleValidity)
}

func TestEvaluateProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	seen := map[Tier]int{}
	for range 20_000 {
		a := complete()
		for m := range a.Modules {
			switch rnd.IntN(12) {
			case 0:
				delete(a.Modules, m)
			case 1:
				a.Modules[m] = ModuleFact{BypassedBy: "admin"}
			default:
				a.Modules[m] = ModuleFact{CompletedAt: noon.Add(-time.Duration(rnd.Int64N(int64(rules.ModuleValidity + rules.ModuleValidity/10))))}
			}
		}
		a.Disabled = rnd.IntN(20) == 0
		inst := harvard()
		if rnd.IntN(10) == 0 {
			inst.Rules["controlled"] = TierRule{Kind: "none"}
		}
		got := Evaluate(a, inst, rules, noon)
		seen[got.Tier]++

		want := PublicTier
		for _, tier := range []Tier{Registered, Controlled} {
			ok := !a.Disabled && inst.Allows(a.Email, tier)
			for _, r := range Requirements() {
				ok = ok && (!slices.Contains(r.Tiers, tier) || complies(a.Modules[string(r.Module)], r.Expires, noon))
			}
			if !ok {
				break
			}
			want = tier
		}
		if got.Tier != want {
			t.Fatalf("%+v: %s, want %s", a, got.Tier, want)
		}
		if (got.Tier == Controlled) != (len(got.Blocked) == 0) {
			t.Fatalf("%s, blocked %v", got.Tier, got.Blocked)
		}
		// Time alone never raises a tier.
		if later := Evaluate(a, inst, rules, noon.Add(time.Duration(rnd.Int64N(int64(2*rules.ModuleValidity))))); !got.Tier.Covers(later.Tier) {
			t.Fatalf("%+v: %s later than %s", a, later.Tier, got.Tier)
		}
		// Forgetting a module never raises it, doing one never lowers it.
		m := string(Requirements()[rnd.IntN(len(Requirements()))].Module)
		with, without := a, a
		with.Modules, without.Modules = cloneModules(a.Modules), cloneModules(a.Modules)
		with.Modules[m] = ModuleFact{CompletedAt: noon}
		delete(without.Modules, m)
		if !Evaluate(with, inst, rules, noon).Tier.Covers(got.Tier) || !got.Tier.Covers(Evaluate(without, inst, rules, noon).Tier) {
			t.Fatalf("%+v: not monotonic in %s", a, m)
		}
	}
	for _, tier := range []Tier{PublicTier, Registered, Controlled} {
		if seen[tier] < 100 {
			t.Errorf("%s came up %d times only", tier, seen[tier])
		}
	}
}

func cloneModules(in map[string]ModuleFact) map[string]ModuleFact {
	out := map[string]ModuleFact{}
	for k, v := range in {
		out[k] = v
	}
	return out
}
