package copying

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/community"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
)

// Reviewing reads, in a transaction, what a review of a new workspace takes, and
// gives what opens it and names the events to send.
type Reviewing func(tx *firestore.Transaction, w access.Workspace, at time.Time) (open func(*firestore.Transaction) ([]string, error), err error)

// finish shows what was copied, in one transaction.
func (e *Engine) finish(ctx context.Context, j Job) (Job, error) {
	for _, f := range j.Found {
		if f.Refuses {
			return j, fault.New(fault.Denied, "The disclosure check refuses it: see what it found.")
		}
	}
	actor, err := e.Gate.Record(ctx, j.Actor)
	if err != nil {
		return j, err
	}
	if actor.Disabled {
		return j, fault.New(fault.Denied, "Your account was disabled while it was copied.")
	}
	status, err := e.Gate.StatusOf(ctx, actor)
	if err != nil {
		return j, err
	}
	if !status.Tier.Covers(j.Tier) {
		return j, fault.New(fault.Denied, "Your access to the %s tier ended while it was copied. Missing: %s.", j.Tier, strings.Join(status.Blocked, ", "))
	}
	var events []string
	after, err := e.held(ctx, "finish", j, func(tx *firestore.Transaction, j Job) (Job, error) {
		events = nil
		institution, err := e.institution(tx, actor.InstitutionID)
		if err != nil {
			return j, err
		}
		if j.Makes == Snapshot {
			events, err = e.publish(tx, j, actor.Name, institution)
		} else {
			events, err = e.show(tx, j, actor.Name, institution)
		}
		return j.end(Done, e.now(), e.Rules.Retention), err
	})
	if err == nil {
		e.Events.Send(ctx, events...)
	}
	return after, err
}

// show makes a duplicate an active workspace: with its members, its public face,
// the audit entry and the events.
func (e *Engine) show(tx *firestore.Transaction, j Job, owner, institution string) ([]string, error) {
	client, now := e.client(), e.now()
	from, err := e.source(tx, j)
	if err != nil {
		return nil, err
	}
	ref := client.Doc(j.Target)
	snap, err := tx.Get(ref)
	w, found, err := firestorex.Decode[access.Workspace]("copying.target", snap, err)
	if err != nil {
		return nil, err
	}
	if !found || w.State != access.Copying {
		return nil, fault.New(fault.Conflict, "The workspace that was being made is not there any more.")
	}
	var told []string
	if j.WithMembers {
		members := maps.Clone(from.Members)
		members[j.Actor] = access.Owner
		w.Members = members
		told = slices.DeleteFunc(slices.Sorted(maps.Keys(members)), func(uid string) bool { return uid == j.Actor })
	}
	w.State, w.CreatedAt, w.UpdatedAt = access.Active, now, now
	w = w.Keyed()
	open := func(*firestore.Transaction) ([]string, error) { return nil, nil }
	if w.Purpose.ReviewRequested && e.Reviewing != nil {
		if open, err = e.Reviewing(tx, w, now); err != nil {
			return nil, err
		}
	}
	if err := tx.Set(ref, w); err != nil {
		return nil, err
	}
	if err := tx.Set(client.Collection(project.Collection).Doc(w.ID), project.Of(w, owner, institution)); err != nil {
		return nil, err
	}
	err = audit.Add(tx, client, audit.Entry{At: now, Actor: j.Actor, Act: "workspace.duplicated", Target: j.Target, Before: j.Source,
		After: fmt.Sprintf("name %q, tier %s, release %s, %d records, members %s", w.Name, w.Tier, w.ReleaseID, j.Done, strings.Join(w.MemberUIDs, " "))})
	if err != nil {
		return nil, err
	}
	data := func(more ...string) map[string]string {
		d := map[string]string{"name": w.Name, "workspaceId": w.ID}
		for i := 0; i+1 < len(more); i += 2 {
			d[more[i]] = more[i+1]
		}
		return d
	}
	list := []outbox.Event{{Type: "workspace.duplicated", UID: j.Actor, Data: data("left", left(j.Found), "job", j.ID)}}
	for _, uid := range told {
		list = append(list, outbox.Event{Type: "workspace.shared", UID: uid, Data: data("role", w.Members[uid], "before", "")})
	}
	var events []string
	for _, one := range list {
		one.At, one.Target = now, j.Target
		event, err := outbox.Add(tx, client, one)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	more, err := open(tx)
	return append(events, more...), err
}

// left tells how many things were left out, "" for none.
func left(found []community.Finding) string {
	if len(found) == 0 {
		return ""
	}
	return fmt.Sprint(len(found))
}

// VersionsDoc is where a workspace counts its snapshots: below it.
func VersionsDoc(workspacePath string) string { return workspacePath + "/publishing/versions" }

// Versions counts the published snapshots of a workspace.
type Versions struct {
	Last int `firestore:"last"`
}

// publish shows a snapshot: it gets its version, its line in the public listing,
// the audit entry and the event. The claim on publishing is given back.
func (e *Engine) publish(tx *firestore.Transaction, j Job, owner, institution string) ([]string, error) {
	client, now := e.client(), e.now()
	if _, err := e.source(tx, j); err != nil {
		return nil, err
	}
	ref, counter := client.Doc(j.Target), client.Doc(VersionsDoc(j.Source))
	snap, err := tx.Get(ref)
	s, found, err := firestorex.Decode[community.Snapshot]("copying.target", snap, err)
	if err != nil {
		return nil, err
	}
	if !found || s.State != community.Copying {
		return nil, fault.New(fault.Conflict, "The snapshot that was being made is not there any more.")
	}
	snap, err = tx.Get(counter)
	versions, _, err := firestorex.Decode[Versions]("copying.versions", snap, err)
	if err != nil {
		return nil, err
	}
	if len(j.Items) == 0 {
		return nil, fault.New(fault.Conflict, "Nothing of what was chosen is there any more.")
	}
	versions.Last++
	s.Version, s.State, s.PublishedAt, s.Items, s.Findings = versions.Last, community.Published, now, j.Items, j.Found
	s.OwnerName, s.Institution, s.Contents = owner, institution, community.Counted(j.Items, Collections())
	s = s.Keyed()
	if err := tx.Set(ref, s); err != nil {
		return nil, err
	}
	if err := tx.Set(counter, versions); err != nil {
		return nil, err
	}
	if err := tx.Set(client.Collection(project.Listings).Doc(s.ID), s.Listing()); err != nil {
		return nil, err
	}
	if err := tx.Delete(client.Doc(j.Claim)); err != nil {
		return nil, err
	}
	err = audit.Add(tx, client, audit.Entry{At: now, Actor: j.Actor, Act: "snapshot.published", Target: j.Target, Before: j.Source,
		After: fmt.Sprintf("version %d, category %s, title %q, %d things", s.Version, s.Category, s.Title, len(s.Items))})
	if err != nil {
		return nil, err
	}
	event, err := outbox.Add(tx, client, outbox.Event{Type: "snapshot.published", At: now, UID: j.Actor, Target: j.Target,
		Data: map[string]string{"name": s.Title, "snapshot": s.ID, "version": fmt.Sprint(s.Version), "things": fmt.Sprint(len(s.Items))}})
	return []string{event}, err
}

// institution gives the public name of an institution, "" where there is none.
func (e *Engine) institution(tx *firestore.Transaction, institutionID string) (string, error) {
	if institutionID == "" {
		return "", nil
	}
	snap, err := tx.Get(e.client().Collection(access.Institutions).Doc(institutionID))
	inst, _, err := firestorex.Decode[access.Institution]("copying.institution", snap, err)
	return inst.Name, err
}
