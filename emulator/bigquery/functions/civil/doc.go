// Package civil is GoogleSQL's calendar: DATE, DATETIME, TIME, TIMESTAMP,
// INTERVAL and RANGE values, as pure functions.
//
// A DATE is days since 1970-01-01; a DATETIME is microseconds since 1970-01-01
// 00:00:00 of no zone; a TIMESTAMP is microseconds since that moment in UTC; a
// TIME is microseconds since midnight. The calendar is the proleptic Gregorian
// one of the years 0001 to 9999. Rules: GoogleSQL's function reference and its
// list of format elements.
//
// An error is the caller's fault, except an Unsupported, which says that the
// right answer is not known here.
package civil

import "fmt"

// Unsupported tells that something is not done, by name.
type Unsupported string

// Error implements error.
func (u Unsupported) Error() string { return string(u) + " is not supported by the local BigQuery" }

func unsupported(format string, args ...any) error { return Unsupported(fmt.Sprintf(format, args...)) }
