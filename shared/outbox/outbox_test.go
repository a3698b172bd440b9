package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// publisher is a fake that can be away, for good or for one event type.
type publisher struct {
	mu     sync.Mutex
	away   bool
	poison string
	got    []outbox.Event
}

func (p *publisher) Publish(_ context.Context, topic string, data []byte, attributes map[string]string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var e outbox.Event
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	if p.away || e.Type == p.poison || topic != outbox.Topic || attributes["event"] != e.ID {
		return errors.New("away")
	}
	p.got = append(p.got, e)
	return nil
}

func (p *publisher) types() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, e := range p.got {
		list = append(list, e.Type)
	}
	return list
}

func sender(c *firestore.Client, p outbox.Publisher, now *clock.Manual) *outbox.Sender {
	return &outbox.Sender{Client: c, Publisher: p, Clock: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func add(t *testing.T, c *firestore.Client, e outbox.Event) string {
	t.Helper()
	var name string
	err := c.RunTransaction(t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
		var err error
		name, err = outbox.Add(tx, c, e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSweepSendsWhatADeathLeftBehind(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{}
	add(t, c, outbox.Event{Type: "a", At: t0, UID: "u1"}) // and the process dies before Send
	s := sender(c, p, now)
	if n, err := s.Sweep(t.Context(), time.Minute, 10); n != 0 || err != nil {
		t.Errorf("a sweep takes an event from under its sender: %d, %v", n, err)
	}
	now.Advance(time.Minute)
	if n, err := s.Sweep(t.Context(), time.Minute, 10); n != 1 || err != nil {
		t.Errorf("sweep: %d, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Minute, 10); n != 0 || err != nil {
		t.Errorf("second sweep: %d, %v", n, err)
	}
	if diff := cmp.Diff([]string{"a"}, p.types()); diff != "" {
		t.Error(diff)
	}
}

func TestSendIsBestEffortAndHarmlessTwice(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{away: true}
	s := sender(c, p, now)
	one := add(t, c, outbox.Event{Type: "a", At: t0, UID: "u1", Data: map[string]string{"k": "v"}})
	s.Send(t.Context(), one, "ev_unknown")
	p.away = false
	s.Send(t.Context(), one)
	s.Send(t.Context(), one)
	if diff := cmp.Diff([]string{"a"}, p.types()); diff != "" {
		t.Fatal(diff)
	}
	want := outbox.Event{ID: one, Type: "a", At: t0, UID: "u1", Data: map[string]string{"k": "v"}, SchemaVersion: 1}
	if diff := cmp.Diff(want, p.got[0]); diff != "" {
		t.Error(diff)
	}
	if err := id.Check(id.Event, one); err != nil {
		t.Error(err)
	}
}

// A sent event goes some day; an unsent one never does.
func TestOnlySentEventsExpire(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{poison: "bad"}
	sent, unsent := add(t, c, outbox.Event{Type: "a", At: t0}), add(t, c, outbox.Event{Type: "bad", At: t0})
	now.Advance(time.Hour)
	sender(c, p, now).Send(t.Context(), sent, unsent)
	for name, want := range map[string]any{sent: t0.Add(time.Hour + 31*24*time.Hour), unsent: nil} {
		snap, err := c.Collection(outbox.Collection).Doc(name).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, snap.Data()["expireAt"]); diff != "" {
			t.Errorf("%v: %s", snap.Data(), diff)
		}
	}
}

func TestOneBadEventDoesNotHoldUpTheOthers(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{poison: "bad"}
	for i, kind := range []string{"bad", "a", "b", "c"} {
		add(t, c, outbox.Event{Type: kind, At: t0.Add(time.Duration(i) * time.Second)})
	}
	now.Advance(time.Hour)
	n, err := sender(c, p, now).Sweep(t.Context(), time.Minute, 10)
	if n != 3 || err == nil {
		t.Errorf("sent %d, %v; want 3 and the failure", n, err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, p.types()); diff != "" {
		t.Error(diff)
	}
}

func TestSweepGivesUpWhenThePublisherIsAway(t *testing.T) {
	c, now := testkit.Firestore(t), clock.NewManual(t0)
	for range 6 {
		add(t, c, outbox.Event{Type: "a", At: t0})
	}
	now.Advance(time.Hour)
	counter := &counting{}
	if n, err := sender(c, counter, now).Sweep(t.Context(), time.Minute, 10); n != 0 || err == nil || counter.calls != 3 {
		t.Errorf("sent %d, %v after %d calls; want 0, a failure, 3", n, err, counter.calls)
	}
}

type counting struct{ calls int }

func (c *counting) Publish(context.Context, string, []byte, map[string]string) error {
	c.calls++
	return errors.New("away")
}

func TestUnreadableEventsDoNotEndASweep(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{}
	for i, name := range []string{"ev_1", "ev_2", "ev_3"} {
		broken := map[string]any{"type": 7, "sent": false, "at": t0.Add(time.Duration(i) * time.Second)}
		if _, err := c.Collection(outbox.Collection).Doc(name).Set(t.Context(), broken); err != nil {
			t.Fatal(err)
		}
	}
	add(t, c, outbox.Event{Type: "a", At: t0.Add(time.Minute)})
	now.Advance(time.Hour)
	if n, err := sender(c, p, now).Sweep(t.Context(), time.Minute, 10); n != 1 || err == nil {
		t.Errorf("sent %d, %v; want 1 and the failure", n, err)
	}
}

// impatient notes how long it may wait for Pub/Sub.
type impatient struct{ wait time.Duration }

func (p *impatient) Publish(ctx context.Context, _ string, _ []byte, _ map[string]string) error {
	if until, bounded := ctx.Deadline(); bounded {
		p.wait = time.Until(until)
	}
	return errors.New("away")
}

func TestSendDoesNotWaitForAPublisherThatIsAway(t *testing.T) {
	c, p := testkit.Firestore(t), &impatient{}
	sender(c, p, clock.NewManual(t0)).Send(context.WithoutCancel(t.Context()), add(t, c, outbox.Event{Type: "a", At: t0}))
	if p.wait <= 0 || p.wait > 10*time.Second {
		t.Errorf("whoever sent waits %v for a publisher that is away", p.wait)
	}
}

func TestSweepIsBounded(t *testing.T) {
	c, now, p := testkit.Firestore(t), clock.NewManual(t0), &publisher{}
	for range 3 {
		add(t, c, outbox.Event{Type: "a", At: t0})
	}
	now.Advance(time.Hour)
	s := sender(c, p, now)
	for _, want := range []int{2, 1, 0} {
		if n, err := s.Sweep(t.Context(), time.Minute, 2); n != want || err != nil {
			t.Errorf("sent %d, %v; want %d", n, err, want)
		}
	}
}

func TestAddOnce(t *testing.T) {
	c := testkit.Firestore(t)
	e := outbox.Event{Type: "a", At: t0, UID: "u1"}
	one, added, err := outbox.AddOnce(t.Context(), c, "modexp-u1-training-2026-11-16-15", e)
	if err != nil || !added {
		t.Fatalf("added %v, %v", added, err)
	}
	again, added, err := outbox.AddOnce(t.Context(), c, "modexp-u1-training-2026-11-16-15", e)
	if err != nil || added || again != one {
		t.Errorf("again: %s, added %v, %v; want %s, false", again, added, err, one)
	}
	other, added, err := outbox.AddOnce(t.Context(), c, "modexp-u1-training-2026-11-16-7", e)
	if err != nil || !added || other == one {
		t.Errorf("another key: %s, added %v, %v", other, added, err)
	}
	if err := id.Check(id.Event, one); err != nil {
		t.Error(err)
	}
}

func TestThroughPubSub(t *testing.T) {
	c, ps := testkit.Firestore(t), testkit.PubSub(t)
	if err := createTopic(t, ps); err != nil {
		t.Fatal(err)
	}
	p := pubsubx.NewPublisher(ps.Client)
	one := add(t, c, outbox.Event{Type: "a", At: t0, UID: "u1"})
	sender(c, p, clock.NewManual(t0)).Send(t.Context(), one)
	got := ps.Server.Messages()
	if len(got) != 1 || got[0].Attributes["event"] != one || got[0].Attributes["type"] != "a" {
		t.Errorf("published %+v", got)
	}
}

func createTopic(t *testing.T, ps testkit.PubSubServer) error {
	_, err := ps.Client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/" + ps.Project + "/topics/" + outbox.Topic})
	return err
}
