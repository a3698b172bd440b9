package workspace

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// readable gives a snapshot that the caller's tier opens, with its etag.
func (s *service) readable(ctx context.Context, p session.Principal, snapshotID string) (community.Snapshot, string, error) {
	tier, err := s.gate.Tier(session.With(ctx, p), p.UID)
	if err != nil {
		return community.Snapshot{}, "", err
	}
	if id.Check(id.Snapshot, snapshotID) != nil {
		return community.Snapshot{}, "", errNoSnapshot()
	}
	snap, err := s.snapshot(snapshotID).Get(ctx)
	one, found, err := firestorex.Decode[community.Snapshot]("snapshot", snap, err)
	if err != nil {
		return one, "", firestorex.Fault("snapshot", err)
	}
	if !found || one.State != community.Published {
		return community.Snapshot{}, "", errNoSnapshot()
	}
	if !tier.Covers(one.Tier) {
		return community.Snapshot{}, "", fault.New(fault.Denied, "This snapshot needs the %s tier. Your access is %s: see what is missing under your account.", one.Tier, tier)
	}
	return one, firestorex.ETag(snap.UpdateTime), nil
}

// snapshotsIn chooses among the snapshots that the caller's tier opens.
type snapshotsIn struct {
	Limit     int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor    string `query:"cursor" maxLength:"900" doc:"The next of the page before; none for the first page."`
	Category  string `query:"category" enum:"community,demo,tutorial,phenotypeLibrary" doc:"Only those of this category."`
	Tier      string `query:"tier" enum:"registered,controlled" doc:"Only those of this tier."`
	Workspace string `query:"workspace" maxLength:"64" doc:"Only those of this project."`
	Title     string `query:"title" maxLength:"120" doc:"Only those whose title begins so, letter case aside; then they come in the order of their titles."`
}

// snapshots reads one page of the list, the newest first. A snapshot holds the
// keys of the lists that it is in, as a workspace does.
func (s *service) snapshots(ctx context.Context, p session.Principal, in *snapshotsIn) ([]community.Snapshot, string, error) {
	tier, err := s.gate.Tier(session.With(ctx, p), p.UID)
	if err != nil {
		return nil, "", err
	}
	if known := in.Workspace == "" || id.Check(id.Workspace, in.Workspace) == nil; !known {
		return nil, "", nil
	}
	key := community.ListKey(tier, in.Category, access.Tier(in.Tier), in.Workspace)
	q := s.gate.Client.Collection(community.Collection).Where("listKeys", "array-contains", key)
	prefix := access.NameKey(in.Title)
	if prefix == "" {
		return firestorex.Newest[community.Snapshot](ctx, q, in.Limit, in.Cursor)
	}
	q = q.Where("titleKey", ">=", prefix).Where("titleKey", "<", prefix+lastRune).OrderBy("titleKey", firestore.Asc).OrderBy(firestore.DocumentID, firestore.Asc)
	if in.Cursor != "" {
		title, name, err := readTitleCursor(in.Cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.StartAfter(title, name)
	}
	snaps, err := q.Limit(in.Limit + 1).Documents(ctx).GetAll()
	if err != nil {
		return nil, "", firestorex.Fault("snapshot.list", err)
	}
	list := make([]community.Snapshot, 0, len(snaps))
	for _, snap := range snaps[:min(len(snaps), in.Limit)] {
		one, _, err := firestorex.Decode[community.Snapshot]("snapshot.list", snap, nil)
		if err != nil {
			return nil, "", err
		}
		list = append(list, one)
	}
	if len(snaps) <= in.Limit {
		return list, "", nil
	}
	last := list[len(list)-1]
	return list, cursor(last.TitleKey, last.ID), nil
}

func readTitleCursor(s string) (title, name string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	name, title, ok := strings.Cut(string(b), " ")
	if err != nil || !ok || id.Check(id.Snapshot, name) != nil {
		return "", "", errCursor()
	}
	return title, name, nil
}

// content is one thing in a snapshot with what it says.
type content struct {
	community.Item
	// Record has the fields that the layout of copies knows, and none that names
	// people or places.
	Record   map[string]any  `json:"record" doc:"Its definition and what goes with it, by the names of the workspace's own answers."`
	Notebook json.RawMessage `json:"notebook,omitempty" doc:"A notebook's source (ipynb), without results."`
}

// hidden are the fields of a copy that say nothing to a reader.
var hidden = []string{"id", "workspaceId", "createdBy", "updatedBy", "object", "schemaVersion"}

func shown(fields []string, record map[string]any) map[string]any {
	out := map[string]any{}
	for _, field := range fields {
		if v, ok := record[field]; ok && !slices.Contains(hidden, field) {
			out[field] = v
		}
	}
	return out
}

// itemOf finds one thing of a snapshot and its kind.
func itemOf(snapshot community.Snapshot, itemID string) (community.Item, copying.Kind, error) {
	for _, item := range snapshot.Items {
		if item.ID != itemID {
			continue
		}
		for _, kind := range copying.Layout() {
			if kind.Collection == item.Kind {
				return item, kind, nil
			}
		}
	}
	return community.Item{}, copying.Kind{}, fault.New(fault.NotFound, "There is no such thing in this snapshot.")
}

// item reads one thing of a snapshot.
func (s *service) item(ctx context.Context, p session.Principal, snapshotID, itemID string) (content, error) {
	snapshot, _, err := s.readable(ctx, p, snapshotID)
	if err != nil {
		return content{}, err
	}
	item, kind, err := itemOf(snapshot, itemID)
	if err != nil {
		return content{}, err
	}
	snap, err := s.snapshot(snapshotID).Collection(kind.Collection).Doc(itemID).Get(ctx)
	if err != nil {
		return content{}, firestorex.Fault("snapshot.item", err)
	}
	c := content{Item: item, Record: shown(kind.Fields, snap.Data())}
	if kind.File {
		object, _ := snap.Data()["object"].(string)
		if c.Notebook, err = s.copies.Files.Read(ctx, object); err != nil {
			return content{}, err
		}
	}
	return c, nil
}

// maxVersions bounds a page of versions: each may have 1 MiB.
const maxVersions = 10

// versions reads a page of the versions of one thing of a snapshot, the oldest first.
func (s *service) versions(ctx context.Context, p session.Principal, snapshotID, itemID string, page api.PageIn) ([]map[string]any, string, error) {
	snapshot, _, err := s.readable(ctx, p, snapshotID)
	if err != nil {
		return nil, "", err
	}
	_, kind, err := itemOf(snapshot, itemID)
	if err != nil {
		return nil, "", err
	}
	list := []map[string]any{}
	if kind.Versions == "" {
		return list, "", nil
	}
	q := s.snapshot(snapshotID).Collection(kind.Collection).Doc(itemID).Collection(kind.Versions).OrderBy(firestore.DocumentID, firestore.Asc)
	records, next, err := firestorex.Page[map[string]any](ctx, q, min(page.Limit, maxVersions), page.Cursor)
	for _, r := range records {
		list = append(list, shown(kind.VersionFields, r))
	}
	return list, next, err
}
