package civil

import "fmt"

// BucketDate is DATE_BUCKET: the begin of the bucket of this width, counted from
// the origin, that the day lies in.
func BucketDate(day int64, width Interval, origin int64) (int64, error) {
	if width.Micros != 0 {
		return 0, fmt.Errorf("DATE_BUCKET only supports bucket width INTERVAL with MONTH and DAY parts")
	}
	r, err := bucket(day*DayMicros, width, origin*DayMicros, "DATE_BUCKET")
	return DayOf(r), err
}

// BucketDatetime is DATETIME_BUCKET.
func BucketDatetime(us int64, width Interval, origin int64) (int64, error) {
	return bucket(us, width, origin, "DATETIME_BUCKET")
}

// BucketTimestamp is TIMESTAMP_BUCKET, whose width has no months.
func BucketTimestamp(us int64, width Interval, origin int64) (int64, error) {
	if width.Months != 0 {
		return 0, fmt.Errorf("TIMESTAMP_BUCKET doesn't support bucket width INTERVAL with non-zero MONTH part")
	}
	return bucket(us, width, origin, "TIMESTAMP_BUCKET")
}

func bucket(us int64, width Interval, origin int64, function string) (int64, error) {
	if width.Months < 0 || width.Days < 0 || width.Micros < 0 || width.Key() == 0 {
		return 0, fmt.Errorf("%s only supports positive bucket width INTERVAL", function)
	}
	var r int64
	if width.Months == 0 {
		if width.Days != 0 && width.Micros != 0 {
			return 0, unsupported("%s with a width of both days and time", function)
		}
		w := int64(width.Days)*DayMicros + width.Micros
		r = origin + floorDiv(us-origin, w)*w
	} else {
		if width.Days != 0 || width.Micros != 0 {
			return 0, fmt.Errorf("%s doesn't support bucket width INTERVAL with mixed parts", function)
		}
		y, m, d := Split(DayOf(us))
		oy, om, od := Split(DayOf(origin))
		if od > 28 {
			return 0, unsupported("%s by months from a day that not every month has", function)
		}
		between := (y-oy)*12 + int64(m-om)
		if int64(d-od)*DayMicros+TimeOf(us)-TimeOf(origin) < 0 {
			between-- // the month that began on the origin's day is not over
		}
		w := int64(width.Months)
		day, ok := addMonths(DayOf(origin), floorDiv(between, w)*w)
		if !ok {
			return 0, fmt.Errorf("%s result is out of range", function)
		}
		r = day*DayMicros + TimeOf(origin)
	}
	if !checkMicros(r) {
		return 0, fmt.Errorf("%s result is out of range", function)
	}
	return r, nil
}
