package directory

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/project"
)

// listingView is a published snapshot as everybody sees it, field by field as in
// projectView.
type listingView struct {
	ID          string         `json:"id"`
	Category    string         `json:"category"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Tier        access.Tier    `json:"tier"`
	ReleaseID   string         `json:"releaseId"`
	OwnerName   string         `json:"ownerName"`
	Institution string         `json:"institution"`
	Version     int            `json:"version"`
	Contents    map[string]int `json:"contents" doc:"How many of each kind are in it. What they say is for those with the tier."`
	PublishedAt time.Time      `json:"publishedAt"`
}

// contents are the kinds that a listing counts; any other of a record is not shown.
func contents(all map[string]int) map[string]int {
	shown := map[string]int{}
	for _, kind := range []string{"cohorts", "conceptSets", "dataSets", "notebooks"} {
		if n := all[kind]; n > 0 {
			shown[kind] = n
		}
	}
	return shown
}

func (s *service) community(ctx context.Context, in *struct {
	api.PageIn
	Conditional
	Category string `query:"category" enum:"community,demo,tutorial,phenotypeLibrary"`
	Tier     string `query:"tier" enum:"registered,controlled"`
}) (*cached[api.Page[listingView]], error) {
	q := s.client.Collection(project.Listings).OrderBy("id", firestore.Desc)
	if in.Category != "" {
		q = q.Where("category", "==", in.Category)
	}
	if in.Tier != "" {
		q = q.Where("tier", "==", in.Tier)
	}
	list, next, err := firestorex.Page[project.Listing](ctx, q, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	page := api.Page[listingView]{Items: make([]listingView, 0, len(list)), Next: next}
	for _, l := range list {
		page.Items = append(page.Items, listingView{l.ID, l.Category, l.Title, l.Description, l.Tier, l.ReleaseID, l.OwnerName, l.Institution,
			l.Version, contents(l.Contents), l.PublishedAt})
	}
	return cache(page, in.Conditional, s.maxAge)
}
