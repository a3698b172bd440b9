package workspace

import (
	"context"
	"fmt"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/copying"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/session"
)

// maxReason bounds a reason, in characters.
const maxReason = 500

// withdraw takes a snapshot back: nobody sees or duplicates it from then on, and
// its contents are removed. Whoever published it may, an owner of its workspace,
// and a communityAdmin with a reason.
func (s *service) withdraw(ctx context.Context, p session.Principal, snapshotID, ifMatch, reason string) error {
	account, err := s.gate.Caller(ctx, p)
	if err != nil {
		return err
	}
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return err
	}
	if id.Check(id.Snapshot, snapshotID) != nil {
		return errNoSnapshot()
	}
	client, now := s.gate.Client, s.gate.Clock.Now()
	j := s.copies.Begun(copying.Job{ID: id.New(id.Copying, now), Makes: copying.Withdrawal, Target: community.Collection + "/" + snapshotID,
		Actor: p.UID, State: copying.Cleaning})
	var event string
	err = client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(s.snapshot(snapshotID))
		one, found, err := firestorex.Decode[community.Snapshot]("snapshot.withdraw", snap, err)
		if err != nil {
			return err
		}
		if !found || one.State != community.Published {
			return errNoSnapshot()
		}
		owner, err := s.ownsSnapshot(tx, one, p.UID)
		if err != nil {
			return err
		}
		admin := !owner && slices.Contains(account.AdminRoles, access.CommunityAdmin)
		if !owner && !admin {
			return fault.New(fault.Denied, "Only whoever published it, an owner of its workspace or a communityAdmin takes a snapshot back.")
		}
		var f form
		reason := f.text("query.reason", reason, maxReason, admin || reason != "")
		if err := f.Err(); err != nil {
			return err
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		one.State, one.WithdrawnAt, one.Items, one.Findings = community.Withdrawn, now, nil, nil
		if err := tx.Set(s.snapshot(snapshotID), one.Keyed()); err != nil {
			return err
		}
		if err := tx.Delete(client.Collection(project.Listings).Doc(snapshotID)); err != nil {
			return err
		}
		if err := tx.Create(client.Collection(copying.Collection).Doc(j.ID), j); err != nil {
			return err
		}
		err = audit.Add(tx, client, audit.Entry{At: now, Actor: p.UID, Act: "snapshot.withdrawn", Target: j.Target, Reason: reason,
			Before: fmt.Sprintf("version %d of %s, category %s, title %q", one.Version, one.WorkspaceID, one.Category, one.Title)})
		if err != nil {
			return err
		}
		by := "owner"
		if admin {
			by = "communityAdmin"
		}
		event, err = outbox.Add(tx, client, outbox.Event{Type: "snapshot.withdrawn", At: now, UID: one.PublisherUID, Target: j.Target,
			Data: map[string]string{"name": one.Title, "by": by, "reason": reason, "version": fmt.Sprint(one.Version)}})
		return err
	})
	if err != nil {
		return firestorex.Fault("snapshot.withdraw", err)
	}
	s.events.Send(ctx, event)
	s.goOn(ctx, j)
	return nil
}

// ownsSnapshot reports whether somebody published a snapshot or owns the
// workspace that it comes from.
func (s *service) ownsSnapshot(tx *firestore.Transaction, one community.Snapshot, uid string) (bool, error) {
	if one.PublisherUID == uid {
		return true, nil
	}
	snap, err := tx.Get(s.gate.Client.Collection(access.Workspaces).Doc(one.WorkspaceID))
	w, _, err := firestorex.Decode[access.Workspace]("snapshot.workspace", snap, err)
	return w.Members[uid] == access.Owner, err
}
