// Package mailbox takes the mail that the functions send, over SMTP, and shows
// it on a page: nothing leaves the machine.
//
// Uses github.com/emersion/go-smtp: an SMTP server whose protocol is complete
// and whose limits can be set.
package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"researchhub.example/hub/shared/clock"
)

// Bounds of the mailbox: mails kept (the oldest go), bytes and recipients of one.
const (
	maxMails      = 500
	maxMailBytes  = 5 << 20
	maxRecipients = 100
)

// Mail is one mail as it came.
type Mail struct {
	// ID counts from 1 in order of arrival.
	ID int `json:"id"`
	// At is when it came, in UTC.
	At time.Time `json:"at"`
	// From and To are the envelope's addresses.
	From string   `json:"from"`
	To   []string `json:"to"`
	// Subject is the decoded header.
	Subject string `json:"subject"`
	// Text is the decoded plain text, or the source when it has none.
	Text string `json:"text"`
	// Raw is the whole source.
	Raw string `json:"-"`
}

// Mailbox is a running SMTP sink with its mails. It is an http.Handler: the page.
type Mailbox struct {
	smtp  *smtp.Server
	http  *http.Server
	addr  string
	page  string
	clock clock.Clock

	mu    sync.Mutex
	last  int
	mails []Mail
}

// Start listens for SMTP and for HTTP at 127.0.0.1, on free ports where 0 is given.
func Start(smtpPort, pagePort int, c clock.Clock) (*Mailbox, error) {
	m := &Mailbox{clock: c}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(smtpPort)))
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	pl, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(pagePort)))
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("mail: %w", err)
	}
	m.addr, m.page = l.Addr().String(), pl.Addr().String()
	m.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: m}, nil }))
	m.smtp.Domain = "localhost"
	m.smtp.MaxMessageBytes = maxMailBytes
	m.smtp.MaxRecipients = maxRecipients
	m.smtp.ReadTimeout, m.smtp.WriteTimeout = 30*time.Second, 30*time.Second
	m.http = &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = m.smtp.Serve(l) }()
	go func() { _ = m.http.Serve(pl) }()
	return m, nil
}

// Addr is where SMTP listens: "127.0.0.1:1025".
func (m *Mailbox) Addr() string { return m.addr }

// Page is the address of the page: "127.0.0.1:8025".
func (m *Mailbox) Page() string { return m.page }

// Close ends it.
func (m *Mailbox) Close() error { return errors.Join(m.smtp.Close(), m.http.Close()) }

// Mails gives the mails kept, the newest first.
func (m *Mailbox) Mails() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.mails)
	slices.Reverse(all)
	return all
}

func (m *Mailbox) keep(from string, to []string, raw []byte) {
	mail := parse(raw)
	mail.From, mail.To, mail.At = from, to, m.clock.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	mail.ID = m.last
	m.mails = append(m.mails, mail)
	if len(m.mails) > maxMails {
		m.mails = slices.Delete(m.mails, 0, len(m.mails)-maxMails)
	}
}

// parse reads subject and text; a mail that is none is shown as its source.
func parse(raw []byte) Mail {
	out := Mail{Raw: string(raw), Text: string(raw)}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return out
	}
	out.Subject = msg.Header.Get("Subject")
	if s, err := new(mime.WordDecoder).DecodeHeader(out.Subject); err == nil {
		out.Subject = s
	}
	if text, ok := plainText(msg.Header, msg.Body, 0); ok {
		out.Text = text
	}
	return out
}

// session takes the mails of one connection.
type session struct {
	box  *Mailbox
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = append(s.to, to); return nil }

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r) // bounded by MaxMessageBytes
	if err != nil {
		return err
	}
	s.box.keep(s.from, s.to, raw)
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
