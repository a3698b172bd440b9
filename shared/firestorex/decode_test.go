package firestorex_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/testkit"
)

func TestDecode(t *testing.T) {
	client := testkit.Firestore(t)
	ref := client.Collection("things").Doc("one")
	type thing struct {
		Count int `firestore:"count"`
	}
	read := func() (thing, bool, error) {
		snap, err := ref.Get(t.Context())
		return firestorex.Decode[thing]("thing", snap, err)
	}

	if v, found, err := read(); found || err != nil || v.Count != 0 {
		t.Errorf("a record that is not there: %+v, %t, %v", v, found, err)
	}
	if _, err := ref.Set(t.Context(), map[string]any{"count": 3}); err != nil {
		t.Fatal(err)
	}
	if v, found, err := read(); !found || err != nil || v.Count != 3 {
		t.Errorf("a record: %+v, %t, %v", v, found, err)
	}
	if _, err := ref.Set(t.Context(), map[string]any{"count": "three"}); err != nil {
		t.Fatal(err)
	}
	if v, found, err := read(); !found || err == nil || v.Count != 0 {
		t.Errorf("a record of another form: %+v, %t, %v", v, found, err)
	}
}

func TestDecodeLeavesOtherErrorsAsTheyAre(t *testing.T) {
	aborted := status.Error(codes.Aborted, "again")
	if _, found, err := firestorex.Decode[struct{}]("thing", nil, aborted); found || err != aborted { //nolint:errorlint // the very same
		t.Errorf("%t, %v", found, err)
	}
}
