package firestorex

import (
	"context"
	"errors"
	"regexp"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/fault"
)

// MaxPage bounds a page; the default is what a screen shows.
const (
	MaxPage     = 100
	DefaultPage = 20
)

// cursorForm is a document's name as the hub makes them; Firestore refuses others,
// such as "..", as names. A cursor is the name of the last document of the page
// before, so that a page costs its own documents only, however long the list is.
var cursorForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$`)

// Newest reads one page of a query that filters, newest first: names are ULIDs,
// so their order is that of creation. It gives the cursor of the next page, ""
// after the last.
func Newest[T any](ctx context.Context, q firestore.Query, limit int, cursor string) ([]T, string, error) {
	return Page[T](ctx, q.OrderBy(firestore.DocumentID, firestore.Desc), limit, cursor)
}

// NewestOfAll is Newest for a whole collection. Firestore does not scan names
// downwards without a filter, so it goes by the field "id", which in each
// record repeats the name.
func NewestOfAll[T any](ctx context.Context, c *firestore.CollectionRef, limit int, cursor string) ([]T, string, error) {
	return Page[T](ctx, c.OrderBy("id", firestore.Desc), limit, cursor)
}

// Page is Newest for a query that is ordered already, by the documents' names or
// by a field that repeats them.
func Page[T any](ctx context.Context, q firestore.Query, limit int, cursor string) ([]T, string, error) {
	switch {
	case limit <= 0:
		limit = DefaultPage
	case limit > MaxPage:
		limit = MaxPage
	}
	if cursor != "" {
		if !cursorForm.MatchString(cursor) {
			return nil, "", fault.New(fault.Invalid, "The cursor is not one that this list gave.")
		}
		q = q.StartAfter(cursor)
	}
	it := q.Limit(limit + 1).Documents(ctx)
	defer it.Stop()
	list := make([]T, 0, limit)
	last := ""
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return list, "", nil
		}
		if err != nil {
			return nil, "", Fault("page", err)
		}
		if len(list) == limit {
			return list, last, nil
		}
		var one T
		if err := snap.DataTo(&one); err != nil {
			return nil, "", fault.Wrap("page "+snap.Ref.Path, err)
		}
		list, last = append(list, one), snap.Ref.ID
	}
}
