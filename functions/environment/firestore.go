package environment

import (
	"context"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// Notebooks is the sub-collection of a workspace's document.
const Notebooks = "notebooks"

// notebookRecords is records in Firestore.
type notebookRecords struct{ client *firestore.Client }

func (f notebookRecords) doc(workspace, collection, name string) *firestore.DocumentRef {
	return f.client.Collection(access.Workspaces).Doc(workspace).Collection(collection).Doc(name)
}

func read[T any](ctx context.Context, op string, ref *firestore.DocumentRef) (out T, err error) {
	snap, err := ref.Get(ctx)
	if err != nil {
		return out, firestorex.Fault(op, err)
	}
	err = snap.DataTo(&out)
	return out, fault.Wrap(op, err)
}

func (f notebookRecords) Run(ctx context.Context, workspace, run string) (dataset.Run, error) {
	return read[dataset.Run](ctx, "notebook.run", f.doc(workspace, dataset.Runs, run))
}

func (f notebookRecords) DataSet(ctx context.Context, workspace, dataSet string) (dataset.DataSet, error) {
	return read[dataset.DataSet](ctx, "notebook.dataSet", f.doc(workspace, dataset.DataSets, dataSet))
}

func (f notebookRecords) Get(ctx context.Context, workspace, notebook string) (Notebook, error) {
	return read[Notebook](ctx, "notebook.get", f.doc(workspace, Notebooks, notebook))
}

// Add creates the record; a name is never used twice, so a second one is a fault.
func (f notebookRecords) Add(ctx context.Context, n Notebook) error {
	_, err := f.doc(n.WorkspaceID, Notebooks, n.ID).Create(ctx, n)
	return firestorex.Fault("notebook.add", err)
}

func (f notebookRecords) Page(ctx context.Context, workspace string, limit int, cursor string) ([]Notebook, string, error) {
	c := f.client.Collection(access.Workspaces).Doc(workspace).Collection(Notebooks)
	return firestorex.NewestOfAll[Notebook](ctx, c, limit, cursor)
}
