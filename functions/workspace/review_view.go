package workspace

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/session"
)

// The readers of a review.
type reader int

const (
	forOwner reader = iota
	forBoard
)

// reviewView is a review as its readers see it. What opened it, and which member
// of the board acted, is the board's alone: an owner is not told who asked.
type reviewView struct {
	ID          string       `json:"id"`
	WorkspaceID string       `json:"workspaceId"`
	Name        string       `json:"name" doc:"The workspace's name when the review was opened."`
	State       review.State `json:"state" doc:"waiting for the board, changesAsked of the owner, paused (the workspace is read only), approved or closed."`
	OpenedAt    time.Time    `json:"openedAt"`
	DueAt       *time.Time   `json:"dueAt,omitempty" doc:"When the board's answer is due, of a review that is waiting."`
	Overdue     bool         `json:"overdue"`
	Pauses      bool         `json:"pauses" doc:"Whether this review holds the workspace paused."`
	History     []actView    `json:"history"`
	Origin      string       `json:"origin,omitempty" doc:"For the board: whether the owner asked for it or somebody from the directory."`
	Workspace   *reviewed    `json:"workspace,omitempty" doc:"For the board: the workspace as it is now; none where it has been removed."`
}

type actView struct {
	Act     string       `json:"act" doc:"opened, approve, askForChanges, pause, close, answered, resumed."`
	At      time.Time    `json:"at"`
	Comment string       `json:"comment,omitempty"`
	State   review.State `json:"state" doc:"The review's state after it."`
	UID     string       `json:"uid,omitempty" doc:"For the board: who acted."`
}

// reviewed is what the board judges.
type reviewed struct {
	Name    string         `json:"name"`
	Tier    access.Tier    `json:"tier"`
	State   string         `json:"state"`
	Purpose access.Purpose `json:"purpose"`
}

type reviewOut struct {
	ETag string `header:"ETag"`
	Body reviewView
}

func (s *service) viewOf(r review.Review, to reader) reviewView {
	v := reviewView{ID: r.ID, WorkspaceID: r.WorkspaceID, Name: r.Name, State: r.State, OpenedAt: r.OpenedAt,
		Overdue: r.Overdue(s.gate.Clock.Now()), Pauses: r.Lifts != "", History: make([]actView, 0, len(r.History))}
	if r.State == review.Waiting {
		v.DueAt = &r.DueAt
	}
	for _, a := range r.History {
		one := actView{Act: a.Act, At: a.At, Comment: a.Comment, State: a.State}
		if to == forBoard {
			one.UID = a.UID
		}
		v.History = append(v.History, one)
	}
	if to == forBoard {
		v.Origin = r.Origin
	}
	return v
}

func (s *service) shown(r review.Review, etag string, to reader, err error) (*reviewOut, error) {
	if err != nil {
		return nil, err
	}
	return &reviewOut{etag, s.viewOf(r, to)}, nil
}

// getReview reads one, for the board or for an owner of its workspace.
func (s *service) getReview(ctx context.Context, in *struct {
	Review string `path:"review" maxLength:"64"`
}) (*reviewOut, error) {
	p := session.Must(ctx)
	account, err := s.gate.Caller(ctx, p)
	if err != nil {
		return nil, err
	}
	if id.Check(id.Review, in.Review) != nil {
		return nil, errNoReview()
	}
	var snap *firestore.DocumentSnapshot
	var c caseFile
	err = s.gate.Client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) (err error) {
		snap, c, err = s.caseFile(tx, in.Review)
		return err
	}, firestore.ReadOnly)
	if err != nil {
		return nil, firestorex.Fault("review.get", err)
	}
	etag := firestorex.ETag(snap.UpdateTime)
	if !account.Has(access.ReviewBoard) {
		tier, err := s.gate.Tier(ctx, p.UID)
		if err == nil {
			err = owns(c, p.UID, tier)
		}
		return s.shown(c.review, etag, forOwner, err)
	}
	out, err := s.shown(c.review, etag, forBoard, nil)
	if w := c.workspace; c.there {
		out.Body.Workspace = &reviewed{w.Name, w.Tier, w.State, w.Purpose}
	}
	return out, err
}

