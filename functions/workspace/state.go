package workspace

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/session"
)

// archive makes a workspace read only.
func (s *service) archive(ctx context.Context, p session.Principal, workspaceID, ifMatch string) (access.Workspace, string, error) {
	return s.update(ctx, p, workspaceID, ifMatch, access.Archive, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		d := deed{act: "workspace.archived", before: w.State, after: access.Archived}
		w.State = access.Archived
		return w, d, nil
	})
}

// remove deletes a workspace: it is hidden and its name free at once, and gone
// for good when its time of grace is over.
func (s *service) remove(ctx context.Context, p session.Principal, workspaceID, ifMatch string) (access.Workspace, string, error) {
	return s.update(ctx, p, workspaceID, ifMatch, access.Delete, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		w.StateBefore, w.State, w.PurgeAt = w.State, access.Deleted, s.gate.Clock.Now().Add(s.limits.Grace)
		return w, deed{act: "workspace.deleted", before: w.StateBefore, after: w.State,
			data: map[string]string{"until": w.PurgeAt.UTC().Format(time.DateOnly)}}, nil
	})
}

// restoreIn is what restoring may need.
type restoreIn struct {
	Name string `json:"name,omitempty" doc:"A new name, for when the owner has used the old one for another workspace."`
}

// restore undoes archiving or deleting. What was paused or archived when it was
// deleted is so again.
func (s *service) restore(ctx context.Context, p session.Principal, workspaceID, ifMatch string, in restoreIn) (access.Workspace, string, error) {
	return s.update(ctx, p, workspaceID, ifMatch, access.Restore, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		d := deed{act: "workspace.restored", before: w.State}
		var f form
		if in.Name != "" {
			w.Name = s.limits.validName(&f, in.Name)
		}
		switch w.State {
		case access.Archived:
			w.State = access.Active
		case access.Deleted:
			if !s.gate.Clock.Now().Before(w.PurgeAt) {
				return w, d, fault.New(fault.NotFound, "This workspace was deleted, and its time of grace is over.")
			}
			w.State, w.StateBefore, w.PurgeAt = w.StateBefore, "", time.Time{}
		}
		d.after = w.State
		return w, d, f.Err()
	})
}
