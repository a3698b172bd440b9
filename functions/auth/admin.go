package auth

import (
	"context"

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
}

// adminModule does an admin's act. The admin's own role is read in the same
// transaction, and nobody acts on themselves.
func (s *service) adminModule(ctx context.Context, p session.Principal, uid string, m access.Module, in adminAct) (access.Account, error) {
	r, ok := access.RequirementOf(m)
	switch {
	case !ok:
		return access.Account{}, errNoModule()
	case !uidForm.MatchString(uid):
		return access.Account{}, fault.New(fault.NotFound, "There is no such account.")
	case uid == p.UID:
		return access.Account{}, fault.New(fault.Denied, "An admin cannot act on their own account. Ask another admin.")
	}
	// Before anything about the account is told; and again in the transaction.
	if err := s.gate.RequireRole(ctx, p, access.AccessAdmin); err != nil {
		return access.Account{}, err
	}
	if in.Act == actComplete {
		if err := checkEntry(r, in); err != nil {
			return access.Account{}, err
		}
	}
	after, err := s.change(ctx, "module.admin", uid, func(c *change) error {
		if err := c.requireRole(p, access.AccessAdmin); err != nil {
			return err
		}
		before := c.account.Modules[string(m)]
		fact := factOf(in, p.UID, c)
		setModule(&c.account, m, fact)
		if in.Act == actReset && m == access.TwoFactor {
			if err := s.forgetFactors(c, uid); err != nil {
				return err
			}
		}
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
	if _, err := c.factors(uid); err != nil {
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
	return c.setFactors(factorSet{UID: uid, SchemaVersion: 1})
}

// checkEntry says which completions an admin may enter: not those that are the
// researcher's own word, nor the second factor.
func checkEntry(r access.Requirement, in adminAct) error {
	switch {
	case r.SelfService:
		return fault.New(fault.Invalid, "Only the researcher can complete this module. It can be bypassed or reset.")
	case r.Module == access.TwoFactor:
		return fault.New(fault.Invalid, "Only a confirmed second factor completes this module. It can be bypassed or reset.")
	case in.Evidence == "":
		return fault.InvalidFields(fault.Field{Path: "body.evidence", Message: "Say what the completion rests on."})
	default:
		return nil
	}
}

func factOf(in adminAct, admin string, c *change) access.ModuleFact {
	switch in.Act {
	case actComplete:
		return access.ModuleFact{CompletedAt: c.now, Evidence: in.Evidence}
	case actBypass:
		return access.ModuleFact{BypassedBy: admin, BypassReason: in.Reason}
	default:
		return access.ModuleFact{}
	}
}

// requireRole reads the caller's role inside the transaction.
func (c *change) requireRole(p session.Principal, role access.Role) error {
	snap, err := c.tx.Get(c.client.Collection(access.Accounts).Doc(p.UID))
	if err != nil {
		return firestorex.Fault("admin", err)
	}
	var a access.Account
	if err := snap.DataTo(&a); err != nil {
		return fault.Wrap("admin", err)
	}
	if a.Level(p) < session.SecondFactor {
		return fault.New(fault.Assurance, "Your second factors were reset: sign in again and verify a new one.")
	}
	if !a.Has(role) {
		return fault.New(fault.Denied, "This needs the admin role %s.", role)
	}
	return nil
}
