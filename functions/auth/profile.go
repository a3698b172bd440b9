package auth

import (
	"slices"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/policy"
)

// The bounds of a profile, in characters.
const (
	nameMax        = 200
	affiliationMax = 200
	otherMax       = 100
	areaMax        = 1000
)

// profileIn is a profile as it is sent: whole for a new account, in part for a
// change. Nothing is required by its form, so that one place says what is
// missing, all at once. It holds nothing that gives a right: tier, admin roles
// and modules are not a person's to send.
type profileIn struct {
	Name           *string   `json:"name,omitempty" doc:"The full name, as signatures will need it; at most 200 characters. A signature given under an earlier name stays as it is."`
	Affiliation    *string   `json:"affiliation,omitempty" doc:"Organization and department, at most 200 characters."`
	Role           *string   `json:"role,omitempty" maxLength:"100" doc:"One of the roles of GET /auth/v1/profile-form."`
	OtherRole      *string   `json:"otherRole,omitempty" doc:"With role other: which, at most 100 characters."`
	Degrees        *[]string `json:"degrees,omitempty" maxItems:"30" doc:"One or more of the degrees of GET /auth/v1/profile-form; none stands alone."`
	OtherDegree    *string   `json:"otherDegree,omitempty" doc:"With degree other: which, at most 100 characters."`
	ResearchArea   *string   `json:"researchArea,omitempty" doc:"What the research is about, at most 1,000 characters."`
	TermsOfService *string   `json:"termsOfService,omitempty" maxLength:"20" doc:"The accepted version of the terms of service: the one in force."`
}

// nothing reports whether nothing was sent.
func (in profileIn) nothing() bool { return in == profileIn{} }

// apply checks the profile that comes of a change to an account, whole, and
// gives the account with it. What is left out stays; a text that belongs to a
// choice goes with it.
func (in profileIn) apply(a access.Account, now time.Time) (access.Account, error) {
	var f form
	p := a.Profile
	if in.Role != nil && *in.Role != choiceOther {
		p.OtherRole = ""
	}
	if in.Degrees != nil && !slices.Contains(*in.Degrees, choiceOther) {
		p.OtherDegree = ""
	}
	p.Role, p.Degrees = or(in.Role, p.Role), or(in.Degrees, p.Degrees)
	a.Name = f.line("body.name", or(in.Name, a.Name), "Give your full name.", nameMax)
	p.Affiliation = f.line("body.affiliation", or(in.Affiliation, p.Affiliation), "Say where you work or study.", affiliationMax)
	if !slices.ContainsFunc(roles, choice{ID: p.Role}.same) {
		f.Say("body.role", "Choose a role of the list.")
	}
	p.OtherRole = f.unasked("body.otherRole", or(in.OtherRole, p.OtherRole), "Say which role.", otherMax, p.Role == choiceOther)
	f.choices("body.degrees", p.Degrees, degrees, choiceNone)
	p.OtherDegree = f.unasked("body.otherDegree", or(in.OtherDegree, p.OtherDegree), "Say which degree.", otherMax, slices.Contains(p.Degrees, choiceOther))
	p.ResearchArea = f.lines("body.researchArea", or(in.ResearchArea, p.ResearchArea), "Say what your research is about.", areaMax)
	a.Profile = p
	if in.TermsOfService != nil || a.Terms.Version == "" {
		a.Terms = accept(&f, "body.termsOfService", a.Terms, or(in.TermsOfService, ""), now)
	}
	return a, f.Err()
}

func or[T any](sent *T, kept T) T {
	if sent == nil {
		return kept
	}
	return *sent
}

// accept is the acceptance of a version of the terms of service: the one in
// force, or a later one that is known already. Accepting again what is accepted
// changes nothing.
func accept(f *form, path string, before access.Terms, version string, now time.Time) access.Terms {
	if !policy.Signable(policy.Versions(), policy.TermsOfService, version, now) {
		f.Say(path, "Accept the version in force: %s.", termsInForce(now))
	}
	if version == before.Version {
		return before
	}
	return access.Terms{Version: version, AcceptedAt: now}
}

// termsInForce is the version of the terms of service in force, "" for none.
func termsInForce(now time.Time) string {
	p, _ := policy.CurrentOf(policy.TermsOfService, now)
	return p.Version
}

// termsDue reports whether the person has to accept the terms of service anew:
// what was accepted has been replaced.
func termsDue(t access.Terms, now time.Time) bool {
	if t.Version == "" {
		return termsInForce(now) != ""
	}
	lapse := policy.Lapse(policy.Versions(), policy.TermsOfService, t.Version, t.AcceptedAt)
	return !lapse.IsZero() && !now.Before(lapse)
}

// difference tells a change of profile in the audit log: the fields that
// changed, with what is in them before and after. A profile holds no secrets.
func difference(before, after access.Account) (was, is string) {
	var old, now []string
	for _, one := range []struct{ name, before, after string }{
		{"name", before.Name, after.Name},
		{"affiliation", before.Profile.Affiliation, after.Profile.Affiliation},
		{"role", before.Profile.Role, after.Profile.Role},
		{"otherRole", before.Profile.OtherRole, after.Profile.OtherRole},
		{"degrees", strings.Join(before.Profile.Degrees, " "), strings.Join(after.Profile.Degrees, " ")},
		{"otherDegree", before.Profile.OtherDegree, after.Profile.OtherDegree},
		{"researchArea", before.Profile.ResearchArea, after.Profile.ResearchArea},
		{"termsOfService", before.Terms.Version, after.Terms.Version},
	} {
		if one.before != one.after {
			old, now = append(old, one.name+" "+quoted(one.before)), append(now, one.name+" "+quoted(one.after))
		}
	}
	return strings.Join(old, ", "), strings.Join(now, ", ")
}

func quoted(s string) string { return `"` + s + `"` }

// errNothing is what an empty change hears.
func errNothing() error { return fault.New(fault.Invalid, "Send at least one field to change.") }
