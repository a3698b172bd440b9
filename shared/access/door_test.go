package access

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

// door is a gate with people that differ by what decides on them, and workspaces.
type door struct {
	*Gate
	put                func(collection, name string, v any)
	project            string
	registered, paused string
}

func newDoor(t *testing.T) door {
	project := testkit.Project(t)
	g, _, put := newGateFor(t, project)
	put(Institutions, "harvard", harvard())
	reset := noon.Add(-time.Hour)
	for uid, change := range map[string]func(*Account){
		"controlled": func(*Account) {},
		"registered": func(a *Account) { delete(a.Modules, string(ControlledTraining)) },
		"public":     func(a *Account) { delete(a.Modules, string(CodeOfConduct)) },
		"disabled":   func(a *Account) { a.Disabled = true },
		"stranger":   func(*Account) {},
		"board":      func(a *Account) { a.AdminRoles = []Role{ReviewBoard} },
		"offBoard":   func(a *Account) { a.AdminRoles, a.Disabled = []Role{ReviewBoard}, true },
	} {
		a := complete()
		a.UID, a.AssuranceAfter = uid, reset
		change(&a)
		put(Accounts, uid, a)
	}
	d := door{Gate: g, put: put, project: project, registered: id.New(id.Workspace, noon), paused: id.New(id.Workspace, noon.Add(time.Second))}
	members := map[string]string{"controlled": Reader, "registered": Writer, "public": Owner, "disabled": Owner, "noAccount": Owner}
	put(Workspaces, d.registered, Workspace{ID: d.registered, Tier: Registered, State: Active, Members: members})
	put(Workspaces, d.paused, Workspace{ID: d.paused, Tier: Registered, State: Paused, Members: members})
	return d
}

// as is a session whose second factor was verified after the last reset; a name
// that ends in "Old" has one of before, one in "1" has level 1.
func as(name string) session.Principal {
	p := session.Principal{UID: name, Level: session.SecondFactor, SecondFactorAt: noon}
	if uid, ok := strings.CutSuffix(name, "Old"); ok {
		p.UID, p.SecondFactorAt = uid, noon.Add(-2*time.Hour)
	} else if uid, ok := strings.CutSuffix(name, "1"); ok {
		p.UID, p.Level, p.SecondFactorAt = uid, session.SignedIn, time.Time{}
	}
	return p
}

func TestAuthorize(t *testing.T) {
	d := newDoor(t)
	const ok, assurance, denied, missing = fault.Kind(""), fault.Assurance, fault.Denied, fault.NotFound
	nowhere := id.New(id.Workspace, noon.Add(time.Hour))
	for _, c := range []struct {
		rule      Rule
		need      session.Level
		workspace string
		want      map[string]fault.Kind
	}{
		{Own, session.SignedIn, "", map[string]fault.Kind{"noAccount1": ok, "disabled1": ok, "public1": ok, "publicOld": ok}},
		{NotDisabled, session.SignedIn, "", map[string]fault.Kind{"noAccount1": ok, "disabled1": denied, "public1": ok, "publicOld": ok}},
		{NotDisabled, session.SecondFactor, "", map[string]fault.Kind{"noAccount": ok, "disabled": denied, "public": ok, "publicOld": assurance}},
		{Enabled(), session.SignedIn, "", map[string]fault.Kind{"noAccount1": missing, "disabled1": denied, "public1": ok, "publicOld": ok}},
		{Enabled(), session.SecondFactor, "", map[string]fault.Kind{"noAccount": missing, "disabled": denied, "disabledOld": assurance, "public": ok, "publicOld": assurance}},
		{ByRecord("x"), session.SecondFactor, "", map[string]fault.Kind{"noAccount": missing, "disabled": denied, "public": ok, "publicOld": assurance}},
		{AtTier(Registered), session.SecondFactor, "", map[string]fault.Kind{"noAccount": missing, "disabled": denied, "public": denied, "registered": ok, "controlled": ok, "controlledOld": assurance}},
		{AtTier(Controlled), session.SecondFactor, "", map[string]fault.Kind{"registered": denied, "controlled": ok}},
		{HasRole(ReviewBoard), session.SecondFactor, "", map[string]fault.Kind{"noAccount": missing, "controlled": denied, "board": ok, "boardOld": assurance, "offBoard": denied}},
		{HasRole(AccessAdmin), session.SecondFactor, "", map[string]fault.Kind{"board": denied}},
		{HasRole(AccessAdmin, ReviewBoard), session.SecondFactor, "", map[string]fault.Kind{"board": ok}},
		{HasRole(ReviewBoard), session.SecondFactor, d.registered, map[string]fault.Kind{"board": ok}}, // no member
		{MemberOf(Read), session.SecondFactor, d.registered, map[string]fault.Kind{"noAccount": missing, "disabled": denied, "public": denied,
			"registered": ok, "controlled": ok, "stranger": missing, "board": missing, "controlledOld": assurance, "strangerOld": assurance}},
		{MemberOf(Edit), session.SecondFactor, d.registered, map[string]fault.Kind{"registered": ok, "controlled": denied, "stranger": missing}},
		{MemberOf(Run), session.SecondFactor, d.paused, map[string]fault.Kind{"registered": denied, "stranger": missing}},
		{MemberOf(Read), session.SecondFactor, d.paused, map[string]fault.Kind{"registered": ok}},
		{MemberOf(Read), session.SecondFactor, nowhere, map[string]fault.Kind{"registered": missing, "disabled": denied, "registeredOld": assurance, "noAccount": missing}},
		{MemberOf(Read), session.SecondFactor, "../accounts/registered", map[string]fault.Kind{"registered": missing}},
		{MemberOf(Read), session.SecondFactor, "", map[string]fault.Kind{"registered": missing}},
		{Rule{}, session.SignedIn, "", map[string]fault.Kind{"public1": fault.Internal}},
	} {
		for name, want := range c.want {
			if _, err := d.Authorize(t.Context(), as(name), c.need, c.rule, c.workspace); fault.KindOf(err) != want {
				t.Errorf("%s for %s at level %d in %q: %v, want %q", c.rule, name, c.need, c.workspace, err, want)
			}
		}
	}
	// Who is no member learns nothing: the same words for what is not there.
	_, hidden := d.Authorize(t.Context(), as("stranger"), session.SecondFactor, MemberOf(Read), d.registered)
	_, absent := d.Authorize(t.Context(), as("stranger"), session.SecondFactor, MemberOf(Read), nowhere)
	if fault.Message(hidden) == "" || fault.Message(hidden) != fault.Message(absent) {
		t.Errorf("%q and %q", fault.Message(hidden), fault.Message(absent))
	}
}

