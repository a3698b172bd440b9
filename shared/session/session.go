// Package session says who is calling: it verifies the ID token of Firebase
// Authentication and gives the principal with the session's assurance level.
//
// The assurance level belongs to the session, not to the user (NIST 800-63B):
// after a second factor the auth function mints a custom token whose developer
// claims (aal, aam, aat, sid) ride in this session's ID tokens only. Identity
// Platform's own second factor counts as level 2 as well. An account that
// carries these claims at user level is refused: they would raise every session.
package session

import (
	"context"
	"net/http"
	"strings"
	"time"

	"researchhub.example/hub/shared/fault"
)

// Level is an authenticator assurance level.
type Level int

// The levels. Every workspace, cohort, billing and dissemination call needs
// SecondFactor.
const (
	Public       Level = 0 // nobody is signed in, or it does not matter who
	SignedIn     Level = 1 // a valid primary sign-in
	SecondFactor Level = 2 // and a second factor verified in this session
)

// Principal is the caller of one request.
type Principal struct {
	// UID is the account's identifier in Firebase Authentication.
	UID string
	// Email is the address that the account signed up with.
	Email string
	// EmailVerified is true once the address has been confirmed.
	EmailVerified bool
	// Level is what this session has proved.
	Level Level
	// Methods lists how (RFC 8176 names, such as "pwd", "otp").
	Methods []string
	// AuthTime is when the primary sign-in happened.
	AuthTime time.Time
	// SecondFactorAt is when the second factor was last verified, zero for never.
	SecondFactorAt time.Time
	// Session identifies this session among the account's; it stays the same when
	// a second factor raises it.
	Session string
	// StartedAt is when the session began: its first primary sign-in.
	StartedAt time.Time
}

// Verifier turns a raw ID token into a principal. An invalid, expired, foreign
// or revoked token is fault.Unauthenticated.
type Verifier interface {
	Verify(ctx context.Context, rawIDToken string) (Principal, error)
}

type principalKey struct{}

// With puts the principal into the context.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From is the principal of the request that ctx belongs to; false where nobody
// is signed in.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// Must is From for operations that the front door has already guarded. The
// panic is a programming fault: a route without a level.
func Must(ctx context.Context) Principal {
	p, ok := From(ctx)
	if !ok {
		panic("session: no principal behind the front door")
	}
	return p
}

// maxTokenBytes bounds a token before anything parses it. Firebase's are below 2 KiB.
const maxTokenBytes = 8 << 10

// Bearer takes the token out of an Authorization header; "" where there is none.
func Bearer(h http.Header) (string, error) {
	v := h.Get("Authorization")
	if v == "" {
		return "", nil
	}
	scheme, token, ok := strings.Cut(v, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxTokenBytes {
		return "", fault.New(fault.Unauthenticated, "Send the ID token as 'Authorization: Bearer <token>'.")
	}
	return token, nil
}

// Check is the one place that compares a session with what a route needs.
func Check(p Principal, signedIn bool, need Level) error {
	switch {
	case need <= Public:
		return nil
	case !signedIn:
		return fault.New(fault.Unauthenticated, "Sign in first.")
	case p.Level < need:
		return fault.New(fault.Assurance, "This session needs a second factor: verify a code, then try again.")
	default:
		return nil
	}
}
