package cohort

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/session"
)

func (r room) reviewRoutes(a *api.API) {
	const path = "/v1/workspaces/{workspace}/reviews"
	api.Handle(a, api.Operation{Method: "POST", Path: path, ID: "createReview", Rule: access.MemberOf(access.Run), Summary: "Make a participant review set", Access: api.SecondFactor,
		Description: "A sample of a cohort's participants, random and the same for the same seed. Its query is charged to the workspace's owner.", Status: 201}, r.createReview)
	api.Handle(a, api.Operation{Method: "GET", Path: path, ID: "listReviews", Rule: access.MemberOf(access.Read), Summary: "A workspace's review sets, newest first", Access: api.SecondFactor}, r.listReviews)
	api.Handle(a, api.Operation{Method: "GET", Path: path + "/{review}", ID: "getReview", Rule: access.MemberOf(access.Read), Summary: "One review set and how far it is", Access: api.SecondFactor}, r.getReview)
	api.Handle(a, api.Operation{Method: "DELETE", Path: path + "/{review}", ID: "deleteReview", Rule: access.MemberOf(access.Edit), Summary: "Delete a review set with all that was said in it", Access: api.SecondFactor, Status: 204}, r.deleteReview)
	api.Handle(a, api.Operation{Method: "POST", Path: path + "/{review}/resume", ID: "resumeReview", Rule: access.MemberOf(access.Run), Summary: "Complete a sample that broke off", Access: api.SecondFactor,
		Description: "Draws the same sample again, at its cost. One that is complete stays as it is."}, r.resumeReview)
	api.Handle(a, api.Operation{Method: "GET", Path: path + "/{review}/participants", ID: "listParticipants", Rule: access.MemberOf(access.Read), Summary: "A review's participants, in the sample's order", Access: api.SecondFactor,
		Description: "Row-level data of the workspace."}, r.listParticipants)
	api.Handle(a, api.Operation{Method: "GET", Path: path + "/{review}/participants/{place}", ID: "getParticipant", Rule: access.MemberOf(access.Read), Summary: "One participant of a review", Access: api.SecondFactor}, r.getParticipant)
	api.Handle(a, api.Operation{Method: "PUT", Path: path + "/{review}/participants/{place}", ID: "judgeParticipant", Rule: access.MemberOf(access.Edit), Summary: "Say what was found of a participant", Access: api.SecondFactor,
		Description: "Needs If-Match. All annotations are sent together; those left out, or null, are taken away."}, r.judgeParticipant)
}

type reviewView struct {
	ID                string           `json:"id"`
	Name              string           `json:"name"`
	Cohort            string           `json:"cohort"`
	Version           int              `json:"version"`
	Hash              string           `json:"definitionHash"`
	ReleaseID         string           `json:"releaseId"`
	VocabularyVersion string           `json:"vocabularyVersion"`
	Size              int              `json:"size" doc:"How many participants were asked for."`
	Sampled           int              `json:"sampled" doc:"How many there are."`
	Seed              string           `json:"seed"`
	Fields            []annotated      `json:"fields"`
	State             string           `json:"state" enum:"sampling,ready"`
	Statuses          map[string]int64 `json:"statuses,omitempty" doc:"Participants by status; not in lists."`
	CreatedBy         string           `json:"createdBy"`
	CreatedAt         time.Time        `json:"createdAt"`
}

func (rv review) view() reviewView {
	return reviewView{rv.ID, rv.Name, rv.CohortID, rv.Version, rv.Hash, rv.ReleaseID, rv.VocabularyVersion, rv.Size, rv.Sampled, rv.Seed,
		append([]annotated{}, rv.Fields...), rv.State, nil, rv.CreatedBy, rv.CreatedAt}
}

type reviewOut struct{ Body reviewView }

type createReviewIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Body      struct {
		Name    string      `json:"name" minLength:"1" maxLength:"80"`
		Cohort  string      `json:"cohort" maxLength:"40"`
		Version int         `json:"version,omitempty" minimum:"0" maximum:"1000" doc:"The current one where left out."`
		Size    int         `json:"size" minimum:"1" maximum:"10000"`
		Seed    string      `json:"seed,omitempty" maxLength:"64" doc:"The same seed draws the same sample of the same cohort and data; a random one where left out."`
		Fields  []annotated `json:"fields,omitempty" maxItems:"30" doc:"What reviewers can fill in."`
	}
}

func (r room) createReview(ctx context.Context, in *createReviewIn) (*reviewOut, error) {
	if err := checkFields(in.Body.Fields); err != nil {
		return nil, err
	}
	c, err := r.counting(ctx, in.Workspace, in.Body.Cohort, in.Body.Version, "review")
	if err != nil {
		return nil, err
	}
	rv := review{ID: id.New(id.ParticipantReview, r.clock.Now()), WorkspaceID: c.record.WorkspaceID, Name: in.Body.Name, CohortID: c.record.ID, Version: c.record.Version,
		Hash: c.whole.Hash(), ReleaseID: c.data.Release.ID, VocabularyVersion: c.data.Release.VocabularyVersion, Dataset: c.data.Dataset.ID, Size: in.Body.Size,
		Seed: in.Body.Seed, Fields: in.Body.Fields, State: sampling, CreatedBy: session.Must(ctx).UID, CreatedAt: r.clock.Now(), SchemaVersion: 2}
	if rv.Seed == "" {
		rv.Seed = rand.Text()
	}
	if err := r.addReview(ctx, rv); err != nil {
		return nil, err
	}
	return r.filled(ctx, c, rv)
}

// filled draws a review's sample and writes it.
func (r room) filled(ctx context.Context, c counting, rv review) (*reviewOut, error) {
	persons, _, err := r.sample(ctx, c, rv)
	if err != nil {
		return nil, err
	}
	rv, err = r.fill(ctx, rv, persons)
	return &reviewOut{rv.view()}, err
}

type reviewIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Review    string `path:"review" maxLength:"40"`
}

func (r room) resumeReview(ctx context.Context, in *reviewIn) (*reviewOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Run); err != nil {
		return nil, err
	}
	rv, err := r.review(ctx, in.Workspace, in.Review)
	if err != nil || rv.State == ready {
		return &reviewOut{rv.view()}, err
	}
	c, err := r.counting(ctx, in.Workspace, rv.CohortID, rv.Version, "review")
	if err != nil {
		return nil, err
	}
	if !rv.sameData(c.data.Dataset, c.whole.Hash()) {
		return nil, fault.New(fault.Conflict, "The data were loaded anew since this sample was begun: delete the review and make another.")
	}
	return r.filled(ctx, c, rv)
}

type reviewList struct{ Body api.Page[reviewView] }

func (r room) listReviews(ctx context.Context, in *listIn) (*reviewList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	list, next, err := firestorex.NewestOfAll[review](ctx, r.collection(in.Workspace, participantReviews), in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &reviewList{api.Page[reviewView]{Items: make([]reviewView, len(list)), Next: next}}
	for i, rv := range list {
		out.Body.Items[i] = rv.view()
	}
	return out, nil
}

func (r room) getReview(ctx context.Context, in *reviewIn) (*reviewOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	rv, err := r.review(ctx, in.Workspace, in.Review)
	if err != nil {
		return nil, err
	}
	out := &reviewOut{rv.view()}
	if rv.State == ready {
		out.Body.Statuses, err = r.progress(ctx, rv)
	}
	return out, err
}

func (r room) deleteReview(ctx context.Context, in *reviewIn) (*struct{}, error) {
	p := session.Must(ctx)
	if _, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Edit); err != nil {
		return nil, err
	}
	rv, err := r.review(ctx, in.Workspace, in.Review)
	if err != nil {
		return nil, err
	}
	return nil, r.drop(ctx, rv, p.UID)
}

