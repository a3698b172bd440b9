package workspace

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
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
	if in.Name == nil && in.Purpose == nil {
		return access.Workspace{}, "", fault.New(fault.Invalid, "Send a name, a purpose, or both.")
	}
	return s.update(ctx, p, workspaceID, ifMatch, access.Describe, func(_ *firestore.Transaction, w access.Workspace) (access.Workspace, deed, error) {
		var f form
		after := w
		if in.Name != nil {
			after.Name = s.limits.validName(&f, *in.Name)
		}
		if in.Purpose != nil {
			after.Purpose = s.limits.validPurpose(&f, *in.Purpose)
		}
		return after, deed{act: "workspace.changed", before: summary(w), after: summary(after)}, f.Err()
	})
}
