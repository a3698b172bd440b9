package cohort

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

func (r room) headOf(of ConceptSetOf) *firestore.DocumentRef {
	return r.collection(of.Workspace, conceptSets).Doc(of.ConceptSet)
}

func (r room) versionsOf(of ConceptSetOf) *firestore.CollectionRef {
	return r.headOf(of).Collection(conceptSetVersions)
}

func errNoConceptSet() error {
	return fault.New(fault.NotFound, "There is no such concept set in this workspace.")
}

// conceptSet reads a concept set with one of its versions, the latest for 0, and
// the head's etag. Whether the caller may read is decided before.
func (r room) conceptSet(ctx context.Context, of ConceptSetOf, number int) (conceptSet, conceptSetVersion, string, error) {
	var v conceptSetVersion
	if id.Check(id.ConceptSet, of.ConceptSet) != nil {
		return conceptSet{}, v, "", errNoConceptSet()
	}
	snap, err := r.headOf(of).Get(ctx)
	s, found, err := firestorex.Decode[conceptSet]("conceptSet.read", snap, err)
	if err != nil {
		return s, v, "", firestorex.Fault("conceptSet.read", err)
	}
	if !found {
		return s, v, "", errNoConceptSet()
	}
	if number == 0 {
		number = s.Version
	}
	one, err := r.versionsOf(of).Doc(versionID(number)).Get(ctx)
	v, found, err = firestorex.Decode[conceptSetVersion]("conceptSet.version", one, err)
	if err != nil {
		return s, v, "", firestorex.Fault("conceptSet.version", err)
	}
	if !found {
		return s, v, "", fault.New(fault.NotFound, "The concept set has no version %d; its latest is %d.", number, s.Version)
	}
	return s, v, firestorex.ETag(snap.UpdateTime), nil
}

// writeConceptSet lets a member write in the transaction that reads the
// workspace: nothing is written into one that was archived a moment before. The
// head is the first that write writes, so that the etag given is its.
func (r room) writeConceptSet(ctx context.Context, p session.Principal, workspaceID, act string, write func(*firestore.Transaction) (setID string, err error)) (string, error) {
	if id.Check(id.Workspace, workspaceID) != nil {
		return "", fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
	}
	tier, err := r.gate.Tier(ctx, p.UID)
	if err != nil {
		return "", err
	}
	var answer firestore.CommitResponse
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(r.client.Collection(access.Workspaces).Doc(workspaceID))
		w, found, err := firestorex.Decode[access.Workspace]("conceptSet.workspace", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "There is no such workspace, or it is not shared with you.")
		}
		if err := access.May(w, p.UID, tier, access.Edit); err != nil {
			return err
		}
		setID, err := write(tx)
		if err != nil {
			return err
		}
		// That it was written, not what: the audit log is read by others.
		return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: p.UID, Act: act,
			Target: fmt.Sprintf("%s/%s/%s/%s", access.Workspaces, workspaceID, conceptSets, setID)})
	}, firestore.WithCommitResponseTo(&answer))
	if err != nil {
		return "", firestorex.Fault("conceptSet.write", err)
	}
	results, err := answer.WriteResults()
	if err == nil && len(results) == 0 {
		err = errors.New("no write result")
	}
	if err != nil {
		return "", fault.Wrap("conceptSet.etag", err)
	}
	return firestorex.ETag(results[0].UpdateTime), nil
}

func (r room) addConceptSet(ctx context.Context, p session.Principal, s conceptSet, v conceptSetVersion) (string, error) {
	of := ConceptSetOf{s.WorkspaceID, s.ID}
	return r.writeConceptSet(ctx, p, s.WorkspaceID, "conceptSet.created", func(tx *firestore.Transaction) (string, error) {
		if err := r.within(ctx, tx, s.WorkspaceID, conceptSets, r.bounds.ConceptSets, "concept sets"); err != nil {
			return "", err
		}
		return s.ID, errors.Join(tx.Create(r.headOf(of), s), tx.Create(r.versionsOf(of).Doc(v.ID), v))
	})
}

