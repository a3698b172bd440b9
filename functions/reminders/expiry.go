package reminders

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/outbox"
)

// warning is one module of one account that is about to expire.
type warning struct {
	module    access.Module
	expiresAt time.Time
	// day is the warning's place in the schedule: 15, 7, 1 or 0 days ahead.
	day int
	// left is how many whole days are really left.
	left int
}

// warnings are those due now: for each expirable module on its own, the
// latest of the schedule's days that has come. Days are calendar days in UTC.
// One that was missed is due until the next one or the expiry; nothing is due
// for what is bypassed, missing or expired. days is the schedule, in any order.
func warnings(modules []access.ModuleStatus, days []int, now time.Time) []warning {
	var due []warning
	for _, m := range modules {
		if m.ExpiresAt.IsZero() {
			continue
		}
		left := daysBetween(now, m.ExpiresAt)
		reached := slices.DeleteFunc(slices.Clone(days), func(d int) bool { return left > d })
		if left < 0 || len(reached) == 0 {
			continue
		}
		due = append(due, warning{m.Module, m.ExpiresAt, slices.Min(reached), left})
	}
	return due
}

func daysBetween(from, to time.Time) int { return int(date(to).Sub(date(from)) / (24 * time.Hour)) }

// date is midnight UTC of a moment's day.
func date(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// labels are the modules' names for people.
var labels = map[access.Module]string{
	access.Training:                "Training",
	access.ControlledTraining:      "Controlled tier training",
	access.CodeOfConduct:           "Data User Code of Conduct",
	access.ProfileConfirmation:     "Profile confirmation",
	access.PublicationConfirmation: "Publication confirmation",
}

// key names a warning: it goes out once.
func (w warning) key(uid string) string {
	return fmt.Sprintf("modexp-%s-%s-%s-%d", uid, w.module, w.expiresAt.UTC().Format(time.DateOnly), w.day)
}

// event tells the account's holder. Its moment is that of the schedule, so that
// every attempt makes the same event.
func (w warning) event(uid string) outbox.Event {
	return outbox.Event{
		Type: "module.expiring", At: date(w.expiresAt).AddDate(0, 0, -w.day), UID: uid, Target: access.Accounts + "/" + uid,
		Data: map[string]string{"module": string(w.module), "label": labels[w.module], "days": strconv.Itoa(w.left),
			"expires": w.expiresAt.UTC().Format(time.DateOnly)},
	}
}
