package civil

import "fmt"

// truncDay is the first day of the part that a day lies in.
func truncDay(day int64, p Part) (int64, bool) {
	y, m, _ := Split(day)
	switch {
	case p == Year:
		return dayOf(y, 1, 1), true
	case p == ISOYear:
		return isoYearBegin(isoYear(day)), true
	case p == Quarter:
		return dayOf(y, (m-1)/3*3+1, 1), true
	case p == Month:
		return dayOf(y, m, 1), true
	case p == Day:
		return day, true
	case p == ISOWeek:
		return weekBegin(day, 1), true
	case p.isWeek():
		return weekBegin(day, int64(p-Week)), true
	}
	return 0, false
}

// TruncDate is DATE_TRUNC.
func TruncDate(day int64, p Part) (int64, error) {
	r, ok := truncDay(day, p)
	if !ok {
		return 0, wrongPart("DATE_TRUNC", p)
	}
	if !checkDay(r) {
		return 0, fmt.Errorf("Truncating date %s to %s causes overflow", DateText(day), p)
	}
	return r, nil
}

// TruncDatetime is DATETIME_TRUNC.
func TruncDatetime(us int64, p Part) (int64, error) {
	if u := p.micros(); u != 0 {
		return floorDiv(us, u) * u, nil
	}
	day, err := TruncDate(DayOf(us), p)
	return day * DayMicros, err
}

// TruncTime is TIME_TRUNC.
func TruncTime(us int64, p Part) (int64, error) {
	u := p.micros()
	if u == 0 || p == Day {
		return 0, wrongPart("TIME_TRUNC", p)
	}
	return us - us%u, nil
}

// TruncTimestamp is TIMESTAMP_TRUNC in a zone. HOUR and MINUTE take the zone's
// minutes and seconds off the moment; DAY and longer go over the zone's
// calendar.
func TruncTimestamp(us int64, p Part, z *Zone) (int64, error) {
	local := z.Civil(us)
	u := p.micros()
	switch {
	case p == Hour || p == Minute:
		us -= local - floorDiv(local, u)*u
	case u != 0 && p != Day:
		us = floorDiv(us, u) * u
	default:
		r, err := TruncDatetime(local, p)
		if err != nil {
			return 0, err
		}
		var gap bool
		if us, gap = z.instant(r); gap {
			return 0, unsupported("TIMESTAMP_TRUNC to a midnight that %s does not have", z)
		}
	}
	if !checkMicros(us) {
		return 0, fmt.Errorf("Truncating a timestamp to %s causes overflow", p)
	}
	return us, nil
}

// ExtractDate is EXTRACT(part FROM date).
func ExtractDate(day int64, p Part) (int64, error) {
	y, m, d := Split(day)
	switch {
	case p == Year:
		return y, nil
	case p == ISOYear:
		return isoYear(day), nil
	case p == Quarter:
		return int64(m-1)/3 + 1, nil
	case p == Month:
		return int64(m), nil
	case p == Day:
		return int64(d), nil
	case p == DayOfWeek:
		return weekday(day) + 1, nil
	case p == DayOfYear:
		return dayOfYear(day), nil
	case p == ISOWeek:
		return (day-isoYearBegin(isoYear(day)))/7 + 1, nil
	case p.isWeek():
		// The days before the year's first such weekday are in week 0.
		first := weekBegin(dayOf(y, 1, 7), int64(p-Week))
		if day < first {
			return 0, nil
		}
		return (day-first)/7 + 1, nil
	}
	return 0, wrongPart("EXTRACT", p)
}

// ExtractTime is EXTRACT(part FROM time).
func ExtractTime(us int64, p Part) (int64, error) {
	switch p {
	case Hour:
		return us / 3_600_000_000, nil
	case Minute:
		return us / 60_000_000 % 60, nil
	case Second:
		return us / 1_000_000 % 60, nil
	case Millisecond:
		return us % 1_000_000 / 1000, nil
	case Microsecond:
		return us % 1_000_000, nil
	}
	return 0, wrongPart("EXTRACT", p)
}

// ExtractDatetime is EXTRACT(part FROM datetime).
func ExtractDatetime(us int64, p Part) (int64, error) {
	if p >= Hour && p <= Microsecond {
		return ExtractTime(TimeOf(us), p)
	}
	return ExtractDate(DayOf(us), p)
}

// LastDay is LAST_DAY: the last day of the part that a day lies in.
func LastDay(day int64, p Part) (int64, error) {
	begin, ok := truncDay(day, p)
	if !ok || p == Day {
		return 0, wrongPart("LAST_DAY", p)
	}
	y, m, _ := Split(begin)
	var last int64
	switch {
	case p == Year:
		last = dayOf(y, 12, 31)
	case p == ISOYear:
		last = isoYearBegin(isoYear(day)+1) - 1
	case p == Quarter:
		last = dayOf(y, m+2, monthDays(y, m+2))
	case p == Month:
		last = dayOf(y, m, monthDays(y, m))
	default:
		last = begin + 6
	}
	if !checkDay(last) {
		return 0, fmt.Errorf("The last day of the %s of %s is out of range", p, DateText(day))
	}
	return last, nil
}
