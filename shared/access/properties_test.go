package access

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/policy"
)

// world is one random situation: facts, an institution, policies and a moment.
type world struct {
	account     Account
	institution Institution
	rules       Rules
	policies    []policy.Policy
	now         time.Time
}

func (w world) status() Status {
	return evaluate(w.account, w.institution, w.rules, w.policies, w.now)
}

// with is the world with another fact about one module.
func (w world) with(m Module, f ModuleFact) world {
	w.account.Modules = maps.Clone(w.account.Modules)
	w.account.Modules[string(m)] = f
	return w
}

func (w world) at(t time.Time) world {
	w.now = t
	return w
}

// worlds calls f with as many random situations; the seed is fixed. Most modules
// comply, so that every tier comes up.
func worlds(t *testing.T, n int, f func(r *rand.Rand, w world)) {
	t.Helper()
	r := rand.New(rand.NewPCG(2026, 11))
	for range n {
		w := world{rules: rules, institution: harvard(), now: noon.Add(time.Duration(r.Int64N(int64(rules.ModuleValidity))))}
		if r.IntN(4) == 0 { // other numbers of the programme's
			w.rules.ModuleValidity = time.Duration(1+r.IntN(400)) * 24 * time.Hour
			w.rules.RenewalWindow = time.Duration(r.IntN(60)) * 24 * time.Hour
		}
		w.policies = []policy.Policy{{ID: policy.CodeOfConduct, Version: "1", EffectiveAt: noon.AddDate(-3, 0, 0)},
			{ID: policy.EthicalConduct, Version: "9", EffectiveAt: noon}}
		if r.IntN(2) == 0 {
			w.policies = append(w.policies, policy.Policy{ID: policy.CodeOfConduct, Version: "2", EffectiveAt: w.moment(r)})
		}
		w.account = Account{UID: "u", Email: "ann@harvard.edu", InstitutionID: "harvard", Modules: map[string]ModuleFact{"noSuchModule": {CompletedAt: noon}}}
		for _, q := range Requirements() {
			switch r.IntN(25) {
			case 0:
			case 1:
				w.account.Modules[string(q.Module)] = ModuleFact{BypassedBy: "admin", CompletedAt: w.moment(r)}
			case 2:
				w.account.Modules[string(q.Module)] = ModuleFact{CompletedAt: w.moment(r)}
			default:
				f := ModuleFact{CompletedAt: w.now.Add(-time.Duration(r.Int64N(int64(w.rules.ModuleValidity))))}
				if q.Module == CodeOfConduct {
					f.Version = []string{"", "1", "1", "2"}[r.IntN(4)]
				}
				w.account.Modules[string(q.Module)] = f
			}
		}
		f(r, w)
	}
}

// moment is some time within two years of the world's.
func (w world) moment(r *rand.Rand) time.Time {
	year := int64(2 * 365 * 24 * time.Hour)
	return w.now.Add(time.Duration(r.Int64N(2*year) - year))
}

// modulesOf gives the states of the modules that a tier needs.
func modulesOf(s Status, tier Tier) []ModuleStatus {
	return slices.DeleteFunc(slices.Clone(s.Modules), func(m ModuleStatus) bool { return !slices.Contains(m.Tiers, tier) })
}

func TestEvaluateIsPure(t *testing.T) {
	worlds(t, 2000, func(_ *rand.Rand, w world) {
		before := w.with("", ModuleFact{}).account.Modules
		delete(before, "")
		first, second := w.status(), w.status()
		if d := cmp.Diff(first, second); d != "" {
			t.Fatalf("twice the same: %s", d)
		}
		if d := cmp.Diff(before, w.account.Modules); d != "" {
			t.Fatalf("the facts changed: %s", d)
		}
		first.Modules[0].State = "spoilt"
		if d := cmp.Diff(second, w.status()); d != "" {
			t.Fatalf("what one caller does to an answer shows in the next: %s", d)
		}
	})
}

