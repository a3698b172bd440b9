package access

import (
	"testing"

	"researchhub.example/hub/shared/fault"
)

func TestCovers(t *testing.T) {
	order := []Tier{PublicTier, Registered, Controlled}
	for i, a := range order {
		for j, b := range order {
			if a.Covers(b) != (i >= j) {
				t.Errorf("%s covers %s: %v", a, b, a.Covers(b))
			}
		}
		if a.Covers("") || a.Covers("secret") || Tier("").Covers(a) || Tier("secret").Covers(a) {
			t.Errorf("%s and something that is no tier", a)
		}
	}
}

// The authorization table of a workspace, whole: role x the person's tier x the
// workspace's tier x state x action.
func TestMay(t *testing.T) {
	can := map[string]map[Action]bool{
		Owner:     {Read: true, Edit: true, Run: true, Manage: true},
		Writer:    {Read: true, Edit: true, Run: true},
		Reader:    {Read: true},
		"":        {}, // no member
		"admin":   {}, // no role of a workspace
		"Owner":   {},
		"removed": {},
	}
	cases := 0
	for role, acts := range can {
		for _, tier := range []Tier{PublicTier, Registered, Controlled, ""} {
			for _, needs := range []Tier{Registered, Controlled, ""} {
				for _, state := range []string{Active, Paused} {
					for _, act := range []Action{Read, Edit, Run, Manage, "", "delete"} {
						w := Workspace{Tier: needs, State: state, Members: map[string]string{"else": Owner}}
						if role != "" {
							w.Members["u"] = role
						}
						want := fault.Kind("")
						switch {
						case role == "":
							want = fault.NotFound
						case !(tier == Controlled && needs != "" || tier == Registered && needs == Registered), !acts[act], state == Paused && act == Run:
							want = fault.Denied
						}
						if got := fault.KindOf(May(w, "u", tier, act)); got != want {
							t.Errorf("%q with %q in a %q workspace that is %s, to %q: %q, want %q", role, tier, needs, state, act, got, want)
						}
						cases++
					}
				}
			}
		}
	}
	if cases != 7*4*3*2*6 {
		t.Errorf("%d cases", cases)
	}
}
