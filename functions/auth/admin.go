package auth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// The acts of an admin on a module.
const (
	actComplete = "complete"
	actBypass   = "bypass"
	actReset    = "reset"
)

// adminAct is what an admin does to one module of one account.
type adminAct struct {
	Act      string `json:"act" enum:"complete,bypass,reset" doc:"complete: enter a completion with evidence; bypass: waive the module; reset: forget completion and waiver. Resetting twoFactor removes the factors and ends the account's sessions."`
	Reason   string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for the audit log."`
	Evidence string `json:"evidence,omitempty" maxLength:"1000" doc:"What a completion rests on. Required to complete."`
	// CompletedAt is zero for now.
	CompletedAt time.Time `json:"completedAt,omitzero" doc:"When it was completed, where that was not now: in the past, and not longer ago than a completion counts."`
}

// adminModule does an admin's act. The admin's own role is read in the same
// transaction, and nobody acts on themselves.
func (s *service) adminModule(ctx context.Context, p session.Principal, uid string, m access.Module, in adminAct) (access.Account, error) {
	r, ok := access.RequirementOf(m)
	if !ok {
		return access.Account{}, errNoModule()
	}
	if err := s.mayActOn(ctx, p, uid, in.Reason, access.AccessAdmin); err != nil {
		return access.Account{}, err
	}
	if in.Act == actComplete {
		if err := checkEntry(r, in, s.gate.Rules, s.gate.Clock.Now()); err != nil {
			return access.Account{}, err
		}
	}
	after, err := s.change(ctx, "module.admin", uid, func(c *change) error {
		if err := c.requireRole(p, access.AccessAdmin); err != nil {
			return err
		}
		before := c.account.Modules[string(m)]
		fact, err := factOf(in, p.UID, before, c.now)
		if err != nil {
			return err
		}
		if in.Act == actReset {
			if err := s.forget(c, uid, m, in.Reason); err != nil {
				return err
			}
		}
		setModule(&c.account, m, fact)
		return c.audit(audit.Entry{Actor: p.UID, Act: "module." + in.Act, Target: target(uid, m), Reason: in.Reason,
			Before: describe(before), After: describe(fact)})
	})
	if err == nil && in.Act == actReset && m == access.TwoFactor {
		if revoked := s.tokens.RevokeRefreshTokens(ctx, uid); revoked != nil {
			return after, fault.Because(fault.Unavailable, revoked, "The factors are removed, but the account's sessions could not be ended. Do it again.")
		}
	}
	return after, err
}

// forgetFactors removes an account's factors and, in the same transaction, ends
// its sessions and takes level 2 from whatever proved one of them: Firebase's own
// way to end sessions is a remote call, which may be lost. The factors are read before the time is
// taken: whoever verified one at a later moment did so in a transaction that
// Firestore repeats after this one, and finds none.
func (s *service) forgetFactors(c *change, uid string) error {
	set, err := c.factors(uid)
	if err != nil {
		return err
	}
	endSessions, err := s.forgetSessions(c.tx, uid)
	if err != nil {
		return err
	}
	c.account.AssuranceAfter = s.gate.Clock.Now()
	if err := endSessions(); err != nil {
		return err
	}
	if err := s.forgetPasskeys(c, set.Passkeys); err != nil {
		return err
	}
	return c.setFactors(factorSet{UID: uid, SchemaVersion: 1})
}

// forget removes what a module rests on, beside its fact.
func (s *service) forget(c *change, uid string, m access.Module, reason string) error {
	switch m {
	case access.TwoFactor:
		if err := s.forgetFactors(c, uid); err != nil {
			return err
		}
		return c.securityChanged(uid, "factorsReset", "reason", reason)
	case access.Identity:
		return c.forgetIdentity(uid)
	default:
		return nil
	}
}

// checkEntry says which completions an admin may enter: not those that are the
// researcher's own word, nor the second factor; and of which time.
func checkEntry(r access.Requirement, in adminAct, rules access.Rules, now time.Time) error {
	switch {
	case r.SelfService:
		return fault.New(fault.Invalid, "Only the researcher can complete this module. It can be bypassed or reset.")
	case r.Module == access.TwoFactor:
		return fault.New(fault.Invalid, "Only a confirmed second factor completes this module. It can be bypassed or reset.")
	case strings.TrimSpace(in.Evidence) == "":
		return fault.InvalidFields(fault.Field{Path: "body.evidence", Message: "Say what the completion rests on."})
	case in.CompletedAt.After(now), !in.CompletedAt.IsZero() && in.CompletedAt.Before(now.Add(-rules.ModuleValidity)):
		return fault.InvalidFields(fault.Field{Path: "body.completedAt", Message: fmt.Sprintf("Give a time in the past %.0f days, or none for now.", rules.ModuleValidity.Hours()/24)})
	default:
		return nil
	}
}

// factOf is what is on record of the module after the act.
func factOf(in adminAct, admin string, before access.ModuleFact, now time.Time) (access.ModuleFact, error) {
	switch in.Act {
	case actComplete:
		at := in.CompletedAt.UTC()
		if in.CompletedAt.IsZero() {
			at = now
		}
		if at.Before(before.CompletedAt) {
			return before, fault.New(fault.Conflict, "A newer completion is on record, of %s. Reset the module first if it is wrong.", before.CompletedAt.Format(time.DateOnly))
		}
		return access.ModuleFact{CompletedAt: at, Evidence: in.Evidence, ResetAt: before.ResetAt}, nil
	case actBypass:
		return access.ModuleFact{BypassedBy: admin, BypassReason: in.Reason, ResetAt: before.ResetAt}, nil
	default:
		return access.ModuleFact{ResetAt: now}, nil
	}
}

// mayActOn is what every act of an admin on an account asks first: a reason,
// somebody else's account, and one of the roles. It is asked before anything
// about the account is told, and the role again in the transaction.
func (s *service) mayActOn(ctx context.Context, p session.Principal, uid, reason string, roles ...access.Role) error {
	switch {
	case !uidForm.MatchString(uid):
		return fault.New(fault.NotFound, "There is no such account.")
	case strings.TrimSpace(reason) == "":
		return fault.InvalidFields(fault.Field{Path: "body.reason", Message: "Say why: the audit log keeps it."})
	case uid == p.UID:
		return fault.New(fault.Denied, "An admin cannot act on their own account. Ask another admin.")
	default:
		return s.requireOneOf(ctx, p, roles...)
	}
}

// requireOneOf is access.Gate.RequireRole for any of several roles.
func (s *service) requireOneOf(ctx context.Context, p session.Principal, roles ...access.Role) (err error) {
	for _, role := range roles {
		if err = s.gate.RequireRole(ctx, p, role); !fault.Is(err, fault.Denied) {
			return err
		}
	}
	return err
}

// requireRole reads the caller's role inside the transaction.
func (c *change) requireRole(p session.Principal, role access.Role) error {
	a, err := c.read(p.UID)
	if err != nil {
		return err
	}
	if a.Level(p) < session.SecondFactor {
		return fault.New(fault.Assurance, "Your second factors were reset: sign in again and verify a new one.")
	}
	if !a.Has(role) {
		return fault.New(fault.Denied, "This needs the admin role %s.", role)
	}
	return nil
}

// read gives another account inside the transaction.
func (c *change) read(uid string) (access.Account, error) {
	var a access.Account
	snap, err := c.tx.Get(c.client.Collection(access.Accounts).Doc(uid))
	if err != nil {
		return a, firestorex.Fault("admin", err)
	}
	if err := snap.DataTo(&a); err != nil {
		return a, fault.Wrap("admin", err)
	}
	return a, nil
}
