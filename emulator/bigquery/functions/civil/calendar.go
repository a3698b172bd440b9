package civil

import "fmt"

// The range of days (0001-01-01 to 9999-12-31) and of microseconds.
const (
	MinDay    = -719162
	MaxDay    = 2932896
	DayMicros = 86_400_000_000
	MinMicros = MinDay * DayMicros
	MaxMicros = (MaxDay+1)*DayMicros - 1
)

// dayOf counts the days from 1970-01-01 to a date. The month must be 1 to 12.
func dayOf(y int64, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	shifted := int64(m - 3)
	if m <= 2 {
		shifted = int64(m + 9)
	}
	doy := (153*shifted+2)/5 + int64(d) - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// Split gives a day's year, month and day of the month.
func Split(day int64) (y int64, m, d int) {
	z := day + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int(doy - (153*mp+2)/5 + 1)
	m = int(mp) + 3
	if mp >= 10 {
		m = int(mp) - 9
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func monthDays(y int64, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && y%100 != 0 || y%400 == 0 {
			return 29
		}
		return 28
	}
	return 31
}

// Date makes a DATE of year, month and day of the month.
func Date(y, m, d int64) (int64, error) {
	if !validDate(y, m, d) {
		return 0, fmt.Errorf("Input calculates to invalid date: %04d-%02d-%02d", y, m, d)
	}
	return dayOf(y, int(m), int(d)), nil
}

func validDate(y, m, d int64) bool {
	return y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= int64(monthDays(y, int(m)))
}

// Time makes a TIME of hour, minute and second.
func Time(h, mi, s int64) (int64, error) {
	if !validTime(h, mi, s) {
		return 0, fmt.Errorf("Input calculates to invalid time: %02d:%02d:%02d", h, mi, s)
	}
	return (h*3600 + mi*60 + s) * 1_000_000, nil
}

func validTime(h, mi, s int64) bool {
	return h >= 0 && h <= 23 && mi >= 0 && mi <= 59 && s >= 0 && s <= 59
}

// Datetime makes a DATETIME of its six parts.
func Datetime(y, m, d, h, mi, s int64) (int64, error) {
	if !validDate(y, m, d) || !validTime(h, mi, s) {
		return 0, fmt.Errorf("Input calculates to invalid datetime: %04d-%02d-%02d %02d:%02d:%02d", y, m, d, h, mi, s)
	}
	return dayOf(y, int(m), int(d))*DayMicros + (h*3600+mi*60+s)*1_000_000, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// DayOf is the DATE of a DATETIME.
func DayOf(us int64) int64 { return floorDiv(us, DayMicros) }

// TimeOf is the TIME of a DATETIME.
func TimeOf(us int64) int64 { return us - DayOf(us)*DayMicros }

// weekday is 0 on Sunday, 6 on Saturday.
func weekday(day int64) int64 { return ((day+4)%7 + 7) % 7 }

// weekBegin is the last day not after day that is the weekday first.
func weekBegin(day, first int64) int64 { return day - (weekday(day)-first+7)%7 }

// isoYearBegin is the Monday of an ISO year's first week.
func isoYearBegin(y int64) int64 { return weekBegin(dayOf(y, 1, 4), 1) }

func isoYear(day int64) int64 {
	y, _, _ := Split(day)
	switch {
	case day >= isoYearBegin(y+1):
		return y + 1
	case day < isoYearBegin(y):
		return y - 1
	}
	return y
}

func dayOfYear(day int64) int64 {
	y, _, _ := Split(day)
	return day - dayOf(y, 1, 1) + 1
}

// checkDay and checkMicros hold the ranges of the types.
func checkDay(day int64) bool   { return day >= MinDay && day <= MaxDay }
func checkMicros(us int64) bool { return us >= MinMicros && us <= MaxMicros }
