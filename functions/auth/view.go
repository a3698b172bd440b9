package auth

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// accountView is an account as its owner sees it.
type accountView struct {
	UID           string        `json:"uid"`
	Email         string        `json:"email"`
	Name          string        `json:"name"`
	Affiliation   string        `json:"affiliation"`
	Role          string        `json:"role" doc:"What the researcher does where they work; it gives no right in the hub."`
	OtherRole     string        `json:"otherRole,omitempty"`
	Degrees       []string      `json:"degrees"`
	OtherDegree   string        `json:"otherDegree,omitempty"`
	ResearchArea  string        `json:"researchArea"`
	Terms         string        `json:"termsOfService" doc:"The version of the terms of service that was accepted last."`
	TermsAt       *time.Time    `json:"termsOfServiceAcceptedAt,omitempty"`
	TermsCurrent  string        `json:"termsOfServiceCurrent" doc:"The version in force."`
	TermsDue      bool          `json:"termsOfServiceDue" doc:"Whether the version in force is still to be accepted."`
	InstitutionID string        `json:"institutionId,omitempty" doc:"The institution that the e-mail address belongs to; none where no institution lists it."`
	Disabled      bool          `json:"disabled"`
	AdminRoles    []access.Role `json:"adminRoles"`
	Tier          access.Tier   `json:"tier" doc:"The data tier in force now."`
	Blocked       []string      `json:"blocked" doc:"What is missing for the next tier up."`
	Modules       []moduleView  `json:"modules"`
	CreatedAt     time.Time     `json:"createdAt"`
	Session       *sessionView  `json:"session,omitempty" doc:"What this session has proved."`
}

type moduleView struct {
	Module      access.Module      `json:"module"`
	State       access.ModuleState `json:"state" enum:"missing,complete,renewing,expired,bypassed"`
	Tiers       []access.Tier      `json:"tiers" doc:"The tiers that need it."`
	SelfService bool               `json:"selfService" doc:"Whether the researcher completes it here."`
	ExpiresAt   *time.Time         `json:"expiresAt,omitempty"`
	RenewFrom   *time.Time         `json:"renewFrom,omitempty" doc:"From when on it can be renewed."`
}

type sessionView struct {
	Level          session.Level `json:"level" doc:"1 after the primary sign-in, 2 after a second factor in this session."`
	Methods        []string      `json:"methods" doc:"How, by RFC 8176's names."`
	SecondFactorAt *time.Time    `json:"secondFactorAt,omitempty"`
}

// institutionView is what the public sees: never who is listed.
type institutionView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// own is the caller's account with its etag, and what their session counts for.
// Every session may look: the answer says what to do next.
func (s *service) own(ctx context.Context, p session.Principal) (accountView, string, error) {
	snap, err := s.gate.Client.Collection(access.Accounts).Doc(p.UID).Get(ctx)
	a, found, err := firestorex.Decode[access.Account]("account", snap, err)
	if err != nil {
		return accountView{}, "", firestorex.Fault("account", err)
	}
	if !found {
		return accountView{}, "", errNoAccount()
	}
	v, err := s.view(ctx, a)
	v.Session = sessionOf(a, p)
	return v, firestorex.ETag(snap.UpdateTime), err
}

// view computes how an account stands now.
func (s *service) view(ctx context.Context, a access.Account) (accountView, error) {
	st, err := s.gate.StatusOf(ctx, a)
	if err != nil {
		return accountView{}, err
	}
	now := s.gate.Clock.Now()
	v := accountView{
		UID: a.UID, Email: a.Email, Name: a.Name, InstitutionID: a.InstitutionID, Disabled: a.Disabled,
		Affiliation: a.Profile.Affiliation, Role: a.Profile.Role, OtherRole: a.Profile.OtherRole,
		Degrees: append([]string{}, a.Profile.Degrees...), OtherDegree: a.Profile.OtherDegree, ResearchArea: a.Profile.ResearchArea,
		Terms: a.Terms.Version, TermsCurrent: termsInForce(now), TermsDue: termsDue(a.Terms, now),
		AdminRoles: append([]access.Role{}, a.AdminRoles...), Tier: st.Tier,
		Blocked: append([]string{}, st.Blocked...), CreatedAt: a.CreatedAt,
	}
	if !a.Terms.AcceptedAt.IsZero() {
		v.TermsAt = &a.Terms.AcceptedAt
	}
	for _, m := range st.Modules {
		mv := moduleView{Module: m.Module, State: m.State, Tiers: m.Tiers, SelfService: m.SelfService}
		if !m.ExpiresAt.IsZero() {
			from := m.ExpiresAt.Add(-s.gate.Rules.RenewalWindow)
			mv.ExpiresAt, mv.RenewFrom = &m.ExpiresAt, &from
		}
		v.Modules = append(v.Modules, mv)
	}
	return v, nil
}

func sessionOf(a access.Account, p session.Principal) *sessionView {
	v := &sessionView{Level: a.Level(p), Methods: append([]string{}, p.Methods...)}
	if !p.SecondFactorAt.IsZero() {
		v.SecondFactorAt = &p.SecondFactorAt
	}
	return v
}
