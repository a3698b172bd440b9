package access

import (
	"testing"
	"time"

	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

func newGate(t *testing.T) (*Gate, *clock.Manual, func(collection, name string, v any)) {
	t.Helper()
	return newGateFor(t, testkit.Project(t))
}

func newGateFor(t *testing.T, project string) (*Gate, *clock.Manual, func(collection, name string, v any)) {
	t.Helper()
	now := clock.NewManual(noon)
	g := &Gate{Client: testkit.FirestoreFor(t, project), Rules: rules, Clock: now}
	return g, now, func(collection, name string, v any) {
		t.Helper()
		if _, err := g.Client.Collection(collection).Doc(name).Set(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGateReadsTheFactsAtEachCheck(t *testing.T) {
	g, now, put := newGate(t)
	ctx := t.Context()
	if _, err := g.Tier(ctx, "u"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody's tier: %v", err)
	}
	put(Accounts, "u", complete())
	if tier, err := g.Tier(ctx, "u"); err != nil || tier != PublicTier {
		t.Errorf("without the institution's record: %s, %v", tier, err)
	}
	put(Institutions, "harvard", harvard())
	if tier, err := g.Tier(ctx, "u"); err != nil || tier != Controlled {
		t.Errorf("whole: %s, %v", tier, err)
	}
	now.Advance(rules.ModuleValidity)
	if tier, err := g.Tier(ctx, "u"); err != nil || tier != PublicTier {
		t.Errorf("expired: %s, %v", tier, err)
	}
	now.Set(noon)
	a := complete()
	a.InstitutionID = ""
	put(Accounts, "u", a)
	if tier, err := g.Tier(ctx, "u"); err != nil || tier != PublicTier {
		t.Errorf("without an institution: %s, %v", tier, err)
	}
}

func TestGateWorkspace(t *testing.T) {
	g, now, put := newGate(t)
	ctx := t.Context()
	put(Institutions, "harvard", harvard())
	for _, uid := range []string{"owner", "reader", "stranger"} {
		a := complete()
		a.UID = uid
		put(Accounts, uid, a)
	}
	ws := id.New(id.Workspace, noon)
	put(Workspaces, ws, Workspace{ID: ws, Tier: Controlled, State: Active, OwnerUID: "owner",
		Members: map[string]string{"owner": Owner, "reader": Reader, "gone": Writer}})
	for _, c := range []struct {
		name, uid, ws string
		act           Action
		want          fault.Kind
	}{
		{"owner", "owner", ws, Manage, ""},
		{"reader reads", "reader", ws, Read, ""},
		{"reader edits", "reader", ws, Edit, fault.Denied},
		{"stranger", "stranger", ws, Read, fault.NotFound},
		{"member without an account", "gone", ws, Read, fault.NotFound},
		{"no such workspace", "owner", id.New(id.Workspace, noon), Read, fault.NotFound},
		{"another kind of record", "owner", id.New(id.Cohort, noon), Read, fault.NotFound},
		{"a path", "owner", "../accounts/owner", Read, fault.NotFound},
		{"nothing", "owner", "", Read, fault.NotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, etag, err := g.Workspace(ctx, session.Principal{UID: c.uid, Level: session.SecondFactor}, c.ws, c.act)
			if fault.KindOf(err) != c.want {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if (err == nil) != (w.ID == ws) || (err == nil) != (etag != "") {
				t.Errorf("workspace %q, etag %q, error %v", w.ID, etag, err)
			}
		})
	}
	w, etag, err := g.Workspace(ctx, session.Principal{UID: "owner"}, ws, Read)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := g.Client.Collection(Workspaces).Doc(w.ID).Get(ctx)
	if err != nil || etag != firestorex.ETag(snap.UpdateTime) {
		t.Errorf("etag %s, want %s, %v", etag, firestorex.ETag(snap.UpdateTime), err)
	}
	// The role stays, the tier has gone.
	now.Advance(rules.ModuleValidity)
	if _, _, err := g.Workspace(ctx, session.Principal{UID: "owner"}, ws, Read); !fault.Is(err, fault.Denied) {
		t.Errorf("after the modules expired: %v", err)
	}
}

func TestGateRefusesAnAssuranceOfBeforeAReset(t *testing.T) {
	g, _, put := newGate(t)
	put(Institutions, "harvard", harvard())
	a := complete()
	a.AssuranceAfter, a.AdminRoles = noon, []Role{AccessAdmin}
	put(Accounts, "u", a)
	ws := id.New(id.Workspace, noon)
	put(Workspaces, ws, Workspace{ID: ws, Tier: Controlled, State: Active, OwnerUID: "u", Members: map[string]string{"u": Owner}})
	for _, c := range []struct {
		name string
		p    session.Principal
		want fault.Kind
	}{
		{"verified before", session.Principal{UID: "u", Level: session.SecondFactor, SecondFactorAt: noon.Add(-time.Second)}, fault.Assurance},
		{"verified never", session.Principal{UID: "u", Level: session.SecondFactor}, fault.Assurance},
		{"verified at that moment", session.Principal{UID: "u", Level: session.SecondFactor, SecondFactorAt: noon}, ""},
		{"verified after", session.Principal{UID: "u", Level: session.SecondFactor, SecondFactorAt: noon.Add(time.Second)}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := session.With(t.Context(), c.p)
			_, _, statusErr := g.Status(ctx, "u")
			_, tierErr := g.Tier(ctx, "u")
			_, callerErr := g.Caller(t.Context(), c.p)
			_, accountErr := g.Account(ctx, "u")
			_, _, workspaceErr := g.Workspace(t.Context(), c.p, ws, Read)
			for name, err := range map[string]error{"status": statusErr, "tier": tierErr, "account": accountErr, "workspace": workspaceErr, "caller": callerErr,
				"role": g.RequireRole(t.Context(), c.p, AccessAdmin)} {
				if fault.KindOf(err) != c.want {
					t.Errorf("%s: %v, want %q", name, err, c.want)
				}
			}
			// Another person's account is nothing to this session.
			if _, err := g.Account(session.With(t.Context(), session.Principal{UID: "v", Level: session.SecondFactor}), "u"); err != nil {
				t.Errorf("another's account: %v", err)
			}
			if _, err := g.Record(ctx, "u"); err != nil {
				t.Errorf("the record: %v", err)
			}
		})
	}
}

func TestLevelOfASession(t *testing.T) {
	for _, c := range []struct {
		after, at   time.Time
		level, want session.Level
	}{
		{time.Time{}, time.Time{}, session.SecondFactor, session.SecondFactor},
		{noon, noon.Add(-1), session.SecondFactor, session.SignedIn},
		{noon, noon, session.SecondFactor, session.SecondFactor},
		{noon, time.Time{}, session.SignedIn, session.SignedIn},
	} {
		if got := (Account{AssuranceAfter: c.after}).Level(session.Principal{Level: c.level, SecondFactorAt: c.at}); got != c.want {
			t.Errorf("reset at %s, verified at %s, level %d: %d, want %d", c.after, c.at, c.level, got, c.want)
		}
	}
}

func TestGateEnabled(t *testing.T) {
	g, _, put := newGate(t)
	put(Accounts, "u", Account{UID: "u"})
	put(Accounts, "off", Account{UID: "off", Disabled: true})
	for uid, want := range map[string]fault.Kind{"u": "", "off": fault.Denied, "nobody": fault.NotFound} {
		_, enabled := g.Enabled(t.Context(), session.Principal{UID: uid})
		_, caller := g.Caller(t.Context(), session.Principal{UID: uid, Level: session.SecondFactor})
		if fault.KindOf(enabled) != want || fault.KindOf(caller) != want {
			t.Errorf("%s: %v and %v, want %q", uid, enabled, caller, want)
		}
	}
}

func TestGateRoles(t *testing.T) {
	g, _, put := newGate(t)
	for uid, a := range map[string]Account{
		"admin":    {AdminRoles: []Role{AccessAdmin}},
		"disabled": {AdminRoles: []Role{AccessAdmin}, Disabled: true},
		"other":    {AdminRoles: []Role{SecurityAdmin, "AccessAdmin"}},
		"none":     {CreatedAt: time.Now()},
	} {
		put(Accounts, uid, a)
	}
	for uid, want := range map[string]fault.Kind{"admin": "", "disabled": fault.Denied, "other": fault.Denied, "none": fault.Denied, "nobody": fault.NotFound} {
		if got := fault.KindOf(g.RequireRole(t.Context(), session.Principal{UID: uid}, AccessAdmin)); got != want {
			t.Errorf("%s: %q, want %q", uid, got, want)
		}
	}
}
