// Package access holds the facts about a researcher and the rules that turn
// them into a data tier, and the gate through which every room asks whether a
// principal may do something in a workspace. Nothing here caches a tier: it is
// computed from the stored facts and the clock at every check.
package access

import (
	"slices"
	"time"
)

// Tier is a data tier. Controlled implies Registered implies Public.
type Tier string

// The tiers, by what they ask for.
const (
	PublicTier Tier = "public"
	Registered Tier = "registered"
	Controlled Tier = "controlled"
)

var tierRank = map[Tier]int{PublicTier: 0, Registered: 1, Controlled: 2}

// Valid reports whether t is a tier.
func (t Tier) Valid() bool { _, ok := tierRank[t]; return ok }

// Covers reports whether a person with tier t may see what needs tier other.
func (t Tier) Covers(other Tier) bool {
	return t.Valid() && other.Valid() && tierRank[t] >= tierRank[other]
}

// Module is one access requirement.
type Module string

// The modules of the access table.
const (
	TwoFactor               Module = "twoFactor"
	Identity                Module = "identity"
	Training                Module = "training"
	ControlledTraining      Module = "controlledTraining"
	CodeOfConduct           Module = "codeOfConduct"
	ProfileConfirmation     Module = "profileConfirmation"
	PublicationConfirmation Module = "publicationConfirmation"
)

// Requirement is one row of the access table.
type Requirement struct {
	Module Module
	// Expires says whether completions age; they do so after Rules.ModuleValidity.
	Expires bool
	// Tiers that need the module.
	Tiers []Tier
	// SelfService is true where the researcher completes it in the hub, false
	// where it takes a provider's result or an admin's entry.
	SelfService bool
}

// Requirements is the access table, in the order shown to researchers.
func Requirements() []Requirement {
	both := []Tier{Registered, Controlled}
	return []Requirement{
		{TwoFactor, false, both, false},
		{Identity, false, both, false},
		{Training, true, both, false},
		{ControlledTraining, true, []Tier{Controlled}, false},
		{CodeOfConduct, true, both, true},
		{ProfileConfirmation, true, both, true},
		{PublicationConfirmation, true, both, true},
	}
}

// RequirementOf is the row of one module; false when there is no such module.
func RequirementOf(m Module) (Requirement, bool) {
	all := Requirements()
	i := slices.IndexFunc(all, func(r Requirement) bool { return r.Module == m })
	if i < 0 {
		return Requirement{}, false
	}
	return all[i], true
}

// Rules are the numbers of the access rules.
type Rules struct {
	// ModuleValidity is how long an expirable completion counts.
	ModuleValidity time.Duration `env:"HUB_MODULE_VALIDITY, default=8760h"`
	// RenewalWindow is how long before expiry a renewal opens.
	RenewalWindow time.Duration `env:"HUB_RENEWAL_WINDOW, default=720h"`
	// IdleRegistered is how long a session may stay unused by an account of the
	// registered tier, or of none.
	IdleRegistered time.Duration `env:"HUB_IDLE_REGISTERED, default=6h"`
	// IdleControlled is the same for the controlled tier.
	IdleControlled time.Duration `env:"HUB_IDLE_CONTROLLED, default=12h"`
}

// DefaultRules are the programme's numbers: 365 days, renewal open for the last
// 30; sessions idle for 6 hours, with the controlled tier for 12.
func DefaultRules() Rules {
	return Rules{
		ModuleValidity: 365 * 24 * time.Hour, RenewalWindow: 30 * 24 * time.Hour,
		IdleRegistered: 6 * time.Hour, IdleControlled: 12 * time.Hour,
	}
}

// Idle is how long a session of an account with that tier may stay unused.
func (r Rules) Idle(t Tier) time.Duration {
	if t.Covers(Controlled) {
		return r.IdleControlled
	}
	return r.IdleRegistered
}
