package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/session"
)

// demographicsCollection keeps the survey apart from everything else that is
// known about a person: one record per account, named by the uid. Nothing but
// this file reads it, for nobody but the person; it is in no list, no event, no
// audit entry and no export.
const demographicsCollection = "demographics"

// describeMax bounds an answer in one's own words, in characters.
const describeMax = 200

// survey is what is kept of the answers.
type survey struct {
	// Answers are the choices by question; what was not answered is not there.
	Answers map[string][]string `firestore:"answers"`
	// SelfDescription is what was said in the person's own words, by question.
	SelfDescription map[string]string `firestore:"selfDescription"`
	AnsweredAt      time.Time         `firestore:"answeredAt"`
	SchemaVersion   int               `firestore:"schemaVersion"`
}

// surveyIn is the survey as it is sent, whole.
type surveyIn struct {
	Answers         map[string][]string `json:"answers,omitempty" doc:"Choices by question, as GET /auth/v1/profile-form lists them; leave out what is not to be answered."`
	SelfDescription map[string]string   `json:"selfDescription,omitempty" doc:"With the choice selfDescribe: the person's own words, by question, at most 200 characters."`
}

// check gives the survey as it is kept, or says everything that is wrong.
func (in surveyIn) check(now time.Time) (survey, error) {
	var f form
	kept := survey{Answers: map[string][]string{}, SelfDescription: map[string]string{}, AnsweredAt: now, SchemaVersion: 1}
	known := 0
	for _, q := range questions {
		at := "body.answers." + q.ID
		got, answered := in.Answers[q.ID]
		if answered {
			known++
			f.choices(at, got, q.Choices, choiceSilent)
			if !q.Multiple && len(got) > 1 {
				f.Say(at, "Choose one.")
			}
			kept.Answers[q.ID] = got
		}
		words := in.SelfDescription[q.ID]
		own := q.describes() && slices.Contains(got, choiceSelfDescribe)
		if strings.TrimSpace(words) != "" {
			kept.SelfDescription[q.ID] = f.unasked("body.selfDescription."+q.ID, words, "", describeMax, own)
		}
	}
	if known < len(in.Answers) || !knownQuestions(in.SelfDescription) {
		f.Say("body", "Answer the questions of the survey only.")
	}
	return kept, f.Err()
}

func knownQuestions(words map[string]string) bool {
	for q := range words {
		if !slices.ContainsFunc(questions, func(one question) bool { return one.ID == q }) {
			return false
		}
	}
	return true
}

// putSurvey replaces the caller's answers. The audit entry says that, and
// nothing of them.
func (s *service) putSurvey(ctx context.Context, p session.Principal, in surveyIn) (survey, error) {
	var kept survey
	err := s.inspect(ctx, "demographics", p.UID, func(c *change) error {
		if err := c.enabled(); err != nil {
			return err
		}
		var err error
		if kept, err = in.check(c.now); err != nil {
			return err
		}
		if err := c.tx.Set(s.survey(p.UID), kept); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "demographics.change", Target: access.Accounts + "/" + p.UID})
	})
	return kept, err
}

// ownSurvey reads the caller's answers; none where they have given none. A
// disabled account reads and deletes them too: they are the person's.
func (s *service) ownSurvey(ctx context.Context, p session.Principal) (survey, error) {
	snap, err := s.survey(p.UID).Get(ctx)
	kept, _, err := firestorex.Decode[survey]("demographics", snap, err)
	return kept, firestorex.Fault("demographics", err)
}

// deleteSurvey removes the caller's answers for good.
func (s *service) deleteSurvey(ctx context.Context, p session.Principal) error {
	return s.inspect(ctx, "demographics", p.UID, func(c *change) error {
		if err := c.tx.Delete(s.survey(p.UID)); err != nil {
			return err
		}
		return c.audit(audit.Entry{Actor: p.UID, Act: "demographics.delete", Target: access.Accounts + "/" + p.UID})
	})
}

func (s *service) survey(uid string) *firestore.DocumentRef {
	return s.gate.Client.Collection(demographicsCollection).Doc(uid)
}
