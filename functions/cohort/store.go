package cohort

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
)

// cohorts is the sub-collection of a workspace.
const cohorts = "cohorts"

func (r room) collection(workspace, name string) *firestore.CollectionRef {
	return r.client.Collection(access.Workspaces).Doc(workspace).Collection(name)
}

func (r room) dataSet(ctx context.Context, workspace, dataSetID string) (dataset.DataSet, error) {
	var d dataset.DataSet
	err := r.read(ctx, id.DataSet, dataSetID, r.collection(workspace, dataset.DataSets), "data set", &d)
	return d, err
}

// read gets a document by an identifier from outside.
func (r room) read(ctx context.Context, kind id.Kind, name string, from *firestore.CollectionRef, what string, into any) error {
	missing := fault.New(fault.NotFound, "There is no such %s in this workspace.", what)
	if id.Check(kind, name) != nil {
		return missing
	}
	snap, err := from.Doc(name).Get(ctx)
	if f := firestorex.Fault("cohort.read", err); f != nil {
		if fault.Is(f, fault.NotFound) {
			return missing
		}
		return f
	}
	return fault.Wrap("cohort.read", snap.DataTo(into))
}

const (
	// maxRecord is the largest document that Firestore keeps, in bytes.
	maxRecord = 1 << 20
	// recordRest covers what fits does not count: names, times, the fields that a
	// run has beside a data set's statement.
	recordRest = 32 << 10
	// paramRest is that of one parameter: its name, its kind and the fields' names.
	paramRest = 128
)

// fits refuses a data set that Firestore could not keep, or a run of it: one
// document each.
func fits(d dataset.DataSet) error {
	size := recordRest + len(d.Statement.SQL)
	for _, p := range d.Statement.Params {
		size += paramRest + len(p.Text) + 8*len(p.Ints)
		for _, text := range p.Strs {
			size += len(text) + 1
		}
	}
	if size > maxRecord {
		return fault.New(fault.TooLarge, "The data set's statement takes %d bytes with its concepts; at most %d can be kept. Take fewer cohorts, criteria or concepts.",
			size-recordRest, maxRecord-recordRest)
	}
	return nil
}
