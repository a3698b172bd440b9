package civil

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustDay(t *testing.T, s string) int64 {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustMicros(t *testing.T, s string) int64 {
	t.Helper()
	us, err := ParseDatetime(s)
	if err != nil {
		t.Fatal(err)
	}
	return us
}

func TestCalendarRoundTrip(t *testing.T) {
	for day := int64(MinDay); day <= MaxDay; day++ {
		y, m, d := Split(day)
		if got, err := Date(y, int64(m), int64(d)); err != nil || got != day {
			t.Fatalf("day %d: %d-%d-%d, back to %d, %v", day, y, m, d, got, err)
		}
	}
	for _, c := range [][3]int64{{0, 1, 1}, {10000, 1, 1}, {2021, 2, 29}, {2021, 0, 1}, {2021, 13, 1}, {2021, 4, 31}, {2021, 1, 0}, {math.MaxInt64, 1, 1}, {1, math.MinInt64, 1}} {
		if got, err := Date(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v is the date %d", c, got)
		}
	}
}

func TestDateParts(t *testing.T) {
	day := func(v int64, err error) string { return outcome(DateText, v, err) }
	num := func(v int64, err error) string { return outcome(func(n int64) string { return fmt.Sprint(n) }, v, err) }
	us := func(v int64, err error) string { return outcome(DatetimeText, v, err) }
	tm := func(v int64, err error) string { return outcome(TimeText, v, err) }
	d, m := func(s string) int64 { return mustDay(t, s) }, func(s string) int64 { return mustMicros(t, s) }
	clock := func(s string) int64 {
		v, err := ParseTime(s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for i, c := range []struct{ got, want string }{
		{day(AddDate(d("2020-01-31"), 1, Month)), "2020-02-29"},
		{day(AddDate(d("2020-02-29"), 1, Year)), "2021-02-28"},
		{day(AddDate(d("2020-01-31"), 1, Quarter)), "2020-04-30"},
		{day(AddDate(d("9999-12-31"), 1, Day)), "ERROR"},
		{day(AddDate(d("0001-01-01"), -1, Week)), "ERROR"},
		{day(AddDate(d("2020-01-01"), math.MaxInt64, Year)), "ERROR"},
		{day(AddDate(d("2020-01-01"), math.MinInt64, Day)), "ERROR"},
		{day(SubDate(d("2020-01-01"), math.MinInt64, Day)), "ERROR"},
		{day(SubDate(d("2020-03-31"), 1, Month)), "2020-02-29"},
		{day(AddDate(d("2020-01-01"), 1, Hour)), "REFUSED"},
		{day(SubDate(d("2020-01-01"), 1, ISOYear)), "REFUSED"},
		{num(DiffDate(d("2017-05-17"), d("2017-05-25"), Week)), "-1"},
		{num(DiffDate(d("2017-05-22"), d("2017-05-19"), Week)), "1"},
		{num(DiffDate(d("2012-12-31"), d("2013-01-01"), Week)), "0"},
		{num(DiffDate(d("2000-01-01"), d("2001-01-01"), Week)), "-53"},
		{num(DiffDate(d("2017-10-15"), d("2017-10-14"), ISOWeek)), "0"},
		{num(DiffDate(d("2017-10-16"), d("2017-10-15"), Week+1)), "1"},
		{num(DiffDate(d("2017-12-30"), d("2014-12-30"), ISOYear)), "2"},
		{num(DiffDate(d("9999-12-31"), d("0001-01-01"), Day)), "3652058"},
		{num(DiffDatetime(m("2000-01-01"), m("1998-12-31 23:59:59.999999"), Hour)), "8761"},
		{num(DiffDatetime(m("2000-01-01"), m("1998-12-31 23:59:59.999999"), Quarter)), "5"},
		{num(DiffTimestamp(m("2001-02-03 04:05:06.789"), m("2000-01-01"), Day)), "399"},
		{num(DiffTimestamp(m("2000-01-01"), m("2000-01-01 00:00:01.5"), Second)), "-1"},
		{num(DiffTimestamp(m("2000-01-01"), m("2000-01-01"), Month)), "REFUSED"},
		{num(DiffTime(clock("15:30:00"), clock("14:35:00"), Minute)), "55"},
		{num(DiffTime(clock("15:30:00"), clock("14:35:00"), Hour)), "REFUSED"},
		{day(TruncDate(d("2020-05-20"), Quarter)), "2020-04-01"},
		{day(TruncDate(d("2016-01-02"), ISOYear)), "2014-12-29"},
		{day(TruncDate(d("2020-05-20"), Week)), "2020-05-17"},
		{day(TruncDate(d("2020-05-20"), Week+4)), "2020-05-14"},
		{day(TruncDate(d("0001-01-01"), Week)), "ERROR"},
		{day(TruncDate(d("2020-05-20"), Hour)), "REFUSED"},
		{us(TruncDatetime(m("1987-08-07 12:34:56.789123"), Millisecond)), "1987-08-07 12:34:56.789"},
		{us(TruncDatetime(m("1960-08-07 12:34:56.789123"), Second)), "1960-08-07 12:34:56"},
		{tm(AddTime(clock("23:30:00"), 1, Hour)), "00:30:00"},
		{tm(AddTime(clock("00:00:00"), math.MinInt64, Microsecond)), "19:59:05.224192"},
		{tm(SubTime(clock("00:00:00"), 1, Microsecond)), "23:59:59.999999"},
		{tm(SubTime(clock("00:00:00"), math.MinInt64, Hour)), "08:00:00"},
		{tm(TruncTime(clock("12:34:56.789"), Minute)), "12:34:00"},
		{tm(TruncTime(clock("12:34:56.789"), Day)), "REFUSED"},
		{us(AddDatetime(m("9999-12-31 23:59:59.999999"), 1, Microsecond)), "ERROR"},
		{us(SubDatetime(m("0001-01-01"), 1, Microsecond)), "ERROR"},
		{us(SubDatetime(m("2020-01-01"), math.MinInt64, Microsecond)), "ERROR"},
		{us(AddDatetime(m("2020-01-01"), math.MaxInt64, Hour)), "ERROR"},
		{us(AddDatetime(m("2020-01-31 01:02:03"), 1, Month)), "2020-02-29 01:02:03"},
		{day(LastDay(d("2020-07-24"), Week)), "2020-07-25"},
		{day(LastDay(d("2020-07-24"), Week+1)), "2020-07-26"},
		{day(LastDay(d("2020-07-10"), Quarter)), "2020-09-30"},
		{day(LastDay(d("0001-01-01"), ISOYear)), "0001-12-30"},
		{day(LastDay(d("2020-02-10"), Month)), "2020-02-29"},
		{day(LastDay(d("9999-12-31"), Week)), "ERROR"},
		{day(LastDay(d("2020-02-10"), Day)), "REFUSED"},
		{num(ExtractDate(d("2016-01-21"), Week)), "3"},
		{num(ExtractDate(d("2015-12-31"), ISOWeek)), "53"},
		{num(ExtractDate(d("2016-01-02"), ISOYear)), "2015"},
		{num(ExtractDate(d("2017-01-01"), Week)), "1"},
		{num(ExtractDate(d("2016-01-01"), Week)), "0"},
		{num(ExtractDate(d("2016-01-21"), DayOfWeek)), "5"},
		{num(ExtractDate(d("2016-12-31"), DayOfYear)), "366"},
		{num(ExtractDate(d("2016-12-31"), Hour)), "REFUSED"},
		{num(ExtractDatetime(m("1960-01-21 12:34:56.999999"), Microsecond)), "999999"},
		{num(ExtractDatetime(m("1960-01-21 12:34:56.999999"), Day)), "21"},
		{num(SinceEpoch(-1, Second)), "-1"},
		{us(FromEpoch(253402300800, Second)), "ERROR"},
		{us(FromEpoch(math.MinInt64, Millisecond)), "ERROR"},
		{us(FromEpoch(-1, Millisecond)), "1969-12-31 23:59:59.999"},
		{tm(Time(23, 59, 60)), "ERROR"},
		{us(Datetime(2020, 2, 30, 0, 0, 0)), "ERROR"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("number %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestTruncTimestamp(t *testing.T) {
	trunc := func(moment string, p Part, zone string) string {
		z, err := LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		r, err := TruncTimestamp(mustMicros(t, moment), p, z)
		return outcome(DatetimeText, r, err)
	}
	for _, c := range []struct{ got, want string }{
		{trunc("2010-10-20 18:30:30.456789", Day, "Asia/Kolkata"), "2010-10-20 18:30:00"},
		{trunc("2010-10-20 18:20:30.456789", Day, "NZ-CHAT"), "2010-10-20 10:15:00"},
		{trunc("2010-10-20 17:20:30.456789", Day, "Asia/Kolkata"), "2010-10-19 18:30:00"},
		{trunc("2000-02-02 14:20:06.789", Hour, "Pacific/Chatham"), "2000-02-02 14:15:00"},
		{trunc("2000-02-02 14:20:06.789", Year, "Pacific/Chatham"), "1999-12-31 10:15:00"},
		{trunc("2000-02-02 14:20:06.789", Week+1, "UTC"), "2000-01-31 00:00:00"},
		{trunc("2000-02-02 14:20:06.789", Millisecond, "+05:30"), "2000-02-02 14:20:06.789"},
		{trunc("2018-11-04 12:00:00", Day, "America/Sao_Paulo"), "REFUSED"},
		{trunc("0001-01-01 00:00:00", Day, "America/Los_Angeles"), "ERROR"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSeries(t *testing.T) {
	dates := func(a, b string, step int64, p Part) string {
		list, err := DateSeries(mustDay(t, a), mustDay(t, b), step, p)
		return outcome(func(l []int64) string {
			s := fmt.Sprint(len(l))
			if len(l) > 0 {
				s += " " + DateText(l[len(l)-1])
			}
			return s
		}, list, err)
	}
	moments := func(a, b string, step int64, p Part) string {
		list, err := TimestampSeries(mustMicros(t, a), mustMicros(t, b), step, p)
		return outcome(func(l []int64) string { return fmt.Sprint(len(l)) }, list, err)
	}
	cut := func(a, b, step string, last bool) string {
		v, err := ParseInterval(step)
		if err != nil {
			t.Fatal(err)
		}
		list, err := RangeSeries(mustDay(t, a), mustDay(t, b), v, true, last)
		return outcome(func(l []int64) string { return fmt.Sprint(len(l)/2, " ", DateText(l[len(l)-1])) }, list, err)
	}
	for i, c := range []struct{ got, want string }{
		{dates("2016-10-05", "2016-10-08", 1, Day), "4 2016-10-08"},
		{dates("2016-10-05", "2016-10-09", 2, Day), "3 2016-10-09"},
		{dates("2016-10-05", "2016-10-01", -3, Day), "2 2016-10-02"},
		{dates("2016-10-05", "2016-10-05", 8, Day), "1 2016-10-05"},
		{dates("2016-10-10", "2016-10-05", 1, Day), "0"},
		{dates("2016-01-01", "2016-12-31", 2, Month), "6 2016-11-01"},
		{dates("2016-01-31", "2016-12-31", 1, Month), "REFUSED"},
		{dates("2016-01-31", "2016-12-31", 2, Quarter), "2 2016-07-31"},
		{dates("9999-12-30", "9999-12-31", 1, Day), "2 9999-12-31"},
		{dates("0001-01-02", "0001-01-01", -1, Year), "1 0001-01-02"},
		{dates("2016-01-01", "2017-01-01", math.MaxInt64, Day), "1 2016-01-01"},
		{dates("2016-01-01", "2017-01-01", 0, Day), "ERROR"},
		{dates("2016-01-01", "2017-01-01", 1, Hour), "REFUSED"},
		{dates("0001-01-01", "9999-12-31", 1, Day), "REFUSED"},
		{moments("2016-10-05", "2016-10-07", 1, Day), "3"},
		{moments("2016-10-05", "2016-10-05 00:00:02", 1, Second), "3"},
		{moments("2016-10-06", "2016-10-05", -12, Hour), "3"},
		{moments("2016-10-05", "2016-10-06", -1, Second), "0"},
		{moments("2016-10-05", "2016-10-06", 0, Second), "ERROR"},
		{moments("2016-10-05", "2016-10-06", math.MaxInt64, Hour), "1"},
		{moments("2016-10-05", "2016-10-06", math.MinInt64, Hour), "0"},
		{moments("2016-10-05", "2016-10-06", 1, Microsecond), "REFUSED"},
		{cut("2020-01-01", "2020-01-06", "0-0 1", true), "5 2020-01-06"},
		{cut("2020-01-01", "2020-01-06", "0-0 2", true), "3 2020-01-06"},
		{cut("2020-01-01", "2020-01-06", "0-0 2", false), "2 2020-01-05"},
		{cut("2020-01-01", "2020-04-15", "0-1", false), "3 2020-04-01"},
		{cut("2020-01-31", "2020-06-15", "0-1", false), "REFUSED"},
		{cut("2020-01-01", "2020-04-15", "0-1 1", false), "REFUSED"},
		{cut("2020-01-01", "2020-04-15", "0-0 0", false), "ERROR"},
		{cut("2020-01-01", "2020-04-15", "0-0 -1", false), "ERROR"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("number %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestBucket(t *testing.T) {
	bucket := func(moment, width, origin string, f func(int64, Interval, int64) (int64, error)) string {
		v, err := ParseInterval(width)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f(mustMicros(t, moment), v, mustMicros(t, origin))
		return outcome(DatetimeText, r, err)
	}
	byDay := func(us int64, w Interval, origin int64) (int64, error) {
		r, err := BucketDate(DayOf(us), w, DayOf(origin))
		return r * DayMicros, err
	}
	const at, usual, late = "2020-02-15 14:57:39.646565", "1950-01-01", "2150-12-11 07:00:00"
	for i, c := range []struct{ got, want string }{
		{bucket(at, "0:0:0.0005", usual, BucketDatetime), "2020-02-15 14:57:39.646500"},
		{bucket(at, "0:20:0", usual, BucketDatetime), "2020-02-15 14:40:00"},
		{bucket(at, "3:0:0", late, BucketDatetime), "2020-02-15 13:00:00"},
		{bucket(at, "0-0 7", late, BucketTimestamp), "2020-02-14 07:00:00"},
		{bucket(at, "0-0 7", usual, byDay), "2020-02-09 00:00:00"},
		{bucket(at, "0-1", usual, byDay), "2020-02-01 00:00:00"},
		{bucket(at, "0-5", late, BucketDatetime), "2020-02-11 07:00:00"},
		{bucket("2020-02-15", "0-1", "2019-01-31", BucketDatetime), "REFUSED"},
		{bucket(at, "0-1 1", usual, BucketDatetime), "ERROR"},
		{bucket(at, "0-0 1 1:0:0", usual, BucketDatetime), "REFUSED"},
		{bucket(at, "0-1", usual, BucketTimestamp), "ERROR"},
		{bucket(at, "1:0:0", usual, byDay), "ERROR"},
		{bucket(at, "0-0 0", usual, BucketDatetime), "ERROR"},
		{bucket(at, "0-0 -1", usual, BucketDatetime), "ERROR"},
		{bucket("0001-01-01", "0-0 7", usual, BucketDatetime), "ERROR"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("number %d (-want +got):\n%s", i, diff)
		}
	}
}
