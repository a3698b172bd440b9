package civil

import (
	"fmt"
	"math/big"
)

// Interval is an INTERVAL: months, days and microseconds apart, each of its own
// sign. GoogleSQL's limits are 10,000 years of months, and as many days and
// microseconds as 10,000 years of 366 days have.
type Interval struct {
	Months, Days int32
	Micros       int64
}

const (
	maxIntervalMonths = 120_000
	maxIntervalDays   = 3_660_000
	maxIntervalMicros = maxIntervalDays * DayMicros
	daysPerMonth      = 30
)

// NewInterval holds the limits.
func NewInterval(months, days, micros int64) (Interval, error) {
	for _, f := range []struct {
		name     string
		v, limit int64
	}{{"months", months, maxIntervalMonths}, {"days", days, maxIntervalDays}, {"micros", micros, maxIntervalMicros}} {
		if f.v > f.limit || f.v < -f.limit {
			return Interval{}, fmt.Errorf("Interval field %s '%d' is out of range %d to %d", f.name, f.v, -f.limit, f.limit)
		}
	}
	return Interval{int32(months), int32(days), micros}, nil
}

var errIntervalRange = fmt.Errorf("Interval value is out of range")

// IntervalOf is INTERVAL n PART.
func IntervalOf(n int64, p Part) (Interval, error) {
	var months, days, micros int64
	ok := true
	switch p {
	case Year:
		months, ok = mul(n, 12)
	case Quarter:
		months, ok = mul(n, 3)
	case Month:
		months = n
	case Week:
		days, ok = mul(n, 7)
	case Day:
		days = n
	case Hour, Minute, Second, Millisecond, Microsecond:
		micros, ok = mul(n, p.micros())
	default:
		return Interval{}, wrongPart("INTERVAL", p)
	}
	if !ok {
		return Interval{}, errIntervalRange
	}
	return NewInterval(months, days, micros)
}

// MakeInterval is MAKE_INTERVAL(year, month, day, hour, minute, second).
func MakeInterval(y, mo, d, h, mi, s int64) (Interval, error) {
	months, ok1 := mul(y, 12)
	months, ok2 := add(months, mo)
	hours, ok3 := mul(h, Hour.micros())
	minutes, ok4 := mul(mi, Minute.micros())
	seconds, ok5 := mul(s, Second.micros())
	micros, ok6 := add(hours, minutes)
	micros, ok7 := add(micros, seconds)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || !ok7 {
		return Interval{}, errIntervalRange
	}
	return NewInterval(months, d, micros)
}

// Key is what intervals are compared by: a month is 30 days, a day 24 hours.
func (v Interval) Key() int64 {
	return (int64(v.Months)*daysPerMonth+int64(v.Days))*DayMicros + v.Micros
}

// parts counts the fields that are not zero.
func (v Interval) parts() int {
	n := 0
	for _, zero := range []bool{v.Months == 0, v.Days == 0, v.Micros == 0} {
		if !zero {
			n++
		}
	}
	return n
}

// Plain reports whether taking months of 30 days out of the days and the time,
// and days out of the time, each by itself, gives fields of one sign. DuckDB
// compares by these, which for others is not the length.
func (v Interval) Plain() bool {
	const monthMicros = daysPerMonth * DayMicros
	months := int64(v.Months) + int64(v.Days)/daysPerMonth + v.Micros/monthMicros
	days := int64(v.Days)%daysPerMonth + v.Micros%monthMicros/DayMicros
	total := v.Key()
	return months == total/monthMicros && days == total%monthMicros/DayMicros
}

// Negate is unary minus.
func (v Interval) Negate() Interval { return Interval{-v.Months, -v.Days, -v.Micros} }

// Add is the sum, field by field.
func (v Interval) Add(w Interval) (Interval, error) {
	return NewInterval(int64(v.Months)+int64(w.Months), int64(v.Days)+int64(w.Days), v.Micros+w.Micros)
}

// Multiply multiplies field by field.
func (v Interval) Multiply(n int64) (Interval, error) {
	months, ok1 := mul(int64(v.Months), n)
	days, ok2 := mul(int64(v.Days), n)
	micros, ok3 := mul(v.Micros, n)
	if !ok1 || !ok2 || !ok3 {
		return Interval{}, errIntervalRange
	}
	return NewInterval(months, days, micros)
}

// Divide divides by n; what is left of months becomes days, of days time, and
// less than a microsecond is cut.
func (v Interval) Divide(n int64) (Interval, error) {
	if n == 0 {
		return Interval{}, fmt.Errorf("Interval division by zero")
	}
	return divide(int64(v.Months), int64(v.Days), big.NewInt(v.Micros), n)
}

