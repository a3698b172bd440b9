package environment

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// newAPI registers the routes of the function.
func newAPI(s *service, o api.Options) *api.API {
	o.Function = "environment"
	o.Title = "Analysis environments"
	o.Description = "Notebooks that are generated from a run and fetch its rows with the session of whoever executes them."
	o.Authorizer = s.gate
	a := api.New(o)

	const notebooks = "/v1/workspaces/{workspace}/notebooks"
	api.Handle(a, api.Operation{Method: http.MethodPost, Path: notebooks, ID: "createNotebook", Rule: access.MemberOf(access.Edit), Status: http.StatusCreated,
		Summary: "Generate a notebook from a run", Access: api.SecondFactor, MaxBodyBytes: 16 << 10,
		Description: "Writes a Jupyter notebook that fetches the rows of a finished run. It holds no rows and no token."}, s.create)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: notebooks, ID: "listNotebooks", Rule: access.MemberOf(access.Read),
		Summary: "List a workspace's notebooks, newest first", Access: api.SecondFactor}, s.list)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: notebooks + "/{notebook}", ID: "getNotebook", Rule: access.MemberOf(access.Read),
		Summary: "Read one notebook's record", Access: api.SecondFactor}, s.get)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: notebooks + "/{notebook}/content", ID: "downloadNotebook", Rule: access.MemberOf(access.Read),
		Summary: "Download a notebook as an .ipynb file", Access: api.SecondFactor}, s.content)

	const environments = "/v1/workspaces/{workspace}/environments"
	a.NotBuilt(api.Operation{Method: http.MethodGet, Path: environments, ID: "listEnvironments", Rule: access.MemberOf(access.Read),
		Summary: "List analysis environments", Access: api.SecondFactor})
	a.NotBuilt(api.Operation{Method: http.MethodPost, Path: environments, ID: "createEnvironment", Rule: access.MemberOf(access.Run),
		Summary: "Create an analysis environment (Jupyter, RStudio, SAS Studio)", Access: api.SecondFactor})
	a.NotBuilt(api.Operation{Method: http.MethodPost, Path: environments + "/{environment}/start", ID: "startEnvironment", Rule: access.MemberOf(access.Run),
		Summary: "Start an analysis environment", Access: api.SecondFactor})
	a.NotBuilt(api.Operation{Method: http.MethodPost, Path: environments + "/{environment}/stop", ID: "stopEnvironment", Rule: access.MemberOf(access.Edit),
		Summary: "Stop an analysis environment", Access: api.SecondFactor})
	return a
}

// WorkspacePath is exported because huma skips the fields of unexported embedded types.
type WorkspacePath struct {
	Workspace string `path:"workspace" maxLength:"40" doc:"The workspace's identifier."`
}

type notebookPath struct {
	WorkspacePath
	Notebook string `path:"notebook" maxLength:"40" doc:"The notebook's identifier."`
}

// notebookView is a notebook's record as callers see it.
type notebookView struct {
	ID          string    `json:"id" doc:"The notebook's identifier."`
	WorkspaceID string    `json:"workspaceId"`
	Name        string    `json:"name"`
	Language    string    `json:"language" enum:"python,r"`
	RunID       string    `json:"runId" doc:"The run whose rows the notebook fetches."`
	DataSetID   string    `json:"dataSetId,omitempty" doc:"The data set that the run executed; absent for SQL of one's own."`
	Bytes       int64     `json:"bytes" doc:"The size of the file, in bytes."`
	SHA256      string    `json:"sha256" doc:"The file's SHA-256, in hexadecimal."`
	CreatedBy   string    `json:"createdBy" doc:"The uid of the member who made it."`
	CreatedAt   time.Time `json:"createdAt"`
	Content     string    `json:"content" doc:"Where the file is, below the hub's address."`
}

func view(n Notebook) notebookView {
	return notebookView{
		ID: n.ID, WorkspaceID: n.WorkspaceID, Name: n.Name, Language: n.Language, RunID: n.RunID, DataSetID: n.DataSetID,
		Bytes: n.Bytes, SHA256: n.SHA256, CreatedBy: n.CreatedBy, CreatedAt: n.CreatedAt,
		Content: "/environment/v1/workspaces/" + n.WorkspaceID + "/notebooks/" + n.ID + "/content",
	}
}

type notebookAnswer struct{ Body notebookView }

type createInput struct {
	WorkspacePath
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"80" doc:"The notebook's name."`
		Language string `json:"language" enum:"python,r,sas" doc:"python (pandas) or r (tidyverse); sas comes in a later version."`
		RunID    string `json:"runId" maxLength:"40" doc:"A run of this workspace that has ended well."`
	}
}

func (s *service) create(ctx context.Context, in *createInput) (*notebookAnswer, error) {
	n, err := s.Create(ctx, session.Must(ctx), in.Workspace, Request{
		Name: strings.TrimSpace(in.Body.Name), Language: in.Body.Language, RunID: in.Body.RunID,
	})
	if err != nil {
		return nil, err
	}
	return &notebookAnswer{view(n)}, nil
}

type listInput struct {
	WorkspacePath
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"128" doc:"The next of the page before."`
}

type listAnswer struct {
	Body struct {
		Notebooks []notebookView `json:"items"`
		Next      string         `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
	}
}

func (s *service) list(ctx context.Context, in *listInput) (*listAnswer, error) {
	page, next, err := s.List(ctx, session.Must(ctx), in.Workspace, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listAnswer{}
	out.Body.Notebooks, out.Body.Next = make([]notebookView, 0, len(page)), next
	for _, n := range page {
		out.Body.Notebooks = append(out.Body.Notebooks, view(n))
	}
	return out, nil
}

func (s *service) get(ctx context.Context, in *notebookPath) (*notebookAnswer, error) {
	n, err := s.Get(ctx, session.Must(ctx), in.Workspace, in.Notebook)
	if err != nil {
		return nil, err
	}
	return &notebookAnswer{view(n)}, nil
}

type contentAnswer struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *service) content(ctx context.Context, in *notebookPath) (*contentAnswer, error) {
	n, body, err := s.Content(ctx, session.Must(ctx), in.Workspace, in.Notebook)
	if err != nil {
		return nil, err
	}
	return &contentAnswer{ContentType: "application/x-ipynb+json", ContentDisposition: disposition(n), Body: body}, nil
}

// disposition names the downloaded file after the notebook. What file systems
// and headers take badly becomes a dash; the identifier keeps names apart.
func disposition(n Notebook) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '-'
		}
	}, n.Name)
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' }), "-")
	return mime.FormatMediaType("attachment", map[string]string{"filename": strings.Trim(name+"-"+n.ID, "-") + ".ipynb"})
}
