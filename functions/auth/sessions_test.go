package auth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// signedIn is the function in two instances, with real sign-ins.
type signedIn struct {
	*room
	emulator testkit.AuthEmulator
	email    string
	uid      string
	tokens   sessions
	one, two http.Handler
}

const password = "correct horse"

// newSignedIn makes a person with a confirmed address and no account.
func newSignedIn(t *testing.T, tokens func(sessions) sessions) *signedIn {
	t.Helper()
	emulator := testkit.Auth(t)
	admin, err := session.NewAdmin(t.Context(), emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	r := newRoom(t)
	r.clock.Set(clock.System{}.Now())
	s := &signedIn{room: r, emulator: emulator, tokens: admin}
	if tokens != nil {
		s.tokens = tokens(admin)
	}
	instance := func() http.Handler {
		service := r.instance(s.tokens)
		verifier, err := service.gate.Verifier(t.Context(), emulator.Project)
		if err != nil {
			t.Fatal(err)
		}
		return newAPI(service, api.Options{Verifier: verifier, Log: slog.New(slog.DiscardHandler)}).Handler()
	}
	s.one, s.two = instance(), instance()
	s.email = emulator.Email("university.example")
	s.uid, _ = emulator.SignUp(s.email, password)
	emulator.Verify(s.uid)
	return s
}

// signIn begins a session of its own: auth_time has seconds, so the helper waits
// for one that no session of this person has yet.
func (s *signedIn) signIn() (token, sid string) {
	s.t.Helper()
	seen := s.record().Sessions
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		_, token := s.emulator.SignIn(s.email, password)
		sid := s.sidOf(token)
		if _, known := seen[sid]; !known {
			return token, sid
		}
	}
	s.t.Fatal("no new session")
	return "", ""
}

func (s *signedIn) sidOf(token string) string {
	s.t.Helper()
	for _, e := range s.list(s.one, token) {
		if e["current"] == true {
			return e["id"].(string)
		}
	}
	s.t.Fatal("the caller's session is not listed")
	return ""
}

func (s *signedIn) list(h http.Handler, token string) []map[string]any {
	s.t.Helper()
	status, answer := do(s.t, h, "GET", "/v1/sessions", token, nil)
	if status != http.StatusOK {
		s.t.Fatalf("GET /v1/sessions: %d %v", status, answer)
	}
	var items []map[string]any
	for _, e := range answer["items"].([]any) {
		items = append(items, e.(map[string]any))
	}
	return items
}

func (s *signedIn) record() session.Record {
	s.t.Helper()
	r, err := s.service.gate.Sessions().Get(s.t.Context(), s.uid)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// status asks both instances for what a token is worth; they must agree.
func (s *signedIn) status(token string) int {
	s.t.Helper()
	one, answer := do(s.t, s.one, "GET", "/v1/sessions", token, nil)
	two, _ := do(s.t, s.two, "GET", "/v1/sessions", token, nil)
	if one != two {
		s.t.Errorf("one instance says %d (%v), the other %d", one, answer, two)
	}
	return one
}

func (s *signedIn) send(h http.Handler, want int, method, path, token string, body any) map[string]any {
	s.t.Helper()
	got, answer := do(s.t, h, method, path, token, body)
	if got != want {
		s.t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, want)
	}
	return answer
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	s := newSignedIn(t, nil)
	phone, phoneID := s.signIn()
	laptop, laptopID := s.signIn()
	// Both instances list both at once, each with its own marked.
	got := map[string]bool{}
	for _, e := range s.list(s.two, phone) {
		got[e["id"].(string)] = e["current"].(bool)
		if e["level"] != 1.0 || e["device"].(map[string]any)["ip"] != "192.0.2.0/24" || e["device"].(map[string]any)["userAgent"] != "An unknown program" {
			t.Errorf("session %v", e)
		}
	}
	if d := cmp.Diff(map[string]bool{phoneID: true, laptopID: false}, got); d != "" {
		t.Fatal(d)
	}

	// Ended on one, refused on both; again is no fault and no second entry.
	for range 2 {
		s.send(s.one, 204, "DELETE", "/v1/sessions/"+phoneID, laptop, nil)
	}
	if p, l := s.status(phone), s.status(laptop); p != 401 || l != 200 {
		t.Errorf("the ended session %d, the other %d", p, l)
	}
	s.send(s.two, 404, "DELETE", "/v1/sessions/"+session.IDOf("somebody", time.Now()), laptop, nil)
	s.send(s.two, 404, "DELETE", "/v1/sessions/x", laptop, nil)

	// One's own, by its name.
	s.send(s.two, 204, "DELETE", "/v1/sessions/current", laptop, nil)
	if got := s.status(laptop); got != 401 {
		t.Errorf("signed out: %d", got)
	}
	if d := cmp.Diff([]string{s.uid + " session.end", s.uid + " session.end"}, s.acts()); d != "" {
		t.Errorf("audit: %s", d)
	}
	// What was ended does not come back when the record forgets it.
	s.clock.Advance(13 * time.Hour)
	_, fresh := s.emulator.SignIn(s.email, password)
	if got := s.status(fresh); got != 401 { // signed in 13 hours ago by the moved clock
		t.Errorf("a sign-in of 13 hours ago: %d", got)
	}
	if p, l := s.status(phone), s.status(laptop); p != 401 || l != 401 {
		t.Errorf("13 hours later: %d and %d", p, l)
	}
}

