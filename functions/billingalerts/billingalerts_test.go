package billingalerts

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/budget"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// hub is one database with a budget that watches a workspace, and what reached
// the topic of events.
type hub struct {
	t      *testing.T
	client *firestore.Client
	clock  *clock.Manual
	mu     sync.Mutex
	sent   []string // "actual 50"
}

func open(t *testing.T) *hub {
	t.Helper()
	h := &hub{t: t, client: testkit.Firestore(t), clock: clock.NewManual(t0)}
	name, err := budget.Name(attributes()["billingAccountId"], attributes()["budgetId"])
	if err != nil {
		t.Fatal(err)
	}
	h.put(budget.Collection, name, budget.Budget{ID: name, WorkspaceID: "ws1", SchemaVersion: 1})
	h.put(access.Workspaces, "ws1", access.Workspace{ID: "ws1", Name: "Study", OwnerUID: "u1"})
	return h
}

func (h *hub) put(collection, name string, v any) {
	h.t.Helper()
	if _, err := h.client.Collection(collection).Doc(name).Set(h.t.Context(), v); err != nil {
		h.t.Fatal(err)
	}
}

// Publish makes the hub the topic of events.
func (h *hub) Publish(_ context.Context, _ string, data []byte, _ map[string]string) error {
	var e outbox.Event
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, e.Data["basis"]+" "+e.Data["percent"])
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func (h *hub) sender() *outbox.Sender {
	return &outbox.Sender{Client: h.client, Publisher: h, Log: quiet(), Clock: h.clock}
}

// instance is one process of the function; send is nil for one that works.
func (h *hub) instance(send func(context.Context, ...string)) http.Handler {
	if send == nil {
		send = h.sender().Send
	}
	return newHandler(deps{log: quiet(), send: send,
		store: &store{client: h.client, clock: h.clock, retention: time.Hour,
			thresholds: Thresholds{Actual: []int{25, 50, 75, 90, 100}, Forecast: []int{100}}},
		dead: pubsubx.FirestoreDeadLetters{Client: h.client, Clock: h.clock, Log: quiet()}})
}

// push makes the request of one delivery.
func push(ctx context.Context, messageID, data string, a map[string]string) *http.Request {
	envelope := map[string]any{"message": map[string]any{"messageId": messageID, "data": []byte(data), "attributes": a}, "subscription": "s"}
	b, err := json.Marshal(envelope)
	if err != nil {
		panic(err)
	}
	return httptest.NewRequestWithContext(ctx, "POST", "/billingalerts/", bytes.NewReader(b))
}

func (h *hub) deliver(to http.Handler, messageID, data string) int {
	h.t.Helper()
	w := httptest.NewRecorder()
	to.ServeHTTP(w, push(h.t.Context(), messageID, data, attributes()))
	return w.Code
}

// costing is the sample with another cost and nothing said about thresholds.
func costing(cost string) string {
	return strings.NewReplacer("50.01", cost, `,"alertThresholdExceeded":0.5`, "").Replace(sample)
}

