package workspace

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

// maxNoteBody bounds a note's body: 20,000 characters of up to four bytes, and
// what JSON may put around them.
const maxNoteBody = 256 << 10

// NoteOf names one note in a path.
type NoteOf struct {
	Workspace string `path:"workspace" maxLength:"64"`
	Note      string `path:"note" maxLength:"64"`
}

// routesOfNotes registers the notes of a workspace.
func (s *service) routesOfNotes(a *api.API) {
	const notes, one = "/v1/workspaces/{workspace}/notes", "/v1/workspaces/{workspace}/notes/{note}"
	api.Handle(a, api.Operation{Method: "GET", Path: notes, ID: "listNotes", Rule: access.MemberOf(access.Read), Summary: "A workspace's notes, newest first", Access: api.SecondFactor}, s.listNotes)
	api.Handle(a, api.Operation{Method: "POST", Path: notes, ID: "createNote", Rule: access.MemberOf(access.Edit), Summary: "Write a note", Access: api.SecondFactor, Status: 201, MaxBodyBytes: maxNoteBody,
		Description: "For owners and writers. Notes are never public."},
		func(ctx context.Context, in *struct {
			Workspace string `path:"workspace" maxLength:"64"`
			Body      noteIn
		}) (*noteOut, error) {
			n, etag, err := s.addNote(ctx, session.Must(ctx), in.Workspace, in.Body)
			return answerNote(n, etag, err)
		})
	api.Handle(a, api.Operation{Method: "GET", Path: one, ID: "getNote", Rule: access.MemberOf(access.Read), Summary: "One note", Access: api.SecondFactor,
		Description: "The ETag header is what a change needs as If-Match."}, s.getNote)
	api.Handle(a, api.Operation{Method: "PUT", Path: one, ID: "changeNote", Rule: access.MemberOf(access.Edit), Summary: "Replace a note's title and text", Access: api.SecondFactor, MaxBodyBytes: maxNoteBody,
		Description: "For owners and writers. Needs If-Match; a stale one answers 412 and changes nothing."},
		func(ctx context.Context, in *struct {
			NoteOf
			IfMatch string `header:"If-Match" doc:"The note's ETag."`
			Body    noteIn
		}) (*noteOut, error) {
			n, etag, err := s.changeNote(ctx, session.Must(ctx), in.Workspace, in.Note, in.IfMatch, in.Body)
			return answerNote(n, etag, err)
		})
	api.Handle(a, api.Operation{Method: "DELETE", Path: one, ID: "deleteNote", Rule: access.MemberOf(access.Edit), Summary: "Delete a note", Access: api.SecondFactor,
		Description: "For owners and writers. Needs If-Match."},
		func(ctx context.Context, in *struct {
			NoteOf
			IfMatch string `header:"If-Match" doc:"The note's ETag."`
		}) (*struct{}, error) {
			return nil, s.deleteNote(ctx, session.Must(ctx), in.Workspace, in.Note, in.IfMatch)
		})
}

// noteView is a note as a member sees it.
type noteView struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Text      string    `json:"text" doc:"Markdown as it was written: whoever shows it cleans the HTML that it makes."`
	Author    string    `json:"author" doc:"The uid of who wrote it first."`
	UpdatedBy string    `json:"updatedBy"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func viewNote(n note) noteView {
	return noteView{n.ID, n.Title, n.Text, n.Author, n.UpdatedBy, n.CreatedAt, n.UpdatedAt}
}

type noteOut struct {
	ETag string `header:"ETag"`
	Body noteView
}

func answerNote(n note, etag string, err error) (*noteOut, error) {
	if err != nil {
		return nil, err
	}
	return &noteOut{etag, viewNote(n)}, nil
}

func (s *service) getNote(ctx context.Context, in *NoteOf) (*noteOut, error) {
	if _, _, err := s.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	if id.Check(id.Note, in.Note) != nil {
		return nil, errNoNote()
	}
	snap, err := s.notes(in.Workspace).Doc(in.Note).Get(ctx)
	n, err := readNote(snap, err)
	if err != nil {
		return nil, firestorex.Fault("workspace.note", err)
	}
	return answerNote(n, firestorex.ETag(snap.UpdateTime), nil)
}

func (s *service) listNotes(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"64"`
	Limit     int    `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"How many at most."`
	Cursor    string `query:"cursor" maxLength:"200" doc:"The next of the page before; none for the first page."`
}) (*struct{ Body api.Page[noteView] }, error) {
	if _, _, err := s.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[note](ctx, s.notes(in.Workspace), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.Page[noteView] }{api.Page[noteView]{Items: make([]noteView, 0, len(list)), Next: next}}
	for _, n := range list {
		out.Body.Items = append(out.Body.Items, viewNote(n))
	}
	return out, nil
}
