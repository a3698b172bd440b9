package civil

import (
	"fmt"
	"strings"
)

// parsed is what a text has told so far. A field is -1 until it is known.
type parsed struct {
	year, century, shortYear, month, day int64
	hour, hour12, minute, second, micros int64
	meridian, weekday                    int64
	sundayWeek, mondayWeek, yearDay      int64
	seconds                              *int64
	zone                                 *Zone
}

// set keeps a field; a second, other value for it is not judged here.
func set(field *int64, v int64) error {
	if *field >= 0 && *field != v {
		return unsupported("a parsed text that tells a part twice, with different values")
	}
	*field = v
	return nil
}

// Parse is PARSE_DATE and its kin. The result is a DATETIME, or a TIMESTAMP for
// KindTimestamp; z is the zone of a text that tells none.
//
// Whitespace in the format stands for any, also none, and the text may have more
// at its ends. What is not told is as on 1970-01-01 00:00:00. Forms of which it
// is not sure how GoogleSQL reads them are refused: ISO weeks, days of the year in
// less than three digits, numbers with other than their digits where the next
// follows directly.
func Parse(k Kind, format, text string, z *Zone) (int64, error) {
	p := parsed{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, nil, nil}
	c := &cursor{s: strings.Trim(text, spaces)}
	r := reader{k: k, p: &p, c: c, text: text}
	if err := r.read(expand(strings.Trim(format, spaces))); err != nil {
		return 0, err
	}
	if !c.end() {
		return 0, r.failed()
	}
	return p.value(k, z, r.failed())
}

const spaces = " \t\n\v\f\r"

// expand writes the elements that stand for several as those.
func expand(format string) string {
	return strings.NewReplacer("%%", "%%", "%D", "%m/%d/%y", "%x", "%m/%d/%y", "%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%X", "%H:%M:%S",
		"%R", "%H:%M", "%c", "%a %b %e %H:%M:%S %Y", "%n", "\n", "%t", "\t", "%h", "%b").Replace(format)
}

type reader struct {
	k    Kind
	p    *parsed
	c    *cursor
	text string
}

func (r *reader) failed() error {
	return fmt.Errorf("Failed to parse input string \"%.100s\"", r.text)
}

func (r *reader) read(format string) error {
	for i := 0; i < len(format); i++ {
		b := format[i]
		switch {
		case strings.IndexByte(spaces, b) >= 0:
			r.skipSpaces()
		case b != '%':
			if !r.c.byte(b) {
				return r.failed()
			}
		default:
			n := elementLength(format[i+1:])
			e := format[i+1 : i+1+n]
			if e == "" || !belongs(r.k, e) {
				return unsupported("PARSE_%s with the format element %%%s", r.k, e)
			}
			if err := r.element(e, format[i+1+n:]); err != nil {
				return err
			}
			i += n
		}
	}
	return nil
}

func (r *reader) skipSpaces() {
	for !r.c.end() && strings.IndexByte(spaces, r.c.peek()) >= 0 {
		r.c.at++
	}
}

// number reads up to width digits, in a range. Next is the rest of the format:
// where a number follows directly, all digits must be there.
func (r *reader) number(field *int64, width int, low, high int64, next string) error {
	start := r.c.at
	n, ok := r.c.digits(1, width)
	if !ok {
		if b := r.c.peek(); b == '+' || b == '-' || strings.IndexByte(spaces, b) >= 0 {
			return unsupported("PARSE_%s of %.40q, where a sign or space stands before a number,", r.k, r.text)
		}
		return r.failed()
	}
	if r.c.at-start < width && startsNumber(next) {
		return unsupported("PARSE_%s of %.40q, whose numbers are not parted,", r.k, r.text)
	}
	if isDigit(r.c.peek()) && !startsNumber(next) && width > 2 {
		return unsupported("PARSE_%s of %.40q, with a number of so many digits,", r.k, r.text)
	}
	if n < low || n > high {
		return r.failed()
	}
	return set(field, n)
}

