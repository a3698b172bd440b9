package tinycdr

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// The workspaces that People writes, both of the registered tier.
const (
	Workspace       = "ws_01JBBBBBBBBBBBBBBBBBBBBBBB"
	PausedWorkspace = "ws_01JDDDDDDDDDDDDDDDDDDDDDDD"
)

// Tokens is a session.Verifier that takes an account's name for its token, with
// "@1" behind it for a session without a second factor; "bad" is no session.
type Tokens struct{}

// Verify implements session.Verifier.
func (Tokens) Verify(_ context.Context, raw string) (session.Principal, error) {
	uid, weak := strings.CutSuffix(raw, "@1")
	if uid == "bad" {
		return session.Principal{}, fault.New(fault.Unauthenticated, "Sign in again.")
	}
	p := session.Principal{UID: uid, Level: session.SecondFactor}
	if weak {
		p.Level = session.SignedIn
	}
	return p, nil
}

// People writes accounts that differ by what they have completed (owner, writer,
// reader and stranger everything; lapsed too, but two years ago), and two
// workspaces of the release, one of them paused.
func People(t testing.TB, client *firestore.Client, now time.Time) {
	t.Helper()
	set := func(path string, v any) {
		t.Helper()
		if _, err := client.Doc(path).Set(context.Background(), v); err != nil {
			t.Fatal(err)
		}
	}
	set("institutions/university", access.Institution{ID: "university", Rules: map[string]access.TierRule{
		"registered": {Kind: "domains", List: []string{"university.example"}}}})
	complete, expired := map[string]access.ModuleFact{}, map[string]access.ModuleFact{}
	for _, q := range access.Requirements() {
		complete[string(q.Module)] = access.ModuleFact{CompletedAt: now.Add(-time.Hour)}
		expired[string(q.Module)] = access.ModuleFact{CompletedAt: now.AddDate(-2, 0, 0)}
	}
	members := map[string]string{"owner": access.Owner, "writer": access.Writer, "reader": access.Reader, "lapsed": access.Owner}
	for _, uid := range []string{"owner", "writer", "reader", "stranger", "lapsed"} {
		a := access.Account{UID: uid, Email: uid + "@university.example", InstitutionID: "university", Modules: complete, FirstTierAt: now}
		if uid == "lapsed" {
			a.Modules = expired
		}
		set("accounts/"+uid, a)
	}
	w := access.Workspace{ID: Workspace, Tier: access.Registered, ReleaseID: ReleaseID, OwnerUID: "owner", Members: members, State: access.Active}
	set("workspaces/"+w.ID, w)
	w.ID, w.State = PausedWorkspace, access.Paused
	set("workspaces/"+w.ID, w)
}
