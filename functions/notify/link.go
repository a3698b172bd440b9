package notify

import (
	"context"

	"firebase.google.com/go/v4/auth"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/outbox"
)

// users is what the room needs of Firebase's Admin SDK: who signs in, and the
// links that are mailed to them.
type users interface {
	GetUser(ctx context.Context, uid string) (*auth.UserRecord, error)
	EmailVerificationLinkWithSettings(ctx context.Context, email string, settings *auth.ActionCodeSettings) (string, error)
	PasswordResetLinkWithSettings(ctx context.Context, email string, settings *auth.ActionCodeSettings) (string, error)
}

// inMail stands in a notice where the mail has the link.
const inMail = "(the link is in the mail)"

// sendLink mails a link to the address that the event's sign-in has now. The
// state of the sign-in decides which link:
//
//   - signed up: to confirm the address, unless it is confirmed;
//   - signed up again and confirmed: none, because nothing has changed;
//   - signed up again and never confirmed: to choose a new password, which
//     confirms the address. Somebody else may have signed it up with a password
//     of theirs, and must not come in by the confirmation of the owner;
//   - asked for a new password: to choose one.
func (d deps) sendLink(ctx context.Context, e outbox.Event) error {
	if e.UID == "" {
		return nil
	}
	u, err := d.users.GetUser(ctx, e.UID)
	switch {
	case auth.IsUserNotFound(err):
		d.log.WarnContext(ctx, "event reaches nobody", "event", e.ID, "type", e.Type)
		return nil
	case err != nil:
		return errLink(err)
	case u.Disabled || u.Email == "" || e.Type == "account.signUp" && u.EmailVerified:
		return nil
	}
	f := facts{Data: e.Data, BaseURL: d.baseURL}
	withLink := e.Type != "account.exists" || !u.EmailVerified
	if withLink {
		f.Link = inMail
	}
	subject, text, err := render(e.Type, f)
	if err != nil {
		return err
	}
	n := noticeOf(e, u.UID, subject, text)
	mailed, err := d.notices.create(ctx, n)
	if err != nil || mailed {
		return err
	}
	if withLink {
		if f.Link, err = d.link(ctx, e.Type, u.Email); err != nil {
			return errLink(err)
		}
		if subject, text, err = render(e.Type, f); err != nil {
			return err
		}
	}
	if err := d.mail(ctx, mail.Message{To: u.Email, Subject: subject, Text: text, ID: n.ID}); err != nil {
		return err
	}
	return d.notices.markMailed(ctx, n.ID)
}

// link makes a new link; afterwards it leads to the web client.
func (d deps) link(ctx context.Context, eventType, email string) (string, error) {
	settings := &auth.ActionCodeSettings{URL: d.baseURL + "/portal/"}
	if eventType == "account.signUp" {
		return d.users.EmailVerificationLinkWithSettings(ctx, email, settings)
	}
	return d.users.PasswordResetLinkWithSettings(ctx, email, settings)
}

func errLink(cause error) error {
	return fault.Because(fault.Unavailable, cause, "The link could not be made. It is tried again.")
}
