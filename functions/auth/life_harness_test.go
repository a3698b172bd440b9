package auth

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// life is the function on the real emulators: two instances of it on one store,
// with one clock for the rules that the test moves, and the machine's for
// sign-ins. Tokens, sign-ins and the browser are real.
type life struct {
	t        *testing.T
	emulator testkit.AuthEmulator
	room     *room
	admin    *person
	// one and two are the instances; requests go to one unless said otherwise.
	one, two http.Handler
	// service and verifier are an instance's own, for what happens within a request.
	service  *service
	verifier session.Verifier
	// site is where the first instance and an empty page are served, as the
	// browser knows it.
	site string
}

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{t: t, emulator: testkit.Auth(t), room: newRoom(t)}
	l.room.clock.Set(clock.System{}.Now())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><title>Research Hub</title><link rel="icon" href="data:,">`)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	l.site = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	l.one, l.two = l.instance(), l.instance()
	mux.Handle("/auth/", l.one)
	return l
}

// instance is one more instance of the function, with its own clients.
func (l *life) instance() http.Handler {
	l.t.Helper()
	admin, err := session.NewAdmin(l.t.Context(), l.emulator.Project)
	if err != nil {
		l.t.Fatal(err)
	}
	s := l.room.instance(admin)
	s.gate.SessionClock = clock.System{}
	s.users, s.signIns = admin, firebaseSignIns{admin}
	if s.party, err = newRelyingParty(l.site, "Research Hub", s.factors.ChallengeFor); err != nil {
		l.t.Fatal(err)
	}
	verifier, err := s.gate.Verifier(l.t.Context(), l.emulator.Project)
	if err != nil {
		l.t.Fatal(err)
	}
	l.service, l.verifier = s, verifier
	return newAPI(s, api.Options{Verifier: verifier, Log: slog.New(slog.DiscardHandler)}).Handler()
}

// person is somebody with a browser: what they know, and one session.
type person struct {
	life            *life
	email, password string
	uid             string
	// id and refresh are the tokens of the session.
	id, refresh string
	// secret is in their authenticator app.
	secret string
}

// person signs up a stranger whose address is confirmed, without an account.
func (l *life) person(domain string) *person {
	l.t.Helper()
	p := &person{life: l, email: l.emulator.Email(domain), password: "correct horse battery"}
	p.uid, _ = l.emulator.SignUp(p.email, p.password)
	l.emulator.Verify(p.uid)
	p.signIn()
	return p
}

// researcher makes an account with a confirmed second factor, signed in at level
// 2, that holds those roles.
func (l *life) researcher(name string, roles ...access.Role) *person {
	l.t.Helper()
	p := l.person("university.example")
	p.want(201, "POST", "/v1/account", profileOf(name))
	if len(roles) > 0 {
		a := l.room.account(p.uid)
		a.AdminRoles = roles
		l.room.put(access.Accounts, p.uid, a)
	}
	p.enrol()
	return p
}

// profileOf is what a researcher tells of themselves.
func profileOf(name string) map[string]any {
	return wholeProfile(name)
}

// enrol adds an authenticator app and goes on at level 2.
func (p *person) enrol() {
	p.life.t.Helper()
	e := p.want(201, "POST", "/v1/factors/totp", map[string]any{})
	p.secret = e["secret"].(string)
	p.raised(p.want(200, "POST", "/v1/factors/totp/"+e["factorId"].(string)+"/confirmation", codeOf(p.code())))
}

// code is what the authenticator app shows; the clock moves on by a step, since
// none is accepted twice.
func (p *person) code() string {
	p.life.t.Helper()
	p.life.room.clock.Advance(30 * time.Second)
	code, err := totp.GenerateCode(p.secret, p.life.room.clock.Now())
	if err != nil {
		p.life.t.Fatal(err)
	}
	return code
}

// raised signs in with the custom token of an answer.
func (p *person) raised(answer map[string]any) {
	p.life.t.Helper()
	token, ok := answer["customToken"].(string)
	if !ok || token == "" {
		p.life.t.Fatalf("no custom token in %v", answer)
	}
	p.session("identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken", map[string]any{"token": token, "returnSecureToken": true})
}

// signIn begins a new session by the password.
func (p *person) signIn() {
	p.life.t.Helper()
	p.session("identitytoolkit.googleapis.com/v1/accounts:signInWithPassword", map[string]any{"email": p.email, "password": p.password, "returnSecureToken": true})
}

// another is the same person with a session of its own, on another device.
func (p *person) another() *person {
	p.life.t.Helper()
	q := *p
	q.signIn()
	return &q
}

// renew takes new tokens with the refresh token, as browsers do every hour. The
// emulator gives them even after the sign-ins were revoked.
func (p *person) renew() {
	p.life.t.Helper()
	p.session("securetoken.googleapis.com/v1/token", map[string]any{"grant_type": "refresh_token", "refresh_token": p.refresh})
}

// session takes the tokens of a sign-in.
func (p *person) session(method string, body map[string]any) {
	p.life.t.Helper()
	status, answer := p.life.firebase("POST", "/"+method+"?key=any", body)
	pick := func(names ...string) string {
		for _, n := range names {
			if s, ok := answer[n].(string); ok && s != "" {
				return s
			}
		}
		p.life.t.Fatalf("%s: %d %v", method, status, answer)
		return ""
	}
	p.id, p.refresh = pick("idToken", "id_token"), pick("refreshToken", "refresh_token")
}

// confirm confirms the address by the code that Firebase mails.
func (p *person) confirm() {
	l := p.life
	l.t.Helper()
	l.firebase("POST", "/identitytoolkit.googleapis.com/v1/accounts:sendOobCode?key=any", map[string]any{"requestType": "VERIFY_EMAIL", "idToken": p.id})
	status, sent := l.firebase("GET", "/emulator/v1/projects/"+url.PathEscape(l.emulator.Project)+"/oobCodes", nil)
	codes, ok := sent["oobCodes"].([]any)
	if !ok {
		l.t.Fatalf("mailed codes: %d %v", status, sent)
	}
	for _, c := range codes {
		if c := c.(map[string]any); c["email"] == p.email && c["requestType"] == "VERIFY_EMAIL" {
			if status, answer := l.firebase("POST", "/identitytoolkit.googleapis.com/v1/accounts:update?key=any", map[string]any{"oobCode": c["oobCode"]}); status != 200 {
				l.t.Fatalf("the code of the mail: %d %v", status, answer)
			}
			return
		}
	}
	l.t.Fatalf("no mail to %s", p.email)
}

// firebase calls Firebase Authentication as a web client does.
func (l *life) firebase(method, path string, body map[string]any) (int, map[string]any) {
	l.t.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			l.t.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(l.t.Context(), method, "http://"+l.emulator.Host+path, payload)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer := map[string]any{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer); err != nil {
		l.t.Fatalf("%s: %v", path, err)
	}
	return resp.StatusCode, answer
}

// do sends a request of the person's session to the first instance.
func (p *person) do(method, path string, body any) (int, map[string]any) {
	p.life.t.Helper()
	return do(p.life.t, p.life.one, method, path, p.id, body)
}

// want sends a request and fails on another status.
func (p *person) want(status int, method, path string, body any) map[string]any {
	p.life.t.Helper()
	got, answer := p.do(method, path, body)
	if got != status {
		p.life.t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
	}
	return answer
}

// out fails unless both instances refuse the session.
func (p *person) out(why string) {
	p.life.t.Helper()
	for i, h := range []http.Handler{p.life.one, p.life.two} {
		if status, answer := do(p.life.t, h, "GET", "/v1/account", p.id, nil); status != 401 {
			p.life.t.Fatalf("%s: instance %d answers %d %v, want 401", why, i+1, status, answer)
		}
	}
}

// stands fails unless the account's tier is that one and exactly that is missing
// for the next tier up.
func (p *person) stands(tier access.Tier, blocked ...string) {
	p.life.t.Helper()
	a := p.want(200, "GET", "/v1/account", nil)
	var got []string
	for _, b := range a["blocked"].([]any) {
		got = append(got, b.(string))
	}
	if a["tier"] != string(tier) || strings.Join(got, " ") != strings.Join(blocked, " ") {
		p.life.t.Fatalf("tier %v, blocked by %v; want %s, blocked by %v", a["tier"], got, tier, blocked)
	}
}

// state is how a module stands for the person.
func (p *person) state(m access.Module) access.ModuleState {
	p.life.t.Helper()
	for _, one := range p.want(200, "GET", "/v1/account", nil)["modules"].([]any) {
		if one := one.(map[string]any); one["module"] == string(m) {
			return access.ModuleState(one["state"].(string))
		}
	}
	p.life.t.Fatalf("no module %s", m)
	return ""
}

// level is what the person's session counts for.
func (p *person) level() float64 {
	p.life.t.Helper()
	return p.want(200, "GET", "/v1/account", nil)["session"].(map[string]any)["level"].(float64)
}
