package civil

import (
	"fmt"
	"math"
	"math/bits"
)

// mul multiplies, or tells that int64 does not hold the product.
func mul(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 {
		return 0, false
	}
	if negative {
		return -int64(lo), lo <= 1<<63
	}
	return int64(lo), lo <= math.MaxInt64
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return uint64(-(a + 1)) + 1
	}
	return uint64(a)
}

func add(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

// addMonths keeps the day of the month, or takes the month's last.
func addMonths(day, months int64) (int64, bool) {
	if months > 120_000 || months < -120_000 {
		return 0, false
	}
	y, m, d := Split(day)
	t := y*12 + int64(m) - 1 + months
	y, m = floorDiv(t, 12), int(t-floorDiv(t, 12)*12)+1
	if y < 1 || y > 9999 {
		return 0, false
	}
	return dayOf(y, m, min(d, monthDays(y, m))), true
}

func addToDay(day, n int64, p Part) (int64, bool) {
	if n > 4_000_000 || n < -4_000_000 {
		return 0, false
	}
	switch {
	case p == Year:
		return addMonths(day, n*12)
	case p == Quarter:
		return addMonths(day, n*3)
	case p == Month:
		return addMonths(day, n)
	case p == Day:
		day += n
	default:
		day += 7 * n
	}
	return day, checkDay(day)
}

// AddDate is DATE_ADD: n parts (YEAR, QUARTER, MONTH, WEEK, DAY) later.
func AddDate(day, n int64, p Part) (int64, error) {
	if p != Year && p != Quarter && p != Month && p != Week && p != Day {
		return 0, wrongPart("DATE_ADD", p)
	}
	if r, ok := addToDay(day, n, p); ok {
		return r, nil
	}
	return 0, fmt.Errorf("Adding %d %s to date %s causes overflow", n, p, DateText(day))
}

// SubDate is DATE_SUB.
func SubDate(day, n int64, p Part) (int64, error) {
	if p != Year && p != Quarter && p != Month && p != Week && p != Day {
		return 0, wrongPart("DATE_SUB", p)
	}
	if n != math.MinInt64 {
		if r, ok := addToDay(day, -n, p); ok {
			return r, nil
		}
	}
	return 0, fmt.Errorf("Subtracting %d %s from date %s causes overflow", n, p, DateText(day))
}

// addMicros adds n parts to a DATETIME; civil parts move the day.
func addMicros(us, n int64, p Part) (int64, bool) {
	if p == Year || p == Quarter || p == Month || p == Week || p == Day {
		day, ok := addToDay(DayOf(us), n, p)
		return day*DayMicros + TimeOf(us), ok
	}
	d, ok := mul(n, p.micros())
	if !ok {
		return 0, false
	}
	r, ok := add(us, d)
	return r, ok && checkMicros(r)
}

// AddDatetime is DATETIME_ADD, and TIMESTAMP_ADD for the parts from DAY on (a
// DAY of a TIMESTAMP is 24 hours).
func AddDatetime(us, n int64, p Part) (int64, error) {
	if p.micros() == 0 && p != Year && p != Quarter && p != Month && p != Week {
		return 0, wrongPart("DATETIME_ADD", p)
	}
	if r, ok := addMicros(us, n, p); ok {
		return r, nil
	}
	return 0, fmt.Errorf("Adding %d %s to %s causes overflow", n, p, DatetimeText(us))
}

// SubDatetime is DATETIME_SUB and TIMESTAMP_SUB.
func SubDatetime(us, n int64, p Part) (int64, error) {
	if p.micros() == 0 && p != Year && p != Quarter && p != Month && p != Week {
		return 0, wrongPart("DATETIME_SUB", p)
	}
	if n != math.MinInt64 {
		if r, ok := addMicros(us, -n, p); ok {
			return r, nil
		}
	}
	return 0, fmt.Errorf("Subtracting %d %s from %s causes overflow", n, p, DatetimeText(us))
}

// AddTime is TIME_ADD, which goes round the clock.
func AddTime(us, n int64, p Part) (int64, error) {
	u := p.micros()
	if u == 0 || p == Day {
		return 0, wrongPart("TIME_ADD", p)
	}
	// The clock has a whole number of every unit, so that only n's remainder counts.
	r := (us + n%(DayMicros/u)*u) % DayMicros
	return (r + DayMicros) % DayMicros, nil
}

// SubTime is TIME_SUB.
func SubTime(us, n int64, p Part) (int64, error) {
	u := p.micros()
	if u == 0 || p == Day {
		return 0, wrongPart("TIME_SUB", p)
	}
	r := (us - n%(DayMicros/u)*u) % DayMicros
	return (r + DayMicros) % DayMicros, nil
}

// place numbers the part that a day lies in, so that differences count
// boundaries.
func place(day int64, p Part) (int64, bool) {
	y, m, _ := Split(day)
	switch {
	case p == Year:
		return y, true
	case p == ISOYear:
		return isoYear(day), true
	case p == Quarter:
		return y*4 + int64(m-1)/3, true
	case p == Month:
		return y*12 + int64(m-1), true
	case p == Day:
		return day, true
	case p == ISOWeek:
		return floorDiv(weekBegin(day, 1)+3, 7), true
	case p.isWeek():
		return floorDiv(weekBegin(day, int64(p-Week))-int64(p-Week)+4, 7), true
	}
	return 0, false
}

// DiffDate is DATE_DIFF: the boundaries between b and a.
func DiffDate(a, b int64, p Part) (int64, error) {
	x, ok := place(a, p)
	y, _ := place(b, p)
	if !ok {
		return 0, wrongPart("DATE_DIFF", p)
	}
	return x - y, nil
}

// DiffDatetime is DATETIME_DIFF: the boundaries between b and a.
func DiffDatetime(a, b int64, p Part) (int64, error) {
	if u := p.micros(); u != 0 {
		return floorDiv(a, u) - floorDiv(b, u), nil
	}
	return DiffDate(DayOf(a), DayOf(b), p)
}

// DiffTimestamp is TIMESTAMP_DIFF: the whole parts between b and a.
func DiffTimestamp(a, b int64, p Part) (int64, error) {
	u := p.micros()
	if u == 0 {
		return 0, wrongPart("TIMESTAMP_DIFF", p)
	}
	return (a - b) / u, nil
}

// DiffTime is TIME_DIFF. Boundaries and whole parts are both to be read in the
// reference: where they differ there is no answer.
func DiffTime(a, b int64, p Part) (int64, error) {
	u := p.micros()
	if u == 0 || p == Day {
		return 0, wrongPart("TIME_DIFF", p)
	}
	whole, boundaries := (a-b)/u, a/u-b/u
	if whole != boundaries {
		return 0, unsupported("TIME_DIFF by %s of %s and %s", p, TimeText(a), TimeText(b))
	}
	return whole, nil
}
