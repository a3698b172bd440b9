package workspace

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/session"
)

// commentOf checks a comment and gives it as it is kept.
func commentOf(path, text string, required bool) (string, error) {
	var f form
	text = f.text(path, text, maxComment, required || text != "")
	return text, f.Err()
}

// impartial keeps members of a workspace from judging it.
func impartial(p session.Principal) func(caseFile) error {
	return func(c caseFile) error {
		if _, member := c.workspace.Members[p.UID]; c.there && member {
			return fault.New(fault.Denied, "You are a member of this workspace: another member of the board decides.")
		}
		return nil
	}
}

// decide is the board's decision.
func (s *service) decide(ctx context.Context, p session.Principal, reviewID, ifMatch string, d review.Decision, comment string) (review.Review, string, error) {
	comment, err := commentOf("body.comment", comment, d != review.Approve)
	if err != nil {
		return review.Review{}, "", err
	}
	return s.act(ctx, p, reviewID, ifMatch, impartial(p), func(c caseFile) (verdict, error) {
		if !c.there && d != review.Close {
			return verdict{}, errRemoved()
		}
		after, err := c.review.Decide(d, p.UID, comment, s.gate.Clock.Now())
		if err != nil {
			return verdict{}, err
		}
		v := verdict{review: after, event: "review.decided"}
		switch {
		case d == review.Pause && after.Lifts == "":
			w, lifts, err := review.PauseWorkspace(c.workspace)
			if err != nil {
				return verdict{}, err
			}
			v.review.Lifts, v.workspace = lifts, &w
			v.deed = deed{act: "workspace.paused", before: c.workspace.State, after: w.State, reason: comment,
				data: map[string]string{"comment": comment, "review": after.ID}}
		case after.State.Ended():
			v = s.lifted(c, v)
		}
		return v, nil
	})
}

// lifted gives the workspace back what the review's pause took.
func (s *service) lifted(c caseFile, v verdict) verdict {
	if v.review.Lifts == "" {
		return v
	}
	if c.there {
		last := v.review.History[len(v.review.History)-1]
		w := review.LiftPause(c.workspace, v.review.Lifts)
		v.workspace = &w
		v.deed = deed{act: "workspace.resumed", before: c.workspace.State, after: w.State, reason: last.Comment,
			data: map[string]string{"comment": last.Comment, "review": v.review.ID, "decision": last.Act}}
	}
	v.review.Lifts = ""
	return v
}

// resume lifts a pause; the review goes on.
func (s *service) resume(ctx context.Context, p session.Principal, reviewID, ifMatch, comment string) (review.Review, string, error) {
	comment, err := commentOf("body.comment", comment, true)
	if err != nil {
		return review.Review{}, "", err
	}
	return s.act(ctx, p, reviewID, ifMatch, impartial(p), func(c caseFile) (verdict, error) {
		if !c.there {
			return verdict{}, errRemoved()
		}
		now := s.gate.Clock.Now()
		after, err := c.review.Resume(p.UID, comment, now, s.calendar.Due(now))
		if err != nil {
			return verdict{}, err
		}
		return s.lifted(c, verdict{review: after}), nil
	})
}

func errRemoved() error {
	return fault.New(fault.Conflict, "The workspace has been removed: close the review.")
}

// answerReview is an owner's answer to what the board has asked.
func (s *service) answerReview(ctx context.Context, p session.Principal, reviewID, ifMatch, text string) (review.Review, string, error) {
	text, err := commentOf("body.text", text, true)
	if err != nil {
		return review.Review{}, "", err
	}
	tier, err := s.gate.Tier(session.With(ctx, p), p.UID)
	if err != nil {
		return review.Review{}, "", err
	}
	return s.act(ctx, p, reviewID, ifMatch, func(c caseFile) error {
		return owns(c, p.UID, tier)
	}, func(c caseFile) (verdict, error) {
		if !c.workspace.Shown() {
			return verdict{}, fault.New(fault.Conflict, "This workspace was deleted. Restore it first.")
		}
		now := s.gate.Clock.Now()
		after, err := c.review.Answer(p.UID, text, now, s.calendar.Due(now))
		return verdict{review: after, event: "review.answered"}, err
	})
}

// owns lets through the owners of a review's workspace: to all others the review
// is not there.
func owns(c caseFile, uid string, tier access.Tier) error {
	if !c.there || c.workspace.Members[uid] != access.Owner {
		return errNoReview()
	}
	return access.Entitled(c.workspace, uid, tier, access.Describe)
}
