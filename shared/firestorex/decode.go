package firestorex

import (
	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
)

// Decode reads the record that Get gave with this error. A record that is not
// there is found = false and no error: what that means is the caller's to say.
// Any other error of Get comes back as it is, because a transaction tries again
// on some; outside a transaction it goes through Fault.
func Decode[T any](op string, snap *firestore.DocumentSnapshot, err error) (v T, found bool, _ error) {
	if fault.Is(Fault(op, err), fault.NotFound) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	if err := snap.DataTo(&v); err != nil {
		var zero T
		return zero, true, fault.Wrap(op, err)
	}
	return v, true, nil
}
