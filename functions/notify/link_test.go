package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// linkRoom is a room with the real Auth emulator.
type linkRoom struct {
	*post
	emulator testkit.AuthEmulator
	users    users
}

func openLinks(t *testing.T) *linkRoom {
	t.Helper()
	emulator := testkit.Auth(t)
	admin, err := session.NewAdmin(t.Context(), emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	return &linkRoom{open(t), emulator, admin}
}

func (r *linkRoom) event(eventType, uid string) int {
	r.t.Helper()
	r.post.users = r.users
	b, err := json.Marshal(outbox.Event{ID: eventID, Type: eventType, At: t0, UID: uid})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.deliver(b)
}

// linkIn gives the link of a mail.
func linkIn(t *testing.T, text string) *url.URL {
	t.Helper()
	for line := range strings.Lines(text) {
		if u, err := url.Parse(strings.TrimSpace(line)); err == nil && u.Query().Get("oobCode") != "" {
			return u
		}
	}
	t.Fatalf("no link in:\n%s", text)
	return nil
}

func TestTheStateOfTheSignInDecidesTheLink(t *testing.T) {
	for _, c := range []struct {
		name, event, state string
		// mode is the link's, "" for a mail without one, "-" for no mail.
		mode string
	}{
		{"signed up", "account.signUp", "", "verifyEmail"},
		{"signed up and confirmed since", "account.signUp", "verified", "-"},
		{"again, never confirmed", "account.exists", "", "resetPassword"},
		{"again, confirmed", "account.exists", "verified", ""},
		{"a new password", "account.passwordReset", "verified", "resetPassword"},
		{"a new password, never confirmed", "account.passwordReset", "", "resetPassword"},
		{"a sign-in that is switched off", "account.passwordReset", "disabled", "-"},
		{"one that is gone", "account.passwordReset", "gone", "-"},
		{"nobody", "account.passwordReset", "nobody", "-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := openLinks(t)
			email := r.emulator.Email("university.example")
			uid, _ := r.emulator.SignUp(email, "correct horse")
			switch c.state {
			case "verified":
				r.emulator.Verify(uid)
			case "disabled":
				r.emulator.Disable(uid, true)
			case "gone":
				uid = "gone"
			case "nobody":
				uid = ""
			}
			for range 2 { // the message comes twice
				if code := r.event(c.event, uid); code != 204 || r.dead() != 0 {
					t.Fatalf("status %d, %d dead letters", code, r.dead())
				}
			}
			if c.mode == "-" {
				if len(r.sent) != 0 || len(r.notices(uid)) != 0 {
					t.Errorf("mails %+v", r.sent)
				}
				return
			}
			if len(r.sent) != 1 || r.sent[0].To != email {
				t.Fatalf("mails %+v", r.sent)
			}
			if c.mode == "" {
				if strings.Contains(r.sent[0].Text, "oobCode") {
					t.Errorf("a link where nothing is to be done:\n%s", r.sent[0].Text)
				}
				return
			}
			link := linkIn(t, r.sent[0].Text)
			if got := link.Query().Get("mode"); got != c.mode {
				t.Errorf("mode %q, want %q", got, c.mode)
			}
			// The link is in the mail alone.
			for _, n := range r.notices(uid) {
				if strings.Contains(n.Title+n.Text, "oobCode") || !strings.Contains(n.Text, inMail) {
					t.Errorf("the notice: %q", n.Text)
				}
			}
		})
	}
}

// What the links do, they do: the emulator's own page takes them.
func TestTheLinksWork(t *testing.T) {
	r := openLinks(t)
	email := r.emulator.Email("university.example")
	uid, _ := r.emulator.SignUp(email, "the password of a stranger")
	open := func(extra string) {
		t.Helper()
		link := linkIn(t, r.sent[len(r.sent)-1].Text)
		if link.Query().Get("continueUrl") != "https://hub.example/portal/" {
			t.Errorf("it leads to %q afterwards", link.Query().Get("continueUrl"))
		}
		q := link.Query()
		q.Del("continueUrl") // the page would go there
		link.RawQuery = q.Encode() + extra
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		_ = resp.Body.Close()
	}
	// Signed up by a stranger, never confirmed; its owner signs up, chooses a
	// password by the link, and the stranger's is worth nothing.
	if code := r.event("account.exists", uid); code != 204 {
		t.Fatalf("status %d", code)
	}
	open("&newPassword=" + url.QueryEscape("the owner's own password"))
	r.emulator.SignIn(email, "the owner's own password")
	u, err := r.users.GetUser(t.Context(), uid)
	if err != nil || !u.EmailVerified {
		t.Errorf("after the link: %+v, %v", u, err)
	}
}

// away is Firebase when it does not answer.
type away struct{ users }

func (away) GetUser(context.Context, string) (*auth.UserRecord, error) {
	return nil, errors.New("away")
}

func TestALinkThatCannotBeMadeComesAgain(t *testing.T) {
	r := openLinks(t)
	uid, _ := r.emulator.SignUp(r.emulator.Email("university.example"), "correct horse")
	there := r.users
	r.users = away{}
	if code := r.event("account.signUp", uid); code != 503 || len(r.sent) != 0 {
		t.Errorf("status %d, %d mails", code, len(r.sent))
	}
	r.users = there
	if code := r.event("account.signUp", uid); code != 204 || len(r.sent) != 1 {
		t.Errorf("status %d, %d mails", code, len(r.sent))
	}
}

func TestADisabledAccountHearsOfItsSecurity(t *testing.T) {
	p := open(t)
	b, err := json.Marshal(outbox.Event{ID: eventID, Type: "account.securityChanged", At: t0, UID: "u2", Data: map[string]string{"what": "disabled"}})
	if err != nil {
		t.Fatal(err)
	}
	if code := p.deliver(b); code != 204 || len(p.sent) != 1 || p.sent[0].To != "off@university.example" {
		t.Errorf("status %d, mails %+v", code, p.sent)
	}
	// What has no words is kept, not told in none.
	if code := p.deliver([]byte(strings.Replace(string(b), `"disabled"`, `"renamed"`, 1))); code != 204 || p.dead() != 1 || len(p.sent) != 1 {
		t.Errorf("status %d, %d dead letters, %d mails", code, p.dead(), len(p.sent))
	}
}
