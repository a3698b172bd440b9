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
}

// Account reads the account of a uid. Somebody who has signed in but not signed
// up is fault.NotFound with what to do.
func (g *Gate) Account(ctx context.Context, uid string) (Account, error) {
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

// Status gives the account with its effective tier at this moment.
func (g *Gate) Status(ctx context.Context, uid string) (Account, Status, error) {
	a, err := g.Account(ctx, uid)
	if err != nil {
		return a, Status{}, err
	}
	var inst Institution
	if a.InstitutionID != "" {
		snap, err := g.Client.Collection(Institutions).Doc(a.InstitutionID).Get(ctx)
		switch f := firestorex.Fault("access.institution", err); {
		case fault.Is(f, fault.NotFound): // no institution, no tier
		case f != nil:
			return a, Status{}, f
		default:
			if err := snap.DataTo(&inst); err != nil {
				return a, Status{}, fault.Wrap("access.institution", err)
			}
		}
	}
	return a, Evaluate(a, inst, g.Rules, g.Clock.Now()), nil
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
	tier, err := g.Tier(ctx, p.UID)
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
	a, err := g.Account(ctx, p.UID)
	if err != nil {
		return err
	}
	if !a.Has(r) {
		return fault.New(fault.Denied, "This needs the admin role %s.", r)
	}
	return nil
}
