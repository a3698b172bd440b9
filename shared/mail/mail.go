// Package mail sends plain-text mail over SMTP.
//
// Uses github.com/wneessen/go-mail: a maintained SMTP client that encodes
// headers rightly and refuses line breaks in them.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"researchhub.example/hub/shared/fault"
)

// Config says how mail leaves.
type Config struct {
	// SMTPAddr is host:port of the server.
	SMTPAddr string `env:"HUB_SMTP_ADDR, required"`
	// From is the sender's address.
	From string `env:"HUB_MAIL_FROM, default=hub@researchhub.example"`
	// TLS is "mandatory" or, for a server on this machine only, "none".
	TLS string `env:"HUB_SMTP_TLS, default=mandatory"`
	// Username and Password sign in to the server; empty for none.
	Username string `env:"HUB_SMTP_USERNAME"`
	Password Secret `env:"HUB_SMTP_PASSWORD"`
}

// Secret is a text that no log shows.
type Secret string

// String hides the text from fmt and slog.
func (Secret) String() string { return "[hidden]" }

// MarshalText hides it from JSON, which slog's JSON handler uses within structs.
func (Secret) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// GoString hides it from %#v.
func (Secret) GoString() string { return "[hidden]" }

// Message is one mail.
type Message struct {
	To, Subject, Text string
	// ID becomes the Message-ID, so that a mail sent twice is one to the reader.
	ID string
}

// Sender sends mail.
type Sender struct{ cfg Config }

// New checks the configuration.
func New(cfg Config) (*Sender, error) {
	host, _, err := net.SplitHostPort(cfg.SMTPAddr)
	if err != nil {
		return nil, fmt.Errorf("HUB_SMTP_ADDR must be host:port: %w", err)
	}
	switch {
	case cfg.TLS == "mandatory":
	case cfg.TLS == "none" && isLoopback(host):
	case cfg.TLS == "none":
		return nil, fmt.Errorf("HUB_SMTP_TLS=none is for a server on this machine only")
	default:
		return nil, fmt.Errorf("HUB_SMTP_TLS is 'mandatory' or 'none'")
	}
	return &Sender{cfg}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sendTimeout bounds one mail.
const sendTimeout = 15 * time.Second

// idForm is what a message's identifier may be: it stands in a header.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,200}$`)

// check refuses what does not fit a header: a line break in one would begin another.
func (m Message) check() error {
	if a, err := netmail.ParseAddress(m.To); err != nil || a.Address != m.To {
		return fault.Because(fault.Invalid, err, "The mail address is not valid.")
	}
	if m.Subject == "" || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return fault.New(fault.Invalid, "A mail's subject is one line.")
	}
	if !idForm.MatchString(m.ID) {
		return fault.New(fault.Invalid, "A mail's identifier is made of letters, digits and _.-")
	}
	return nil
}

// Send delivers one mail. A malformed message and one that the server refuses
// for good are fault.Invalid; a server that does not answer, or asks to wait, is
// fault.Unavailable.
func (s *Sender) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return fault.Wrap("mail", err)
	}
	msg := gomail.NewMsg()
	if err := msg.From(s.cfg.From); err != nil {
		return fault.Wrap("mail", err)
	}
	if err := msg.To(m.To); err != nil {
		return fault.Wrap("mail", fault.Because(fault.Invalid, err, "The mail address is not valid."))
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@researchhub.example")
	msg.SetDate()
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	client, err := s.client()
	if err != nil {
		return fault.Wrap("mail", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var refused *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.ErrorCode() >= 500 && refused.ErrorCode() < 600:
		return fault.Wrap("mail", fault.Because(fault.Invalid, err, "The mail server refuses this mail."))
	default:
		return fault.Wrap("mail", fault.Because(fault.Unavailable, err, "The mail could not be sent. It is tried again."))
	}
}

// client is one connection's: go-mail keeps state in it.
func (s *Sender) client() (*gomail.Client, error) {
	host, portText, err := net.SplitHostPort(s.cfg.SMTPAddr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, err
	}
	policy := gomail.TLSMandatory
	if s.cfg.TLS == "none" {
		policy = gomail.NoTLS
	}
	opts := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(sendTimeout), gomail.WithTLSPolicy(policy)}
	if s.cfg.Username != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthPlain), gomail.WithUsername(s.cfg.Username), gomail.WithPassword(string(s.cfg.Password)))
	}
	return gomail.NewClient(host, opts...)
}
