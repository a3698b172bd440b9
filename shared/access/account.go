package access

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/session"
)

// Account is what the hub keeps about one person: collection "accounts", the
// document's name is the Firebase uid.
type Account struct {
	UID           string                `firestore:"uid"`
	Email         string                `firestore:"email"`
	Name          string                `firestore:"name"`
	InstitutionID string                `firestore:"institutionId"`
	Disabled      bool                  `firestore:"disabled"`
	AdminRoles    []Role                `firestore:"adminRoles"`
	Modules       map[string]ModuleFact `firestore:"modules"`
	Profile       Profile               `firestore:"profile"`
	Terms         Terms                 `firestore:"terms"`
	CreatedAt     time.Time             `firestore:"createdAt"`
	// FirstTierAt is when the account first reached any tier; credits count from it.
	FirstTierAt time.Time `firestore:"firstTierAt"`
	// AssuranceAfter is when the account's second factors were last reset, zero
	// for never: a session whose factor was verified before has level 1 only.
	AssuranceAfter time.Time `firestore:"assuranceAfter"`
	SchemaVersion  int       `firestore:"schemaVersion"`
}

// ModuleFact is what is stored about one module of one account.
type ModuleFact struct {
	CompletedAt time.Time `firestore:"completedAt"`
	// Evidence is what the completion rests on: a signature, a provider's
	// reference, an admin's note.
	Evidence string `firestore:"evidence"`
	// Version is the version of the policy that was signed; "" for what is no
	// signature, and for one that is judged by its date.
	Version string `firestore:"version"`
	// BypassedBy is the admin who waived the module, with the reason.
	BypassedBy   string `firestore:"bypassedBy"`
	BypassReason string `firestore:"bypassReason"`
	// ResetAt is when an admin last reset the module, zero for never: a
	// completion of before it that is reported later does not count.
	ResetAt time.Time `firestore:"resetAt"`
}

// Level is what a session of this account counts for: a second factor that was
// verified before the factors were reset counts no more.
func (a Account) Level(p session.Principal) session.Level {
	if p.Level >= session.SecondFactor && p.SecondFactorAt.Before(a.AssuranceAfter) {
		return session.SignedIn
	}
	return p.Level
}

// Role is an admin role.
type Role string

// The admin roles.
const (
	AccessAdmin      Role = "accessAdmin"
	SecurityAdmin    Role = "securityAdmin"
	InstitutionAdmin Role = "institutionAdmin"
	ReviewBoard      Role = "reviewBoard"
	CommunityAdmin   Role = "communityAdmin"
)

// Roles lists the admin roles.
func Roles() []Role {
	return []Role{AccessAdmin, SecurityAdmin, InstitutionAdmin, ReviewBoard, CommunityAdmin}
}

// Valid reports whether r is an admin role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Has reports whether the account holds the role and is enabled.
func (a Account) Has(r Role) bool { return !a.Disabled && slices.Contains(a.AdminRoles, r) }

// Institution is where researchers come from: collection "institutions".
type Institution struct {
	ID   string `firestore:"id"`
	Name string `firestore:"name"`
	Kind string `firestore:"kind"`
	// Rules says per tier who may have it.
	Rules         map[string]TierRule `firestore:"rules"`
	SchemaVersion int                 `firestore:"schemaVersion"`
}

// TierRule is an institution's rule for one tier.
type TierRule struct {
	// Kind is "domains", "addresses" or "none".
	Kind string `firestore:"kind"`
	// List holds the e-mail domains or the addresses.
	List []string `firestore:"list"`
}