func startsNumber(next string) bool {
	return len(next) > 1 && next[0] == '%' && strings.IndexByte("CdeHIjklMmSsUuWwYyE", next[1]) >= 0 || next != "" && isDigit(next[0])
}

func (r *reader) element(e, next string) error {
	p := r.p
	switch e {
	case "%":
		if !r.c.byte('%') {
			return r.failed()
		}
		return nil
	case "Y":
		return r.number(&p.year, 4, 1, 9999, next)
	case "E4Y":
		if len(r.c.s)-r.c.at < 4 || !isDigit(r.c.s[r.c.at+3]) {
			return r.failed()
		}
		return r.number(&p.year, 4, 1, 9999, next)
	case "C":
		return r.number(&p.century, 2, 0, 99, next)
	case "y":
		return r.number(&p.shortYear, 2, 0, 99, next)
	case "m":
		return r.number(&p.month, 2, 1, 12, next)
	case "B", "b":
		return r.name(&p.month, months[:], 1)
	case "A", "a":
		return r.name(&p.weekday, weekdays[:], 0)
	case "u":
		if err := r.number(&p.weekday, 1, 1, 7, next); err != nil {
			return err
		}
		p.weekday %= 7
		return nil
	case "w":
		return r.number(&p.weekday, 1, 0, 6, next)
	case "U":
		return r.number(&p.sundayWeek, 2, 0, 53, next)
	case "W":
		return r.number(&p.mondayWeek, 2, 0, 53, next)
	case "j":
		return r.dayOfYear(next)
	case "d":
		return r.number(&p.day, 2, 1, 31, next)
	case "e":
		r.c.byte(' ')
		return r.number(&p.day, 2, 1, 31, next)
	case "H":
		return r.number(&p.hour, 2, 0, 23, next)
	case "k":
		r.c.byte(' ')
		return r.number(&p.hour, 2, 0, 23, next)
	case "I":
		return r.number(&p.hour12, 2, 1, 12, next)
	case "l":
		r.c.byte(' ')
		return r.number(&p.hour12, 2, 1, 12, next)
	case "M":
		return r.number(&p.minute, 2, 0, 59, next)
	case "S":
		return r.secondOf(0, next)
	case "p", "P":
		return r.name(&p.meridian, []string{"am", "pm"}, 0)
	case "s":
		return r.unixSeconds()
	case "z", "Ez", "Z":
		return r.zone(e, next)
	}
	if len(e) == 3 && e[0] == 'E' && e[2] == 'S' {
		if e[1] == '*' {
			return r.secondOf(6, next)
		}
		return r.secondOf(int(e[1]-'0'), next)
	}
	return unsupported("PARSE_%s with the format element %%%s", r.k, e)
}

// secondOf reads seconds with up to so many decimals.
func (r *reader) secondOf(places int, next string) error {
	if err := r.number(&r.p.second, 2, 0, 60, next); err != nil {
		return err
	}
	if r.p.second == 60 {
		return unsupported("PARSE_%s of a second 60", r.k)
	}
	if places == 0 || r.c.peek() != '.' {
		return nil
	}
	r.c.at++
	start := r.c.at
	n, ok := r.c.digits(1, min(places, 6))
	if !ok {
		return r.failed()
	}
	if isDigit(r.c.peek()) {
		return unsupported("PARSE_%s of so many decimals of a second", r.k)
	}
	for range 6 - (r.c.at - start) {
		n *= 10
	}
	return set(&r.p.micros, n)
}

// name reads one of the names or its first three letters, in any case.
func (r *reader) name(field *int64, names []string, first int64) error {
	rest := r.c.s[r.c.at:]
	for i, n := range names {
		for _, want := range []string{n, n[:min(3, len(n))]} {
			if len(rest) >= len(want) && strings.EqualFold(rest[:len(want)], want) {
				r.c.at += len(want)
				return set(field, int64(i)+first)
			}
		}
	}
	return r.failed()
}

