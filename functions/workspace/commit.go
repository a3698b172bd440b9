package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

// deed is what an act says of itself beside the record that it changes.
type deed struct {
	// act names it in the audit log and as an event, such as "workspace.archived".
	act string
	// before and after tell the record in the audit log; reason is the actor's.
	before, after, reason string
	// uid is whom the event concerns: the payer where it is empty.
	uid string
	// data are values for the event's text beside the workspace's name.
	data map[string]string
}

// apply is one act's way from the record as it is to the record as it will be. It
// runs in the transaction and may read there, not write.
type apply func(tx *firestore.Transaction, before access.Workspace) (access.Workspace, deed, error)

// write is what a transaction writes after all its reads.
type write func(tx *firestore.Transaction) error

func nothing(*firestore.Transaction) error { return nil }

// errUnchanged is what an apply gives that finds everything as it is asked for.
var errUnchanged = errors.New("nothing changes")

func errNoWorkspace() error {
	return fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
}

// update is a member's change of a workspace: May decides the act, If-Match says
// what the member has read. It gives the new record with its etag.
func (s *service) update(ctx context.Context, p session.Principal, workspaceID, ifMatch string, act access.Action, change apply) (access.Workspace, string, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return access.Workspace{}, "", err
	}
	tier, err := s.gate.Tier(session.With(ctx, p), p.UID)
	if err != nil {
		return access.Workspace{}, "", err
	}
	return s.rewrite(ctx, p.UID, workspaceID, func(tx *firestore.Transaction, snap *firestore.DocumentSnapshot, before access.Workspace) (access.Workspace, deed, error) {
		err := access.Entitled(before, p.UID, tier, act)
		if err == nil {
			err = firestorex.CheckETag(snap, want)
		}
		if err == nil {
			err = access.May(before, p.UID, tier, act)
		}
		if err != nil {
			return before, deed{}, err
		}
		return change(tx, before)
	})
}

// rewrite changes a workspace and all that goes with it in one transaction: the
// record, the claim of its name, its public face, the audit entry and the event.
// Whether the actor may is decided by what it is given.
func (s *service) rewrite(ctx context.Context, actor, workspaceID string,
	decide func(*firestore.Transaction, *firestore.DocumentSnapshot, access.Workspace) (access.Workspace, deed, error)) (access.Workspace, string, error) {
	if err := id.Check(id.Workspace, workspaceID); err != nil {
		return access.Workspace{}, "", errNoWorkspace()
	}
	var after access.Workspace
	var event, unchanged string
	var answer firestore.CommitResponse
	err := s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, before, err := s.read(tx, workspaceID)
		if err != nil {
			return err
		}
		var d deed
		if after, d, err = decide(tx, snap, before); errors.Is(err, errUnchanged) {
			after, unchanged = before, firestorex.ETag(snap.UpdateTime)
			return nil
		} else if err != nil {
			return err
		}
		event, err = s.commit(tx, actor, before, &after, d)
		return err
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return access.Workspace{}, "", storeFault("workspace.change", err)
	}
	if unchanged != "" {
		return after, unchanged, nil
	}
	s.events.Send(ctx, event)
	etag, err := etagOf(&answer)
	return after, etag, err
}

// read gets a workspace inside a transaction.
func (s *service) read(tx *firestore.Transaction, workspaceID string) (*firestore.DocumentSnapshot, access.Workspace, error) {
	snap, err := tx.Get(s.gate.Client.Collection(access.Workspaces).Doc(workspaceID))
	w, found, err := firestorex.Decode[access.Workspace]("workspace", snap, err)
	if err == nil && !found {
		err = errNoWorkspace()
	}
	return snap, w, err
}

// commit reads what a change of the record brings with it, then writes all of
// it, the record first. It gives the event's identifier.
func (s *service) commit(tx *firestore.Transaction, actor string, before access.Workspace, after *access.Workspace, d deed) (string, error) {
	after.UpdatedAt = s.gate.Clock.Now()
	*after = after.Keyed()
	name, err := s.planName(tx, before, *after)
	if err != nil {
		return "", err
	}
	face, err := s.planFace(tx, before, *after)
	if err != nil {
		return "", err
	}
	review, err := s.planReview(tx, actor, before, *after)
	if err != nil {
		return "", err
	}
	if err := tx.Set(s.gate.Client.Collection(access.Workspaces).Doc(after.ID), *after); err != nil {
		return "", err
	}
	if err := errors.Join(name(tx), face(tx), review(tx)); err != nil {
		return "", err
	}
	return s.record(tx, *after, actor, d)
}

// record writes the audit entry and the event of one act.
func (s *service) record(tx *firestore.Transaction, w access.Workspace, actor string, d deed) (string, error) {
	client, target := s.gate.Client, access.Workspaces+"/"+w.ID
	if err := audit.Add(tx, client, audit.Entry{At: w.UpdatedAt, Actor: actor, Act: d.act, Target: target, Reason: d.reason, Before: d.before, After: d.after}); err != nil {
		return "", err
	}
	e := outbox.Event{Type: d.act, At: w.UpdatedAt, UID: d.uid, Target: target, Data: map[string]string{"name": w.Name, "workspaceId": w.ID}}
	if e.UID == "" {
		e.UID = w.OwnerUID
	}
	for k, v := range d.data {
		e.Data[k] = v
	}
	return outbox.Add(tx, client, e)
}

// summary tells a workspace in the audit log.
func summary(w access.Workspace) string {
	kinds := slices.Clone(w.Purpose.Kinds)
	slices.Sort(kinds)
	return fmt.Sprintf("name %q, tier %s, release %s, purpose %s", w.Name, w.Tier, w.ReleaseID, strings.Join(kinds, " "))
}

// etagOf is the etag of the first record that a transaction wrote.
func etagOf(answer *firestore.CommitResponse) (string, error) {
	results, err := answer.WriteResults()
	if err == nil && len(results) == 0 {
		err = errors.New("no write result")
	}
	if err != nil {
		return "", fault.Wrap("workspace.etag", err)
	}
	return firestorex.ETag(results[0].UpdateTime), nil
}

// storeFault turns a transaction's error into a fault. Of all that is created,
// only a claim of a name can be there already; a fault that a rule gave stays.
func storeFault(op string, err error) error {
	f := firestorex.Fault(op, err)
	if fault.KindOf(err) == fault.Internal && fault.Is(f, fault.Conflict) {
		return errName(err)
	}
	return f
}
