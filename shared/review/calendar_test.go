package review

import (
	"strings"
	"testing"
	"time"
)

func TestDue(t *testing.T) {
	for name, c := range map[string]struct {
		days        int
		zone        string
		holidays    []string
		asked, want string
	}{
		"over a weekend":                           {5, "UTC", nil, "2026-03-04T09:00:00Z", "2026-03-12T00:00:00Z"},
		"Monday gives the Monday after":            {5, "UTC", nil, "2026-03-02T09:00:00Z", "2026-03-10T00:00:00Z"},
		"on Friday, late":                          {5, "UTC", nil, "2026-03-06T23:59:59Z", "2026-03-14T00:00:00Z"},
		"on Saturday, as on Friday":                {5, "UTC", nil, "2026-03-07T12:00:00Z", "2026-03-14T00:00:00Z"},
		"on Sunday, as on Friday":                  {5, "UTC", nil, "2026-03-08T23:59:59Z", "2026-03-14T00:00:00Z"},
		"on Monday, a moment later":                {5, "UTC", nil, "2026-03-09T00:00:00Z", "2026-03-17T00:00:00Z"},
		"one day":                                  {1, "UTC", nil, "2026-03-02T09:00:00Z", "2026-03-04T00:00:00Z"},
		"ten days":                                 {10, "UTC", nil, "2026-03-02T09:00:00Z", "2026-03-17T00:00:00Z"},
		"a holiday within":                         {5, "UTC", []string{"2026-03-05"}, "2026-03-02T09:00:00Z", "2026-03-11T00:00:00Z"},
		"a holiday at a weekend changes nothing":   {5, "UTC", []string{"2026-03-07"}, "2026-03-02T09:00:00Z", "2026-03-10T00:00:00Z"},
		"the day of asking is a holiday":           {5, "UTC", []string{"2026-03-02"}, "2026-03-02T09:00:00Z", "2026-03-10T00:00:00Z"},
		"the last day would be a holiday":          {5, "UTC", []string{"2026-03-09"}, "2026-03-02T09:00:00Z", "2026-03-11T00:00:00Z"},
		"Christmas and New Year":                   {5, "UTC", []string{"2026-12-25", "2027-01-01"}, "2026-12-23T09:00:00Z", "2027-01-01T00:00:00Z"},
		"Christmas and New Year, a day later":      {5, "UTC", []string{"2026-12-25", "2027-01-01"}, "2026-12-24T09:00:00Z", "2027-01-05T00:00:00Z"},
		"a whole week off":                         {1, "UTC", []string{"2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"}, "2026-03-02T09:00:00Z", "2026-03-10T00:00:00Z"},
		"29 February":                              {5, "UTC", nil, "2028-02-25T09:00:00Z", "2028-03-04T00:00:00Z"},
		"New York, still Monday there":             {5, "America/New_York", nil, "2026-03-03T04:59:59Z", "2026-03-10T04:00:00Z"},
		"New York, Tuesday there":                  {5, "America/New_York", nil, "2026-03-03T05:00:00Z", "2026-03-11T04:00:00Z"},
		"New York, asked in winter, due in winter": {5, "America/New_York", nil, "2026-01-05T12:00:00Z", "2026-01-13T05:00:00Z"},
		"Auckland, Friday there, Thursday here":    {1, "Pacific/Auckland", nil, "2026-03-05T12:00:00Z", "2026-03-09T11:00:00Z"},
		"Kiritimati, fourteen hours ahead":         {1, "Pacific/Kiritimati", nil, "2026-03-01T10:00:00Z", "2026-03-03T10:00:00Z"},
		"half an hour's zone":                      {1, "Asia/Kolkata", nil, "2026-03-02T18:29:59Z", "2026-03-03T18:30:00Z"},
		"a holiday is the zone's day":              {1, "Asia/Tokyo", []string{"2026-03-04"}, "2026-03-03T01:00:00Z", "2026-03-05T15:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			cal, err := Config{BusinessDays: c.days, Holidays: c.holidays, TimeZone: c.zone}.Calendar()
			if err != nil {
				t.Fatal(err)
			}
			asked, err := time.Parse(time.RFC3339, c.asked)
			if err != nil {
				t.Fatal(err)
			}
			if got := cal.Due(asked).Format(time.RFC3339); got != c.want {
				t.Errorf("due %s, want %s", got, c.want)
			}
		})
	}
}

// Over a year and in zones of every kind: a due date is the end of a business
// day, comes after the question, and no earlier for a later question.
func TestDueGrows(t *testing.T) {
	holidays := []string{"2026-01-01", "2026-04-03", "2026-04-06", "2026-12-25", "2026-12-26"}
	for _, zone := range []string{"UTC", "America/New_York", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Apia"} {
		cal, err := Config{BusinessDays: 5, Holidays: holidays, TimeZone: zone}.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		var last time.Time
		for asked := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); asked.Year() == 2026; asked = asked.Add(7 * time.Hour) {
			due := cal.Due(asked)
			ends := due.Add(-time.Nanosecond).In(cal.zone)
			y, m, d := ends.Date()
			if !cal.business(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("%s: %s is due at the end of %s", zone, asked, ends)
			}
			if due.Before(last) || due.Sub(asked) < 5*24*time.Hour-time.Hour || due.Sub(asked) > 14*24*time.Hour {
				t.Errorf("%s: %s is due at %s, after one due at %s", zone, asked, due, last)
			}
			last = due
		}
	}
}

func TestACalendarThatCannotBeIsNamed(t *testing.T) {
	for want, c := range map[string]Config{
		"HUB_REVIEW_TIME_ZONE":     {BusinessDays: 5, TimeZone: "Mars/Olympus"},
		"HUB_REVIEW_BUSINESS_DAYS": {BusinessDays: 0, TimeZone: "UTC"},
		"HUB_HOLIDAYS lists days":  {BusinessDays: 5, TimeZone: "UTC", Holidays: []string{"25.12.2026"}},
		"HUB_HOLIDAYS lists at":    {BusinessDays: 5, TimeZone: "UTC", Holidays: make([]string, maxDays+1)},
	} {
		if _, err := c.Calendar(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
