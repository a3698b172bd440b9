package notify

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/testkit"
)

// mailbox is an SMTP server in this process that keeps what it takes.
type mailbox struct {
	mu  sync.Mutex
	got []string
}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }
func (b *mailbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (b *mailbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (b *mailbox) Reset()                                      {}
func (b *mailbox) Logout() error                               { return nil }
func (b *mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, string(text))
	return err
}

// From the environment on with real clients: an event goes in, a mail comes out.
func TestNewSendsMail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{}
	server := smtp.NewServer(box)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	project := testkit.Project(t)
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1") // no link is made here
	for k, v := range map[string]string{"HUB_SMTP_ADDR": l.Addr().String(), "HUB_SMTP_TLS": "none", "HUB_BASE_URL": "http://127.0.0.1:8080",
		"GOOGLE_CLOUD_PROJECT": project, "FIRESTORE_EMULATOR_HOST": testkit.FirestoreHost(t)} {
		t.Setenv(k, v)
	}
	account := access.Account{UID: "u1", Name: "Ada", Email: "ada@university.example"}
	if _, err := testkit.FirestoreFor(t, project).Collection(access.Accounts).Doc("u1").Set(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	room, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(outbox.Event{ID: eventID, Type: "billing.alertRaised", At: t0, UID: "u1", Data: examples["billing.alertRaised"].data})
	if err != nil {
		t.Fatal(err)
	}
	push, err := json.Marshal(map[string]any{"message": map[string]any{"messageId": "m1", "data": data}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		room.ServeHTTP(w, httptest.NewRequest("POST", "/notify", bytes.NewReader(push)))
		if w.Code != 204 {
			t.Errorf("status %d", w.Code)
		}
	}
	if len(box.got) != 1 || !strings.Contains(box.got[0], "To: <ada@university.example>") || !strings.Contains(box.got[0], "50 %") {
		t.Errorf("%d mails: %q", len(box.got), box.got)
	}
}

func TestMissingConfigurationIsNamed(t *testing.T) {
	for _, name := range []string{"GOOGLE_CLOUD_PROJECT", "HUB_BASE_URL", "HUB_SMTP_ADDR"} {
		t.Setenv(name, "127.0.0.1:1")
	}
	for _, name := range []string{"GOOGLE_CLOUD_PROJECT", "HUB_BASE_URL", "HUB_SMTP_ADDR"} {
		value := os.Getenv(name)
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
		if _, err := New(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
		t.Setenv(name, value)
	}
}
