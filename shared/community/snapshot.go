// Package community is the record of a snapshot: what the owner of a workspace
// publishes to everyone with its tier. The workspace function writes and shows
// it, package copying fills it, and what everybody may read of it is
// project.Listing. It has no field for members, runs, notes or addresses, so none
// can slip in.
package community

import (
	"cmp"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/project"
)

// Collection holds the snapshots; what is in one lies below it, in the same
// collections as below a workspace.
const Collection = "snapshots"

// SchemaVersion is the version of the record's form.
const SchemaVersion = 1

// IsSnapshot reports whether a path such as "snapshots/sn_…" names a snapshot.
func IsSnapshot(path string) bool { return strings.HasPrefix(path, Collection+"/") }

// The states of a snapshot.
const (
	// Copying: it is not whole yet, and nobody sees it.
	Copying = "copying"
	// Published: everyone with its tier sees it.
	Published = "published"
	// Withdrawn: taken back; its contents are removed, this record stays.
	Withdrawn = "withdrawn"
)

// Categories of a snapshot.
const (
	Shared           = "community"
	Demo             = "demo"
	Tutorial         = "tutorial"
	PhenotypeLibrary = "phenotypeLibrary"
)

// Categories are the codes of all categories.
func Categories() []string { return project.Codes(project.Categories()) }

// Curated reports whether a category is the programme's: only a communityAdmin
// publishes into it, so that readers can rely on what stands there.
func Curated(category string) bool { return category != Shared }

// Item is one thing in a snapshot, for its list of contents.
type Item struct {
	Kind string `firestore:"kind" json:"kind" doc:"cohorts, conceptSets, dataSets or notebooks."`
	ID   string `firestore:"id" json:"id"`
	Name string `firestore:"name" json:"name"`
}

// Finding is what the check of disclosure says of one thing in a snapshot.
type Finding struct {
	// Item is the thing's identifier in the snapshot, "" for its title and description.
	Item string `firestore:"item" json:"item,omitempty" doc:"The item's identifier; none for title and description."`
	Name string `firestore:"name" json:"name,omitempty"`
	// Refuses keeps the snapshot from being shown.
	Refuses bool   `firestore:"refuses" json:"refuses" doc:"Whether this keeps the snapshot from being published."`
	Says    string `firestore:"says" json:"says"`
}

// Snapshot is a published copy of what is in a workspace.
type Snapshot struct {
	ID string `firestore:"id"`
	// WorkspaceID is the project that it comes from, as the public directory names it.
	WorkspaceID string `firestore:"workspaceId"`
	// Version counts the snapshots of one workspace that were published, from 1; 0
	// before it is.
	Version     int         `firestore:"version"`
	Category    string      `firestore:"category"`
	Title       string      `firestore:"title"`
	TitleKey    string      `firestore:"titleKey"`
	Description string      `firestore:"description"`
	Tier        access.Tier `firestore:"tier"`
	ReleaseID   string      `firestore:"releaseId"`
	// PublisherUID published it and may take it back. No answer holds it.
	PublisherUID string `firestore:"publisherUid"`
	// OwnerName and Institution name who publishes it, as of then.
	OwnerName   string `firestore:"ownerName"`
	Institution string `firestore:"institution"`
	Items       []Item `firestore:"items"`
	// Contents says how many of each kind are in it.
	Contents map[string]int `firestore:"contents"`
	Findings []Finding      `firestore:"findings"`
	State    string         `firestore:"state"`
	// ListKeys are what lists look for (see ListKey); none while it is not shown.
	ListKeys    []string  `firestore:"listKeys"`
	CreatedAt   time.Time `firestore:"createdAt"`
	PublishedAt time.Time `firestore:"publishedAt"`
	WithdrawnAt time.Time `firestore:"withdrawnAt,omitempty"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Keyed gives the snapshot with the fields that follow from others. Write it so.
func (s Snapshot) Keyed() Snapshot {
	s.TitleKey, s.ListKeys, s.SchemaVersion = access.NameKey(s.Title), []string{}, SchemaVersion
	if s.State != Published {
		return s
	}
	// Whoever holds the controlled tier reads both, others the registered ones alone.
	readers := []access.Tier{access.Controlled}
	if s.Tier == access.Registered {
		readers = append(readers, access.Registered)
	}
	for _, reader := range readers {
		for _, category := range []string{s.Category, ""} {
			for _, tier := range []access.Tier{s.Tier, ""} {
				for _, workspace := range []string{s.WorkspaceID, ""} {
					s.ListKeys = append(s.ListKeys, ListKey(reader, category, tier, workspace))
				}
			}
		}
	}
	return s
}

// ListKey is what the list of a reader with that tier looks for: the snapshots of
// a category, of a tier and of a workspace, "" for any.
func ListKey(reader access.Tier, category string, tier access.Tier, workspaceID string) string {
	return string(reader) + "/" + cmp.Or(category, "any") + "/" + cmp.Or(string(tier), "any") + "/" + cmp.Or(workspaceID, "any")
}

// Listing gives what everybody may read of the snapshot.
func (s Snapshot) Listing() project.Listing {
	return project.Listing{ID: s.ID, Category: s.Category, Title: s.Title, Description: s.Description, Tier: s.Tier, ReleaseID: s.ReleaseID,
		OwnerName: s.OwnerName, Institution: s.Institution, Version: s.Version, Contents: s.Contents, PublishedAt: s.PublishedAt, SchemaVersion: 1}
}

// Counted counts items by kind; every kind is named.
func Counted(items []Item, kinds []string) map[string]int {
	n := map[string]int{}
	for _, kind := range kinds {
		n[kind] = 0
	}
	for _, item := range items {
		n[item.Kind]++
	}
	return n
}
