package auth

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// routesOfSessions registers what people do with their own sessions. It needs no
// account: somebody who has not finished signing up can sign out as well.
func (s *service) routesOfSessions(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/sessions", ID: "listSessions", Summary: "The caller's sessions", Access: api.SignedIn, Rule: access.Own,
		Description: "Those that count now, the last used one first; at most 200."}, s.getSessions)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/sessions/{session}", ID: "endSession", Summary: "End one session", Access: api.SignedIn, Rule: access.Own, Status: 204,
		Description: "It is refused from the next request on, whatever token it holds. A session that has ended already stays ended."}, s.deleteSession)
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/sessions", ID: "signOutEverywhere", Summary: "Sign out everywhere", Access: api.SignedIn, Rule: access.Own, Status: 204,
		Description: "Ends every session of the account, the caller's too unless keepThis is true."}, s.deleteSessions)
}

// sessionItem is one session as its owner sees it.
type sessionItem struct {
	ID         string        `json:"id"`
	Current    bool          `json:"current" doc:"Whether it is the one that asks."`
	Device     deviceView    `json:"device"`
	StartedAt  time.Time     `json:"startedAt"`
	LastUsedAt time.Time     `json:"lastUsedAt" doc:"To the minute."`
	Level      session.Level `json:"level" doc:"1 after the primary sign-in, 2 after a second factor."`
	Methods    []string      `json:"methods" doc:"How, by RFC 8176's names."`
}

type deviceView struct {
	UserAgent string `json:"userAgent" doc:"The browser or program, by what it called itself when the session began: Firefox on Linux."`
	IP        string `json:"ip,omitempty" doc:"The network that it came from: a /24 of IPv4, a /48 of IPv6."`
}

type sessionsOut struct {
	Body struct {
		Sessions []sessionItem `json:"items"`
	}
}

func (s *service) getSessions(ctx context.Context, _ *struct{}) (*sessionsOut, error) {
	p := session.Must(ctx)
	r, err := s.gate.Sessions().Get(ctx, p.UID)
	if err != nil {
		return nil, firestorex.Fault("session.list", err)
	}
	limit, err := s.gate.IdleLimit(ctx, p.UID)
	if err != nil {
		return nil, err
	}
	now := s.gate.SessionTime().Now()
	if err := r.Hold(p, session.DeviceFrom(ctx), now); err != nil {
		return nil, err
	}
	out := &sessionsOut{}
	out.Body.Sessions = []sessionItem{}
	for _, e := range r.Live(now, limit) {
		out.Body.Sessions = append(out.Body.Sessions, sessionItem{
			ID: e.ID, Current: e.ID == p.Session, Device: deviceView{e.Device.Program, e.Device.Network},
			StartedAt: e.StartedAt, LastUsedAt: e.LastUsedAt, Level: e.Level, Methods: append([]string{}, e.Methods...),
		})
	}
	return out, nil
}

func (s *service) deleteSession(ctx context.Context, in *struct {
	Session string `path:"session" maxLength:"64" doc:"An identifier of the list; current for the session that asks."`
}) (*struct{}, error) {
	p, sid := session.Must(ctx), in.Session
	if sid == "current" {
		sid = p.Session
	}
	return nil, s.endSession(ctx, p, sid)
}

// endSession ends one session of the caller's account.
func (s *service) endSession(ctx context.Context, p session.Principal, sid string) error {
	if id.Check(id.Session, sid) != nil {
		return errNoSession()
	}
	return s.onSessions(ctx, "session.end", p, func(r *session.Record, now time.Time) (*audit.Entry, error) {
		if _, known := r.Sessions[sid]; !known {
			return nil, errNoSession()
		}
		if !r.End(sid, p.UID, now) {
			return nil, nil
		}
		return &audit.Entry{Target: sessionPath(p.UID, sid), Before: "in use", After: "ended"}, nil
	})
}

func (s *service) deleteSessions(ctx context.Context, in *struct {
	KeepThis bool `query:"keepThis" doc:"Keep the session that asks."`
}) (*struct{}, error) {
	return nil, s.endSessions(ctx, session.Must(ctx), in.KeepThis)
}

// endSessions ends all sessions of the caller's account, known or not, but the
// caller's own where it is kept. What counts is the record. That Firebase takes
// the refresh tokens back too is for other users of the same sign-in: it takes
// all or none, so not where one is kept, and it may fail without harm.
func (s *service) endSessions(ctx context.Context, p session.Principal, keepThis bool) error {
	keep := ""
	if keepThis {
		keep = p.Session
	}
	err := s.onSessions(ctx, "session.endAll", p, func(r *session.Record, now time.Time) (*audit.Entry, error) {
		after := "all ended"
		if keepThis {
			after = "all ended but the caller's"
		}
		n := r.EndAll(keep, now)
		return &audit.Entry{Target: session.Collection + "/" + p.UID, Before: fmt.Sprintf("%d to end", n), After: after}, nil
	})
	if err != nil || keepThis {
		return err
	}
	if err := s.tokens.RevokeRefreshTokens(ctx, p.UID); err != nil {
		slog.WarnContext(ctx, "refresh tokens of ended sessions were not taken back; the hub refuses them all the same", "error", err.Error())
	}
	return nil
}

// onSessions changes the caller's record of sessions in a transaction, with an
// audit entry of that act where the change gives one; without one nothing has
// changed.
func (s *service) onSessions(ctx context.Context, act string, p session.Principal, change func(*session.Record, time.Time) (*audit.Entry, error)) error {
	store := s.gate.Sessions()
	err := s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		r, err := store.Read(tx, p.UID)
		if err != nil {
			return err
		}
		now := s.gate.SessionTime().Now()
		if err := r.Hold(p, session.DeviceFrom(ctx), now); err != nil {
			return err
		}
		e, err := change(&r, now)
		if err != nil || e == nil {
			return err
		}
		if err := store.Write(tx, r, now); err != nil {
			return err
		}
		e.Actor, e.Act, e.At = p.UID, act, s.gate.Clock.Now()
		return audit.Add(tx, s.gate.Client, *e)
	})
	return firestorex.Fault(act, err)
}

// forgetSessions ends every session of an account inside a transaction, ahead of
// its writes: what an admin does is in force at once, whatever becomes of the
// call that takes the refresh tokens back.
func (s *service) forgetSessions(tx *firestore.Transaction, uid string) (func() error, error) {
	store := s.gate.Sessions()
	r, err := store.Read(tx, uid)
	if err != nil {
		return nil, err
	}
	return func() error {
		now := s.gate.SessionTime().Now()
		r.EndAll("", now)
		return store.Write(tx, r, now)
	}, nil
}

func errNoSession() error {
	return fault.New(fault.NotFound, "There is no such session, or it ended long ago. See GET /auth/v1/sessions.")
}

func sessionPath(uid, sid string) string { return session.Collection + "/" + uid + "/" + sid }
