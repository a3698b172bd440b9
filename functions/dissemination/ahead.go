package dissemination

import (
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// Rules are the numbers of the reporting rules.
type Rules struct {
	// NoticeDays is how many whole calendar days in UTC before its planned date a
	// report is handed in. The programme's policy says two weeks.
	NoticeDays int `env:"HUB_REPORT_NOTICE_DAYS, default=14"`
}

// parseDate reads a calendar date.
func parseDate(s string) (time.Time, error) { return time.Parse(time.DateOnly, s) }

// daysAhead is how many calendar days, in UTC, lie between now and the planned
// date; negative for one that has passed.
func daysAhead(planned, now time.Time) int {
	return int(planned.Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
}

// isLate says whether a report handed in now has less notice than the policy
// asks for, and refuses one that is late without being marked so with a reason.
// A mark on a report in time is not held against it. first is when it was first
// handed in, zero for never: a report that comes back after the board asked for
// changes has given its notice.
func isLate(planned, now, first time.Time, r Rules, marked bool, reason string) (bool, error) {
	if !first.IsZero() {
		now = first
	}
	ahead := daysAhead(planned, now)
	switch {
	case ahead >= r.NoticeDays:
		return false, nil
	case !marked && ahead < 0:
		return true, fault.New(fault.Invalid, "The planned date has passed, and the policy asks for %d days' notice. Mark it late and give a reason.", r.NoticeDays)
	case !marked:
		return true, fault.New(fault.Invalid, "The planned date is %d days ahead, and the policy asks for %d. Mark it late and give a reason, or plan it for later.", ahead, r.NoticeDays)
	case strings.TrimSpace(reason) == "":
		return true, fault.InvalidFields(fault.Field{Path: "body.lateReason", Message: "expected a reason, because the report is late"})
	default:
		return true, nil
	}
}
