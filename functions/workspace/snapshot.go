package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// snapshotIn is a snapshot as it is asked for.
type snapshotIn struct {
	Category    string     `json:"category,omitempty" doc:"community; demo, tutorial and phenotypeLibrary are the programme's and need the role communityAdmin."`
	Title       string     `json:"title,omitempty" doc:"At most 120 characters; the workspace's name where it is left out. Public."`
	Description string     `json:"description,omitempty" doc:"Required, at most 4,000 characters: what is in it and what it is good for. Public."`
	All         bool       `json:"all,omitempty" doc:"Whether everything is included; else say what."`
	Include     *includeIn `json:"include,omitempty" doc:"What is included, by identifier."`
}

// includeIn chooses what a snapshot holds.
type includeIn struct {
	Cohorts     []string `json:"cohorts,omitempty" maxItems:"200"`
	ConceptSets []string `json:"conceptSets,omitempty" maxItems:"200"`
	DataSets    []string `json:"dataSets,omitempty" maxItems:"200"`
	Notebooks   []string `json:"notebooks,omitempty" maxItems:"200"`
}

// The bounds of a snapshot's texts, in characters.
const (
	maxSnapshotTitle = 120
	maxSnapshotText  = 4000
)

func errNoSnapshot() error {
	return fault.New(fault.NotFound, "There is no such snapshot, or it was taken back.")
}

func (s *service) snapshot(snapshotID string) *firestore.DocumentRef {
	return s.gate.Client.Collection(community.Collection).Doc(snapshotID)
}

// underwayDoc is the claim of the one snapshot of a workspace that is being made.
func underwayDoc(workspaceID string) string {
	return access.Workspaces + "/" + workspaceID + "/publishing/underway"
}

// publish begins a snapshot of a workspace that the caller owns.
func (s *service) publish(ctx context.Context, p session.Principal, workspaceID string, in snapshotIn) (copying.Job, error) {
	w, _, err := s.gate.Workspace(ctx, p, workspaceID, access.Manage)
	if err != nil {
		return copying.Job{}, err
	}
	now := s.gate.Clock.Now()
	snapshot := community.Snapshot{ID: id.New(id.Snapshot, now), WorkspaceID: w.ID, Tier: w.Tier, ReleaseID: w.ReleaseID,
		PublisherUID: p.UID, State: community.Copying, CreatedAt: now}
	include, err := s.validSnapshot(ctx, w, in, &snapshot)
	if err != nil {
		return copying.Job{}, err
	}
	if community.Curated(snapshot.Category) {
		if err := s.gate.RequireRole(ctx, p, access.CommunityAdmin); err != nil {
			return copying.Job{}, err
		}
	}
	found, err := s.copies.Check.Look(ctx, copying.Thing{Name: snapshot.Title, Record: map[string]any{"title": snapshot.Title, "description": snapshot.Description}})
	if err != nil {
		return copying.Job{}, err
	}
	var f form
	for _, one := range found {
		if one.Refuses {
			f.Say("body.description", "Title or description: %s", one.Says)
		}
	}
	if err := f.Err(); err != nil {
		return copying.Job{}, err
	}
	snapshot = snapshot.Keyed()
	j := s.copies.Begun(copying.Job{
		ID: id.New(id.Copying, now), Makes: copying.Snapshot, Source: access.Workspaces + "/" + w.ID, Target: community.Collection + "/" + snapshot.ID,
		Claim: underwayDoc(w.ID), Actor: p.UID, Tier: w.Tier, Name: snapshot.Title, Include: include, State: copying.Underway, Found: found,
	})
	return s.begin(ctx, j, func(tx *firestore.Transaction) (write, error) {
		client := s.gate.Client
		_, current, err := s.read(tx, w.ID)
		if err == nil {
			err = copying.MayCopy(current, p.UID, w.Tier, access.Manage)
		}
		if err != nil {
			return nil, err
		}
		snap, err := tx.Get(client.Doc(j.Claim))
		if _, found, err := firestorex.Decode[copying.Claim]("snapshot.underway", snap, err); err != nil {
			return nil, err
		} else if found {
			return nil, fault.New(fault.Conflict, "A snapshot of this workspace is being published. Wait until it is there.")
		}
		return func(tx *firestore.Transaction) error {
			if err := tx.Create(s.snapshot(snapshot.ID), snapshot); err != nil {
				return err
			}
			return tx.Create(client.Doc(j.Claim), copying.Claim{SnapshotID: snapshot.ID})
		}, nil
	})
}

