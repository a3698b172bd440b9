package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
	"researchhub.example/hub/shared/testkit"
)

var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const eventID = "ev_01J9ZK3V5N8Q2T4R6W8Y0A1B2C"

// post is a room with an SMTP server that can be told what to answer.
type post struct {
	t      *testing.T
	client *firestore.Client
	mu     sync.Mutex
	sent   []mail.Message
	// answer gives the server's answer to a mail; nil takes it.
	answer func(mail.Message) error
	users  users
}

func open(t *testing.T) *post {
	t.Helper()
	p := &post{t: t, client: testkit.Firestore(t)}
	for _, a := range []access.Account{
		{UID: "u1", Name: "Ada Example", Email: "ada@university.example"},
		{UID: "u2", Name: "Off", Email: "off@university.example", Disabled: true},
		{UID: "b1", Name: "Ben", Email: "ben@university.example", AdminRoles: []access.Role{access.ReviewBoard}},
		{UID: "b2", Name: "Cleo", Email: "cleo@university.example", AdminRoles: []access.Role{access.AccessAdmin, access.ReviewBoard}},
		{UID: "b3", Name: "Dan", Email: "dan@university.example", Disabled: true, AdminRoles: []access.Role{access.ReviewBoard}},
	} {
		if _, err := p.client.Collection(access.Accounts).Doc(a.UID).Set(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *post) send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer != nil {
		if err := p.answer(m); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, m)
	return nil
}

func (p *post) deliver(data []byte) int {
	p.t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := newHandler(deps{log: log, baseURL: "https://hub.example", mail: p.send, users: p.users,
		dead:    pubsubx.FirestoreDeadLetters{Client: p.client, Clock: clock.NewManual(t0), Log: log},
		notices: &notices{client: p.client, clock: clock.NewManual(t0), maxRecipients: 100}})
	b, err := json.Marshal(map[string]any{"message": map[string]any{"messageId": "m1", "data": data}})
	if err != nil {
		p.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/notify/", bytes.NewReader(b)))
	return w.Code
}

func (p *post) event(eventType, uid string) int {
	p.t.Helper()
	b, err := json.Marshal(outbox.Event{ID: eventID, Type: eventType, At: t0, UID: uid, Data: examples[eventType].data})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.deliver(b)
}

func (p *post) to() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, m := range p.sent {
		list = append(list, m.To)
	}
	slices.Sort(list)
	return list
}

func (p *post) notices(uid string) []notice {
	p.t.Helper()
	snaps, err := p.client.Collection(noticesCollection).Where("uid", "==", uid).Documents(p.t.Context()).GetAll()
	if err != nil {
		p.t.Fatal(err)
	}
	var list []notice
	for _, s := range snaps {
		var n notice
		if err := s.DataTo(&n); err != nil {
			p.t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

func (p *post) dead() int {
	p.t.Helper()
	snaps, err := p.client.Collection(pubsubx.DeadLetterCollection).Documents(p.t.Context()).GetAll()
	if err != nil {
		p.t.Fatal(err)
	}
	return len(snaps)
}

func TestAnEventSentTwiceIsOneMailAndOneNotice(t *testing.T) {
	p := open(t)
	for range 2 {
		if code := p.event("workspace.created", "u1"); code != 204 {
			t.Errorf("status %d", code)
		}
	}
	if diff := cmp.Diff([]string{"ada@university.example"}, p.to()); diff != "" {
		t.Error(diff)
	}
	n := p.notices("u1")
	if len(n) != 1 || n[0].EventID != eventID || n[0].Title != "Your workspace is ready: Diabetes & sleep" || !n[0].MailedAt.Equal(t0) {
		t.Errorf("%+v", n)
	}
}

func TestAMailThatDidNotGoComesAgain(t *testing.T) {
	p := open(t)
	p.answer = func(mail.Message) error { return fault.New(fault.Unavailable, "away") }
	if code := p.event("workspace.created", "u1"); code != 503 {
		t.Errorf("status %d, want 503", code)
	}
	if n := p.notices("u1"); len(n) != 1 || !n[0].MailedAt.IsZero() {
		t.Errorf("%+v", n)
	}
	p.answer = nil
	if code := p.event("workspace.created", "u1"); code != 204 || len(p.sent) != 1 {
		t.Errorf("status %d, %d mails", code, len(p.sent))
	}
}

func TestDeathBetweenSendingAndMarkingRepeatsTheSameMail(t *testing.T) {
	p := open(t)
	if code := p.event("workspace.created", "u1"); code != 204 {
		t.Fatalf("status %d", code)
	}
	ref := p.client.Collection(noticesCollection).Doc(p.notices("u1")[0].ID)
	if _, err := ref.Update(t.Context(), []firestore.Update{{Path: "mailedAt", Value: time.Time{}}}); err != nil {
		t.Fatal(err)
	}
	p.event("workspace.created", "u1")
	if len(p.sent) != 2 || p.sent[0] != p.sent[1] {
		t.Errorf("%+v", p.sent)
	}
}

func TestTheReviewBoardIsTold(t *testing.T) {
	p := open(t)
	p.answer = func(m mail.Message) error {
		if m.To == "ben@university.example" {
			return fault.New(fault.Invalid, "no such mailbox")
		}
		return nil
	}
	if code := p.event("report.late", "u1"); code != 204 {
		t.Errorf("status %d", code)
	}
	if diff := cmp.Diff([]string{"cleo@university.example"}, p.to()); diff != "" {
		t.Error(diff)
	}
	if len(p.notices("b1")) != 1 || len(p.notices("b2")) != 1 || len(p.notices("b3")) != 0 || len(p.notices("u1")) != 0 {
		t.Error("the notices are not those of the board's enabled members")
	}
	if p.dead() != 1 {
		t.Error("the refused address is not kept")
	}
}

func TestTransientWinsOverPermanent(t *testing.T) {
	p := open(t)
	p.answer = func(m mail.Message) error {
		if m.To == "ben@university.example" {
			return fault.New(fault.Invalid, "no such mailbox")
		}
		return fault.New(fault.Unavailable, "away")
	}
	if code := p.event("report.late", ""); code != 503 || p.dead() != 0 {
		t.Errorf("status %d, %d dead letters", code, p.dead())
	}
}

func TestQuietAndDisabled(t *testing.T) {
	p := open(t)
	if code := p.event("workspace.changed", "u1"); code != 204 || len(p.sent) != 0 || len(p.notices("u1")) != 1 {
		t.Errorf("quiet: status %d, %d mails, %d notices", code, len(p.sent), len(p.notices("u1")))
	}
	if code := p.event("workspace.created", "u2"); code != 204 || len(p.sent) != 0 || len(p.notices("u2")) != 0 || p.dead() != 0 {
		t.Errorf("disabled: status %d, %d mails", code, len(p.sent))
	}
}

func TestWhatCannotBeToldIsKept(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON":      `x`,
		"no id":        `{"type":"workspace.created","uid":"u1"}`,
		"path as id":   `{"id":"ev_/../x","type":"workspace.created","uid":"u1"}`,
		"no moment":    `{"id":"` + eventID + `","type":"workspace.created","uid":"u1","data":{"name":"x"}}`,
		"unknown type": `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.exploded","uid":"u1"}`,
		"no data":      `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.created","uid":"u1"}`,
		"nobody":       `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.created","uid":""}`,
		"path as uid":  `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.created","uid":"a/b"}`,
		"reserved uid": `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.created","uid":"__x__"}`,
		"no account":   `{"id":"` + eventID + `","at":"2026-11-01T00:00:00Z","type":"workspace.created","uid":"u9","data":{"name":"x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			if code := p.deliver([]byte(data)); code != 204 || p.dead() != 1 || len(p.sent) != 0 {
				t.Errorf("status %d, %d dead letters, %d mails", code, p.dead(), len(p.sent))
			}
		})
	}
}

func TestTwoAtTheSameMomentMakeOneNotice(t *testing.T) {
	p := open(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { p.event("workspace.created", "u1") })
	}
	wg.Wait()
	if len(p.notices("u1")) != 1 || len(p.sent) < 1 {
		t.Errorf("%d notices, %d mails", len(p.notices("u1")), len(p.sent))
	}
	for _, m := range p.sent {
		if m.ID != p.sent[0].ID {
			t.Error("two mails of one event have two identifiers")
		}
	}
}
