// Package pubsub is the local cloud's Pub/Sub: the client library's own fake in
// this process, or Google's emulator jar, and a relay that delivers messages to
// functions over HTTP as Eventarc does, from either of them.
//
// Uses cloud.google.com/go/pubsub/v2 (the official client) and its pstest (a
// fake kept in step with the client).
package pubsub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2"
)

// Policy says how often and how fast a message is delivered again. The zero
// value means the defaults.
type Policy struct {
	// Attempts is after how many deliveries a message becomes a dead letter,
	// default 5, Pub/Sub's own.
	Attempts int
	// MinBackoff and MaxBackoff bound the pause before the next delivery, which
	// doubles each time; defaults 1 s and 30 s.
	MinBackoff, MaxBackoff time.Duration
	// Timeout bounds one delivery, default 60 s.
	Timeout time.Duration
	// Wait pauses, default by the machine's timer. Tests record and return.
	Wait func(ctx context.Context, d time.Duration) error
}

func (p Policy) withDefaults() Policy {
	if p.Attempts == 0 {
		p.Attempts = 5
	}
	if p.MinBackoff == 0 {
		p.MinBackoff = time.Second
	}
	if p.MaxBackoff == 0 {
		p.MaxBackoff = 30 * time.Second
	}
	if p.Timeout == 0 {
		p.Timeout = time.Minute
	}
	if p.Wait == nil {
		p.Wait = wait
	}
	return p
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backoff is the pause after the given number of failed deliveries.
func (p Policy) backoff(failed int) time.Duration {
	d := p.MinBackoff
	for range failed - 1 {
		if d *= 2; d >= p.MaxBackoff {
			return p.MaxBackoff
		}
	}
	return min(d, p.MaxBackoff)
}

// Relay delivers one topic's messages to one function.
type Relay struct {
	Client  *pubsub.Client
	Project string
	Push    Push
	Policy  Policy
	// Log receives one line about each delivery that failed.
	Log io.Writer
	// HTTP posts; its transport should not use a proxy. Default a plain client.
	HTTP *http.Client
}

// maxOutstanding bounds the messages that one function has under way.
const maxOutstanding = 50

// Run delivers until ctx ends. A message that is under way then goes back to
// the subscription.
func (r *Relay) Run(ctx context.Context) error {
	policy := r.Policy.withDefaults()
	sub := r.Client.Subscriber(r.Push.Name)
	sub.ReceiveSettings.MaxOutstandingMessages = maxOutstanding
	sub.ReceiveSettings.MaxExtension = time.Hour
	dead := r.Client.Publisher(r.Push.DeadLetterTopic())
	defer dead.Stop()
	err := sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		if r.deliver(ctx, policy, dead, m) {
			m.Ack()
		} else {
			m.Nack()
		}
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("pubsub: relay to %s: %w", r.Push.Name, err)
	}
	return nil
}

// deliver posts a message until it is accepted or has become a dead letter, and
// tells whether it is dealt with. Pausing here, with the lease extended, is what
// a push subscription's back-off looks like from outside; the emulators know no
// back-off of their own.
func (r *Relay) deliver(ctx context.Context, policy Policy, dead *pubsub.Publisher, m *pubsub.Message) bool {
	for attempt := 1; ; attempt++ {
		err := r.post(ctx, policy, m, attempt)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if attempt >= policy.Attempts {
			r.logf("message %s given up after %d deliveries (%v): now in %s", m.ID, attempt, err, r.Push.DeadLetterTopic())
			return r.bury(ctx, dead, m, attempt) == nil
		}
		pause := policy.backoff(attempt)
		r.logf("message %s, delivery %d failed (%v): again in %s", m.ID, attempt, err, pause)
		if policy.Wait(ctx, pause) != nil {
			return false
		}
	}
}

// pushed is the body of a push, in Pub/Sub's own spelling (both of them).
type pushed struct {
	Message         pushedMessage `json:"message"`
	Subscription    string        `json:"subscription"`
	DeliveryAttempt int           `json:"deliveryAttempt"`
}

type pushedMessage struct {
	Attributes   map[string]string `json:"attributes,omitempty"`
	Data         []byte            `json:"data"`
	MessageID    string            `json:"messageId"`
	MessageID2   string            `json:"message_id"`
	OrderingKey  string            `json:"orderingKey,omitempty"`
	PublishTime  string            `json:"publishTime"`
	PublishTime2 string            `json:"publish_time"`
}

// maxAnswerBytes bounds what is read of a function's answer, to reuse the connection.
const maxAnswerBytes = 64 << 10

// post delivers once, as a CloudEvent in HTTP's binary mode.
func (r *Relay) post(ctx context.Context, policy Policy, m *pubsub.Message, attempt int) error {
	ctx, cancel := context.WithTimeout(ctx, policy.Timeout)
	defer cancel()
	at := m.PublishTime.UTC().Format(time.RFC3339Nano)
	body, err := json.Marshal(pushed{
		Message: pushedMessage{
			Attributes: m.Attributes, Data: m.Data, MessageID: m.ID, MessageID2: m.ID,
			OrderingKey: m.OrderingKey, PublishTime: at, PublishTime2: at,
		},
		Subscription:    "projects/" + r.Project + "/subscriptions/" + r.Push.Name,
		DeliveryAttempt: attempt,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Push.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Content-Type":   "application/json",
		"Ce-Id":          m.ID,
		"Ce-Source":      "//pubsub.googleapis.com/projects/" + r.Project + "/topics/" + r.Push.Topic,
		"Ce-Specversion": "1.0",
		"Ce-Time":        at,
		"Ce-Type":        "google.cloud.pubsub.topic.v1.messagePublished",
	} {
		req.Header.Set(name, value)
	}
	client := r.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswerBytes)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// bury publishes a message to the dead-letter topic with the attributes that
// Pub/Sub adds.
func (r *Relay) bury(ctx context.Context, dead *pubsub.Publisher, m *pubsub.Message, attempts int) error {
	attributes := map[string]string{
		"CloudPubSubDeadLetterSourceSubscription":        r.Push.Name,
		"CloudPubSubDeadLetterSourceSubscriptionProject": r.Project,
		"CloudPubSubDeadLetterSourceDeliveryCount":       strconv.Itoa(attempts),
		"CloudPubSubDeadLetterSourceTopicPublishTime":    m.PublishTime.UTC().Format(time.RFC3339Nano),
	}
	for k, v := range m.Attributes {
		attributes[k] = v
	}
	_, err := dead.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: attributes}).Get(ctx)
	if err != nil {
		r.logf("message %s could not be put into %s: %v", m.ID, r.Push.DeadLetterTopic(), err)
	}
	return err
}

func (r *Relay) logf(format string, args ...any) {
	if r.Log != nil {
		_, _ = fmt.Fprintf(r.Log, "%s: %s\n", r.Push.Name, fmt.Sprintf(format, args...))
	}
}
