package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4/auth"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// signUps is a room with the real Auth emulator.
type signUps struct {
	*room
	emulator testkit.AuthEmulator
	admin    *firebase.Client
}

func newSignUps(t *testing.T) *signUps {
	t.Helper()
	emulator := testkit.Auth(t)
	admin, err := session.NewAdmin(t.Context(), emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	r := &signUps{newRoom(t), emulator, admin}
	r.service.users = admin
	r.handler = newAPI(r.service, api.Options{Verifier: fakeVerifier{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}).Handler()
	return r
}

// told lists the events that have been published, as "type uid".
func (r *signUps) told() []string {
	r.published.mu.Lock()
	defer r.published.mu.Unlock()
	var list []string
	for _, e := range r.published.events {
		list = append(list, strings.TrimSpace(e.Type+" "+e.UID))
	}
	return list
}

const somePassword = "a long enough secret"

func credentials(email string) map[string]any {
	return map[string]any{"email": email, "password": somePassword}
}

func TestSigningUpSaysTheSameToEverybody(t *testing.T) {
	r := newSignUps(t)
	email := r.emulator.Email("university.example")
	first := r.want(202, "POST", "/v1/sign-up", "", credentials(email))
	uid, _ := r.emulator.SignIn(email, somePassword)
	second := r.want(202, "POST", "/v1/sign-up", "", map[string]any{"email": " " + strings.ToUpper(email), "password": "somebody else's"})
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("a new and a taken address are told apart:\n%s", d)
	}
	if again, _ := r.emulator.SignIn(email, somePassword); again != uid { // the password is still the first one
		t.Errorf("%s signs in to %s, then to %s", email, uid, again)
	}
	known := r.want(202, "POST", "/v1/password-reset", "", map[string]any{"email": email})
	unknown := r.want(202, "POST", "/v1/password-reset", "", map[string]any{"email": "nobody-" + email})
	if d := cmp.Diff(known, unknown); d != "" {
		t.Errorf("an address with and one without an account are told apart:\n%s", d)
	}
	want := []string{"account.signUp " + uid, "account.exists " + uid, "account.passwordReset " + uid, "account.passwordReset"}
	if d := cmp.Diff(want, r.told()); d != "" {
		t.Errorf("the events:\n%s", d)
	}
	// What is kept of it names nobody's password nor address.
	if u, err := r.admin.GetUser(t.Context(), uid); err != nil || u.EmailVerified {
		t.Errorf("the sign-in: %+v, %v", u, err)
	}
	for _, e := range r.published.events {
		if text := string(mustJSON(t, e)); strings.Contains(text, email) || strings.Contains(text, somePassword) {
			t.Errorf("the event tells too much: %s", text)
		}
	}
	for _, act := range []string{"account.signUp", "account.exists"} {
		if list := r.entriesOf(act); len(list) != 1 || list[0].Target != "accounts/"+uid || list[0].Actor != visitor {
			t.Errorf("audit of %s: %+v", act, list)
		}
	}
}

func TestWhatCannotSignUp(t *testing.T) {
	r := newSignUps(t)
	email := r.emulator.Email("university.example")
	local, _, _ := strings.Cut(email, "@")
	for name, c := range map[string]struct {
		email, password string
		want            []string
	}{
		"nothing":                   {"", "", []string{"body.email", "body.password"}},
		"no address":                {"university.example", somePassword, []string{"body.email"}},
		"two addresses":             {email + "," + email, somePassword, []string{"body.email"}},
		"quoted":                    {`"a@b"@university.example`, somePassword, []string{"body.email"}},
		"a name":                    {"Ann <" + email + ">", somePassword, []string{"body.email"}},
		"a line break":              {email + "\r\nBcc: x@y.example", somePassword, []string{"body.email"}},
		"a look-alike letter":       {"ann@universit\u0443.example", somePassword, []string{"body.email"}},
		"one whose lower case fits": {"ann@university.example\u212a", somePassword, []string{"body.email"}},
		"a trailing dot":            {email + ".", somePassword, []string{"body.email"}},
		"no top level":              {"ann@localhost", somePassword, []string{"body.email"}},
		"an IP address":             {"ann@127.0.0.1", somePassword, []string{"body.email"}},
		"long":                      {strings.Repeat("a", 65) + "@university.example", somePassword, []string{"body.email"}},
		"short password":            {email, "1234567", []string{"body.password"}},
		"seven long characters":     {email, "ééééééé", []string{"body.password"}},
		"huge password":             {email, strings.Repeat("x", 4097), []string{"body.password"}},
		"no text":                   {email, "\xff\xfe\xfd\xfc\xfb\xfa\xf9", []string{"body.password"}},
		"the address":               {email, strings.ToUpper(email), []string{"body.password"}},
		"half of it":                {email, local, []string{"body.password"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := r.do("POST", "/v1/sign-up", "", map[string]any{"email": c.email, "password": c.password})
			if d := cmp.Diff(c.want, broken(answer)); status != 422 || d != "" {
				t.Errorf("%d %v\n%s", status, answer, d)
			}
			if text := string(mustJSON(t, answer)); c.password != "" && strings.Contains(text, c.password) {
				t.Errorf("the answer quotes the password: %s", text)
			}
		})
	}
	if len(r.told()) != 0 {
		t.Errorf("events %v", r.told())
	}
	for _, good := range []plainPassword{"éééééééé", plainPassword(strings.Repeat("x", 4096)), "passphrase of words"} {
		var f form
		if r.service.signUps.checkPassword(&f, email, good); f.Err() != nil {
			t.Errorf("%d bytes: %v", len(good), f.Err())
		}
	}
}

func TestAPasswordIsNeverShown(t *testing.T) {
	p := plainPassword(somePassword)
	for _, text := range []string{fmt.Sprint(p), fmt.Sprintf("%v %+v %#v %s %q", p, p, p, p, p), fmt.Sprintf("%+v", struct{ P plainPassword }{p})} {
		if strings.Contains(text, somePassword) {
			t.Errorf("%s", text)
		}
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "p", p, "in", struct{ P plainPassword }{p})
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "p", p, "in", struct{ P plainPassword }{p})
	if strings.Contains(b.String(), somePassword) {
		t.Error(b.String())
	}
}

