package auth

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// raise puts on record that the caller's session verified a second factor, by
// those methods (RFC 8176), and mints the token with which the client goes on in
// the same session at level 2. A principal without a session, who has signed in
// by the factor itself, begins one.
//
// The moment is that of the transaction that accepted the factor: a reset or a
// removal after it, even before this is written, is found on the record and
// wins. A process that dies between record and token leaves a session that has
// no token of level 2.
func (s *service) raise(ctx context.Context, p session.Principal, at time.Time, factorID string, methods ...string) (string, error) {
	store := s.gate.Sessions()
	now := s.gate.SessionTime().Now()
	if p.Session == "" {
		// That moment by the sessions' clock, and not now: a sign-out since wins.
		p.Session, p.StartedAt = id.New(id.Session, now), now.Add(at.Sub(s.gate.Clock.Now()))
	}
	err := s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		r, err := store.Read(tx, p.UID)
		if err != nil {
			return err
		}
		if err := r.Raise(p, factorID, methods, session.DeviceFrom(ctx), at, now); err != nil {
			return err
		}
		return store.Write(tx, r, now)
	})
	if err != nil {
		return "", firestorex.Fault("session.raise", err)
	}
	token, err := s.tokens.CustomTokenWithClaims(ctx, p.UID, session.AssuranceClaims(p.Session, at, methods...))
	if err != nil {
		return "", fault.Because(fault.Unavailable, fmt.Errorf("custom token: %w", err), "The session's token could not be made. Try again with the next code.")
	}
	return token, nil
}
