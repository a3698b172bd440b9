package seed

import (
	"math"
	"time"
)

// day counts days since 1 January 1970.
type day int32

// never is a day that does not come: no end, no death, no such disease.
const never day = math.MinInt32

const daysPerYear = 365.25

// The data ends on a fixed day: it must not change with the clock.
var (
	dataEnd    = dayOf(2024, time.December, 31)
	firstStart = dayOf(2009, time.January, 1)
	lastStart  = dayOf(2021, time.December, 31)
)

func dayOf(year int, month time.Month, dom int) day {
	return day(time.Date(year, month, dom, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) append(b []byte) []byte {
	if d == never {
		return b
	}
	return d.time().AppendFormat(b, time.DateOnly)
}

// years returns the age at d of one born on birth.
func years(birth, d day) float64 { return float64(d-birth) / daysPerYear }

// period is a span of days, both ends included.
type period struct{ start, end day }

// place returns the first day from d on that lies in one of the periods (sorted,
// apart), or never when d is after all of them.
func place(periods []period, d day) day {
	for _, p := range periods {
		if d <= p.end {
			return max(d, p.start)
		}
	}
	return never
}

// within reports whether d lies in one of the periods.
func within(periods []period, d day) bool { return d != never && place(periods, d) == d }