// A process that dies after making the sign-in and before writing the event, or
// one that could not write it, is made up for by the next attempt.
func TestAnAttemptThatDiedIsMadeUpFor(t *testing.T) {
	r := newSignUps(t)
	email := r.emulator.Email("university.example")
	user, err := r.admin.CreateUser(t.Context(), (&firebase.UserToCreate{}).Email(email).Password(somePassword))
	if err != nil {
		t.Fatal(err)
	}
	r.want(202, "POST", "/v1/sign-up", "", credentials(email))
	if d := cmp.Diff([]string{"account.exists " + user.UID}, r.told()); d != "" {
		t.Error(d)
	}
}

type awayPublisher struct{}

func (awayPublisher) Publish(context.Context, string, []byte, map[string]string) error {
	return errors.New("away")
}

// Pub/Sub away: the event stays in the outbox for the sweep, and the answer is the same.
func TestAnEventThatCannotLeaveStays(t *testing.T) {
	r := newSignUps(t)
	r.service.events.Publisher = awayPublisher{}
	r.want(202, "POST", "/v1/sign-up", "", credentials(r.emulator.Email("university.example")))
	snaps, err := r.client.Collection(outbox.Collection).Where("sent", "==", false).Documents(t.Context()).GetAll()
	if err != nil || len(snaps) != 1 {
		t.Errorf("%d events wait, %v", len(snaps), err)
	}
}

// Two sign-ups of one address at once make one sign-in.
func TestTwoSignUpsAtOnce(t *testing.T) {
	r := newSignUps(t)
	email := r.emulator.Email("university.example")
	statuses := make(chan int, 2)
	for range 2 {
		go func() {
			status, _ := r.do("POST", "/v1/sign-up", "", credentials(email))
			statuses <- status
		}()
	}
	if a, b := <-statuses, <-statuses; a != 202 || b != 202 {
		t.Errorf("statuses %d, %d", a, b)
	}
	uid, _ := r.emulator.SignIn(email, somePassword)
	told := r.told()
	slices.Sort(told)
	if d := cmp.Diff([]string{"account.exists " + uid, "account.signUp " + uid}, told); d != "" {
		t.Error(d)
	}
}

// How long it takes tells nothing: measured in turns, the medians of both ways
// stand above the floor, and nearer to each other than an eighth of it.
func TestSigningUpTakesTheSameTime(t *testing.T) {
	r := newSignUps(t)
	const floor, rounds = 400 * time.Millisecond, 9
	r.service.signUps.Floor = floor
	r.service.limits.rules.MailAddress, r.service.limits.rules.MailNetwork = 1000, 1000
	taken := r.emulator.Email("university.example")
	r.want(202, "POST", "/v1/sign-up", "", credentials(taken))
	measure := func(path, email string) time.Duration {
		t.Helper()
		start := time.Now()
		body := credentials(email)
		if path == "/v1/password-reset" {
			delete(body, "password")
		}
		r.want(http.StatusAccepted, "POST", path, "", body)
		return time.Since(start)
	}
	round := 0
	// A machine that is busy scatters; what tells the two apart stays, and fails
	// three times.
	differs := func(path string) (free, used time.Duration, differs bool) {
		var new, old []time.Duration
		for range rounds {
			round++
			new = append(new, measure(path, fmt.Sprintf("new%d-%s", round, taken)))
			old = append(old, measure(path, taken))
		}
		free, used = median(new), median(old)
		t.Logf("%s: %s for an address without an account, %s for one with (medians of %d)", path, free, used, rounds)
		return free, used, free < floor || used < floor || (free-used).Abs() > floor/8
	}
	for _, path := range []string{"/v1/sign-up", "/v1/password-reset"} {
		for attempt := 1; ; attempt++ {
			free, used, told := differs(path)
			if !told {
				break
			}
			if attempt == 3 {
				t.Errorf("%s: %s for an address without an account, %s for one with", path, free, used)
				break
			}
		}
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
