package reminders

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fn"
)

func TestWarnings(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-p")
	t.Setenv("HUB_NOTEBOOK_BUCKET", "notebooks")
	cfg, err := fn.ReadConfig[Config](t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02T15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	expires := at("2026-12-01T18:00")
	for _, c := range []struct {
		now       string
		day, left int // day -1 for none
	}{
		{"2026-11-15T23:59", -1, 0},
		{"2026-11-16T00:00", 15, 15},
		{"2026-11-16T23:59", 15, 15},
		{"2026-11-19T12:00", 15, 12}, // made up for
		{"2026-11-23T23:59", 15, 8},
		{"2026-11-24T00:00", 7, 7},
		{"2026-11-29T23:59", 7, 2},
		{"2026-11-30T00:00", 1, 1},
		{"2026-12-01T00:00", 0, 0},
		{"2026-12-01T18:01", 0, 0}, // expired some minutes ago
		{"2026-12-02T00:00", -1, 0},
		{"2027-06-01T00:00", -1, 0},
	} {
		var want []warning
		if c.day >= 0 {
			want = []warning{{access.Training, expires, c.day, c.left}}
		}
		account := access.Account{Modules: map[string]access.ModuleFact{
			string(access.Training):           {CompletedAt: expires.Add(-cfg.Access.ModuleValidity)},
			string(access.TwoFactor):          {CompletedAt: expires.Add(-cfg.Access.ModuleValidity)}, // never expires
			string(access.CodeOfConduct):      {CompletedAt: expires.Add(-cfg.Access.ModuleValidity), BypassedBy: "admin"},
			string(access.ControlledTraining): {CompletedAt: expires},
		}}
		got := warnings(access.Evaluate(account, access.Institution{}, cfg.Access, at(c.now)).Modules, cfg.WarningDays, at(c.now))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(warning{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.now, diff)
		}
	}
}

func TestEachModuleWarnsOnItsOwn(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	status := func(m access.Module, days int) access.ModuleStatus {
		r, _ := access.RequirementOf(m)
		return access.ModuleStatus{Requirement: r, State: access.Renewing, ExpiresAt: now.AddDate(0, 0, days)}
	}
	got := warnings([]access.ModuleStatus{status(access.Training, 7), {State: access.Complete}, status(access.ProfileConfirmation, 1), status(access.CodeOfConduct, 16)}, []int{0, 1, 7, 15}, now)
	keys := []string{}
	for _, w := range got {
		keys = append(keys, w.key("u1"))
	}
	if diff := cmp.Diff([]string{"modexp-u1-training-2026-12-01-7", "modexp-u1-profileConfirmation-2026-11-25-1"}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestEveryExpirableModuleHasALabel(t *testing.T) {
	for _, r := range access.Requirements() {
		if r.Expires && labels[r.Module] == "" {
			t.Errorf("%s has none", r.Module)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{OutboxPage: 1, OutboxPages: 1, AccountsPage: 1, AccountsPages: 1, WarningDays: []int{0}, PurgeRecords: 1, ReviewReminders: 1}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no page":   func(c *Config) { c.OutboxPage = 0 },
		"too much":  func(c *Config) { c.AccountsPage = 1001 },
		"no purge":  func(c *Config) { c.PurgeRecords = 0 },
		"no review": func(c *Config) { c.ReviewReminders = 0 },
		"no days":   func(c *Config) { c.WarningDays = nil },
		"past day":  func(c *Config) { c.WarningDays = []int{-1} },
	} {
		c := good
		change(&c)
		if c.check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
