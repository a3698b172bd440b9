package civil

import "fmt"

// SinceEpoch is UNIX_SECONDS, UNIX_MILLIS and UNIX_MICROS: whole parts since
// 1970-01-01 UTC, rounded down.
func SinceEpoch(us int64, p Part) (int64, error) {
	if p != Second && p != Millisecond && p != Microsecond {
		return 0, wrongPart("UNIX time", p)
	}
	return floorDiv(us, p.micros()), nil
}

// FromEpoch is TIMESTAMP_SECONDS, TIMESTAMP_MILLIS and TIMESTAMP_MICROS.
func FromEpoch(n int64, p Part) (int64, error) {
	us, ok := mul(n, p.micros())
	if !ok || !checkMicros(us) {
		return 0, fmt.Errorf("Timestamp value in Unix epoch %sS is out of range: %d", p, n)
	}
	return us, nil
}
