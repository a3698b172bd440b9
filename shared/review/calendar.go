package review

import (
	"fmt"
	"time"
	_ "time/tzdata" // the zones come with the program: a small container image has none
)

// Config says when an answer is due.
type Config struct {
	// BusinessDays is how many business days the board has.
	BusinessDays int `env:"HUB_REVIEW_BUSINESS_DAYS, default=5"`
	// Holidays are days on which nobody works, as dates such as 2026-12-25.
	Holidays []string `env:"HUB_HOLIDAYS"`
	// TimeZone is the board's, by its IANA name: its days begin and end there.
	TimeZone string `env:"HUB_REVIEW_TIME_ZONE, default=UTC"`
}

// Calendar counts business days. The zero value has no due date but the end of
// today; Config.Calendar makes one.
type Calendar struct {
	days     int
	zone     *time.Location
	holidays map[string]bool
}

// maxDays bounds the business days and the run of days off: a list of holidays
// that leaves no business day is a fault of the configuration.
const maxDays = 366

// Calendar checks the configuration.
func (c Config) Calendar() (Calendar, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return Calendar{}, fmt.Errorf("HUB_REVIEW_TIME_ZONE is a name such as America/New_York: %w", err)
	}
	if c.BusinessDays < 1 || c.BusinessDays > maxDays {
		return Calendar{}, fmt.Errorf("HUB_REVIEW_BUSINESS_DAYS is 1 to %d", maxDays)
	}
	if len(c.Holidays) > maxDays {
		return Calendar{}, fmt.Errorf("HUB_HOLIDAYS lists at most %d days", maxDays)
	}
	cal := Calendar{days: c.BusinessDays, zone: zone, holidays: map[string]bool{}}
	for _, day := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return Calendar{}, fmt.Errorf("HUB_HOLIDAYS lists days such as 2026-12-25, separated by commas: %w", err)
		}
		cal.holidays[day] = true
	}
	return cal, nil
}

// DefaultCalendar is the programme's: 5 business days, UTC, no holidays.
func DefaultCalendar() Calendar { return Calendar{days: 5, zone: time.UTC} }

// Due is when an answer is due to what was asked at a moment: the end of the last
// business day of those that follow the day of asking, in the board's zone. The
// moment itself is past due.
func (c Calendar) Due(asked time.Time) time.Time {
	zone := c.zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := asked.In(zone).Date()
	// Dates are counted in UTC, where every day has a midnight.
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for left := c.days; left > 0; {
		if day = day.AddDate(0, 0, 1); c.business(day) {
			left--
		}
	}
	y, m, d = day.AddDate(0, 0, 1).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
}

// business reports whether a date is neither at a weekend nor a holiday.
func (c Calendar) business(day time.Time) bool {
	w := day.Weekday()
	return w != time.Saturday && w != time.Sunday && !c.holidays[day.Format(time.DateOnly)]
}
