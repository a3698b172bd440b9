package pubsubx

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"researchhub.example/hub/shared/fault"
)

const pushed = `{"message":{"data":"aGVsbG8=","attributes":{"budgetId":"b1"},"messageId":"m1","publishTime":"2026-01-02T03:04:05Z"},"subscription":"projects/p/subscriptions/s"}`

func request(body string, headers map[string]string) *http.Request {
	r := httptest.NewRequest("POST", "/room/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	return r
}

var eventarc = map[string]string{
	"ce-id": "m1", "ce-specversion": "1.0", "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
	"ce-source": "//pubsub.googleapis.com/projects/p/topics/budget-notifications", "ce-time": "2026-01-02T03:04:05Z",
}

func TestDecodeBothEnvelopes(t *testing.T) {
	for name, headers := range map[string]map[string]string{"plain": nil, "eventarc": eventarc} {
		m, err := Decode(request(pushed, headers))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.ID != "m1" || string(m.Data) != "hello" || m.Attributes["budgetId"] != "b1" || m.PublishTime.Year() != 2026 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	m, _ := Decode(request(pushed, eventarc))
	if m.Topic != "budget-notifications" {
		t.Errorf("topic %q", m.Topic)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, body := range []string{"", "{}", "[]", `{"message":{}}`, `{"message":{"data":"%%","messageId":"m"}}`} {
		if _, err := Decode(request(body, nil)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

type dead struct {
	kept []string
	err  error
}

func (d *dead) Keep(_ context.Context, _ string, m Message, _ string) error {
	d.kept = append(d.kept, m.ID)
	return d.err
}

func TestHandlerAnswers(t *testing.T) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, c := range []struct {
		name   string
		body   string
		err    error
		dead   dead
		status int
		kept   int
	}{
		{"handled", pushed, nil, dead{}, 204, 0},
		{"transient comes again", pushed, errors.New("store away"), dead{}, 503, 0},
		{"permanent is kept and acknowledged", pushed, fault.New(fault.Invalid, "No such budget."), dead{}, 204, 1},
		{"a dead letter that cannot be kept comes again", pushed, fault.New(fault.Invalid, "No such budget."), dead{err: errors.New("away")}, 503, 1},
		{"not a push", "x", nil, dead{}, 400, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			Handler("room", log, &c.dead, func(context.Context, Message) error { return c.err }).ServeHTTP(w, request(c.body, nil))
			if w.Code != c.status || len(c.dead.kept) != c.kept {
				t.Errorf("status %d, kept %d; want %d, %d", w.Code, len(c.dead.kept), c.status, c.kept)
			}
		})
	}
}
