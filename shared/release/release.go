// Package release finds the BigQuery dataset that a workspace works on: the one
// of its data release and tier, as the release's record names it.
//
// It reads Firestore only.
package release

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/omop"
)

// Store reads release records.
type Store struct {
	Client *firestore.Client
	// Project is where the datasets lie.
	Project string
}

// Data is one tier of one release.
type Data struct {
	Release omop.Release
	Tier    access.Tier
	Dataset omop.Dataset
}

// Get finds a release's dataset of a tier. A release that is unknown, not
// published or without that tier is fault.NotFound.
func (s *Store) Get(ctx context.Context, releaseID string, tier access.Tier) (Data, error) {
	if err := omop.CheckReleaseID(releaseID); err != nil {
		return Data{}, fault.New(fault.NotFound, "There is no such data release.")
	}
	snap, err := s.Client.Collection(omop.ReleasesCollection).Doc(releaseID).Get(ctx)
	if f := firestorex.Fault("release.get", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return Data{}, fault.New(fault.NotFound, "There is no such data release.")
		}
		return Data{}, f
	}
	d := Data{Tier: tier}
	if err := snap.DataTo(&d.Release); err != nil {
		return Data{}, fault.Wrap("release.get", err)
	}
	dataset, err := d.Release.Dataset(string(tier))
	if err != nil {
		return Data{}, fault.Because(fault.NotFound, err, "This data release has no published data of the %s tier.", tier)
	}
	d.Dataset = omop.Dataset{Project: s.Project, ID: dataset}
	return d, fault.Wrap("release.get", d.Dataset.Check())
}

// Of finds the dataset that a workspace works on.
func (s *Store) Of(ctx context.Context, w access.Workspace) (Data, error) {
	return s.Get(ctx, w.ReleaseID, w.Tier)
}
