package workspace

import (
	"context"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/project"
)

// purposeForm is what a form for a purpose needs: the choices with their labels
// and the bounds of the texts, by the names of purposeIn's fields.
type purposeForm struct {
	Kinds       []project.Choice `json:"kinds"`
	Channels    []project.Choice `json:"channels"`
	Outcomes    []project.Choice `json:"outcomes"`
	Populations []project.Choice `json:"populations"`
	Limits      map[string]int   `json:"limits" doc:"The most characters of each text, by field."`
}

func (l limits) purposeForm() purposeForm {
	return purposeForm{project.Kinds(), project.Channels(), project.Outcomes(), project.Populations(), map[string]int{
		"name": l.Name, "disease": l.Disease, "otherKind": l.OtherKind, "intendedStudy": l.Text, "scientificApproach": l.Text, "anticipatedFindings": l.Text,
		"otherChannel": l.Other, "otherPopulation": l.Other,
	}}
}

// routesOfPurpose registers what a form for a purpose needs.
func (s *service) routesOfPurpose(a *api.API) {
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/purpose-form", ID: "getPurposeForm", Rule: access.Enabled(), Summary: "The choices and bounds of a research purpose", Access: api.SecondFactor},
		func(context.Context, *struct{}) (*struct{ Body purposeForm }, error) {
			return &struct{ Body purposeForm }{s.limits.purposeForm()}, nil
		})
}
