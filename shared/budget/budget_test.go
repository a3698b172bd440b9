package budget

import (
	"regexp"
	"testing"
	"time"
)

const (
	account = "012345-6789AB-CDEF01"
	uuid    = "de72f49d-779b-4945-a127-4d6ce8def0bb"
)

func TestNameRefusesMalformedIdentifiers(t *testing.T) {
	if _, err := Name(account, uuid); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"", uuid}, {account, ""}, {account + "\n", uuid}, {"012345-6789AB", uuid}, {"../../x", uuid}, {account, "a/b"}, {account, uuid + "\n"},
	} {
		if n, err := Name(c[0], c[1]); err == nil {
			t.Errorf("%q gives %s", c, n)
		}
	}
}

func TestNamesKeepThingsApart(t *testing.T) {
	a, _ := Name(account, uuid)
	b, _ := Name("012345-6789AB-CDEF02", uuid)
	c, _ := Name(account, "de72f49d-779b-4945-a127-4d6ce8def0bc")
	t0 := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	names := map[string]bool{a: true, b: true, c: true}
	for _, budget := range []string{a, b} {
		for _, start := range []time.Time{t0, t0.AddDate(0, 1, 0)} {
			for _, th := range []Threshold{{Actual, 5}, {Actual, 50}, {Actual, 100}, {Forecast, 100}} {
				names[AlertName(budget, start, th)] = true
			}
		}
	}
	if want := 3 + 2*2*4; len(names) != want {
		t.Errorf("%d different names, want %d", len(names), want)
	}
	form := regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`) // what a cursor may be
	for n := range names {
		if !form.MatchString(n) {
			t.Errorf("%q cannot be a cursor", n)
		}
	}
}

func TestAlertNameIsTheSameInEveryZone(t *testing.T) {
	utc := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	pacific := utc.In(time.FixedZone("PST", -8*3600))
	if a, b := AlertName("b", utc, Threshold{Actual, 50}), AlertName("b", pacific, Threshold{Actual, 50}); a != b {
		t.Errorf("%s and %s", a, b)
	}
}
