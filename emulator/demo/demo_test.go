package demo

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/testkit"
)

func TestBootstrap(t *testing.T) {
	emulator := testkit.Auth(t)
	fs := testkit.Firestore(t)
	ctx := t.Context()
	admin, err := session.NewAdmin(ctx, emulator.Project)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	first, err := Bootstrap(ctx, fs, admin, now)
	if err != nil {
		t.Fatal(err)
	}
	gate := access.Gate{Client: fs, Rules: access.DefaultRules(), Clock: clock.NewManual(now)}
	var emails []string
	for _, a := range first {
		emails = append(emails, a.Email)
		uid, _ := emulator.SignIn(a.Email, a.Password)
		if uid != a.UID {
			t.Errorf("%s signs in as %s, want %s", a.Email, uid, a.UID)
		}
		if user, err := admin.GetUser(ctx, uid); err != nil || !user.EmailVerified {
			t.Errorf("%s is not verified: %v", a.Email, err)
		}
		_, st, err := gate.Status(ctx, uid)
		if err != nil || st.Tier != access.PublicTier || !slices.Equal(st.Blocked, []string{"twoFactor"}) {
			t.Errorf("%s: tier %s, blocked %v, %v; only the second factor may be missing", a.Email, st.Tier, st.Blocked, err)
		}
	}
	if d := cmp.Diff([]string{"researcher@university.example", "admin@university.example"}, emails); d != "" {
		t.Error(d)
	}
	// With the second factor both reach the controlled tier.
	for _, a := range first {
		account, err := gate.Account(ctx, a.UID)
		if err != nil {
			t.Fatal(err)
		}
		account.Modules[string(access.TwoFactor)] = access.ModuleFact{CompletedAt: now}
		if _, err := fs.Collection(access.Accounts).Doc(a.UID).Set(ctx, account); err != nil {
			t.Fatal(err)
		}
		if tier, err := gate.Tier(ctx, a.UID); err != nil || tier != access.Controlled {
			t.Errorf("%s: %s, %v", a.Email, tier, err)
		}
		if account.Has(access.AccessAdmin) != (a.UID == "demo-admin") {
			t.Errorf("%s has the roles %v", a.Email, account.AdminRoles)
		}
	}
	// A later start leaves alone what is there.
	second, err := Bootstrap(ctx, fs, admin, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, second); d != "" {
		t.Error(d)
	}
	if tier, err := gate.Tier(ctx, first[0].UID); err != nil || tier != access.Controlled {
		t.Errorf("after the second start: %s, %v", tier, err)
	}
	// The Auth emulator lost its accounts, Firestore did not.
	if err := admin.DeleteUser(ctx, first[0].UID); err != nil {
		t.Fatal(err)
	}
	if _, err := Bootstrap(ctx, fs, admin, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if uid, _ := emulator.SignIn(first[0].Email, first[0].Password); uid != first[0].UID {
		t.Errorf("after the loss: %s", uid)
	}
}

func TestDemoAccountsAreForTheLocalCloudOnly(t *testing.T) {
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", "")
	if _, err := Bootstrap(t.Context(), nil, nil, time.Now()); err == nil {
		t.Error("demo accounts are made outside the local cloud")
	}
}
