package pubsubx

import (
	"context"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// DeadLetterCollection holds messages that can never be handled.
const DeadLetterCollection = "deadLetters"

// DeadLetter is one message that a function could not handle, with its payload.
type DeadLetter struct {
	Function   string            `firestore:"function"`
	MessageID  string            `firestore:"messageId"`
	Data       []byte            `firestore:"data"`
	Attributes map[string]string `firestore:"attributes"`
	Reason     string            `firestore:"reason"`
	KeptAt     time.Time         `firestore:"keptAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// FirestoreDeadLetters keeps dead letters in Firestore, one document per
// function and message, so that a message kept twice stands there once.
type FirestoreDeadLetters struct {
	Client *firestore.Client
	Clock  clock.Clock
	Log    *slog.Logger
}

// maxKept is Firestore's limit of a document (1 MiB) less room for the rest.
const maxKept = 900 << 10

// Keep stores the message. A payload over Firestore's limit is cut, and the log says so.
func (d FirestoreDeadLetters) Keep(ctx context.Context, function string, m Message, reason string) error {
	data := m.Data
	if len(data) > maxKept {
		d.Log.ErrorContext(ctx, "dead letter cut to Firestore's limit", "message", m.ID, "bytes", len(data))
		data = data[:maxKept]
	}
	_, err := d.Client.Collection(DeadLetterCollection).Doc(function+"-"+m.ID).Create(ctx, DeadLetter{
		Function: function, MessageID: m.ID, Data: data, Attributes: m.Attributes, Reason: reason, KeptAt: d.Clock.Now(), SchemaVersion: 1})
	if f := firestorex.Fault("deadletter", err); f != nil && !fault.Is(f, fault.Conflict) {
		return f
	}
	return nil
}
