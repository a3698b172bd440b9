package dissemination

import (
	"context"
	"net/http"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/session"
)

type room struct{ deps }

// view is a report on the wire.
type view struct {
	ID              string `json:"id"`
	OwnerUID        string `json:"ownerUid"`
	State           State  `json:"state" enum:"draft,submitted,changesAsked,cleared,published,deposited,withdrawn"`
	Version         int    `json:"version"`
	Late            bool   `json:"late" doc:"It had less notice than the policy asks for."`
	LateReason      string `json:"lateReason,omitempty"`
	WithdrawnReason string `json:"withdrawnReason,omitempty"`
	Content
	CreatedAt        time.Time  `json:"createdAt"`
	UpdatedAt        time.Time  `json:"updatedAt"`
	FirstSubmittedAt *time.Time `json:"firstSubmittedAt,omitempty"`
}

func show(r Report) view {
	v := view{ID: r.ID, OwnerUID: r.OwnerUID, State: r.State, Version: r.Version, Late: r.Late, LateReason: r.LateReason,
		WithdrawnReason: r.WithdrawnReason, Content: r.Content, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	if !r.FirstSubmittedAt.IsZero() {
		v.FirstSubmittedAt = &r.FirstSubmittedAt
	}
	return v
}

type reportOut struct {
	ETag string `header:"ETag"`
	Body view
}

type createIn struct{ Body Content }

type getIn struct {
	Report string `path:"report" maxLength:"40"`
}

type listOut struct{ Body api.Page[view] }

// kept is one version on the wire.
type kept struct {
	Act    string `json:"act" doc:"What made this version, such as report.submitted."`
	By     string `json:"by" doc:"The uid of who did it."`
	Report view   `json:"report"`
}

type versionsIn struct {
	api.PageIn
	Report string `path:"report" maxLength:"40"`
}

type versionsOut struct{ Body api.Page[kept] }

// records are the operations that read and write drafts.
func (r room) records(a *api.API) {
	api.Handle(a, api.Operation{Method: "POST", Path: "/v1/reports", ID: "createReport", Rule: access.ByRecord("whoever may read every workspace that the report names"), Access: api.SecondFactor, Status: http.StatusCreated,
		Summary: "Begin a report", Description: "It is a draft until it is submitted. The caller must be able to read every workspace that it names."}, r.create)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reports", ID: "listReports", Rule: access.Enabled(), Access: api.SecondFactor,
		Summary: "The caller's reports, newest first", Description: "Those that the caller owns or is an author of."}, r.list)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reports/{report}", ID: "getReport", Rule: access.ByRecord(mayRead), Access: api.SecondFactor,
		Summary: "One report", Description: "For its owner, its authors and the review board."}, r.get)
	api.Handle(a, api.Operation{Method: "PATCH", Path: "/v1/reports/{report}", ID: "changeReport", Rule: access.ByRecord(mayChange), Access: api.SecondFactor,
		Summary: "Change a report", Description: "While it is a draft or changes were asked for. Fields that are left out stay; every version is kept."}, r.change)
	api.Handle(a, api.Operation{Method: "GET", Path: "/v1/reports/{report}/versions", ID: "listVersions", Rule: access.ByRecord(mayRead), Access: api.SecondFactor,
		Summary: "Every version of a report, newest first"}, r.versions)
}

func (r room) create(ctx context.Context, in *createIn) (*reportOut, error) {
	p := session.Must(ctx)
	owner, err := r.caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.allowed(ctx, p, in.Body); err != nil {
		return nil, err
	}
	if len(in.Body.Authors) == 0 {
		in.Body.Authors = []Author{{Name: owner.Name, UID: owner.UID, Email: owner.Email}}
	}
	report, etag, err := r.store.create(ctx, Report{OwnerUID: p.UID, Content: in.Body})
	if err != nil {
		return nil, err
	}
	return &reportOut{etag, show(report)}, nil
}

// allowed checks what is written, and that the writer may read every workspace named.
func (r room) allowed(ctx context.Context, p session.Principal, c Content) error {
	if err := c.check(); err != nil {
		return err
	}
	workspaces := make([]access.Workspace, 0, len(c.WorkspaceIDs))
	for _, one := range c.WorkspaceIDs {
		w, _, err := r.gate.Workspace(ctx, p, one, access.Read)
		if err != nil {
			return err
		}
		workspaces = append(workspaces, w)
	}
	return c.fits(workspaces)
}

// caller is the account of who asks. Reports do not ask for a tier, since whoever
// lost it may still take a report back; so a disabled account is refused here.
func (r room) caller(ctx context.Context) (access.Account, error) {
	return r.gate.Caller(ctx, session.Must(ctx))
}

// read gives a report that the caller may see, with the caller's account.
func (r room) read(ctx context.Context, reportID string) (Report, string, access.Account, error) {
	account, err := r.caller(ctx)
	if err != nil {
		return Report{}, "", account, err
	}
	report, etag, err := r.store.get(ctx, reportID)
	if err == nil {
		err = report.mayRead(account)
	}
	return report, etag, account, err
}

func (r room) get(ctx context.Context, in *getIn) (*reportOut, error) {
	report, etag, _, err := r.read(ctx, in.Report)
	if err != nil {
		return nil, err
	}
	return &reportOut{etag, show(report)}, nil
}

func (r room) list(ctx context.Context, in *api.PageIn) (*listOut, error) {
	account, err := r.caller(ctx)
	if err != nil {
		return nil, err
	}
	list, next, err := r.store.list(ctx, account.UID, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listOut{api.Page[view]{Items: make([]view, 0, len(list)), Next: next}}
	for _, one := range list {
		out.Body.Items = append(out.Body.Items, show(one))
	}
	return out, nil
}

func (r room) versions(ctx context.Context, in *versionsIn) (*versionsOut, error) {
	if _, _, _, err := r.read(ctx, in.Report); err != nil {
		return nil, err
	}
	list, next, err := r.store.versions(ctx, in.Report, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &versionsOut{api.Page[kept]{Items: make([]kept, 0, len(list)), Next: next}}
	for _, one := range list {
		out.Body.Items = append(out.Body.Items, kept{one.Act, one.Report.UpdatedBy, show(one.Report)})
	}
	return out, nil
}

func (r room) change(ctx context.Context, in *changeIn) (*reportOut, error) {
	return r.act(ctx, in.Report, in.IfMatch, edit, "report.changed", func(report *Report, _ time.Time) ([]outbox.Event, error) {
		in.Body.apply(&report.Content)
		return nil, nil
	})
}
