package workspace

import (
	"time"

	"researchhub.example/hub/shared/policy"
)

// acknowledged are the policies that every project is held to.
var acknowledged = []string{policy.StigmatizingResearch, policy.EthicalConduct}

// policyIn is the acknowledgement of one version of one policy.
type policyIn struct {
	ID      string `json:"id" maxLength:"40" doc:"The policy: stigmatizingResearch, ethicalConduct."`
	Version string `json:"version" maxLength:"20" doc:"The version that was read: the one in force, see GET /directory/v1/policies."`
}

// validPolicies checks that each policy is acknowledged by its version in force
// and gives what is kept.
func validPolicies(f *form, in []policyIn, now time.Time) map[string]string {
	given := map[string]string{}
	for _, p := range in {
		given[p.ID] = p.Version
	}
	kept := map[string]string{}
	for _, policyID := range acknowledged {
		current, ok := policy.CurrentOf(policyID, now)
		switch version, said := given[policyID]; {
		case !ok:
			// Nothing is in force yet: nothing to acknowledge.
		case !said:
			f.say("body.policies", "Acknowledge %s, version %s.", policyID, current.Version)
		case version != current.Version:
			f.say("body.policies", "Acknowledge %s in the version in force: %s.", policyID, current.Version)
		default:
			kept[policyID] = version
		}
	}
	return kept
}
