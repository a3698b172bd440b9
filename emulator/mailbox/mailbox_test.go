package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"researchhub.example/hub/shared/clock"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func newMailbox(t *testing.T) *Mailbox {
	t.Helper()
	m, err := Start(0, 0, clock.NewManual(start))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestMailIsTakenAndShown(t *testing.T) {
	m := newMailbox(t)
	msg := gomail.NewMsg()
	if err := msg.From("hub@hub.example"); err != nil {
		t.Fatal(err)
	}
	if err := msg.To("ada@university.example"); err != nil {
		t.Fatal(err)
	}
	msg.Subject("Budget: 50 % erreicht – grüße")
	msg.SetBodyString(gomail.TypeTextPlain, "You have used half.\n<script>alert(1)</script> – ü")
	msg.AddAlternativeString(gomail.TypeTextHTML, "<p>You have used half.</p>")
	var port int
	if _, err := fmt.Sscanf(m.Addr(), "127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		t.Fatal(err)
	}

	var got []Mail
	if err := json.Unmarshal([]byte(fetch(t, m, "/messages.json?to=ADA@university.example")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Subject != "Budget: 50 % erreicht – grüße" || !got[0].At.Equal(start) ||
		!strings.Contains(got[0].Text, "You have used half.") || !strings.Contains(got[0].Text, "– ü") {
		t.Errorf("got %+v", got)
	}
	if other := fetch(t, m, "/messages.json?to=bob@university.example"); strings.TrimSpace(other) != "[]" {
		t.Errorf("another's mail: %s", other)
	}
	page := fetch(t, m, "/")
	if strings.Contains(page, "<script>") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the mail's text is not escaped on the page")
	}
}

func fetch(t *testing.T, m *Mailbox, path string) string {
	t.Helper()
	resp, err := http.Get("http://" + m.Page() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	return string(b)
}

func TestTheOldestMailsGo(t *testing.T) {
	m := newMailbox(t)
	for i := range maxMails + 3 {
		m.keep("a@x.example", []string{"b@x.example"}, fmt.Appendf(nil, "Subject: %d\r\n\r\nbody", i+1))
	}
	got := m.Mails()
	if len(got) != maxMails || got[0].Subject != fmt.Sprint(maxMails+3) || got[maxMails-1].Subject != "4" {
		t.Errorf("%d mails, first %q, last %q", len(got), got[0].Subject, got[len(got)-1].Subject)
	}
}

func TestWhatIsNoMailIsShownAsItCame(t *testing.T) {
	m := newMailbox(t)
	m.keep("a@x.example", []string{"b@x.example"}, []byte("no header at all"))
	if got := m.Mails(); got[0].Text != "no header at all" {
		t.Errorf("got %q", got[0].Text)
	}
}
