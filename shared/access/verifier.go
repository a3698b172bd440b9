package access

import (
	"context"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// Verifier is the one way in: it verifies ID tokens of the project, and asks
// the gate's store whether the session counts. The longer idle limit is for
// those who have the tier at that moment.
func (g *Gate) Verifier(ctx context.Context, project string) (session.Verifier, error) {
	return session.NewFirebase(ctx, project, session.Options{
		Sessions: g.Sessions(),
		Clock:    g.SessionTime(),
		Idle: session.Idle{
			Shortest: min(g.Rules.IdleRegistered, g.Rules.IdleControlled),
			Longest:  max(g.Rules.IdleRegistered, g.Rules.IdleControlled),
			Of:       g.IdleLimit,
		},
	})
}

// Sessions is the store of the sessions' records.
func (g *Gate) Sessions() *session.Store {
	return &session.Store{Client: g.Client, Longest: max(g.Rules.IdleRegistered, g.Rules.IdleControlled)}
}

// SessionTime is the time that sessions go by.
func (g *Gate) SessionTime() clock.Clock {
	if g.SessionClock == nil {
		return clock.System{}
	}
	return g.SessionClock
}

// IdleLimit is how long a session of the account may stay unused now. Somebody
// who has no account yet has no tier either.
func (g *Gate) IdleLimit(ctx context.Context, uid string) (time.Duration, error) {
	a, err := g.Record(ctx, uid)
	if fault.Is(err, fault.NotFound) {
		return g.Rules.Idle(PublicTier), nil
	} else if err != nil {
		return 0, err
	}
	st, err := g.StatusOf(ctx, a)
	return g.Rules.Idle(st.Tier), err
}
