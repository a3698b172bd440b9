// Package demo fills a fresh local cloud with what a first visitor needs: one
// institution, one researcher, one admin. It is for the local cloud only: the
// passwords are in the source.
//
// Uses firebase.google.com/go/v4/auth and cloud.google.com/go/firestore, the
// official clients.
package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"firebase.google.com/go/v4/auth"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/policy"
)

// Institution is the demo institution's identifier.
const Institution = "university"

// Account is one demo account, as the local cloud prints it.
type Account struct {
	UID, Email, Password string
	// Role says what the account is for.
	Role string
}

// person is an account with what the hub keeps about it.
type person struct {
	Account
	name  string
	roles []access.Role
}

var people = []person{
	{Account{"demo-researcher", "researcher@university.example", "local-researcher", "researcher"}, "Robin Researcher", nil},
	{Account{"demo-admin", "admin@university.example", "local-admin", "admin of everything"}, "Alex Admin",
		[]access.Role{access.AccessAdmin, access.SecurityAdmin, access.InstitutionAdmin, access.ReviewBoard, access.CommunityAdmin}},
}

// errCloud guards real accounts from demo passwords.
var errCloud = errors.New("demo: FIREBASE_AUTH_EMULATOR_HOST is not set: demo accounts are for the local cloud only")

// Bootstrap makes what is not there yet and leaves alone what is; it may run at
// every start. Every module of the accounts is complete but the second factor,
// which is enrolled at the first sign-in.
func Bootstrap(ctx context.Context, fs *firestore.Client, admin *auth.Client, now time.Time) ([]Account, error) {
	if os.Getenv("FIREBASE_AUTH_EMULATOR_HOST") == "" {
		return nil, errCloud
	}
	if err := create(ctx, fs.Collection(access.Institutions).Doc(Institution), institution()); err != nil {
		return nil, err
	}
	accounts := make([]Account, 0, len(people))
	for _, p := range people {
		if err := signUp(ctx, admin, p); err != nil {
			return nil, err
		}
		if err := create(ctx, fs.Collection(access.Accounts).Doc(p.UID), record(p, now)); err != nil {
			return nil, err
		}
		accounts = append(accounts, p.Account)
	}
	return accounts, nil
}

func institution() access.Institution {
	domains := access.TierRule{Kind: "domains", List: []string{"university.example"}}
	return access.Institution{
		ID: Institution, Name: "Example University", Kind: "academic", SchemaVersion: 1,
		Rules: map[string]access.TierRule{string(access.Registered): domains, string(access.Controlled): domains},
	}
}

// record is the hub's account of a person, every module but the second factor complete.
func record(p person, now time.Time) access.Account {
	a := access.Account{
		UID: p.UID, Email: p.Email, Name: p.name, InstitutionID: Institution, AdminRoles: p.roles,
		Profile: access.Profile{Affiliation: "Example University", Role: "researchFellow", Degrees: []string{"phd"}, ResearchArea: "Whatever the demo data allow"},
		Modules: map[string]access.ModuleFact{}, CreatedAt: now, SchemaVersion: 1,
	}
	if terms, ok := policy.CurrentOf(policy.TermsOfService, now); ok {
		a.Terms = access.Terms{Version: terms.Version, AcceptedAt: now}
	}
	for _, r := range access.Requirements() {
		if r.Module != access.TwoFactor {
			a.Modules[string(r.Module)] = access.ModuleFact{CompletedAt: now, Evidence: evidence(r.Module, p.name, now)}
		}
	}
	return a
}

func evidence(m access.Module, name string, now time.Time) string {
	if m != access.CodeOfConduct {
		return "demo account"
	}
	p, _ := policy.CurrentOf(policy.CodeOfConduct, now)
	return fmt.Sprintf("version %s signed as %s (demo account)", p.Version, name)
}

// signUp makes the Firebase account with its address confirmed, unless it is there.
func signUp(ctx context.Context, admin *auth.Client, p person) error {
	switch _, err := admin.GetUser(ctx, p.UID); {
	case err == nil:
		return nil
	case !auth.IsUserNotFound(err):
		return fmt.Errorf("demo: account %s: %w", p.Email, err)
	}
	_, err := admin.CreateUser(ctx, (&auth.UserToCreate{}).UID(p.UID).Email(p.Email).EmailVerified(true).DisplayName(p.name).Password(p.Password))
	// Two starts at once: the other one was faster.
	if err != nil && !auth.IsUIDAlreadyExists(err) && !(auth.IsEmailAlreadyExists(err) && exists(ctx, admin, p.UID)) {
		return fmt.Errorf("demo: account %s: %w", p.Email, err)
	}
	return nil
}

func exists(ctx context.Context, admin *auth.Client, uid string) bool {
	_, err := admin.GetUser(ctx, uid)
	return err == nil
}

// create writes a record unless there is one.
func create(ctx context.Context, doc *firestore.DocumentRef, v any) error {
	if _, err := doc.Create(ctx, v); err != nil && status.Code(err) != codes.AlreadyExists {
		return fmt.Errorf("demo: %s: %w", strings.TrimPrefix(doc.Path, doc.Parent.Path), err)
	}
	return nil
}
