package workspace

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// entry is one line of the list. What is inside a workspace takes its tier;
// the line says whether the caller holds it.
type entry struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Tier      access.Tier `json:"tier"`
	ReleaseID string      `json:"releaseId"`
	OwnerUID  string      `json:"ownerUid"`
	Role      string      `json:"role"`
	State     string      `json:"state"`
	CanOpen   bool        `json:"canOpen" doc:"Whether the caller's tier opens it now."`
	CreatedAt time.Time   `json:"createdAt"`
	UpdatedAt time.Time   `json:"updatedAt"`
	PurgeAt   *time.Time  `json:"purgeAt,omitempty" doc:"When a deleted workspace is removed for good."`
}

// listIn chooses among the caller's workspaces.
type listIn struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"600" doc:"The next of the page before; none for the first page."`
	Role   string `query:"role" enum:"owner,writer,reader" doc:"Only those in which the caller has this role."`
	State  string `query:"state" enum:"active,paused,archived,deleted" doc:"Only those in this state; without it, all but the deleted ones."`
	Tier   string `query:"tier" enum:"registered,controlled" doc:"Only those of this tier."`
	Name   string `query:"name" maxLength:"80" doc:"Only those whose name begins so, letter case aside; then they come in the order of their names."`
}

type listOut struct {
	Body api.Page[entry]
}

func (s *service) list(ctx context.Context, in *listIn) (*listOut, error) {
	p := session.Must(ctx)
	tier, err := s.gate.Tier(ctx, p.UID)
	if err != nil {
		return nil, err
	}
	q, cursorOf, err := s.listQuery(p.UID, in)
	if err != nil {
		return nil, err
	}
	it := q.Limit(in.Limit + 1).Documents(ctx)
	defer it.Stop()
	out := &listOut{Body: api.Page[entry]{Items: make([]entry, 0, in.Limit)}}
	var last access.Workspace
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, firestorex.Fault("workspace.list", err)
		}
		if len(out.Body.Items) == in.Limit {
			out.Body.Next = cursorOf(last)
			return out, nil
		}
		var w access.Workspace
		if err := snap.DataTo(&w); err != nil {
			return nil, fault.Wrap("workspace.list", err)
		}
		e := entry{w.ID, w.Name, w.Tier, w.ReleaseID, w.OwnerUID, w.Members[p.UID], w.State, tier.Covers(w.Tier), w.CreatedAt, w.UpdatedAt, nil}
		if !w.PurgeAt.IsZero() {
			e.PurgeAt = &w.PurgeAt
		}
		out.Body.Items, last = append(out.Body.Items, e), w
	}
}

// listQuery is the query of one page and what makes the cursor of the next. A
// workspace holds the keys of the lists that it is in (access.ListKey): so one
// index serves every choice in each of the two orders, and a page costs its own
// documents however many workspaces there are. Of each it takes what a line
// shows.
func (s *service) listQuery(uid string, in *listIn) (firestore.Query, func(access.Workspace) string, error) {
	q := s.gate.Client.Collection(access.Workspaces).
		Where("listKeys", "array-contains", access.ListKey(uid, in.Role, in.State, access.Tier(in.Tier))).
		Select("id", "name", "nameKey", "tier", "releaseId", "ownerUid", "members", "state", "createdAt", "updatedAt", "purgeAt")
	value, name, err := readCursor(in.Cursor)
	if err != nil {
		return q, nil, err
	}
	if prefix := access.NameKey(in.Name); prefix != "" {
		q = q.Where("nameKey", ">=", prefix).Where("nameKey", "<", prefix+lastRune).
			OrderBy("nameKey", firestore.Asc).OrderBy(firestore.DocumentID, firestore.Asc)
		if name != "" {
			q = q.StartAfter(value, name)
		}
		return q, func(w access.Workspace) string { return cursor(w.NameKey, w.ID) }, nil
	}
	q = q.OrderBy("updatedAt", firestore.Desc).OrderBy(firestore.DocumentID, firestore.Desc)
	if name != "" {
		at, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			return q, nil, errCursor()
		}
		q = q.StartAfter(at, name)
	}
	return q, func(w access.Workspace) string { return cursor(w.UpdatedAt.UTC().Format(time.RFC3339Nano), w.ID) }, nil
}

// lastRune sorts behind every character that a name can have.
const lastRune = "\U0010FFFF"

// cursor names the last line of a page by what the list is ordered by.
func cursor(value, name string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(name + " " + value))
}

func readCursor(s string) (value, name string, err error) {
	if s == "" {
		return "", "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	name, value, ok := strings.Cut(string(b), " ")
	if err != nil || !ok || id.Check(id.Workspace, name) != nil {
		return "", "", errCursor()
	}
	return value, name, nil
}

func errCursor() error {
	return fault.New(fault.Invalid, "The cursor is not one that this list gave.")
}