// Each module is in exactly one state, told here from the facts in another way.
func TestStatesPartition(t *testing.T) {
	seen := map[ModuleState]int{}
	worlds(t, 5000, func(_ *rand.Rand, w world) {
		for _, m := range w.status().Modules {
			f := w.account.Modules[string(m.Module)]
			bypassed, done := f.BypassedBy != "", !f.CompletedAt.IsZero()
			left := m.ExpiresAt.Sub(w.now)
			is := map[ModuleState]bool{
				Bypassed: bypassed,
				Missing:  !bypassed && !done,
				Complete: !bypassed && done && (!m.Expires || left > w.rules.RenewalWindow),
				Renewing: !bypassed && done && m.Expires && left > 0 && left <= w.rules.RenewalWindow,
				Expired:  !bypassed && done && m.Expires && left <= 0,
			}
			for state, holds := range is {
				if holds != (m.State == state) {
					t.Fatalf("%s with %+v at %s is %s; %s is %v", m.Module, f, w.now, m.State, state, holds)
				}
			}
			if ages := m.State == Renewing || m.State == Expired || m.State == Complete && m.Expires; ages == m.ExpiresAt.IsZero() {
				t.Fatalf("%s is %s and expires at %s", m.Module, m.State, m.ExpiresAt)
			}
			seen[m.State]++
		}
	})
	for _, s := range []ModuleState{Missing, Complete, Renewing, Expired, Bypassed} {
		if seen[s] < 300 {
			t.Errorf("%s came up %d times only", s, seen[s])
		}
	}
}

// Doing more never gives less: a module done now under the version in force, or
// waived, never lowers the tier, and only that module's state changes.
func TestDoingAModuleNeverLowersTheTier(t *testing.T) {
	worlds(t, 5000, func(r *rand.Rand, w world) {
		q := Requirements()[r.IntN(len(Requirements()))]
		before := w.status()
		done := ModuleFact{CompletedAt: w.now}
		if q.Module == CodeOfConduct {
			done.Version = "1"
			for _, p := range w.policies {
				if p.ID == policy.CodeOfConduct && !p.EffectiveAt.After(w.now) {
					done.Version = p.Version
				}
			}
		}
		for name, f := range map[string]ModuleFact{"done": done, "waived": {BypassedBy: "admin", BypassReason: "r"}} {
			after := w.with(q.Module, f).status()
			if !after.Tier.Covers(before.Tier) || !state(after, q.Module).State.Complies() {
				t.Fatalf("%s %s: %s becomes %s, %+v", q.Module, name, before.Tier, after.Tier, state(after, q.Module))
			}
			for i, m := range after.Modules {
				if m.Module != q.Module && m.State != before.Modules[i].State {
					t.Fatalf("%s %s changes %s", q.Module, name, m.Module)
				}
			}
		}
		if without := w.with(q.Module, ModuleFact{}).status(); !before.Tier.Covers(without.Tier) {
			t.Fatalf("forgetting %s raises %s to %s", q.Module, before.Tier, without.Tier)
		}
	})
}

func TestControlledImpliesRegistered(t *testing.T) {
	seen := map[Tier]int{}
	worlds(t, 5000, func(_ *rand.Rand, w world) {
		s := w.status()
		seen[s.Tier]++
		if s.Tier == Controlled {
			for _, m := range modulesOf(s, Registered) {
				if !m.State.Complies() {
					t.Fatalf("controlled without %s", m.Module)
				}
			}
			// Without what controlled asks for beyond registered, registered stays.
			less := w.with(ControlledTraining, ModuleFact{})
			less.institution.Rules = maps.Clone(w.institution.Rules)
			less.institution.Rules["controlled"] = TierRule{Kind: "none"}
			if got := less.status().Tier; got != Registered {
				t.Fatalf("controlled, less what it adds, is %s", got)
			}
		}
		// What is missing for the next tier up, and nothing else, is named.
		next := map[Tier]Tier{PublicTier: Registered, Registered: Controlled}[s.Tier]
		want := []string{}
		for _, m := range modulesOf(s, next) {
			if !m.State.Complies() {
				want = append(want, string(m.Module))
			}
		}
		if d := cmp.Diff(want, append([]string{}, s.Blocked...)); d != "" {
			t.Fatalf("%s, blocked (-want +got): %s", s.Tier, d)
		}
	})
	for _, tier := range []Tier{PublicTier, Registered, Controlled} {
		if seen[tier] < 100 {
			t.Errorf("%s came up %d times only", tier, seen[tier])
		}
	}
}

// A tier ends at the moment at which the first of its modules expires: not a
// nanosecond sooner, not one later.
func TestATierFallsWhenItsFirstModuleExpires(t *testing.T) {
	fell := 0
	worlds(t, 5000, func(r *rand.Rand, w world) {
		s := w.status()
		if s.Tier == PublicTier {
			return
		}
		var end time.Time
		for _, m := range modulesOf(s, s.Tier) {
			if !m.ExpiresAt.IsZero() && (end.IsZero() || m.ExpiresAt.Before(end)) {
				end = m.ExpiresAt
			}
		}
		if end.IsZero() {
			return
		}
		fell++
		between := w.now.Add(time.Duration(r.Int64N(int64(end.Sub(w.now)))))
		for _, c := range []struct {
			at   time.Time
			kept bool
		}{{between, true}, {end.Add(-1), true}, {end, false}, {end.Add(1), false}, {end.Add(w.rules.ModuleValidity), false}} {
			if got := w.at(c.at).status().Tier; got.Covers(s.Tier) != c.kept || !s.Tier.Covers(got) {
				t.Fatalf("%s until %s; at %s it is %s", s.Tier, end, c.at, got)
			}
		}
	})
	if fell < 1000 {
		t.Errorf("a tier fell %d times only", fell)
	}
}

