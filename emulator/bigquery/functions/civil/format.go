package civil

import (
	"fmt"
	"strings"
)

// Kind is the type that a format is used with.
type Kind int

// The types of the FORMAT_ and PARSE_ functions.
const (
	KindDate Kind = iota
	KindTime
	KindDatetime
	KindTimestamp
)

var kindNames = [...]string{"DATE", "TIME", "DATETIME", "TIMESTAMP"}

// String is the type's name.
func (k Kind) String() string { return kindNames[k] }

// The format elements by what they read of a value.
const (
	dateElements = "AaBbCDdeFGghJjmQUuVWwxYy"
	timeElements = "HIklMPpRSsTX"
)

var (
	weekdays = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	months   = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)

// maxText bounds what a format may come to.
const maxText = 1 << 20

// Format is FORMAT_DATE and its kin: us is the value as a DATETIME (in the zone,
// for a TIMESTAMP; on 1970-01-01 for a TIME), moment the same as a TIMESTAMP.
func Format(k Kind, format string, us, moment int64, z *Zone) (string, error) {
	f := formatter{k: k, us: us, moment: moment, z: z, day: DayOf(us), in: TimeOf(us)}
	f.y, f.m, f.d = Split(f.day)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		n := elementLength(format[i+1:])
		text, err := f.element(format[i+1 : i+1+n])
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		if b.Len() > maxText {
			return "", unsupported("a formatted text of more than %d bytes", maxText)
		}
		i += n
	}
	return b.String(), nil
}

// elementLength is how long the element at a format's begin is (after its %).
func elementLength(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == 'E' && len(s) > 2 && (s[1:3] == "4Y" || (isDigit(s[1]) || s[1] == '*') && s[2] == 'S'):
		return 3
	case s[0] == 'E' && len(s) > 1:
		return 2
	}
	return 1
}

type formatter struct {
	k          Kind
	us, moment int64
	z          *Zone
	day, in    int64
	y          int64
	m, d       int
}

// belongs tells whether a type has what an element is about.
func belongs(k Kind, e string) bool {
	last := e[len(e)-1]
	switch {
	case e == "%" || e == "n" || e == "t":
		return true
	case e == "c":
		return k == KindDatetime || k == KindTimestamp
	case e == "Z" || e == "z" || e == "Ez":
		return k == KindTimestamp
	case e == "E4Y" || len(e) == 1 && strings.IndexByte(dateElements, last) >= 0:
		return k != KindTime
	case len(e) == 3 && last == 'S' || len(e) == 1 && strings.IndexByte(timeElements, last) >= 0:
		return k != KindDate
	}
	return false
}

func (f *formatter) element(e string) (string, error) {
	if e == "" || !belongs(f.k, e) {
		return "", unsupported("FORMAT_%s with the format element %%%s", f.k, e)
	}
	if f.y < 1000 && (e == "F" || e == "G" || e == "c") {
		return "", unsupported("FORMAT_%s of years before 1000 with the format element %%%s", f.k, e)
	}
	if len(e) == 1 {
		switch {
		case strings.IndexByte(dateElements, e[0]) >= 0:
			return f.date(e[0]), nil
		case strings.IndexByte(timeElements, e[0]) >= 0:
			return f.time(e[0]), nil
		}
	}
	switch e {
	case "%":
		return "%", nil
	case "n":
		return "\n", nil
	case "t":
		return "\t", nil
	case "c":
		return fmt.Sprintf("%s %s %2d %s %d", weekdays[weekday(f.day)][:3], months[f.m-1][:3], f.d, f.time('T'), f.y), nil
	case "E4Y":
		return fmt.Sprintf("%04d", f.y), nil
	case "Z", "z", "Ez":
		return f.zone(e)
	case "E*S":
		frac := strings.TrimRight(fmt.Sprintf(".%06d", f.in%1_000_000), "0")
		return f.time('S') + strings.TrimSuffix(frac, "."), nil
	}
	n := int(e[1] - '0')
	switch {
	case n == 0:
		return f.time('S'), nil
	case n > 6:
		return "", unsupported("FORMAT_%s with more than six decimals of a second", f.k)
	}
	return f.time('S') + fmt.Sprintf(".%06d", f.in%1_000_000)[:n+1], nil
}

