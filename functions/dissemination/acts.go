package dissemination

import (
	"context"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

type changeIn struct {
	Report  string `path:"report" maxLength:"40"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The etag of what was read."`
	Body    patch
}

// patch is Content with every field optional; lists are replaced whole.
type patch struct {
	Kind                    *string       `json:"kind,omitempty" enum:"manuscript,abstract,poster,talk,preprint,press"`
	Title                   *string       `json:"title,omitempty" minLength:"1" maxLength:"300"`
	WorkspaceIDs            *[]string     `json:"workspaceIds,omitempty" minItems:"1" maxItems:"10"`
	Authors                 *[]Author     `json:"authors,omitempty" minItems:"1" maxItems:"100"`
	Venue                   *string       `json:"venue,omitempty" maxLength:"200"`
	PlannedDate             *string       `json:"plannedDate,omitempty" maxLength:"10"`
	LaySummary              *string       `json:"laySummary,omitempty" maxLength:"5000"`
	Tier                    *string       `json:"tier,omitempty" enum:"registered,controlled"`
	ReleaseID               *string       `json:"releaseId,omitempty" maxLength:"128"`
	AcknowledgementIncluded *bool         `json:"acknowledgementIncluded,omitempty"`
	DataStatement           *string       `json:"dataStatement,omitempty" maxLength:"5000"`
	Attestations            *Attestations `json:"attestations,omitempty"`
	Links                   *[]string     `json:"links,omitempty" maxItems:"20"`
}

func (p patch) apply(c *Content) {
	set(&c.Kind, p.Kind)
	set(&c.Title, p.Title)
	set(&c.WorkspaceIDs, p.WorkspaceIDs)
	set(&c.Authors, p.Authors)
	set(&c.Venue, p.Venue)
	set(&c.PlannedDate, p.PlannedDate)
	set(&c.LaySummary, p.LaySummary)
	set(&c.Tier, p.Tier)
	set(&c.ReleaseID, p.ReleaseID)
	set(&c.AcknowledgementIncluded, p.AcknowledgementIncluded)
	set(&c.DataStatement, p.DataStatement)
	set(&c.Attestations, p.Attestations)
	set(&c.Links, p.Links)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

type submitIn struct {
	Report  string `path:"report" maxLength:"40"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The etag of what was read."`
	Body    struct {
		Late       bool   `json:"late,omitempty" doc:"It has less notice than the policy asks for."`
		LateReason string `json:"lateReason,omitempty" maxLength:"1000" doc:"Why; goes to the review board."`
	}
}

type withdrawIn struct {
	Report  string `path:"report" maxLength:"40"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The etag of what was read."`
	Body    struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

// acts are the operations that move a report on.
func (r room) acts(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reports/{report}/submission", ID: "submitReport", Rule: access.ByRecord(mayChange), Access: api.SecondFactor,
		Summary: "Hand a report in",
		Description: "At least as many whole days (UTC) ahead of the planned date as the policy asks for, 14 unless configured otherwise; " +
			"with fewer it is accepted only marked late with a reason, and the review board is told."},
		func(ctx context.Context, in *submitIn) (*reportOut, error) {
			return r.act(ctx, in.Report, in.IfMatch, submit, "report.submitted", func(report *Report, now time.Time) ([]outbox.Event, error) {
				return handIn(report, now, r.rules, in.Body.Late, in.Body.LateReason)
			})
		})
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reports/{report}/withdrawal", ID: "withdrawReport", Rule: access.ByRecord(mayChange), Access: api.SecondFactor,
		Summary: "Take a report back", Description: "At any time before it is published. Its versions are kept."},
		func(ctx context.Context, in *withdrawIn) (*reportOut, error) {
			return r.act(ctx, in.Report, in.IfMatch, withdraw, "report.withdrawn", func(report *Report, _ time.Time) ([]outbox.Event, error) {
				report.WithdrawnReason = in.Body.Reason
				return []outbox.Event{report.event("report.withdrawn", nil)}, nil
			})
		})
}

// handIn applies the rules of a submission.
func handIn(report *Report, now time.Time, rules Rules, late bool, reason string) ([]outbox.Event, error) {
	if err := report.complete(); err != nil {
		return nil, err
	}
	planned, err := parseDate(report.PlannedDate)
	if err != nil {
		return nil, fault.Wrap("report.submit", err)
	}
	if report.Late, err = isLate(planned, now, report.FirstSubmittedAt, rules, late, reason); err != nil {
		return nil, err
	}
	report.LateReason = ""
	if report.Late {
		report.LateReason = reason
	}
	if report.FirstSubmittedAt.IsZero() {
		report.FirstSubmittedAt = now
	}
	return report.submission(), nil
}

// act is one act of the owner. Rights come before the etag, so that nobody
// learns of a report by its etag. What the report becomes is checked against the
// workspaces before the transaction (which reads nothing else); the etag makes
// sure that it becomes just that.
func (r room) act(ctx context.Context, reportID, ifMatch string, a act, name string, change func(*Report, time.Time) ([]outbox.Event, error)) (*reportOut, error) {
	p := session.Must(ctx)
	report, _, account, err := r.read(ctx, reportID)
	if err != nil {
		return nil, err
	}
	if err := report.mayChange(account); err != nil {
		return nil, err
	}
	if a == edit {
		preview := report
		if _, err := change(&preview, time.Time{}); err != nil {
			return nil, err
		}
		report = preview
	}
	if a != withdraw { // who lost a workspace may still take the report back
		if err := r.allowed(ctx, p, report.Content); err != nil {
			return nil, err
		}
	}
	changed, etag, events, err := r.store.change(ctx, reportID, ifMatch, p.UID, name, func(report *Report, now time.Time) ([]outbox.Event, error) {
		to, err := next(report.State, a)
		if err != nil {
			return nil, err
		}
		report.State = to
		return change(report, now)
	})
	if err != nil {
		return nil, err
	}
	r.send(ctx, events...)
	return &reportOut{etag, show(changed)}, nil
}
