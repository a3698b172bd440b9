package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/o11y"
	"researchhub.example/hub/shared/session"
)

// AuditFilter (exported for the API's reflection) narrows the audit log down. Every combination is served: Firestore
// merges one index for each field that is compared.
type AuditFilter struct {
	Actor   string    `query:"actor" maxLength:"200" doc:"Who acted: a uid, or system:<name>."`
	Subject string    `query:"subject" maxLength:"128" doc:"To whom: a uid."`
	Act     string    `query:"act" maxLength:"60" doc:"What was done, such as module.bypass; a word without a dot, such as module, for all acts of that area."`
	Target  string    `query:"target" maxLength:"500" doc:"The whole path of what it was done to."`
	From    time.Time `query:"from" doc:"Not before that time, in whole milliseconds."`
	To      time.Time `query:"to" doc:"Before that time."`
}

// check refuses times that no identifier has, and a range that is empty.
func (f AuditFilter) check() error {
	var broken []fault.Field
	for path, at := range map[string]time.Time{"query.from": f.From, "query.to": f.To} {
		if !at.IsZero() && (at.Unix() < 0 || at.Year() > 9999) {
			broken = append(broken, fault.Field{Path: path, Message: "Give a time between 1970 and 9999."})
		}
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		broken = append(broken, fault.Field{Path: "query.from", Message: "Give a time before the one in to."})
	}
	if len(broken) > 0 {
		return fault.InvalidFields(broken...)
	}
	return nil
}

// String tells the filter in the audit log.
func (f AuditFilter) String() string {
	var said []string
	for _, one := range []struct{ name, value string }{{"actor", f.Actor}, {"subject", f.Subject}, {"act", f.Act}, {"target", f.Target}, {"from", moment(f.From)}, {"to", moment(f.To)}} {
		if one.value != "" {
			said = append(said, one.name+" "+one.value)
		}
	}
	if len(said) == 0 {
		return "all"
	}
	return strings.Join(said, ", ")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// auditQuery is the query of a filter, newest first. Identifiers begin with the
// time, so that a range of time is where the list starts and ends.
func (s *service) auditQuery(f AuditFilter) firestore.Query {
	q := s.gate.Client.Collection(audit.Collection).OrderBy("id", firestore.Desc)
	act := "act"
	if !strings.Contains(f.Act, ".") {
		act = "area"
	}
	for _, one := range []struct{ field, value string }{{"actor", f.Actor}, {"subject", f.Subject}, {act, f.Act}, {"target", f.Target}} {
		if one.value != "" {
			q = q.Where(one.field, "==", one.value)
		}
	}
	if !f.To.IsZero() {
		q = q.StartAt(id.Floor(id.Audit, f.To))
	}
	if !f.From.IsZero() {
		q = q.EndAt(id.Floor(id.Audit, f.From))
	}
	return q
}

// auditView is an entry as it is shown.
type auditView struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor" doc:"The uid of who acted, or system:<name>. In one's own entries: you, admin or system."`
	Subject string    `json:"subject,omitempty" doc:"The uid of whom it was done to."`
	Act     string    `json:"act"`
	Target  string    `json:"target" doc:"The path of what it was done to."`
	Reason  string    `json:"reason,omitempty"`
	Before  string    `json:"before,omitempty"`
	After   string    `json:"after,omitempty"`
	Request string    `json:"request,omitempty" doc:"The request's identifier, as the logs have it."`
}

func viewOfEntry(e audit.Entry) auditView {
	return auditView{ID: e.ID, At: e.At, Actor: e.Actor, Subject: e.Subject, Act: e.Act, Target: e.Target,
		Reason: e.Reason, Before: e.Before, After: e.After, Request: e.Request}
}

// Whom one's own entries name in the place of who acted.
const (
	actorYou    = "you"
	actorAdmin  = "admin"
	actorSystem = "system"
)

// ownView is an entry as those see it whom it concerns. They read what was done
// to them and why, and not which admin did it: admins answer to the security
// admins, and no researcher should be able to go after one of them.
func ownView(e audit.Entry, uid string) auditView {
	v := viewOfEntry(e)
	switch {
	case e.Actor == uid:
		v.Actor = actorYou
	case e.Actor == "" || audit.IsSystem(e.Actor):
		v.Actor = actorSystem
	default:
		v.Actor = actorAdmin
	}
	return v
}

// readAudit gives one page of the audit log to a security admin. That it was
// read is in the log before the page goes out.
func (s *service) readAudit(ctx context.Context, p session.Principal, f AuditFilter, limit int, cursor string) (api.Page[auditView], error) {
	var page api.Page[auditView]
	if err := f.check(); err != nil {
		return page, err
	}
	if err := s.gate.RequireRole(ctx, p, access.SecurityAdmin); err != nil {
		return page, err
	}
	list, next, err := firestorex.Page[audit.Entry](ctx, s.auditQuery(f), limit, cursor)
	if err != nil {
		return page, err
	}
	if cursor != "" && !f.To.IsZero() {
		// A cursor takes the place of the start; one from another list may lie after it.
		end := id.Floor(id.Audit, f.To)
		list = slices.DeleteFunc(list, func(e audit.Entry) bool { return e.ID >= end })
	}
	if err := s.recordRead(ctx, p, access.SecurityAdmin, audit.Entry{Act: "audit.read", Target: audit.Collection, After: f.String()}); err != nil {
		return page, err
	}
	page.Items, page.Next = make([]auditView, 0, len(list)), next
	for _, e := range list {
		page.Items = append(page.Items, viewOfEntry(e))
	}
	return page, nil
}

// recordRead writes down that an admin has read what is about others, after
// reading their role once more in the transaction.
func (s *service) recordRead(ctx context.Context, p session.Principal, role access.Role, e audit.Entry) error {
	client := s.gate.Client
	err := client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		c := &change{tx: tx, client: client, now: s.gate.Clock.Now(), request: o11y.RequestID(ctx)}
		if err := c.requireRole(p, role); err != nil {
			return err
		}
		e.Actor = p.UID
		return c.audit(e)
	})
	return firestorex.Fault(e.Act, err)
}

// ownAudit gives one page of the entries in which the caller acted or was acted
// upon.
func (s *service) ownAudit(ctx context.Context, p session.Principal, limit int, cursor string) (api.Page[auditView], error) {
	var page api.Page[auditView]
	q := s.gate.Client.Collection(audit.Collection).Where("uids", "array-contains", p.UID).OrderBy("id", firestore.Desc)
	list, next, err := firestorex.Page[audit.Entry](ctx, q, limit, cursor)
	if err != nil {
		return page, err
	}
	page.Items, page.Next = make([]auditView, 0, len(list)), next
	for _, e := range list {
		page.Items = append(page.Items, ownView(e, p.UID))
	}
	return page, nil
}
