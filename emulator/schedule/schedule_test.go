package schedule

import (
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ line, now, want string }{
		{"* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z"},
		{"*/5 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"},
		{"*/5 * * * *", "2026-03-01T10:04:59Z", "2026-03-01T10:05:00Z"},
		{"*/15 * * * *", "2026-03-01T23:45:01Z", "2026-03-02T00:00:00Z"},
		{"0 * * * *", "2026-03-01T10:00:30Z", "2026-03-01T11:00:00Z"},
		{"30 6 * * *", "2026-03-01T06:30:00Z", "2026-03-02T06:30:00Z"},
		{"0 */6 * * *", "2026-03-01T01:00:00+02:00", "2026-03-01T00:00:00Z"},
	} {
		s, err := Parse(c.line)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Next(at(c.now)); !got.Equal(at(c.want)) {
			t.Errorf("%s after %s: %s, want %s", c.line, c.now, got, c.want)
		}
	}
}

func TestOtherFormsAreRefused(t *testing.T) {
	for _, line := range []string{
		"", "every 5 minutes", "*/5 * * *", "*/0 * * * *", "60 * * * *", "-1 * * * *", "1,2 * * * *",
		"1-5 * * * *", "0 24 * * *", "0 0 1 * *", "0 0 * 1 *", "0 0 * * 1", "*/5 * * * * *", "5/5 * * * *",
	} {
		if _, err := Parse(line); err == nil {
			t.Errorf("%q was accepted", line)
		}
	}
}
