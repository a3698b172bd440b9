package access

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// Collections that more than one room reads.
const (
	Accounts     = "accounts"
	Institutions = "institutions"
	Workspaces   = "workspaces"
)

// Gate answers, from Firestore and the clock, what a principal may do now.
//
// The front door's Authorize leaves what it read (account, institution,
// workspace: facts, no verdict) in the request's context, and Account, Enabled,
// Caller, Status, Tier, Workspace and RequireRole take it from there for the same
// person and workspace, so that a request reads each once. It lives as long as
// the request. What changes a record and then answers, or decides inside a
// transaction, must not take it from there: Record, StatusOf and every read
// through a transaction always ask the store.
type Gate struct {
	Client *firestore.Client
	Rules  Rules
	Clock  clock.Clock
	// SessionClock is the time that sessions go by; nil for the machine's, which
	// their tokens go by as well.
	SessionClock clock.Clock
}

// person is the account of a uid with what else this request has read.
func (g *Gate) person(ctx context.Context, uid string) (*seen, error) {
	s := g.remembered(ctx, uid)
	if s == nil {
		var err error
		if s, err = g.look(ctx, uid, ""); err != nil {
			return nil, err
		}
	}
	if !s.hasAccount {
		return nil, errNoAccount()
	}
	return s, nil
}

// Account reads the account of a uid. A caller who asks for their own with a
// session of level 2 hears fault.Assurance when the second factors were reset
// after this session's was verified: so that every room which asks the gate
// refuses such a session, revoked or not.
func (g *Gate) Account(ctx context.Context, uid string) (Account, error) {
	s, err := g.own(ctx, uid)
	if s == nil {
		return Account{}, err
	}
	return s.account, err
}

// own is person, without those whose session counts for less than it says.
func (g *Gate) own(ctx context.Context, uid string) (*seen, error) {
	s, err := g.person(ctx, uid)
	if err != nil {
		return nil, err
	}
	if p, ok := session.From(ctx); ok && p.UID == uid {
		err = fresh(s.account, p)
	}
	return s, err
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
	s, err := g.person(ctx, p.UID)
	if err != nil {
		return Account{}, err
	}
	if s.account.Disabled {
		return s.account, errDisabled()
	}
	return s.account, nil
}

// Caller is Enabled for routes of level 2: it refuses, as Account does and first,
// a second factor of before a reset.
func (g *Gate) Caller(ctx context.Context, p session.Principal) (Account, error) {
	a, err := g.Account(session.With(ctx, p), p.UID)
	if err == nil && a.Disabled {
		err = errDisabled()
	}
	return a, err
}

// Record reads the account of a uid from the store, whatever the session and
// whatever this request has read before. Somebody who has signed in but not
// signed up is fault.NotFound with what to do.
func (g *Gate) Record(ctx context.Context, uid string) (Account, error) {
	snap, err := g.Client.Collection(Accounts).Doc(uid).Get(ctx)
	a, found, err := firestorex.Decode[Account]("access.account", snap, err)
	if err == nil && !found {
		err = errNoAccount()
	}
	return a, firestorex.Fault("access.account", err)
}

// Status gives the account with its effective tier at this moment. It refuses
// what Account refuses.
func (g *Gate) Status(ctx context.Context, uid string) (Account, Status, error) {
	s, err := g.own(ctx, uid)
	if err != nil {
		return Account{}, Status{}, err
	}
	st, err := g.standing(ctx, s)
	return s.account, st, err
}

// StatusOf computes how an account that has been read stands at this moment. It
// reads the institution from the store.
func (g *Gate) StatusOf(ctx context.Context, a Account) (Status, error) {
	inst, err := g.institution(ctx, a.InstitutionID)
	if err != nil {
		return Status{}, err
	}
	return Evaluate(a, inst, g.Rules, g.Clock.Now()), nil
}

// institution reads an institution; the zero one, which allows nothing, where
// there is none.
func (g *Gate) institution(ctx context.Context, institutionID string) (Institution, error) {
	if institutionID == "" {
		return Institution{}, nil
	}
	snap, err := g.Client.Collection(Institutions).Doc(institutionID).Get(ctx)
	inst, _, err := firestorex.Decode[Institution]("access.institution", snap, err)
	return inst, firestorex.Fault("access.institution", err)
}

// Tier is the effective tier of a uid at this moment.
func (g *Gate) Tier(ctx context.Context, uid string) (Tier, error) {
	_, s, err := g.Status(ctx, uid)
	return s.Tier, err
}

// Workspace gives a workspace for one act of the principal, or says why not, in
// Authorize's order and words. The etag of what was read comes with it.
func (g *Gate) Workspace(ctx context.Context, p session.Principal, workspaceID string, act Action) (Workspace, string, error) {
	s := g.remembered(ctx, p.UID)
	if s == nil || s.workspaceID != workspaceID {
		var err error
		if s, err = g.look(ctx, p.UID, workspaceID); err != nil {
			return Workspace{}, "", err
		}
	}
	if !s.hasAccount {
		return Workspace{}, "", errNoAccount()
	}
	if err := fresh(s.account, p); err != nil {
		return Workspace{}, "", err
	}
	if s.account.Disabled {
		return Workspace{}, "", errDisabled()
	}
	w, err := g.member(ctx, s, act, May)
	if err != nil {
		return Workspace{}, "", err
	}
	return w, s.etag, nil
}

// RequireRole lets an admin act through: the account is enabled and holds the role.
func (g *Gate) RequireRole(ctx context.Context, p session.Principal, r Role) error {
	a, err := g.Caller(ctx, p)
	if err != nil {
		return err
	}
	return holds(a, []Role{r})
}
