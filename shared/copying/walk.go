package copying

import (
	"context"
	"slices"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/firestorex"
)

// walkPage is how many records are read at once: each may have 1 MiB.
const walkPage = 10

// walk goes through a source in the layout's order, from where a job stands.
type walk struct {
	client *firestore.Client
	source string
	kinds  []Kind
	chosen map[string][]string
	// at is the last record, or version of it, that next gave.
	at Cursor
	// records and versions are read and not yet given.
	records, versions []*firestore.DocumentSnapshot
	// gone is whether all versions of the record at hand were given.
	gone bool
}

func (e *Engine) walk(j Job) *walk {
	return &walk{client: e.client(), source: j.Source, kinds: Layout(), chosen: j.Include, at: j.Cursor}
}

// next gives the next record or version, nil after the last. Which it is says
// at.Version.
func (w *walk) next(ctx context.Context) (*firestore.DocumentSnapshot, error) {
	for w.at.Kind < len(w.kinds) {
		kind := w.kinds[w.at.Kind]
		if w.at.Record != "" && kind.Versions != "" && !w.gone {
			snap, err := w.nextVersion(ctx, kind)
			if err != nil || snap != nil {
				return snap, err
			}
		}
		if len(w.records) == 0 {
			var err error
			if w.records, err = w.page(ctx, kind); err != nil {
				return nil, err
			}
		}
		if len(w.records) == 0 {
			w.at, w.gone = Cursor{Kind: w.at.Kind + 1}, false
			continue
		}
		snap := w.records[0]
		w.records = w.records[1:]
		w.at, w.versions, w.gone = Cursor{Kind: w.at.Kind, Record: snap.Ref.ID}, nil, false
		return snap, nil
	}
	return nil, nil
}

func (w *walk) nextVersion(ctx context.Context, kind Kind) (*firestore.DocumentSnapshot, error) {
	if len(w.versions) == 0 {
		q := w.client.Doc(w.source+"/"+kind.Collection+"/"+w.at.Record).Collection(kind.Versions).OrderBy(firestore.DocumentID, firestore.Asc)
		if w.at.Version != "" {
			q = q.StartAfter(w.at.Version)
		}
		var err error
		if w.versions, err = q.Limit(walkPage).Documents(ctx).GetAll(); err != nil {
			return nil, firestorex.Fault("copying.versions", err)
		}
	}
	if len(w.versions) == 0 {
		w.gone = true
		return nil, nil
	}
	snap := w.versions[0]
	w.versions = w.versions[1:]
	w.at.Version = snap.Ref.ID
	return snap, nil
}

// page reads the next records of a kind: of all, or of those that were chosen. A
// chosen one that is not there any more is passed over.
func (w *walk) page(ctx context.Context, kind Kind) ([]*firestore.DocumentSnapshot, error) {
	records := w.client.Doc(w.source).Collection(kind.Collection)
	if w.chosen == nil {
		q := records.OrderBy(firestore.DocumentID, firestore.Asc)
		if w.at.Record != "" {
			q = q.StartAfter(w.at.Record)
		}
		snaps, err := q.Limit(walkPage).Documents(ctx).GetAll()
		return snaps, firestorex.Fault("copying.records", err)
	}
	names := w.chosen[kind.Collection]
	for from := after(names, w.at.Record); from < len(names); from += walkPage {
		var refs []*firestore.DocumentRef
		for _, name := range names[from:min(from+walkPage, len(names))] {
			refs = append(refs, records.Doc(name))
		}
		snaps, err := w.client.GetAll(ctx, refs)
		if err != nil {
			return nil, firestorex.Fault("copying.records", err)
		}
		if snaps = slices.DeleteFunc(snaps, func(s *firestore.DocumentSnapshot) bool { return !s.Exists() }); len(snaps) > 0 {
			return snaps, nil
		}
	}
	return nil, nil
}

// after is the place of the first of sorted names behind that one.
func after(names []string, name string) int {
	at, found := slices.BinarySearch(names, name)
	if found {
		at++
	}
	return at
}
