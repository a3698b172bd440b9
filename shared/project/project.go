// Package project is what the public sees of a workspace: the record that the
// workspace function writes beside each change and the directory function
// reads. It has no field for anything private, so nothing private can slip in.
package project

import (
	"time"

	"researchhub.example/hub/shared/access"
)

// Collection holds the projects, named by their workspaces' identifiers.
const Collection = "directoryProjects"

// SchemaVersion is the version of the record's form.
const SchemaVersion = 1

// Project is the public face of one workspace.
type Project struct {
	ID        string      `firestore:"id"`
	Name      string      `firestore:"name"`
	Tier      access.Tier `firestore:"tier"`
	ReleaseID string      `firestore:"releaseId"`
	// OwnerName and Institution name who answers for the project.
	OwnerName   string `firestore:"ownerName"`
	Institution string `firestore:"institution"`
	// Purpose is the research purpose; whether a review was asked for is
	// between the owner and the board, and is left out.
	Purpose   access.Purpose `firestore:"purpose"`
	CreatedAt time.Time      `firestore:"createdAt"`
	UpdatedAt time.Time      `firestore:"updatedAt"`
	// ChangedAt is the store's time of the write, by which copies of the collection
	// are kept up to date; Of leaves it to the store.
	ChangedAt time.Time `firestore:"changedAt,serverTimestamp"`

	SchemaVersion int `firestore:"schemaVersion"`
}

// Of makes the public face of a workspace whose owner and institution have
// these names.
func Of(w access.Workspace, ownerName, institution string) Project {
	p := Project{
		ID: w.ID, Name: w.Name, Tier: w.Tier, ReleaseID: w.ReleaseID,
		OwnerName: ownerName, Institution: institution, Purpose: w.Purpose,
		CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, SchemaVersion: SchemaVersion,
	}
	p.Purpose.ReviewRequested = false
	return p
}