func TestRenewalIsOpenInItsWindowOnly(t *testing.T) {
	worlds(t, 2000, func(_ *rand.Rand, w world) {
		for _, m := range w.status().Modules {
			if m.ExpiresAt.IsZero() || w.rules.RenewalWindow == 0 {
				continue
			}
			opens := m.ExpiresAt.Add(-w.rules.RenewalWindow)
			for at, want := range map[time.Time]ModuleState{opens.Add(-1): Complete, opens: Renewing, m.ExpiresAt.Add(-1): Renewing, m.ExpiresAt: Expired} {
				if got := state(w.at(at).status(), m.Module).State; got != want {
					t.Fatalf("%s expires at %s; at %s it is %s, want %s", m.Module, m.ExpiresAt, at, got, want)
				}
			}
		}
	})
}

// A later version of the code of conduct ends what was signed under an earlier one
// on its effective date; what was signed under it goes on.
func TestALaterVersionEndsEarlierSignatures(t *testing.T) {
	worlds(t, 2000, func(r *rand.Rand, w world) {
		comes := w.now.Add(time.Duration(1 + r.Int64N(int64(w.rules.ModuleValidity-1))))
		w.policies = []policy.Policy{{ID: policy.CodeOfConduct, Version: "1", EffectiveAt: noon.AddDate(-3, 0, 0)},
			{ID: policy.CodeOfConduct, Version: "2", EffectiveAt: comes}}
		old, ahead := w.with(CodeOfConduct, ModuleFact{CompletedAt: w.now, Version: "1"}), w.with(CodeOfConduct, ModuleFact{CompletedAt: w.now, Version: "2"})
		complies := func(w world, at time.Time) bool { return state(w.at(at).status(), CodeOfConduct).State.Complies() }
		if !complies(old, comes.Add(-1)) || complies(old, comes) {
			t.Fatalf("signed at %s under 1; 2 comes at %s: %v before, %v then", w.now, comes, complies(old, comes.Add(-1)), complies(old, comes))
		}
		end := w.now.Add(w.rules.ModuleValidity)
		if !complies(ahead, comes) || !complies(ahead, end.Add(-1)) || complies(ahead, end) {
			t.Fatalf("signed ahead at %s under 2, which comes at %s: it does not last its time", w.now, comes)
		}
		// It is nothing to what is not signed, nor to another policy's modules.
		plain := w
		plain.policies = w.policies[:1]
		for i, m := range w.at(comes).status().Modules {
			if other := plain.at(comes).status().Modules[i]; m.Module != CodeOfConduct && m.State != other.State {
				t.Fatalf("%s becomes %s", m.Module, m.State)
			}
		}
	})
}

// What takes every tier, whatever else is in order.
func TestNothingOutweighsADisabledAccountOrNoInstitution(t *testing.T) {
	worlds(t, 2000, func(_ *rand.Rand, w world) {
		full := w
		full.account.Modules = map[string]ModuleFact{}
		for _, q := range Requirements() {
			full.account.Modules[string(q.Module)] = ModuleFact{BypassedBy: "admin"}
		}
		if got := full.status(); got.Tier != Controlled {
			t.Fatalf("every module waived: %s, blocked %v", got.Tier, got.Blocked)
		}
		for why, spoil := range map[string]func(*world){
			"accountDisabled": func(w *world) { w.account.Disabled = true },
			"institution":     func(w *world) { w.institution = Institution{} },
		} {
			for _, one := range []world{w, full} {
				spoil(&one)
				if got := one.status(); got.Tier != PublicTier || !slices.Contains(got.Blocked, why) {
					t.Fatalf("%s: %s, blocked %v", why, got.Tier, got.Blocked)
				}
			}
		}
		// An address of another institution has none of this one's tiers; letter
		// case is no other address.
		moved, loud := full, full
		moved.account.Email, loud.account.Email = "ann@elsewhere.example", strings.ToUpper(full.account.Email)
		if got := moved.status().Tier; got != PublicTier {
			t.Fatalf("an address of elsewhere: %s", got)
		}
		if got := loud.status().Tier; got != Controlled {
			t.Fatalf("the address in capitals: %s", got)
		}
	})
}
