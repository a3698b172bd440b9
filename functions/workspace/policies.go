package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/session"
)

// acknowledged are the policies that every project is held to.
var acknowledged = []string{policy.StigmatizingResearch, policy.EthicalConduct}

// policyIn is the acknowledgement of one version of one policy.
type policyIn struct {
	ID      string `json:"id" maxLength:"40" doc:"The policy: stigmatizingResearch, ethicalConduct."`
	Version string `json:"version" maxLength:"20" doc:"The version that was read: the one in force, see GET /directory/v1/policies."`
}

// validPolicies checks that each policy is acknowledged by its version in force,
// of all these, and gives what is kept.
func validPolicies(f *form, all []policy.Policy, in []policyIn, now time.Time) map[string]string {
	given := map[string]string{}
	for i, p := range in {
		if !slices.Contains(acknowledged, p.ID) {
			f.Say(fmt.Sprintf("body.policies[%d].id", i), "Choose among %s.", strings.Join(acknowledged, ", "))
		}
		given[p.ID] = p.Version
	}
	kept := map[string]string{}
	for _, policyID := range acknowledged {
		current, ok := policy.InForce(all, policyID, now)
		switch version, said := given[policyID]; {
		case !ok:
			// Nothing is in force yet: nothing to acknowledge.
		case !said:
			f.Say("body.policies", "Acknowledge %s, version %s.", policyID, current.Version)
		case version != current.Version:
			f.Say("body.policies", "Acknowledge %s in the version in force: %s.", policyID, current.Version)
		default:
			kept[policyID] = version
		}
	}
	return kept
}

// acknowledge takes the owners' word on the policies in force, when a version has
// moved since it was last given.
func (s *service) acknowledge(ctx context.Context, p session.Principal, workspaceID, ifMatch string, in []policyIn) (access.Workspace, string, error) {
	return s.update(ctx, p, workspaceID, ifMatch, access.Manage, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		var f form
		before := w.Policies
		w.Policies = validPolicies(&f, s.policies, in, s.gate.Clock.Now())
		if err := f.Err(); err != nil {
			return w, deed{}, err
		}
		if maps.Equal(before, w.Policies) {
			return w, deed{}, errUnchanged
		}
		return w, deed{act: "workspace.acknowledged", before: tellPolicies(before), after: tellPolicies(w.Policies)}, nil
	})
}

// tellPolicies tells acknowledgements in the audit log.
func tellPolicies(by map[string]string) string {
	var list []string
	for _, policyID := range slices.Sorted(maps.Keys(by)) {
		list = append(list, policyID+" "+by[policyID])
	}
	return strings.Join(list, ", ")
}

// policyStatus is one policy of a workspace: what was acknowledged, what is in
// force, and what changed in between.
type policyStatus struct {
	ID           string         `json:"id"`
	Title        string         `json:"title"`
	Acknowledged string         `json:"acknowledged,omitempty" doc:"The version that an owner acknowledged."`
	Version      string         `json:"version" doc:"The version in force."`
	EffectiveAt  string         `json:"effectiveAt" format:"date"`
	UpToDate     bool           `json:"upToDate" doc:"Whether what was acknowledged is in force. If not, an owner acknowledges again."`
	Summary      string         `json:"summary" doc:"The hub's plain summary; the programme's text is what binds."`
	Source       string         `json:"source"`
	Link         string         `json:"link,omitempty" doc:"Where the programme's own text is found."`
	Changes      []policyChange `json:"changes" doc:"What each version since the acknowledged one has changed, the oldest first."`
}

type policyChange struct {
	Version     string `json:"version"`
	EffectiveAt string `json:"effectiveAt" format:"date"`
	Says        string `json:"says"`
}

// policyStatuses compares what a workspace acknowledged with what is in force.
func (s *service) policyStatuses(w access.Workspace) []policyStatus {
	list, now := []policyStatus{}, s.gate.Clock.Now()
	for _, policyID := range acknowledged {
		p, ok := policy.InForce(s.policies, policyID, now)
		if !ok {
			continue
		}
		one := policyStatus{p.ID, p.Title, w.Policies[policyID], p.Version, p.EffectiveAt.Format(time.DateOnly), w.Policies[policyID] == p.Version,
			p.Summary, p.Source, p.Link, []policyChange{}}
		for _, c := range policy.Since(s.policies, policyID, w.Policies[policyID], now) {
			one.Changes = append(one.Changes, policyChange{c.Version, c.EffectiveAt.Format(time.DateOnly), c.Says})
		}
		list = append(list, one)
	}
	return list
}

type policiesOut struct {
	ETag string `header:"ETag" doc:"The workspace's."`
	Body struct {
		Policies []policyStatus `json:"items"`
	}
}

func (s *service) answerPolicies(w access.Workspace, etag string, err error) (*policiesOut, error) {
	if err != nil {
		return nil, err
	}
	out := &policiesOut{ETag: etag}
	out.Body.Policies = s.policyStatuses(w)
	return out, nil
}

// routesOfPolicies registers the policies that a workspace is held to.
func (s *service) routesOfPolicies(a *api.API) {
	const path = "/v1/workspaces/{workspace}/policies"
	api.Handle(a, api.Operation{Method: "GET", Path: path, ID: "listWorkspacePolicies", Rule: access.MemberOf(access.Read), Summary: "The policies of a workspace, and what changed in them", Access: api.SecondFactor},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"64"`
		}) (*policiesOut, error) {
			w, etag, err := s.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read)
			return s.answerPolicies(w, etag, err)
		})
	api.Handle(a, api.Operation{Method: "PUT", Path: path, ID: "acknowledgePolicies", Rule: access.ToChange(access.Manage), Summary: "Acknowledge the policies in force", Access: api.SecondFactor,
		Description: "For owners. Needs If-Match."},
		func(ctx context.Context, in *struct {
			ChangeOf
			Body struct {
				Policies []policyIn `json:"policies" maxItems:"20"`
			}
		}) (*policiesOut, error) {
			w, etag, err := s.acknowledge(ctx, session.Must(ctx), in.Workspace, in.IfMatch, in.Body.Policies)
			return s.answerPolicies(w, etag, err)
		})
}
