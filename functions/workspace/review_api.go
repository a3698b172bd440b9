package workspace

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/session"
)

// ReviewOf is what every act on a review takes. It is exported because huma does
// not look into an embedded type that is not.
type ReviewOf struct {
	Review  string `path:"review" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"The ETag of what was read."`
}

// reviewRoutes registers the review board's work and the owner's part in it.
func (s *service) reviewRoutes(a *api.API) {
	board, owner := access.HasRole(access.ReviewBoard), access.ByRecord("the review board, and owners of the review's workspace who hold its tier")
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reviews", ID: "listReviews", Rule: board, Summary: "The review board's queue, the soonest due first", Access: api.SecondFactor}, s.queue)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reviews/{review}", ID: "getReview", Rule: owner, Summary: "One review", Access: api.SecondFactor,
		Description: "For the board and for the workspace's owners, who do not see who asked. The ETag header is what an act needs as If-Match."}, s.getReview)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reviews/{review}/requests", ID: "listReviewRequests", Rule: board, Summary: "Who asked for a review from the directory, and why", Access: api.SecondFactor}, s.requestsOf)
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reviews/{review}/decision", ID: "decideReview", Rule: board, Summary: "Decide a review", Access: api.SecondFactor,
		Description: "approve; askForChanges of the owner; pause: the workspace is read only until the pause is lifted; close without a finding. Approving and closing lift a pause. Members of the workspace do not decide. Needs If-Match; a stale one answers 412 and changes nothing."},
		func(ctx context.Context, in *struct {
			ReviewOf
			Body struct {
				Decision review.Decision `json:"decision" enum:"approve,askForChanges,pause,close"`
				Comment  string          `json:"comment,omitempty" doc:"For the owner; at most 2,000 characters, required unless approved."`
			}
		}) (*reviewOut, error) {
			p := session.Must(ctx)
			r, etag, err := s.decide(ctx, p, in.Review, in.IfMatch, in.Body.Decision, in.Body.Comment)
			return s.shown(r, etag, forBoard, err)
		})
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reviews/{review}/resume", ID: "resumeReview", Rule: board, Summary: "Lift the pause of a workspace", Access: api.SecondFactor,
		Description: "The review goes on. Needs If-Match."},
		func(ctx context.Context, in *struct {
			ReviewOf
			Body struct {
				Comment string `json:"comment,omitempty" doc:"For the owner; required, at most 2,000 characters."`
			}
		}) (*reviewOut, error) {
			r, etag, err := s.resume(ctx, session.Must(ctx), in.Review, in.IfMatch, in.Body.Comment)
			return s.shown(r, etag, forBoard, err)
		})
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reviews/{review}/answer", ID: "answerReview", Rule: owner, Summary: "Answer what the board has asked", Access: api.SecondFactor,
		Description: "For owners of the workspace. The review goes back to the queue with a new due date. Needs If-Match."},
		func(ctx context.Context, in *struct {
			ReviewOf
			Body struct {
				Text string `json:"text,omitempty" doc:"What was changed, or why not; required, at most 2,000 characters."`
			}
		}) (*reviewOut, error) {
			r, etag, err := s.answerReview(ctx, session.Must(ctx), in.Review, in.IfMatch, in.Body.Text)
			return s.shown(r, etag, forOwner, err)
		})
	// ToChange, because owners read it in every state of the workspace.
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/workspaces/{workspace}/reviews", ID: "listReviewsOfWorkspace", Rule: access.ToChange(access.Describe), Summary: "A workspace's reviews, newest first", Access: api.SecondFactor,
		Description: "For owners."}, s.reviewsOf)
}
