package dissemination

import (
	"slices"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/outbox"
)

// Report is one publication, planned or out: collection "reports". What is
// kept of each version in reports/{id}/versions is the same record.
type Report struct {
	ID       string `firestore:"id"`
	OwnerUID string `firestore:"ownerUid"`
	// MemberUIDs are the owner and the authors who are hub users, for
	// array-contains queries.
	MemberUIDs []string `firestore:"memberUids"`
	State      State    `firestore:"state"`
	Version    int      `firestore:"version"`
	// Late reports had less notice than the policy asks for.
	Late       bool   `firestore:"late"`
	LateReason string `firestore:"lateReason"`
	// WithdrawnReason is why its owner took it back.
	WithdrawnReason string `firestore:"withdrawnReason"`

	Content

	CreatedAt        time.Time `firestore:"createdAt"`
	UpdatedAt        time.Time `firestore:"updatedAt"`
	UpdatedBy        string    `firestore:"updatedBy"`
	FirstSubmittedAt time.Time `firestore:"firstSubmittedAt"` // zero for never

	SchemaVersion int `firestore:"schemaVersion"`
}

// members lists the owner and the authors who are hub users, each once.
func (r Report) members() []string {
	list := []string{r.OwnerUID}
	for _, a := range r.Authors {
		if a.UID != "" && !slices.Contains(list, a.UID) {
			list = append(list, a.UID)
		}
	}
	return list
}

var errNoReport = fault.New(fault.NotFound, "There is no such report, or it is not yours.")

// What Report.mayRead and Report.mayChange decide, as the routes' rules say it.
const (
	mayRead   = "the report's owner, its authors and the review board"
	mayChange = "the report's owner"
)

// mayRead decides who sees a report.
func (r Report) mayRead(a access.Account) error {
	if slices.Contains(r.MemberUIDs, a.UID) || a.Has(access.ReviewBoard) {
		return nil
	}
	return errNoReport
}

// mayChange decides who changes, submits and withdraws a report.
func (r Report) mayChange(a access.Account) error {
	if err := r.mayRead(a); err != nil {
		return err
	}
	if r.OwnerUID != a.UID {
		return fault.New(fault.Denied, "Only the owner of this report may do that.")
	}
	return nil
}

// submission makes what people are told when a report is handed in.
func (r Report) submission() []outbox.Event {
	late := "false"
	if r.Late {
		late = "true"
	}
	events := []outbox.Event{r.event("report.submitted", map[string]string{"late": late})}
	if r.Late {
		events = append(events, r.event("report.late", map[string]string{"reason": r.LateReason}))
	}
	return events
}

// event tells the owner; who else is told is the notify function's to know.
func (r Report) event(kind string, more map[string]string) outbox.Event {
	data := map[string]string{"report": r.ID, "title": r.Title, "kind": r.Kind, "plannedDate": r.PlannedDate}
	for k, v := range more {
		data[k] = v
	}
	return outbox.Event{Type: kind, At: r.UpdatedAt, UID: r.OwnerUID, Target: reports + "/" + r.ID, Data: data}
}
