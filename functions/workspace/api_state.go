package workspace

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// routesOfState registers archiving, deleting and restoring.
func (s *service) routesOfState(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/archive", ID: "archiveWorkspace", Rule: access.ToChange(access.Archive), Summary: "Archive a workspace", Access: api.SecondFactor,
		Description: "For owners. Everything in it stays and can be read; nothing can be changed or run. Needs If-Match."},
		func(ctx context.Context, in *ChangeOf) (*workspaceOut, error) {
			p := session.Must(ctx)
			w, etag, err := s.archive(ctx, p, in.Workspace, in.IfMatch)
			return answer(p, w, etag, err)
		})
	api.Handle(a, api.Operation{Method: "DELETE", Path: "/v1/workspaces/{workspace}", ID: "deleteWorkspace", Rule: access.ToChange(access.Delete), Summary: "Delete a workspace", Access: api.SecondFactor, Status: 200,
		Description: "For owners. It is hidden, out of the directory, and its name free at once; until purgeAt an owner can restore it. Needs If-Match."},
		func(ctx context.Context, in *ChangeOf) (*workspaceOut, error) {
			p := session.Must(ctx)
			w, etag, err := s.remove(ctx, p, in.Workspace, in.IfMatch)
			return answer(p, w, etag, err)
		})
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/restore", ID: "restoreWorkspace", Rule: access.ToChange(access.Restore), Summary: "Restore an archived or deleted workspace", Access: api.SecondFactor,
		Description: "For owners. A name that the owner uses for another workspace by now takes a new one. Needs If-Match.", MaxBodyBytes: maxBody},
		func(ctx context.Context, in *struct {
			ChangeOf
			Body *restoreIn
		}) (*workspaceOut, error) {
			p := session.Must(ctx)
			var asked restoreIn
			if in.Body != nil {
				asked = *in.Body
			}
			w, etag, err := s.restore(ctx, p, in.Workspace, in.IfMatch, asked)
			return answer(p, w, etag, err)
		})
}
