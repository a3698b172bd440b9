// Package mail sends plain-text mail over SMTP.
//
// Uses github.com/wneessen/go-mail: a maintained SMTP client that encodes
// headers rightly and refuses line breaks in them.
package mail

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

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

// Send delivers one mail. A malformed address is permanent; a server that does
// not answer is fault.Unavailable.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg := gomail.NewMsg()
	if err := msg.From(s.cfg.From); err != nil {
		return fault.Wrap("mail", err)
	}
	if err := msg.To(m.To); err != nil {
		return fault.Because(fault.Invalid, err, "The mail address is not valid.")
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@researchhub.example")
	msg.SetDate()
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	host, portText, err := net.SplitHostPort(s.cfg.SMTPAddr)
	if err != nil {
		return fault.Wrap("mail", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return fault.Wrap("mail", err)
	}
	opts := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(sendTimeout), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	if s.cfg.TLS == "none" {
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.cfg.Username != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthPlain), gomail.WithUsername(s.cfg.Username), gomail.WithPassword(string(s.cfg.Password)))
	}
	client, err := gomail.NewClient(host, opts...)
	if err != nil {
		return fault.Wrap("mail", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fault.Wrap("mail", fault.Because(fault.Unavailable, err, "The mail could not be sent. It is tried again."))
	}
	return nil
}