// divide takes sums too, whose microseconds can be beyond int64.
func divide(months, days int64, micros *big.Int, n int64) (Interval, error) {
	m := months / n
	rest := new(big.Int).Mul(big.NewInt(months%n), big.NewInt(daysPerMonth))
	rest.Add(rest, big.NewInt(days))
	d := new(big.Int)
	d.QuoRem(rest, big.NewInt(n), rest)
	rest.Mul(rest, big.NewInt(DayMicros))
	rest.Add(rest, micros)
	rest.Quo(rest, big.NewInt(n))
	if !d.IsInt64() || !rest.IsInt64() {
		return Interval{}, errIntervalRange
	}
	return NewInterval(m, d.Int64(), rest.Int64())
}

// IntervalSum adds intervals for SUM and AVG; between, it may be out of an
// INTERVAL's limits.
type IntervalSum struct {
	months, days, count int64
	micros              big.Int
}

// Add takes one more.
func (s *IntervalSum) Add(v Interval) {
	s.months += int64(v.Months)
	s.days += int64(v.Days)
	s.micros.Add(&s.micros, big.NewInt(v.Micros))
	s.count++
}

// Sum is the sum, or an error out of the limits.
func (s *IntervalSum) Sum() (Interval, error) {
	if !s.micros.IsInt64() {
		return Interval{}, errIntervalRange
	}
	return NewInterval(s.months, s.days, s.micros.Int64())
}

// Average is the mean of at least one interval.
func (s *IntervalSum) Average() (Interval, error) {
	return divide(s.months, s.days, &s.micros, s.count)
}

// JustifyHours makes whole days of hours, days and time then being of one sign.
func (v Interval) JustifyHours() (Interval, error) {
	total := int64(v.Days)*DayMicros + v.Micros
	return NewInterval(int64(v.Months), total/DayMicros, total%DayMicros)
}

// JustifyDays makes months of 30 days, months and days then being of one sign.
func (v Interval) JustifyDays() (Interval, error) {
	total := int64(v.Months)*daysPerMonth + int64(v.Days)
	return NewInterval(total/daysPerMonth, total%daysPerMonth, v.Micros)
}

// JustifyInterval does both.
func (v Interval) JustifyInterval() (Interval, error) {
	total := v.Key()
	days := total / DayMicros
	return NewInterval(days/daysPerMonth, days%daysPerMonth, total%DayMicros)
}

// Extract is EXTRACT(part FROM interval).
func (v Interval) Extract(p Part) (int64, error) {
	switch p {
	case Year:
		return int64(v.Months) / 12, nil
	case Month:
		return int64(v.Months) % 12, nil
	case Day:
		return int64(v.Days), nil
	case Hour:
		return v.Micros / Hour.micros(), nil
	case Minute:
		return v.Micros / Minute.micros() % 60, nil
	case Second:
		return v.Micros / Second.micros() % 60, nil
	case Millisecond:
		return v.Micros % 1_000_000 / 1000, nil
	case Microsecond:
		return v.Micros % 1_000_000, nil
	}
	return 0, wrongPart("EXTRACT from INTERVAL", p)
}

// AddToDatetime is datetime + interval: first the months, then the days, then
// the time.
func (v Interval) AddToDatetime(us int64) (int64, error) {
	day, ok := addMonths(DayOf(us), int64(v.Months))
	if ok {
		r, inRange := add(day*DayMicros+TimeOf(us), int64(v.Days)*DayMicros)
		r, inRange2 := add(r, v.Micros)
		if inRange && inRange2 && checkMicros(r) {
			return r, nil
		}
	}
	if v.Key() > 0 != (v.Months > 0) && v.Months != 0 {
		return 0, unsupported("an interval that leaves the calendar by its months and comes back by its days")
	}
	return 0, fmt.Errorf("Adding %s to datetime %s causes overflow", v, DatetimeText(us))
}

// AddToTimestamp is timestamp + interval, which may have no months; a day is 24
// hours.
func (v Interval) AddToTimestamp(us int64) (int64, error) {
	if v.Months != 0 {
		return 0, fmt.Errorf("TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part")
	}
	r, ok := add(us, int64(v.Days)*DayMicros)
	r, ok2 := add(r, v.Micros)
	if !ok || !ok2 || !checkMicros(r) {
		return 0, fmt.Errorf("Adding %s to timestamp %s+00 causes overflow", v, DatetimeText(us))
	}
	return r, nil
}
