package cohort

import (
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/vocabulary"
)

// countPolicy is the policy of the counts of concepts. They are shown to everybody
// with a tier, so they are rounded as for the public, and of a concept both its
// own count and that with its descendants are shown, for every concept of the
// hierarchy: what they say together must not say more than each.
//
// A count with descendants is at most the sum of the counts below it and its own,
// and at least the largest of them. Where the multiple of the rounding is one of
// the small count's bound, every shown interval begins at 1 above a multiple of
// it, and no sum of hidden counts can then be pressed against such an edge: with n
// hidden counts of 1 to 20 below a shown one of at least 20(n-1)+1, each of them
// may still be 1 (TestRolledUpCountsPinNothing tries all). Another multiple is
// raised to the next that is.
func countPolicy(p disclosure.Policy) disclosure.Policy {
	if small := p.SmallMax; small > 0 && p.PublicMultiple%small != 0 {
		p.PublicMultiple = (p.PublicMultiple/small + 1) * small
	} else if small > 0 {
		p.PublicMultiple = max(p.PublicMultiple, small)
	}
	return p
}

// concept is a concept as people see it.
type concept struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Domain     string `json:"domain"`
	Vocabulary string `json:"vocabulary"`
	Class      string `json:"class,omitempty"`
	Code       string `json:"code,omitempty"`
	// Standard and Mark say the same of standard concepts; Mark tells the others apart.
	Standard     bool             `json:"standard"`
	Mark         string           `json:"standardConcept,omitempty" enum:"S,C" doc:"S for standard concepts, C for classifications; absent for all others."`
	Invalid      string           `json:"invalidReason,omitempty" doc:"D where it was deleted, U where it was replaced; absent where it is valid."`
	Participants disclosure.Count `json:"participants" doc:"Persons with the concept or one below it, rounded as for the public."`
	Own          disclosure.Count `json:"ownParticipants" doc:"Persons with the concept itself, rounded as for the public."`
}

// show gives a concept with its counts under the rules.
func (s *shelf) show(c vocabulary.Concept) concept {
	p := countPolicy(s.policy)
	return concept{ID: c.ID, Name: c.Name, Domain: c.Domain, Vocabulary: c.Vocabulary, Class: c.Class, Code: c.Code, Standard: c.Standard == "S",
		Mark: c.Standard, Invalid: c.Invalid, Participants: p.ShowPublic(c.PersonsWithDescendants), Own: p.ShowPublic(c.Persons)}
}
