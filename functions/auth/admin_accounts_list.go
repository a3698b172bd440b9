package auth

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// accountLine is an account in an admin's list.
type accountLine struct {
	UID           string        `json:"uid"`
	Email         string        `json:"email"`
	Name          string        `json:"name"`
	InstitutionID string        `json:"institutionId,omitempty"`
	Disabled      bool          `json:"disabled"`
	AdminRoles    []access.Role `json:"adminRoles"`
	CreatedAt     time.Time     `json:"createdAt"`
}

// adminView is an account as an access admin sees it: with what each module
// rests on, without demographics and without anything of the factors.
type adminView struct {
	accountView
	FirstTierAt time.Time  `json:"firstTierAt,omitzero" doc:"When the account first reached a tier."`
	Facts       []factView `json:"facts" doc:"What is on record of each module."`
}

// factView is what is on record of one module.
type factView struct {
	Module       access.Module `json:"module"`
	CompletedAt  time.Time     `json:"completedAt,omitzero"`
	Evidence     string        `json:"evidence,omitempty"`
	Version      string        `json:"version,omitempty" doc:"The version of the policy that was signed."`
	BypassedBy   string        `json:"bypassedBy,omitempty" doc:"The uid of the admin who waived it."`
	BypassReason string        `json:"bypassReason,omitempty"`
	ResetAt      time.Time     `json:"resetAt,omitzero" doc:"When an admin last reset it."`
}

// listAccounts gives an access admin the account of an address, or one page of
// all accounts, in the order of their uids. That it was read is in the audit log.
func (s *service) listAccounts(ctx context.Context, p session.Principal, email string, limit int, cursor string) (api.Page[accountLine], error) {
	var page api.Page[accountLine]
	if err := s.gate.RequireRole(ctx, p, access.AccessAdmin); err != nil {
		return page, err
	}
	q := s.gate.Client.Collection(access.Accounts).OrderBy(firestore.DocumentID, firestore.Asc)
	looked := "all"
	if email != "" {
		// Firebase keeps addresses in lower case.
		email = strings.ToLower(strings.TrimSpace(email))
		q, looked = s.gate.Client.Collection(access.Accounts).Where("email", "==", email), "address "+email
		cursor = ""
	}
	list, next, err := firestorex.Page[access.Account](ctx, q, limit, cursor)
	if err != nil {
		return page, err
	}
	if err := s.recordRead(ctx, p, access.AccessAdmin, audit.Entry{Act: "account.list", Target: access.Accounts, After: looked}); err != nil {
		return page, err
	}
	if email != "" {
		next = "" // an address has one account; the list of a search has one page
	}
	page.Items, page.Next = make([]accountLine, 0, len(list)), next
	for _, a := range list {
		page.Items = append(page.Items, accountLine{UID: a.UID, Email: a.Email, Name: a.Name, InstitutionID: a.InstitutionID,
			Disabled: a.Disabled, AdminRoles: append([]access.Role{}, a.AdminRoles...), CreatedAt: a.CreatedAt})
	}
	return page, nil
}

// viewAccount gives an access admin one account. That it was read is in the
// audit log, which the account's owner reads too.
func (s *service) viewAccount(ctx context.Context, p session.Principal, uid string) (adminView, error) {
	if err := s.gate.RequireRole(ctx, p, access.AccessAdmin); err != nil {
		return adminView{}, err
	}
	if !uidForm.MatchString(uid) {
		return adminView{}, errNoSuchAccount(nil)
	}
	a, err := s.gate.Record(ctx, uid)
	if fault.Is(err, fault.NotFound) {
		return adminView{}, errNoSuchAccount(err)
	} else if err != nil {
		return adminView{}, err
	}
	if err := s.recordRead(ctx, p, access.AccessAdmin, audit.Entry{Act: "account.view", Target: access.Accounts + "/" + uid}); err != nil {
		return adminView{}, err
	}
	return s.adminViewOf(ctx, a)
}

// errNoSuchAccount is what an admin hears of an account that is not there.
func errNoSuchAccount(cause error) error {
	return fault.Because(fault.NotFound, cause, "There is no such account.")
}

func (s *service) adminViewOf(ctx context.Context, a access.Account) (adminView, error) {
	own, err := s.view(ctx, a)
	if err != nil {
		return adminView{}, err
	}
	v := adminView{accountView: own, FirstTierAt: a.FirstTierAt, Facts: []factView{}}
	for _, r := range access.Requirements() {
		f, known := a.Modules[string(r.Module)]
		if !known {
			continue
		}
		v.Facts = append(v.Facts, factView{Module: r.Module, CompletedAt: f.CompletedAt, Evidence: f.Evidence, Version: f.Version,
			BypassedBy: f.BypassedBy, BypassReason: f.BypassReason, ResetAt: f.ResetAt})
	}
	return v, nil
}
