package access

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// Collections that more than one room reads.
const (
	Accounts     = "accounts"
	Institutions = "institutions"
	Workspaces   = "workspaces"
)

// Gate answers, from Firestore and the clock, what a principal may do now.
type Gate struct {
	Client *firestore.Client
	Rules  Rules
	Clock  clock.Clock
	// SessionClock is the time that sessions go by; nil for the machine's, which
	// their tokens go by as well.
	SessionClock clock.Clock
}

// Account reads the account of a uid, as Record does. A caller who asks for
// their own with a session of level 2 hears fault.Assurance when the second
// factors were reset after this session's was verified: so that every room which
// asks the gate refuses such a session, revoked or not.
func (g *Gate) Account(ctx context.Context, uid string) (Account, error) {
	a, err := g.Record(ctx, uid)
	if err != nil {
		return a, err
	}
	if p, ok := session.From(ctx); ok && p.UID == uid {
		return a, fresh(a, p)
	}
	return a, nil
}

// fresh refuses a session of level 2 that counts for less.
func fresh(a Account, p session.Principal) error {
	if a.Level(p) == p.Level {
		return nil
	}
	return fault.New(fault.Assurance, "The second factors of this account were reset: sign in again and verify a new one.")
}

// Enabled is the account of a caller who may use it: the way in for what belongs
// to an account and to no workspace. A disabled account is fault.Denied, one
// that is not set up fault.NotFound. It does not look at the session's level:
// ask Account.Level, or Caller where the route needs level 2.
func (g *Gate) Enabled(ctx context.Context, p session.Principal) (Account, error) {
	a, err := g.Record(ctx, p.UID)
	if err == nil && a.Disabled {
		err = fault.New(fault.Denied, "This account is disabled. Ask the programme's access team.")
	}
	return a, err
}

// Caller is Enabled for routes of level 2: it refuses, as Account does, a second
// factor of before a reset.
func (g *Gate) Caller(ctx context.Context, p session.Principal) (Account, error) {
	a, err := g.Enabled(ctx, p)
	if err == nil {
		err = fresh(a, p)
	}
	return a, err
}

// Record reads the account of a uid, whatever the session. Somebody who has
// signed in but not signed up is fault.NotFound with what to do.
func (g *Gate) Record(ctx context.Context, uid string) (Account, error) {
	var a Account
	snap, err := g.Client.Collection(Accounts).Doc(uid).Get(ctx)
	if err != nil {
		if f := firestorex.Fault("access.account", err); fault.Is(f, fault.NotFound) {
			return a, fault.Because(fault.NotFound, err, "This account is not set up yet: create its profile first.")
		} else {
			return a, f
		}
	}
	if err := snap.DataTo(&a); err != nil {
		return Account{}, fault.Wrap("access.account", err)
	}
	return a, nil
}

// Status gives the account with its effective tier at this moment. It refuses
// what Account refuses.
func (g *Gate) Status(ctx context.Context, uid string) (Account, Status, error) {
	a, err := g.Account(ctx, uid)
	if err != nil {
		return a, Status{}, err
	}
	st, err := g.StatusOf(ctx, a)
	return a, st, err
}

// StatusOf computes how an account that has been read stands at this moment.
func (g *Gate) StatusOf(ctx context.Context, a Account) (Status, error) {
	var inst Institution
	if a.InstitutionID != "" {
		snap, err := g.Client.Collection(Institutions).Doc(a.InstitutionID).Get(ctx)
		switch f := firestorex.Fault("access.institution", err); {
		case fault.Is(f, fault.NotFound): // no institution, no tier
		case f != nil:
			return Status{}, f
		default:
			if err := snap.DataTo(&inst); err != nil {
				return Status{}, fault.Wrap("access.institution", err)
			}
		}
	}
	return Evaluate(a, inst, g.Rules, g.Clock.Now()), nil
}

// Tier is the effective tier of a uid at this moment.
func (g *Gate) Tier(ctx context.Context, uid string) (Tier, error) {
	_, s, err := g.Status(ctx, uid)
	return s.Tier, err
}

// Workspace reads a workspace for one act of the principal, or says why not.
// The etag of what was read comes with it.
func (g *Gate) Workspace(ctx context.Context, p session.Principal, workspaceID string, act Action) (Workspace, string, error) {
	var w Workspace
	if err := id.Check(id.Workspace, workspaceID); err != nil {
		return w, "", fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
	}
	snap, err := g.Client.Collection(Workspaces).Doc(workspaceID).Get(ctx)
	if f := firestorex.Fault("access.workspace", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return w, "", fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
		}
		return w, "", f
	}
	if err := snap.DataTo(&w); err != nil {
		return w, "", fault.Wrap("access.workspace", err)
	}
	tier, err := g.Tier(session.With(ctx, p), p.UID)
	if err != nil {
		return Workspace{}, "", err
	}
	if err := May(w, p.UID, tier, act); err != nil {
		return Workspace{}, "", err
	}
	return w, firestorex.ETag(snap.UpdateTime), nil
}

// RequireRole lets an admin act through: the account is enabled and holds the role.
func (g *Gate) RequireRole(ctx context.Context, p session.Principal, r Role) error {
	a, err := g.Account(session.With(ctx, p), p.UID)
	if err != nil {
		return err
	}
	if !a.Has(r) {
		return fault.New(fault.Denied, "This needs the admin role %s.", r)
	}
	return nil
}
