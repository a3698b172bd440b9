package civil

import (
	"fmt"
	"slices"
	"strings"
)

// String is CAST(interval AS STRING): Y-M D H:M:S[.F], each of the three with a
// sign where it is negative.
func (v Interval) String() string {
	sign := func(negative bool) string {
		if negative {
			return "-"
		}
		return ""
	}
	months, micros := magnitude(int64(v.Months)), magnitude(v.Micros)
	s := micros / 1_000_000
	return fmt.Sprintf("%s%d-%d %d %s%d:%d:%d%s", sign(v.Months < 0), months/12, months%12, v.Days,
		sign(v.Micros < 0), s/3600, s/60%60, s%60, decimals(int64(micros%1_000_000)))
}

// maxIntervalDigits is more than any number of an interval in its limits has.
const maxIntervalDigits = 18

// ParseInterval is CAST(string AS INTERVAL): the text form, or parts of it that
// show which they are, or ISO 8601's.
func ParseInterval(s string) (Interval, error) {
	if strings.HasPrefix(s, "P") {
		return parseISOInterval(s)
	}
	invalid := fmt.Errorf("Invalid INTERVAL value '%.60s'", s)
	words := strings.Split(s, " ")
	if len(words) > 3 || slices.Contains(words, "") {
		return Interval{}, invalid
	}
	// Which fields a text has: Y-M, D and H:M:S, in this order, from how many words
	// there are and which marks they have.
	var ym, m, d, hms string
	first, last := words[0], words[len(words)-1]
	years := strings.Contains(strings.TrimLeft(first, "+-"), "-")
	switch {
	case len(words) == 3:
		d, hms = words[1], last
	case len(words) == 2 && years:
		d = last
	case len(words) == 2 && strings.Contains(last, ":"):
		d, hms = first, last
	case len(words) == 1 && strings.Count(first, ":") == 2:
		hms = first
	case len(words) == 1 && years:
	default:
		return Interval{}, invalid
	}
	switch {
	case years:
		ym = first
	case len(words) == 3:
		m = first
	}
	return joinInterval(ym, m, d, hms, invalid)
}

func joinInterval(ym, m, d, hms string, invalid error) (Interval, error) {
	var months, days, micros int64
	if ym != "" || m != "" {
		c := &cursor{s: ym + m}
		negative := c.sign()
		n, ok := c.digits(1, maxIntervalDigits)
		if months = n; ym != "" {
			var k int64
			ok = ok && c.byte('-') && n <= maxIntervalMonths
			k, ok2 := c.digits(1, maxIntervalDigits)
			ok, months = ok && ok2, n*12+k
		}
		if !ok || !c.end() {
			return Interval{}, invalid
		}
		months = signed(months, negative)
	}
	if d != "" {
		c := &cursor{s: d}
		negative := c.sign()
		n, ok := c.digits(1, maxIntervalDigits)
		if !ok || !c.end() {
			return Interval{}, invalid
		}
		days = signed(n, negative)
	}
	if hms != "" {
		var err error
		if micros, err = intervalClock(hms, invalid); err != nil {
			return Interval{}, err
		}
	}
	return NewInterval(months, days, micros)
}

// intervalClock reads [sign]H[:M[:S[.F]]].
func intervalClock(s string, invalid error) (int64, error) {
	c := &cursor{s: s}
	negative := c.sign()
	var parts [3]int64
	for i := range parts {
		if i > 0 && c.end() {
			break
		}
		n, ok := int64(0), i == 0 || c.byte(':')
		if ok {
			n, ok = c.digits(1, maxIntervalDigits)
		}
		if !ok || n > maxIntervalMicros/1_000_000 {
			return 0, invalid
		}
		parts[i] = n
	}
	micros := (parts[0]*3600 + parts[1]*60 + parts[2]) * 1_000_000
	if parts[0] > maxIntervalDays*24 || parts[1] > maxIntervalDays*24*60 {
		return 0, invalid
	}
	if strings.Count(s, ":") == 2 && c.byte('.') {
		frac, err := c.fraction(invalid)
		if err != nil {
			return 0, err
		}
		micros += frac
	}
	if !c.end() {
		return 0, invalid
	}
	return signed(micros, negative), nil
}

// fraction reads the decimals of a second.
func (c *cursor) fraction(invalid error) (int64, error) {
	start := c.at
	n, ok := c.digits(1, 6)
	if !ok {
		return 0, invalid
	}
	if isDigit(c.peek()) {
		return 0, unsupported("an INTERVAL finer than a microsecond")
	}
	for range 6 - (c.at - start) {
		n *= 10
	}
	return n, nil
}

func (c *cursor) sign() (negative bool) {
	if c.byte('-') {
		return true
	}
	c.byte('+')
	return false
}

func signed(n int64, negative bool) int64 {
	if negative {
		return -n
	}
	return n
}

// parseISOInterval reads P[nY][nM][nW][nD][T[nH][nM][nS]], whose parts may
// repeat and stand in any order.
func parseISOInterval(s string) (Interval, error) {
	invalid := fmt.Errorf("Invalid INTERVAL value '%.60s'", s)
	if s == "P" {
		return Interval{}, invalid
	}
	c := &cursor{s: s, at: 1}
	var months, days, micros int64
	inTime := false
	for !c.end() {
		if !inTime && c.byte('T') {
			inTime = true
			continue
		}
		negative := c.byte('-')
		n, ok := c.digits(1, maxIntervalDigits)
		if !ok {
			return Interval{}, invalid
		}
		var frac int64
		if b := c.peek(); inTime && (b == '.' || b == ',') {
			c.at++
			var err error
			if frac, err = c.fraction(invalid); err != nil {
				return Interval{}, err
			}
			if c.peek() != 'S' {
				return Interval{}, invalid
			}
		}
		field, unit := isoUnit(c.peek(), inTime)
		if unit == 0 {
			return Interval{}, invalid
		}
		c.at++
		total, ok := mul(signed(n, negative), unit)
		if ok {
			total, ok = add(total, signed(frac, negative))
		}
		sum := [...]*int64{&months, &days, &micros}[field]
		if ok {
			*sum, ok = add(*sum, total)
		}
		if !ok {
			return Interval{}, invalid
		}
	}
	return NewInterval(months, days, micros)
}

// isoUnit is the field that a letter is of (0 months, 1 days, 2 microseconds),
// and how many of it; 0 for another letter.
func isoUnit(b byte, inTime bool) (field int, unit int64) {
	if inTime {
		switch b {
		case 'H':
			return 2, Hour.micros()
		case 'M':
			return 2, Minute.micros()
		case 'S':
			return 2, Second.micros()
		}
		return 0, 0
	}
	switch b {
	case 'Y':
		return 0, 12
	case 'M':
		return 0, 1
	case 'W':
		return 1, 7
	case 'D':
		return 1, 1
	}
	return 0, 0
}
