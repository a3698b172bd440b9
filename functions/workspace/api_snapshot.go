package workspace

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/session"
)

// OfSnapshot is exported because huma skips the fields of unexported embedded types.
type OfSnapshot struct {
	Snapshot string `path:"snapshot" maxLength:"64"`
}

// routesOfSnapshots registers the community's snapshots.
func (s *service) routesOfSnapshots(a *api.API) {
	const one = "/v1/snapshots/{snapshot}"
	everyone := access.AtTier(access.Registered)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/workspaces/{workspace}/snapshots", ID: "publishSnapshot", Rule: access.MemberOf(access.Manage),
		Summary: "Publish a snapshot of a workspace to the community", Access: api.SecondFactor, Status: 202, MaxBodyBytes: maxBody,
		Description: "For owners. Everyone with the workspace's tier can read and duplicate it; title, description and the owner's name are public. " +
			"It holds definitions and sources only: no members, runs, results or notes. See GET /workspace/v1/duplications/{id} for its progress."},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"64"`
			Body      snapshotIn
		}) (*jobOut, error) {
			j, err := s.publish(ctx, session.Must(ctx), in.Workspace, in.Body)
			return answerJob(j, err)
		})
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/snapshots", ID: "listSnapshots", Rule: everyone, Summary: "The community's snapshots, newest first", Access: api.SecondFactor,
		Description: "Those that the caller's tier opens."},
		func(ctx context.Context, in *snapshotsIn) (*struct{ Body api.Page[SnapshotView] }, error) {
			list, next, err := s.snapshots(ctx, session.Must(ctx), in)
			if err != nil {
				return nil, err
			}
			out := &struct{ Body api.Page[SnapshotView] }{api.Page[SnapshotView]{Items: []SnapshotView{}, Next: next}}
			for _, snapshot := range list {
				out.Body.Items = append(out.Body.Items, viewOfSnapshot(snapshot))
			}
			return out, nil
		})
	api.Handle(a, api.Operation{Method: "GET", Path: one, ID: "getSnapshot", Rule: everyone, Summary: "One snapshot and what is in it", Access: api.SecondFactor,
		Description: "The ETag header is what taking it back needs as If-Match."},
		func(ctx context.Context, in *OfSnapshot) (*snapshotOut, error) {
			snapshot, etag, err := s.readable(ctx, session.Must(ctx), in.Snapshot)
			if err != nil {
				return nil, err
			}
			out := &snapshotOut{ETag: etag}
			out.Body.SnapshotView, out.Body.Contains = viewOfSnapshot(snapshot), snapshot.Items
			return out, nil
		})
	api.Handle(a, api.Operation{Method: "GET", Path: one + "/items/{item}", ID: "getSnapshotItem", Rule: everyone, Summary: "One thing in a snapshot, with its definition", Access: api.SecondFactor},
		func(ctx context.Context, in *struct {
			OfSnapshot
			Item string `path:"item" maxLength:"64"`
		}) (*struct{ Body content }, error) {
			c, err := s.item(ctx, session.Must(ctx), in.Snapshot, in.Item)
			if err != nil {
				return nil, err
			}
			return &struct{ Body content }{c}, nil
		})
	api.Handle(a, api.Operation{Method: "GET", Path: one + "/items/{item}/versions", ID: "listSnapshotItemVersions", Rule: everyone, Summary: "The versions of one thing in a snapshot", Access: api.SecondFactor,
		Description: "At most 10 a page."},
		func(ctx context.Context, in *struct {
			OfSnapshot
			Item string `path:"item" maxLength:"64"`
			api.PageIn
		}) (*struct{ Body api.Page[map[string]any] }, error) {
			list, next, err := s.versions(ctx, session.Must(ctx), in.Snapshot, in.Item, in.PageIn)
			if err != nil {
				return nil, err
			}
			return &struct{ Body api.Page[map[string]any] }{api.Page[map[string]any]{Items: list, Next: next}}, nil
		})
	api.Handle(a, api.Operation{Method: "POST", Path: one + "/duplications", ID: "duplicateSnapshot", Rule: everyone, Summary: "Make a workspace of a snapshot", Access: api.SecondFactor,
		Status: 202, MaxBodyBytes: maxBody, Description: "The caller owns the new workspace, which has the snapshot's tier and release."},
		func(ctx context.Context, in *struct {
			OfSnapshot
			Body duplicateIn
		}) (*jobOut, error) {
			j, err := s.duplicateSnapshot(ctx, session.Must(ctx), in.Snapshot, in.Body)
			return answerJob(j, err)
		})
	api.Handle(a, api.Operation{Method: "DELETE", Path: one, ID: "withdrawSnapshot", Access: api.SecondFactor, Status: 204,
		Rule:    access.ByRecord("whoever published it, an owner of its workspace, or a communityAdmin with a reason"),
		Summary: "Take a snapshot back", Description: "Nobody sees it from then on. Duplicates that were made of it stay. Needs If-Match."},
		func(ctx context.Context, in *struct {
			OfSnapshot
			IfMatch string `header:"If-Match" doc:"The ETag of what was read."`
			Reason  string `query:"reason" maxLength:"600" doc:"Why; a communityAdmin has to say it."`
		}) (*struct{}, error) {
			return nil, s.withdraw(ctx, session.Must(ctx), in.Snapshot, in.IfMatch, in.Reason)
		})
}

// SnapshotView is a snapshot as the community sees it. It is exported because huma
// skips the fields of unexported embedded types.
type SnapshotView struct {
	ID          string         `json:"id"`
	ProjectID   string         `json:"projectId" doc:"The project that it comes from, as the public directory names it."`
	Version     int            `json:"version" doc:"Counts the snapshots of one project, from 1."`
	Category    string         `json:"category"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Tier        access.Tier    `json:"tier"`
	ReleaseID   string         `json:"releaseId"`
	OwnerName   string         `json:"ownerName"`
	Institution string         `json:"institution,omitempty"`
	Contents    map[string]int `json:"contents" doc:"How many of each kind are in it."`
	PublishedAt time.Time      `json:"publishedAt"`
}

type snapshotOut struct {
	ETag string `header:"ETag"`
	Body struct {
		SnapshotView
		Contains []community.Item `json:"items" doc:"What is in it."`
	}
}

func viewOfSnapshot(s community.Snapshot) SnapshotView {
	return SnapshotView{s.ID, s.WorkspaceID, s.Version, s.Category, s.Title, s.Description, s.Tier, s.ReleaseID, s.OwnerName, s.Institution, s.Contents, s.PublishedAt}
}
