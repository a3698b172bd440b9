package directory

import (
	"context"
	"net/http"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/review"
)

// routes registers the requests for a review.
func (r *requester) routes(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/projects/{project}/review-requests", ID: "requestReview", Rule: access.Anyone, Summary: "Ask the review board to look at a project", Access: api.Public, Status: http.StatusAccepted,
		Description: "For anybody. A link is mailed to the address; the board gets the request when it is used, within 7 days. The project's researchers and the public do not learn who asked. Limited by address, network and project.", MaxBodyBytes: maxRequestBody},
		func(ctx context.Context, in *struct {
			limit.Caller
			Project string `path:"project" maxLength:"64"`
			Body    requestIn
		}) (*said, error) {
			if err := r.ask(ctx, in.Project, in.Body, in.Caller); err != nil {
				return nil, err
			}
			return say("A mail with a link is on its way to this address. Open it within 7 days and press the button there to send your request to the board."), nil
		})
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/review-requests/{request}/confirmation", ID: "confirmReviewRequest", Rule: access.ByRecord("the token that was mailed to the address in the request"), Summary: "Confirm a request for a review", Access: api.Public,
		Description: "With the token of the link. Confirming twice is confirming once.", MaxBodyBytes: maxRequestBody},
		func(ctx context.Context, in *struct {
			limit.Caller
			Request string `path:"request" maxLength:"64"`
			Body    struct {
				Token string `json:"token" maxLength:"128"`
			}
		}) (*said, error) {
			if err := r.confirm(ctx, in.Request, review.Token(in.Body.Token), in.Caller); err != nil {
				return nil, err
			}
			return say("Your request is with the review board."), nil
		})
}

// maxRequestBody bounds a request: an address, a name and a reason.
const maxRequestBody = 16 << 10

type said struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Message string `json:"message"`
	}
}

func say(message string) *said {
	s := &said{CacheControl: "no-store"}
	s.Body.Message = message
	return s
}

// errLink is one answer for every link that does not work, so that nobody learns
// which requests there are.
func errLink() error {
	return fault.New(fault.NotFound, "This link is not valid, or it has expired. You can ask again from the project's page.")
}

// actor stands for strangers in the audit log.
var actor = audit.System("directory")

// confirm makes a request count: it opens a review of the project, or joins the
// one that is open, once, whatever is clicked, sent or tried again.
func (r *requester) confirm(ctx context.Context, requestID string, token review.Token, from limit.Caller) error {
	rule := limit.Rule{Name: limitConfirm, Most: r.rules.Confirmations, Window: r.rules.ConfirmWindow}
	if err := r.limits.Allow(ctx, rule, from.Network(r.rules.ForwardedHops)); err != nil {
		return err
	}
	if id.Check(id.ReviewRequest, requestID) != nil {
		return errLink()
	}
	var events []string
	err := r.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) (err error) {
		events, err = r.count(tx, requestID, token)
		return err
	})
	if err != nil {
		return firestorex.Fault("reviewRequest.confirm", err)
	}
	r.events.Send(ctx, events...)
	return nil
}

// count is confirm's transaction.
func (r *requester) count(tx *firestore.Transaction, requestID string, token review.Token) (events []string, err error) {
	ref := r.client.Collection(review.Requests).Doc(requestID)
	snap, err := tx.Get(ref)
	request, found, err := firestorex.Decode[review.Request]("reviewRequest", snap, err)
	now := r.clock.Now()
	switch {
	case err != nil:
		return nil, err
	case !found || !request.Knows(token):
		return nil, errLink()
	case !request.ConfirmedAt.IsZero():
		return nil, nil
	case request.Expired(now):
		return nil, errLink()
	}
	wsnap, err := tx.Get(r.client.Collection(access.Workspaces).Doc(request.ProjectID))
	w, found, err := firestorex.Decode[access.Workspace]("reviewRequest.workspace", wsnap, err)
	if err != nil {
		return nil, err
	}
	if !found || !w.Shown() {
		return nil, fault.New(fault.NotFound, "This project is no longer in the directory: there is nothing to review.")
	}
	opening, err := review.Plan(tx, r.client, w.ID)
	if err != nil {
		return nil, err
	}
	reviewID, events, err := opening.Open(tx, w, review.Asked{Actor: actor, Origin: review.OriginPublic, At: now}, r.calendar)
	if err != nil {
		return nil, err
	}
	err = audit.Add(tx, r.client, audit.Entry{At: now, Actor: actor, Act: "reviewRequest.confirmed", Target: review.Requests + "/" + requestID, After: review.Collection + "/" + reviewID})
	if err != nil {
		return nil, err
	}
	request = request.Confirmed(reviewID, now)
	return events, tx.Set(ref, request)
}
