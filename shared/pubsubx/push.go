// Package pubsubx is the plumbing to Pub/Sub: one decoder and one handler for
// pushed messages, and a publisher.
//
// Uses cloud.google.com/go/pubsub/v2 (the official client; v1 is at its end of
// life) and github.com/cloudevents/sdk-go/v2 for Eventarc's CloudEvents
// (NewEventFromHTTPRequest: functions.CloudEvent can hang under concurrency).
package pubsubx

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"researchhub.example/hub/shared/fault"
)

// Message is one Pub/Sub message as a function receives it.
type Message struct {
	ID          string
	Data        []byte
	Attributes  map[string]string
	PublishTime time.Time
	OrderingKey string
	// Topic is the short name where the envelope tells it.
	Topic string
}

// push is the JSON of a pushed message, in both envelopes.
type push struct {
	Message *struct {
		Data        []byte            `json:"data"`
		Attributes  map[string]string `json:"attributes"`
		MessageID   string            `json:"messageId"`
		PublishTime time.Time         `json:"publishTime"`
		OrderingKey string            `json:"orderingKey"`
	} `json:"message"`
	Subscription string `json:"subscription"`
}

// maxPush bounds a push: Pub/Sub's own limit is 10 MB, base64 adds a third.
const maxPush = 14 << 20

// Decode reads a pushed message from either envelope: Eventarc's binary
// CloudEvent (ce-* headers) or Pub/Sub's plain push.
func Decode(r *http.Request) (Message, error) {
	var body []byte
	topic := ""
	if r.Header.Get("ce-id") != "" {
		ev, err := cloudevents.NewEventFromHTTPRequest(r)
		if err != nil {
			return Message{}, fault.Because(fault.Invalid, err, "The request is not a CloudEvent.")
		}
		body = ev.Data()
		if i := strings.LastIndex(ev.Source(), "/topics/"); i >= 0 {
			topic = ev.Source()[i+len("/topics/"):]
		}
	} else {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return Message{}, fault.Because(fault.TooLarge, err, "The push is larger than Pub/Sub's limit.")
		}
		body = b
	}
	var p push
	if err := json.Unmarshal(body, &p); err != nil || p.Message == nil || p.Message.MessageID == "" {
		return Message{}, fault.Because(fault.Invalid, err, "The body is not a Pub/Sub push: {\"message\":{...},\"subscription\":...}.")
	}
	m := p.Message
	return Message{ID: m.MessageID, Data: m.Data, Attributes: m.Attributes, PublishTime: m.PublishTime, OrderingKey: m.OrderingKey, Topic: topic}, nil
}

// DeadLetters keeps what can never be handled, with its payload, for a person
// to look at.
type DeadLetters interface {
	Keep(ctx context.Context, function string, m Message, reason string) error
}

// WhyPublic is why the route of a push asks for no session: nobody but Pub/Sub's
// own service account may invoke such a function (infra: roles/run.invoker), and
// the platform checks that before the request gets here.
const WhyPublic = "pushed by Pub/Sub, which alone may invoke the function: the platform checks its identity"

// Handler serves pushed messages of one function. A permanent fault is kept as
// a dead letter and acknowledged; a transient one is answered with 503, so that
// Pub/Sub delivers again. A request that is no push at all is 400.
func Handler(function string, log *slog.Logger, dead DeadLetters, handle func(context.Context, Message) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		r.Body = http.MaxBytesReader(w, r.Body, maxPush)
		m, err := Decode(r)
		if err != nil {
			log.WarnContext(ctx, "not a push", "error", err.Error())
			http.Error(w, fault.Message(err), http.StatusBadRequest)
			return
		}
		err = handle(ctx, m)
		if err != nil && fault.Permanent(err) {
			log.ErrorContext(ctx, "message kept as a dead letter", "message", m.ID, "error", err.Error())
			err = dead.Keep(ctx, function, m, fault.Message(err))
		}
		if err != nil {
			log.WarnContext(ctx, "message comes again", "message", m.ID, "error", err.Error())
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}