// want compares the alerts that are recorded and the events that went out.
func (h *hub) want(alerts []budget.Threshold, events ...string) {
	h.t.Helper()
	snaps, err := h.client.Collection(budget.Alerts).Documents(h.t.Context()).GetAll()
	if err != nil {
		h.t.Fatal(err)
	}
	var got []budget.Threshold
	for _, s := range snaps {
		var a budget.Alert
		if err := s.DataTo(&a); err != nil {
			h.t.Fatal(err)
		}
		got = append(got, a.Threshold)
	}
	if diff := cmp.Diff(alerts, got); diff != "" {
		h.t.Errorf("alerts (-want +got):\n%s", diff)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.Sort(h.sent)
	if diff := cmp.Diff(events, h.sent); diff != "" {
		h.t.Errorf("events (-want +got):\n%s", diff)
	}
}

func (h *hub) dead() int {
	h.t.Helper()
	snaps, err := h.client.Collection(pubsubx.DeadLetterCollection).Documents(h.t.Context()).GetAll()
	if err != nil {
		h.t.Fatal(err)
	}
	return len(snaps)
}

func TestFiftyPercentSentTwiceAlertsOnce(t *testing.T) {
	h := open(t)
	room := h.instance(nil)
	for range 2 {
		if code := h.deliver(room, "m1", sample); code != 204 {
			t.Errorf("status %d", code)
		}
	}
	if code := h.deliver(room, "m2", sample); code != 204 { // published twice under two ids
		t.Errorf("status %d", code)
	}
	h.want(actual(25, 50), "actual 50")
	if n := h.dead(); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestBothPaths(t *testing.T) {
	h := open(t)
	for i, path := range []string{"/billingalerts", "/billingalerts/"} {
		r := push(t.Context(), "m"+path[14:], costing("1"), attributes())
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.instance(nil).ServeHTTP(w, r)
		if w.Code != 204 {
			t.Errorf("%d %s: %d", i, path, w.Code)
		}
	}
}

func TestAtTheSameMomentOnTwoInstances(t *testing.T) {
	h := open(t)
	var wg sync.WaitGroup
	for _, id := range []string{"m1", "m2"} {
		room := h.instance(nil)
		wg.Go(func() {
			for range 10 { // Pub/Sub delivers again after a 503
				if h.deliver(room, id, sample) == 204 {
					return
				}
			}
			t.Errorf("%s is never acknowledged", id)
		})
	}
	wg.Wait()
	h.want(actual(25, 50), "actual 50")
	if n := h.dead(); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestOutOfOrder(t *testing.T) {
	h := open(t)
	room := h.instance(nil)
	for i, cost := range []string{"76", "10", "51", "26", "95", "77"} {
		if code := h.deliver(room, "m"+string(rune('0'+i)), costing(cost)); code != 204 {
			t.Errorf("%s: status %d", cost, code)
		}
	}
	h.want(actual(25, 50, 75, 90), "actual 75", "actual 90")
}

func TestEachIntervalAlertsAnew(t *testing.T) {
	h := open(t)
	room := h.instance(nil)
	next := strings.Replace(costing("30"), "2026-11-01T07", "2026-12-01T08", 1)
	same := strings.Replace(costing("30"), "2026-11-01T07:00:00Z", "2026-11-01T00:00:00-07:00", 1)
	for i, data := range []string{costing("30"), next, same, costing("30")} {
		h.deliver(room, "m"+string(rune('0'+i)), data)
	}
	h.want(append(actual(25), actual(25)...), "actual 25", "actual 25")
}

func TestForecastAndActualAreToldApart(t *testing.T) {
	h := open(t)
	h.deliver(h.instance(nil), "m1", strings.Replace(sample, "}", `,"forecastThresholdExceeded":1.0}`, 1))
	h.want(append(actual(25, 50), forecast100), "actual 50", "forecast 100")
}

func TestDeathAfterCommitLosesNothing(t *testing.T) {
	h := open(t)
	dying := h.instance(func(context.Context, ...string) { panic(http.ErrAbortHandler) })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the process did not die")
			}
		}()
		h.deliver(dying, "m1", sample)
	}()
	h.want(actual(25, 50))
	// Pub/Sub has no answer and delivers again; the record of the message says it is done.
	if code := h.deliver(h.instance(nil), "m1", sample); code != 204 {
		t.Errorf("status %d", code)
	}
	h.clock.Advance(10 * time.Minute)
	if n, err := h.sender().Sweep(t.Context(), time.Minute, 10); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	h.want(actual(25, 50), "actual 50")
}

func TestDeathBeforeCommitLosesNothing(t *testing.T) {
	h := open(t)
	ctx, die := context.WithCancel(t.Context())
	die()
	w := httptest.NewRecorder()
	h.instance(nil).ServeHTTP(w, push(ctx, "m1", sample, attributes()))
	if w.Code != 503 {
		t.Errorf("status %d, want 503", w.Code)
	}
	h.want(nil)
	h.deliver(h.instance(nil), "m1", sample)
	h.want(actual(25, 50), "actual 50")
}

func TestStoreAwayComesAgain(t *testing.T) {
	h := open(t)
	conn, err := grpc.NewClient("127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	away, err := firestore.NewClient(t.Context(), "demo-away", option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = away.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	lost := &hub{t: t, client: away, clock: h.clock}
	w := httptest.NewRecorder()
	lost.instance(nil).ServeHTTP(w, push(ctx, "m1", sample, attributes()))
	if w.Code != 503 {
		t.Errorf("status %d, want 503", w.Code)
	}
}

func TestWhatCanNeverBeHandledIsKept(t *testing.T) {
	h := open(t)
	room := h.instance(nil)
	unknown := attributes()
	unknown["budgetId"] = "de72f49d-779b-4945-a127-000000000000"
	for i, c := range []struct {
		data string
		a    map[string]string
	}{{"garbage", attributes()}, {sample, nil}, {sample, unknown}, {costing("1"), unknown}, {"", map[string]string{"__x__": "y"}}} {
		w := httptest.NewRecorder()
		room.ServeHTTP(w, push(t.Context(), "m/"+string(rune('0'+i)), c.data, c.a))
		if w.Code != 204 || h.dead() != i+1 {
			t.Errorf("%d: status %d, %d dead letters", i, w.Code, h.dead())
		}
	}
	h.want(nil)
}

func TestWhatIsNoPushIsRefused(t *testing.T) {
	h := open(t)
	w := httptest.NewRecorder()
	h.instance(nil).ServeHTTP(w, httptest.NewRequest("POST", "/billingalerts/", strings.NewReader("x")))
	if w.Code != 400 {
		t.Errorf("status %d", w.Code)
	}
}

func TestTheEventHoldsWhatTheMailNeeds(t *testing.T) {
	h := open(t)
	h.deliver(h.instance(nil), "m1", sample)
	snaps, err := h.client.Collection(outbox.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Fatalf("%d events, %v", len(snaps), err)
	}
	var e outbox.Event
	if err := snaps[0].DataTo(&e); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"basis": "actual", "percent": "50", "cost": "50.01 USD", "amount": "100.00 USD",
		"budget": "Study budget", "workspace": "Study", "workspaceId": "ws1", "intervalStart": "2026-11-01"}, e.Data); diff != "" || e.UID != "u1" || !e.Sent {
		t.Errorf("%+v\n%s", e, diff)
	}
}
