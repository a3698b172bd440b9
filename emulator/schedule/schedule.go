// Package schedule reads the few forms of cron lines that the hub uses, as Cloud
// Scheduler understands them, and tells when the next one is due.
//
// Standard library only.
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Schedule is a cron line of minutes and hours, in UTC. Make it with Parse.
type Schedule struct {
	line         string
	minute, hour field
}

// field is one position: every value, every n-th, or exactly n.
type field struct {
	every int // 1 for "*", n for "*/n", 0 for a single value
	at    int
}

func (f field) matches(v int) bool {
	if f.every > 0 {
		return v%f.every == 0
	}
	return v == f.at
}

// Parse reads a line such as "*/5 * * * *", "0 * * * *" or "30 6 * * *": minute
// and hour each "*", "*/n" or a number, the other three "*". Anything else is
// refused: a form half understood would fire at the wrong time.
func Parse(line string) (Schedule, error) {
	fields := strings.Fields(line)
	if len(fields) != 5 || fields[2] != "*" || fields[3] != "*" || fields[4] != "*" {
		return Schedule{}, refuse(line)
	}
	minute, err := parseField(fields[0], 60)
	if err != nil {
		return Schedule{}, refuse(line)
	}
	hour, err := parseField(fields[1], 24)
	if err != nil {
		return Schedule{}, refuse(line)
	}
	return Schedule{line: line, minute: minute, hour: hour}, nil
}

func refuse(line string) error {
	return fmt.Errorf("the schedule %q is none that the local cloud knows: write minute and hour as *, */n or a number, and * for the rest", line)
}

func parseField(s string, limit int) (field, error) {
	if s == "*" {
		return field{every: 1}, nil
	}
	step, isStep := strings.CutPrefix(s, "*/")
	n, err := strconv.Atoi(step)
	if err != nil || n < 0 || n >= limit || isStep && n == 0 {
		return field{}, fmt.Errorf("%q", s)
	}
	if isStep {
		return field{every: n}, nil
	}
	return field{at: n}, nil
}

// Next is the first due minute after now.
func (s Schedule) Next(now time.Time) time.Time {
	t := now.UTC().Truncate(time.Minute)
	for range 24*60 + 1 { // every line is due at least once a day
		t = t.Add(time.Minute)
		if s.minute.matches(t.Minute()) && s.hour.matches(t.Hour()) {
			break
		}
	}
	return t
}

// String is the line.
func (s Schedule) String() string { return s.line }
