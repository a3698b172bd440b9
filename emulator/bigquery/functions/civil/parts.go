package civil

import "fmt"

// Part is a date part, numbered as duck/dates.c and the translation number them.
type Part int64

// The date parts. Week begins on Sunday; Week+1 on Monday, to Week+6 on Saturday.
const (
	Year Part = iota + 1
	ISOYear
	Quarter
	Month
	ISOWeek
	Day
	DayOfWeek
	DayOfYear
	Hour
	Minute
	Second
	Millisecond
	Microsecond
	Week Part = 20
)

var partNames = map[Part]string{
	Year: "YEAR", ISOYear: "ISOYEAR", Quarter: "QUARTER", Month: "MONTH", ISOWeek: "ISOWEEK", Day: "DAY",
	DayOfWeek: "DAYOFWEEK", DayOfYear: "DAYOFYEAR", Hour: "HOUR", Minute: "MINUTE", Second: "SECOND",
	Millisecond: "MILLISECOND", Microsecond: "MICROSECOND", Week: "WEEK",
	Week + 1: "WEEK(MONDAY)", Week + 2: "WEEK(TUESDAY)", Week + 3: "WEEK(WEDNESDAY)",
	Week + 4: "WEEK(THURSDAY)", Week + 5: "WEEK(FRIDAY)", Week + 6: "WEEK(SATURDAY)",
}

// String is the part's name in GoogleSQL.
func (p Part) String() string {
	if s, ok := partNames[p]; ok {
		return s
	}
	return fmt.Sprintf("PART(%d)", int64(p))
}

func (p Part) isWeek() bool { return p >= Week && p <= Week+6 }

// micros is the length of a part of fixed length up to DAY, 0 of any other.
func (p Part) micros() int64 {
	switch p {
	case Day:
		return DayMicros
	case Hour:
		return 3_600_000_000
	case Minute:
		return 60_000_000
	case Second:
		return 1_000_000
	case Millisecond:
		return 1000
	case Microsecond:
		return 1
	}
	return 0
}

func wrongPart(function string, p Part) error {
	return unsupported("%s with the part %s", function, p)
}