type reviewPage struct {
	Body api.Page[reviewView]
}

// reviewsOf lists a workspace's reviews for its owners.
func (s *service) reviewsOf(ctx context.Context, in *struct {
	Workspace string `path:"workspace" maxLength:"64"`
	api.PageIn
}) (*reviewPage, error) {
	q := s.gate.Client.Collection(review.Collection).Where("workspaceId", "==", in.Workspace)
	list, next, err := firestorex.Newest[review.Review](ctx, q, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &reviewPage{api.Page[reviewView]{Items: make([]reviewView, 0, len(list)), Next: next}}
	for _, r := range list {
		out.Body.Items = append(out.Body.Items, s.viewOf(r, forOwner))
	}
	return out, nil
}

// requestView is a request from the directory, as the board sees it.
type requestView struct {
	ID          string    `json:"id"`
	Email       string    `json:"email" doc:"Confirmed by its owner."`
	Name        string    `json:"name,omitempty"`
	Reason      string    `json:"reason"`
	AskedAt     time.Time `json:"askedAt"`
	ConfirmedAt time.Time `json:"confirmedAt"`
}

// requestsOf lists the confirmed requests that a review answers, newest first.
func (s *service) requestsOf(ctx context.Context, in *struct {
	Review string `path:"review" maxLength:"64"`
	api.PageIn
}) (*struct{ Body api.Page[requestView] }, error) {
	if id.Check(id.Review, in.Review) != nil {
		return nil, errNoReview()
	}
	q := s.gate.Client.Collection(review.Requests).Where("reviewId", "==", in.Review)
	list, next, err := firestorex.Newest[review.Request](ctx, q, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	page := api.Page[requestView]{Items: make([]requestView, 0, len(list)), Next: next}
	for _, r := range list {
		page.Items = append(page.Items, requestView{r.ID, r.Email, r.Name, r.Reason, r.AskedAt, r.ConfirmedAt})
	}
	return &struct{ Body api.Page[requestView] }{page}, nil
}

// queue lists the reviews of one state, the soonest due first.
func (s *service) queue(ctx context.Context, in *struct {
	State  string `query:"state" enum:"waiting,changesAsked,paused,approved,closed" default:"waiting"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"300" doc:"The next of the page before; none for the first page."`
}) (*reviewPage, error) {
	q := s.gate.Client.Collection(review.Collection).Where("state", "==", in.State).OrderBy("dueAt", firestore.Asc).OrderBy(firestore.DocumentID, firestore.Asc)
	if in.Cursor != "" {
		due, name, err := readQueueCursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		q = q.StartAfter(due, name)
	}
	it := q.Limit(in.Limit + 1).Documents(ctx)
	defer it.Stop()
	out := &reviewPage{api.Page[reviewView]{Items: make([]reviewView, 0, in.Limit)}}
	var last review.Review
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, firestorex.Fault("review.queue", err)
		}
		if len(out.Body.Items) == in.Limit {
			out.Body.Next = cursor(last.DueAt.UTC().Format(time.RFC3339Nano), last.ID)
			return out, nil
		}
		var r review.Review
		if err := snap.DataTo(&r); err != nil {
			return nil, fault.Wrap("review.queue", err)
		}
		out.Body.Items, last = append(out.Body.Items, s.viewOf(r, forBoard)), r
	}
}

// readQueueCursor reads a cursor of the queue.
func readQueueCursor(text string) (due time.Time, name string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	name, value, ok := strings.Cut(string(b), " ")
	if err != nil || !ok || id.Check(id.Review, name) != nil {
		return due, "", errCursor()
	}
	if due, err = time.Parse(time.RFC3339Nano, value); err != nil {
		return due, "", errCursor()
	}
	return due, name, nil
}
