package main

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	firebase "firebase.google.com/go/v4"

	"researchhub.example/hub/emulator/cloud"
	"researchhub.example/hub/emulator/demo"
)

// bootstrap makes the demo accounts, in Auth and in the hub's records.
func bootstrap(ctx context.Context, e cloud.Environment) ([]cloud.Account, error) {
	fs, err := firestore.NewClient(ctx, e.Project)
	if err != nil {
		return nil, fmt.Errorf("firestore: %w", err)
	}
	defer func() { _ = fs.Close() }()
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: e.Project})
	if err != nil {
		return nil, fmt.Errorf("firebase: %w", err)
	}
	admin, err := app.Auth(ctx)
	if err != nil {
		return nil, fmt.Errorf("firebase: %w", err)
	}
	made, err := demo.Bootstrap(ctx, fs, admin, time.Now().UTC())
	if err != nil {
		return nil, err
	}
	accounts := make([]cloud.Account, 0, len(made))
	for _, a := range made {
		accounts = append(accounts, cloud.Account{UID: a.UID, Email: a.Email, Password: a.Password, Role: a.Role})
	}
	return accounts, nil
}