func TestNobodyEndsAnothersSession(t *testing.T) {
	s := newSignedIn(t, nil)
	mine, sid := s.signIn()
	email := s.emulator.Email("university.example")
	_, theirs := s.emulator.SignUp(email, password)
	s.send(s.one, 404, "DELETE", "/v1/sessions/"+sid, theirs, nil)
	s.send(s.one, 204, "DELETE", "/v1/sessions", theirs, nil)
	if got := s.status(mine); got != 200 {
		t.Errorf("after somebody else signed out everywhere: %d", got)
	}
}

// away loses the call that takes refresh tokens back.
type away struct {
	sessions
	calls *int
}

func (a away) RevokeRefreshTokens(context.Context, string) error {
	*a.calls++
	return errors.New("Firebase is away")
}

// Signing out everywhere is in force at once, also for tokens that nobody has
// shown yet, and without the remote call.
func TestSigningOutEverywhereNeedsNoRemoteCall(t *testing.T) {
	calls := 0
	s := newSignedIn(t, func(admin sessions) sessions { return away{admin, &calls} })
	kept, _ := s.signIn()
	other, _ := s.signIn()
	_, unseen := s.emulator.SignIn(s.email, password)

	s.clock.Set(clock.System{}.Now())
	s.send(s.one, 204, "DELETE", "/v1/sessions?keepThis=true", kept, nil)
	if k, o, u := s.status(kept), s.status(other), s.status(unseen); k != 200 || o != 401 || u != 401 || calls != 0 {
		t.Errorf("kept %d, other %d, never seen %d; %d remote calls", k, o, u, calls)
	}
	s.send(s.two, 204, "DELETE", "/v1/sessions", kept, nil)
	if k, o, u := s.status(kept), s.status(other), s.status(unseen); k != 401 || o != 401 || u != 401 || calls != 1 {
		t.Errorf("all: %d, %d, %d; %d remote calls", k, o, u, calls)
	}
	if d := cmp.Diff([]string{s.uid + " session.endAll", s.uid + " session.endAll"}, s.acts()); d != "" {
		t.Errorf("audit: %s", d)
	}
}

