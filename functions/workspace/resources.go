package workspace

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// resourceKinds are what members make in a workspace, in the order shown: each a
// sub-collection that another room, or this one, writes.
var resourceKinds = []string{"cohorts", "conceptSets", dataset.DataSets, "notebooks", dataset.Runs, notesCollection}

// recentResources is how many of each kind are shown beside their count.
const recentResources = 3

// resource is one thing in a workspace, as much of it as all kinds share.
type resource struct {
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty" doc:"Its name, or a note's title; runs have none."`
	State     string    `json:"state,omitempty" doc:"A run's."`
	CreatedBy string    `json:"createdBy,omitempty" doc:"The uid of who made it."`
	CreatedAt time.Time `json:"createdAt"`
}

// resourceKind is how many there are of one kind, and the newest of them.
type resourceKind struct {
	Kind   string     `json:"kind" doc:"cohorts, conceptSets, dataSets, notebooks, runs or notes."`
	Count  int64      `json:"count"`
	Recent []resource `json:"recent" doc:"The newest, at most 3."`
}

type resourceList struct {
	Kinds []resourceKind `json:"items"`
}

// routesOfResources registers the overview of what is in a workspace.
func (s *service) routesOfResources(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/resources", ID: "listResources", Rule: access.MemberOf(access.Read), Summary: "What is in a workspace", Access: api.SecondFactor,
		Description: "Of each kind, how many there are and the newest of them."},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"64"`
		}) (*struct{ Body resourceList }, error) {
			if _, _, err := s.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
				return nil, err
			}
			list, err := s.resources(ctx, in.Workspace)
			if err != nil {
				return nil, err
			}
			return &struct{ Body resourceList }{list}, nil
		})
}

// resources counts and looks into all kinds side by side. Firestore counts what
// is there (one read for each thousand), so that a count is right whoever writes
// at the same time: there is no counter that could drift from its things, nor one
// that all who write would wait for.
func (s *service) resources(ctx context.Context, workspaceID string) (resourceList, error) {
	list := resourceList{make([]resourceKind, len(resourceKinds))}
	var group errgroup.Group
	for i, kind := range resourceKinds {
		c := s.gate.Client.Collection(access.Workspaces).Doc(workspaceID).Collection(kind)
		list.Kinds[i].Kind = kind
		group.Go(func() (err error) {
			list.Kinds[i].Count, err = count(ctx, c)
			return err
		})
		group.Go(func() (err error) {
			list.Kinds[i].Recent, err = newestResources(ctx, c)
			return err
		})
	}
	return list, group.Wait()
}

// count asks Firestore how many documents a collection has.
func count(ctx context.Context, c *firestore.CollectionRef) (int64, error) {
	const name = "n"
	result, err := c.NewAggregationQuery().WithCount(name).Get(ctx)
	if err != nil {
		return 0, firestorex.Fault("workspace.count", err)
	}
	n, ok := result[name].(*firestorepb.Value)
	if !ok {
		return 0, fault.New(fault.Internal, "a count without a number")
	}
	return n.GetIntegerValue(), nil
}

// newestResources reads the newest of a kind, and of each only what is shown: a
// cohort's definition or a run's statement may be long.
func newestResources(ctx context.Context, c *firestore.CollectionRef) ([]resource, error) {
	it := c.OrderBy("id", firestore.Desc).Select("name", "title", "state", "createdBy", "memberUid", "author", "createdAt").Limit(recentResources).Documents(ctx)
	defer it.Stop()
	list := []resource{}
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return list, nil
		}
		if err != nil {
			return nil, firestorex.Fault("workspace.resources", err)
		}
		var r struct {
			Name      string    `firestore:"name"`
			Title     string    `firestore:"title"`
			State     string    `firestore:"state"`
			CreatedBy string    `firestore:"createdBy"`
			MemberUID string    `firestore:"memberUid"` // a run's
			Author    string    `firestore:"author"`    // a note's
			CreatedAt time.Time `firestore:"createdAt"`
		}
		if err := snap.DataTo(&r); err != nil {
			return nil, fault.Wrap("workspace.resources", err)
		}
		list = append(list, resource{snap.Ref.ID, r.Name + r.Title, r.State, r.CreatedBy + r.MemberUID + r.Author, r.CreatedAt})
	}
}
