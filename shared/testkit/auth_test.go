package testkit_test

import (
	"context"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"

	"researchhub.example/hub/shared/testkit"
)

func TestAuthSessions(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a := testkit.Auth(t)
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: a.Project})
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Auth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	email := a.Email("university.example")
	uid, first := a.SignUp(email, "correct horse")
	if token, err := client.VerifyIDTokenAndCheckRevoked(ctx, first); err != nil || token.UID != uid || token.Claims["email_verified"] != false {
		t.Fatalf("after sign-up: %+v, %v", token, err)
	}
	a.Verify(uid)
	again, second := a.SignIn(email, "correct horse")
	token, err := client.VerifyIDToken(ctx, second)
	if err != nil || again != uid || token.Claims["email_verified"] != true {
		t.Fatalf("after verification: %+v, %v", token, err)
	}
	custom, err := client.CustomTokenWithClaims(ctx, uid, map[string]any{"aal": 2})
	if err != nil {
		t.Fatal(err)
	}
	token, err = client.VerifyIDToken(ctx, a.SignInCustom(custom))
	if err != nil || token.UID != uid || token.Claims["aal"] != 2.0 {
		t.Fatalf("custom token's session: %+v, %v", token, err)
	}
	a.Disable(uid, true)
	if _, err := client.VerifyIDTokenAndCheckRevoked(ctx, second); err == nil {
		t.Error("a disabled account's token is still accepted")
	}
}
