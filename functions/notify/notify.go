package notify

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/pubsubx"
)

// uidForm is what Firebase allows as a uid, less what Firestore's paths refuse.
var uidForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_:@.-]{0,127}$`)

// parse reads an event. Every fault is permanent.
func parse(m pubsubx.Message) (outbox.Event, kind, error) {
	var e outbox.Event
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return e, kind{}, fault.Because(fault.Invalid, err, "The message is not an event in JSON.")
	}
	if err := id.Check(id.Event, e.ID); err != nil {
		return e, kind{}, fault.Because(fault.Invalid, err, "The event's identifier is malformed.")
	}
	if y := e.At.Year(); y < 2000 || y > 9999 {
		return e, kind{}, fault.New(fault.Invalid, "The event says no moment.")
	}
	k, known := kinds[e.Type]
	if !known {
		return e, k, fault.New(fault.Invalid, "There is no text for events of this type.")
	}
	if k.link && e.UID == "" {
		return e, k, nil // whoever asked must not learn that there is nobody
	}
	if k.role == "" && !k.request && !uidForm.MatchString(e.UID) {
		return e, k, fault.New(fault.Invalid, "The event says nobody whom it concerns.")
	}
	return e, k, nil
}

// handle takes one event.
func (d deps) handle(ctx context.Context, m pubsubx.Message) error {
	e, k, err := parse(m)
	if err != nil {
		d.log.WarnContext(ctx, "event that cannot be told", "event", e.ID, "error", err.Error())
		return err
	}
	if k.link {
		return d.sendLink(ctx, e)
	}
	if k.request {
		return d.sendConfirmation(ctx, e)
	}
	people, err := d.notices.recipients(ctx, e, k)
	if err != nil {
		return err
	}
	if k.role != "" && len(people) == d.notices.maxRecipients {
		d.log.WarnContext(ctx, "HUB_MAX_ROLE_RECIPIENTS is reached: some may not be told", "event", e.ID, "role", k.role)
	}
	if len(people) == 0 {
		d.log.WarnContext(ctx, "event reaches nobody", "event", e.ID, "type", e.Type)
	}
	return d.tell(ctx, e, k, people)
}

// tell goes on past a person who cannot be reached, so that one bad address
// keeps nothing from the others. A transient fault wins over a permanent one:
// the message comes again and finds what was done.
func (d deps) tell(ctx context.Context, e outbox.Event, k kind, people []access.Account) error {
	var transient, permanent error
	for _, a := range people {
		if a.Disabled && !k.always {
			continue
		}
		err := d.tellOne(ctx, e, k, a)
		switch {
		case err == nil:
		case fault.Permanent(err):
			permanent = errors.Join(permanent, err)
		default:
			transient = errors.Join(transient, err)
		}
	}
	if transient != nil {
		return fault.Because(fault.Unavailable, transient, "Not everybody could be told.")
	}
	return permanent
}

func (d deps) tellOne(ctx context.Context, e outbox.Event, k kind, a access.Account) error {
	subject, text, err := render(e.Type, facts{Name: a.Name, Data: e.Data, BaseURL: d.baseURL})
	if err != nil {
		return err
	}
	n := noticeOf(e, a.UID, subject, text)
	mailed, err := d.notices.create(ctx, n)
	if err != nil || mailed || k.quiet {
		return err
	}
	if err := d.mail(ctx, mail.Message{To: a.Email, Subject: subject, Text: text, ID: n.ID}); err != nil {
		return err
	}
	return d.notices.markMailed(ctx, n.ID)
}
