package workspace

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/session"
)

// changeIn is what of a workspace is changed; what is left out stays.
type changeIn struct {
	Name    *string    `json:"name,omitempty" doc:"The new name."`
	Purpose *purposeIn `json:"purpose,omitempty" doc:"The new purpose, whole."`
}

// change renames a workspace or changes its purpose, when nobody has changed it
// since the caller read it.
func (s *service) change(ctx context.Context, p session.Principal, workspaceID, ifMatch string, in changeIn) (access.Workspace, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return access.Workspace{}, "", err
	}
	if in.Name == nil && in.Purpose == nil {
		return access.Workspace{}, "", fault.New(fault.Invalid, "Send a name, a purpose, or both.")
	}
	if err := id.Check(id.Workspace, workspaceID); err != nil {
		return access.Workspace{}, "", errNoWorkspace()
	}
	tier, err := s.gate.Tier(ctx, p.UID)
	if err != nil {
		return access.Workspace{}, "", err
	}
	var w access.Workspace
	var event string
	var answer firestore.CommitResponse
	err = s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(s.gate.Client.Collection(access.Workspaces).Doc(workspaceID))
		if f := firestorex.Fault("workspace", err); fault.Is(f, fault.NotFound) {
			return errNoWorkspace()
		} else if f != nil {
			return err
		}
		var before access.Workspace
		if err := snap.DataTo(&before); err != nil {
			return fault.Wrap("workspace", err)
		}
		if err := access.May(before, p.UID, tier, access.Manage); err != nil {
			return err
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		if w, err = s.changed(before, in); err != nil {
			return err
		}
		event, err = s.storeChange(tx, p.UID, before, w)
		return err
	}, firestore.WithCommitResponseTo(&answer))
	if f := firestorex.Fault("workspace.change", err); fault.Is(f, fault.Conflict) {
		return access.Workspace{}, "", errName(err)
	} else if f != nil {
		return access.Workspace{}, "", f
	}
	s.events.Send(ctx, event)
	etag, err := etagOf(&answer)
	return w, etag, err
}

func errNoWorkspace() error {
	return fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
}

// changed applies the change to a copy, or says what is wrong with it.
func (s *service) changed(w access.Workspace, in changeIn) (access.Workspace, error) {
	var f form
	if in.Name != nil {
		w.Name = s.limits.validName(&f, *in.Name)
	}
	if in.Purpose != nil {
		w.Purpose = s.limits.validPurpose(&f, *in.Purpose)
	}
	w.UpdatedAt = s.gate.Clock.Now()
	return w, f.err()
}

// storeChange writes the workspace and all that goes with it.
func (s *service) storeChange(tx *firestore.Transaction, actor string, before, w access.Workspace) (string, error) {
	client := s.gate.Client
	renamed := canonical(before.Name) != canonical(w.Name)
	if renamed {
		if err := s.freeName(tx, w); err != nil {
			return "", err
		}
	}
	if err := tx.Set(client.Collection(access.Workspaces).Doc(w.ID), w); err != nil {
		return "", err
	}
	// Field by field: the owner's and the institution's name stay as they are.
	face := project.Of(w, "", "")
	if err := tx.Update(client.Collection(project.Collection).Doc(w.ID), []firestore.Update{
		{Path: "name", Value: face.Name}, {Path: "purpose", Value: face.Purpose}, {Path: "updatedAt", Value: face.UpdatedAt},
	}); err != nil {
		return "", err
	}
	if renamed {
		if err := tx.Delete(client.Collection(namesCollection).Doc(claimID(before.OwnerUID, before.Name))); err != nil {
			return "", err
		}
		if err := s.claimName(tx, w); err != nil {
			return "", err
		}
	}
	return s.record(tx, w, actor, "workspace.changed", summary(before), summary(w))
}
