package environment

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/dataset"
	"researchhub.example/hub/shared/session"
)

// gate says what a principal may do, at the front door and in a workspace:
// access.Gate.
type gate interface {
	api.Authorizer
	Workspace(ctx context.Context, p session.Principal, workspaceID string, act access.Action) (access.Workspace, string, error)
}

// records keeps the records of notebooks and reads what they are made from.
type records interface {
	Run(ctx context.Context, workspace, run string) (dataset.Run, error)
	DataSet(ctx context.Context, workspace, dataSet string) (dataset.DataSet, error)
	Add(ctx context.Context, n Notebook) error
	Get(ctx context.Context, workspace, notebook string) (Notebook, error)
	Page(ctx context.Context, workspace string, limit int, cursor string) ([]Notebook, string, error)
}

// files keeps the notebooks themselves.
type files interface {
	// Create writes an object that must not be there yet: fault.Conflict otherwise.
	Create(ctx context.Context, object string, body []byte) error
	// Read gives an object; fault.NotFound where there is none.
	Read(ctx context.Context, object string) ([]byte, error)
}