// conceptSetChange is what a change makes of a concept set.
type conceptSetChange struct {
	name, description, expression string
	items                         []circe.Item
}

// rewriteConceptSet changes a concept set, when nobody has changed it since the
// caller read it. Whether the latest version has been used is read in the same
// transaction: a version that is used at this very moment stays as it is.
func (r room) rewriteConceptSet(ctx context.Context, p session.Principal, of ConceptSetOf, ifMatch string, c conceptSetChange) (conceptSet, conceptSetVersion, string, error) {
	var s conceptSet
	var v conceptSetVersion
	etag, err := r.writeConceptSet(ctx, p, of.Workspace, "conceptSet.changed", func(tx *firestore.Transaction) (string, error) {
		var err error
		if s, err = r.conceptSetToChange(tx, of, ifMatch); err != nil {
			return "", err
		}
		snap, err := tx.Get(r.versionsOf(of).Doc(versionID(s.Version)))
		var found bool
		if v, found, err = firestorex.Decode[conceptSetVersion]("conceptSet.version", snap, err); err != nil {
			return "", err
		}
		if !found {
			return "", fault.New(fault.Internal, "a concept set without its latest version")
		}
		now := r.clock.Now()
		s.Name, s.Description, s.UpdatedBy, s.UpdatedAt = c.name, c.description, p.UID, now
		same := v.Expression == c.expression
		if !same {
			if !v.UsedAt.IsZero() {
				if s.Version >= maxVersions {
					return "", fault.New(fault.Conflict, "The concept set has %d versions, the most there may be. Keep what follows as a new concept set.", maxVersions)
				}
				s.Version++
				v = conceptSetVersion{ID: versionID(s.Version), ConceptSetID: s.ID, WorkspaceID: s.WorkspaceID, Number: s.Version, CreatedBy: p.UID, CreatedAt: now, SchemaVersion: 1}
			}
			v.Expression, v.Items, v.Hash, v.UpdatedBy, v.UpdatedAt = c.expression, len(c.items), circe.ItemsHash(c.items), p.UID, now
			s.Items, s.Hash = v.Items, v.Hash
		}
		if err := tx.Set(r.headOf(of), s); err != nil || same {
			return s.ID, err
		}
		return s.ID, tx.Set(r.versionsOf(of).Doc(v.ID), v)
	})
	return s, v, etag, err
}

// removeConceptSet deletes a concept set with its versions, when nobody has
// changed it since the caller read it.
func (r room) removeConceptSet(ctx context.Context, p session.Principal, of ConceptSetOf, ifMatch string) error {
	_, err := r.writeConceptSet(ctx, p, of.Workspace, "conceptSet.deleted", func(tx *firestore.Transaction) (string, error) {
		s, err := r.conceptSetToChange(tx, of, ifMatch)
		if err != nil {
			return "", err
		}
		if err := tx.Delete(r.headOf(of)); err != nil {
			return "", err
		}
		for number := 1; number <= s.Version; number++ {
			if err := tx.Delete(r.versionsOf(of).Doc(versionID(number))); err != nil {
				return "", err
			}
		}
		return s.ID, nil
	})
	return err
}

// conceptSetToChange reads a head in a transaction and compares its etag.
func (r room) conceptSetToChange(tx *firestore.Transaction, of ConceptSetOf, ifMatch string) (conceptSet, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return conceptSet{}, err
	}
	if id.Check(id.ConceptSet, of.ConceptSet) != nil {
		return conceptSet{}, errNoConceptSet()
	}
	snap, err := tx.Get(r.headOf(of))
	s, found, err := firestorex.Decode[conceptSet]("conceptSet.read", snap, err)
	if err != nil {
		return s, err
	}
	if !found {
		return s, errNoConceptSet()
	}
	return s, firestorex.CheckETag(snap, want)
}
