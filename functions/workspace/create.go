package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/outbox"
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
		Purpose: s.limits.validPurpose(&f, in.Purpose), Policies: validPolicies(&f, in.Policies, now),
		State: access.Active, CreatedAt: now, UpdatedAt: now, SchemaVersion: 1,
	}
	if w.Tier != access.Registered && w.Tier != access.Controlled {
		f.say("body.tier", "Choose registered or controlled.")
	} else if err := s.checkRelease(ctx, &f, w); err != nil {
		return access.Workspace{}, "", err
	}
	if err := f.err(); err != nil {
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
		f.say(at, none)
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != omop.ReleasePublished {
		f.say(at, none)
	} else if _, err := r.Dataset(string(w.Tier)); err != nil {
		f.say(at, "This release has no data of the %s tier.", w.Tier)
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
		if err := s.freeName(tx, w); err != nil {
			return err
		}
		if err := tx.Create(client.Collection(access.Workspaces).Doc(w.ID), w); err != nil {
			return err
		}
		if err := s.claimName(tx, w); err != nil {
			return err
		}
		if err := tx.Create(client.Collection(project.Collection).Doc(w.ID), project.Of(w, owner.Name, institution)); err != nil {
			return err
		}
		event, err = s.record(tx, w, w.OwnerUID, "workspace.created", "", summary(w))
		return err
	}, firestore.WithCommitResponseTo(&answer))
	if f := firestorex.Fault("workspace.create", err); fault.Is(f, fault.Conflict) {
		return "", errName(err)
	} else if f != nil {
		return "", f
	}
	s.events.Send(ctx, event)
	return etagOf(&answer)
}

// errName is what the second of two workspaces of one name hears.
func errName(cause error) error {
	return &fault.Error{Kind: fault.Conflict, Message: "You have a workspace of this name already.", Err: cause,
		Fields: []fault.Field{{Path: "body.name", Message: "Choose a name that none of your workspaces has."}}}
}

// freeName reads the claim of the workspace's name. Reading it takes part in the
// transaction, so that of two at once one waits and then sees the other's.
func (s *service) freeName(tx *firestore.Transaction, w access.Workspace) error {
	_, err := tx.Get(s.gate.Client.Collection(namesCollection).Doc(claimID(w.OwnerUID, w.Name)))
	switch f := firestorex.Fault("name", err); {
	case err == nil:
		return errName(nil)
	case fault.Is(f, fault.NotFound):
		return nil
	default:
		return err
	}
}

func (s *service) claimName(tx *firestore.Transaction, w access.Workspace) error {
	return tx.Create(s.gate.Client.Collection(namesCollection).Doc(claimID(w.OwnerUID, w.Name)),
		claim{OwnerUID: w.OwnerUID, Name: canonical(w.Name), WorkspaceID: w.ID, SchemaVersion: 1})
}

// institution gives the public name of an institution, "" where there is none.
func (s *service) institution(tx *firestore.Transaction, institutionID string) (string, error) {
	if institutionID == "" {
		return "", nil
	}
	snap, err := tx.Get(s.gate.Client.Collection(access.Institutions).Doc(institutionID))
	if f := firestorex.Fault("institution", err); fault.Is(f, fault.NotFound) {
		return "", nil
	} else if f != nil {
		return "", err
	}
	var inst access.Institution
	if err := snap.DataTo(&inst); err != nil {
		return "", fault.Wrap("institution", err)
	}
	return inst.Name, nil
}

// record writes the audit entry and the event of one act.
func (s *service) record(tx *firestore.Transaction, w access.Workspace, actor, act, before, after string) (string, error) {
	client, target := s.gate.Client, access.Workspaces+"/"+w.ID
	if err := audit.Add(tx, client, audit.Entry{At: w.UpdatedAt, Actor: actor, Act: act, Target: target, Before: before, After: after}); err != nil {
		return "", err
	}
	return outbox.Add(tx, client, outbox.Event{Type: act, At: w.UpdatedAt, UID: w.OwnerUID, Target: target, Data: map[string]string{"name": w.Name}})
}

// summary tells a workspace in the audit log.
func summary(w access.Workspace) string {
	kinds := slices.Clone(w.Purpose.Kinds)
	slices.Sort(kinds)
	return fmt.Sprintf("name %q, tier %s, release %s, purpose %s", w.Name, w.Tier, w.ReleaseID, strings.Join(kinds, " "))
}

// etagOf is the etag of the first record that a transaction wrote.
func etagOf(answer *firestore.CommitResponse) (string, error) {
	results, err := answer.WriteResults()
	if err == nil && len(results) == 0 {
		err = errors.New("no write result")
	}
	if err != nil {
		return "", fault.Wrap("workspace.etag", err)
	}
	return firestorex.ETag(results[0].UpdateTime), nil
}