// Allows reports whether the address is valid for the institution at that tier.
// Domains match whole, letter case aside: no suffix and no sub-domain counts
// unless it is listed. An address with two @ is none, quoted or not: programs
// disagree about where its mail goes. What is compared must be ASCII (international domains are
// in Punycode): Unicode's letter case would take look-alikes for the same.
func (i Institution) Allows(email string, tier Tier) bool {
	rule, ok := i.Rules[string(tier)]
	if !ok {
		return false
	}
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 || strings.IndexByte(email, '@') != at || strings.ContainsAny(email, " \t\r\n<>") {
		return false
	}
	want := email
	switch rule.Kind {
	case "addresses":
	case "domains":
		want = email[at+1:]
	default:
		return false
	}
	if strings.ContainsFunc(want, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	return slices.ContainsFunc(rule.List, func(s string) bool { return strings.EqualFold(s, want) })
}

// ModuleState is how a module stands for the researcher.
type ModuleState string

// The states of a module.
const (
	Missing  ModuleState = "missing"
	Complete ModuleState = "complete"
	Renewing ModuleState = "renewing" // complete, and the renewal is open
	Expired  ModuleState = "expired"
	Bypassed ModuleState = "bypassed"
)

// Complies reports whether the state satisfies the requirement.
func (s ModuleState) Complies() bool { return s == Complete || s == Renewing || s == Bypassed }

// ModuleStatus is one module of one account at one moment.
type ModuleStatus struct {
	Requirement
	State ModuleState
	// ExpiresAt is zero for what does not expire or is not complete.
	ExpiresAt time.Time
}

// Status is what an account may see at one moment, and why not more.
type Status struct {
	Tier    Tier
	Modules []ModuleStatus
	// Blocked names, for the next tier up, what is missing.
	Blocked []string
}

// Evaluate computes the effective tier: account enabled, address valid for the
// institution at that tier, every module of that tier complies, and what was
// signed is no older than the policy in force. It is pure.
func Evaluate(a Account, inst Institution, rules Rules, now time.Time) Status {
	return evaluate(a, inst, rules, policy.Versions(), now)
}

func evaluate(a Account, inst Institution, rules Rules, policies []policy.Policy, now time.Time) Status {
	s := Status{Tier: PublicTier}
	for _, r := range Requirements() {
		f := a.Modules[string(r.Module)]
		var lapse time.Time
		if id, ok := signed[r.Module]; ok && !f.CompletedAt.IsZero() {
			lapse = policy.Lapse(policies, id, f.Version, f.CompletedAt)
		}
		s.Modules = append(s.Modules, moduleStatus(r, f, lapse, rules, now))
	}
	for _, tier := range []Tier{Registered, Controlled} {
		if s.Blocked = blocked(a, inst, s.Modules, tier); len(s.Blocked) > 0 {
			return s
		}
		s.Tier = tier
	}
	return s
}

// signed maps the modules that are signatures to the policy that is signed.
var signed = map[Module]string{CodeOfConduct: policy.CodeOfConduct}

// moduleStatus judges one fact; lapse is when a later version of the policy
// takes effect, zero where none is known.
func moduleStatus(r Requirement, f ModuleFact, lapse time.Time, rules Rules, now time.Time) ModuleStatus {
	st := ModuleStatus{Requirement: r, State: Missing}
	switch {
	case f.BypassedBy != "":
		st.State = Bypassed
	case f.CompletedAt.IsZero():
	case !r.Expires:
		st.State = Complete
	default:
		st.ExpiresAt = f.CompletedAt.Add(rules.ModuleValidity)
		if !lapse.IsZero() && lapse.Before(st.ExpiresAt) {
			st.ExpiresAt = lapse
		}
		switch {
		case !now.Before(st.ExpiresAt):
			st.State = Expired
		case !now.Before(st.ExpiresAt.Add(-rules.RenewalWindow)):
			st.State = Renewing
		default:
			st.State = Complete
		}
	}
	return st
}

func blocked(a Account, inst Institution, modules []ModuleStatus, tier Tier) []string {
	var why []string
	if a.Disabled {
		why = append(why, "accountDisabled")
	}
	if !inst.Allows(a.Email, tier) {
		why = append(why, "institution")
	}
	for _, m := range modules {
		if slices.Contains(m.Tiers, tier) && !m.State.Complies() {
			why = append(why, string(m.Module))
		}
	}
	return why
}
