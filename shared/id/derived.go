package id

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/oklog/ulid/v2"
)

// Derived makes the identifier of something that a key names, such as one
// event's notice to one person: it sorts by time like every other, and the same
// key and moment give the same one on every attempt.
func Derived(kind Kind, at time.Time, key string) string {
	sum := sha256.Sum256([]byte(key))
	return string(kind) + "_" + ulid.MustNew(ulid.Timestamp(at), bytes.NewReader(sum[:])).String()
}

// Floor is the least identifier of a moment: those made before it sort below,
// those made at it or after sort above. So a range of time is one of
// identifiers. The moment counts in whole milliseconds and is not before 1970.
func Floor(kind Kind, at time.Time) string {
	var least ulid.ULID
	// The only error is a time after the year 10889.
	_ = least.SetTime(ulid.Timestamp(at))
	return string(kind) + "_" + least.String()
}
