package directory

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/policy"
	"researchhub.example/hub/shared/project"
)

// newAPI registers the routes.
func newAPI(s *service, o api.Options) *api.API {
	o.Function, o.Title = "directory", "Research Projects Directory"
	o.Description = "What is being researched, by whom, and the policies that projects are held to. Public."
	a := api.New(o)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/projects", ID: "listProjects", Rule: access.Anyone, Summary: "Projects, newest first", Access: api.Public}, s.projects)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/projects/{project}", ID: "getProject", Rule: access.Anyone, Summary: "One project", Access: api.Public}, s.project)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/policies", ID: "listPolicies", Rule: access.Anyone, Summary: "The policies in force", Access: api.Public}, s.policies)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/search", ID: "searchProjects", Rule: access.Anyone, Summary: "Search projects by text and facets", Access: api.Public,
		Description: "A match in the name comes before one in the disease, and that before one in the purpose's texts; among equals the last changed comes first. " +
			"Each facet's counts leave out what is chosen of the facet itself."}, s.search)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/downloads/{format}", ID: "downloadProjects", Rule: access.Anyone, Summary: "Everything that a search finds, as one file", Access: api.Public,
		Description: "In the CSV file a text that a spreadsheet would take for a formula has an apostrophe before it."}, s.download)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/community", ID: "listCommunity", Rule: access.Anyone, Summary: "Snapshots published to the community, newest first", Access: api.Public}, s.community)
	s.requests.routes(a)
	return a
}

// projectView is a project as everybody sees it. It is spelled out field by
// field: a field added to a record is not public until it is added here.
type projectView struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Tier        access.Tier `json:"tier"`
	ReleaseID   string      `json:"releaseId"`
	OwnerName   string      `json:"ownerName"`
	Institution string      `json:"institution"`
	Purpose     purposeView `json:"purpose"`
	CreatedAt   time.Time   `json:"createdAt"`
	UpdatedAt   time.Time   `json:"updatedAt"`
	// Statement is given of one project, not in lists.
	Statement *project.Statement `json:"statement,omitempty" doc:"The purpose with its choices in words."`
}

type purposeView struct {
	Kinds               []string `json:"kinds"`
	Disease             string   `json:"disease,omitempty"`
	OtherKind           string   `json:"otherKind,omitempty"`
	IntendedStudy       string   `json:"intendedStudy"`
	ScientificApproach  string   `json:"scientificApproach"`
	AnticipatedFindings string   `json:"anticipatedFindings"`
	Channels            []string `json:"channels"`
	OtherChannel        string   `json:"otherChannel,omitempty"`
	Outcomes            []string `json:"outcomes"`
	FocusOnPopulations  bool     `json:"focusOnPopulations"`
	Populations         []string `json:"populations,omitempty"`
	OtherPopulation     string   `json:"otherPopulation,omitempty"`
}

func viewOf(p project.Project) projectView {
	u := p.Purpose
	return projectView{p.ID, p.Name, p.Tier, p.ReleaseID, p.OwnerName, p.Institution, purposeView{
		u.Kinds, u.Disease, u.OtherKind, u.IntendedStudy, u.ScientificApproach, u.AnticipatedFindings, u.Channels, u.OtherChannel,
		u.Outcomes, u.FocusOnPopulations, u.Populations, u.OtherPopulation,
	}, p.CreatedAt, p.UpdatedAt, nil}
}

type projectPage struct {
	Projects []projectView `json:"items"`
	Next     string        `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
}

func (s *service) projects(ctx context.Context, in *struct {
	Conditional
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" maxLength:"128"`
}) (*cached[projectPage], error) {
	list, next, err := firestorex.NewestOfAll[project.Project](ctx, s.client.Collection(project.Collection), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	page := projectPage{Projects: make([]projectView, 0, len(list)), Next: next}
	for _, p := range list {
		page.Projects = append(page.Projects, viewOf(p))
	}
	return cache(page, in.Conditional, s.maxAge)
}

func (s *service) project(ctx context.Context, in *struct {
	Conditional
	Project string `path:"project" maxLength:"64"`
}) (*cached[projectView], error) {
	if id.Check(id.Workspace, in.Project) != nil {
		return nil, errNoProject()
	}
	snap, err := s.client.Collection(project.Collection).Doc(in.Project).Get(ctx)
	p, found, err := firestorex.Decode[project.Project]("project", snap, err)
	if err != nil {
		return nil, firestorex.Fault("project", err)
	}
	if !found {
		return nil, errNoProject()
	}
	view, statement := viewOf(p), project.Render(p.Purpose)
	view.Statement = &statement
	return cache(view, in.Conditional, s.maxAge)
}

func errNoProject() error {
	return fault.New(fault.NotFound, "There is no such project.")
}

type policyView struct {
	ID          string `json:"id"`
	Version     string `json:"version"`
	EffectiveAt string `json:"effectiveAt" format:"date" doc:"The day from which the version is in force."`
	Title       string `json:"title"`
	Summary     string `json:"summary" doc:"The hub's plain summary; the programme's text is what binds."`
	Source      string `json:"source" doc:"Where the binding text is found."`
}

type policyList struct {
	Policies []policyView `json:"items"`
}

func (s *service) policies(_ context.Context, in *struct{ Conditional }) (*cached[policyList], error) {
	var list policyList
	for _, p := range policy.Current(s.clock.Now()) {
		list.Policies = append(list.Policies, policyView{p.ID, p.Version, p.EffectiveAt.Format(time.DateOnly), p.Title, p.Summary, p.Source})
	}
	return cache(list, in.Conditional, s.maxAge)
}
