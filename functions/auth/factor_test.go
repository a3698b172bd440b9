package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
)

func twoFactors() factorSet {
	return factorSet{
		TOTP: []totpFactor{
			{ID: "app", Name: "Phone", CreatedAt: morning.Add(time.Hour), ConfirmedAt: morning.Add(time.Hour)},
			{ID: "begun", Name: "Tablet", CreatedAt: morning.Add(2 * time.Hour)},
		},
		Passkeys: []passkeyFactor{{ID: "key", Name: "Laptop", CreatedAt: morning, LastUsedAt: morning.Add(time.Minute), CloneWarningAt: morning}},
	}
}

func TestFactorsAreListedOldestFirst(t *testing.T) {
	set := twoFactors()
	lastUsed := morning.Add(time.Minute)
	want := []factorView{
		{ID: "key", Kind: "passkey", Name: "Laptop", CreatedAt: morning, LastUsedAt: &lastUsed, CloneWarning: true, Confirmed: true},
		{ID: "app", Kind: "totp", Name: "Phone", CreatedAt: morning.Add(time.Hour), Confirmed: true},
		{ID: "begun", Kind: "totp", Name: "Tablet", CreatedAt: morning.Add(2 * time.Hour)},
	}
	if d := cmp.Diff(want, set.list()); d != "" {
		t.Error(d)
	}
	if set.confirmed() != 2 {
		t.Errorf("%d confirmed, want 2", set.confirmed())
	}
}

func TestTheLastConfirmedFactorStays(t *testing.T) {
	for _, c := range []struct {
		name   string
		remove []string
		kind   fault.Kind // of the last removal
		left   []string
	}{
		{"one of two", []string{"app"}, "", []string{"key", "begun"}},
		{"the other of two", []string{"key"}, "", []string{"app", "begun"}},
		{"both", []string{"app", "key"}, fault.Conflict, []string{"key", "begun"}},
		{"both, the passkey first", []string{"key", "app"}, fault.Conflict, []string{"app", "begun"}},
		{"one that was never confirmed, beside the last one", []string{"app", "begun"}, "", []string{"key"}},
		{"none of them", []string{"nobody's"}, fault.NotFound, []string{"key", "app", "begun"}},
		{"twice", []string{"app", "app"}, fault.NotFound, []string{"key", "begun"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := twoFactors()
			var err error
			for _, one := range c.remove {
				_, err = set.remove(one)
			}
			if fault.KindOf(err) != c.kind {
				t.Errorf("%v, want %q", err, c.kind)
			}
			var left []string
			for _, v := range set.list() {
				left = append(left, v.ID)
			}
			if d := cmp.Diff(c.left, left); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNamesOfFactors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		ok         bool
	}{
		{"", "Otherwise", true},
		{" \t ", "Otherwise", true},
		{"  Work   phone ", "Work phone", true},
		{"Téléphone 電話", "Téléphone 電話", true},
		{strings.Repeat("é", 60), strings.Repeat("é", 60), true},
		{strings.Repeat("é", 61), "", false},
		{"a\u202eb", "", false},
		{"a\u200bb", "", false},
		{"a\x00b", "", false},
		{"a\xffb", "", false},
	} {
		got, err := factorName(c.name, "Otherwise")
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestRenaming(t *testing.T) {
	set := twoFactors()
	for _, id := range []string{"app", "key"} {
		if _, err := set.rename(id, "New "+id); err != nil {
			t.Error(err)
		}
	}
	if set.find("app").Name != "New app" || set.passkey("key").Name != "New key" || set.find("begun").Name != "Tablet" {
		t.Errorf("%+v", set.list())
	}
	if _, err := set.rename("nobody's", "x"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
