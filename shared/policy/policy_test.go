package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCurrentFollowsTheClock(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	all := []Policy{
		{ID: "a", Version: "1", EffectiveAt: day(1)},
		{ID: "b", Version: "1", EffectiveAt: day(5)},
		{ID: "a", Version: "3", EffectiveAt: day(20)},
		{ID: "a", Version: "2", EffectiveAt: day(10)},
	}
	for _, c := range []struct {
		at   time.Time
		want []string
	}{
		{day(1).Add(-time.Nanosecond), nil},
		{day(1), []string{"a1"}},
		{day(9), []string{"a1", "b1"}},
		{day(10), []string{"a2", "b1"}},
		{day(25), []string{"a3", "b1"}},
	} {
		var got []string
		for _, p := range current(all, c.at) {
			got = append(got, p.ID+p.Version)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("at %s: %s", c.at, d)
		}
	}
}

func TestLapseAndSignable(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	all := []Policy{
		{ID: "other", Version: "9", EffectiveAt: day(6)},
		{ID: "a", Version: "3", EffectiveAt: day(20)},
		{ID: "a", Version: "1", EffectiveAt: day(5)},
		{ID: "a", Version: "2", EffectiveAt: day(10)},
	}
	for _, c := range []struct {
		version string
		at      time.Time
		want    time.Time
	}{
		{"1", day(6), day(10)},
		{"1", day(12), day(10)}, // what is signed counts, not when
		{"2", day(8), day(20)},  // signed ahead
		{"2", day(10), day(20)},
		{"3", day(20), time.Time{}},
		{"", day(1), day(10)}, // before there was any version
		{"", day(9), day(10)},
		{"", day(10), day(20)},
		{"0", day(25), time.Time{}},
	} {
		if got := Lapse(all, "a", c.version, c.at); !got.Equal(c.want) {
			t.Errorf("version %q of %s lapses at %s, want %s", c.version, c.at, got, c.want)
		}
	}
	for _, c := range []struct {
		version string
		at      time.Time
		want    bool
	}{
		{"1", day(4), false}, {"1", day(5), true}, {"1", day(10).Add(-1), true}, {"1", day(10), false},
		{"2", day(5), true}, {"2", day(10), true}, {"3", day(10), true}, {"0", day(10), false}, {"9", day(10), false}, {"", day(10), false},
	} {
		if got := Signable(all, "a", c.version, c.at); got != c.want {
			t.Errorf("version %q at %s: %v, want %v", c.version, c.at, got, c.want)
		}
	}
}

func TestSince(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	all := []Policy{
		{ID: "other", Version: "9", EffectiveAt: day(6), Changes: "else"},
		{ID: "a", Version: "3", EffectiveAt: day(20), Changes: "third"},
		{ID: "a", Version: "1", EffectiveAt: day(5)},
		{ID: "a", Version: "2", EffectiveAt: day(10), Changes: "second"},
	}
	first, second, third := Change{"1", day(5), ""}, Change{"2", day(10), "second"}, Change{"3", day(20), "third"}
	for _, c := range []struct {
		version string
		now     time.Time
		want    []Change
	}{
		{"1", day(9), nil},
		{"1", day(10), []Change{second}},
		{"1", day(25), []Change{second, third}},
		{"2", day(25), []Change{third}},
		{"3", day(25), nil},
		{"2", day(9), nil}, // acknowledged ahead
		{"", day(10), []Change{first, second}},
		{"gone", day(10), []Change{first, second}},
		{"1", day(1), nil}, // nothing is in force
	} {
		if d := cmp.Diff(c.want, Since(all, "a", c.version, c.now)); d != "" {
			t.Errorf("since %q at %s: %s", c.version, c.now.Format(time.DateOnly), d)
		}
	}
}

func TestEveryPolicyIsWholeAndVersionsAreUnique(t *testing.T) {
	seen, known := map[string]bool{}, map[string]bool{}
	for _, p := range Versions() {
		if p.ID == "" || p.Version == "" || p.EffectiveAt.IsZero() || p.Title == "" || p.Summary == "" || p.Source == "" {
			t.Errorf("%s %s lacks a field", p.ID, p.Version)
		}
		if (p.Changes != "") != known[p.ID] {
			t.Errorf("%s %s: every version but the first says what changed", p.ID, p.Version)
		}
		known[p.ID] = true
		if seen[p.ID+" "+p.Version] {
			t.Errorf("%s %s is there twice", p.ID, p.Version)
		}
		seen[p.ID+" "+p.Version] = true
	}
	for _, id := range []string{CodeOfConduct, StigmatizingResearch, EthicalConduct, Dissemination, TermsOfService} {
		if _, ok := CurrentOf(id, start); !ok {
			t.Errorf("%s has no version in force", id)
		}
	}
	if _, ok := CurrentOf("other", start); ok {
		t.Error("a policy that is none is found")
	}
}
