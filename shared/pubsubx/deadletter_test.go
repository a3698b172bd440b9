package pubsubx_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/testkit"
)

// A dead letter that cannot be kept comes again for ever, so everything must be storable.
func TestEveryMessageCanBeKept(t *testing.T) {
	c := testkit.Firestore(t)
	d := pubsubx.FirestoreDeadLetters{Client: c, Clock: clock.NewManual(time.Unix(0, 0)), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	messages := []pubsubx.Message{
		{ID: "1", Data: []byte("x")},
		{ID: "a/b/../c"}, {ID: "."}, {ID: strings.Repeat("é", 5000)},
		{ID: "2", Attributes: map[string]string{"": "a", "__x__": "b", "a.b": "c", "`": "d"}},
		{ID: "3", Data: make([]byte, 2<<20), Attributes: map[string]string{"k": strings.Repeat("v", 256<<10)}},
	}
	for _, m := range messages {
		for range 2 { // kept twice stands there once
			if err := d.Keep(t.Context(), "room", m, "reason"); err != nil {
				t.Errorf("%.20q: %v", m.ID, err)
			}
		}
	}
	kept, err := c.Collection(pubsubx.DeadLetterCollection).Documents(t.Context()).GetAll()
	if err != nil || len(kept) != len(messages) {
		t.Errorf("%d kept, want %d (%v)", len(kept), len(messages), err)
	}
}
