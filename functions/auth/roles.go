package auth

import (
	"context"
	"slices"
	"strings"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// rolesBody is the whole of the admin roles that an account is to hold.
type rolesBody struct {
	Roles  []access.Role `json:"roles" maxItems:"5" enum:"accessAdmin,securityAdmin,institutionAdmin,reviewBoard,communityAdmin" doc:"All admin roles that the account holds from now on; none takes all away."`
	Reason string        `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for the audit log."`
}

// setRoles gives an account its admin roles. Security admins do that, never to
// themselves: their own role is read in the transaction, so of two who take it
// from each other at the same moment one keeps it, and the last one stays.
func (s *service) setRoles(ctx context.Context, p session.Principal, uid string, in rolesBody) (access.Account, error) {
	if err := s.mayActOn(ctx, p, uid, in.Reason, access.SecurityAdmin); err != nil {
		return access.Account{}, err
	}
	roles := slices.Clone(in.Roles)
	slices.Sort(roles)
	if len(slices.Compact(slices.Clone(roles))) != len(roles) {
		return access.Account{}, fault.InvalidFields(fault.Field{Path: "body.roles", Message: "Name each role once."})
	}
	return s.change(ctx, "account.roles", uid, func(c *change) error {
		if err := c.requireRole(p, access.SecurityAdmin); err != nil {
			return err
		}
		before := slices.Clone(c.account.AdminRoles)
		slices.Sort(before)
		if slices.Equal(before, roles) {
			c.unchanged = true
			return nil
		}
		if c.account.Disabled && len(roles) > 0 {
			return fault.New(fault.Conflict, "This account is disabled: enable it before it gets a role.")
		}
		c.account.AdminRoles = roles
		if err := c.securityChanged(uid, "rolesChanged", "reason", in.Reason, "roles", rolesText(roles)); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "account.roles", Target: access.Accounts + "/" + uid, Reason: in.Reason,
			Before: rolesText(before), After: rolesText(roles)})
	})
}

// rolesText lists roles in the audit log.
func rolesText(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return orNone(strings.Join(names, ", "))
}
