package civil

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The expectations are GoogleSQL's own: what its analyzer makes of the casts.
func TestParseInterval(t *testing.T) {
	check(t, map[string]string{
		"1": "ERROR", "1 2": "ERROR", "3 4": "ERROR", "2 3": "ERROR", "4:5": "ERROR", "1-2 4:5:6": "ERROR", "": "ERROR", " 1-2": "ERROR", "1-2 ": "ERROR", "1-2  3": "ERROR",
		"1-2": "1-2 0 0:0:0", "1-2 3": "1-2 3 0:0:0", "1-2 3 4": "1-2 3 4:0:0", "1-2 3 4:5": "1-2 3 4:5:0", "1-2 3 4:5:6": "1-2 3 4:5:6",
		"1-2 3 4:5:6.": "ERROR", "1-2 3 4:5:6.1": "1-2 3 4:5:6.100", "1-2 3 4:5:6.1234567": "REFUSED",
		"3 4:5:6": "0-0 3 4:5:6", "3 4:5": "0-0 3 4:5:0", "2 3 4": "0-2 3 4:0:0", "2 3 4:5:6": "0-2 3 4:5:6", "4:5:6": "0-0 0 4:5:6", "4:5:6.7": "0-0 0 4:5:6.700", "4:5.7": "ERROR",
		"+1-2 +3 +4:5:6": "1-2 3 4:5:6", "-1-2 -3 -4:5:6": "-1-2 -3 -4:5:6", "- 1-2": "ERROR", "1--2": "ERROR", "1-13": "2-1 0 0:0:0", "1-2 3 25:61:61": "1-2 3 26:2:1",
		"1-2 3 0:0:-5": "ERROR", "-0-0 -0 -0:0:0": "0-0 0 0:0:0", "0-120000": "10000-0 0 0:0:0", "10000-1": "ERROR", "0-0 3660001": "ERROR",
		"10000-0 3660000 87840000:0:0": "10000-0 3660000 87840000:0:0", "0-0 0 87840000:0:0.000001": "ERROR", "99999999999999999999-0": "ERROR", "9999999999999999999": "ERROR",
		"0001-02 003 004:005:006": "1-2 3 4:5:6", "1-2 3 -4:5:6": "1-2 3 -4:5:6", "-0-0 0 -0:0:0.5": "0-0 0 -0:0:0.500",
		"P": "ERROR", "PT": "0-0 0 0:0:0", "P1Y": "1-0 0 0:0:0", "P1YT": "1-0 0 0:0:0", "P1W": "0-0 7 0:0:0", "P1Y2M3W4D": "1-2 25 0:0:0", "P1D1Y": "1-0 1 0:0:0", "P1Y1Y": "2-0 0 0:0:0",
		"PT3S1H": "0-0 0 1:0:3", "PT1.5H": "ERROR", "PT1.5S": "0-0 0 0:0:1.500", "PT1,5S": "0-0 0 0:0:1.500", "PT-1.5S": "0-0 0 -0:0:1.500", "PT+1S": "ERROR", "P-1Y+2M": "ERROR",
		"-P1Y": "ERROR", "p1y": "ERROR", "P1H": "ERROR", "PT1D": "ERROR", "PT.5S": "ERROR", "PT5.S": "ERROR", "PT0.1234567S": "REFUSED", "P1Y ": "ERROR", "PT90M": "0-0 0 1:30:0",
		"P10001Y": "ERROR", "P10001Y-12M": "10000-0 0 0:0:0", "P1.5Y": "ERROR", "P1Y2M<3D": "ERROR", "P-aY2M3D": "ERROR", "P-": "ERROR", "PTT1H": "ERROR", "P1Y2M3DT4H5M6.789S": "1-2 3 4:5:6.789",
	}, ParseInterval, Interval.String)
}

