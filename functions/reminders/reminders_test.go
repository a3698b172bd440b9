package reminders

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// bell is a room over the emulator and the topic of events.
type bell struct {
	t      *testing.T
	client *firestore.Client
	clock  *clock.Manual
	mu     sync.Mutex
	away   bool
	sent   []string // "u1 training 7"
}

func open(t *testing.T) *bell {
	t.Helper()
	return &bell{t: t, client: testkit.Firestore(t), clock: clock.NewManual(t0)}
}

func (b *bell) Publish(_ context.Context, _ string, data []byte, _ map[string]string) error {
	var e outbox.Event
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return errors.New("away")
	}
	b.sent = append(b.sent, strings.TrimSpace(e.UID+" "+e.Data["module"]+" "+e.Data["days"]))
	return nil
}

// ring delivers one message of the schedule.
func (b *bell) ring(page, pages int) int {
	b.t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := newHandler(deps{log: log, age: time.Minute, page: 2, pages: 2,
		dead:   pubsubx.FirestoreDeadLetters{Client: b.client, Clock: b.clock, Log: log},
		sender: &outbox.Sender{Client: b.client, Publisher: b, Log: log, Clock: b.clock},
		expiry: &expiry{client: b.client, clock: b.clock, log: log, rules: access.DefaultRules(), days: []int{15, 7, 1, 0}, page: page, pages: pages},
		purge:  newPurge(b.client, b.clock, 10), reviews: b.reviews()})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/reminders/", strings.NewReader(`{"message":{"messageId":"m1","data":"e30="}}`)))
	return w.Code
}

// account makes one whose training expires in some days.
func (b *bell) account(uid string, days int, disabled bool) {
	b.t.Helper()
	a := access.Account{UID: uid, Disabled: disabled, Modules: map[string]access.ModuleFact{
		string(access.Training): {CompletedAt: t0.AddDate(0, 0, days).Add(-access.DefaultRules().ModuleValidity)}}}
	if _, err := b.client.Collection(access.Accounts).Doc(uid).Set(b.t.Context(), a); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bell) want(events ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.sent)
	if diff := cmp.Diff(events, b.sent); diff != "" {
		b.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// add leaves events of an hour ago in the outbox.
func (b *bell) add(n int) {
	b.t.Helper()
	at := b.clock.Now().Add(-time.Hour)
	for range n {
		err := b.client.RunTransaction(b.t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
			_, err := outbox.Add(tx, b.client, outbox.Event{Type: "x", At: at, UID: "x"})
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestEachWarningGoesOutOnce(t *testing.T) {
	b := open(t)
	b.account("u1", 7, false)
	b.account("u2", 30, false)
	b.account("u3", 0, false)
	b.account("u4", 7, true)
	for range 3 {
		if code := b.ring(100, 1); code != 204 {
			t.Errorf("status %d", code)
		}
	}
	b.want("u1 training 7", "u3 training 0")
	b.clock.Advance(24 * time.Hour)
	b.ring(100, 1)
	b.want("u1 training 7", "u3 training 0")
	b.clock.Advance(5 * 24 * time.Hour)
	b.ring(100, 1)
	b.want("u1 training 1", "u1 training 7", "u3 training 0")
}

func TestARoundIsSpreadOverMessages(t *testing.T) {
	b := open(t)
	for _, uid := range []string{"u1", "u2", "u3", "u4", "u5"} {
		b.account(uid, 7, false)
	}
	for i, want := range []int{2, 4, 5, 5} {
		if code := b.ring(2, 1); code != 204 || len(b.sent) != want {
			t.Errorf("message %d: status %d, %d warnings, want %d", i, code, len(b.sent), want)
		}
	}
	// The next day begins at the first account again.
	b.clock.Advance(6 * 24 * time.Hour)
	b.ring(2, 10)
	if len(b.sent) != 10 {
		t.Errorf("%d warnings, want 10", len(b.sent))
	}
}

func TestARecordThatCannotBeReadIsPassedOver(t *testing.T) {
	b := open(t)
	if _, err := b.client.Collection(access.Accounts).Doc("u0").Set(t.Context(), map[string]any{"email": 7}); err != nil {
		t.Fatal(err)
	}
	b.account("u1", 1, false)
	if code := b.ring(100, 1); code != 204 {
		t.Errorf("status %d", code)
	}
	b.want("u1 training 1")
}

func TestTheSweepTakesSeveralPagesAndNotMore(t *testing.T) {
	b := open(t)
	b.add(5)
	for _, want := range []int{4, 5} { // two pages of two, then the rest
		if code := b.ring(100, 1); code != 204 || len(b.sent) != want {
			t.Errorf("status %d, %d sent, want %d", code, len(b.sent), want)
		}
	}
}

func TestWhatCannotBeSentComesAgain(t *testing.T) {
	b := open(t)
	b.account("u1", 7, false)
	b.add(1)
	b.away = true
	if code := b.ring(100, 1); code != 503 {
		t.Errorf("status %d, want 503", code)
	}
	b.want()
	b.away = false
	b.clock.Advance(5 * time.Minute)
	if code := b.ring(100, 1); code != 204 {
		t.Errorf("status %d", code)
	}
	b.want("u1 training 7", "x")
}

func TestTwoAtTheSameMomentWarnOnce(t *testing.T) {
	b := open(t)
	b.account("u1", 7, false)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { b.ring(100, 1) })
	}
	wg.Wait()
	snaps, err := b.client.Collection(outbox.Collection).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Errorf("%d events, want 1 (%v)", len(snaps), err)
	}
}
