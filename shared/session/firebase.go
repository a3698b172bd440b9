package session

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
)

// tokens and users are what Firebase needs of the Admin SDK; tests give fakes.
type tokens interface {
	VerifyIDToken(ctx context.Context, idToken string) (*auth.Token, error)
	GetUser(ctx context.Context, uid string) (*auth.UserRecord, error)
}

// Idle says how long a session may stay unused. The limit depends on the
// account's tier, which is looked up only for a session that has been idle for
// longer than Shortest.
type Idle struct {
	Shortest, Longest time.Duration
	// Of is the limit of one account.
	Of func(ctx context.Context, uid string) (time.Duration, error)
}

// Options are what the verifier works with beside Firebase.
type Options struct {
	Sessions *Store
	Idle     Idle
	// Clock is the time that sessions go by. Tokens are judged by the machine's.
	Clock clock.Clock
}

// Firebase verifies tokens with the Admin SDK, and looks at the account and its
// record of sessions.
type Firebase struct {
	client tokens
	Options
}

// NewFirebase builds the verifier for one project.
func NewFirebase(ctx context.Context, project string, o Options) (*Firebase, error) {
	client, err := NewAdmin(ctx, project)
	if err != nil {
		return nil, err
	}
	return &Firebase{client, o}, nil
}

// NewAdmin builds the Admin SDK's client. It honours
// FIREBASE_AUTH_EMULATOR_HOST, where tokens are unsigned: fn refuses to start
// with that variable in the cloud.
func NewAdmin(ctx context.Context, project string) (*auth.Client, error) {
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project})
	if err != nil {
		return nil, fmt.Errorf("firebase: %w", err)
	}
	client, err := app.Auth(ctx)
	if err != nil {
		return nil, fmt.Errorf("firebase auth: %w", err)
	}
	return client, nil
}

// The claims of a session's assurance. They may ride in a session's token only,
// never in a user's claims. The standard name of the methods, "amr" (RFC 8176),
// is one that Firebase keeps for itself.
const (
	claimLevel   = "aal"
	claimMethods = "aam"
	claimAt      = "aat"
	claimSession = "sid"
)

var assuranceClaims = []string{claimLevel, claimMethods, claimAt, claimSession}

// AssuranceClaims are the developer claims of a custom token for the session of
// that identifier, in which a second factor was verified at that time by those
// methods (RFC 8176 names). Verify reads them back, and takes them only while
// the session is on record.
func AssuranceClaims(sid string, at time.Time, methods ...string) map[string]any {
	return map[string]any{claimSession: sid, claimLevel: int(SecondFactor), claimMethods: methods, claimAt: at.Unix()}
}

// errToken is one answer for every bad token, so that nobody learns why.
func errToken(cause error) error {
	return fault.Because(fault.Unauthenticated, cause, "The session is not valid or has ended. Sign in again.")
}

func errUnchecked(cause error) error {
	return fault.Because(fault.Unavailable, cause, "Sign-in cannot be checked right now. Try again.")
}

// Verify checks signature, project and expiry locally (the SDK keeps Google's
// keys), then asks at once for the account and for its sessions: whether the
// account is disabled, signed out everywhere, or carries assurance claims that
// it must not have; whether the session was ended or has been idle for too long.
// What cannot be asked is fault.Unavailable: nobody comes in unchecked.
func (f *Firebase) Verify(ctx context.Context, raw string) (Principal, error) {
	tok, err := f.client.VerifyIDToken(ctx, raw)
	if err != nil {
		if auth.IsCertificateFetchFailed(err) {
			return Principal{}, errUnchecked(err)
		}
		return Principal{}, errToken(err)
	}
	var (
		record  Record
		written time.Time
		failed  error
		read    = make(chan struct{})
	)
	go func() {
		defer close(read)
		record, written, failed = f.Sessions.get(ctx, tok.UID)
	}()
	user, err := f.client.GetUser(ctx, tok.UID)
	<-read
	if err := checkUser(tok, user, err); err != nil {
		return Principal{}, err
	}
	if failed != nil {
		return Principal{}, errUnchecked(failed)
	}
	p, raised, err := principal(tok, user)
	if err != nil {
		return Principal{}, errToken(err)
	}
	return f.inSession(ctx, p, raised, record, written)
}

