package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/project"
)

// readPage is how many records one query reads: few enough for its time limit.
const readPage = 2000

// overlap is how far back changes are asked for again: the time in a record is
// that at which the server took the request, a little before its commit.
const overlap = 15 * time.Second

// records are the source in Firestore.
type records struct{ client *firestore.Client }

func (r records) All(ctx context.Context, each func([]change)) (time.Time, error) {
	from, err := r.moment(ctx)
	if err != nil {
		return from, err
	}
	return from, r.pages(ctx, r.client.Collection(project.Collection).OrderBy("id", firestore.Desc), each, changed)
}

func (r records) Since(ctx context.Context, from time.Time, each func([]change)) (time.Time, error) {
	next, err := r.moment(ctx)
	if err != nil {
		return from, err
	}
	from = from.Add(-overlap)
	err = r.pages(ctx, r.client.Collection(project.Collection).Where("changedAt", ">=", from).OrderBy("changedAt", firestore.Asc), each, changed)
	if err == nil {
		err = r.pages(ctx, r.client.Collection(project.Removals).Where("changedAt", ">=", from).OrderBy("changedAt", firestore.Asc), each, removed)
	}
	return next, err
}

func (r records) Count(ctx context.Context) (int, error) {
	answer, err := r.client.Collection(project.Collection).NewAggregationQuery().WithCount("all").Get(ctx)
	if err != nil {
		return 0, firestorex.Fault("directory.count", err)
	}
	n, ok := answer["all"].(*firestorepb.Value)
	if !ok {
		return 0, fault.Wrap("directory.count", fmt.Errorf("the count is a %T", answer["all"]))
	}
	return int(n.GetIntegerValue()), nil
}

// moment is the store's own time: that of reading a record which is never there.
func (r records) moment(ctx context.Context) (time.Time, error) {
	snap, err := r.client.Collection(project.Collection).Doc("none").Get(ctx)
	if err != nil && !fault.Is(firestorex.Fault("directory.moment", err), fault.NotFound) {
		return time.Time{}, firestorex.Fault("directory.moment", err)
	}
	return snap.ReadTime, nil
}

// pages reads a query by pages.
func (r records) pages(ctx context.Context, q firestore.Query, each func([]change), as func(*firestore.DocumentSnapshot) (change, error)) error {
	q = q.Limit(readPage)
	for page := q; ; {
		list := make([]change, 0, 64)
		it := page.Documents(ctx)
		var last *firestore.DocumentSnapshot
		for {
			snap, err := it.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				it.Stop()
				return firestorex.Fault("directory.read", err)
			}
			c, err := as(snap)
			if err != nil {
				it.Stop()
				return fault.Wrap("directory.read "+snap.Ref.Path, err)
			}
			list, last = append(list, c), snap
		}
		it.Stop()
		if len(list) > 0 {
			each(list)
		}
		if len(list) < readPage {
			return nil
		}
		page = q.StartAfter(last)
	}
}

func changed(snap *firestore.DocumentSnapshot) (change, error) {
	c := change{version: snap.UpdateTime}
	err := snap.DataTo(&c.Project)
	return c, err
}

func removed(snap *firestore.DocumentSnapshot) (change, error) {
	return change{Project: project.Project{ID: snap.Ref.ID}, version: snap.UpdateTime, gone: true}, nil
}
