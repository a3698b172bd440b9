package workspace

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
)

// listing are the names of a list, all its pages.
func (r *room) listing(token, query string) []string {
	r.t.Helper()
	names := []string{}
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		a := r.want(200, "GET", "/workspaces?limit=2&"+query+"&cursor="+url.QueryEscape(cursor), token, "", nil)
		for _, e := range a.body["items"].([]any) {
			names = append(names, e.(map[string]any)["name"].(string))
		}
		cursor, _ = a.body["next"].(string)
		if pages > 20 {
			r.t.Fatal("the pages do not end")
		}
	}
	return names
}

func TestListFilters(t *testing.T) {
	r := newRoom(t)
	seeded := 0
	seed := func(name string, tier access.Tier, state, role string) {
		at := morning.Add(time.Duration(seeded) * time.Second)
		seeded++
		w := access.Workspace{ID: id.New(id.Workspace, at), Name: name, Tier: tier, State: state, OwnerUID: "dora",
			Members: map[string]string{"dora": access.Owner, "ann": role}, CreatedAt: at, UpdatedAt: at}
		r.put(access.Workspaces, w.ID, w.Keyed())
	}
	seed("Asthma A", access.Registered, access.Active, access.Owner)
	seed("asthma B", access.Controlled, access.Active, access.Writer)
	seed("ASTHMA  c", access.Registered, access.Archived, access.Reader)
	seed("Diabetes", access.Controlled, access.Paused, access.Owner)
	seed("Gone", access.Registered, access.Deleted, access.Owner)
	seed("Gone, not ann's", access.Registered, access.Deleted, access.Writer)
	seed("Half", access.Registered, access.Copying, access.Owner)
	seed("Going", access.Registered, access.Purging, access.Owner)
	for query, want := range map[string][]string{
		"":                           {"Diabetes", "ASTHMA  c", "asthma B", "Asthma A"},
		"role=owner":                 {"Diabetes", "Asthma A"},
		"role=writer":                {"asthma B"},
		"role=reader":                {"ASTHMA  c"},
		"state=active":               {"asthma B", "Asthma A"},
		"state=paused":               {"Diabetes"},
		"state=archived":             {"ASTHMA  c"},
		"state=deleted":              {"Gone"},
		"state=deleted&role=owner":   {"Gone"},
		"state=deleted&role=writer":  {},
		"tier=registered":            {"ASTHMA  c", "Asthma A"},
		"tier=controlled":            {"Diabetes", "asthma B"},
		"tier=controlled&role=owner": {"Diabetes"},
		"state=active&tier=controlled&role=writer": {"asthma B"},
		"name=asth":             {"Asthma A", "asthma B", "ASTHMA  c"}, // in the order of their names
		"name=ASTHMA%20C":       {"ASTHMA  c"},
		"name=sthma":            {},
		"name=asth&role=owner":  {"Asthma A"},
		"name=a&state=archived": {"ASTHMA  c"},
		"name=g&state=deleted":  {"Gone"},
		"name=%F4%8F%BF%BF":     {},
	} {
		if d := cmp.Diff(want, r.listing("ann", query)); d != "" {
			t.Errorf("%q: %s", query, d)
		}
	}
	if got := r.listing("eve", ""); len(got) != 0 {
		t.Errorf("a stranger's list: %v", got)
	}
	for _, bad := range []string{"role=admin", "state=copying", "tier=public", "limit=0", "limit=101", "cursor=x", "cursor=" + cursor("x", "../x"),
		"cursor=" + cursor("not a moment", id.New(id.Workspace, morning))} {
		r.want(422, "GET", "/workspaces?"+bad, "ann", "", nil)
	}
}

// The last changed comes first.
func TestAChangeMovesAWorkspaceToTheTop(t *testing.T) {
	r := newRoom(t)
	etags, ids := map[string]string{}, map[string]string{}
	for i := range 3 {
		name := fmt.Sprintf("Project %d", i)
		ids[name], etags[name] = r.created("ann", name)
		r.clock.Advance(time.Second)
	}
	r.want(200, "PATCH", "/workspaces/"+ids["Project 0"], "ann", etags["Project 0"], map[string]any{"purpose": newPurpose()})
	if d := cmp.Diff([]string{"Project 0", "Project 2", "Project 1"}, r.listing("ann", "")); d != "" {
		t.Error(d)
	}
}

// Workspaces changed at one moment are each listed once.
func TestPagesOfOneMoment(t *testing.T) {
	r := newRoom(t)
	want := map[string]bool{}
	for i := range 5 {
		name := fmt.Sprintf("Project %d", i)
		r.created("ann", name)
		want[name] = true
	}
	got := r.listing("ann", "")
	slices.Sort(got)
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), got); d != "" {
		t.Error(d)
	}
}
