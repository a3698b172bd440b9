package access

import (
	"errors"
	"fmt"
	"strings"

	"researchhub.example/hub/shared/session"
)

// Rule says who may call a route. It is stated where the route is registered and
// enforced at the front door (Gate.Authorize) before the body is read. The zero
// Rule says nothing: no route may have it.
type Rule struct {
	kind   RuleKind
	tier   Tier
	roles  []Role
	action Action
	// changes leaves the state to the transaction that checks the etag.
	changes bool
	why     string
}

// RuleKind names a form of rule, as the OpenAPI document shows it.
type RuleKind string

// The forms of rules, from the widest to the narrowest.
const (
	RuleAnyone      RuleKind = "anyone"
	RuleOwn         RuleKind = "own"
	RuleNotDisabled RuleKind = "notDisabled"
	RuleEnabled     RuleKind = "enabled"
	RuleAtTier      RuleKind = "atTier"
	RuleHasRole     RuleKind = "hasRole"
	RuleMemberOf    RuleKind = "memberOf"
	RuleByRecord    RuleKind = "byRecord"
)

// The rules without a parameter.
var (
	// Anyone is the rule of what is public.
	Anyone = Rule{kind: RuleAnyone}
	// Own is for whoever is signed in, about themselves: an account is not needed,
	// and one that is disabled does not keep its owner out.
	Own = Rule{kind: RuleOwn}
	// NotDisabled is for whoever is signed in, with an account that is enabled or
	// with none yet: what shows newcomers their way.
	NotDisabled = Rule{kind: RuleNotDisabled}
)

// Enabled is for accounts that are set up and not disabled.
func Enabled() Rule { return Rule{kind: RuleEnabled} }

// AtTier is for accounts whose effective tier covers t at this moment.
func AtTier(t Tier) Rule { return Rule{kind: RuleAtTier, tier: t} }

// HasRole is for admins that hold one of the roles.
func HasRole(roles ...Role) Rule { return Rule{kind: RuleHasRole, roles: roles} }

// MemberOf is for members of the workspace that the path's parameter {workspace}
// names, who hold its tier and whose role allows the action.
func MemberOf(a Action) Rule { return Rule{kind: RuleMemberOf, action: a} }

// ToChange is MemberOf for a change that carries an etag. Whether the workspace's
// state lets it through is judged where the etag is, in the transaction: of two
// changes at once, the second hears that the record has changed (412), not what
// the first has made of it.
func ToChange(a Action) Rule { return Rule{kind: RuleMemberOf, action: a, changes: true} }

// ByRecord is for accounts that are enabled, and then the handler decides on the
// record: why says how. On a public route nothing is asked at the front door, and
// why says what the handler checks instead of a session.
func ByRecord(why string) Rule { return Rule{kind: RuleByRecord, why: why} }

// Kind is the rule's form; "" for the rule that says nothing.
func (r Rule) Kind() RuleKind { return r.kind }

// Stated reports whether the rule says anything.
func (r Rule) Stated() bool { return r.kind != "" }

// judges reports whether records are read for the rule on a route of that level.
func (r Rule) judges(need session.Level) bool {
	switch r.kind {
	case RuleAnyone, RuleOwn:
		return false
	case RuleByRecord:
		return need > session.Public
	default:
		return true
	}
}

// Check says what is wrong with the rule on a route of that level and path: a
// programming fault, found when the route is registered.
func (r Rule) Check(need session.Level, path string) error {
	inWorkspace := strings.Contains(path, "{workspace}")
	switch {
	case !r.Stated():
		return errors.New("it states no rule: say who may call it, such as access.Enabled() or access.MemberOf(access.Read)")
	case need == session.Public && r.kind != RuleAnyone && r.kind != RuleByRecord:
		return fmt.Errorf("it is public, and %s asks for a session", r.kind)
	case need > session.Public && r.kind == RuleAnyone:
		return errors.New("it asks for a session, and its rule is for anyone")
	case need > session.SignedIn && r.kind == RuleOwn:
		return errors.New("level 2 is judged on the account, whose factors may have been reset: take access.Enabled() or access.NotDisabled")
	case need < session.SecondFactor && (r.kind == RuleAtTier || r.kind == RuleHasRole || r.kind == RuleMemberOf):
		return fmt.Errorf("%s needs a session of level 2", r.kind)
	case r.kind == RuleAtTier && (!r.tier.Valid() || r.tier == PublicTier):
		return fmt.Errorf("%q is no tier that one has to hold", r.tier)
	case r.kind == RuleHasRole && len(r.roles) == 0:
		return errors.New("it names no role")
	case r.kind == RuleMemberOf && !inWorkspace:
		return errors.New("MemberOf takes the workspace from the path's {workspace}, and there is none")
	case r.kind == RuleMemberOf && !known(r.action):
		return fmt.Errorf("%q is nothing that a member may do", r.action)
	case r.kind == RuleByRecord && r.why == "":
		return errors.New("ByRecord says how the record decides")
	case inWorkspace && r.kind != RuleMemberOf && r.kind != RuleHasRole && r.kind != RuleByRecord:
		return fmt.Errorf("it is about one workspace, and %s does not look at it", r.kind)
	}
	for _, role := range r.roles {
		if !role.Valid() {
			return fmt.Errorf("%q is no admin role", role)
		}
	}
	return nil
}

func known(a Action) bool {
	for _, acts := range allowed {
		for _, one := range acts {
			if one == a {
				return true
			}
		}
	}
	return false
}

// Shown is a rule as the OpenAPI document shows it, under x-access.
type Shown struct {
	// Level is the least assurance level: 0 public, 1 signed in, 2 second factor.
	Level session.Level `json:"level" yaml:"level"`
	Rule  RuleKind      `json:"rule" yaml:"rule"`
	Tier  Tier          `json:"tier,omitempty" yaml:"tier,omitempty"`
	// Roles are admin roles, one of which is needed.
	Roles []Role `json:"roles,omitempty" yaml:"roles,omitempty"`
	// Action is what the member's role must allow.
	Action Action `json:"action,omitempty" yaml:"action,omitempty"`
	Says   string `json:"says" yaml:"says"`
}

// Show gives the rule for the documentation of a route of that level.
func (r Rule) Show(need session.Level) Shown {
	return Shown{Level: need, Rule: r.kind, Tier: r.tier, Roles: r.roles, Action: r.action, Says: r.String()}
}

// String says the rule in words.
func (r Rule) String() string {
	switch r.kind {
	case RuleAnyone:
		return "anyone"
	case RuleOwn:
		return "whoever is signed in, about themselves"
	case RuleNotDisabled:
		return "whoever is signed in, unless the account is disabled"
	case RuleEnabled:
		return "an enabled account"
	case RuleAtTier:
		return "the " + string(r.tier) + " tier"
	case RuleHasRole:
		names := make([]string, len(r.roles))
		for i, role := range r.roles {
			names[i] = string(role)
		}
		return "the admin role " + strings.Join(names, " or ")
	case RuleMemberOf:
		return "a member of the workspace who holds its tier and may " + string(r.action)
	case RuleByRecord:
		return "decided by the record: " + r.why
	default:
		return "no rule"
	}
}