func (f *formatter) date(e byte) string {
	wday, yday := weekday(f.day), dayOfYear(f.day)
	switch e {
	case 'A':
		return weekdays[wday]
	case 'a':
		return weekdays[wday][:3]
	case 'B':
		return months[f.m-1]
	case 'b', 'h':
		return months[f.m-1][:3]
	case 'C':
		return fmt.Sprintf("%02d", f.y/100)
	case 'D', 'x':
		return fmt.Sprintf("%02d/%02d/%02d", f.m, f.d, f.y%100)
	case 'd':
		return fmt.Sprintf("%02d", f.d)
	case 'e':
		return fmt.Sprintf("%2d", f.d)
	case 'F':
		return DateText(f.day)
	case 'G':
		return fmt.Sprint(isoYear(f.day))
	case 'g':
		return fmt.Sprintf("%02d", isoYear(f.day)%100)
	case 'J':
		return fmt.Sprintf("%03d", f.day-isoYearBegin(isoYear(f.day))+1)
	case 'j':
		return fmt.Sprintf("%03d", yday)
	case 'm':
		return fmt.Sprintf("%02d", f.m)
	case 'Q':
		return fmt.Sprint((f.m-1)/3 + 1)
	case 'U':
		return fmt.Sprintf("%02d", (yday+6-wday)/7)
	case 'u':
		return fmt.Sprint((wday+6)%7 + 1)
	case 'V':
		return fmt.Sprintf("%02d", (f.day-isoYearBegin(isoYear(f.day)))/7+1)
	case 'W':
		return fmt.Sprintf("%02d", (yday+6-(wday+6)%7)/7)
	case 'w':
		return fmt.Sprint(wday)
	case 'Y':
		return fmt.Sprint(f.y)
	}
	return fmt.Sprintf("%02d", f.y%100) // y
}

func (f *formatter) time(e byte) string {
	s := f.in / 1_000_000
	h, mi, s := s/3600, s/60%60, s%60
	h12 := (h+11)%12 + 1
	switch e {
	case 'H':
		return fmt.Sprintf("%02d", h)
	case 'I':
		return fmt.Sprintf("%02d", h12)
	case 'k':
		return fmt.Sprintf("%2d", h)
	case 'l':
		return fmt.Sprintf("%2d", h12)
	case 'M':
		return fmt.Sprintf("%02d", mi)
	case 'P':
		return [...]string{"am", "pm"}[h/12]
	case 'p':
		return [...]string{"AM", "PM"}[h/12]
	case 'R':
		return fmt.Sprintf("%02d:%02d", h, mi)
	case 'S':
		return fmt.Sprintf("%02d", s)
	case 's':
		return fmt.Sprint(floorDiv(f.moment, 1_000_000))
	}
	return fmt.Sprintf("%02d:%02d:%02d", h, mi, s) // T X
}

func (f *formatter) zone(e string) (string, error) {
	sec := f.z.offset(f.moment)
	if sec%60 != 0 {
		return "", unsupported("the format element %%%s when the offset of %s had seconds", e, f.z)
	}
	sign := "+"
	if sec < 0 {
		sign, sec = "-", -sec
	}
	h, m := sec/3600, sec/60%60
	switch {
	case e == "z":
		return fmt.Sprintf("%s%02d%02d", sign, h, m), nil
	case e == "Ez":
		return fmt.Sprintf("%s%02d:%02d", sign, h, m), nil
	case sec == 0:
		return "UTC", nil
	case m != 0:
		return "", unsupported("the format element %%Z where the offset of %s has minutes", f.z)
	}
	return fmt.Sprintf("UTC%s%d", sign, h), nil
}