func TestIntervalArithmetic(t *testing.T) {
	v := func(s string) Interval {
		t.Helper()
		x, err := ParseInterval(s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	out := func(x Interval, err error) string { return outcome(Interval.String, x, err) }
	for _, c := range []struct{ got, want string }{
		{out(v("2:0:0").Divide(4)), "0-0 0 0:30:0"},
		{out(v("0:0:0.000008").Divide(3)), "0-0 0 0:0:0.000002"},
		{out(v("0:0:0.000008").Divide(-3)), "0-0 0 -0:0:0.000002"},
		{out(v("1-1 1 1:0:1").Divide(5)), "0-2 18 5:0:0.200"},
		{out(v("1-0").Divide(0)), "ERROR"},
		{out(v("0-1").Multiply(20)), "1-8 0 0:0:0"},
		{out(v("0-1").Multiply(120_001)), "ERROR"},
		{out(v("0:0:1").Multiply(math.MaxInt64)), "ERROR"},
		{out(v("0-1").Multiply(math.MinInt64)), "ERROR"},
		{out(v("10000-0").Add(v("0-1"))), "ERROR"},
		{out(v("1-2 3 4:5:6").Add(v("1-2 3 4:5:6").Negate())), "0-0 0 0:0:0"},
		{out(v("1-2 -35 4:5:6.789").JustifyInterval()), "1-0 25 4:5:6.789"},
		{out(v("1-2 -12 -40:5:6.789").JustifyInterval()), "1-1 16 7:54:53.211"},
		{out(v("1-2 -48 -75:7:4.657").JustifyInterval()), "1-0 8 20:52:55.343"},
		{out(v("1-2 48 75:7:4.657").JustifyInterval()), "1-3 21 3:7:4.657"},
		{out(v("1-2 -35 -48:5:6.789").JustifyDays()), "1-0 25 -48:5:6.789"},
		{out(v("1-2 35 48:5:6.789").JustifyDays()), "1-3 5 48:5:6.789"},
		{out(v("1-2 -35 -49:5:6.789").JustifyHours()), "1-2 -37 -1:5:6.789"},
		{out(v("0-0 1 -1:0:0").JustifyHours()), "0-0 0 23:0:0"},
		{out(MakeInterval(1, -2, 3, -4, 5, -6)), "0-10 3 -3:55:6"},
		{out(MakeInterval(10_000, 1, 0, 0, 0, 0)), "ERROR"},
		{out(MakeInterval(math.MaxInt64, 0, 0, 0, 0, 0)), "ERROR"},
		{out(IntervalOf(-10, Quarter)), "-2-6 0 0:0:0"},
		{out(IntervalOf(2, Week)), "0-0 14 0:0:0"},
		{out(IntervalOf(-20002, Second)), "0-0 0 -5:33:22"},
		{out(IntervalOf(math.MinInt64, Microsecond)), "ERROR"},
		{out(IntervalOf(math.MaxInt64, Hour)), "ERROR"},
		{out(IntervalOf(1, DayOfWeek)), "REFUSED"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
	if a, b := v("0-1").Key(), v("0-0 29 24:0:0").Key(); a != b {
		t.Errorf("a month and 30 days differ: %d %d", a, b)
	}
	if a, b := v("1-2 -35").Key(), v("0-0 385").Key(); a != b {
		t.Errorf("fields of both signs: %d %d", a, b)
	}
	var parts []int64
	for _, p := range []Part{Year, Month, Day, Hour, Minute, Second, Millisecond, Microsecond} {
		n, err := v("-1-2 35 -48:5:6.789").Extract(p)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, n)
	}
	if diff := cmp.Diff([]int64{-1, -2, 35, -48, -5, -6, -789, -789000}, parts); diff != "" {
		t.Error(diff)
	}
}

func TestIntervalSum(t *testing.T) {
	for _, c := range []struct{ in, sum, avg string }{
		{"1-0|0-1|0-0 1|1:0:0|0:0:1", "1-1 1 1:0:1", "0-2 18 5:0:0.200"},
		{"10000-0|10000-0|10000-0|-10000-0|-10000-0", "10000-0 0 0:0:0", "2000-0 0 0:0:0"},
		{"10000-0|0-1", "ERROR", "5000-0 15 0:0:0"},
		{"10000-0|8000-0|0-0 3660000|0-0 366000", "ERROR", "4500-0 1006500 0:0:0"},
		{"-7959-1 -153930 54938167:22:41.712081|8630-9 3512412 62113018:54:19.721996|675-8 -224302 -58850294:15:14.439522|2580-1 -200995 40403849:16:44.554610", "ERROR", "981-10 733303 24651203:19:37.887291"},
	} {
		var s IntervalSum
		for _, f := range splitBar(c.in) {
			v, err := ParseInterval(f)
			if err != nil {
				t.Fatal(err)
			}
			s.Add(v)
		}
		sum, err := s.Sum()
		avg, err2 := s.Average()
		if diff := cmp.Diff([]string{c.sum, c.avg}, []string{outcome(Interval.String, sum, err), outcome(Interval.String, avg, err2)}); diff != "" {
			t.Errorf("%s: %s", c.in, diff)
		}
	}
}

func splitBar(s string) (out []string) {
	from := 0
	for i := range s {
		if s[i] == '|' {
			out, from = append(out, s[from:i]), i+1
		}
	}
	return append(out, s[from:])
}

func TestIntervalShifts(t *testing.T) {
	at := func(moment, by string, f func(Interval, int64) (int64, error)) string {
		us, err := ParseDatetime(moment)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseInterval(by)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f(v, us)
		return outcome(DatetimeText, r, err)
	}
	for _, c := range []struct{ got, want string }{
		{at("1970-01-02 03:04:05.678", "1-1 1 1:1:1.1111", Interval.AddToDatetime), "1971-02-03 04:05:06.789100"},
		{at("1970-01-02 03:04:05.678", "-1-1 -1 -1:1:1.111", Interval.AddToDatetime), "1968-12-01 02:03:04.567"},
		{at("2020-01-31", "0-1", Interval.AddToDatetime), "2020-02-29 00:00:00"},
		{at("9999-12-31", "0-0 1", Interval.AddToDatetime), "ERROR"},
		{at("0001-01-01", "-0-0 0 -0:0:0.000001", Interval.AddToDatetime), "ERROR"},
		{at("9999-12-31", "0-1 -40", Interval.AddToDatetime), "REFUSED"},
		{at("1970-01-01 02:03:04.567", "0-0 1 1:1:1.1111", Interval.AddToTimestamp), "1970-01-02 03:04:05.678100"},
		{at("1970-01-01", "0-1", Interval.AddToTimestamp), "ERROR"},
		{at("9999-12-31 23:59:59.999999", "0:0:0.000001", Interval.AddToTimestamp), "ERROR"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
}

func ExampleInterval_String() {
	fmt.Println(Interval{Months: -14, Days: 3, Micros: -1})
	// Output: -1-2 3 -0:0:0.000001
}
