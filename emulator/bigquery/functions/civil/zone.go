package civil

import (
	"fmt"
	"strings"
	"sync"
	"time"

	// The zones are part of the program, so that no machine's own list (or its
	// absence) changes an answer.
	_ "time/tzdata"
)

// Zone is a time zone.
type Zone struct {
	name string
	loc  *time.Location
}

// UTC is the zone of offset zero.
var UTC = &Zone{"UTC", time.UTC}

// String is the zone's name.
func (z *Zone) String() string { return z.name }

// zones keeps what was loaded: the names of the database are few.
var zones sync.Map

// LoadZone finds a zone by its name in the tz database, or by an offset: +8,
// +08, +08:30, +0830, each also after UTC.
func LoadZone(name string) (*Zone, error) {
	if name == "UTC" {
		return UTC, nil
	}
	if name == "" {
		return nil, fmt.Errorf("Invalid empty time zone")
	}
	if sec, ok := parseOffset(strings.TrimPrefix(name, "UTC")); ok {
		return fixedZone(sec), nil
	}
	if z, ok := zones.Load(name); ok {
		return z.(*Zone), nil
	}
	for _, odd := range []string{"posix/", "right/", "Fixed/"} {
		if strings.HasPrefix(name, odd) {
			return nil, unsupported("the time zone %q", name)
		}
	}
	if name == "localtime" || name == "Factory" || name == "posixrules" {
		return nil, unsupported("the time zone %q", name)
	}
	invalid := fmt.Errorf("Invalid time zone: %.100s", name)
	// Go reads Local as the machine's zone, and the database's names in their case
	// only where the files say so.
	if name == "Local" || len(name) > 64 || name[0] < 'A' || name[0] > 'Z' || strings.ContainsAny(name, "\x00\\. ") {
		return nil, invalid
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, invalid
	}
	z := &Zone{name, loc}
	zones.Store(name, z)
	return z, nil
}

func fixedZone(sec int) *Zone {
	if sec == 0 {
		return UTC
	}
	return &Zone{"UTC" + offsetText(sec), time.FixedZone("", sec)}
}

// parseOffset reads [+-]H[H][[:]M[M]], at most 14 hours.
func parseOffset(s string) (seconds int, ok bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	body, rest, colon := strings.Cut(s[1:], ":")
	if !colon && len(body) > 2 {
		body, rest = body[:len(body)-2], body[len(body)-2:]
	}
	h, ok1 := smallNumber(body, 2)
	m, ok2 := 0, !colon
	if rest != "" {
		m, ok2 = smallNumber(rest, 2)
	}
	if !ok1 || !ok2 || m > 59 || h*60+m > 14*60 {
		return 0, false
	}
	seconds = (h*60 + m) * 60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func smallNumber(s string, maxDigits int) (int, bool) {
	if s == "" || len(s) > maxDigits {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// offset is the zone's seconds east of UTC at a moment.
func (z *Zone) offset(us int64) int64 {
	_, sec := time.Unix(floorDiv(us, 1_000_000), 0).In(z.loc).Zone()
	return int64(sec)
}

// Civil is the DATETIME that a moment is in the zone. It may leave the range of
// DATETIME by hours.
func (z *Zone) Civil(us int64) int64 { return us + z.offset(us)*1_000_000 }

// CivilChecked is Civil, with an error out of the range.
func (z *Zone) CivilChecked(us int64) (int64, error) {
	r := z.Civil(us)
	if !checkMicros(r) {
		return 0, fmt.Errorf("The timestamp is out of the range of the calendar in %s", z)
	}
	return r, nil
}

// instant is the moment of a DATETIME in the zone: the first of two where clocks
// went back. Where they went forward over it (gap), the offset before counts.
func (z *Zone) instant(local int64) (us int64, gap bool) {
	// The offsets a day before and after are those around any one transition.
	before := local - z.offset(local-DayMicros)*1_000_000
	after := local - z.offset(local+DayMicros)*1_000_000
	okBefore, okAfter := z.Civil(before) == local, z.Civil(after) == local
	switch {
	case okBefore:
		return before, false
	case okAfter:
		return after, false
	}
	// Two transitions within two days: look at every offset between them.
	for h := int64(-24); h <= 24; h++ {
		if us := local - z.offset(local+h*3_600_000_000)*1_000_000; z.Civil(us) == local {
			return us, false
		}
	}
	return before, true
}

// Instant is the TIMESTAMP of a DATETIME in the zone.
func (z *Zone) Instant(local int64) (int64, error) {
	us, _ := z.instant(local)
	if !checkMicros(us) {
		return 0, fmt.Errorf("The datetime %s is out of the range of timestamps in %s", DatetimeText(local), z)
	}
	return us, nil
}
