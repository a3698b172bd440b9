package browser

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
)

// How long browsers and caches keep an answer: the newest release may change
// any time, a named one only when it is loaded anew.
const (
	keepNewest = "public, max-age=60"
	keepNamed  = "public, max-age=600"
)

// newAPI registers the routes of the function.
func newAPI(s *service, o api.Options) *api.API {
	o.Function = "browser"
	o.Title = "Data Browser"
	o.Description = "What the data hold, for everybody: counts of participants, rounded up to multiples of 20. Counts from 1 to 20 read '≤ 20'."
	a := api.New(o)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/releases", ID: "listReleases", Rule: access.Anyone,
		Summary: "List the published releases of the data", Access: api.Public}, s.listReleases)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/domains", ID: "listDomains", Rule: access.Anyone,
		Summary: "List the domains of a release", Access: api.Public}, s.listDomains)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/concepts", ID: "searchConcepts", Rule: access.Anyone,
		Summary: "Search concepts that participants have", Access: api.Public}, s.searchConcepts)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/concepts/{concept}", ID: "getConcept", Rule: access.Anyone,
		Summary: "Read one concept", Access: api.Public}, s.getConcept)
	for _, later := range []struct{ path, id, summary string }{
		{"/v1/concepts/{concept}/ages", "chartAges", "Participants of a concept by age and sex"},
		{"/v1/concepts/{concept}/values", "chartValues", "Values of a measurement"},
		{"/v1/surveys", "listSurveys", "Survey questions and answers"},
	} {
		a.NotBuilt(api.Operation{Method: http.MethodGet, Path: later.path, ID: later.id, Summary: later.summary, Access: api.Public, Rule: access.Anyone})
	}
	return a
}

// cached carries how long an answer may be kept.
type cached[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func answer[T any](release string, body T) *cached[T] {
	keep := keepNamed
	if release == "" {
		keep = keepNewest
	}
	return &cached[T]{keep, body}
}

type releaseView struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	CDMVersion string           `json:"cdmVersion" doc:"The OMOP Common Data Model's version."`
	Vocabulary string           `json:"vocabularyVersion"`
	Persons    disclosure.Count `json:"participants"`
	LoadedAt   time.Time        `json:"loadedAt"`
}

type releasesBody struct {
	Releases []releaseView `json:"items" doc:"Newest first; the first is the one that routes take without ?release=."`
}

func (s *service) listReleases(ctx context.Context, _ *struct{}) (*cached[releasesBody], error) {
	list, err := s.Releases(ctx)
	if err != nil {
		return nil, err
	}
	body := releasesBody{Releases: make([]releaseView, 0, len(list))}
	for _, r := range list {
		body.Releases = append(body.Releases, releaseView{r.ID, r.Title, r.CDMVersion, r.VocabularyVersion, s.policy.ShowPublic(r.Persons), r.LoadedAt})
	}
	return answer("", body), nil
}

// ReleaseQuery is exported because huma skips the fields of unexported embedded types.
type ReleaseQuery struct {
	Release string `query:"release" maxLength:"64" doc:"The release's id; the newest one when absent."`
}

// catalogue checks the release's name before it is looked for.
func (s *service) catalogue(ctx context.Context, q ReleaseQuery) (omop.Release, *Catalogue, error) {
	if q.Release != "" && omop.CheckReleaseID(q.Release) != nil {
		return omop.Release{}, nil, fault.New(fault.NotFound, "There is no such published release. The releases are listed at /browser/v1/releases.")
	}
	return s.Catalogue(ctx, q.Release)
}

type domainsBody struct {
	Release string   `json:"release"`
	Domains []Domain `json:"items"`
}

func (s *service) listDomains(ctx context.Context, in *struct{ ReleaseQuery }) (*cached[domainsBody], error) {
	release, c, err := s.catalogue(ctx, in.ReleaseQuery)
	if err != nil {
		return nil, err
	}
	return answer(in.Release, domainsBody{release.ID, append([]Domain{}, c.domains...)}), nil
}

type searchInput struct {
	ReleaseQuery
	Query  string `query:"query" maxLength:"100" doc:"Words of the name, or a code, or a concept id."`
	Domain string `query:"domain" maxLength:"40" doc:"An OMOP domain, such as Condition."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"9" pattern:"^[0-9]*$" doc:"The next of the page before."`
}

type conceptsBody struct {
	Release  string    `json:"release"`
	Concepts []Concept `json:"items" doc:"Those with the most participants first."`
	Next     string    `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
}

func (s *service) searchConcepts(ctx context.Context, in *searchInput) (*cached[conceptsBody], error) {
	skip := 0
	if in.Cursor != "" {
		n, err := strconv.Atoi(in.Cursor)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The cursor is not one that this list gave.")
		}
		skip = n
	}
	release, c, err := s.catalogue(ctx, in.ReleaseQuery)
	if err != nil {
		return nil, err
	}
	body := conceptsBody{Release: release.ID}
	var more bool
	if body.Concepts, more = c.Search(in.Domain, in.Query, skip, in.Limit); more {
		body.Next = strconv.Itoa(skip + in.Limit)
	}
	return answer(in.Release, body), nil
}

type conceptBody struct {
	Release string `json:"release"`
	Concept
}

func (s *service) getConcept(ctx context.Context, in *struct {
	ReleaseQuery
	Concept int64 `path:"concept" minimum:"0" doc:"OMOP concept_id."`
}) (*cached[conceptBody], error) {
	release, c, err := s.catalogue(ctx, in.ReleaseQuery)
	if err != nil {
		return nil, err
	}
	one, ok := c.Concept(in.Concept)
	if !ok {
		return nil, fault.New(fault.NotFound, "No participant of this release has a concept of that id.")
	}
	return answer(in.Release, conceptBody{release.ID, one}), nil
}
