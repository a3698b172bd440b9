package mail_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/mail"
)

// server is an SMTP server in this process that keeps what it takes.
type server struct {
	addr string
	mu   sync.Mutex
	got  []string
	to   []string
}

// serve starts a server that answers RCPT with refuse, nil for taking all.
func serve(t *testing.T, refuse error) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sink := &server{addr: l.Addr().String()}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &conversation{sink, refuse}, nil }))
	s.Domain = "localhost"
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return sink
}

type conversation struct {
	server *server
	refuse error
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }
func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	if c.refuse != nil {
		return c.refuse
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.to = append(c.server.to, to)
	return nil
}
func (c *conversation) Data(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.got = append(c.server.got, string(b))
	return err
}
func (c *conversation) Reset()        {}
func (c *conversation) Logout() error { return nil }

func sender(t *testing.T, addr string) *mail.Sender {
	t.Helper()
	s, err := mail.New(mail.Config{SMTPAddr: addr, From: "hub@researchhub.example", TLS: "none"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message() mail.Message {
	return mail.Message{To: "ada@university.example", Subject: "Budget: 50 % — reached", Text: "Line one.\n.\nLäne three.\n", ID: "ev_1"}
}

func TestAMailArrivesAsItIs(t *testing.T) {
	srv := serve(t, nil)
	s := sender(t, srv.addr)
	for range 2 {
		if err := s.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"ada@university.example", "ada@university.example"}, srv.to); diff != "" {
		t.Error(diff)
	}
	for _, raw := range srv.got { // sent twice, both have the same Message-ID
		m, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Header.Get("Message-ID"); got != "<ev_1@researchhub.example>" {
			t.Errorf("Message-ID %s", got)
		}
		if got := m.Header.Get("From"); !strings.Contains(got, "hub@researchhub.example") {
			t.Errorf("From %s", got)
		}
		if !strings.HasPrefix(m.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("Content-Type %s", m.Header.Get("Content-Type"))
		}
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	srv := serve(t, nil)
	s := sender(t, srv.addr)
	for name, change := range map[string]func(*mail.Message){
		"subject CRLF":   func(m *mail.Message) { m.Subject = "x\r\nBcc: eve@evil.example" },
		"subject LF":     func(m *mail.Message) { m.Subject = "x\nBcc: eve@evil.example" },
		"subject NUL":    func(m *mail.Message) { m.Subject = "x\x00" },
		"no subject":     func(m *mail.Message) { m.Subject = "" },
		"address CRLF":   func(m *mail.Message) { m.To = "ada@university.example\r\nBcc: eve@evil.example" },
		"two addresses":  func(m *mail.Message) { m.To = "ada@university.example, eve@evil.example" },
		"address + name": func(m *mail.Message) { m.To = "Ada <ada@university.example>" },
		"no address":     func(m *mail.Message) { m.To = "" },
		"id CRLF":        func(m *mail.Message) { m.ID = "ev\r\nBcc: eve@evil.example" },
		"id brackets":    func(m *mail.Message) { m.ID = "a> <b" },
		"no id":          func(m *mail.Message) { m.ID = "" },
	} {
		m := message()
		change(&m)
		if err := s.Send(t.Context(), m); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(srv.got) != 0 {
		t.Errorf("%d mails arrived", len(srv.got))
	}
}

func TestPlainTextIsForThisMachineOnly(t *testing.T) {
	for _, c := range []struct {
		addr, tls string
		ok        bool
	}{
		{"127.0.0.1:25", "none", true}, {"localhost:25", "none", true}, {"[::1]:25", "none", true},
		{"smtp.example:25", "none", false}, {"10.0.0.1:25", "none", false}, {"0.0.0.0:25", "none", false},
		{"localhost.evil.example:25", "none", false},
		{"smtp.example:587", "mandatory", true}, {"127.0.0.1:25", "", false}, {"127.0.0.1:25", "opportunistic", false},
		{"smtp.example", "mandatory", false},
	} {
		_, err := mail.New(mail.Config{SMTPAddr: c.addr, TLS: c.tls})
		if (err == nil) != c.ok {
			t.Errorf("%s with %q: %v", c.addr, c.tls, err)
		}
	}
}

func TestMandatoryTLSIsNotGivenUp(t *testing.T) {
	srv := serve(t, nil) // knows no STARTTLS
	s, err := mail.New(mail.Config{SMTPAddr: srv.addr, From: "hub@researchhub.example", TLS: "mandatory"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("sent without TLS: %v", err)
	}
	if len(srv.got) != 0 {
		t.Error("the mail went out in plain text")
	}
}

func TestWhatTheServerSaysDecidesWhetherToTryAgain(t *testing.T) {
	for code, want := range map[int]fault.Kind{550: fault.Invalid, 451: fault.Unavailable} {
		srv := serve(t, &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no"})
		if err := sender(t, srv.addr).Send(t.Context(), message()); !fault.Is(err, want) {
			t.Errorf("%d: %v, want %s", code, err, want)
		}
	}
	if err := sender(t, "127.0.0.1:1").Send(t.Context(), message()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("no server: %v", err)
	}
	srv := serve(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sender(t, srv.addr).Send(ctx, message()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("ended context: %v", err)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	cfg := mail.Config{Username: "hub", Password: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", cfg)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", cfg, "password", cfg.Password)
	log.WriteString(fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg.Password))
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("%s", log.String())
	}
}
