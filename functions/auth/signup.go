package auth

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/firestore"
	firebase "firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/outbox"
)

// signUpRules are the numbers of signing up and of asking for a new password.
type signUpRules struct {
	// Floor is how long an answer takes at least; one that takes longer comes
	// after a whole number of floors.
	Floor time.Duration `env:"HUB_SIGN_UP_FLOOR, default=800ms"`
	// PasswordMin is the least length of a password, in characters: NIST SP
	// 800-63B-4 asks for 8 where a second factor comes on top, and for no rules
	// of composition.
	PasswordMin int `env:"HUB_PASSWORD_MIN, default=8"`
	// PasswordMax bounds it, in bytes, as Firebase does.
	PasswordMax int `env:"HUB_PASSWORD_MAX, default=4096"`
}

// The events that mail a link to an address. Which link it is, package notify
// decides by the state of the sign-in when it sends the mail.
const (
	eventSignUp        = "account.signUp"
	eventExists        = "account.exists"
	eventPasswordReset = "account.passwordReset"
)

// users is what signing up needs of Firebase's Admin SDK.
type users interface {
	GetUserByEmail(ctx context.Context, email string) (*firebase.UserRecord, error)
	CreateUser(ctx context.Context, user *firebase.UserToCreate) (*firebase.UserRecord, error)
}

// plainPassword is a text that no log shows.
type plainPassword string

// String hides the password from fmt and slog.
func (plainPassword) String() string { return "[hidden]" }

// GoString hides it from %#v.
func (plainPassword) GoString() string { return "[hidden]" }

// MarshalText hides it from JSON, which slog's JSON handler uses within structs.
func (plainPassword) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// signUp makes the sign-in of a new address, or does nothing where the address
// has one. Either way the owner of the address is mailed what to do, and the
// caller hears the same after the same time: who has an account is nobody's
// business. For the same reason both ways make the same calls, in vain or not.
func (s *service) signUp(ctx context.Context, email string, secret plainPassword, network string) error {
	var f form
	email = f.address("body.email", email)
	s.signUps.checkPassword(&f, email, secret)
	if err := f.Err(); err != nil {
		return err
	}
	if err := s.allowMail(ctx, limitSignUpNetwork, network, limitSignUpAddress, email); err != nil {
		return err
	}
	return s.signUps.evenly(ctx, func(ctx context.Context) error {
		there, err := s.userOf(ctx, email)
		if err != nil {
			return err
		}
		made, err := s.users.CreateUser(ctx, (&firebase.UserToCreate{}).Email(email).Password(string(secret)))
		switch {
		case err == nil:
			return s.tell(ctx, eventSignUp, made.UID)
		case !firebase.IsEmailAlreadyExists(err):
			return errSignIn(err)
		case there == "": // somebody else was faster, since the look
			if there, err = s.userOf(ctx, email); err != nil {
				return err
			}
		}
		return s.tell(ctx, eventExists, there)
	})
}

// resetPassword has the owner of an address mailed a link to choose a new
// password. An address without an account gets no mail, and the caller hears
// the same after the same time.
func (s *service) resetPassword(ctx context.Context, email, network string) error {
	var f form
	email = f.address("body.email", email)
	if err := f.Err(); err != nil {
		return err
	}
	if err := s.allowMail(ctx, limitResetNetwork, network, limitResetAddress, email); err != nil {
		return err
	}
	return s.signUps.evenly(ctx, func(ctx context.Context) error {
		uid, err := s.userOf(ctx, email)
		if err != nil {
			return err
		}
		return s.tell(ctx, eventPasswordReset, uid)
	})
}

// allowMail counts what sends mail, by network and by address.
func (s *service) allowMail(ctx context.Context, byNetwork limited, network string, byAddress limited, email string) error {
	if err := s.limits.allow(ctx, byNetwork, network); err != nil {
		return err
	}
	return s.limits.allow(ctx, byAddress, email)
}

// userOf gives the uid that an address signs in to, "" for none.
func (s *service) userOf(ctx context.Context, email string) (string, error) {
	u, err := s.users.GetUserByEmail(ctx, email)
	switch {
	case err == nil:
		return u.UID, nil
	case firebase.IsUserNotFound(err):
		return "", nil
	default:
		return "", errSignIn(err)
	}
}

func errSignIn(cause error) error {
	return fault.Because(fault.Unavailable, cause, "Sign-in is not reachable right now. Try again.")
}

// visitor is the actor of what is asked for without signing in.
var visitor = audit.System("visitor")

// tell writes the event that sends the mail, with its audit entry: nobody is
// signed in, so its actor is a visitor. An event for nobody is written as well; notify
// takes it and does nothing. An attempt that ends before this is made up for by
// the next one: it finds the address taken and mails its owner.
func (s *service) tell(ctx context.Context, event, uid string) error {
	client, target := s.gate.Client, ""
	if uid != "" {
		target = access.Accounts + "/" + uid
	}
	var eventID string
	err := client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		now := s.gate.Clock.Now()
		var err error
		if eventID, err = outbox.Add(tx, client, outbox.Event{Type: event, At: now, UID: uid, Target: target}); err != nil {
			return err
		}
		return audit.Add(tx, client, audit.Entry{At: now, Request: o11y.RequestID(ctx), Actor: visitor, Act: event, Target: target})
	})
	if err != nil {
		return firestorex.Fault(event, err)
	}
	s.events.Send(ctx, eventID)
	return nil
}

// evenly does it and comes back after a whole number of floors, so that how
// long it took tells nothing. The clock is the machine's: it is what a caller
// measures by.
func (r signUpRules) evenly(ctx context.Context, do func(context.Context) error) error {
	start := time.Now()
	err := do(ctx)
	if r.Floor <= 0 {
		return err
	}
	t := time.NewTimer(r.Floor - time.Since(start)%r.Floor)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return err
}

// checkPassword asks for length and for nothing that an attacker tries first.
// Firebase hashes the password; the hub never keeps it.
func (r signUpRules) checkPassword(f *form, email string, secret plainPassword) {
	const at = "body.password"
	local, _, _ := strings.Cut(email, "@")
	switch lower := strings.ToLower(string(secret)); {
	case utf8.RuneCountInString(string(secret)) < r.PasswordMin:
		f.Say(at, "Use at least %d characters. A few words in a row are good.", r.PasswordMin)
	case len(secret) > r.PasswordMax:
		f.Say(at, "Use at most %d bytes.", r.PasswordMax)
	case !utf8.ValidString(string(secret)):
		f.Say(at, "Use characters of Unicode.")
	case lower == email || lower == local:
		f.Say(at, "Do not use the e-mail address as the password.")
	}
}
