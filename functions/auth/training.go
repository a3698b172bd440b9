package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
)

// completionsCollection holds every completion that the training provider
// reported, named by the provider's identifier: it is created in the transaction
// of its effect, so that the same report has one effect.
const completionsCollection = "trainingCompletions"

// maxCompletionBytes bounds the webhook's body.
const maxCompletionBytes = 16 << 10

// trainingProvider is who acts in the audit log.
var trainingProvider = audit.System("trainingProvider")

// trainingReport is what the training provider sends.
type trainingReport struct {
	CompletionID string        `json:"completionId"`
	Learner      string        `json:"learner"`
	Module       access.Module `json:"module"`
	CompletedAt  time.Time     `json:"completedAt"`
	Course       string        `json:"course"`
	Score        *float64      `json:"score"`
}

// trainingRecord is what is kept of a report.
type trainingRecord struct {
	ID          string    `firestore:"id"`
	Learner     string    `firestore:"learner"`
	Module      string    `firestore:"module"`
	CompletedAt time.Time `firestore:"completedAt"`
	Course      string    `firestore:"course"`
	Score       *float64  `firestore:"score"`
	// Applied is false for a report that did not count: a newer completion, or a
	// reset after it, was there before.
	Applied       bool      `firestore:"applied"`
	ReceivedAt    time.Time `firestore:"receivedAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// same reports whether two records say the same of the world.
func (r trainingRecord) same(o trainingRecord) bool {
	score := r.Score == nil && o.Score == nil || r.Score != nil && o.Score != nil && *r.Score == *o.Score
	return r.ID == o.ID && r.Learner == o.Learner && r.Module == o.Module && r.CompletedAt.Equal(o.CompletedAt) && r.Course == o.Course && score
}

// completionForm is a provider's identifier as it may name a document.
var completionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`)

// maxScore bounds a score: percents, or points of a course.
const maxScore = 1_000_000

// parseReport reads and checks a body whose signature is right.
func parseReport(body []byte) (trainingReport, error) {
	var in trainingReport
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return in, fault.Because(fault.Invalid, err, "The body is not a completion: send JSON with completionId, learner, module, completedAt and, where there are, course and score.")
	}
	if _, err := d.Token(); err != io.EOF {
		return in, fault.New(fault.Invalid, "Send one completion, and nothing after it.")
	}
	var broken []fault.Field
	refuse := func(is bool, path, message string) {
		if is {
			broken = append(broken, fault.Field{Path: "body." + path, Message: message})
		}
	}
	refuse(!completionForm.MatchString(in.CompletionID), "completionId", "Give the completion's identifier: letters, digits and _.:-, at most 128.")
	refuse(!uidForm.MatchString(in.Learner), "learner", "Give the learner's uid, as the hub gave it.")
	refuse(in.Module != access.Training && in.Module != access.ControlledTraining, "module", "Give training or controlledTraining.")
	refuse(in.CompletedAt.IsZero(), "completedAt", "Give the time of the completion (RFC 3339).")
	refuse(len(in.Course) > 200 || strings.ContainsFunc(in.Course, unseen), "course", "Give the course in at most 200 characters that can be seen.")
	refuse(in.Score != nil && (*in.Score < 0 || *in.Score > maxScore), "score", "Give a score that is not negative.")
	if len(broken) > 0 {
		return in, fault.InvalidFields(broken...)
	}
	// Firestore keeps microseconds: what was read back must equal what was sent.
	in.CompletedAt = in.CompletedAt.UTC().Truncate(time.Microsecond)
	return in, nil
}

func (in trainingReport) record(now time.Time) trainingRecord {
	return trainingRecord{ID: in.CompletionID, Learner: in.Learner, Module: string(in.Module), CompletedAt: in.CompletedAt,
		Course: in.Course, Score: in.Score, ReceivedAt: now, SchemaVersion: 1}
}

// evidence is what the module's fact says that it rests on.
func (r trainingRecord) evidence() string {
	s := "training provider's completion " + r.ID
	if r.Course != "" {
		s += ", course " + r.Course
	}
	if r.Score != nil {
		s += fmt.Sprintf(", score %g", *r.Score)
	}
	return s
}

// completeTraining takes a signed report of the training provider. It says
// whether the completion counts: a report that came before has its first answer.
func (s *service) completeTraining(ctx context.Context, signature string, body []byte) (bool, error) {
	if err := s.training.verify(signature, body, s.gate.Clock.Now()); err != nil {
		return false, err
	}
	in, err := parseReport(body)
	if err != nil {
		return false, err
	}
	applied := false
	_, err = s.change(ctx, "training.completion", in.Learner, func(c *change) error {
		record := in.record(c.now)
		ref := c.client.Collection(completionsCollection).Doc(in.CompletionID)
		former, known, err := readCompletion(c.tx, ref)
		if err != nil {
			return err
		}
		if known {
			if !former.same(record) {
				return fault.New(fault.Conflict, "This completion was reported before with another content. A correction is a completion of its own.")
			}
			applied, c.unchanged = former.Applied, true
			return nil
		}
		if err := plausible(in.CompletedAt, c.account, c.now); err != nil {
			return err
		}
		before := c.account.Modules[string(in.Module)]
		record.Applied = newer(record.CompletedAt, before)
		applied = record.Applied
		if err := c.tx.Create(ref, record); err != nil {
			return err
		}
		after := before
		if record.Applied {
			after.CompletedAt, after.Evidence = earlier(record.CompletedAt, c.now), record.evidence()
			setModule(&c.account, in.Module, after)
		}
		return c.audit(audit.Entry{Actor: trainingProvider, Act: "module.complete", Target: target(in.Learner, in.Module),
			Reason: record.evidence() + " of " + record.CompletedAt.Format(time.RFC3339), Before: describe(before), After: describe(after)})
	})
	if fault.Is(err, fault.NotFound) {
		err = fault.Because(fault.NotFound, err, "There is no such learner.")
	}
	return applied, err
}

func readCompletion(tx *firestore.Transaction, ref *firestore.DocumentRef) (r trainingRecord, known bool, err error) {
	snap, err := tx.Get(ref)
	return firestorex.Decode[trainingRecord]("training.completion", snap, err)
}

// plausible refuses a completion of a time when it cannot have been: the
// provider's clock and ours may differ by the window of a signature.
func plausible(completedAt time.Time, a access.Account, now time.Time) error {
	switch {
	case completedAt.After(now.Add(signatureWindow)):
		return fault.InvalidFields(fault.Field{Path: "body.completedAt", Message: "The completion lies in the future."})
	case completedAt.Before(a.CreatedAt.Add(-signatureWindow)):
		return fault.InvalidFields(fault.Field{Path: "body.completedAt", Message: "The completion is older than the account. An access admin can enter it with evidence."})
	default:
		return nil
	}
}

// newer reports whether a completion counts over what is on record: one that is
// older than the completion there, or than the last reset, does not.
func newer(completedAt time.Time, f access.ModuleFact) bool {
	return completedAt.After(f.CompletedAt) && completedAt.After(f.ResetAt)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