func (r *reader) unixSeconds() error {
	if r.k != KindTimestamp {
		return unsupported("PARSE_%s with the format element %%s", r.k)
	}
	negative := r.c.byte('-')
	n, ok := r.c.digits(1, 12)
	if !ok || n > MaxMicros/1_000_000 {
		return r.failed()
	}
	if negative {
		n = -n
	}
	r.p.seconds = &n
	return nil
}

// zone reads +HHMM, +HH:MM, or (%Z) a zone's name up to whitespace.
func (r *reader) zone(e, next string) error {
	rest := r.c.s[r.c.at:]
	if e == "Z" {
		if next != "" && strings.IndexByte(spaces, next[0]) < 0 {
			return unsupported("PARSE_TIMESTAMP with text directly after %%Z")
		}
		if i := strings.IndexAny(rest, spaces); i >= 0 {
			rest = rest[:i]
		}
		z, err := LoadZone(rest)
		if err != nil {
			return err
		}
		r.c.at += len(rest)
		r.p.zone = z
		return nil
	}
	n := 5
	if len(rest) > 3 && rest[3] == ':' {
		n = 6
	}
	if rest == "" || rest[0] != '+' && rest[0] != '-' {
		if rest != "" && (rest[0] == 'Z' || rest[0] == 'z') {
			return unsupported("PARSE_TIMESTAMP of Z as an offset")
		}
		return r.failed()
	}
	if len(rest) < n || len(rest) > n && isDigit(rest[n]) {
		return unsupported("PARSE_TIMESTAMP of an offset other than +HHMM and +HH:MM")
	}
	sec, ok := parseOffset(rest[:n])
	if !ok || n == 6 && !isDigit(rest[4]) {
		return r.failed()
	}
	r.c.at += n
	r.p.zone = fixedZone(sec)
	return nil
}

// value puts the fields together.
func (p *parsed) value(k Kind, z *Zone, failed error) (int64, error) {
	if p.seconds != nil {
		us := *p.seconds * 1_000_000
		if !checkMicros(us) {
			return 0, failed
		}
		return us, nil
	}
	if err := p.joinYear(); err != nil {
		return 0, err
	}
	if err := p.placeInYear(k, failed); err != nil {
		return 0, err
	}
	if (p.hour12 >= 0) != (p.meridian >= 0) || p.hour12 >= 0 && p.hour >= 0 {
		return 0, unsupported("PARSE_%s of an hour of twelve without its AM or PM, or of both kinds of hour", k)
	}
	if p.hour12 >= 0 {
		p.hour = p.hour12%12 + 12*p.meridian
	}
	y, m, d := orElse(p.year, 1970), orElse(p.month, 1), orElse(p.day, 1)
	if !validDate(y, m, d) {
		return 0, failed
	}
	day := dayOf(y, int(m), int(d))
	if p.weekday >= 0 && p.weekday != weekday(day) {
		return 0, unsupported("PARSE_%s of a weekday that is not the date's", k)
	}
	us := day*DayMicros + (orElse(p.hour, 0)*3600+orElse(p.minute, 0)*60+orElse(p.second, 0))*1_000_000 + orElse(p.micros, 0)
	if k != KindTimestamp {
		return us, nil
	}
	if p.zone != nil {
		z = p.zone
	}
	if us, _ = z.instant(us); !checkMicros(us) {
		return 0, failed
	}
	return us, nil
}

// joinYear makes a year of %C and %y.
func (p *parsed) joinYear() error {
	if p.century < 0 && p.shortYear < 0 {
		return nil
	}
	if p.shortYear < 0 || p.year >= 0 {
		return unsupported("a parsed year of %%C without %%y, or of these with %%Y")
	}
	switch {
	case p.century >= 0:
		p.year = p.century*100 + p.shortYear
	case p.shortYear < 69:
		p.year = 2000 + p.shortYear
	default:
		p.year = 1900 + p.shortYear
	}
	return nil
}

func orElse(v, absent int64) int64 {
	if v < 0 {
		return absent
	}
	return v
}