// validSnapshot checks what is asked for, fills the snapshot in and gives what is
// included: nil for everything.
func (s *service) validSnapshot(ctx context.Context, w access.Workspace, in snapshotIn, snapshot *community.Snapshot) (map[string][]string, error) {
	var f form
	if !slices.Contains(community.Categories(), in.Category) {
		f.Say("body.category", "Choose among %s.", strings.Join(community.Categories(), ", "))
	}
	title := tidy(in.Title)
	if title == "" {
		title = w.Name
	}
	snapshot.Category, snapshot.Title = in.Category, f.text("body.title", title, maxSnapshotTitle, true)
	snapshot.Description = f.text("body.description", in.Description, maxSnapshotText, true)
	if in.All == (in.Include != nil) {
		f.Say("body.include", "Say either what is included or that all is.")
	}
	include := map[string][]string{}
	if in.Include != nil {
		s.choose(&f, include, in.Include)
		if err := f.Err(); err != nil {
			return nil, err
		}
		if err := s.whole(ctx, &f, w.ID, include); err != nil {
			return nil, err
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if in.All {
		return nil, nil
	}
	return include, nil
}

// choose checks the form of what is included.
func (s *service) choose(f *form, include map[string][]string, in *includeIn) {
	lists := map[string][]string{"cohorts": in.Cohorts, "conceptSets": in.ConceptSets, "dataSets": in.DataSets, copying.Notebooks: in.Notebooks}
	total := 0
	for _, kind := range copying.Layout() {
		names := slices.Clone(lists[kind.Collection])
		for i, name := range names {
			if id.Check(kind.Prefix, name) != nil {
				f.Say(fmt.Sprintf("body.include.%s[%d]", kind.Collection, i), "This is no identifier of these.")
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		total += len(names)
		include[kind.Collection] = names
	}
	if most := s.copies.Rules.SnapshotItems; total == 0 || total > most {
		f.Say("body.include", "Choose from 1 to %d things.", most)
	}
}

// whole says what is chosen and not there, and what is not chosen and referred to
// by what is: a data set without its cohorts would be a riddle.
func (s *service) whole(ctx context.Context, f *form, workspaceID string, include map[string][]string) error {
	var refs []*firestore.DocumentRef
	for _, kind := range copying.Layout() {
		for _, name := range include[kind.Collection] {
			refs = append(refs, s.gate.Client.Collection(access.Workspaces).Doc(workspaceID).Collection(kind.Collection).Doc(name))
		}
	}
	snaps, err := s.gate.Client.GetAll(ctx, refs)
	if err != nil {
		return firestorex.Fault("snapshot.include", err)
	}
	for _, snap := range snaps {
		at := fmt.Sprintf("body.include.%s[%d]", snap.Ref.Parent.ID, slices.Index(include[snap.Ref.Parent.ID], snap.Ref.ID))
		if !snap.Exists() {
			f.Say(at, "%s is not in this workspace.", snap.Ref.ID)
			continue
		}
		for _, needed := range copying.Refers(snap.Ref.Parent.ID, snap.Data()) {
			if !slices.ContainsFunc(copying.Collections(), func(kind string) bool { return slices.Contains(include[kind], needed) }) {
				f.Say(at, "%s refers to %s: include that as well.", snap.Ref.ID, needed)
			}
		}
	}
	return nil
}