// A session that a second factor raised stays the same session, and its level 2
// ends with it: also in a custom token that nobody has used yet.
func TestARaisedSessionEndsWhole(t *testing.T) {
	s := newSignedIn(t, nil)
	plain, sid := s.signIn()
	s.put(access.Accounts, s.uid, access.Account{UID: s.uid, Email: s.email, Modules: map[string]access.ModuleFact{}, SchemaVersion: 1})
	e := s.send(s.one, 201, "POST", "/v1/factors/totp", plain, nil)
	confirmed := s.send(s.two, 200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", plain, codeOf(s.code(e["secret"].(string))))
	custom := confirmed["customToken"].(string)
	raised := s.emulator.SignInCustom(custom)
	list := s.list(s.two, raised)
	if len(list) != 1 || list[0]["id"] != sid || list[0]["current"] != true || list[0]["level"] != 2.0 {
		t.Fatalf("after raising: %v, want the session %s", list, sid)
	}
	if d := cmp.Diff(session.Entry{Level: session.SecondFactor, Methods: []string{"pwd", "otp"}, FactorID: e["factorId"].(string)},
		func() session.Entry {
			e := s.record().Sessions[sid]
			e.StartedAt, e.LastUsedAt, e.Device = time.Time{}, time.Time{}, session.Device{}
			return e
		}()); d != "" {
		t.Errorf("on record: %s", d)
	}
	s.send(s.one, 204, "DELETE", "/v1/sessions/"+sid, raised, nil)
	for name, token := range map[string]string{"level 1": plain, "level 2": raised, "exchanged later": s.emulator.SignInCustom(custom)} {
		if got := s.status(token); got != 401 {
			t.Errorf("%s: %d after the session was ended", name, got)
		}
	}
}

// An admin's reset of the factors ends the sessions in its own transaction.
func TestAResetEndsSessionsWithoutTheRemoteCall(t *testing.T) {
	calls := 0
	s := newSignedIn(t, func(admin sessions) sessions { return away{admin, &calls} })
	token, _ := s.signIn()
	s.put(access.Accounts, s.uid, access.Account{UID: s.uid, Email: s.email, Modules: map[string]access.ModuleFact{}, SchemaVersion: 1})
	s.put(access.Accounts, "admin", access.Account{UID: "admin", AdminRoles: []access.Role{access.AccessAdmin}, Modules: map[string]access.ModuleFact{}, SchemaVersion: 1})
	s.clock.Set(clock.System{}.Now())
	s.service.tokens = away{s.tokens, &calls}
	if status, answer := s.do("PUT", "/v1/admin/accounts/"+s.uid+"/modules/twoFactor", "admin2", map[string]any{"act": "reset", "reason": "lost"}); status != 503 || calls != 1 {
		t.Fatalf("%d %v, %d remote calls", status, answer, calls)
	}
	if got := s.status(token); got != 401 {
		t.Errorf("after the reset: %d", got)
	}
}

// The record holds nothing that lets anybody in.
func TestTheRecordHoldsNoToken(t *testing.T) {
	s := newSignedIn(t, nil)
	token, sid := s.signIn()
	snap, err := s.client.Collection(session.Collection).Doc(s.uid).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := string(mustJSON(t, snap.Data()))
	if !strings.Contains(kept, sid) {
		t.Fatalf("%s is not on record: %s", sid, kept)
	}
	for _, part := range strings.Split(token, ".") {
		if part != "" && strings.Contains(kept, part) {
			t.Errorf("a part of a token is on record: %s", kept)
		}
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(kept), &fields); err != nil {
		t.Fatal(err)
	}
	for _, e := range fields["sessions"].(map[string]any) {
		for name, v := range e.(map[string]any) {
			if text, ok := v.(string); ok && len(text) > 40 {
				t.Errorf("%s is long for what it should be: %q", name, text)
			}
		}
	}
}

// A sign-in by the factor itself begins a session of its own at level 2.
func TestRaisingNobodysSessionBeginsOne(t *testing.T) {
	s := newSignedIn(t, nil)
	plain, sid := s.signIn()
	s.service.tokens = s.tokens
	custom, err := s.service.raise(t.Context(), session.Principal{UID: s.uid}, s.clock.Now(), "", "hwk", "user")
	if err != nil {
		t.Fatal(err)
	}
	list := s.list(s.two, s.emulator.SignInCustom(custom))
	var levels []any
	for _, e := range list {
		if e["id"] == sid && e["current"] == true {
			t.Error("it goes on in somebody's session")
		}
		levels = append(levels, e["level"])
	}
	if len(list) != 2 || !cmp.Equal(levels, []any{2.0, 1.0}) && !cmp.Equal(levels, []any{1.0, 2.0}) {
		t.Errorf("sessions %v", list)
	}
	if got := s.status(plain); got != 200 {
		t.Errorf("the other session: %d", got)
	}
}

// mute cannot mint.
type mute struct{ sessions }

func (mute) CustomTokenWithClaims(context.Context, string, map[string]any) (string, error) {
	return "", errors.New("no key")
}

// When the process dies between record and token, nobody has level 2.
func TestARecordWithoutItsTokenRaisesNothing(t *testing.T) {
	s := newSignedIn(t, nil)
	plain, sid := s.signIn()
	s.service.tokens = mute{s.tokens}
	p := session.Principal{UID: s.uid, Session: sid, StartedAt: s.record().Sessions[sid].StartedAt}
	if _, err := s.service.raise(t.Context(), p, s.clock.Now(), "", "otp"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if got := s.record().Sessions[sid].Level; got != session.SecondFactor {
		t.Fatalf("on record is level %d", got)
	}
	if status, _ := do(t, s.one, "GET", "/v1/audit", plain, nil); status != http.StatusForbidden {
		t.Errorf("a route of level 2 answers %d", status)
	}
}
