package auth_test

import (
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	fbauth "firebase.google.com/go/v4/auth"

	"researchhub.example/hub/emulator/auth"
	"researchhub.example/hub/emulator/toolcache"
	"researchhub.example/hub/shared/testkit"
)

const project = "demo-accounts"

// launch starts an emulator of this test's own and gives a client of it.
func launch(t *testing.T) (*auth.Emulator, *fbauth.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 11*time.Minute)
	defer cancel()
	node, err := auth.Node(ctx)
	if err != nil {
		testkit.Unavailable(t, "the Auth emulator", err)
	}
	dir, err := auth.Install(ctx, toolcache.Dir(), io.Discard, func(string) {})
	if err != nil {
		testkit.Unavailable(t, "the Auth emulator", err)
	}
	e, err := auth.Start(ctx, auth.Options{Node: node, Dir: dir, Project: project})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Kill)
	t.Setenv("FIREBASE_AUTH_EMULATOR_HOST", e.Host())
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project})
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Auth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return e, client
}

func TestAccountsComeBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	first, client := launch(t)
	if _, err := client.CreateUser(ctx, (&fbauth.UserToCreate{}).UID("u1").Email("ada@university.example").
		EmailVerified(true).DisplayName("Ada").Password("correct horse")); err != nil {
		t.Fatal(err)
	}
	if err := client.SetCustomUserClaims(ctx, "u1", map[string]any{"group": "a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateUser(ctx, (&fbauth.UserToCreate{}).UID("u2").Email("bob@university.example").Disabled(true)); err != nil {
		t.Fatal(err)
	}
	exported, err := auth.Export(ctx, first.Host(), project)
	if err != nil {
		t.Fatal(err)
	}
	first.Kill()
	// Through the file that keeps it.
	b, err := json.Marshal(exported)
	if err != nil {
		t.Fatal(err)
	}
	var kept auth.Accounts
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}

	second, client := launch(t)
	for range 2 { // an import repeated changes nothing
		if err := auth.Import(ctx, second.Host(), project, kept); err != nil {
			t.Fatal(err)
		}
	}
	ada, err := client.GetUser(ctx, "u1")
	if err != nil || ada.Email != "ada@university.example" || !ada.EmailVerified || ada.DisplayName != "Ada" || ada.CustomClaims["group"] != "a" {
		t.Errorf("ada: %+v, %v", ada, err)
	}
	if bob, err := client.GetUser(ctx, "u2"); err != nil || !bob.Disabled || bob.EmailVerified {
		t.Errorf("bob: %+v, %v", bob, err)
	}
	uid, _ := testkit.AuthAt(t, second.Host(), project).SignIn("ada@university.example", "correct horse")
	if uid != "u1" {
		t.Errorf("signed in as %s", uid)
	}
}

func TestExportOfManyPages(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	e, client := launch(t)
	const users = 1101
	for from := 0; from < users; from += 1000 { // the client's limit of one import
		var batch []*fbauth.UserToImport
		for i := from; i < min(from+1000, users); i++ {
			batch = append(batch, (&fbauth.UserToImport{}).UID("u"+string(rune('a'+i/676))+string(rune('a'+i/26%26))+string(rune('a'+i%26))))
		}
		if result, err := client.ImportUsers(ctx, batch); err != nil || result.FailureCount > 0 {
			t.Fatalf("import: %+v, %v", result, err)
		}
	}
	exported, err := auth.Export(ctx, e.Host(), project)
	if err != nil || len(exported.Users) != users {
		t.Errorf("%d accounts, want %d: %v", len(exported.Users), users, err)
	}
}
