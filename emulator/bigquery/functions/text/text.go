// Package text is what GoogleSQL's functions of STRING and BYTES mean: plain
// functions of Go values that know nothing of a database. The sources are the
// references of BigQuery and of GoogleSQL. Where they leave a case open, the
// function answers a Refusal, never a guess.
//
// A STRING is a Go string of well-formed UTF-8, counted in code points. BYTES
// are a Go string as well, counted in bytes; Units says which of the two.
//
// golang.org/x/text is here for Unicode's normalization and full case mapping,
// go-farm for FARM_FINGERPRINT's hash; neither is in the standard library.
package text

import (
	"fmt"
	"unicode/utf8"
)

// Refusal is a case that is not supported; its text names it.
type Refusal string

// Error is the name of what is refused.
func (r Refusal) Error() string { return string(r) }

// refusef makes a Refusal.
func refusef(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// Fault is an error of the caller, as BigQuery reports it.
type Fault string

// Error is the message.
func (f Fault) Error() string { return string(f) }

func faultf(format string, args ...any) error { return Fault(fmt.Sprintf(format, args...)) }

// Units is what a value is counted in.
type Units bool

// The units of STRING and of BYTES.
const (
	Chars Units = false
	Bytes Units = true
)

// maxOutput is the size in bytes past which functions that make values longer
// fail in GoogleSQL.
const maxOutput = 1 << 20

// count is the length of s in its units.
func (u Units) count(s string) int64 {
	if u == Bytes {
		return int64(len(s))
	}
	return int64(utf8.RuneCountInString(s))
}

// offset is the byte at which unit number n of s begins, len(s) past the end.
func (u Units) offset(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	if u == Bytes {
		return int(n)
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// split cuts s into its units.
func (u Units) split(s string) []string {
	out := make([]string, 0, len(s))
	for len(s) > 0 {
		n := 1
		if u == Chars {
			_, n = utf8.DecodeRuneInString(s)
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}
