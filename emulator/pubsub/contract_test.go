package pubsub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/emulator/cloudsdk"
	"researchhub.example/hub/emulator/java"
	"researchhub.example/hub/shared/testkit"
)

// limit bounds each wait for a condition.
const limit = 30 * time.Second

func TestContractInProcess(t *testing.T) {
	server, err := StartInProcess(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	contract(t, server.Host())
}

func TestContractGooglesJar(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	javaPath, _, err := java.Find(ctx)
	if err != nil {
		testkit.Unavailable(t, "Google's Pub/Sub emulator", err)
	}
	jar := FindJar(cloudsdk.Here().Roots())
	if jar == "" {
		testkit.Unavailable(t, "Google's Pub/Sub emulator", errors.New(HowToGetJar))
	}
	emulator, err := StartJar(ctx, JarOptions{Java: javaPath, Jar: jar, DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulator.Kill)
	contract(t, emulator.Host())
}

// contract is what the relay and the functions rely on, whichever Pub/Sub it is.
func contract(t *testing.T, host string) {
	for name, test := range map[string]func(*testing.T, *world){
		"delivers as Eventarc does":     deliversAsEventarc,
		"retries with growing pauses":   retries,
		"gives up into a dead letter":   deadLetter,
		"serves two subscriptions":      twoSubscriptions,
		"hands back what is under way":  handsBack,
		"can be set up again unchanged": setUpAgain,
	} {
		t.Run(name, func(t *testing.T) { test(t, newWorld(t, host)) })
	}
}

// world is one project with a client, and functions that record.
type world struct {
	client  *pubsub.Client
	project string
}

var projects struct {
	sync.Mutex
	n int
}

func newWorld(t *testing.T, host string) *world {
	projects.Lock()
	projects.n++
	project := "demo-relay-" + string(rune('a'+projects.n))
	projects.Unlock()
	client, err := NewClient(context.Background(), host, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return &world{client: client, project: project}
}

// delivery is what a function saw.
type delivery struct {
	header http.Header
	body   pushed
}

// function is an HTTP server that answers with the given statuses in turn, the
// last one for ever, and records.
type function struct {
	url  string
	seen chan delivery
}

func newFunction(t *testing.T, statuses ...int) *function {
	f := &function{seen: make(chan delivery, 100)}
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return // the relay went away
		}
		var body pushed
		if err := json.Unmarshal(b, &body); err != nil {
			t.Errorf("body: %v", err)
		}
		mu.Lock()
		code := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		mu.Unlock()
		f.seen <- delivery{header: r.Header, body: body}
		w.WriteHeader(code)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *function) next(t *testing.T) delivery {
	t.Helper()
	select {
	case d := <-f.seen:
		return d
	case <-time.After(limit):
		t.Fatal("no delivery")
		return delivery{}
	}
}

// run relays until the test ends or stop is called.
func (w *world) run(t *testing.T, push Push, policy Policy) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	if err := Ensure(ctx, w.client, w.project, push); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	relay := &Relay{Client: w.client, Project: w.project, Push: push, Policy: policy}
	go func() { done <- relay.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("relay: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (w *world) publish(t *testing.T, topic string, m *pubsub.Message) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	p := w.client.Publisher(topic)
	p.EnableMessageOrdering = m.OrderingKey != ""
	defer p.Stop()
	id, err := p.Publish(ctx, m).Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// pauses records the back-off instead of waiting.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
}

func (p *pauses) wait(_ context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
	return nil
}

func deliversAsEventarc(t *testing.T, w *world) {
	f := newFunction(t, http.StatusNoContent)
	w.run(t, Push{Name: "alerts", Topic: "budget", URL: f.url}, Policy{})
	id := w.publish(t, "budget", &pubsub.Message{
		Data: []byte(`{"costAmount":150}`), Attributes: map[string]string{"budgetId": "b1"}, OrderingKey: "b1",
	})
	d := f.next(t)
	wantHeader := map[string]string{
		"Content-Type": "application/json", "Ce-Id": id, "Ce-Specversion": "1.0",
		"Ce-Source": "//pubsub.googleapis.com/projects/" + w.project + "/topics/budget",
		"Ce-Type":   "google.cloud.pubsub.topic.v1.messagePublished",
	}
	for name, want := range wantHeader {
		if got := d.header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	at, err := time.Parse(time.RFC3339Nano, d.header.Get("Ce-Time"))
	if err != nil || d.body.Message.PublishTime != d.header.Get("Ce-Time") || at.IsZero() {
		t.Errorf("Ce-Time %q, publishTime %q: %v", d.header.Get("Ce-Time"), d.body.Message.PublishTime, err)
	}
	m := d.body.Message
	m.PublishTime, m.PublishTime2 = "", ""
	want := pushedMessage{
		Attributes: map[string]string{"budgetId": "b1"}, Data: []byte(`{"costAmount":150}`),
		MessageID: id, MessageID2: id, OrderingKey: "b1",
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if d.body.Subscription != "projects/"+w.project+"/subscriptions/alerts" {
		t.Errorf("subscription %q", d.body.Subscription)
	}
}

func retries(t *testing.T, w *world) {
	f := newFunction(t, 500, 503, 429, 200)
	var p pauses
	w.run(t, Push{Name: "alerts", Topic: "budget", URL: f.url},
		Policy{MinBackoff: time.Second, MaxBackoff: 3 * time.Second, Wait: p.wait})
	first := w.publish(t, "budget", &pubsub.Message{Data: []byte("1")})
	for attempt := 1; attempt <= 4; attempt++ {
		if d := f.next(t); d.body.Message.MessageID != first || d.body.DeliveryAttempt != attempt {
			t.Errorf("delivery %d: message %s, attempt %d", attempt, d.body.Message.MessageID, d.body.DeliveryAttempt)
		}
	}
	// Accepted: the next thing that comes is the next message.
	second := w.publish(t, "budget", &pubsub.Message{Data: []byte("2")})
	if d := f.next(t); d.body.Message.MessageID != second {
		t.Errorf("after acceptance came %s, want %s", d.body.Message.MessageID, second)
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, p.all); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func deadLetter(t *testing.T, w *world) {
	f := newFunction(t, 500)
	push := Push{Name: "alerts", Topic: "budget", URL: f.url}
	var p pauses
	w.run(t, push, Policy{Attempts: 3, Wait: p.wait})
	w.publish(t, "budget", &pubsub.Message{Data: []byte("poison"), Attributes: map[string]string{"budgetId": "b1"}})
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var got *pubsub.Message
	var once sync.Once
	err := w.client.Subscriber(push.DeadLetterTopic()).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
		m.Ack()
		once.Do(func() { got = m })
		cancel()
	})
	if err != nil || got == nil {
		t.Fatalf("no dead letter: %v", err)
	}
	if string(got.Data) != "poison" || got.Attributes["budgetId"] != "b1" ||
		got.Attributes["CloudPubSubDeadLetterSourceSubscription"] != "alerts" ||
		got.Attributes["CloudPubSubDeadLetterSourceDeliveryCount"] != "3" {
		t.Errorf("dead letter %q %v", got.Data, got.Attributes)
	}
	if n := len(f.seen); n != 3 {
		t.Errorf("delivered %d times, want 3", n)
	}
}

func twoSubscriptions(t *testing.T, w *world) {
	one, two := newFunction(t, 204), newFunction(t, 204)
	w.run(t, Push{Name: "one", Topic: "events", URL: one.url}, Policy{})
	w.run(t, Push{Name: "two", Topic: "events", URL: two.url}, Policy{})
	id := w.publish(t, "events", &pubsub.Message{Data: []byte("x")})
	for name, f := range map[string]*function{"one": one, "two": two} {
		if d := f.next(t); d.body.Message.MessageID != id {
			t.Errorf("%s got %s, want %s", name, d.body.Message.MessageID, id)
		}
	}
}

func handsBack(t *testing.T, w *world) {
	f := newFunction(t, 500)
	push := Push{Name: "alerts", Topic: "budget", URL: f.url}
	waiting := make(chan struct{})
	stop := w.run(t, push, Policy{Wait: func(ctx context.Context, _ time.Duration) error {
		close(waiting)
		<-ctx.Done()
		return ctx.Err()
	}})
	id := w.publish(t, "budget", &pubsub.Message{Data: []byte("x")})
	f.next(t)
	<-waiting
	stop()
	again := newFunction(t, 204)
	push.URL = again.url
	w.run(t, push, Policy{})
	if d := again.next(t); d.body.Message.MessageID != id {
		t.Errorf("after a restart came %s, want %s", d.body.Message.MessageID, id)
	}
}

func setUpAgain(t *testing.T, w *world) {
	push := Push{Name: "alerts", Topic: "budget"}
	for range 2 {
		if err := Ensure(context.Background(), w.client, w.project, push); err != nil {
			t.Fatal(err)
		}
	}
}
