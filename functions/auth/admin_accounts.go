package auth

import (
	"context"

	firebase "firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

// signIns is what the function needs of Firebase to close and open an account's
// sign-in.
type signIns interface {
	// SetDisabled closes or opens the sign-in of an account; one that Firebase
	// does not know has none to close.
	SetDisabled(ctx context.Context, uid string, disabled bool) error
}

// firebaseSignIns are those of the Admin SDK.
type firebaseSignIns struct{ client *firebase.Client }

// SetDisabled does it in Firebase Authentication.
func (f firebaseSignIns) SetDisabled(ctx context.Context, uid string, disabled bool) error {
	_, err := f.client.UpdateUser(ctx, uid, (&firebase.UserToUpdate{}).Disabled(disabled))
	if firebase.IsUserNotFound(err) {
		return nil
	}
	return err
}

// securityChanged is the type of the event by which a person hears of what an
// admin did to their account.
const securityChanged = "account.securityChanged"

// securityChanged writes the event; more are names and values that the mail may
// tell, such as "reason", "left the institution".
func (c *change) securityChanged(uid, what string, more ...string) error {
	data := map[string]string{"what": what}
	for i := 0; i+1 < len(more); i += 2 {
		data[more[i]] = more[i+1]
	}
	return c.event(outbox.Event{Type: securityChanged, UID: uid, Target: access.Accounts + "/" + uid, Data: data})
}

// setDisabled disables an account, or enables it again. What counts is the flag
// in Firestore, which every room reads: it is set, and the sessions are ended,
// in one transaction. Firebase hears of it after that; where that call is lost,
// the same act again makes up for it and does nothing twice.
func (s *service) setDisabled(ctx context.Context, p session.Principal, uid string, disabled bool, reason string) (access.Account, error) {
	if err := s.mayActOn(ctx, p, uid, reason, access.AccessAdmin, access.SecurityAdmin); err != nil {
		return access.Account{}, err
	}
	act, what := "account.enable", "enabled"
	if disabled {
		act, what = "account.disable", "disabled"
	}
	after, err := s.change(ctx, act, uid, func(c *change) error {
		if err := c.requireRole(p, closes(c.account)); err != nil {
			return err
		}
		if c.account.Disabled == disabled {
			c.unchanged = true
			return nil
		}
		if disabled {
			endSessions, err := s.forgetSessions(c.tx, uid)
			if err != nil {
				return err
			}
			if err := endSessions(); err != nil {
				return err
			}
		}
		before := accountState(c.account)
		c.account.Disabled = disabled
		if err := c.securityChanged(uid, what, "reason", reason); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: act, Target: access.Accounts + "/" + uid, Reason: reason,
			Before: before, After: accountState(c.account)})
	})
	if err != nil {
		return after, err
	}
	return s.tellFirebase(ctx, uid, after)
}

// closes is the role that may disable the account or enable it: whoever holds an
// admin role is for the security admins alone. They cannot disable themselves
// either, so one of them is always left.
func closes(a access.Account) access.Role {
	if len(a.AdminRoles) > 0 {
		return access.SecurityAdmin
	}
	return access.AccessAdmin
}

func accountState(a access.Account) string {
	if a.Disabled {
		return "disabled"
	}
	return "enabled"
}

// maxTold bounds how often Firebase is told what the flag has become meanwhile.
const maxTold = 3

// tellFirebase brings Firebase's own flag to the account's. Another admin may do
// the opposite at the same moment, and the two calls may arrive in either order:
// so the flag is read again after the call, until both agree.
func (s *service) tellFirebase(ctx context.Context, uid string, a access.Account) (access.Account, error) {
	for range maxTold {
		told := a.Disabled
		err := s.signIns.SetDisabled(ctx, uid, told)
		if err == nil && told {
			err = s.tokens.RevokeRefreshTokens(ctx, uid)
			if firebase.IsUserNotFound(err) {
				err = nil
			}
		}
		if err != nil {
			return a, fault.Because(fault.Unavailable, err, "The account is %s here, but its sign-in was not reached. Do it again.", accountState(a))
		}
		if a, err = s.gate.Record(ctx, uid); err != nil {
			return a, err
		}
		if a.Disabled == told {
			return a, nil
		}
	}
	return a, fault.New(fault.Conflict, "Another admin is changing this account. Look at it, then do it again.")
}

// resetFactors removes an account's second factors: adminModule's reset of
// twoFactor by another name.
func (s *service) resetFactors(ctx context.Context, p session.Principal, uid, reason string) (access.Account, error) {
	return s.adminModule(ctx, p, uid, access.TwoFactor, adminAct{Act: actReset, Reason: reason})
}
