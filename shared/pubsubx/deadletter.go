package pubsubx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"regexp"
	"strings"
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

// maxKept is Firestore's limit of a document (1 MiB) less room for the rest:
// Pub/Sub lets a message have 256 KiB of attributes.
const maxKept = 700 << 10

// nameForm is what an identifier must be like to become part of a document's
// name as it is; Pub/Sub's own are digits.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)

// name gives each message its own document, whatever it is called.
func name(function string, m Message) string {
	if nameForm.MatchString(m.ID) {
		return function + "-" + m.ID
	}
	sum := sha256.Sum256([]byte(m.ID))
	return function + "-sha256-" + hex.EncodeToString(sum[:])
}

// storable renames the attributes that Firestore refuses as names of fields, so
// that a message which cannot be handled can at least be kept.
func storable(attributes map[string]string) map[string]string {
	kept := make(map[string]string, len(attributes))
	for k, v := range attributes {
		if k == "" || strings.HasPrefix(k, "__") {
			k = "attribute " + k
		}
		kept[k] = v
	}
	return kept
}

// Keep stores the message. A payload over Firestore's limit is cut, and the log says so.
func (d FirestoreDeadLetters) Keep(ctx context.Context, function string, m Message, reason string) error {
	data := m.Data
	if len(data) > maxKept {
		d.Log.ErrorContext(ctx, "dead letter cut to Firestore's limit", "message", m.ID, "bytes", len(data))
		data = data[:maxKept]
	}
	_, err := d.Client.Collection(DeadLetterCollection).Doc(name(function, m)).Create(ctx, DeadLetter{
		Function: function, MessageID: m.ID, Data: data, Attributes: storable(m.Attributes), Reason: reason, KeptAt: d.Clock.Now(), SchemaVersion: 1})
	if f := firestorex.Fault("deadletter", err); f != nil && !fault.Is(f, fault.Conflict) {
		return f
	}
	return nil
}
