package project

import (
	"time"

	"researchhub.example/hub/shared/access"
)

// Listings holds what is published to the community, as everybody may read it:
// a record for each snapshot that is there, by its name, newest first by "id".
const Listings = "communityListing"

// Categories are those of a published snapshot.
func Categories() []Choice {
	return []Choice{
		{"community", "Shared by its researchers"},
		{"demo", "Demonstration"},
		{"tutorial", "Tutorial"},
		{"phenotypeLibrary", "Phenotype library"},
	}
}

// Listing is the public face of one published snapshot. It is written with the
// snapshot and deleted when that is taken back. It has no field for members,
// runs, or what the snapshot's definitions say.
type Listing struct {
	ID          string      `firestore:"id"`
	Category    string      `firestore:"category"`
	Title       string      `firestore:"title"`
	Description string      `firestore:"description"`
	Tier        access.Tier `firestore:"tier"`
	ReleaseID   string      `firestore:"releaseId"`
	// OwnerName and Institution name who publishes it.
	OwnerName   string `firestore:"ownerName"`
	Institution string `firestore:"institution"`
	// Version counts the snapshots of one workspace, from 1.
	Version int `firestore:"version"`
	// Contents says how many of each kind are in it: cohorts, conceptSets,
	// dataSets, notebooks.
	Contents    map[string]int `firestore:"contents"`
	PublishedAt time.Time      `firestore:"publishedAt"`

	SchemaVersion int `firestore:"schemaVersion"`
}
