package civil

import (
	"fmt"
	"strings"
)

// DateText is CAST(date AS STRING).
func DateText(day int64) string {
	y, m, d := Split(day)
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// TimeText is CAST(time AS STRING): the decimals are none, three or six.
func TimeText(us int64) string {
	s := us / 1_000_000
	return fmt.Sprintf("%02d:%02d:%02d%s", s/3600, s/60%60, s%60, decimals(us%1_000_000))
}

func decimals(us int64) string {
	switch {
	case us == 0:
		return ""
	case us%1000 == 0:
		return fmt.Sprintf(".%03d", us/1000)
	}
	return fmt.Sprintf(".%06d", us)
}

// DatetimeText is CAST(datetime AS STRING).
func DatetimeText(us int64) string { return DateText(DayOf(us)) + " " + TimeText(TimeOf(us)) }

// TimestampText is STRING(timestamp, zone).
func TimestampText(us int64, z *Zone) (string, error) {
	sec := z.offset(us)
	if sec%60 != 0 {
		return "", unsupported("the text of a timestamp in %s when its offset had seconds", z)
	}
	local, err := z.CivilChecked(us)
	if err != nil {
		return "", err
	}
	return DatetimeText(local) + offsetText(int(sec)), nil
}

// offsetText is +HH or +HH:MM.
func offsetText(sec int) string {
	sign := '+'
	if sec < 0 {
		sign, sec = '-', -sec
	}
	if sec%3600 == 0 {
		return fmt.Sprintf("%c%02d", sign, sec/3600)
	}
	return fmt.Sprintf("%c%02d:%02d", sign, sec/3600, sec/60%60)
}

// cursor reads a text from the left.
type cursor struct {
	s  string
	at int
}

func (c *cursor) peek() byte {
	if c.at < len(c.s) {
		return c.s[c.at]
	}
	return 0
}

func (c *cursor) end() bool { return c.at == len(c.s) }

func (c *cursor) byte(b byte) bool {
	if !c.end() && c.s[c.at] == b {
		c.at++
		return true
	}
	return false
}

// digits reads min to max digits.
func (c *cursor) digits(minimum, maximum int) (n int64, ok bool) {
	start := c.at
	for c.at < len(c.s) && c.at-start < maximum && isDigit(c.s[c.at]) {
		n = n*10 + int64(c.s[c.at]-'0')
		c.at++
	}
	return n, c.at-start >= minimum
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// day reads Y-M-D; years have four digits, and five where it is said.
func (c *cursor) day(yearDigits int) (int64, bool) {
	y, ok1 := c.digits(4, yearDigits)
	ok1 = ok1 && c.byte('-')
	m, ok2 := c.digits(1, 2)
	ok2 = ok2 && c.byte('-')
	d, ok3 := c.digits(1, 2)
	// The year 10000 and 0 exist where a zone moves the moment into the range.
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || y > 10000 || yearDigits == 4 && (y < 1 || y > 9999) || d > int64(monthDays(y, int(m))) {
		return 0, false
	}
	return dayOf(y, int(m), int(d)), true
}

// clock reads H:M:S[.F]. A second of 60 is the next minute's first; leap tells
// so. Long tells of more than six decimals, which are cut.
func (c *cursor) clock() (us int64, leap, long, ok bool) {
	h, ok1 := c.digits(1, 2)
	ok1 = ok1 && c.byte(':')
	m, ok2 := c.digits(1, 2)
	ok2 = ok2 && c.byte(':')
	s, ok3 := c.digits(1, 2)
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 60 {
		return 0, false, false, false
	}
	us = (h*3600 + m*60 + s) * 1_000_000
	if c.byte('.') {
		start := c.at
		for !c.end() && isDigit(c.s[c.at]) {
			c.at++
		}
		n := c.at - start
		if n == 0 {
			return 0, false, false, false
		}
		long = n > 6
		f := (c.s[start:c.at] + "000000")[:6]
		frac, _ := smallNumber(f, 6)
		us += int64(frac)
	}
	return us, s == 60, long, true
}

// ParseDate is CAST(string AS DATE).
func ParseDate(s string) (int64, error) {
	c := &cursor{s: s}
	day, ok := c.day(4)
	if !ok || !c.end() {
		return 0, fmt.Errorf("Invalid date: '%.60s'", s)
	}
	return day, nil
}

// ParseTime is CAST(string AS TIME).
func ParseTime(s string) (int64, error) {
	c := &cursor{s: s}
	us, leap, long, ok := c.clock()
	if !ok || long || !c.end() {
		return 0, fmt.Errorf("Invalid time string \"%.60s\"", s)
	}
	if leap {
		us -= us % 1_000_000
	}
	return us % DayMicros, nil
}

// ParseDatetime is CAST(string AS DATETIME).
func ParseDatetime(s string) (int64, error) {
	invalid := fmt.Errorf("Invalid datetime string \"%.60s\"", s)
	c := &cursor{s: s}
	day, ok := c.day(4)
	if !ok {
		return 0, invalid
	}
	us := day * DayMicros
	if !c.end() {
		if !c.byte(' ') && !c.byte('T') && !c.byte('t') {
			return 0, invalid
		}
		t, leap, long, ok := c.clock()
		if !ok || long || !c.end() {
			return 0, invalid
		}
		if leap {
			t -= t % 1_000_000
		}
		us += t
	}
	if !checkMicros(us) {
		return 0, invalid
	}
	return us, nil
}

// ParseTimestamp is CAST(string AS TIMESTAMP); z is the zone of a text that
// names none.
func ParseTimestamp(s string, z *Zone) (int64, error) {
	us, _, err := parseTimestamp(s, z)
	return us, err
}

// ParseTimestampNoZone is TIMESTAMP(string, zone), whose text must name none.
func ParseTimestampNoZone(s string, z *Zone) (int64, error) {
	us, named, err := parseTimestamp(s, z)
	if err == nil && named {
		return 0, fmt.Errorf("Timezone is not allowed in \"%.60s\"", s)
	}
	return us, err
}

func parseTimestamp(s string, z *Zone) (us int64, named bool, err error) {
	invalid := fmt.Errorf("Invalid timestamp: '%.60s'", s)
	c := &cursor{s: s}
	day, ok := c.day(5)
	if !ok {
		return 0, false, invalid
	}
	us = day * DayMicros
	timed := false
	if c.peek() == ' ' || c.peek() == 'T' || c.peek() == 't' {
		c.at++
		if timed = isDigit(c.peek()); timed {
			t, _, long, ok := c.clock()
			if !ok {
				return 0, false, invalid
			}
			if long {
				return 0, false, unsupported("a timestamp of more than six decimals")
			}
			us += t
		} else if c.peek() != '+' && c.peek() != '-' {
			return 0, false, invalid
		}
	} else if !c.end() {
		return 0, false, invalid
	}
	rest := c.s[c.at:]
	switch {
	case rest == "":
	case timed && (rest == "Z" || rest == "z"):
		z, named = UTC, true
	case rest[0] == '+' || rest[0] == '-':
		sec, ok := parseOffset(rest)
		if !ok {
			return 0, false, invalid
		}
		z, named = fixedZone(sec), true
	case timed && strings.HasPrefix(rest, " ") && len(rest) > 1 && rest[1] != '+' && rest[1] != '-':
		if z, err = LoadZone(rest[1:]); err != nil {
			return 0, false, err
		}
		named = true
	default:
		return 0, false, invalid
	}
	if us, _ = z.instant(us); !checkMicros(us) {
		return 0, false, fmt.Errorf("Timestamp is out of supported range: '%.60s'", s)
	}
	return us, named, nil
}

// DatetimeOfText is DATETIME(string). Whether a text may name a zone there is
// not known.
func DatetimeOfText(s string) (int64, error) {
	us, err := ParseDatetime(s)
	if err == nil {
		return us, nil
	}
	if _, other := ParseTimestamp(s, UTC); other == nil {
		return 0, unsupported("DATETIME of a text with a time zone")
	}
	return 0, err
}