// What the front door read serves the request, and nothing beyond it: the facts
// are changed behind its back, and what still shows the old ones took them from
// the request.
func TestARequestReadsItsFactsOnce(t *testing.T) {
	d := newDoor(t)
	p := as("registered")
	ctx, err := d.Authorize(session.With(t.Context(), p), p, session.SecondFactor, MemberOf(Read), d.registered)
	if err != nil {
		t.Fatal(err)
	}
	off := complete()
	off.UID, off.Disabled = "registered", true
	d.put(Accounts, "registered", off)
	d.put(Workspaces, d.registered, Workspace{ID: d.registered, Tier: Registered, State: Active, Members: map[string]string{"else": Owner}})
	d.put(Institutions, "harvard", Institution{ID: "harvard"})

	asks := map[string]func(context.Context) error{
		"workspace": func(ctx context.Context) error {
			_, _, err := d.Workspace(ctx, p, d.registered, Edit)
			return err
		},
		"enabled": func(ctx context.Context) error { _, err := d.Enabled(ctx, p); return err },
		"caller":  func(ctx context.Context) error { _, err := d.Caller(ctx, p); return err },
		"tier": func(ctx context.Context) error {
			tier, err := d.Tier(ctx, p.UID)
			if err == nil && tier != Registered {
				return fault.New(fault.Denied, "%s", tier)
			}
			return err
		},
	}
	for name, ask := range asks {
		if err := ask(ctx); err != nil {
			t.Errorf("%s in the request: %v", name, err)
		}
		if err := ask(session.With(t.Context(), p)); !fault.Is(err, fault.Denied) {
			t.Errorf("%s in another request: %v", name, err)
		}
	}
	if a, err := d.Record(ctx, p.UID); err != nil || !a.Disabled {
		t.Errorf("the record was not read: %+v, %v", a, err)
	}
	if st, err := d.StatusOf(ctx, complete()); err != nil || st.Tier != PublicTier {
		t.Errorf("the status of a record that was read: %s, %v", st.Tier, err)
	}
	// A verdict is never kept: the same facts, another act.
	if _, _, err := d.Workspace(ctx, p, d.registered, Manage); !fault.Is(err, fault.Denied) {
		t.Errorf("a writer manages: %v", err)
	}
	// Another person, another workspace, another database: nothing of it counts.
	if _, err := d.Enabled(ctx, as("disabled")); !fault.Is(err, fault.Denied) {
		t.Errorf("another person: %v", err)
	}
	if _, _, err := d.Workspace(ctx, p, d.paused, Read); !fault.Is(err, fault.Denied) {
		t.Errorf("another workspace: %v", err)
	}
	other, _, _ := newGate(t)
	if _, err := other.Enabled(ctx, p); !fault.Is(err, fault.NotFound) {
		t.Errorf("another database: %v", err)
	}
}

func TestFactsAreJudgedByTheClockOfEachCheck(t *testing.T) {
	d := newDoor(t)
	now, p := d.Clock, as("registered")
	ctx, err := d.Authorize(t.Context(), p, session.SecondFactor, MemberOf(Read), d.registered)
	if err != nil {
		t.Fatal(err)
	}
	d.Clock = later{now.Now().Add(rules.ModuleValidity)}
	if _, _, err := d.Workspace(ctx, p, d.registered, Read); !fault.Is(err, fault.Denied) {
		t.Errorf("after the modules expired: %v", err)
	}
}

type later struct{ at time.Time }

func (l later) Now() time.Time { return l.at }

// Handlers may ask side by side.
func TestFactsServeSideBySide(t *testing.T) {
	d := newDoor(t)
	p := as("registered")
	ctx, err := d.Authorize(t.Context(), p, session.SecondFactor, Enabled(), "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	tiers := map[Tier]int{}
	var mu sync.Mutex
	for range 4 {
		wg.Go(func() {
			tier, err := d.Tier(ctx, p.UID)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			tiers[tier]++
		})
	}
	wg.Wait()
	if !maps.Equal(tiers, map[Tier]int{Registered: 4}) {
		t.Errorf("%v", tiers)
	}
}
