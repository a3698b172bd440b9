package session

import (
	"context"
	"fmt"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/fault"
)

// tokens and users are what Firebase needs of the Admin SDK; tests give fakes.
type tokens interface {
	VerifyIDToken(ctx context.Context, idToken string) (*auth.Token, error)
	GetUser(ctx context.Context, uid string) (*auth.UserRecord, error)
}

// Firebase verifies tokens with the Admin SDK.
type Firebase struct{ client tokens }

// NewFirebase builds the verifier for one project.
func NewFirebase(ctx context.Context, project string) (*Firebase, error) {
	client, err := NewAdmin(ctx, project)
	if err != nil {
		return nil, err
	}
	return &Firebase{client}, nil
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
)

var assuranceClaims = []string{claimLevel, claimMethods, claimAt}

// AssuranceClaims are the developer claims of a custom token for a session in
// which a second factor was verified at that time by those methods (RFC 8176
// names). Verify reads them back.
func AssuranceClaims(at time.Time, methods ...string) map[string]any {
	return map[string]any{claimLevel: int(SecondFactor), claimMethods: methods, claimAt: at.Unix()}
}

// errToken is one answer for every bad token, so that nobody learns why.
func errToken(cause error) error {
	return fault.Because(fault.Unauthenticated, cause, "The session is not valid or has ended. Sign in again.")
}

// Verify checks signature, project and expiry locally, then asks once for the
// account: whether it is disabled, signed out everywhere, or carries assurance
// claims that it must not have.
func (f *Firebase) Verify(ctx context.Context, raw string) (Principal, error) {
	tok, err := f.client.VerifyIDToken(ctx, raw)
	if err != nil {
		if auth.IsCertificateFetchFailed(err) {
			return Principal{}, fault.Because(fault.Unavailable, err, "Sign-in cannot be checked right now. Try again.")
		}
		return Principal{}, errToken(err)
	}
	user, err := f.client.GetUser(ctx, tok.UID)
	switch {
	case auth.IsUserNotFound(err):
		return Principal{}, errToken(err)
	case err != nil:
		return Principal{}, fault.Because(fault.Unavailable, err, "Sign-in cannot be checked right now. Try again.")
	case user.Disabled:
		return Principal{}, errToken(fmt.Errorf("account %s is disabled", tok.UID))
	case tok.AuthTime*1000 < user.TokensValidAfterMillis:
		return Principal{}, errToken(fmt.Errorf("session of %s was signed out", tok.UID))
	}
	for _, name := range assuranceClaims {
		if _, there := user.CustomClaims[name]; there {
			return Principal{}, errToken(fmt.Errorf("account %s carries the claim %s at user level", tok.UID, name))
		}
	}
	return principal(tok, user), nil
}

func principal(tok *auth.Token, user *auth.UserRecord) Principal {
	p := Principal{
		UID: tok.UID, Email: user.Email, EmailVerified: user.EmailVerified,
		Level: SignedIn, AuthTime: time.Unix(tok.AuthTime, 0).UTC(),
	}
	if aal, ok := tok.Claims[claimLevel].(float64); ok && aal == float64(SecondFactor) {
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
	return p
}
