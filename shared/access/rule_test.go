package access

import (
	"strings"
	"testing"

	"researchhub.example/hub/shared/session"
)

// A rule that does not fit its route is a programming fault, and is named.
func TestARuleFitsItsRoute(t *testing.T) {
	const plain, inWorkspace = "/v1/things", "/v1/workspaces/{workspace}/things"
	for _, c := range []struct {
		name string
		rule Rule
		need session.Level
		path string
		want string // what the fault holds, "" for none
	}{
		{"none", Rule{}, session.SignedIn, plain, "states no rule"},
		{"none, public", Rule{}, session.Public, plain, "states no rule"},
		{"anyone", Anyone, session.Public, plain, ""},
		{"anyone behind a session", Anyone, session.SignedIn, plain, "its rule is for anyone"},
		{"a session on a public route", Enabled(), session.Public, plain, "it is public"},
		{"own", Own, session.SignedIn, plain, ""},
		{"own with level 2", Own, session.SecondFactor, plain, "may have been reset"},
		{"not disabled", NotDisabled, session.SecondFactor, plain, ""},
		{"enabled", Enabled(), session.SignedIn, plain, ""},
		{"tier", AtTier(Registered), session.SecondFactor, plain, ""},
		{"tier with level 1", AtTier(Registered), session.SignedIn, plain, "needs a session of level 2"},
		{"the tier that everybody has", AtTier(PublicTier), session.SecondFactor, plain, "no tier that one has to hold"},
		{"no tier", AtTier("secret"), session.SecondFactor, plain, "no tier that one has to hold"},
		{"role", HasRole(ReviewBoard, CommunityAdmin), session.SecondFactor, plain, ""},
		{"role with level 1", HasRole(ReviewBoard), session.SignedIn, plain, "needs a session of level 2"},
		{"no role", HasRole(), session.SecondFactor, plain, "names no role"},
		{"an unknown role", HasRole("admin"), session.SecondFactor, plain, `"admin" is no admin role`},
		{"member", MemberOf(Run), session.SecondFactor, inWorkspace, ""},
		{"member with level 1", MemberOf(Run), session.SignedIn, inWorkspace, "needs a session of level 2"},
		{"a change", ToChange(Archive), session.SecondFactor, inWorkspace, ""},
		{"a change of nothing", ToChange(Archive), session.SecondFactor, plain, "there is none"},
		{"member of nothing", MemberOf(Run), session.SecondFactor, plain, "there is none"},
		{"an unknown action", MemberOf("everything"), session.SecondFactor, inWorkspace, "nothing that a member may do"},
		{"a workspace nobody looks at", Enabled(), session.SecondFactor, inWorkspace, "does not look at it"},
		{"the board in a workspace", HasRole(ReviewBoard), session.SecondFactor, inWorkspace, ""},
		{"record", ByRecord("the owner"), session.SecondFactor, plain, ""},
		{"record, public", ByRecord("a signature"), session.Public, plain, ""},
		{"record, unexplained", ByRecord(""), session.SecondFactor, plain, "says how the record decides"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.rule.Check(c.need, c.path)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestARuleSaysItself(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range []Rule{{}, Anyone, Own, NotDisabled, Enabled(), AtTier(Registered), AtTier(Controlled), HasRole(ReviewBoard),
		HasRole(ReviewBoard, AccessAdmin), MemberOf(Read), MemberOf(Run), ByRecord("the owner"), ByRecord("the author")} {
		shown := r.Show(session.SecondFactor)
		if shown.Rule != r.Kind() || shown.Level != session.SecondFactor || seen[shown.Says] || r.Stated() != (shown.Rule != "") {
			t.Errorf("%+v", shown)
		}
		seen[shown.Says] = true
	}
}
