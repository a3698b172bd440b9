package portal

import (
	"context"
	"net/http"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// newHandler is the function: routes and pages.
func newHandler(s *service, o api.Options) (http.Handler, error) {
	a, err := newAPI(s, o)
	if err != nil {
		return nil, err
	}
	return a.Handler(), nil
}

// newAPI registers the routes and the pages.
func newAPI(s *service, o api.Options) (*api.API, error) {
	o.Function = "portal"
	o.Title = "Portal"
	o.Description = "The web client at /portal/, the Research Map, and in-app notices."
	o.Authorizer = s.gate
	a := api.New(o)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/config", ID: "getConfig", Rule: access.Anyone,
		Summary: "Where a web client signs in", Access: api.Public}, s.getConfig)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/research-map", ID: "getResearchMap", Rule: access.NotDisabled,
		Summary: "The caller's Research Map", Access: api.SignedIn}, s.getMap)
	api.Handle(a, api.Operation{Method: http.MethodGet, Path: "/v1/notices", ID: "listNotices", Rule: access.NotDisabled,
		Summary: "The caller's notices, newest first", Access: api.SignedIn,
		Description: "Notices tell of workspaces, costs and reports: below level 2 they come without their texts, and say so."}, s.listNotices)
	api.Handle(a, api.Operation{Method: http.MethodPost, Path: "/v1/notices/{notice}/read", ID: "readNotice", Rule: access.NotDisabled,
		Summary: "Mark a notice as read", Access: api.SecondFactor, Status: http.StatusNoContent}, s.readNotice)
	a.NotBuilt(api.Operation{Method: http.MethodGet, Path: "/v1/search", ID: "search", Rule: access.Enabled(),
		Summary: "Search all that the caller may open", Access: api.SecondFactor})
	return a, pages(a, s.signIn)
}

type configAnswer struct {
	Body struct {
		SignIn signIn `json:"signIn"`
	}
}

func (s *service) getConfig(context.Context, *struct{}) (*configAnswer, error) {
	out := &configAnswer{}
	out.Body.SignIn = s.signIn
	return out, nil
}

type mapAnswer struct {
	Body struct {
		Steps []Step `json:"steps" doc:"In the order of the journey."`
	}
}

func (s *service) getMap(ctx context.Context, _ *struct{}) (*mapAnswer, error) {
	f, err := s.facts(ctx, session.Must(ctx))
	if err != nil {
		return nil, err
	}
	out := &mapAnswer{}
	out.Body.Steps = journey(f)
	return out, nil
}

type noticeView struct {
	ID    string    `json:"id"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
	Read  bool      `json:"read"`
	// Locked is true below level 2, where title and text are kept back.
	Locked bool `json:"locked,omitempty" doc:"Whether title and text need a second factor in this session."`
}

// lockedTitle stands for every notice below level 2, so that not even its kind
// is told.
const lockedTitle = "Verify a second factor to read this"

// show is a notice as a session of that level may see it.
func show(n notice, level session.Level) noticeView {
	if level < session.SecondFactor {
		return noticeView{ID: n.ID, Title: lockedTitle, At: n.At, Read: n.Read, Locked: true}
	}
	return noticeView{ID: n.ID, Title: n.Title, Text: n.Text, At: n.At, Read: n.Read}
}

type noticesAnswer struct {
	Body struct {
		Notices []noticeView `json:"items"`
		Next    string       `json:"next,omitempty" doc:"The cursor of the next page; none after the last."`
	}
}

func (s *service) listNotices(ctx context.Context, in *struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" maxLength:"128"`
}) (*noticesAnswer, error) {
	p := session.Must(ctx)
	level, err := s.level(ctx, p)
	if err != nil {
		return nil, err
	}
	list, next, err := s.notices(ctx, p.UID, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &noticesAnswer{}
	out.Body.Notices, out.Body.Next = make([]noticeView, 0, len(list)), next
	for _, n := range list {
		out.Body.Notices = append(out.Body.Notices, show(n, level))
	}
	return out, nil
}

func (s *service) readNotice(ctx context.Context, in *struct {
	Notice string `path:"notice" maxLength:"40"`
}) (*struct{}, error) {
	p := session.Must(ctx)
	level, err := s.level(ctx, p)
	if err != nil {
		return nil, err
	}
	p.Level = level
	if err := session.Check(p, true, session.SecondFactor); err != nil {
		return nil, err
	}
	return nil, s.markRead(ctx, p.UID, in.Notice)
}