// checkUser judges the account that a token names.
func checkUser(tok *auth.Token, user *auth.UserRecord, err error) error {
	switch {
	case auth.IsUserNotFound(err):
		return errToken(err)
	case err != nil:
		return errUnchecked(err)
	case user.Disabled:
		return errToken(fmt.Errorf("account %s is disabled", tok.UID))
	case tok.AuthTime*1000 < user.TokensValidAfterMillis:
		return errToken(fmt.Errorf("session of %s was signed out", tok.UID))
	}
	for _, name := range assuranceClaims {
		if _, there := user.CustomClaims[name]; there {
			return errToken(fmt.Errorf("account %s carries the claim %s at user level", tok.UID, name))
		}
	}
	return nil
}

// inSession judges the principal's session by the record and writes down its
// use. That this is not written is not the caller's failure: the next request
// does it.
func (f *Firebase) inSession(ctx context.Context, p Principal, raised bool, r Record, written time.Time) (Principal, error) {
	e, ok := r.standing(p, raised)
	if !ok {
		return Principal{}, errToken(fmt.Errorf("session %s of %s was ended", p.Session, p.UID))
	}
	now := f.Clock.Now()
	if idle := now.Sub(e.LastUsedAt); idle > f.Idle.Shortest {
		limit := f.Idle.Longest
		if idle <= limit {
			var err error
			if limit, err = f.Idle.Of(ctx, p.UID); err != nil {
				return Principal{}, errUnchecked(err)
			}
		}
		if idle > limit {
			// On record, so that a tier reached later does not bring it back.
			if r.endIdle(p, now) {
				f.keep(ctx, r, written, now)
			}
			return Principal{}, errToken(fmt.Errorf("session %s of %s was idle for %s", p.Session, p.UID, idle))
		}
	}
	p.StartedAt = e.StartedAt
	if raised && e.Level < p.Level {
		p.Level = e.Level
	}
	if r.observe(p, DeviceFrom(ctx), now) {
		f.keep(ctx, r, written, now)
	}
	return p, nil
}

// keepFor bounds what writing a use down may cost the caller.
const keepFor = 3 * time.Second

// keep saves what was observed. Somebody may have changed the record since it
// was read: then it is their change that stands, and the next request observes
// again.
func (f *Firebase) keep(ctx context.Context, r Record, written, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, keepFor)
	defer cancel()
	if err := f.Sessions.save(ctx, r, written, now); err != nil && !fault.Is(err, fault.Stale) && !fault.Is(err, fault.Conflict) {
		slog.WarnContext(ctx, "the use of a session was not written down", "error", err.Error())
	}
}

// principal reads the token. raised says that the session's claims are of a
// custom token of ours.
func principal(tok *auth.Token, user *auth.UserRecord) (p Principal, raised bool, err error) {
	p = Principal{
		UID: tok.UID, Email: user.Email, EmailVerified: user.EmailVerified,
		Level: SignedIn, AuthTime: time.Unix(tok.AuthTime, 0).UTC(),
	}
	p.Session, p.StartedAt = IDOf(p.UID, p.AuthTime), p.AuthTime
	if sid, there := tok.Claims[claimSession]; there {
		name, ok := sid.(string)
		if !ok || id.Check(id.Session, name) != nil {
			return p, false, fmt.Errorf("a token of %s names no session", p.UID)
		}
		p.Session, raised = name, true
	}
	if aal, ok := tok.Claims[claimLevel].(float64); ok && aal == float64(SecondFactor) {
		if !raised {
			return p, false, fmt.Errorf("a token of %s has a level and names no session", p.UID)
		}
		p.Level = SecondFactor
		if at, ok := tok.Claims[claimAt].(float64); ok {
			p.SecondFactorAt = time.Unix(int64(at), 0).UTC()
		}
	}
	if list, ok := tok.Claims[claimMethods].([]any); ok {
		for _, m := range list {
			if s, ok := m.(string); ok {
				p.Methods = append(p.Methods, s)
			}
		}
	}
	if tok.Firebase.SignInProvider == "password" {
		p.Methods = append(p.Methods, "pwd")
	}
	// Identity Platform's own second factor; the SDK's FirebaseInfo lacks the field.
	if fb, ok := tok.Claims["firebase"].(map[string]any); ok {
		if s, ok := fb["sign_in_second_factor"].(string); ok && s != "" {
			p.Level = SecondFactor
			p.Methods = append(p.Methods, s)
			if p.SecondFactorAt.IsZero() {
				p.SecondFactorAt = p.AuthTime
			}
		}
	}
	return p, raised, nil
}
