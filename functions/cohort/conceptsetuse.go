package cohort

import (
	"context"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// This file says what uses a version of a concept set, so that it stays as it is
// from then on. A resolution does, which names it. A cohort and a data set take
// concepts in as they are, by value, as ATLAS's definitions do; they use the
// version that asks for the same, once they are run or made: what shaped a result
// can then be found and read as it was. Reading and exporting use nothing: whoever
// only reads a workspace writes nothing into it.

// useConceptSet notes that something rests on a version, and gives it as it then
// is. The head is not written: its etag goes on, and a change made of what was read
// before makes a new version.
func (r room) useConceptSet(ctx context.Context, of ConceptSetOf, number int) (conceptSetVersion, error) {
	return r.useIfItAsks(ctx, of, number, "")
}

// useIfItAsks is useConceptSet for a version that still has this hash; "" for any.
func (r room) useIfItAsks(ctx context.Context, of ConceptSetOf, number int, hash string) (conceptSetVersion, error) {
	var v conceptSetVersion
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		ref := r.versionsOf(of).Doc(versionID(number))
		snap, err := tx.Get(ref)
		var found bool
		if v, found, err = firestorex.Decode[conceptSetVersion]("conceptSet.use", snap, err); err != nil {
			return err
		}
		if !found {
			return errNoConceptSet()
		}
		if !v.UsedAt.IsZero() || hash != "" && v.Hash != hash {
			return nil
		}
		v.UsedAt = r.clock.Now()
		return tx.Update(ref, []firestore.Update{{Path: "usedAt", Value: v.UsedAt}})
	})
	return v, firestorex.Fault("conceptSet.use", err)
}

// maxIn is how many values Firestore takes in one "in".
const maxIn = 30

// useSets notes that a cohort or a data set rests on the workspace's concept sets
// that ask for the same as these. Only a latest version can be unused: a later one
// is made of a used one alone.
func (r room) useSets(ctx context.Context, workspace string, sets []circe.ConceptSet) error {
	var hashes []string
	for _, s := range sets {
		hashes = append(hashes, circe.ItemsHash(s.Items))
	}
	slices.Sort(hashes)
	for some := range slices.Chunk(slices.Compact(hashes), maxIn) {
		// At most as many as a workspace may have.
		heads, err := r.collection(workspace, conceptSets).Where("definitionHash", "in", some).Documents(ctx).GetAll()
		if err != nil {
			return firestorex.Fault("conceptSet.same", err)
		}
		for _, snap := range heads {
			var s conceptSet
			if err := snap.DataTo(&s); err != nil {
				return fault.Wrap("conceptSet.same", err)
			}
			// One that was deleted in the meantime is not there to be used.
			if _, err := r.useIfItAsks(ctx, ConceptSetOf{workspace, s.ID}, s.Version, s.Hash); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
	return nil
}

// use notes that a cohort's version gives a result: the version and the concept
// sets that it took in stay as they are from now on.
func (r room) use(ctx context.Context, c counting) error {
	if err := r.useSets(ctx, c.record.WorkspaceID, c.whole.ConceptSets()); err != nil {
		return err
	}
	return r.markRun(ctx, c.record)
}
