package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// table is the authorization table of a workspace as the programme's rules have
// it, spelled out on its own: by role and state, the acts that are let through.
// What is not here is refused.
var table = map[string]map[string]string{
	Owner: {
		Active:   "inspect read edit run describe manage leave archive delete",
		Paused:   "inspect read describe leave delete",
		Archived: "inspect read leave delete restore",
		Deleted:  "inspect restore",
	},
	Writer: {
		Active:   "inspect read edit run leave",
		Paused:   "inspect read leave",
		Archived: "inspect read leave",
	},
	Reader: {
		Active:   "inspect read leave",
		Paused:   "inspect read leave",
		Archived: "inspect read leave",
	},
}

// The authorization table of a workspace, whole: role x the person's tier x the
// workspace's tier x state x action.
func TestMay(t *testing.T) {
	roles := []string{Owner, Writer, Reader, "", "admin", "Owner", "removed"}
	states := []string{Active, Paused, Archived, Deleted, Purging, Copying, "", "Active"}
	acts := []Action{Inspect, Read, Edit, Run, Describe, Manage, Leave, Archive, Delete, Restore, "", "everything"}
	cases, through := 0, 0
	for _, role := range roles {
		for _, tier := range []Tier{PublicTier, Registered, Controlled, ""} {
			for _, needs := range []Tier{Registered, Controlled, ""} {
				for _, state := range states {
					for _, act := range acts {
						w := Workspace{Tier: needs, State: state, Members: map[string]string{"else": Owner}}
						if role != "" {
							w.Members["u"] = role
						}
						holds := tier == Controlled && needs != "" || tier == Registered && needs == Registered || act == Leave
						let := slices.Contains(strings.Fields(table[role][state]), string(act))
						hidden := role == "" || state == Deleted && role != Owner || !slices.Contains([]string{Active, Paused, Archived, Deleted}, state)
						got := fault.KindOf(May(w, "u", tier, act))
						switch where := fmt.Sprintf("%q with %q in a %q workspace that is %q, to %q", role, tier, needs, state, act); {
						case (got == "") != (let && holds):
							t.Errorf("%s: %q, want it let through: %v", where, got, let && holds)
						case (got == fault.NotFound) != hidden && state != Deleted:
							t.Errorf("%s: %q, want it hidden: %v", where, got, hidden)
						case hidden && got != fault.NotFound:
							t.Errorf("%s: %q, want it hidden", where, got)
						}
						cases++
						if got == "" {
							through++
						}
					}
				}
			}
		}
	}
	// Each act let through is so for the three pairs of tiers that fit; leaving for
	// all twelve.
	want := 0
	for _, byState := range table {
		for _, list := range byState {
			for _, act := range strings.Fields(list) {
				if want += 3; act == string(Leave) {
					want += 9
				}
			}
		}
	}
	if cases != 7*4*3*8*12 || through != want {
		t.Errorf("%d cases, %d let through, want %d", cases, through, want)
	}
}

// What a refusal by a state says: what would help.
func TestRefusalsSayWhatHelps(t *testing.T) {
	for _, c := range []struct {
		state string
		act   Action
		kind  fault.Kind
		says  string
	}{
		{Paused, Run, fault.Denied, "review board"},
		{Paused, Edit, fault.Denied, "review board"},
		{Paused, Archive, fault.Denied, "review board"}, // restoring would end the pause
		{Archived, Run, fault.Denied, "restore"},
		{Archived, Manage, fault.Denied, "restore"},
		{Deleted, Read, fault.NotFound, "Restore it first"},
		{Active, Restore, fault.Conflict, "nothing to restore"},
	} {
		err := May(Workspace{Tier: Registered, State: c.state, Members: map[string]string{"u": Owner}}, "u", Registered, c.act)
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.says) {
			t.Errorf("%s when %s: %v, want %s that says %q", c.act, c.state, err, c.kind, c.says)
		}
	}
}

func TestKeyed(t *testing.T) {
	w := Workspace{Name: " Asthma  in CITIES", Tier: Registered, Members: map[string]string{"b": Reader, "a": Owner}, PurgeAt: time.Unix(1, 0)}
	shown := func(state string) []string {
		var keys []string
		for _, m := range [][2]string{{"a", "owner"}, {"b", "reader"}} {
			for _, role := range []string{m[1], "any"} {
				for _, state := range []string{state, "any"} {
					keys = append(keys, role+"/"+state+"/registered/"+m[0], role+"/"+state+"/any/"+m[0])
				}
			}
		}
		return keys
	}
	for state, want := range map[string][]string{
		Active: shown(Active), Paused: shown(Paused), Archived: shown(Archived), Purging: {}, Copying: {}, "": {},
		Deleted: {"owner/deleted/registered/a", "owner/deleted/any/a", "any/deleted/registered/a", "any/deleted/any/a"},
	} {
		w.State = state
		got := w.Keyed()
		if d := cmp.Diff(want, got.ListKeys); d != "" {
			t.Errorf("%q: %s", state, d)
		}
		members := []string{}
		if w.Shown() {
			members = []string{"a", "b"}
		}
		if d := cmp.Diff(members, got.MemberUIDs); d != "" || got.NameKey != "asthma in cities" || got.SchemaVersion != WorkspaceSchema {
			t.Errorf("%q: %s %+v", state, d, got)
		}
	}
	// Nobody's key is another's, whatever a uid is made of: what stands before it
	// are words of ours.
	if ListKey("any/a", "", "", "") == ListKey("a", "", "", "") || ListKey("a", "", Deleted, "") == ListKey("a", "", "", "") {
		t.Error("two lists go by one key")
	}
}
