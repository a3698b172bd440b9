package workspace

import (
	"context"
	"errors"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/session"
)

// createIn is a new workspace as it is sent.
type createIn struct {
	Name      string     `json:"name,omitempty" doc:"1 to 80 characters, not used by another workspace of the owner."`
	Tier      string     `json:"tier,omitempty" doc:"registered or controlled; it cannot be changed later."`
	ReleaseID string     `json:"releaseId,omitempty" doc:"The data release; it cannot be changed later."`
	Purpose   purposeIn  `json:"purpose,omitempty" doc:"The research purpose: public."`
	Policies  []policyIn `json:"policies,omitempty" maxItems:"20" doc:"The acknowledged policies by version: stigmatizingResearch, ethicalConduct."`
}

// create makes a workspace owned by the caller.
func (s *service) create(ctx context.Context, p session.Principal, in createIn) (access.Workspace, string, error) {
	account, status, err := s.gate.Status(ctx, p.UID)
	if err != nil {
		return access.Workspace{}, "", err
	}
	if status.Tier == access.PublicTier {
		return access.Workspace{}, "", fault.New(fault.Denied, "A workspace needs a data tier. Missing: %s.", strings.Join(status.Blocked, ", "))
	}
	now := s.gate.Clock.Now()
	var f form
	w := access.Workspace{
		ID: id.New(id.Workspace, now), Name: s.limits.validName(&f, in.Name), Tier: access.Tier(in.Tier), ReleaseID: in.ReleaseID,
		OwnerUID: p.UID, Members: map[string]string{p.UID: access.Owner}, MemberUIDs: []string{p.UID},
		Purpose: s.limits.validPurpose(&f, in.Purpose), Policies: validPolicies(&f, s.policies, in.Policies, now),
		State: access.Active, CreatedAt: now, UpdatedAt: now,
	}.Keyed()
	if w.Tier != access.Registered && w.Tier != access.Controlled {
		f.Say("body.tier", "Choose registered or controlled.")
	} else if err := s.checkRelease(ctx, &f, w); err != nil {
		return access.Workspace{}, "", err
	}
	if err := f.Err(); err != nil {
		return access.Workspace{}, "", err
	}
	if !status.Tier.Covers(w.Tier) {
		return access.Workspace{}, "", fault.New(fault.Denied, "Your access is %s; this workspace would need %s. Missing: %s.",
			status.Tier, w.Tier, strings.Join(status.Blocked, ", "))
	}
	etag, err := s.store(ctx, w, account)
	return w, etag, err
}

// checkRelease says at which field a release cannot be used.
func (s *service) checkRelease(ctx context.Context, f *form, w access.Workspace) error {
	const at, none = "body.releaseId", "Choose a published data release."
	r, err := s.release(ctx, w.ReleaseID)
	if fault.Is(err, fault.NotFound) {
		f.Say(at, none)
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != omop.ReleasePublished {
		f.Say(at, none)
	} else if _, err := r.Dataset(string(w.Tier)); err != nil {
		f.Say(at, "This release has no data of the %s tier.", w.Tier)
	}
	return nil
}

// release reads the record of a data release.
func (s *service) release(ctx context.Context, releaseID string) (omop.Release, error) {
	if err := omop.CheckReleaseID(releaseID); err != nil {
		return omop.Release{}, fault.Because(fault.NotFound, err, "There is no such release.")
	}
	snap, err := s.gate.Client.Collection(omop.ReleasesCollection).Doc(releaseID).Get(ctx)
	if err != nil {
		return omop.Release{}, firestorex.Fault("release", err)
	}
	var r omop.Release
	if err := snap.DataTo(&r); err != nil {
		return omop.Release{}, fault.Wrap("release", err)
	}
	return r, nil
}

// store writes a new workspace with all that goes with it.
func (s *service) store(ctx context.Context, w access.Workspace, owner access.Account) (string, error) {
	client := s.gate.Client
	var event string
	var answer firestore.CommitResponse
	err := client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		institution, err := s.institution(tx, owner.InstitutionID)
		if err != nil {
			return err
		}
		claim, err := s.planName(tx, access.Workspace{}, w)
		if err != nil {
			return err
		}
		review, err := s.planReview(tx, w.OwnerUID, access.Workspace{}, w)
		if err != nil {
			return err
		}
		if err := tx.Create(client.Collection(access.Workspaces).Doc(w.ID), w); err != nil {
			return err
		}
		if err := errors.Join(claim(tx), review(tx)); err != nil {
			return err
		}
		if err := tx.Create(client.Collection(project.Collection).Doc(w.ID), project.Of(w, owner.Name, institution)); err != nil {
			return err
		}
		event, err = s.record(tx, w, w.OwnerUID, deed{act: "workspace.created", after: summary(w)})
		return err
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return "", storeFault("workspace.create", err)
	}
	s.events.Send(ctx, event)
	return etagOf(&answer)
}
