package reminders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// purge removes deleted workspaces whose time of grace is over, with all that is
// in them: records below them, whatever room made them. What is kept on purpose
// is what the programme accounts for: the audit log, spends, reports.
//
// A workspace is first marked as being purged, so that nobody restores it half
// empty; then its files, its own data set in BigQuery and its records go, a bounded
// number with each message; it goes last. So a process may die anywhere: the next
// message goes on. Nothing comes back meanwhile: whoever writes passes package
// access, which lets nobody write into a deleted workspace, and requests end long
// before the time of grace does.
type purge struct {
	client *firestore.Client
	clock  clock.Clock
	log    *slog.Logger
	// records bounds how many one message removes.
	records int
	// files holds the notebooks' files, below "workspaces/{workspace}/".
	files files
	// data holds the workspaces' own data sets: dataset.OfWorkspace.
	data datasets
}

// datasets removes data sets with all that is in them; one that is gone already is
// no error.
type datasets interface {
	Remove(ctx context.Context, name string) error
}

// files removes files: at most so many whose names begin so, and says how many.
type files interface {
	Delete(ctx context.Context, prefix string, most int) (int, error)
}

// run purges what is due until the bound is reached.
func (p *purge) run(ctx context.Context) error {
	left := p.records
	it := p.client.Collection(access.Workspaces).Where("purgeAt", "<=", p.clock.Now()).OrderBy("purgeAt", firestore.Asc).Limit(p.records).Documents(ctx)
	defer it.Stop()
	var failed error
	for left > 0 {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return failed
		}
		if err != nil {
			return errors.Join(failed, firestorex.Fault("purge.due", err))
		}
		// One that cannot be purged keeps none of the others.
		removed, err := p.workspace(ctx, snap.Ref, left)
		left -= removed
		if err != nil {
			p.log.ErrorContext(ctx, "workspace cannot be purged", "workspace", snap.Ref.ID, "error", err.Error())
			failed = errors.Join(failed, err)
			left--
		}
	}
	return failed
}

// workspace goes on with one workspace, removing at most so many records, and
// says how many it removed.
func (p *purge) workspace(ctx context.Context, ref *firestore.DocumentRef, most int) (int, error) {
	if due, err := p.mark(ctx, ref); err != nil || !due {
		return 0, err
	}
	// Files first: as long as one may be left, a record says so.
	removed, err := p.files.Delete(ctx, access.Workspaces+"/"+ref.ID+"/", most)
	if err != nil || removed >= most {
		return removed, err
	}
	if err := p.dataset(ctx, ref.ID); err != nil {
		return removed, err
	}
	n, err := p.below(ctx, ref, most-removed)
	removed += n
	if err != nil || removed >= most {
		return removed, err
	}
	return removed + 1, p.finish(ctx, ref)
}

// dataset removes the workspace's own data set, where it has one. Only an
// identifier names one: no other name reaches BigQuery.
func (p *purge) dataset(ctx context.Context, workspaceID string) error {
	if err := id.Check(id.Workspace, workspaceID); err == nil {
		return p.data.Remove(ctx, dataset.OfWorkspace(workspaceID))
	}
	return nil
}

// mark says that the workspace is being purged, unless it has been restored or
// somebody else has finished. After it nobody sees the workspace or writes into
// it: package access lets no act through in that state.
func (p *purge) mark(ctx context.Context, ref *firestore.DocumentRef) (bool, error) {
	due := false
	err := p.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		due = false
		w, found, err := workspaceAt(tx, ref)
		if err != nil || !found {
			return err
		}
		now := p.clock.Now()
		switch {
		case w.State == access.Purging:
			due = true
			return nil
		case w.State != access.Deleted || w.PurgeAt.IsZero() || now.Before(w.PurgeAt):
			return nil
		}
		due = true
		w.State, w.UpdatedAt = access.Purging, now
		return tx.Set(ref, w.Keyed())
	})
	return due, firestorex.Fault("purge.mark", err)
}

// workspaceAt reads a workspace inside a transaction; found is false where it is gone.
func workspaceAt(tx *firestore.Transaction, ref *firestore.DocumentRef) (w access.Workspace, found bool, err error) {
	snap, err := tx.Get(ref)
	return firestorex.Decode[access.Workspace]("purge.read", snap, err)
}

// below removes the records below a document, the deepest first, at most so many.
// It lists what is there instead of knowing kinds, so that a room's new
// collection needs nothing here.
func (p *purge) below(ctx context.Context, ref *firestore.DocumentRef, most int) (int, error) {
	removed := 0
	collections := ref.Collections(ctx)
	for removed < most {
		c, err := collections.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return removed, firestorex.Fault("purge.list", err)
		}
		// DocumentRefs lists also documents that are not there but have records below.
		documents := c.DocumentRefs(ctx)
		for removed < most {
			doc, err := documents.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return removed, firestorex.Fault("purge.list", err)
			}
			n, err := p.below(ctx, doc, most-removed)
			removed += n
			if err != nil || removed >= most {
				return removed, err
			}
			if _, err := doc.Delete(ctx); err != nil {
				return removed, firestorex.Fault("purge.delete", err)
			}
			removed++
		}
	}
	return removed, nil
}

// system is the actor of what time brings about.
const system = "system"

// finish removes the workspace itself and says so in the audit log.
func (p *purge) finish(ctx context.Context, ref *firestore.DocumentRef) error {
	err := p.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		w, found, err := workspaceAt(tx, ref)
		if err != nil || !found {
			return err
		}
		if w.State != access.Purging {
			return nil
		}
		if err := tx.Delete(ref); err != nil {
			return err
		}
		return audit.Add(tx, p.client, audit.Entry{At: p.clock.Now(), Actor: system, Act: "workspace.purged", Target: access.Workspaces + "/" + w.ID,
			Before: fmt.Sprintf("name %q, owner %s, to be purged from %s", w.Name, w.OwnerUID, w.PurgeAt.UTC().Format(time.RFC3339))})
	})
	return firestorex.Fault("purge.finish", err)
}
