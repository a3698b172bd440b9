package notify

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/review"
)

const requestID = "rr_01J9ZK3V5N8Q2T4R6W8Y0A1B2C"

// asked leaves a request in the store.
func (p *post) asked(change func(*review.Request)) {
	p.t.Helper()
	r := review.Request{ID: requestID, ProjectID: "ws_1", Project: "Sleep\r\nBcc: eve@evil.example", Email: "stranger@example.org", Reason: "Because.", AskedAt: t0, ExpireAt: t0.Add(review.ConfirmWithin)}
	if change != nil {
		change(&r)
	}
	if _, err := p.client.Collection(review.Requests).Doc(requestID).Set(p.t.Context(), r); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) request() review.Request {
	p.t.Helper()
	var r review.Request
	snap, err := p.client.Collection(review.Requests).Doc(requestID).Get(p.t.Context())
	if err == nil {
		err = snap.DataTo(&r)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *post) requested() int {
	p.t.Helper()
	b, err := json.Marshal(outbox.Event{ID: eventID, Type: "reviewRequest.made", At: t0, Target: review.Requests + "/" + requestID})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.deliver(b)
}

// token is the one in the link of a mail.
func (p *post) token(i int) review.Token {
	p.t.Helper()
	for line := range strings.Lines(p.sent[i].Text) {
		if _, fragment, ok := strings.Cut(strings.TrimSpace(line), "https://hub.example/portal/review-request#"); ok {
			v, err := url.ParseQuery(fragment)
			if err != nil || v.Get("request") != requestID {
				p.t.Fatalf("%s: %v", line, err)
			}
			return review.Token(v.Get("token"))
		}
	}
	p.t.Fatalf("no link in:\n%s", p.sent[i].Text)
	return ""
}

// The link is mailed once, to the address of the request, and its token is in no
// record.
func TestARequestsLinkIsMailedOnce(t *testing.T) {
	p := open(t)
	p.asked(nil)
	for range 2 {
		if code := p.requested(); code != 204 {
			t.Errorf("status %d", code)
		}
	}
	if len(p.sent) != 1 || p.sent[0].To != "stranger@example.org" || strings.ContainsAny(p.sent[0].Subject, "\r\n") {
		t.Fatalf("%+v", p.sent)
	}
	token := p.token(0)
	r := p.request()
	if len(token) != review.TokenLength || !r.Knows(token) || !r.MailedAt.Equal(t0) {
		t.Errorf("the record does not know the token: %+v", r)
	}
	collections, err := p.client.Collections(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		snaps, err := c.Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, snap := range snaps {
			if strings.Contains(fmt.Sprint(snap.Data()), string(token)) {
				t.Errorf("%s holds the token", snap.Ref.Path)
			}
		}
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v %s", token, r, token, token), string(token)) {
		t.Error("a log would show the token")
	}
}

// A mail that did not go, and a death between sending and marking, send the mail
// again; every link that was mailed works.
func TestARequestsMailThatDidNotGoComesAgain(t *testing.T) {
	p := open(t)
	p.asked(nil)
	p.answer = func(mail.Message) error { return fault.New(fault.Unavailable, "away") }
	if code := p.requested(); code != 503 || !p.request().MailedAt.IsZero() {
		t.Errorf("status %d", code)
	}
	p.answer = nil
	p.requested()
	p.asked(func(r *review.Request) { r.TokenHashes = p.request().TokenHashes }) // the mark is lost
	p.requested()
	if len(p.sent) != 2 || p.sent[0].ID != p.sent[1].ID {
		t.Fatalf("%+v", p.sent)
	}
	r := p.request()
	for i := range p.sent {
		if !r.Knows(p.token(i)) {
			t.Errorf("the link of mail %d does not work", i)
		}
	}
	if p.token(0) == p.token(1) || r.Knows("x") || r.Knows("") {
		t.Error("tokens are not what they should be")
	}
}

func TestARequestThatNeedsNoMailGetsNone(t *testing.T) {
	for name, change := range map[string]func(*review.Request){
		"confirmed": func(r *review.Request) { r.ConfirmedAt = t0 },
		"expired":   func(r *review.Request) { r.AskedAt = t0.Add(-review.ConfirmWithin) },
		"mailed":    func(r *review.Request) { r.MailedAt = t0.Add(-time.Hour) },
	} {
		p := open(t)
		p.asked(change)
		if code := p.requested(); code != 204 || len(p.sent) != 0 || len(p.request().TokenHashes) != 0 {
			t.Errorf("%s: %d, %+v", name, code, p.sent)
		}
	}
	p := open(t)
	if code := p.requested(); code != 204 || len(p.sent) != 0 || p.dead() != 0 {
		t.Errorf("gone: %d, %+v", code, p.sent)
	}
	b, err := json.Marshal(outbox.Event{ID: eventID, Type: "reviewRequest.made", At: t0, Target: "accounts/u1"})
	if err != nil {
		t.Fatal(err)
	}
	if code := p.deliver(b); code != 204 || p.dead() != 1 {
		t.Errorf("an event that says no request: %d, %d dead letters", code, p.dead())
	}
}
