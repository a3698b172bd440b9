package access

import (
	"context"
	"slices"
	"strings"
	"sync"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// Authorize decides whether a principal, whose session has the level that the
// route needs, may call a route of that rule. workspaceID is the path's
// {workspace}, "" where there is none.
//
// It refuses, in this order: an account that is not set up (fault.NotFound), a
// second factor of before a reset (fault.Assurance, on routes of level 2), a
// disabled account (fault.Denied), and then what the rule asks: the tier, the
// admin role, the membership. Nothing of the answer depends on the workspace
// before the caller's own account is in order, and to people who are no members a
// workspace is not there (fault.NotFound, the same words for both).
//
// The context that it gives holds what was read, for this request alone: see
// Gate.
func (g *Gate) Authorize(ctx context.Context, p session.Principal, need session.Level, r Rule, workspaceID string) (context.Context, error) {
	if !r.Stated() {
		return ctx, fault.New(fault.Internal, "a route without a rule")
	}
	if !r.judges(need) {
		return ctx, nil
	}
	if r.kind != RuleMemberOf {
		workspaceID = ""
	}
	s, err := g.look(ctx, p.UID, workspaceID)
	if err != nil {
		return ctx, err
	}
	if !s.hasAccount {
		if r.kind == RuleNotDisabled {
			return ctx, nil
		}
		return ctx, errNoAccount()
	}
	if need >= session.SecondFactor {
		if err := fresh(s.account, p); err != nil {
			return ctx, err
		}
	}
	if s.account.Disabled {
		return ctx, errDisabled()
	}
	switch r.kind {
	case RuleHasRole:
		err = holds(s.account, r.roles)
	case RuleAtTier:
		err = g.atTier(ctx, s, r.tier)
	case RuleMemberOf:
		judge := May
		if r.changes {
			judge = Entitled
		}
		_, err = g.member(ctx, s, r.action, judge)
	}
	return context.WithValue(ctx, seenKey{}, s), err
}

func errNoAccount() error {
	return fault.New(fault.NotFound, "This account is not set up yet: create its profile first.")
}

func errDisabled() error {
	return fault.New(fault.Denied, "This account is disabled. Ask the programme's access team.")
}

func errNoWorkspace() error {
	return fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
}

// holds lets through who holds one of the roles.
func holds(a Account, roles []Role) error {
	if slices.ContainsFunc(roles, a.Has) {
		return nil
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return fault.New(fault.Denied, "This needs the admin role %s.", strings.Join(names, " or "))
}

func (g *Gate) atTier(ctx context.Context, s *seen, t Tier) error {
	st, err := g.standing(ctx, s)
	if err != nil || st.Tier.Covers(t) {
		return err
	}
	return fault.New(fault.Denied, "This needs the %s tier. Your access is %s. Missing: %s.", t, st.Tier, strings.Join(st.Blocked, ", "))
}

// member lets a member of the workspace through whom judge (May, or Entitled)
// lets through, and gives it.
func (g *Gate) member(ctx context.Context, s *seen, act Action, judge func(Workspace, string, Tier, Action) error) (Workspace, error) {
	if !s.hasWorkspace {
		return Workspace{}, errNoWorkspace()
	}
	if _, ok := s.workspace.Members[s.uid]; !ok {
		return Workspace{}, errNoWorkspace()
	}
	st, err := g.standing(ctx, s)
	if err != nil {
		return Workspace{}, err
	}
	if err := judge(s.workspace, s.uid, st.Tier, act); err != nil {
		return Workspace{}, err
	}
	return s.workspace, nil
}

// seen is what a request has read of the records that decide on it: facts, never
// a verdict. Tier, role and state are judged anew, by the clock, at each check.
type seen struct {
	client *firestore.Client
	uid    string

	account    Account
	hasAccount bool

	mu             sync.Mutex // guards the institution: handlers may ask side by side
	institution    Institution
	hasInstitution bool

	workspaceID  string
	workspace    Workspace
	hasWorkspace bool
	etag         string
}

type seenKey struct{}

// remembered is what the front door read for this request about that person, nil
// where it read nothing of this gate's.
func (g *Gate) remembered(ctx context.Context, uid string) *seen {
	s, ok := ctx.Value(seenKey{}).(*seen)
	if !ok || s.uid != uid || s.client != g.Client {
		return nil
	}
	return s
}

// look reads the account and, where one is named, the workspace: together, in one
// round trip and as of one moment.
func (g *Gate) look(ctx context.Context, uid, workspaceID string) (*seen, error) {
	s := &seen{client: g.Client, uid: uid, workspaceID: workspaceID}
	refs := []*firestore.DocumentRef{g.Client.Collection(Accounts).Doc(uid)}
	if id.Check(id.Workspace, workspaceID) == nil {
		refs = append(refs, g.Client.Collection(Workspaces).Doc(workspaceID))
	}
	snaps, err := g.Client.GetAll(ctx, refs)
	if err != nil {
		return nil, firestorex.Fault("access.look", err)
	}
	if s.hasAccount = snaps[0].Exists(); s.hasAccount {
		if err := snaps[0].DataTo(&s.account); err != nil {
			return nil, fault.Wrap("access.account", err)
		}
	}
	if len(snaps) == 2 && snaps[1].Exists() {
		if err := snaps[1].DataTo(&s.workspace); err != nil {
			return nil, fault.Wrap("access.workspace", err)
		}
		s.hasWorkspace, s.etag = true, firestorex.ETag(snaps[1].UpdateTime)
	}
	return s, nil
}

// standing computes how the account stands now; the institution is read once.
func (g *Gate) standing(ctx context.Context, s *seen) (Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hasInstitution {
		inst, err := g.institution(ctx, s.account.InstitutionID)
		if err != nil {
			return Status{}, err
		}
		s.institution, s.hasInstitution = inst, true
	}
	return Evaluate(s.account, s.institution, g.Rules, g.Clock.Now()), nil
}
