package clock

import (
	"testing"
	"time"
)

func TestManual(t *testing.T) {
	m := NewManual(time.Date(2026, 1, 1, 2, 0, 0, 0, time.FixedZone("x", 7200)))
	if got := m.Now(); got.Location() != time.UTC || got.Hour() != 0 {
		t.Errorf("Now = %v, want midnight UTC", got)
	}
	m.Advance(90 * time.Second)
	if got := m.Now().Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); got != 90*time.Second {
		t.Errorf("advanced by %v", got)
	}
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	m.Set(later)
	if !m.Now().Equal(later) {
		t.Errorf("Now = %v after Set", m.Now())
	}
}

func TestSystemIsUTCInMicroseconds(t *testing.T) {
	now := System{}.Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("Now = %v, want UTC in whole microseconds", now)
	}
}
