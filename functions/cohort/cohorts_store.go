package cohort

import (
	"context"
	"strconv"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

const (
	// versions is the sub-collection of a cohort; a version's document is named by
	// its number.
	versions = "versions"
	// maxCohortVersions bounds how many versions a cohort has.
	maxCohortVersions = 100
)

// Kinds of cohorts.
const (
	kindCirce       = "circe"
	kindCombination = "combination"
)

// record is a stored cohort with its current version, and in the sub-collection
// one of its versions. What a version says never changes once it has been run or
// another cohort is made of it: RanAt.
type record struct {
	ID          string `firestore:"id"`
	WorkspaceID string `firestore:"workspaceId"`
	Name        string `firestore:"name"`
	Description string `firestore:"description"`
	Version     int    `firestore:"version"`
	// Kind is kindCirce (also when empty) or kindCombination.
	Kind string `firestore:"kind"`
	// Definition is the Circe expression, or the combination, as it came.
	Definition string `firestore:"definition"`
	// Hash is that of what it means.
	Hash string `firestore:"definitionHash"`
	// Cohorts are those that a combination names.
	Cohorts []string `firestore:"cohorts"`
	// RanAt is when the version was first run, or first named by another cohort;
	// zero for never.
	RanAt     time.Time `firestore:"ranAt"`
	CreatedBy string    `firestore:"createdBy"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedBy string    `firestore:"updatedBy"`
	UpdatedAt time.Time `firestore:"updatedAt"`

	SchemaVersion int `firestore:"schemaVersion"`

	etag string
}

func (r room) cohortRef(workspace, cohortID string) *firestore.DocumentRef {
	return r.collection(workspace, cohorts).Doc(cohortID)
}

func (r room) versionRef(workspace, cohortID string, n int) *firestore.DocumentRef {
	return r.cohortRef(workspace, cohortID).Collection(versions).Doc(strconv.Itoa(n))
}

var noCohort = fault.New(fault.NotFound, "There is no such cohort in this workspace.")

// cohort reads a cohort as it is now.
func (r room) cohort(ctx context.Context, workspace, cohortID string) (record, error) {
	if id.Check(id.Cohort, cohortID) != nil {
		return record{}, noCohort
	}
	snap, err := r.cohortRef(workspace, cohortID).Get(ctx)
	c, found, err := firestorex.Decode[record]("cohort.get", snap, err)
	if err != nil || !found {
		return record{}, orMissing(err, found, noCohort)
	}
	c.etag = firestorex.ETag(snap.UpdateTime)
	return c, nil
}

// orMissing is the store's fault, or what a missing record means.
func orMissing(err error, found bool, missing *fault.Error) error {
	if err != nil {
		return firestorex.Fault("cohort.read", err)
	}
	if !found {
		return missing
	}
	return nil
}

// cohortVersion reads one version, the current one for 0.
func (r room) cohortVersion(ctx context.Context, workspace, cohortID string, n int) (record, error) {
	c, err := r.cohort(ctx, workspace, cohortID)
	if err != nil || n == 0 || n == c.Version {
		return c, err
	}
	missing := fault.New(fault.NotFound, "The cohort has no version %d.", n)
	if n < 1 || n > c.Version {
		return record{}, missing
	}
	snap, err := r.versionRef(workspace, cohortID, n).Get(ctx)
	v, found, err := firestorex.Decode[record]("cohort.version", snap, err)
	return v, orMissing(err, found, missing)
}

// addCohort keeps a new cohort and its first version.
func (r room) addCohort(ctx context.Context, c record) (record, error) {
	err := r.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		if err := r.within(ctx, tx, c.WorkspaceID, cohorts, r.bounds.Cohorts, "cohorts"); err != nil {
			return err
		}
		frozen, err := r.freeze(tx, c)
		if err != nil {
			return err
		}
		if err := tx.Create(r.cohortRef(c.WorkspaceID, c.ID), c); err != nil {
			return err
		}
		if err := tx.Create(r.versionRef(c.WorkspaceID, c.ID, c.Version), c); err != nil {
			return err
		}
		return frozen()
	})
	if err != nil {
		return c, firestorex.Fault("cohort.add", err)
	}
	return r.cohort(ctx, c.WorkspaceID, c.ID)
}

// freeze makes every version that a combination names one that does not change
// any more. It reads now and writes when the given function is called.
func (r room) freeze(tx *firestore.Transaction, c record) (func() error, error) {
	if c.Kind != kindCombination {
		return func() error { return nil }, nil
	}
	named, err := circe.ParseCombination([]byte(c.Definition))
	if err != nil {
		return nil, err
	}
	var writes []func() error
	seen := map[string]bool{}
	for _, o := range named.Operands() {
		ref := r.versionRef(c.WorkspaceID, o.Cohort, o.Version)
		if seen[ref.Path] || o.Cohort == c.ID {
			continue // its own earlier versions are no current ones
		}
		seen[ref.Path] = true
		head, err := r.headIn(tx, c.WorkspaceID, o.Cohort)
		if err != nil {
			return nil, err
		}
		if head.Version == o.Version && head.RanAt.IsZero() {
			writes = append(writes, func() error { return r.ran(tx, head, c.UpdatedAt) })
		}
	}
	return func() error {
		for _, w := range writes {
			if err := w(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// headIn reads a cohort inside a transaction.
func (r room) headIn(tx *firestore.Transaction, workspace, cohortID string) (record, error) {
	if id.Check(id.Cohort, cohortID) != nil {
		return record{}, noCohort
	}
	snap, err := tx.Get(r.cohortRef(workspace, cohortID))
	c, found, err := firestorex.Decode[record]("cohort.get", snap, err)
	if err != nil {
		return c, err
	}
	if !found {
		return c, noCohort
	}
	return c, nil
}

// ran notes on cohort and version that the version stays as it is from now on.
func (r room) ran(tx *firestore.Transaction, c record, at time.Time) error {
	c.RanAt = at
	if err := tx.Set(r.versionRef(c.WorkspaceID, c.ID, c.Version), c); err != nil {
		return err
	}
	return tx.Update(r.cohortRef(c.WorkspaceID, c.ID), []firestore.Update{{Path: "ranAt", Value: at}})
}

// markRun notes that a version is run: before anything is, so that what ran is
// what the version will always say. One that has changed since it was read is
// fault.Stale.
func (r room) markRun(ctx context.Context, c record) error {
	if !c.RanAt.IsZero() {
		return nil
	}
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		now, err := r.headIn(tx, c.WorkspaceID, c.ID)
		if err != nil {
			return err
		}
		if now.Version == c.Version && now.Definition != c.Definition {
			return fault.New(fault.Stale, "The cohort was changed in the meantime: read it again, then run it.")
		}
		if now.Version != c.Version || !now.RanAt.IsZero() {
			return nil // an earlier version does not change
		}
		return r.ran(tx, now, r.clock.Now())
	})
	return firestorex.Fault("cohort.ran", err)
}

// rewriteCohort changes a cohort that the caller has read: decide gets it as it
// is, changes it, and says whether that makes a new version.
func (r room) rewriteCohort(ctx context.Context, w access.Workspace, cohortID, ifMatch string, decide func(*record) (fresh bool, err error)) (record, error) {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return record{}, err
	}
	if id.Check(id.Cohort, cohortID) != nil {
		return record{}, noCohort
	}
	err = r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(r.cohortRef(w.ID, cohortID))
		c, found, err := firestorex.Decode[record]("cohort.get", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return noCohort
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		before := c
		fresh, err := decide(&c)
		if err != nil {
			return err
		}
		if fresh {
			c.Version++
			c.RanAt = time.Time{}
		}
		if c.Version > maxCohortVersions {
			return fault.New(fault.TooLarge, "A cohort has at most %d versions: make a new cohort of it.", maxCohortVersions)
		}
		frozen, err := r.freeze(tx, c)
		if err != nil {
			return err
		}
		if before.SchemaVersion < 2 && fresh {
			// Kept before versions had documents of their own.
			before.SchemaVersion = 2
			if err := tx.Set(r.versionRef(w.ID, c.ID, before.Version), before); err != nil {
				return err
			}
		}
		c.SchemaVersion = 2
		if err := tx.Set(r.cohortRef(w.ID, c.ID), c); err != nil {
			return err
		}
		if err := tx.Set(r.versionRef(w.ID, c.ID, c.Version), c); err != nil {
			return err
		}
		return frozen()
	})
	if err != nil {
		return record{}, firestorex.Fault("cohort.change", err)
	}
	return r.cohort(ctx, w.ID, cohortID)
}

// removeCohort deletes a cohort with its versions, unless another is made of it.
func (r room) removeCohort(ctx context.Context, workspace, cohortID, actor, ifMatch string) error {
	want, err := firestorex.ParseIfMatch(ifMatch)
	if err != nil {
		return err
	}
	if id.Check(id.Cohort, cohortID) != nil {
		return noCohort
	}
	return firestorex.Fault("cohort.remove", r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snap, err := tx.Get(r.cohortRef(workspace, cohortID))
		c, found, err := firestorex.Decode[record]("cohort.get", snap, err)
		if err != nil {
			return err
		}
		if !found {
			return noCohort
		}
		if err := firestorex.CheckETag(snap, want); err != nil {
			return err
		}
		made, err := tx.Documents(r.collection(workspace, cohorts).Where("cohorts", "array-contains", cohortID).Limit(1)).GetAll()
		if err != nil {
			return err
		}
		if len(made) > 0 {
			return fault.New(fault.Conflict, "The cohort %s is made of this one: delete or change that first.", made[0].Ref.ID)
		}
		for n := range c.Version {
			if err := tx.Delete(r.versionRef(workspace, cohortID, n+1)); err != nil {
				return err
			}
		}
		if err := tx.Delete(r.cohortRef(workspace, cohortID)); err != nil {
			return err
		}
		return audit.Add(tx, r.client, audit.Entry{At: r.clock.Now(), Actor: actor, Act: "cohort.deleted",
			Target: access.Workspaces + "/" + workspace + "/" + cohorts + "/" + cohortID, Before: c.Hash})
	}))
}

// whole gives what a stored cohort means. One that was accepted and is not any
// more is the hub's fault, not the caller's.
func (r room) whole(ctx context.Context, c record) (*circe.Whole, error) {
	if c.Kind != kindCombination {
		d, err := circe.Parse([]byte(c.Definition))
		if err != nil {
			return nil, fault.Because(fault.Internal, err, "")
		}
		return circe.Single(d), nil
	}
	named, err := circe.ParseCombination([]byte(c.Definition))
	if err != nil {
		return nil, fault.Because(fault.Internal, err, "")
	}
	return circe.Expand(ctx, named, r.lookup(c.WorkspaceID))
}

// lookup finds what a combination names.
func (r room) lookup(workspace string) circe.Lookup {
	return func(ctx context.Context, cohortID string, version int) (circe.Stored, error) {
		c, err := r.cohortVersion(ctx, workspace, cohortID, version)
		if err != nil {
			return circe.Stored{}, err
		}
		if c.Kind == kindCombination {
			inner, err := circe.ParseCombination([]byte(c.Definition))
			return circe.Stored{Combination: inner}, err
		}
		d, err := circe.Parse([]byte(c.Definition))
		return circe.Stored{Definition: d}, err
	}
}
