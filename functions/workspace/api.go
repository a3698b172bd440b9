package workspace

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// newAPI registers the routes.
func newAPI(s *service, o api.Options) *api.API {
	o.Function, o.Title = "workspace", "Workspaces"
	o.Description = "Workspaces: one per project, with a data tier, a data release and a public research purpose."
	o.Authorizer = &s.gate
	a := api.New(o)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces", ID: "createWorkspace", Rule: access.AtTier(access.Registered), Summary: "Create a workspace", Access: api.SecondFactor, Status: 201, MaxBodyBytes: maxBody}, s.post)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces", ID: "listWorkspaces", Rule: access.Enabled(), Summary: "The caller's workspaces, the last changed first", Access: api.SecondFactor}, s.list)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}", ID: "getWorkspace", Rule: access.MemberOf(access.Inspect), Summary: "One workspace", Access: api.SecondFactor,
		Description: "The ETag header is what a change needs as If-Match. Its owners see a deleted one until it is purged."}, s.get)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/workspaces/{workspace}", ID: "changeWorkspace", Rule: access.ToChange(access.Describe), Summary: "Rename a workspace or change its purpose", Access: api.SecondFactor,
		Description: "For owners. Needs If-Match; a stale one answers 412 and changes nothing.", MaxBodyBytes: maxBody}, s.patch)
	s.routesOfState(a)
	s.routesOfMembers(a)
	s.routesOfNotes(a)
	s.routesOfResources(a)
	s.routesOfPolicies(a)
	s.routesOfPurpose(a)
	s.reviewRoutes(a)
	s.routesOfDuplicates(a)
	s.routesOfSnapshots(a)
	return a
}

// maxBody bounds a workspace's body: three texts of 1,000 characters and lists.
const maxBody = 64 << 10

// view is a workspace as a member sees it.
type view struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Tier      access.Tier       `json:"tier"`
	ReleaseID string            `json:"releaseId"`
	OwnerUID  string            `json:"ownerUid"`
	Role      string            `json:"role" doc:"The caller's role: owner, writer or reader."`
	State     string            `json:"state" doc:"active; paused by the review board or archived by an owner: read only; deleted: hidden, an owner can restore it."`
	Purpose   access.Purpose    `json:"purpose"`
	Policies  map[string]string `json:"policies" doc:"The acknowledged policies, by version."`
	CreatedAt time.Time         `json:"createdAt"`
	UpdatedAt time.Time         `json:"updatedAt"`
	PurgeAt   *time.Time        `json:"purgeAt,omitempty" doc:"When a deleted workspace is removed for good."`
}

type workspaceOut struct {
	ETag string `header:"ETag"`
	Body view
}

func answer(p session.Principal, w access.Workspace, etag string, err error) (*workspaceOut, error) {
	if err != nil {
		return nil, err
	}
	out := &workspaceOut{etag, view{
		ID: w.ID, Name: w.Name, Tier: w.Tier, ReleaseID: w.ReleaseID, OwnerUID: w.OwnerUID, Role: w.Members[p.UID], State: w.State,
		Purpose: w.Purpose, Policies: w.Policies, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
	}}
	if !w.PurgeAt.IsZero() {
		out.Body.PurgeAt = &w.PurgeAt
	}
	return out, nil
}

func (s *service) post(ctx context.Context, in *struct{ Body createIn }) (*workspaceOut, error) {
	p := session.Must(ctx)
	w, etag, err := s.create(ctx, p, in.Body)
	return answer(p, w, etag, err)
}

func (s *service) get(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"64"`
}) (*workspaceOut, error) {
	p := session.Must(ctx)
	w, etag, err := s.gate.Workspace(ctx, p, in.Workspace, access.Inspect)
	return answer(p, w, etag, err)
}

func (s *service) patch(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"64"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
	Body      changeIn
}) (*workspaceOut, error) {
	p := session.Must(ctx)
	w, etag, err := s.change(ctx, p, in.Workspace, in.IfMatch, in.Body)
	return answer(p, w, etag, err)
}
