package load

import (
	"testing"
	"time"
)

func TestParseMicros(t *testing.T) {
	at := func(s string) int64 {
		x, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return x.UnixMicro()
	}
	for _, tc := range []struct {
		text  string
		zoned bool
		want  string // empty: refused
	}{
		{"2020-01-02 03:04:05", false, "2020-01-02T03:04:05Z"}, {"2020-01-02T03:04:05", false, "2020-01-02T03:04:05Z"},
		{"2020-1-2 3:4:5", false, "2020-01-02T03:04:05Z"}, {"2020-01-02", false, "2020-01-02T00:00:00Z"},
		{"2020-01-02 03:04:05.123456", false, "2020-01-02T03:04:05.123456Z"}, {"1969-12-31 23:59:59", false, "1969-12-31T23:59:59Z"},
		{"2020-01-02 03:04:05 UTC", true, "2020-01-02T03:04:05Z"}, {"2020-01-02T03:04:05Z", true, "2020-01-02T03:04:05Z"},
		{"2020-01-02 03:04:05+02:00", true, "2020-01-02T01:04:05Z"}, {"2020-01-02 03:04:05-08", true, "2020-01-02T11:04:05Z"},
		{"2020-01-02 03:04:05 UTC", false, ""}, {"2020-01-02 03:04:05+02:00", false, ""}, {"2020-02-30 03:04:05", false, ""},
		{"2020-01-02 24:00:00", false, ""}, {"2020-01-02 23:60:00", false, ""}, {"2020-01-02 03:04:05.1234567", false, ""},
		{"2020-01-02 0x:04:05", false, ""}, {"", true, ""}, {"0000-01-01 00:00:00", false, ""}, {"now", true, ""},
	} {
		got, ok := ParseMicros(tc.text, tc.zoned)
		if ok != (tc.want != "") || ok && got != at(tc.want) {
			t.Errorf("%q (zone %v): got %d, %v, want %q", tc.text, tc.zoned, got, ok, tc.want)
		}
	}
}

func TestNumeric(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1000000000", "-1.5": "-1500000000", "+0.000000001": "1", ".5": "500000000", "5.": "5000000000", "1.5000000000000": "1500000000",
		"99999999999999999999999999999.999999999": "99999999999999999999999999999999999999",
		"1.0000000001": "", "100000000000000000000000000000": "", "": "", "-": "", ".": "", "1e3": "", "--1": "", "1.2.3": "", "NaN": "",
	} {
		got, ok := Numeric(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: got %v, %v, want %q", text, got, ok, want)
		}
	}
}