type participantView struct {
	Place       int                        `json:"place" doc:"In the sample, from 1."`
	PersonID    int64                      `json:"personId"`
	Status      string                     `json:"status" enum:"INCLUDED,EXCLUDED,NEEDS_FURTHER_REVIEW,NOT_REVIEWED"`
	Annotations map[string]json.RawMessage `json:"annotations" doc:"By field, in the field's type."`
	UpdatedBy   string                     `json:"updatedBy,omitempty"`
	UpdatedAt   *time.Time                 `json:"updatedAt,omitempty"`
}

func (p participant) view() participantView {
	v := participantView{Place: p.Place, PersonID: p.PersonID, Status: p.Status, Annotations: map[string]json.RawMessage{}, UpdatedBy: p.UpdatedBy}
	for name, value := range p.Annotations {
		v.Annotations[name] = json.RawMessage(value)
	}
	if !p.UpdatedAt.IsZero() {
		v.UpdatedAt = &p.UpdatedAt
	}
	return v
}

type participantsIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Review    string `path:"review" maxLength:"40"`
	Status    string `query:"status" enum:"INCLUDED,EXCLUDED,NEEDS_FURTHER_REVIEW,NOT_REVIEWED" doc:"Only those of this status."`
	api.PageIn
}

type participantList struct{ Body api.Page[participantView] }

func (r room) listParticipants(ctx context.Context, in *participantsIn) (*participantList, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	rv, err := r.openReview(ctx, in.Workspace, in.Review)
	if err != nil {
		return nil, err
	}
	list, next, err := r.page(ctx, rv, in.Status, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &participantList{api.Page[participantView]{Items: make([]participantView, len(list)), Next: next}}
	for i, p := range list {
		out.Body.Items[i] = p.view()
	}
	return out, nil
}

type participantIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Review    string `path:"review" maxLength:"40"`
	Place     int    `path:"place" minimum:"1" maximum:"10000"`
}

type participantOut struct {
	ETag string `header:"ETag"`
	Body participantView
}

func (r room) getParticipant(ctx context.Context, in *participantIn) (*participantOut, error) {
	if _, _, err := r.gate.Workspace(ctx, session.Must(ctx), in.Workspace, access.Read); err != nil {
		return nil, err
	}
	rv, err := r.openReview(ctx, in.Workspace, in.Review)
	if err != nil {
		return nil, err
	}
	p, etag, err := r.participant(ctx, rv, in.Place)
	return &participantOut{etag, p.view()}, err
}

type judgeIn struct {
	Workspace string `path:"workspace" maxLength:"40"`
	Review    string `path:"review" maxLength:"40"`
	Place     int    `path:"place" minimum:"1" maximum:"10000"`
	IfMatch   string `header:"If-Match" doc:"The ETag of what was read."`
	Body      struct {
		Status      string                     `json:"status" enum:"INCLUDED,EXCLUDED,NEEDS_FURTHER_REVIEW,NOT_REVIEWED"`
		Annotations map[string]json.RawMessage `json:"annotations,omitempty"`
	}
}

func (r room) judgeParticipant(ctx context.Context, in *judgeIn) (*participantOut, error) {
	who := session.Must(ctx)
	if _, _, err := r.gate.Workspace(ctx, who, in.Workspace, access.Edit); err != nil {
		return nil, err
	}
	rv, err := r.openReview(ctx, in.Workspace, in.Review)
	if err != nil {
		return nil, err
	}
	said, err := rv.annotations(in.Body.Annotations)
	if err != nil {
		return nil, err
	}
	p, etag, err := r.judge(ctx, rv, in.Place, in.IfMatch, func(p *participant) {
		p.Status, p.Annotations, p.UpdatedBy, p.UpdatedAt = in.Body.Status, said, who.UID, r.clock.Now()
	})
	return &participantOut{etag, p.view()}, err
}
