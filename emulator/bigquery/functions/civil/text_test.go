package civil

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome writes a result: the value's text, ERROR, or REFUSED.
func outcome[T any](show func(T) string, v T, err error) string {
	var u Unsupported
	switch {
	case errors.As(err, &u):
		return "REFUSED"
	case err != nil:
		return "ERROR"
	}
	return show(v)
}

func same(s string) string { return s }

func utcText(us int64) string {
	s, err := TimestampText(us, UTC)
	return outcome(same, s, err)
}

func check[T any](t *testing.T, want map[string]string, f func(string) (T, error), show func(T) string) {
	t.Helper()
	for in, w := range want {
		v, err := f(in)
		if diff := cmp.Diff(w, outcome(show, v, err)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// The expectations are GoogleSQL's own: what its analyzer makes of the literals.
func TestParseTimestamp(t *testing.T) {
	const day = "2021-03-14"
	check(t, map[string]string{
		day + " 02:30:00 America/Los_Angeles":     "2021-03-14 10:30:00+00", // a gap
		"2021-11-07 01:30:00 America/Los_Angeles": "2021-11-07 08:30:00+00", // twice
		"1850-01-01 00:00:00 America/Los_Angeles": "1850-01-01 07:52:58+00",
		"2120-07-01 00:00:00 America/Los_Angeles": "2120-07-01 07:00:00+00",
		"1883-11-18 12:05:00 America/New_York":    "1883-11-18 17:05:00+00",
		day + " 02:30:00-08":                      "2021-03-14 10:30:00+00",
		day + " 02:30:00-8:00":                    "2021-03-14 10:30:00+00",
		day + " 02:30:00+8:5":                     "2021-03-13 18:25:00+00",
		day + " 02:30:00+0800":                    "2021-03-13 18:30:00+00",
		day + " 02:30:00+123":                     "2021-03-14 01:07:00+00",
		day + " 02:30:00+14:00":                   "2021-03-13 12:30:00+00",
		day + " 02:30:00+14:30":                   "ERROR",
		day + " 02:30:00+12:60":                   "ERROR",
		day + " 02:30:00+":                        "ERROR",
		day + " 02:30:00 -8:00":                   "ERROR",
		day + " 02:30:00 UTC+8":                   "2021-03-13 18:30:00+00",
		day + " 02:30:00 UTC+1234":                "2021-03-13 13:56:00+00",
		day + " 02:30:00 GMT+8":                   "ERROR",
		day + " 02:30:00 UTC":                     "2021-03-14 02:30:00+00",
		day + " 02:30:00.5 GMT":                   "2021-03-14 02:30:00.500+00",
		day + " 02:30:00 utc":                     "ERROR",
		day + " 02:30:00UTC":                      "ERROR",
		day + " 02:30:00Z":                        "2021-03-14 02:30:00+00",
		day + " 02:30:00 Z":                       "ERROR",
		day + "T02:30:00z":                        "2021-03-14 02:30:00+00",
		day + " 02:30:00 Local":                   "ERROR",
		day + " 02:30:00 ../UTC":                  "ERROR",
		day + " 02:30:00 PST":                     "ERROR",
		day + " 02:30:00 CET":                     "2021-03-14 01:30:00+00",
		day + " 02:30:00 america/new_york":        "ERROR",
		day + " 02:30:00 Fixed/UTC+08:00:00":      "REFUSED",
		day:                                       "2021-03-14 00:00:00+00",
		day + "Z":                                 "ERROR",
		day + "+08":                               "ERROR",
		day + " +08":                              "2021-03-13 16:00:00+00",
		day + "T+08":                              "2021-03-13 16:00:00+00",
		day + " UTC":                              "ERROR",
		day + "  UTC":                             "ERROR",
		day + " Z":                                "ERROR",
		day + " ":                                 "ERROR",
		day + "T":                                 "ERROR",
		" " + day:                                 "ERROR",
		day + " 02":                               "ERROR",
		day + " 02:30":                            "ERROR",
		day + "  02:30:00":                        "ERROR",
		day + " 2:3:4.":                           "ERROR",
		day + " 2:3:4.1234567":                    "REFUSED",
		day + " 2:3:60.5":                         "2021-03-14 02:04:00.500+00",
		day + " 2:3:61":                           "ERROR",
		day + " 24:00:00":                         "ERROR",
		"21-3-4":                                  "ERROR",
		"02021-3-4":                               "2021-03-04 00:00:00+00",
		"12021-3-4":                               "ERROR",
		"0000-01-01":                              "ERROR",
		"2021-02-29":                              "ERROR",
		"0001-01-01 00:00:00+01":                  "ERROR",
		"9999-12-31 23:59:59-01":                  "ERROR",
		"9999-12-31 23:59:60":                     "ERROR",
		"10000-01-01 00:00:00+10":                 "9999-12-31 14:00:00+00",
		"0000-12-31 23:00:00-10":                  "0001-01-01 09:00:00+00",
		"":                                        "ERROR",
		strings.Repeat("9", 100):                  "ERROR",
		"2021-03-14 02:30:00 " + strings.Repeat("A", 999): "ERROR",
	}, func(s string) (int64, error) { return ParseTimestamp(s, UTC) }, utcText)
	if _, err := ParseTimestampNoZone("2020-01-01 00:00:00+08", UTC); err == nil {
		t.Error("a zone in the text and beside it was taken")
	}
}

func TestParseCivil(t *testing.T) {
	check(t, map[string]string{
		"2021-3-4 2:3:4": "2021-03-04 02:03:04", "2021-03-14": "2021-03-14 00:00:00", "2016-11-06t00:30:41.123456": "2016-11-06 00:30:41.123456",
		"2021-3-4 2:3:60.9": "2021-03-04 02:04:00", "9999-12-31 23:59:60": "ERROR", "2021-03-14 02:30:00+00": "ERROR", "2021-03-14 02:30:00Z": "ERROR",
		"2021-03-14 02:30:00.1234567": "ERROR", "2021-03-14T": "ERROR", "02021-03-14": "ERROR", "20210304": "ERROR", "2021-03-14 02:30": "ERROR",
	}, ParseDatetime, DatetimeText)
	check(t, map[string]string{
		"1:2:3": "01:02:03", "23:59:60": "00:00:00", "12:59:60.123456": "13:00:00", "01:02:03.12": "01:02:03.120", "23:59:59.999999": "23:59:59.999999",
		"24:00:00": "ERROR", "1:2": "ERROR", "23:59:59.": "ERROR", "23:59:59.9999999": "ERROR", "T1:2:3": "ERROR", "": "ERROR",
	}, ParseTime, TimeText)
	check(t, map[string]string{
		"2021-3-4": "2021-03-04", "0021-03-04": "0021-03-04", "0001-01-01": "0001-01-01", "9999-12-31": "9999-12-31", "2020-02-29": "2020-02-29",
		"2021-02-29": "ERROR", "2021-03-04 00:00:00": "ERROR", "21-03-04": "ERROR", "00021-03-04": "ERROR", "2021-003-04": "ERROR", " 2021-03-04": "ERROR",
		"0000-01-01": "ERROR", "10000-01-01": "ERROR", "xxx": "ERROR", "": "ERROR", "2021-13-01": "ERROR", "2021-1-0": "ERROR",
	}, ParseDate, DateText)
	check(t, map[string]string{"2020-01-01 00:00:00+08": "REFUSED", "2020-01-01": "2020-01-01 00:00:00", "x": "ERROR"}, DatetimeOfText, DatetimeText)
}

func TestTimestampText(t *testing.T) {
	us, err := ParseTimestamp("2014-02-28 18:20:30.5", UTC)
	if err != nil {
		t.Fatal(err)
	}
	check(t, map[string]string{
		"UTC": "2014-02-28 18:20:30.500+00", "Asia/Kolkata": "2014-02-28 23:50:30.500+05:30", "NZ-CHAT": "2014-03-01 08:05:30.500+13:45",
		"America/Vancouver": "2014-02-28 10:20:30.500-08", "UTC+1234": "2014-03-01 06:54:30.500+12:34", "+08": "2014-03-01 02:20:30.500+08",
		"": "ERROR", "foo": "ERROR", "invalid_time_zone": "ERROR",
	}, func(zone string) (string, error) {
		z, err := LoadZone(zone)
		if err != nil {
			return "", err
		}
		return TimestampText(us, z)
	}, same)
	la, err := LoadZone("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	early, err := TimestampText(0-100*365*DayMicros, la)
	if got := outcome(same, early, err); got != "REFUSED" {
		t.Errorf("an offset with seconds: got %s", got)
	}
}

func TestParseRange(t *testing.T) {
	show := func(s string) (string, error) {
		a, b, err := ParseRange(s, ParseDate)
		if err != nil {
			return "", err
		}
		side := func(v *int64) string {
			if v == nil {
				return "-"
			}
			return DateText(*v)
		}
		return side(a) + " " + side(b), nil
	}
	check(t, map[string]string{
		"[2014-01-01, 2015-01-01)": "2014-01-01 2015-01-01", "[UNBOUNDED, 2015-01-01)": "- 2015-01-01", "[2014-01-01, NULL)": "2014-01-01 -",
		"[unbounded, null)": "- -", "[2014-01-01, 2014-01-01)": "ERROR", "[2014-01-01, 2013-01-01)": "ERROR", "(2014-01-01, 2015-01-01)": "ERROR",
		"[2014-01-01, 2015-01-01]": "ERROR", "[2014-01-01)": "ERROR", "[, )": "ERROR", "[a, b)": "ERROR", "": "ERROR", "[)": "ERROR",
	}, show, same)
}
