package auth

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/session"
)

// routesOfDemographics registers the survey. There is no route for anybody but
// the person: not for admins either.
func (s *service) routesOfDemographics(a *api.API) {
	const path = "/v1/account/demographics"
	api.Handle(a, api.Operation{Method: "GET", Path: path, ID: "getDemographics", Summary: "The caller's answers to the optional survey", Access: api.SignedIn, Rule: access.Own}, s.getDemographics)
	api.Handle(a, api.Operation{Method: "PUT", Path: path, ID: "putDemographics", Summary: "Answer the optional survey", Access: api.SignedIn, Rule: access.Enabled(), MaxBodyBytes: smallBody,
		Description: "Replaces all answers. Every question may be left out, or answered with preferNotToAnswer. Nobody else can read the answers."}, s.putDemographics)
	api.Handle(a, api.Operation{Method: "DELETE", Path: path, ID: "deleteDemographics", Summary: "Delete the caller's answers", Access: api.SignedIn, Rule: access.Own, Status: 204}, s.removeDemographics)
}

type surveyOut struct {
	Body struct {
		Answers         map[string][]string `json:"answers"`
		SelfDescription map[string]string   `json:"selfDescription"`
		AnsweredAt      *time.Time          `json:"answeredAt,omitempty"`
	}
}

func surveyAnswer(kept survey, err error) (*surveyOut, error) {
	if err != nil {
		return nil, err
	}
	out := &surveyOut{}
	out.Body.Answers, out.Body.SelfDescription = map[string][]string{}, map[string]string{}
	if !kept.AnsweredAt.IsZero() {
		out.Body.Answers, out.Body.SelfDescription, out.Body.AnsweredAt = kept.Answers, kept.SelfDescription, &kept.AnsweredAt
	}
	return out, nil
}

func (s *service) getDemographics(ctx context.Context, _ *struct{}) (*surveyOut, error) {
	return surveyAnswer(s.ownSurvey(ctx, session.Must(ctx)))
}

func (s *service) putDemographics(ctx context.Context, in *struct{ Body surveyIn }) (*surveyOut, error) {
	return surveyAnswer(s.putSurvey(ctx, session.Must(ctx), in.Body))
}

func (s *service) removeDemographics(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.deleteSurvey(ctx, session.Must(ctx))
}
