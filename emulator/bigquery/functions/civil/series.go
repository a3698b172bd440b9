package civil

import "fmt"

// maxSeries bounds a generated array.
const maxSeries = 1 << 20

var errStepZero = fmt.Errorf("Sequence step cannot be 0.")

// DateSeries is GENERATE_DATE_ARRAY: the days from start on, step parts apart,
// not past end.
func DateSeries(start, end, step int64, p Part) ([]int64, error) {
	if step == 0 {
		return nil, errStepZero
	}
	if p != Day && p != Week && p != Month && p != Quarter && p != Year {
		return nil, wrongPart("GENERATE_DATE_ARRAY", p)
	}
	var out []int64
	at, chained := start, start
	for i := int64(0); ; i++ {
		if step > 0 && at > end || step < 0 && at < end {
			return out, nil
		}
		if len(out) == maxSeries {
			return nil, unsupported("GENERATE_DATE_ARRAY of more than %d elements", maxSeries)
		}
		out = append(out, at)
		offset, ok := mul(step, i+1)
		if !ok {
			return out, nil
		}
		var inRange, inRange2 bool
		at, inRange = addToDay(start, offset, p)
		chained, inRange2 = addToDay(chained, step, p)
		if !inRange || !inRange2 {
			return out, nil
		}
		// From a month's last days it matters whether each step goes from the one
		// before or from the start.
		if at != chained {
			return nil, unsupported("GENERATE_DATE_ARRAY by %s from a day that not every month has", p)
		}
	}
}

// TimestampSeries is GENERATE_TIMESTAMP_ARRAY.
func TimestampSeries(start, end, step int64, p Part) ([]int64, error) {
	if step == 0 {
		return nil, errStepZero
	}
	if p.micros() == 0 {
		return nil, wrongPart("GENERATE_TIMESTAMP_ARRAY", p)
	}
	stride, ok := mul(step, p.micros())
	if !ok {
		if start == end || (step > 0) == (start < end) {
			return []int64{start}, nil
		}
		return nil, nil
	}
	var out []int64
	for at := start; ; {
		if step > 0 && at > end || step < 0 && at < end {
			return out, nil
		}
		if len(out) == maxSeries {
			return nil, unsupported("GENERATE_TIMESTAMP_ARRAY of more than %d elements", maxSeries)
		}
		out = append(out, at)
		if at, ok = add(at, stride); !ok {
			return out, nil
		}
	}
}

// RangeSeries cuts [start, end) into ranges as long as the step and gives their
// starts and ends; the last, shorter, one is left out on request.
func RangeSeries(start, end int64, step Interval, date, includeLast bool) ([]int64, error) {
	if step.Key() <= 0 || step.Months < 0 || step.Days < 0 || step.Micros < 0 {
		return nil, fmt.Errorf("GENERATE_RANGE_ARRAY needs a positive step")
	}
	if step.parts() > 1 || date && step.Micros != 0 || !date && step.Months != 0 {
		return nil, unsupported("GENERATE_RANGE_ARRAY with the step %s", step)
	}
	low, high := int64(MinMicros), int64(MaxMicros)
	if date {
		low, high = MinDay, MaxDay
	}
	if start < low || end > high {
		return nil, fmt.Errorf("GENERATE_RANGE_ARRAY needs a range with both bounds")
	}
	var out []int64
	at := start
	for i := int64(1); at < end; i++ {
		if len(out) >= 2*maxSeries {
			return nil, unsupported("GENERATE_RANGE_ARRAY of more than %d elements", maxSeries)
		}
		next, err := rangeStep(start, at, i, step, date)
		if err != nil {
			return nil, err
		}
		if next > end {
			if includeLast {
				out = append(out, at, end)
			}
			return out, nil
		}
		out = append(out, at, next)
		at = next
	}
	return out, nil
}

// rangeStep is where the range number i ends, or beyond every end.
func rangeStep(start, at, i int64, step Interval, date bool) (int64, error) {
	const beyond = MaxMicros + 1
	if !date {
		r, ok := add(at, int64(step.Days)*DayMicros+step.Micros)
		if !ok {
			return beyond, nil
		}
		return r, nil
	}
	if step.Months == 0 {
		return at + int64(step.Days), nil
	}
	months, ok := mul(int64(step.Months), i)
	if !ok || months > maxIntervalMonths {
		return beyond, nil
	}
	fromStart, ok1 := addMonths(start, months)
	chained, ok2 := addMonths(at, int64(step.Months))
	if !ok1 || !ok2 {
		return beyond, nil
	}
	if fromStart != chained {
		return 0, unsupported("GENERATE_RANGE_ARRAY by months from a day that not every month has")
	}
	return fromStart, nil
}
